//! Results as text, JSON and JUnit XML.

use std::{
    fmt::Write as _,
    io::{self, Write},
    time::Duration,
};

use event::alert::Priority;
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};
use serde_json::{Value, json};

use super::{
    Results,
    suite::{Case, Source, Suite},
    verdict::Verdict,
};

/// A line for each case, then the failures, then how many.
pub(super) fn text(results: &Results<'_>, out: &mut impl Write) -> io::Result<()> {
    for (suite, rows) in results.by_suite() {
        writeln!(out, "{}", suite.file.display())?;
        for (case, verdict) in rows {
            let word = if verdict.passed() { "ok  " } else { "FAIL" };
            writeln!(out, "  {word} {} ({})", case.name, ms(verdict.took))?;
        }
    }
    for (suite, case, verdict) in results.rows().filter(|(_, _, verdict)| !verdict.passed()) {
        write!(out, "\n{}", failure(suite, case, verdict))?;
    }
    let (passed, failed) = results.counts();
    let took = ms(results.took);
    writeln!(out, "\n{passed} passed, {failed} failed ({took})")
}

fn ms(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1000.0)
}

/// What was expected, what came instead, and how to look deeper.
fn failure(suite: &Suite, case: &Case, verdict: &Verdict) -> String {
    let place = case.place;
    let file = suite.file.display();
    let mut text = format!("{file}:{}:{}: {}\n", place.line, place.column, case.name);
    for failure in &verdict.failures {
        let _ = writeln!(text, "  {failure}");
    }
    if verdict.alerts.is_empty() {
        text.push_str("  no alert came\n");
    }
    for alert in &verdict.alerts {
        let (event, rule, priority) = (alert.event, &alert.rule, alert.priority);
        let _ = writeln!(text, "  event {event}: {priority} {rule}: {}", alert.output);
    }
    let more = verdict.total.saturating_sub(verdict.alerts.len() as u64);
    if more > 0 {
        let _ = writeln!(text, "  and {more} more");
    }
    let _ = writeln!(text, "  to look deeper: {}", deeper(suite, case, verdict));
    text
}

/// The command that says why an event matched, or why none did.
fn deeper(suite: &Suite, case: &Case, verdict: &Verdict) -> String {
    let came = verdict.alerts.first();
    let named = case.rules.first().map(|(name, _)| name);
    let rule = came.map(|alert| &alert.rule).or(named).map_or("RULE", |name| name);
    let event = came.map(|alert| format!(" --event {}", alert.event)).unwrap_or_default();
    let rules: Vec<_> =
        suite.rules.iter().map(|path| format!(" --rules {}", path.display())).collect();
    let (first, capture) = match &case.source {
        Source::Capture(path) => ("", path.display().to_string()),
        Source::Story(_) => ("--captures DIR, then ", format!("DIR/{}", super::capture_name(case))),
    };
    let rules = rules.concat();
    format!("{first}watchkeeper rules why '{rule}'{rules} --capture {capture}{event}")
}

/// Everything as one JSON object.
pub(super) fn json(results: &Results<'_>, out: &mut impl Write) -> io::Result<()> {
    let (passed, failed) = results.counts();
    let cases: Vec<Value> =
        results.rows().map(|(s, case, verdict)| row(s, case, verdict)).collect();
    let took_ms = results.took.as_secs_f64() * 1000.0;
    let whole = json!({ "passed": passed, "failed": failed, "time_ms": took_ms, "cases": cases });
    writeln!(out, "{whole}")
}

fn row(suite: &Suite, case: &Case, verdict: &Verdict) -> Value {
    let alerts = verdict.alerts.iter().map(|alert| {
        let priority: Priority = alert.priority;
        json!({
            "event": alert.event,
            "rule": alert.rule,
            "priority": priority.name(),
            "output": alert.output,
        })
    });
    json!({
        "file": suite.file.to_string_lossy(),
        "line": case.place.line,
        "name": case.name,
        "passed": verdict.passed(),
        "time_ms": verdict.took.as_secs_f64() * 1000.0,
        "failures": verdict.failures,
        "alerts_total": verdict.total,
        "alerts": alerts.collect::<Vec<_>>(),
    })
}

/// A JUnit report, a suite for each file.
pub(super) fn junit(results: &Results<'_>) -> io::Result<String> {
    let mut report = Report::new("watchkeeper rules test");
    report.set_time(results.took);
    for (suite, rows) in results.by_suite() {
        let name = suite.file.to_string_lossy().into_owned();
        let mut tests = TestSuite::new(name.clone());
        let mut took = Duration::ZERO;
        for (case, verdict) in rows {
            let mut test = TestCase::new(case.name.clone(), status(suite, case, verdict));
            test.set_classname(name.clone()).set_time(verdict.took);
            took += verdict.took;
            tests.add_test_case(test);
        }
        tests.set_time(took);
        report.add_test_suite(tests);
    }
    report.to_string().map_err(io::Error::other)
}

fn status(suite: &Suite, case: &Case, verdict: &Verdict) -> TestCaseStatus {
    if verdict.passed() {
        return TestCaseStatus::success();
    }
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
    status.set_type("alerts").set_message(verdict.failures.join("; "));
    status.set_description(failure(suite, case, verdict));
    status
}
