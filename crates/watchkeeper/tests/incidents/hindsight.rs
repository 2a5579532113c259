//! Hunting through a store.

use crate::common::{Fixture, rules, text};

#[test]
fn a_store_is_searched_incident_by_incident_and_shared_events_are_told_once() {
    let fixture = Fixture::with_intrusion();
    let lines =
        fixture.prints(&["--quiet", "hunt", &text(rules()), &fixture.store(), "--format", "json"]);
    let values: Vec<serde_json::Value> =
        lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(!values.is_empty());
    let listed = fixture.listed();
    for value in &values {
        assert!(listed.iter().any(|id| value["incident"] == **id), "{value}");
    }
    let mut keys: Vec<String> = values
        .iter()
        .map(|v| format!("{} {} {}", v["alert"]["time"], v["alert"]["rule"], v["alert"]["output"]))
        .collect();
    let all = keys.len();
    keys.sort();
    keys.dedup();
    assert_eq!(keys.len(), all, "windows overlap, alerts do not");
}
