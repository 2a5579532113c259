//! A window has exactly the events around the alerts, and gives the same alerts again.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

use serde_json::Value;

use crate::common::{Fixture, Seen, events, intrusion, manifest, rules, stderr, stdout, text};

/// The intrusion, and the attacks and some ordinary recordings where they are at hand.
fn captures() -> Vec<PathBuf> {
    let real = testkit::cases().into_iter().map(|case| case.capture);
    std::iter::once(intrusion()).chain(real).collect()
}

fn ns(value: &Value) -> u64 {
    value.as_u64().unwrap()
}

#[test]
fn windows_are_exact_and_give_the_same_alerts_again() {
    let captures = captures();
    let next = AtomicUsize::new(0);
    let incidents = AtomicUsize::new(0);
    let worker = || {
        while let Some(capture) = captures.get(next.fetch_add(1, Ordering::Relaxed)) {
            incidents.fetch_add(look_at(capture), Ordering::Relaxed);
        }
    };
    thread::scope(|scope| {
        (1..thread::available_parallelism().map_or(1, usize::from)).for_each(|_| {
            scope.spawn(worker);
        });
        worker();
    });
    let incidents = incidents.into_inner();
    assert!(incidents >= 2, "{incidents} incidents; the intrusion alone has two");
}

/// Makes the incidents of a capture and looks at each; says how many there are.
fn look_at(capture: &Path) -> usize {
    let fixture = Fixture::new();
    let made = fixture.replay(capture, &["--before", "2s", "--after", "1s", "--format", "json"]);
    assert!(made.status.success(), "{}: {}", capture.display(), stderr(&made));
    let all = parsed(&stdout(&made));
    let folders = fixture.incidents();
    let mut total = 0;
    for folder in &folders {
        let manifest = manifest(folder);
        total += ns(&manifest["alerts_total"]);
        exact(capture, folder, &manifest);
        again(&fixture, capture, folder, &manifest, &all);
    }
    assert_eq!(total, all.len() as u64, "{}: each alert is in one incident", capture.display());
    folders.len()
}

/// A window has exactly the events from its first alert less 2 s to its last alert and 1 s.
fn exact(capture: &Path, folder: &Path, manifest: &Value) {
    let alerts = manifest["alerts"].as_array().unwrap();
    let first = alerts.iter().map(|alert| ns(&alert["ts_ns"])).min().unwrap();
    let last = alerts.iter().map(|alert| ns(&alert["last_ns"])).max().unwrap();
    let window = first - 2_000_000_000..=last + 1_000_000_000;
    assert_eq!(ns(&manifest["window"]["start_ns"]), *window.start());
    assert_eq!(ns(&manifest["window"]["end_ns"]), *window.end());
    let mut want = events(capture);
    want.retain(|event| window.contains(&event.ts_ns));
    same(&events(&folder.join("window.scap")), &want, capture);
}

/// Replayed, the window gives the alerts that the whole recording gives within it, word for word.
fn again(fixture: &Fixture, capture: &Path, folder: &Path, manifest: &Value, all: &[Value]) {
    let window = ns(&manifest["window"]["start_ns"])..=ns(&manifest["window"]["end_ns"]);
    let want: Vec<&Value> = all.iter().filter(|alert| window.contains(&time_ns(alert))).collect();
    let again = alerts(fixture, &folder.join("window.scap"));
    assert_eq!(again.len(), want.len(), "{}", capture.display());
    for (is, want) in again.iter().zip(want) {
        assert_eq!(is, want, "{}", capture.display());
    }
    for alert in manifest["alerts"].as_array().unwrap() {
        let is_there = again
            .iter()
            .any(|other| other["rule"] == alert["rule"] && time_ns(other) == ns(&alert["ts_ns"]));
        assert!(is_there, "{}: {}", capture.display(), alert["rule"]);
    }
}

/// Tells the first difference, not thousands of events.
fn same(are: &[Seen], want: &[Seen], capture: &Path) {
    let differ = are.iter().zip(want).position(|(is, want)| is != want);
    let at = differ.unwrap_or(are.len().min(want.len()));
    let (is, wants) = (are.get(at).map(|e| e.ts_ns), want.get(at).map(|e| e.ts_ns));
    let place = format!("{}: event {at} is {is:?}, not {wants:?}", capture.display());
    assert_eq!((are.len(), is), (want.len(), wants), "{place}");
    assert!(are == want, "{place}");
}

/// The alerts that rules give of a recording, apart from the numbers of their events.
fn alerts(fixture: &Fixture, capture: &Path) -> Vec<Value> {
    let (capture, rules) = (text(capture), text(rules()));
    let arguments = ["--quiet", "replay", &capture, "--rules", &rules, "--format", "json"];
    parsed(&fixture.prints(&arguments))
}

fn parsed(lines: &str) -> Vec<Value> {
    lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn time_ns(alert: &Value) -> u64 {
    ns(&alert["output_fields"]["evt.time"])
}

#[test]
fn the_same_recording_and_rules_give_the_same_bytes() {
    let (one, two) = (Fixture::with_intrusion(), Fixture::with_intrusion());
    let (a, b) = (one.incidents(), two.incidents());
    assert_eq!(a.len(), b.len());
    for (a, b) in a.iter().zip(&b) {
        assert_eq!(a.file_name(), b.file_name());
        for name in ["incident.json", "window.scap"] {
            let read = |folder: &Path| std::fs::read(folder.join(name)).unwrap();
            assert!(read(a) == read(b), "{name}");
        }
    }
}

#[test]
fn a_second_run_doubles_nothing() {
    let fixture = Fixture::with_intrusion();
    let before = fixture.listed();
    fixture.replay(&intrusion(), &[]);
    assert_eq!(fixture.listed(), before);
}

#[test]
fn alerts_are_the_same_with_a_store_and_without() {
    let fixture = Fixture::new();
    let (capture, rules) = (text(intrusion()), text(rules()));
    let without = fixture.prints(&["--quiet", "replay", &capture, "--rules", &rules]);
    assert_eq!(stdout(&fixture.replay(&intrusion(), &[])), without);
}

#[test]
fn incidents_are_whole_also_when_fewer_alerts_are_printed_or_nobody_reads_them() {
    let whole = Fixture::with_intrusion();
    let limited = Fixture::new();
    let output = limited.replay(&intrusion(), &["--limit", "1"]);
    assert_eq!(stdout(&output).lines().count(), 1);
    let closed = Fixture::new();
    let (capture, rules, store) = (text(intrusion()), text(rules()), closed.store());
    let arguments = ["--quiet", "replay", &capture, "--rules", &rules, "--store", &store];
    let mut child = closed.command(&arguments).stdout(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    assert!(child.wait().unwrap().success());
    assert_eq!(limited.listed(), whole.listed());
    for (limited, whole) in limited.incidents().iter().zip(whole.incidents()) {
        let read = |folder: &Path| std::fs::read(folder.join("window.scap")).unwrap();
        assert!(read(limited) == read(&whole), "{}", limited.display());
    }
    closed.prints(&["incident", "verify", "--store", &store]);
    assert!(!closed.listed().is_empty());
}

#[test]
fn a_window_does_not_replace_the_incident_that_it_is_from() {
    let fixture = Fixture::with_intrusion();
    let window = fixture.incidents()[0].join("window.scap");
    let output = fixture.replay(&window, &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("is in the store itself"), "{}", stderr(&output));
}
