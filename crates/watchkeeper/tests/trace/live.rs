//! Alerts while it happens, and the same from the recording.

use std::process::{Command, Stdio};

use serde_json::Value;

use crate::common::{Fixture, Running, stderr, stdout};

const RULES: &str = r#"
- rule: Hosts read
  desc: d
  condition: evt.type in (open, openat, openat2) and fd.name = /etc/hostname
  output: "%evt.num %evt.time hosts file read (user=%user.name command=%proc.cmdline parent=%proc.pname ancestors=%proc.aname[2] cwd=%proc.cwd exe=%proc.exepath host=%evt.hostname container=%container.id name=%fd.name)"
  priority: NOTICE
  tags: [files]
- rule: Program run
  desc: d
  condition: evt.type in (execve, execveat) and evt.dir = <
  output: "%evt.num run (exe=%proc.exepath line=%proc.cmdline env=%proc.env parent=%proc.pcmdline tty=%proc.tty sid=%proc.sid)"
  priority: WARNING
- rule: Everything
  desc: d
  condition: evt.num > 0
  output: "%evt.num %evt.time %evt.type %evt.info %proc.name %fd.name"
  priority: DEBUG
"#;

const SCRIPT: &str = "cat /etc/hostname; for i in 1 2 3; do ls / >/dev/null; done; \
    (cd /tmp && cat /etc/hostname) | wc -l; : </etc/hostname; true & wait";

#[test]
fn a_recording_gives_the_alerts_that_were_told_live_byte_for_byte() {
    let fixture = Fixture::new();
    fixture.file("rules.yaml", RULES, 0o644);
    for (name, options) in [
        ("x.scap", &[][..]),
        ("x.scap.gz", &["--format", "json"]),
        ("x.scap.zst", &["--fold", "10s"]),
        ("h.scap", &["--hostname", "shop-1"]),
    ] {
        let common = [&["--rules", "rules.yaml", "--rule-matching", "all", "-q"], options].concat();
        let traced = fixture.shell(&[&common[..], &["-o", name]].concat(), SCRIPT);
        assert!(traced.status.success(), "{}", stderr(&traced));
        let options = common.iter().filter(|word| !["--hostname", "shop-1"].contains(word));
        let options: Vec<&str> = options.copied().collect();
        let replayed = fixture.run(&[&["replay", name], &options[..]].concat());
        assert!(replayed.status.success(), "{}", stderr(&replayed));
        let (live, later) = (stderr(&traced), stdout(&replayed));
        assert!(live.contains("hosts file read") && live.lines().count() > 20, "{live}");
        for (live, later) in live.lines().zip(later.lines()) {
            assert_eq!(live, later, "{name}");
        }
        assert_eq!(live.lines().count(), later.lines().count(), "{name}");
    }
}

#[test]
fn an_alert_is_told_while_the_command_goes_on() {
    let fixture = Fixture::new();
    fixture.file("rules.yaml", RULES, 0o644);
    let options = ["--rules", "rules.yaml", "--tag", "files"];
    let running = fixture.start(&options, "echo ready; : </etc/hostname; exec sleep 600");
    running.line("hosts file read");
    running.signal(libc::SIGTERM);
    running.end();
}

#[test]
fn the_end_tells_how_many_alerts_there_were_and_how_to_see_more() {
    let fixture = Fixture::new();
    fixture.file("rules.yaml", RULES, 0o644);
    let options = ["--rules", "rules.yaml", "--tag", "files", "--store", "store", "-o", "x.scap"];
    let output = fixture.shell(&options, SCRIPT);
    let said = stderr(&output);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("watchkeeper: 3 alerts from "), "{said}");
    assert!(said.contains("      3  Notice         Hosts read"), "{said}");
    assert!(said.contains("recorded in x.scap; to see it: watchkeeper timeline x.scap"), "{said}");
    let show = said.lines().find_map(|line| line.split_once("watchkeeper incident show "));
    let show: Vec<&str> = show.expect("it says how").1.split(' ').collect();
    let output = fixture.run(&[&["incident", "show"], &show[..]].concat());
    assert!(stdout(&output).contains("Hosts read"), "{}{}", stdout(&output), stderr(&output));
}

#[test]
fn fail_on_counts_where_the_command_succeeded() {
    let fixture = Fixture::new();
    fixture.file("rules.yaml", RULES, 0o644);
    let options = ["-q", "--rules", "rules.yaml", "--tag", "files", "--fail-on"];
    for (least, end, code) in [("notice", 0, 1), ("warning", 0, 0), ("notice", 5, 5)] {
        let line = format!("cat /etc/hostname; exit {end}");
        let output = fixture.shell(&[&options[..], &[least]].concat(), &line);
        assert_eq!(output.status.code(), Some(code), "{least} {end}");
    }
}

#[test]
fn alerts_go_to_outputs_that_are_asked_for() {
    let fixture = Fixture::new();
    fixture.file("rules.yaml", RULES, 0o644);
    let options =
        ["-q", "--rules", "rules.yaml", "--tag", "files", "--alert-output", "file:alerts"];
    let output = fixture.shell(&options, "cat /etc/hostname >/dev/null");
    assert_eq!((&*stdout(&output), &*stderr(&output)), ("", ""));
    let alert: Value =
        serde_json::from_slice(&std::fs::read(fixture.path("alerts")).unwrap()).unwrap();
    assert_eq!(alert["rule"], "Hosts read");
}

#[test]
fn an_output_that_delivers_nothing_is_code_3_where_the_command_succeeded() {
    let fixture = Fixture::new();
    fixture.file("rules.yaml", RULES, 0o644);
    for (end, code) in [(0, 3), (5, 5)] {
        let line = format!("cat /etc/hostname >/dev/null; exit {end}");
        let options =
            ["--rules", "rules.yaml", "--tag", "files", "--alert-output", "file:/dev/full"];
        let running = Running::of({
            let arguments = [&["trace"], &options[..], &["--", "sh", "-c", &line]].concat();
            fixture.command(&arguments)
        });
        running.line("output file:/dev/full: 0 alerts delivered");
        assert_eq!(running.end().code(), Some(code));
    }
}

#[test]
fn an_output_that_ended_keeps_alerts_from_no_other() {
    let fixture = Fixture::new();
    fixture.file("rules.yaml", RULES, 0o644);
    let outputs = ["--alert-output", "stdout", "--alert-output", "file:alerts"];
    let options = [&["trace", "--rules", "rules.yaml", "--tag", "files"], &outputs[..]].concat();
    let line = format!("({SCRIPT}) >/dev/null");
    let mut command = fixture.command(&[&options[..], &["--", "sh", "-c", &line]].concat());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    let said = stderr(&output);
    assert_eq!(output.status.code(), Some(3), "{said}");
    let alerts = std::fs::read_to_string(fixture.path("alerts")).unwrap();
    assert_eq!(alerts.lines().count(), 3, "{alerts}{said}");
    assert!(said.contains("3 alerts from ") && said.contains("output stdout: 0 alerts"), "{said}");
}

#[test]
fn a_full_disk_behind_stdout_is_said_at_once_and_may_pass() {
    let fixture = Fixture::new();
    fixture.file("rules.yaml", RULES, 0o644);
    let mut command = Command::new("sh");
    command.args(["-c", "exec \"$@\" >/dev/full", "sh", env!("CARGO_BIN_EXE_watchkeeper")]);
    command.args(["trace", "--rules", "rules.yaml", "--tag", "files", "--alert-output", "stdout"]);
    command.args(["--", "sh", "-c", "cat /etc/hostname >/dev/null; exec sleep 600"]);
    command.current_dir(fixture.folder());
    let running = Running::of(command);
    running.line("output stdout: cannot be written: No space left");
    running.signal(libc::SIGTERM);
    running.end();
}

#[test]
fn without_alerts_the_end_tells_what_was_done() {
    let fixture = Fixture::new();
    let output = fixture.shell(&[], "echo x >new; ls / >/dev/null");
    let said = stderr(&output);
    assert!(said.contains("watchkeeper: ") && said.contains(" events\n"), "{said}");
    assert!(said.contains("ls") && said.contains("/new (created, 2 B written)"), "{said}");
}
