//! Rules explained, as a person meets it: why an event matches, what a rule says, what it costs.

#![allow(clippy::unwrap_used, reason = "what is missing fails the test")]

mod intrusion;

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

use capture::file::{Compression, Writer};
use event::{
    EventBuilder,
    snapshot::{Machine, Record, ThreadEntry},
    syscalls::OPEN_X,
};
use serde_json::{Value, json};
use tempfile::TempDir;

use intrusion::{INTRUSION, first, replay};

const RULES: &str = "\
- list: shells
  items: [sh, bash, dash, zsh, ksh, fish, tcsh, csh]
- macro: spawned
  condition: evt.type in (execve, execveat) and evt.arg.res = 0
- macro: open_read
  condition: evt.type in (open, openat, openat2) and evt.is_open_read = true and fd.num >= 0
- rule: Shell started
  desc: A shell was started by something that is none.
  condition: spawned and proc.name in (shells) and not proc.pname in (shells)
  output: shell (%proc.cmdline)
  priority: NOTICE
  tags: [process, T1059]
- rule: Hashes read
  desc: >
    Password hashes were read
    by an unusual program.
  condition: open_read and (fd.name = /etc/shadow or fd.name = /etc/gshadow) and not proc.name in (sudo, su)
  output: hashes (%proc.cmdline %fd.name)
  priority: WARNING
- rule: Shell started again
  desc: The same for shells of a user.
  condition: spawned and proc.name = sh and user.name != root
  output: shell (%proc.cmdline)
  priority: DEBUG
- rule: Module loaded
  desc: Never here.
  condition: evt.type in (init_module, finit_module)
  output: module (%proc.cmdline)
  priority: CRITICAL
- rule: Connection out
  desc: Off for now.
  condition: evt.type = connect and fd.sport = 4444
  output: out (%fd.name)
  priority: INFO
  enabled: false
";

struct Fixture {
    folder: TempDir,
}

impl Fixture {
    fn new() -> Self {
        let fixture = Self { folder: tempfile::tempdir().unwrap() };
        fs::write(fixture.path("rules.yaml"), RULES).unwrap();
        fixture
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    /// Runs `watchkeeper rules ARGUMENTS --rules rules.yaml`.
    fn run(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_watchkeeper"))
            .current_dir(self.folder.path())
            .arg("rules")
            .args(arguments)
            .args(["--rules", "rules.yaml"])
            .output()
            .unwrap()
    }

    fn text(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    fn json(&self, arguments: &[&str]) -> Value {
        serde_json::from_str(&self.text(&[arguments, &["--format", "json"]].concat())).unwrap()
    }

    fn refusal(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(output.stdout.is_empty());
        String::from_utf8(output.stderr).unwrap()
    }
}

fn count(filter: &str) -> u64 {
    replay(&["--count", "--filter", filter]).parse().unwrap()
}

/// Calls without an event type of their own, which any rule about calls has to look at.
const UNTYPED: &str = "evt.type in (wait4, arch_prctl, setgroups, utimensat)";

/// Events for the tests.
const REFUSED: &str = "evt.type = openat and evt.failed = true and evt.arg.name = /etc/shadow";
const READ: &str = "evt.type = openat and evt.failed = false and evt.arg.name = /etc/shadow";
const BASH: &str = "evt.type = execve and proc.name = bash";

fn last_line(text: &str) -> &str {
    text.lines().last().unwrap()
}

#[test]
fn why_shows_each_part_with_its_result_and_its_values() {
    let number = first(REFUSED, "%evt.num");
    let text = Fixture::new().text(&["why", "Hashes read", "-c", INTRUSION, "--event", &number]);
    let event = first(REFUSED, "%evt.num: %evt.time %proc.name (%proc.pid) %evt.type %evt.args");
    assert!(event.ends_with("flags=1(O_RDONLY) mode=0 dev=0 ino=0"), "{event}");
    assert_eq!(
        text,
        format!(
            "\
rule 'Hashes read' (Warning) at rules.yaml:13:9
event {event}

* false  all of
* false    open_read: all of
  true       evt.type in (open, openat, openat2): evt.type is 'openat'
  true       evt.is_open_read = true: evt.is_open_read is true
* false      fd.num >= 0: fd.num is -1
  true     any of
  true       fd.name = /etc/shadow: fd.name is '/etc/shadow'
  false      fd.name = /etc/gshadow: fd.name is '/etc/shadow'
  true     not proc.name in (sudo, su): proc.name is 'cat'

* decides

does not match because fd.num >= 0 [open_read]: fd.num is -1
"
        )
    );
}

#[test]
fn why_says_in_a_line_what_decided() {
    let fixture = Fixture::new();
    let cases: [(&str, &[&str], &str); 6] = [
        (
            "Hashes read",
            &["--filter", READ],
            "matches because evt.type in (open, openat, openat2) [open_read]: evt.type is \
             'openat'; evt.is_open_read = true [open_read]: evt.is_open_read is true; \
             fd.num >= 0 [open_read]: fd.num is 3; fd.name = /etc/shadow: fd.name is \
             '/etc/shadow'; and 1 more",
        ),
        (
            "Hashes read",
            &["--filter", "evt.type = openat and proc.name = nginx"],
            "does not match because (fd.name = /etc/shadow or fd.name = /etc/gshadow): fd.name \
             is '/var/www/site/index.html'",
        ),
        (
            "Shell started",
            &["--filter", BASH],
            "matches because evt.type in (execve, execveat) [spawned]: evt.type is 'execve'; \
             evt.arg.res = 0 [spawned]: evt.arg.res is '0'; proc.name in (sh, bash, dash, zsh, \
             ksh, fish, … 2 more): proc.name is 'bash'; not proc.pname in (sh, bash, dash, zsh, \
             ksh, fish, … 2 more): proc.pname is 'sshd'",
        ),
        (
            "Shell started",
            &["--filter", "proc.name = curl and evt.type = openat"],
            "does not match because evt.type in (execve, execveat) [spawned]: evt.type is \
             'openat'; evt.arg.res = 0 [spawned]: evt.arg.res has no value; proc.name in (sh, \
             bash, dash, zsh, ksh, fish, … 2 more): proc.name is 'curl'; not proc.pname in (sh, \
             bash, dash, zsh, ksh, fish, … 2 more): proc.pname is 'sh'",
        ),
        (
            "again",
            &["--filter", "evt.type = execve and proc.name = sh and user.name = www-data"],
            "rule 'Shell started' stands before it and matches too; unless all rules that match \
             count (--rule-matching all), the alert is of that rule",
        ),
        (
            "connection",
            &["--filter", "evt.type = connect and fd.sport = 4444"],
            "the rule is disabled: it sets off no alert until it is enabled",
        ),
    ];
    for (rule, which, expected) in cases {
        let text = fixture.text(&[&["why", rule, "-c", INTRUSION], which].concat());
        assert_eq!(last_line(&text), expected, "{rule} {which:?}");
    }
}

#[test]
fn why_without_an_event_takes_one_that_matches_or_the_nearest() {
    let fixture = Fixture::new();
    let matching = fixture.text(&["why", "hashes", "-c", INTRUSION]);
    let event = |filter| format!("\nevent {}: ", first(filter, "%evt.num"));
    assert!(matching.contains(&event(READ)), "{matching}");
    let rules = RULES.replace("fd.num >= 0", "fd.num >= 1000");
    fs::write(fixture.path("rules.yaml"), rules).unwrap();
    let nearest = fixture.text(&["why", "hashes", "-c", INTRUSION]);
    assert!(nearest.contains(&event(REFUSED)), "{nearest}");
    assert!(
        nearest.ends_with(
            "\nno event matches; this one comes nearest\n\
             does not match because fd.num >= 1000 [open_read]: fd.num is -1\n"
        ),
        "{nearest}"
    );
}

#[test]
fn why_as_json_has_the_tree_the_reasons_and_the_values() {
    let number = first(BASH, "%evt.num");
    let found = Fixture::new().json(&["why", "again", "-c", INTRUSION, "--event", &number]);
    assert_eq!(found["rule"], "Shell started again");
    assert_eq!(found["matches"], false);
    assert_eq!(found["earlier_rule"], "Shell started");
    assert_eq!(found["event"]["evt.num"].to_string(), number);
    assert_eq!(
        found["reasons"],
        json!([{
            "text": "proc.name = sh",
            "macros": [],
            "place": { "file": "rules.yaml", "line": 22, "column": 26 },
            "values": [{ "operand": "proc.name", "value": "bash" }],
        }])
    );
    let parts = &found["condition"]["parts"];
    assert_eq!(parts[0]["kind"], "macro");
    assert_eq!(parts[0]["text"], "spawned");
    assert_eq!(
        parts[2],
        json!({
            "kind": "check",
            "text": "user.name != root",
            "place": { "file": "rules.yaml", "line": 22, "column": 45 },
            "holds": true,
            "decides": false,
            "values": [{ "operand": "user.name", "value": "ada" }],
        })
    );
}

#[test]
fn what_cannot_be_explained_is_refused_with_a_hint() {
    let fixture = Fixture::new();
    let last: u64 = replay(&["--print", "%evt.num"]).lines().last().unwrap().parse().unwrap();
    let beyond = (last + 1).to_string();
    let without_modules = RULES.replace("init_module, finit_module", "drop, switch");
    fs::write(fixture.path("rules.yaml"), without_modules).unwrap();
    let cases: [(&[&str], &str); 7] = [
        (
            &["why", "hash", "-c", INTRUSION, "-e", &beyond],
            &format!("has no event {beyond}; its events are 1 to {last}\n"),
        ),
        (
            &["why", "hash", "-c", INTRUSION, "-f", "proc.name = nobody"],
            &format!("none of its {last} events fits the filter\n"),
        ),
        (
            &["why", "module", "-c", INTRUSION],
            &format!("none of its {last} events is of a type that the rule needs: drop, switch\n"),
        ),
        (
            &["why", "shell", "-c", INTRUSION],
            "'shell' is in the names of 2 rules: 'Shell started', 'Shell started again'; name \
             one of them\n",
        ),
        (&["explain", "hashs"], "no rule 'hashs'; did you mean 'Hashes read'?\n"),
        (
            &["explain", "strated"],
            "no rule 'strated'; did you mean one of 'Shell started', 'Shell started again'?\n",
        ),
        (
            &["explain", "x"],
            "no rule 'x'; there are 'Shell started', 'Hashes read', 'Shell started again', \
             'Module loaded', 'Connection out'\n",
        ),
    ];
    for (arguments, expected) in cases {
        let message = fixture.refusal(arguments);
        assert!(message.ends_with(expected), "{arguments:?}: {message}");
    }
}

#[test]
fn explain_draws_everything_in() {
    let text = Fixture::new().text(&["explain", "Shell started"]);
    let (head, compiled) = text.split_once("\ncompiled:\n").unwrap();
    let (head, condition) =
        head.split_once("\ncondition, with macros and lists drawn in:\n").unwrap();
    for row in [
        "Shell started\nA shell was started by something that is none.\n\n",
        "  priority     Notice\n",
        "  tags         T1059, process\n",
        "  source       syscall\n",
        "  status       enabled\n",
        "  compares     evt.arg.res, evt.type, proc.name, proc.pname\n",
        "  prints       proc.cmdline\n",
        "  event types  execve, execveat\n",
    ] {
        assert!(head.contains(row), "{row} in {head}");
    }
    assert_eq!(
        condition,
        "  (  # spawned
    evt.type in (execve, execveat)
    and evt.arg.res = 0
  )
  and proc.name in (sh, bash, dash, zsh, ksh, fish, tcsh, csh)
  and not proc.pname in (sh, bash, dash, zsh, ksh, fish, tcsh, csh)
"
    );
    assert!(compiled.contains("on execve, execveat:"), "{compiled}");
    assert!(compiled.contains("evt.arg.res = 0"), "{compiled}");
}

#[test]
fn explain_says_where_a_rule_was_changed() {
    let fixture = Fixture::new();
    let local = "\
- rule: Hashes read
  condition: and not proc.name = backup
  priority: CRITICAL
  override:
    condition: append
    priority: replace
- list: others
  items: [a]
- rule: Hashes read
  exceptions:
    - name: by_parent
      fields: proc.pname
      values: [cron]
  override:
    exceptions: append
";
    fs::write(fixture.path("local.yaml"), local).unwrap();
    let arguments = ["explain", "hashes", "--rules", "rules.yaml", "--rules", "local.yaml"];
    let run = |more: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_watchkeeper"));
        command.current_dir(fixture.folder.path()).arg("rules").args(arguments).args(more);
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let text = run(&[]);
    for row in [
        "  defined at   rules.yaml:13:9\n",
        "  changed at   local.yaml:2:22 (condition, priority), local.yaml:12:15 (condition, exceptions)\n",
        "  exceptions   by_parent\n",
        "  priority     Critical\n",
    ] {
        assert!(text.contains(row), "{row} in {text}");
    }
    let json: Value = serde_json::from_str(&run(&["--format", "json"])).unwrap();
    let place = json!({ "file": "local.yaml", "line": 2, "column": 22 });
    assert_eq!(json["changes"][0], json!({ "place": place, "parts": ["condition", "priority"] }));
}

#[test]
fn explain_counts_what_each_part_lets_through() {
    let fixture = Fixture::new();
    let text = fixture.text(&["explain", "hashes", "--capture", INTRUSION]);
    let (_, cost) = text.split_once("intrusion.scap:\n").unwrap();
    let opens = "evt.type in (open, openat, openat2)";
    let read = format!("{opens} and evt.is_open_read = true and fd.num >= 0");
    let hashes = "(fd.name = /etc/shadow or fd.name = /etc/gshadow)";
    let usual = "not proc.name in (sudo, su)";
    let and = |parts: &[&str]| count(&parts.join(" and "));
    let looked_at = format!("({opens} or {UNTYPED})");
    let [opened, found] = [and(&[&looked_at]), and(&[&read, hashes, usual])];
    let events = count("evt.num exists");
    let total = format!("  {events} events, {opened} of a type that can match, {found} match\n");
    assert!(cost.starts_with(&total), "{cost}");
    let rows = [
        (opened, and(&[&read]), and(&[&read]), "open_read"),
        (
            and(&[&read]),
            and(&[&read, hashes]),
            and(&[&looked_at, hashes]),
            "fd.name = /etc/shadow or fd.name = /etc/gshadow",
        ),
        (and(&[&read, hashes]), found, and(&[&looked_at, usual]), usual),
    ];
    let mut table = "\n    reached    passed      held\n".to_owned();
    for (reached, passed, held, part) in rows {
        table += &format!("{reached:>11}{passed:>10}{held:>10}  {part}\n");
    }
    assert!(cost.ends_with(&table), "{cost}\n{table}");
    let json = fixture.json(&["explain", "hashes", "--capture", INTRUSION]);
    assert_eq!(json["cost"]["matches"], found);
    assert_eq!(json["event_types"], json!(["open", "openat", "openat2"]));
    assert_eq!(
        json["drawn_in"],
        "(evt.type in (open, openat, openat2) and evt.is_open_read = true and fd.num >= 0) and \
         (fd.name = /etc/shadow or fd.name = /etc/gshadow) and not proc.name in (sudo, su)"
    );
    assert_eq!(
        json["cost"]["parts"][1],
        json!({
            "text": rows[1].3,
            "reached": rows[1].0,
            "passed": rows[1].1,
            "held": rows[1].2,
        })
    );
}

#[test]
fn profile_counts_for_each_rule_that_is_on() {
    let fixture = Fixture::new();
    let json = fixture.json(&["profile", INTRUSION, "--sort", "matches", "--passes", "2"]);
    let rules: Vec<_> = json["rules"]
        .as_array()
        .unwrap()
        .iter()
        .map(|rule| (rule["rule"].clone(), rule["events"].clone(), rule["matches"].clone()))
        .collect();
    assert_eq!(rules.len(), 4);
    let started = "evt.type in (execve, execveat)";
    let shells = "evt.arg.res = 0 and proc.name in (sh, bash, dash, zsh, ksh, fish, tcsh, csh)";
    let strangers = "not proc.pname in (sh, bash, dash, zsh, ksh, fish, tcsh, csh)";
    let modules = "evt.type in (init_module, finit_module)";
    let cases = [
        ("Shell started", started, format!("{started} and {shells} and {strangers}")),
        ("Module loaded", modules, modules.to_owned()),
    ];
    for (rule, of, condition) in &cases {
        let looked_at = count(&format!("{of} or {UNTYPED}"));
        let expected = (json!(rule), json!(looked_at), json!(count(condition)));
        assert!(rules.contains(&expected), "{expected:?} in {rules:?}");
    }
    let matches: Vec<u64> = rules.iter().map(|(.., matches)| matches.as_u64().unwrap()).collect();
    assert!(matches.is_sorted_by(|a, b| a >= b), "{rules:?}");
    let events = count("evt.num exists");
    assert_eq!(json["events"], events);
    assert!(json["matched_events"].as_u64() >= Some(matches[0]), "{json}");
    let text = fixture.text(&["profile", INTRUSION, INTRUSION]);
    assert_eq!(
        text.lines().next().unwrap(),
        "rule                     events  matches         ms ns/event  share"
    );
    assert!(text.contains(&format!("\n4 rules, {} events\n", 2 * events)), "{text}");
}

#[test]
fn hostile_text_of_a_capture_or_a_rule_reaches_no_terminal() {
    let fixture = Fixture::new();
    let capture = fixture.path("evil.scap");
    hostile_capture(Path::new(&capture));
    let rules = RULES.replace("proc.name in (sudo, su)", "proc.name in (\"\\x1b[2Ja\", su)");
    fs::write(fixture.path("rules.yaml"), rules).unwrap();
    let text = fixture.text(&["why", "hashes", "-c", &capture])
        + &fixture.text(&["explain", "hashes", "-c", &capture])
        + &fixture.text(&["why", "hashes", "-c", &capture, "--format", "json"]);
    assert!(!text.contains('\u{1b}'), "{text}");
    assert!(text.contains("proc.name is '\u{fffd}[2Jevil'"), "{text}");
    let refused = fixture.refusal(&["why", "\u{1b}[2Jx", "-c", &capture]);
    assert!(!refused.contains('\u{1b}'), "{refused}");
}

fn hostile_capture(path: &Path) {
    let mut writer = Writer::new(Vec::new(), Compression::None).unwrap();
    writer.write(&Record::Machine(Machine { cpus: 1, ..Machine::default() })).unwrap();
    let thread = ThreadEntry {
        tid: 42,
        pid: 42,
        comm: b"\x1b[2Jevil",
        exe: b"\x1b[2J\n",
        ..ThreadEntry::default()
    };
    writer.write(&Record::Thread(thread)).unwrap();
    let mut builder = EventBuilder::default();
    builder.start(OPEN_X, 1_795_392_000_000_000_000, 42, 0);
    builder.i64(3).text("/etc/\x1b]0;x\x07shadow").u32(1).u32(0).u32(0).u64(0);
    writer.write(&Record::Event(builder.event().unwrap())).unwrap();
    fs::write(path, writer.finish().unwrap()).unwrap();
}
