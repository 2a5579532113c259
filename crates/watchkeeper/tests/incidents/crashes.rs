//! Whatever happens while incidents are written: what was announced is there, nothing half is.

use std::{
    io::{BufRead, BufReader},
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use crate::common::{Fixture, intrusion, rules, stderr, stdout, text};

/// How often a replay is killed.
const ROUNDS: u32 = 25;

/// What `incident verify` says of everything that is listed: it has to be whole.
fn is_whole(fixture: &Fixture) {
    let listed = fixture.listed();
    let output = fixture.run(&["incident", "verify", "--store", &fixture.store()]);
    assert!(output.status.success(), "{}{}", stdout(&output), stderr(&output));
    assert_eq!(fixture.incidents().len(), listed.len(), "what is there is listed");
}

#[test]
fn a_replay_that_is_killed_leaves_whole_incidents_and_all_that_it_announced() {
    let fixture = Fixture::new();
    let whole = Instant::now();
    assert!(fixture.replay(&intrusion(), &[]).status.success());
    let whole = whole.elapsed();
    let all = fixture.listed();
    for round in 0..ROUNDS {
        let fixture = Fixture::new();
        let (capture, rules, store) = (text(intrusion()), text(rules()), fixture.store());
        let arguments = ["replay", &capture, "--rules", &rules, "--store", &store];
        let mut child = fixture
            .command(&arguments)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        thread::sleep(whole * round / ROUNDS);
        child.kill().unwrap();
        child.wait().unwrap();
        let said = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
        let announced: Vec<String> = said.filter_map(|line| announced(&line)).collect();
        if !fixture.path("store/store.json").exists() {
            assert!(announced.is_empty(), "round {round}");
            continue;
        }
        is_whole(&fixture);
        let listed = fixture.listed();
        for id in announced {
            assert!(listed.contains(&id), "round {round}: {id} was announced");
        }
        // What was left is taken up by the next writer, and the whole run adds nothing else.
        let again = fixture.replay(&intrusion(), &[]);
        assert!(again.status.success(), "round {round}: {}", stderr(&again));
        is_whole(&fixture);
        assert_eq!(fixture.listed(), all, "round {round}");
    }
}

/// The id in `watchkeeper: incident 0123456789ab: ...`.
fn announced(line: &str) -> Option<String> {
    let id = line.strip_prefix("watchkeeper: incident ")?.get(..12)?;
    id.bytes().all(|b| b.is_ascii_hexdigit()).then(|| id.to_owned())
}

#[test]
fn a_full_disk_is_said_and_leaves_nothing_half() {
    let fixture = Fixture::new();
    let (capture, rules, store) = (text(intrusion()), text(rules()), fixture.store());
    // In blocks of 512 bytes: enough to begin, not enough to end.
    for blocks in [1, 8, 16, 40, 100] {
        let script = format!(
            "trap '' XFSZ; ulimit -f {blocks}; exec {} replay {capture} --rules {rules} --store {store}",
            env!("CARGO_BIN_EXE_watchkeeper")
        );
        let output = Command::new("sh").args(["-c", &script]).output().unwrap();
        let said = stderr(&output);
        if output.status.code() == Some(0) {
            continue;
        }
        assert!(matches!(output.status.code(), Some(2 | 3)), "{blocks}: {said}");
        assert!(said.to_lowercase().contains("file too large"), "{blocks}: {said}");
        assert!(!said.contains("panicked"), "{blocks}: {said}");
        if fixture.path("store/store.json").exists() {
            is_whole(&fixture);
        }
    }
    assert!(fixture.replay(&intrusion(), &[]).status.success(), "once there is room");
    is_whole(&fixture);
    assert!(!fixture.listed().is_empty());
}

#[test]
fn a_store_that_cannot_be_written_is_said_before_anything_is_read() {
    let fixture = Fixture::new();
    std::fs::write(fixture.path("file"), "x").unwrap();
    for (store, want) in [("file", "file"), ("/proc/watchkeeper", "/proc/watchkeeper")] {
        let output = fixture.run(&[
            "replay",
            &text(intrusion()),
            "--rules",
            &text(rules()),
            "--store",
            store,
        ]);
        assert_eq!(output.status.code(), Some(2));
        assert_eq!(stdout(&output), "");
        assert!(stderr(&output).contains(want), "{}", stderr(&output));
    }
}

#[test]
fn there_is_one_writer_and_any_number_of_readers() {
    let fixture = Fixture::with_intrusion();
    let (rules, store) = (text(rules()), fixture.store());
    let arguments = ["replay", "-", "--rules", &rules, "--store", &store];
    // A replay of a pipe that says nothing holds the store.
    let mut writer =
        fixture.command(&arguments).stdin(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let begun = Instant::now();
    let pid = writer.id().to_string();
    let holder = || std::fs::read_to_string(fixture.path("store/lock")).unwrap_or_default();
    while holder().trim() != pid && begun.elapsed() < Duration::from_secs(60) {
        thread::sleep(Duration::from_millis(5));
    }
    let refused = fixture.run(&["store", "reindex", "--store", &store]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(stderr(&refused).contains(&pid), "{}", stderr(&refused));
    assert!(!fixture.listed().is_empty(), "readers go on");
    writer.kill().unwrap();
    writer.wait().unwrap();
    assert!(fixture.run(&["store", "reindex", "--store", &store]).status.success());
}
