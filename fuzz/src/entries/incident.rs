//! The text of an `incident.json`, whoever wrote it: what is taken comes out safe to print, and the
//! same when it is written and read again.

use store::{Alert, Manifest};

/// The bytes as an `incident.json`.
pub(crate) fn run(data: &[u8]) {
    let manifest = match Manifest::parse(data) {
        Ok(manifest) => manifest,
        Err(error) => return check(&error.to_string()),
    };
    texts(&manifest).into_iter().for_each(check);
    let written = manifest.to_json().expect("what is read is small enough to be written");
    let again = Manifest::parse(&written).expect("what is written can be read");
    assert_eq!(texts(&again), texts(&manifest));
    assert_eq!(again.window, manifest.window);
    assert_eq!(times(&again), times(&manifest));
    assert!(again.first_alert_ns() <= again.last_alert_ns() || again.alerts().is_empty());
}

fn check(text: &str) {
    assert!(!text.contains(|c: char| c.is_control() || c == '\u{202e}'), "{text:?}");
}

fn texts(manifest: &Manifest) -> Vec<&str> {
    let head = [&manifest.title, &manifest.host.name, &manifest.source, &manifest.made_by];
    let files = [&manifest.files.window.name, &manifest.files.window.blake3];
    let alerts = manifest.alerts().iter().flat_map(|alert| {
        let Alert { rule, output, tags, actor, .. } = alert;
        let actor = [&actor.comm, &actor.exe, &actor.cmdline, &actor.user, &actor.container_id];
        [rule, output].into_iter().chain(tags).chain(actor)
    });
    head.into_iter().chain(files).chain(alerts).map(|text| &**text).collect()
}

/// Numbers of alerts. Their fields may have fractions, which JSON does not keep to the last digit.
fn times(manifest: &Manifest) -> Vec<(u64, u64, u64, u64)> {
    let times = |alert: &Alert| (alert.times.ts_ns, alert.times.last_ns, alert.event, alert.count);
    manifest.alerts().iter().map(times).collect()
}
