//! Files that are written.

use std::{fs, os::unix::fs::PermissionsExt};

use crate::common::{Fixture, is_root, stderr, stdout, wait_for};

#[test]
fn a_recording_can_be_read_while_it_is_written() {
    let fixture = Fixture::new();
    for name in ["x.scap", "x.scap.gz", "x.scap.zst"] {
        let running = fixture.start(&["-o", name], ": </etc/hostname; echo ready; exec sleep 600");
        wait_for("what was done", || {
            let output = fixture.run(&["replay", name, "-p", "%evt.type %fd.name"]);
            stdout(&output).contains("/etc/hostname")
        });
        running.signal(libc::SIGKILL);
        running.end();
        let output = fixture.run(&["replay", name, "-p", "%evt.type %fd.name"]);
        assert!(stdout(&output).contains("/etc/hostname"), "{name}");
    }
}

#[test]
fn stories_are_written_at_the_end_in_the_form_of_their_names() {
    let fixture = Fixture::new();
    for (name, begins) in [("x.html", "<!"), ("x.md", "#"), ("x.json", "{"), ("x.txt", "trace")] {
        let output = fixture.shell(&["-q", &format!("--timeline={name}")], "ls / >/dev/null");
        assert_eq!((&*stdout(&output), &*stderr(&output)), ("", ""));
        let text = fs::read_to_string(fixture.path(name)).unwrap();
        assert!(text.to_lowercase().starts_with(begins) && text.contains("ls /"), "{text}");
        let mode = fs::metadata(fixture.path(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "it is for its owner alone");
    }
    let output = fixture.shell(&["--html", "page.html", "--timeline"], "ls / >/dev/null");
    assert!(stderr(&output).contains("ls /"), "{}", stderr(&output));
    assert!(fs::read_to_string(fixture.path("page.html")).unwrap().contains("ls /"));
}

#[test]
fn a_recording_that_was_there_is_replaced_only_when_the_command_runs() {
    let fixture = Fixture::new();
    fixture.file("x.scap", &"something else ".repeat(100_000), 0o640);
    fixture.run(&["trace", "-o", "x.scap", "no-such-program"]);
    assert!(fs::read(fixture.path("x.scap")).unwrap().starts_with(b"something else"));
    let output = fixture.shell(&["-o", "x.scap"], "true");
    assert!(output.status.success());
    let output = fixture.run(&["replay", "x.scap", "--count"]);
    assert!(output.status.success(), "{}", stderr(&output));
}

#[test]
fn a_full_disk_ends_the_recording_and_not_the_command() {
    let fixture = Fixture::new();
    for (end, code) in [(0, 3), (6, 6)] {
        let line = format!("for i in 1 2 3 4; do ls / >/dev/null; sleep 0.4; done; exit {end}");
        let output = fixture.shell(&["-o", "/dev/full"], &line);
        assert_eq!(output.status.code(), Some(code), "{}", stderr(&output));
        assert!(stderr(&output).contains("/dev/full: No space left"), "{}", stderr(&output));
        assert!(!stderr(&output).contains("recorded in"), "{}", stderr(&output));
    }
}

#[test]
fn a_page_that_cannot_be_written_any_more_is_said() {
    if !is_root() {
        return;
    }
    let fixture = Fixture::new();
    let folder = fixture.path("folder");
    fs::create_dir(&folder).unwrap();
    let output = fixture.shell(&["--html", "folder/x.html"], "rmdir folder");
    assert_eq!(output.status.code(), Some(3), "{}", stderr(&output));
    assert!(stderr(&output).contains("folder/x.html: No such file"), "{}", stderr(&output));
}

#[test]
fn calls_that_are_skipped_are_not_recorded_and_that_is_said() {
    let fixture = Fixture::new();
    let options = ["-o", "x.scap", "--skip", "openat,open,read"];
    let output = fixture.shell(&options, "cat /etc/hostname");
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(stderr(&output).contains("not recorded, as was asked: openat, open, read"));
    let output = fixture.run(&["replay", "x.scap", "-p", "%evt.type"]);
    let types: Vec<String> = stdout(&output).lines().map(str::to_owned).collect();
    let skipped = |name: &&String| ["openat", "open", "read"].contains(&name.as_str());
    assert!(types.iter().any(|name| name == "execve") && !types.iter().any(|n| skipped(&n)));
}
