//! Signals reach the command, once.

use std::os::unix::process::ExitStatusExt;

use crate::common::{Fixture, runs, wait_for};

const TRAP: &str = "trap 'echo got INT; exit 5' INT; trap 'echo got TERM; exit 6' TERM; \
    trap 'echo got HUP; exit 7' HUP; trap 'echo got QUIT; exit 8' QUIT; echo ready; \
    while :; do sleep 0.05; done";

#[test]
fn signals_that_a_process_sends_are_passed_on() {
    let fixture = Fixture::new();
    for (signal, name, code) in [
        (libc::SIGINT, "INT", 5),
        (libc::SIGTERM, "TERM", 6),
        (libc::SIGHUP, "HUP", 7),
        (libc::SIGQUIT, "QUIT", 8),
    ] {
        let running = fixture.start(&[], TRAP);
        running.signal(signal);
        running.line(&format!("got {name}"));
        assert_eq!(running.end().code(), Some(code));
    }
}

#[test]
fn a_signal_that_the_command_does_not_handle_ends_both() {
    let running = Fixture::new().start(&[], "echo ready; exec sleep 600");
    running.signal(libc::SIGTERM);
    assert_eq!(running.end().signal(), Some(libc::SIGTERM));
}

#[test]
fn the_command_does_not_outlive_us() {
    let running = Fixture::new().start(&[], "echo ready $$; exec sleep 600");
    // The line was read while it was waited for; the child is found by its parent.
    let children = std::fs::read_to_string(format!("/proc/{0}/task/{0}/children", running.pid()));
    let mut pids = children.unwrap_or_default();
    for thread in std::fs::read_dir(format!("/proc/{}/task", running.pid())).unwrap() {
        let path = thread.unwrap().path().join("children");
        pids += &std::fs::read_to_string(path).unwrap_or_default();
    }
    let child: i32 = pids.split_whitespace().next().expect("it has a child").parse().unwrap();
    running.signal(libc::SIGKILL);
    assert_eq!(running.end().signal(), Some(libc::SIGKILL));
    wait_for("the command's end", || !runs(child));
}

#[test]
fn what_is_left_running_is_ended_by_a_signal_and_the_code_is_the_commands() {
    let fixture = Fixture::new();
    let running = fixture.start(&[], "sleep 600 & echo ready; exit 9");
    running.line("left 1 process running");
    running.signal(libc::SIGTERM);
    assert_eq!(running.end().code(), Some(9));
}
