//! The alerts that Falco gave of the attacks.

use std::{collections::BTreeMap, fs, path::Path};

use event::alert::{Alert, Subject};
use serde_json::Value;

use crate::each_attack;

/// The alerts of an attack by the time of their events.
pub(crate) fn of(recorder: &Path, name: &str) -> BTreeMap<u64, Vec<Alert>> {
    let path = recorder.join("golden/alerts/default-all").join(format!("{name}.jsonl"));
    let mut alerts: BTreeMap<u64, Vec<Alert>> = BTreeMap::new();
    for line in fs::read_to_string(path).unwrap_or_default().lines() {
        let alert = alert(&serde_json::from_str(line).expect("an alert is JSON"));
        alerts.entry(alert.ts_ns).or_default().push(alert);
    }
    alerts
}

fn alert(value: &Value) -> Alert {
    let text = |key: &str| value[key].as_str().expect("text");
    Alert {
        ts_ns: value["output_fields"]["evt.time"].as_u64().expect("a time"),
        event_num: 0,
        rule: text("rule").into(),
        priority: text("priority").parse().expect("a priority"),
        source: text("source").into(),
        tags: [].into(),
        hostname: text("hostname").into(),
        output: text("output").to_owned(),
        fields: value["output_fields"].to_string(),
        subject: Subject::default(),
        repeats: None,
    }
}

#[test]
fn every_alert_stands_with_the_process_that_caused_it() {
    let mut count = 0;
    each_attack(|name, timeline, _, story| {
        let (recorder, _) = name.split_once(' ').expect("a recorder");
        let recorder = testkit::data().unwrap().join("scap/attacks").join(recorder);
        for alert in of(&recorder, &story.name).into_values().flatten() {
            let fields: Value = serde_json::from_str(&alert.fields).unwrap();
            let caused = timeline.alerts.iter().filter(|told| told.rule == *alert.rule);
            let mut processes = caused.filter_map(|told| timeline.process(told.process?));
            let is_it = |process: &timeline::model::Process| match fields["proc.name"].as_str() {
                Some(name) => process.commands.iter().any(|c| c.comm.bytes() == name.as_bytes()),
                None => true,
            };
            assert!(processes.any(is_it), "{name}: {}", alert.output);
            count += 1;
        }
    });
    assert!(count > 200 || testkit::data().is_none(), "only {count} alerts");
}

#[test]
fn repeats_are_counted() {
    each_attack(|name, timeline, _, story| {
        let (recorder, _) = name.split_once(' ').expect("a recorder");
        let recorder = testkit::data().unwrap().join("scap/attacks").join(recorder);
        let golden = of(&recorder, &story.name).into_values().flatten().count() as u64;
        let told: u64 = timeline.alerts.iter().map(|alert| alert.count).sum();
        assert_eq!(told, golden, "{name}");
        let zero_ns = timeline.alerts.iter().map(|alert| alert.at.ts_ns).min();
        assert_eq!(timeline.window.zero_ns, zero_ns.unwrap_or(timeline.window.first_ns), "{name}");
    });
}
