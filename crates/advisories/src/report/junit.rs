//! JUnit's XML, as continuous integration reads it: a finding is a test that failed; a notice, and what is
//! unscanned, is one that was skipped.

use std::io::{self, Write};

use event::visible::visible;
use quick_junit::{NonSuccessKind, Report as Document, TestCase, TestCaseStatus, TestSuite};

use super::{Report, words};

pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut suite = TestSuite::new(shown(&report.subject.name));
    suite.add_test_cases(support(report));
    for unscanned in &report.matches.unscanned {
        let mut status = TestCaseStatus::skipped();
        status.set_message(shown(&words::unscanned(unscanned, report.inventory)));
        suite.add_test_case(case("unscanned", unscanned.kind.name(), status));
    }
    for (finding, package) in words::with_packages(&report.matches.findings, report.inventory) {
        let mut status = match finding.is_notice() {
            true => TestCaseStatus::skipped(),
            false => TestCaseStatus::non_success(NonSuccessKind::Failure),
        };
        status.set_type(words::told_severity(finding));
        status.set_message(shown(&words::sentence(finding, package)));
        let mut lines = vec![words::about(finding)];
        lines.extend(words::in_use(finding));
        lines.extend(words::origin(package, report.inventory));
        lines.extend(words::files(package, &report.subject.name).into_iter().map(str::to_owned));
        lines.extend(finding.references.iter().cloned());
        lines.retain(|line| !line.is_empty());
        status.set_description(lines.iter().map(|it| shown(it)).collect::<Vec<_>>().join("\n"));
        let name = format!("{} in {}", finding.id, words::package(package));
        suite.add_test_case(case(&name, package.kind.name(), status));
    }
    if report.matches.findings.is_empty() {
        suite.add_test_case(case("no findings", "findings", TestCaseStatus::success()));
    }
    let uses = words::uses_summary(report.matches).map_or_else(String::new, |it| format!("; {it}"));
    let mut told = vec![format!("{}{uses}", words::summary(report.matches))];
    told.extend(words::by_origin(report.matches, report.inventory));
    suite.set_system_out(told.iter().map(|it| shown(it)).collect::<Vec<_>>().join("\n"));
    let mut document = Document::new("watchkeeper scan");
    document.add_test_suite(suite);
    let xml = document.to_string().map_err(io::Error::other)?;
    out.write_all(xml.as_bytes())
}

/// Whether the distribution is supported, which is a test of its own; none where there is none.
fn support(report: &Report<'_>) -> Option<TestCase> {
    let told = words::support(report)?;
    let mut status = match report.ended {
        Some(true) => TestCaseStatus::non_success(NonSuccessKind::Failure),
        Some(false) => TestCaseStatus::success(),
        None => TestCaseStatus::skipped(),
    };
    status.set_message(shown(&told));
    Some(case("the distribution is supported", "distribution", status))
}

fn case(name: &str, class: &str, status: TestCaseStatus) -> TestCase {
    let mut case = TestCase::new(shown(name), status);
    case.set_classname(class);
    case
}

fn shown(text: &str) -> String {
    visible(text.as_bytes()).into_owned()
}
