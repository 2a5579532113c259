//! `rules test`: cases, what comes of them, and what is refused.

#![allow(clippy::unwrap_used, reason = "what is missing fails the test")]

use std::{
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use serde_json::Value;
use tempfile::TempDir;

const RULES: &str = r#"
- rule: Read shadow
  desc: somebody reads the password hashes
  condition: >
    evt.type in (open, openat, openat2) and evt.is_open_read = true and fd.name = /etc/shadow
    and fd.num >= 0
  output: read %fd.name by %proc.name of %proc.pname user %user.name in %container.name
  priority: WARNING
- rule: Outbound
  desc: a connection to somewhere else
  condition: evt.type = connect and evt.rawres >= 0 and fd.typechar = 4 and fd.sip != 127.0.0.1
  output: "%proc.name to %fd.name (%fd.l4proto)"
  priority: NOTICE
- rule: Any event
  desc: everything
  condition: evt.num > 0
  output: "%evt.type %evt.args"
  priority: DEBUG
  enabled: false
"#;

const CASES: &str = r#"
rules: [../rules.yaml]
containers:
  - {name: web, image: "nginx:1.25"}
processes:
  - {name: sshd, exe: /usr/sbin/sshd}
cases:
  - name: cat reads the hashes
    rule: Read shadow
    events:
      - {process: {name: bash, parent: sshd, user: ada, container: web}, exec: /usr/bin/cat}
      - {openat: /etc/shadow, flags: O_RDONLY}
    expect:
      - count: 1
        priority: warning
        output_contains: [by cat, user ada in web]
        fields: {fd.name: /etc/shadow, "proc.aname[2]": sshd, fd.num: 3, evt.arg.res: null}
  - name: an open that fails is no read
    rule: Read shadow
    events:
      - {process: sshd, openat: /etc/shadow, flags: O_RDONLY, result: EACCES}
    expect: none
  - name: every rule that is on
    events:
      - {process: sshd, exec: /usr/bin/curl, as: fetch}
      - {connect: "203.0.113.5:443"}
      - {process: fetch, open: /etc/shadow, flags: O_RDONLY}
      - {connect: "127.0.0.1:80"}
      - {connect: "203.0.113.6:53", proto: udp, result: ECONNREFUSED}
    expect:
      - {rule: Outbound, count: 1, fields: {fd.l4proto: tcp, fd.sport: 443}}
      - {rule: Read shadow, at_least: 1, at_most: 1}
      - {rule: Any event, count: 0}
"#;

struct Fixture(TempDir);

impl Fixture {
    fn new() -> Self {
        let fixture = Self(tempfile::tempdir().unwrap());
        fs::create_dir(fixture.path("cases")).unwrap();
        fs::write(fixture.path("rules.yaml"), RULES).unwrap();
        fs::write(fixture.path("cases/a.yaml"), CASES).unwrap();
        fixture
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// A file of cases with one case of these lines, run.
    fn case(&self, lines: &str) -> Output {
        let head = "rules: [../rules.yaml]\ncases:\n  - name: x\n    rule: Read shadow\n";
        fs::write(self.path("cases/a.yaml"), format!("{head}{lines}")).unwrap();
        self.run(&["cases/a.yaml"])
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_watchkeeper"));
        command.current_dir(self.0.path()).args(["rules", "test"]).args(arguments);
        command
    }
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn cases_that_pass_are_a_line_each_and_exit_is_0() {
    let fixture = Fixture::new();
    // A rule file in the same folder is no file of cases.
    fs::write(fixture.path("cases/rules.yaml"), RULES).unwrap();
    let out = fixture.run(&["cases"]);
    assert_eq!((out.status.code(), &*stderr(&out)), (Some(0), ""), "{}", stdout(&out));
    let text = stdout(&out);
    assert!(text.contains("  ok   cat reads the hashes ("), "{text}");
    assert!(text.contains("\n3 passed, 0 failed ("), "{text}");

    let out = fixture.run(&["cases/a.yaml", "--filter", "FAILS"]);
    assert!(stdout(&out).contains("\n1 passed, 0 failed ("), "{}", stdout(&out));
}

#[test]
fn a_failure_says_what_was_expected_what_came_and_how_to_look_deeper() {
    let fixture = Fixture::new();
    let events = "    events:\n      - {process: init, open: /etc/shadow, flags: O_RDONLY}\n";
    let cases = [
        ("none\n", "expected no alert, found 1"),
        ("\n      - {count: 2}\n", "expected exactly 2 alerts, found 1"),
        (
            "\n      - {fields: {fd.name: /etc/gshadow, fd.num: null}, priority: error}\n",
            "expected at least 1 alert with priority Error, fd.name=/etc/gshadow, no fd.num, found 0",
        ),
        (
            "\n      - {at_least: 2, at_most: 3, output_contains: by x}\n",
            "expected 2 to 3 alerts with output containing \"by x\", found 0",
        ),
    ];
    for (expect, message) in cases {
        let out = fixture.case(&format!("{events}    expect: {expect}"));
        assert_eq!(out.status.code(), Some(1), "{}", stderr(&out));
        for part in [
            "  FAIL x (",
            "cases/a.yaml:3:5: x",
            message,
            "  event 1: Warning Read shadow: read /etc/shadow by systemd",
            "watchkeeper rules why 'Read shadow' --rules cases/../rules.yaml --capture DIR/x.scap \
             --event 1",
            "0 passed, 1 failed",
        ] {
            assert!(stdout(&out).contains(part), "{part} in {}", stdout(&out));
        }
    }
}

#[test]
fn results_are_json_and_junit_too() {
    let fixture = Fixture::new();
    let text = CASES.replace("at_most: 1}", "at_most: 0}");
    fs::write(fixture.path("cases/a.yaml"), text).unwrap();
    let out = fixture.run(&["cases/a.yaml", "--format", "json", "--junit", "report.xml"]);
    assert_eq!(out.status.code(), Some(1));
    let json: Value = serde_json::from_slice(&out.stdout).unwrap();
    assert_eq!((&json["passed"], &json["failed"]), (&2.into(), &1.into()));
    assert_eq!(json["cases"][2]["line"], 23);
    assert_eq!(json["cases"][2]["alerts"][0]["rule"], "Outbound");

    let xml = fs::read_to_string(fixture.path("report.xml")).unwrap();
    let printed = stdout(&fixture.run(&["cases/a.yaml", "--format", "junit"]));
    for xml in [xml, printed] {
        assert!(xml.contains("tests=\"3\" skipped=\"0\" errors=\"0\" failures=\"1\""), "{xml}");
        assert!(xml.contains("<failure message=\"expected 1 to 0 alerts"), "{xml}");
    }
}

#[test]
fn stories_are_written_as_captures_that_give_the_same_alerts() {
    let fixture = Fixture::new();
    let out = fixture.run(&["cases/a.yaml", "--captures", "out"]);
    assert_eq!(out.status.code(), Some(0), "{}", stderr(&out));
    fs::copy(fixture.path("out/cat-reads-the-hashes.scap"), fixture.path("cases/a.scap")).unwrap();
    let expect = "expect:\n      - {count: 1, output_contains: by cat of bash user ada in web}\n";
    let out = fixture.case(&format!("    capture: a.scap\n    {expect}"));
    assert_eq!(out.status.code(), Some(0), "{}{}", stdout(&out), stderr(&out));

    fs::write(fixture.path("cases/b.yaml"), CASES).unwrap();
    fs::write(fixture.path("cases/a.yaml"), CASES).unwrap();
    let out = fixture.run(&["cases", "--captures", "out"]);
    assert_eq!(out.status.code(), Some(2));
    assert!(stderr(&out).contains("two cases would be written to it"), "{}", stderr(&out));
}

#[test]
fn what_is_wrong_is_placed_and_exit_is_2() {
    let fixture = Fixture::new();
    let story = "    events:\n      - {process: init, ";
    let cases = [
        ("    exspect: none\n", "5:5: unknown key 'exspect'; did you mean 'expect'?"),
        ("    expect: none\n", "3:5: what happens? name a 'capture' or write 'events'"),
        ("    events: []\n", "3:5: what is expected? write 'expect: none' or a list of alerts"),
        ("    expect: none\n    capture: no.scap\n", "6:14: cases/no.scap: No such file"),
        ("    expect: none\n    capture: .\n", "6:14: cases/.: is not a file"),
        ("    expect:\n      - {cuont: 1}\n", "6:10: unknown key 'cuont'; did you mean 'count'?"),
        ("    expect:\n      - {count: -1}\n", "6:17: expected a number from 0, found a number"),
        ("    expect:\n      - {count: 1, at_most: 2}\n", "6:9: 'count' goes without"),
        ("    expect:\n      - {priority: bad}\n", "6:20: 'bad' is not a priority"),
        (
            "    expect:\n      - {fields: {fd.nmae: x}}\n",
            "6:19: unknown field 'fd.nmae'; did you mean 'fd.name'?",
        ),
        (&format!("{story}opne: /x}}\n    expect: none\n"), "unknown event 'opne'; did you mean"),
        (&format!("{story}open: /x, flag: 1}}\n    expect: none\n"), "did you mean 'flags'?"),
        (&format!("{story}open: /x, flags: O_X}}\n    expect: none\n"), "unknown flag 'O_X'"),
        (&format!("{story}open: /x, result: EX}}\n    expect: none\n"), "nor an error"),
        (&format!("{story}kill: nobody}}\n    expect: none\n"), "unknown process 'nobody'"),
        (&format!("{story}connect: nowhere}}\n    expect: none\n"), "'nowhere' is no address"),
        (&format!("{story}setuid: 99999999999}}\n    expect: none\n"), "does not fit into 'uid'"),
        (&format!("{story}exec: /x, arsg: a}}\n    expect: none\n"), "did you mean 'args'?"),
        ("    events:\n      - {open: /x}\n    expect: none\n", "6:9: who does this?"),
        ("    events:\n      - {process: x, open: /x}\n    expect: none\n", "unknown process 'x'"),
        ("    events: 3\n    expect: none\n", "5:13: expected a list, found a number"),
        ("    events: [\n", "cases/a.yaml:"),
    ];
    for (lines, message) in cases {
        let out = fixture.case(lines);
        assert_eq!(out.status.code(), Some(2), "{lines}: {}", stdout(&out));
        let said = stderr(&out);
        assert!(said.starts_with("watchkeeper: cases/a.yaml:"), "{said}");
        assert!(said.contains(message), "{message} in {said}");
    }
}

#[test]
fn unknown_rules_empty_files_and_missing_rules_are_refused() {
    let fixture = Fixture::new();
    let file = |text: &str| fs::write(fixture.path("cases/a.yaml"), text).unwrap();
    let says = |arguments: &[&str], message: &str| {
        let out = fixture.run(arguments);
        assert_eq!(out.status.code(), Some(2), "{}", stdout(&out));
        assert!(stderr(&out).contains(message), "{message} in {}", stderr(&out));
    };
    says(&["cases", "--filter", "zzz"], "no case has a name that contains 'zzz'");
    file(&CASES.replace("rule: Read shadow\n    events", "rule: Read shadwo\n    events"));
    let at = "cases/a.yaml:9:11: unknown rule 'Read shadwo'; did you mean 'Read shadow'?";
    says(&["cases/a.yaml"], at);
    file(&CASES.replace("rules: [../rules.yaml]", ""));
    says(&["cases/a.yaml"], "cases/a.yaml: no rules; name files or folders below 'rules'");
    file(&CASES.replace("../rules.yaml", "../gone.yaml"));
    says(&["cases/a.yaml"], "cases/../gone.yaml: No such file");
    file("rules: [../rules.yaml]\n");
    says(&["cases/a.yaml"], "cases/a.yaml:1:1: no cases; list them below 'cases'");
    file("cases: []\n");
    says(&["cases/a.yaml"], "no cases");
    file("");
    says(&["cases/a.yaml"], "expected a mapping");
    says(&["gone"], "gone: No such file");
    file(RULES);
    says(&["cases"], "cases: no files of cases");
    says(&["cases/a.yaml"], "cases/a.yaml:2:1: expected a mapping (key: value), found a list");
    file(&format!("cases: {}", "[".repeat(100_000)));
    says(&["cases/a.yaml"], "cases/a.yaml:1:");
    let aliases =
        |n: usize| format!("b{}: &b{} [{}]\n", n + 1, n + 1, vec![format!("*b{n}"); 9].join(", "));
    let bomb: String = (0..40).map(aliases).collect();
    file(&format!("b0: &b0 x\n{bomb}"));
    says(&["cases/a.yaml"], "cases/a.yaml:");
    fs::write(fixture.path("cases/bad.scap"), b"no capture").unwrap();
    let out = fixture.case("    capture: bad.scap\n    expect: none\n");
    assert_eq!(out.status.code(), Some(2), "{}", stdout(&out));
    assert!(stderr(&out).contains("cases/bad.scap: "), "{}", stderr(&out));
}

#[test]
fn watching_tries_again_when_a_rule_file_changes() {
    let fixture = Fixture::new();
    let mut command = fixture.command(&["cases", "--watch"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    assert!(lines.any(|line| line.starts_with("3 passed, 0 failed")));
    write_later(&fixture.path("rules.yaml"), &RULES.replace("/etc/shadow", "/etc/gshadow"));
    assert!(lines.any(|line| line == "---- cases/../rules.yaml changed ----"));
    assert!(lines.any(|line| line.starts_with("1 passed, 2 failed")));
    child.kill().unwrap();
    child.wait().unwrap();
}

/// Once the files have been looked at again.
fn write_later(path: &Path, text: &str) {
    std::thread::sleep(std::time::Duration::from_millis(500));
    fs::write(path, text).unwrap();
}
