//! Real captures in every view: nothing is wider than its page, nothing hidden gets out, and what
//! caused an alert can be read.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::{collections::BTreeMap, fs, path::Path};

use capture::{Record, Source, file::Reader};
use event::{
    alert::{Alert, Subject},
    visible::is_hidden,
};
use serde_json::Value;
use state::State;
use timeline::{
    build::{Builder, Limits},
    model::{Relevance, Timeline},
    summary,
    views::{
        heading::Heading,
        markdown,
        text::{self, Expand, Options, Scope},
        words,
    },
};
use unicode_width::UnicodeWidthChar;

type Alerts = BTreeMap<u64, Vec<Alert>>;

fn read(capture: &Path, alerts: &Alerts) -> Timeline {
    let mut reader = Reader::new(fs::File::open(capture).unwrap()).unwrap();
    let mut state = State::new(state::Limits::default());
    let mut builder = Builder::new(Limits::default());
    while let Some(record) = reader.next().unwrap() {
        match record {
            Record::Event(event) => {
                let ts_ns = event.ts_ns;
                builder.event(&state.event(event));
                for alert in alerts.get(&ts_ns).into_iter().flatten() {
                    builder.alert(alert, 1, ts_ns);
                }
            }
            other => state.record(&other),
        }
    }
    let mut timeline = builder.finish(&state);
    timeline.summary = summary::sentences(&timeline);
    timeline
}

/// The alerts that Falco gave of a capture, by the time of their events; none if there is no such
/// file.
fn alerts(capture: &Path) -> Alerts {
    let mut alerts = Alerts::new();
    let name = capture.file_stem().unwrap().to_str().unwrap();
    let modes = capture.parent().unwrap().parent().unwrap().join("golden/alerts/default-all");
    let lines = fs::read_to_string(modes.join(format!("{name}.jsonl"))).unwrap_or_default();
    for line in lines.lines() {
        let value: Value = serde_json::from_str(line).unwrap();
        let text = |key: &str| value[key].as_str().unwrap().to_owned();
        let Some(ts_ns) = value["output_fields"]["evt.time"].as_u64() else { continue };
        alerts.entry(ts_ns).or_default().push(Alert {
            ts_ns,
            event_num: 0,
            rule: text("rule").into(),
            priority: text("priority").parse().unwrap(),
            source: text("source").into(),
            tags: Default::default(),
            hostname: text("hostname").into(),
            output: text("output"),
            fields: String::new(),
            subject: Subject::default(),
            repeats: None,
        });
    }
    alerts
}

fn text(timeline: &Timeline, options: &Options) -> String {
    let mut out = Vec::new();
    text::write(timeline, &Heading::default(), options, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn is_harmless(text: &str) -> bool {
    text.chars().all(|c| c == '\n' || !is_hidden(c))
}

#[test]
fn captures_fit_their_pages_and_show_nothing_hidden() {
    for case in testkit::cases() {
        let timeline = read(&case.capture, &alerts(&case.capture));
        for (width, scope, expand) in [
            (40, Scope::Related, vec![]),
            (100, Scope::Related, vec![]),
            (160, Scope::All, vec![Expand::All]),
        ] {
            let shown = text(&timeline, &Options { width, scope, expand, ..Options::default() });
            assert!(is_harmless(&shown), "{}", case.name);
            for line in shown.lines() {
                let columns: usize = line.chars().filter_map(|c| c.width()).sum();
                assert!(columns <= width, "{}: {line}", case.name);
            }
        }
        let mut ticket = Vec::new();
        markdown::write(&timeline, &Heading::default(), Scope::Related, &mut ticket).unwrap();
        assert!(is_harmless(std::str::from_utf8(&ticket).unwrap()), "{}", case.name);
    }
}

#[test]
fn what_caused_an_alert_can_be_read() {
    let mut alerted = 0;
    for case in testkit::cases() {
        let timeline = read(&case.capture, &alerts(&case.capture));
        let shown = text(&timeline, &Options { width: 4000, ..Options::default() });
        for alert in &timeline.alerts {
            let (says, _) = words::alert(alert);
            assert!(shown.contains(&says), "{}: {says}", case.name);
        }
        for process in timeline.processes.iter().filter(|p| p.relevance == Relevance::Alerted) {
            let ran = process.commands.iter().rfind(|command| command.at.is_some());
            let Some(command) = ran.filter(|_| process.commands.len() < 3) else { continue };
            let line = words::short(&words::line(command, words::MAX_COMMAND_BYTES));
            // A long one may wrap even on a wide page.
            let begin: String = line.chars().take(40).collect();
            assert!(shown.contains(&begin), "{}: {line}", case.name);
            alerted += 1;
        }
    }
    assert!(testkit::data().is_none() || alerted > 80, "only {alerted}");
}
