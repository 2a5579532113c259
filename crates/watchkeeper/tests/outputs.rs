//! Alerts on their way out of the program, and the configuration of where they go.

#![allow(clippy::unwrap_used, reason = "what is missing fails the test")]

use std::{
    fs,
    io::{BufRead, BufReader},
    net::TcpListener,
    path::PathBuf,
    process::{Command, Output, Stdio},
    thread,
    time::Duration,
};

use capture::file::{Compression, Writer};
use event::{
    EventBuilder,
    snapshot::{Machine, Record, ThreadEntry},
    syscalls::OPEN_X,
};
use tempfile::TempDir;

const START: u64 = 1_795_392_000_000_000_000;
const RULES: &str = "\
- rule: Open
  desc: A file was opened.
  condition: evt.type = open
  output: open %fd.name
  priority: WARNING
";

/// A folder with a capture of a shell that opens files, and a rule that tells of each.
struct Fixture(TempDir);

impl Fixture {
    fn new(opens: u32) -> Self {
        let fixture = Self(tempfile::tempdir().unwrap());
        fs::write(fixture.path("c.scap"), capture(opens)).unwrap();
        fs::write(fixture.path("rules.yaml"), RULES).unwrap();
        fixture
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_watchkeeper"));
        command.current_dir(self.0.path()).args(arguments);
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    fn replay(&self, arguments: &[&str]) -> Output {
        self.run(&[&["replay", "c.scap", "--rules", "rules.yaml"], arguments].concat())
    }

    fn lines(&self, name: &str) -> Vec<String> {
        fs::read_to_string(self.path(name)).unwrap().lines().map(str::to_owned).collect()
    }
}

fn capture(opens: u32) -> Vec<u8> {
    let mut writer = Writer::new(Vec::new(), Compression::None).unwrap();
    let machine = Machine { cpus: 1, hostname: b"shop-1", ..Machine::default() };
    writer.write(&Record::Machine(machine)).unwrap();
    let shell = ThreadEntry { tid: 42, pid: 42, ptid: 1, comm: b"sh", ..ThreadEntry::default() };
    writer.write(&Record::Thread(shell)).unwrap();
    let mut builder = EventBuilder::default();
    for number in 0..opens {
        builder.start(OPEN_X, START + u64::from(number), 42, 1);
        builder.i64(3).text(format!("/etc/{number:05}")).u32(1).u32(0).u32(0).u64(0);
        writer.write(&Record::Event(builder.event().unwrap())).unwrap();
    }
    writer.finish().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// That lines are about all files, in order.
fn assert_whole(lines: &[String], opens: u32) {
    assert_eq!(lines.len(), opens as usize);
    for (number, line) in lines.iter().enumerate() {
        assert!(line.contains(&format!("/etc/{number:05}")), "{number}: {line}");
    }
}

#[test]
fn alerts_go_to_every_output_in_order_and_not_to_stdout() {
    let fixture = Fixture::new(100);
    let run = fixture.replay(&["--output", "file:a.jsonl", "--output", "program:cat > b.jsonl"]);
    assert_eq!(run.status.code(), Some(0), "{}", text(&run.stderr));
    assert_eq!(text(&run.stdout), "");
    assert_whole(&fixture.lines("a.jsonl"), 100);
    assert_eq!(fixture.lines("a.jsonl"), fixture.lines("b.jsonl"));
}

#[test]
fn stdout_as_an_output_is_what_is_printed_without_one() {
    let fixture = Fixture::new(50);
    for format in ["text", "json"] {
        let plain = fixture.replay(&["--format", format]);
        let output = fixture.replay(&["--format", format, "--output", "stdout"]);
        assert_eq!(text(&plain.stdout), text(&output.stdout));
        assert_eq!(text(&plain.stdout).lines().count(), 50);
    }
}

#[test]
fn what_is_lost_at_one_output_is_told_and_lost_at_no_other() {
    let fixture = Fixture::new(20);
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let config = format!(
        "outputs:\n  - {{type: http, url: 'http://127.0.0.1:{port}/s3cret', retry: {{first: 1ms, \
         attempts: 2}}}}\n  - {{type: file, path: good, format: text}}\n"
    );
    fs::write(fixture.path("w.yaml"), config).unwrap();
    let run = fixture.replay(&["--config", "w.yaml"]);
    let told = text(&run.stderr);
    assert_eq!(run.status.code(), Some(3), "{told}");
    assert_whole(&fixture.lines("good"), 20);
    let want = format!("output http://127.0.0.1:{port}: 0 alerts delivered, 20 not, 0 dropped");
    assert!(told.contains(&want), "{told}");
    assert_eq!(told.matches("refused").count(), 1, "{told}");
    assert!(!told.contains("s3cret"), "{told}");
}

#[test]
fn a_slow_reader_of_stdout_gets_more_alerts_than_may_wait() {
    let fixture = Fixture::new(25_000);
    let mut command = fixture.command(&["replay", "c.scap", "--rules", "rules.yaml"]);
    let mut child = command
        .args(["--output", "stdout", "--output", "file:a"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    thread::sleep(Duration::from_millis(500));
    let reader = BufReader::new(child.stdout.take().unwrap());
    let lines: Vec<String> = reader.lines().map(Result::unwrap).collect();
    assert!(child.wait().unwrap().success());
    assert_whole(&lines, 25_000);
    assert_whole(&fixture.lines("a"), 25_000);
}

#[test]
fn a_reader_that_goes_away_ends_the_program_quietly() {
    let fixture = Fixture::new(25_000);
    let mut command = fixture.command(&["-q", "replay", "c.scap", "--rules", "rules.yaml"]);
    command.args(["--output", "stdout"]).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    drop(child.stdout.take());
    let run = child.wait_with_output().unwrap();
    assert_eq!((run.status.code(), text(&run.stderr)), (Some(0), String::new()));
}

#[test]
fn a_full_disk_behind_stdout_is_an_error() {
    let fixture = Fixture::new(10);
    let mut command = fixture.command(&["-q", "replay", "c.scap", "--rules", "rules.yaml"]);
    let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let run = command.args(["--output", "stdout"]).stdout(full).output().unwrap();
    assert_eq!(run.status.code(), Some(2));
    assert!(text(&run.stderr).contains("cannot write the output: No space"), "{run:?}");
}

#[test]
fn what_waits_is_delivered_although_the_next_recording_cannot_be_read() {
    let fixture = Fixture::new(100);
    fs::write(fixture.path("broken.scap"), "no capture").unwrap();
    let run = fixture.replay(&["broken.scap", "--output", "program:sleep 0.3; cat > out"]);
    assert_eq!(run.status.code(), Some(2));
    assert_whole(&fixture.lines("out"), 100);
}

#[test]
fn outputs_that_cannot_be_set_up_are_refused_before_anything_is_read() {
    let fixture = Fixture::new(1);
    for (arguments, told) in [
        (["--output", "file:no/such/folder"], "no/such/folder: No such file"),
        (["--output", "ftp://a"], "an output is one of stdout, file:PATH"),
        (["--output", "https://me:s3cret@a"], "'authorization' header"),
        (["--config", "none.yaml"], "none.yaml: No such file"),
    ] {
        let run = fixture.replay(&arguments);
        assert_eq!(run.status.code(), Some(2), "{arguments:?}");
        assert!(text(&run.stderr).contains(told), "{}", text(&run.stderr));
    }
}

#[test]
fn a_configuration_is_checked() {
    let fixture = Fixture::new(0);
    let right = "outputs:\n  - {type: syslog, facility: local3}\n  - {type: file, path: a}\n";
    fs::write(fixture.path("right.yaml"), right).unwrap();
    let run = fixture.run(&["config", "check", "right.yaml"]);
    assert_eq!(run.status.code(), Some(0), "{}", text(&run.stderr));
    assert_eq!(
        text(&run.stdout),
        "right.yaml: right; outputs: 2\n  syslog:, text, Debug and worse\n  file:a, json, Debug \
         and worse\n"
    );
    assert!(!fixture.path("a").exists());
    let run = fixture.run(&["config", "check", "right.yaml", "--format", "json"]);
    assert!(text(&run.stdout).contains("\"min_priority\":\"Debug\""), "{}", text(&run.stdout));
    fs::write(fixture.path("wrong.yaml"), "outputs:\n  - {type: file, pat: a}\n").unwrap();
    let run = fixture.run(&["config", "check", "wrong.yaml"]);
    assert_eq!(run.status.code(), Some(2));
    let told = text(&run.stderr);
    assert!(told.contains("wrong.yaml:2:5: an output of type file needs a 'path'\n"), "{told}");
    assert!(told.contains("wrong.yaml:2:18: unknown key 'pat'; did you mean 'path'?"), "{told}");
}

#[test]
fn keys_are_listed_in_every_form() {
    let fixture = Fixture::new(0);
    for (format, want) in [
        ("text", "outputs[].rotate.size: size; default: 100MiB\n"),
        ("markdown", "## `outputs[].rotate.size`\n"),
        ("json", "\"key\":\"outputs[].rotate.size\""),
    ] {
        let run = fixture.run(&["config", "keys", "--format", format]);
        assert!(text(&run.stdout).contains(want), "{}", text(&run.stdout));
    }
}
