//! The command has its streams to itself.

use std::{
    io::{Read, Write},
    process::{Command, Stdio},
    thread,
};

use crate::common::{Fixture, is_root, stderr, stdout};

#[test]
fn bytes_pass_untouched() {
    let fixture = Fixture::new();
    let sent: Vec<u8> = (0..1_000_000_u32).map(|n| (n ^ (n >> 7)) as u8).collect();
    let mut command = fixture.command(&["trace", "--quiet", "cat"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let theirs = sent.clone();
    let writer = thread::spawn(move || stdin.write_all(&theirs).unwrap());
    let mut got = Vec::new();
    child.stdout.take().unwrap().read_to_end(&mut got).unwrap();
    writer.join().unwrap();
    assert!(child.wait().unwrap().success());
    assert!(got == sent);
}

#[test]
fn quiet_leaves_stderr_to_the_command() {
    let output = Fixture::new().shell(&["-q"], "echo out; echo err >&2");
    assert_eq!((&*stdout(&output), &*stderr(&output)), ("out\n", "err\n"));
}

#[test]
fn a_timeline_that_is_asked_for_is_told_quietly_too() {
    let output = Fixture::new().shell(&["-q", "--timeline"], "ls / >/dev/null");
    let told = stderr(&output);
    assert!(told.contains("2 commands were run: sh and ls"), "{told}");
    assert!(!told.contains("watchkeeper:"), "{told}");
}

#[test]
fn a_reader_that_goes_away_is_the_commands_business() {
    let fixture = Fixture::new();
    let line = format!("{} trace -q yes 2>err | head -n 1", env!("CARGO_BIN_EXE_watchkeeper"));
    let mut command = Command::new("sh");
    let output = command.current_dir(fixture.folder()).args(["-c", &line]).output().unwrap();
    assert_eq!(stdout(&output), "y\n");
    assert_eq!(std::fs::read_to_string(fixture.path("err")).unwrap(), "");
}

#[test]
fn a_reader_of_stderr_that_goes_away_ends_nothing() {
    let fixture = Fixture::new();
    let line = format!(
        "{{ {} trace --timeline -- sh -c 'sleep 0.3; ls / >/dev/null; exit 4'; echo $? >code; }} 2>&1 | true",
        env!("CARGO_BIN_EXE_watchkeeper")
    );
    Command::new("sh").current_dir(fixture.folder()).args(["-c", &line]).status().unwrap();
    assert_eq!(std::fs::read_to_string(fixture.path("code")).unwrap(), "4\n");
}

#[test]
fn options_behind_the_command_are_the_commands() {
    let output = Fixture::new().run(&["trace", "-q", "echo", "-q", "--rules", "x", "--help"]);
    assert_eq!(stdout(&output), "-q --rules x --help\n");
}

#[test]
fn the_command_has_the_signals_that_it_would_have_alone() {
    let fixture = Fixture::new();
    let ask = "grep -E '^Sig(Blk|Ign)' /proc/self/status";
    let alone = Command::new("sh").args(["-c", ask]).output().unwrap();
    let traced = fixture.shell(&["-q"], ask);
    assert_eq!(masks(&stdout(&traced)), masks(&stdout(&alone)));
    assert_eq!(masks(&stdout(&traced)).len(), 2);
}

/// Without the two that the C library keeps for itself.
fn masks(text: &str) -> Vec<u64> {
    let digits = text.lines().map(|line| line.split_once('\t').unwrap().1);
    digits.map(|digits| u64::from_str_radix(digits, 16).unwrap() & !(3 << 31)).collect()
}

#[test]
fn without_privileges_it_works_too_and_says_what_is_kept_away() {
    let fixture = Fixture::new();
    if !is_root() {
        return;
    }
    let program = fixture.path("watchkeeper");
    std::fs::copy(env!("CARGO_BIN_EXE_watchkeeper"), &program).unwrap();
    let mut command = Command::new("setpriv");
    command.args(["--reuid", "65534", "--regid", "65534", "--clear-groups"]);
    command.arg(&program).args(["trace", "--", "sh", "-c", "id -u; su --version >/dev/null"]);
    let output = command.current_dir("/").output().unwrap();
    assert_eq!(stdout(&output), "65534\n");
    let said = stderr(&output);
    assert!(said.contains("runs without the privileges that its file gives"), "{said}");
}
