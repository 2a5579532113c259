//! The program as a person meets it: what it prints, what it refuses, how it ends.

#![allow(clippy::unwrap_used, reason = "what is missing fails the test")]

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use capture::file::{Compression, Writer};
use event::{
    EventBuilder,
    snapshot::{Machine, Record, ThreadEntry, User},
    syscalls::{CLOSE_X, OPEN_X, USER_ADDED_E},
};
use tempfile::TempDir;

const SECOND: u64 = 1_000_000_000;
const START: u64 = 1_795_392_000 * SECOND;

fn watchkeeper(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_watchkeeper")).args(arguments).output().unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A folder with a small capture: one shell that opens and closes ten files, a second apart.
struct Fixture {
    folder: TempDir,
}

impl Fixture {
    fn new() -> Self {
        let fixture = Self { folder: tempfile::tempdir().unwrap() };
        fs::write(fixture.path("small.scap"), small_capture(Compression::None)).unwrap();
        fixture
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn small(&self) -> String {
        self.path("small.scap").to_str().unwrap().to_owned()
    }
}

fn small_capture(compression: Compression) -> Vec<u8> {
    let mut writer = Writer::new(Vec::new(), compression).unwrap();
    let machine = Machine { cpus: 2, hostname: b"shop-1", ..Machine::default() };
    writer.write(&Record::Machine(machine)).unwrap();
    let root = User { uid: 0, gid: 0, name: b"root", home: b"/root", shell: b"/bin/sh" };
    writer.write(&Record::User(root)).unwrap();
    let shell = ThreadEntry {
        tid: 42,
        pid: 42,
        ptid: 1,
        comm: b"sh",
        exe: b"sh",
        exepath: b"/bin/sh",
        args: b"-i\0",
        cwd: b"/root/",
        ..ThreadEntry::default()
    };
    writer.write(&Record::Thread(shell)).unwrap();
    let mut builder = EventBuilder::default();
    for second in 0..10 {
        let ts = START + second * SECOND;
        builder.start(OPEN_X, ts, 42, 1);
        builder.i64(3).text(format!("/etc/file{second}")).u32(1).u32(0).u32(0).u64(0);
        writer.write(&Record::Event(builder.event().unwrap())).unwrap();
        builder.start(CLOSE_X, ts + 1, 42, 1);
        builder.i64(0).i64(3);
        writer.write(&Record::Event(builder.event().unwrap())).unwrap();
    }
    writer.finish().unwrap()
}

#[test]
fn replay_prints_a_line_for_each_event() {
    let fixture = Fixture::new();
    let output = watchkeeper(&[
        "replay",
        &fixture.small(),
        "--print",
        "%evt.num %proc.name %evt.type %fd.name",
    ]);
    assert!(output.status.success(), "{}", stderr(&output));
    let text = stdout(&output);
    assert_eq!(text.lines().count(), 20);
    assert_eq!(text.lines().next(), Some("1 sh open /etc/file0"));
    assert_eq!(text.lines().nth(1), Some("2 sh close /etc/file0"));
}

#[test]
fn replay_filters_counts_limits_and_cuts_by_time() {
    let fixture = Fixture::new();
    let cases: [(&[&str], &str); 9] = [
        (&["--filter", "evt.type = open"], "10\n"),
        (&["--filter", "fd.name = /etc/file3"], "2\n"),
        (&["-f", "proc.name = nginx"], "0\n"),
        (&["--limit", "3"], "3\n"),
        (&["--from", "5s"], "10\n"),
        (&["--from", "-1s", "-f", "evt.type=open"], "1\n"),
        (&["--to", "1s"], "2\n"),
        (&["--from", "2026-11-23T00:00:02Z", "--to", "2026-11-23T00:00:04Z"], "4\n"),
        (&["--format", "json", "--limit", "1"], "json"),
    ];
    for (arguments, want) in cases {
        let small = fixture.small();
        let mut all = vec!["replay", small.as_str(), "--count"];
        all.extend(arguments);
        let output = watchkeeper(&all);
        assert!(output.status.success(), "{arguments:?}: {}", stderr(&output));
        if want == "json" {
            let value: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
            assert_eq!(value["count"], 1);
        } else {
            assert_eq!(stdout(&output), want, "{arguments:?}");
        }
    }
}

#[test]
fn replay_as_json_has_the_fields_of_the_format_as_keys() {
    let fixture = Fixture::new();
    let output = watchkeeper(&[
        "replay",
        &fixture.small(),
        "--format",
        "json",
        "--print",
        "%evt.num %proc.name and %fd.sport",
        "-n1",
    ]);
    assert_eq!(stdout(&output), "{\"evt.num\":1,\"proc.name\":\"sh\",\"fd.sport\":null}\n");
}

#[test]
fn replay_reads_every_compression_from_a_pipe() {
    for compression in [Compression::None, Compression::Gzip, Compression::Zstd] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_watchkeeper"));
        let count = command.args(["replay", "-", "--count"]);
        let output = testkit::fed(count, &small_capture(compression)).unwrap();
        assert_eq!(stdout(&output), "20\n");
    }
}

#[test]
fn the_service_in_the_manual_is_started_as_the_program_has_it() {
    let manual = include_str!("../../../docs/run.md");
    let starts = manual.lines().filter_map(|line| line.strip_prefix("ExecStart="));
    for start in starts.clone() {
        // What stands in front of --help is read first.
        let words = start.split(' ').skip(1).chain(["--help"]);
        let output = Command::new(env!("CARGO_BIN_EXE_watchkeeper")).args(words).output().unwrap();
        assert!(output.status.success(), "{start}: {}", stderr(&output));
    }
    assert_eq!(starts.count(), 1);
}

#[test]
fn a_mistake_gets_one_message_and_exit_code_2() {
    let fixture = Fixture::new();
    let small = fixture.small();
    let empty = fixture.path("empty.scap");
    fs::write(&empty, b"").unwrap();
    let text = fixture.path("notes.txt");
    fs::write(&text, b"this is not a capture, it is a text file").unwrap();
    let folder = fixture.folder.path().to_str().unwrap();
    let cases: [(&[&str], &str); 13] = [
        (&["replay", &small, "proc.name=sh"], "--filter"),
        (&["replay", "/no/such/file.scap"], "/no/such/file.scap"),
        (&["replay", folder], "folder"),
        (&["replay", empty.to_str().unwrap()], "empty"),
        (&["replay", text.to_str().unwrap()], "not a capture"),
        (&["replay", &small, "-f", "proc.nme = sh"], "did you mean 'proc.name'"),
        (&["replay", &small, "-f", "proc.name = "], "filter:1:"),
        (&["replay", &small, "-f", ""], "filter"),
        (&["replay", &small, "-p", "%proc.nme"], "proc.nme"),
        (&["replay", &small, "--from", "soon"], "not a time"),
        (&["replay", "-", "--from", "-3s"], "pipe"),
        (&["fields", "zzzzqqq"], "zzzzqqq"),
        (&["capture", "convert", "/no/such", "/tmp/x"], "/no/such"),
    ];
    for (arguments, part) in cases {
        let output = watchkeeper(arguments);
        let said = stderr(&output);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {said}");
        assert!(said.contains(part), "{arguments:?}: {said}");
        assert!(output.stdout.is_empty(), "{arguments:?}");
    }
}

#[test]
fn a_damaged_capture_yields_what_came_before_and_exit_code_3() {
    let fixture = Fixture::new();
    let whole = fs::read(fixture.path("small.scap")).unwrap();
    let cut = fixture.path("cut.scap");
    fs::write(&cut, &whole[..whole.len() - 10]).unwrap();
    let output = watchkeeper(&["replay", cut.to_str().unwrap(), "--count"]);
    assert_eq!(output.status.code(), Some(3));
    assert_eq!(stdout(&output), "19\n");
    let said = stderr(&output);
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(said.contains("byte"), "{said}");
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let fixture = Fixture::new();
    let mut child = Command::new(env!("CARGO_BIN_EXE_watchkeeper"))
        .args(["replay", &fixture.small()])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(stderr(&output), "");
    assert!(output.status.success());
}

#[test]
fn replay_leaves_out_what_completes_the_snapshot_and_counts_it() {
    let fixture = Fixture::new();
    let mut writer = Writer::new(Vec::new(), Compression::None).unwrap();
    let mut builder = EventBuilder::default();
    builder.start(USER_ADDED_E, START, -1, 0).u32(33).u32(33);
    builder.text("www-data").text("/var/www").text("/bin/sh").text("");
    writer.write(&Record::Event(builder.event().unwrap())).unwrap();
    builder.start(CLOSE_X, START, 42, 1).i64(0).i64(3);
    writer.write(&Record::Event(builder.event().unwrap())).unwrap();
    let path = fixture.path("notice.scap");
    fs::write(&path, writer.finish().unwrap()).unwrap();
    let path = path.to_str().unwrap();
    assert_eq!(stdout(&watchkeeper(&["replay", path, "-p", "%evt.num %evt.type"])), "2 close\n");
}

#[test]
fn progress_is_shown_on_a_terminal_and_not_in_a_pipe() {
    let fixture = Fixture::new();
    let command =
        format!("{} replay {} --count", env!("CARGO_BIN_EXE_watchkeeper"), fixture.small());
    // script(1) of util-linux gives its command a terminal; stdout goes elsewhere.
    let Ok(output) = Command::new("script")
        .args(["-qec", &format!("stty cols 80; {command} >/dev/null"), "/dev/null"])
        .env("TERM", "xterm")
        .output()
    else {
        eprintln!("skipped: no script(1)");
        return;
    };
    assert!(output.status.success());
    assert!(stdout(&output).contains('%'), "{}", stdout(&output));
    let piped = watchkeeper(&["replay", &fixture.small(), "--count"]);
    assert_eq!(stderr(&piped), "");
}

#[test]
fn convert_cuts_and_keeps_the_state_at_the_start_of_the_cut() {
    let fixture = Fixture::new();
    let part = fixture.path("part.scap.gz");
    let part = part.to_str().unwrap();
    let output = watchkeeper(&[
        "capture",
        "convert",
        &fixture.small(),
        part,
        "--from",
        "3s",
        "--filter",
        "evt.type=close",
        "--only-matching",
    ]);
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!(&fs::read(part).unwrap()[..2], b"\x1f\x8b");
    let output = watchkeeper(&["replay", part, "--print", "%proc.cmdline %user.name %evt.type"]);
    let text = stdout(&output);
    assert_eq!(text.lines().count(), 7);
    assert!(text.lines().all(|line| line == "sh -i root close"), "{text}");
}

#[test]
fn convert_keeps_the_lists_of_every_recording_in_a_file() {
    let fixture = Fixture::new();
    let mut both = fs::read(fixture.path("small.scap")).unwrap();
    let mut writer = Writer::new(Vec::new(), Compression::None).unwrap();
    let other = ThreadEntry { tid: 7, pid: 7, ptid: 1, comm: b"nginx", ..ThreadEntry::default() };
    writer.write(&Record::Thread(other)).unwrap();
    let mut builder = EventBuilder::default();
    builder.start(CLOSE_X, START, 7, 1).i64(0).i64(3);
    writer.write(&Record::Event(builder.event().unwrap())).unwrap();
    both.extend(writer.finish().unwrap());
    let (joined, cut) = (fixture.path("joined.scap"), fixture.path("cut.scap"));
    fs::write(&joined, both).unwrap();
    let (joined, cut) = (joined.to_str().unwrap(), cut.to_str().unwrap());
    let output = watchkeeper(&["capture", "convert", joined, cut, "-f", "evt.type = close"]);
    assert!(output.status.success(), "{}", stderr(&output));
    let text = stdout(&watchkeeper(&["replay", cut, "-p", "%proc.name %evt.type"]));
    assert_eq!(text.lines().filter(|line| *line == "sh close").count(), 10, "{text}");
    assert_eq!(text.lines().last(), Some("nginx close"), "{text}");
}

#[test]
fn convert_says_how_many_strings_it_cut() {
    let fixture = Fixture::new();
    let mut bytes = Writer::new(Vec::new(), Compression::None).unwrap().finish().unwrap();
    // A process list V1: ids, four strings (the directory too long for other readers), numbers.
    let mut body = [7_u64, 7, 1].map(u64::to_le_bytes).concat();
    for length in [2_u16, 2, 0, 3000] {
        body.extend(length.to_le_bytes());
        body.extend(vec![b'x'; usize::from(length)]);
    }
    body.extend([0; 20]);
    body.resize(body.len().next_multiple_of(4), 0);
    let length = (body.len() as u32 + 12).to_le_bytes();
    bytes.extend([&0x202_u32.to_le_bytes()[..], &length, &body, &length].concat());
    let long = fixture.path("long.scap");
    fs::write(&long, bytes).unwrap();
    let out = fixture.path("out.scap");
    let output =
        watchkeeper(&["capture", "convert", long.to_str().unwrap(), out.to_str().unwrap()]);
    assert!(output.status.success());
    assert!(stderr(&output).contains("1 strings were cut"), "{}", stderr(&output));
}

#[test]
fn convert_writes_into_a_fifo_and_does_not_replace_it() {
    use std::os::unix::fs::FileTypeExt;

    let fixture = Fixture::new();
    let fifo = fixture.path("fifo");
    if !Command::new("mkfifo").arg(&fifo).status().unwrap().success() {
        panic!("no fifo");
    }
    let mut child = Command::new(env!("CARGO_BIN_EXE_watchkeeper"))
        .args(["capture", "convert", &fixture.small(), fifo.to_str().unwrap()])
        .spawn()
        .unwrap();
    let written = Command::new("timeout").arg("20").arg("cat").arg(&fifo).output().unwrap();
    assert!(child.wait().unwrap().success());
    assert!(fs::metadata(&fifo).unwrap().file_type().is_fifo());
    assert_eq!(written.stdout, fs::read(fixture.path("small.scap")).unwrap());
}

#[test]
fn convert_leaves_an_existing_output_alone_when_it_fails() {
    let fixture = Fixture::new();
    let out = fixture.path("out.scap");
    fs::write(&out, b"precious").unwrap();
    let output = watchkeeper(&[
        "capture",
        "convert",
        fixture.path("missing").to_str().unwrap(),
        out.to_str().unwrap(),
    ]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(fs::read(&out).unwrap(), b"precious");
    assert_eq!(leftovers(fixture.folder.path()), 0);
}

fn leftovers(folder: &Path) -> usize {
    fs::read_dir(folder)
        .unwrap()
        .filter(|e| e.as_ref().unwrap().file_name().to_string_lossy().starts_with(".watchkeeper"))
        .count()
}

#[test]
fn info_says_what_a_capture_holds() {
    let fixture = Fixture::new();
    let output = watchkeeper(&["capture", "info", &fixture.small()]);
    let text = stdout(&output);
    for part in ["shop-1", "2026-11-23T00:00:00", "20", "open", "close"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let output = watchkeeper(&["capture", "info", &fixture.small(), "--format", "json"]);
    let value: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(value["events"], 20);
    assert_eq!(value["machine"]["hostname"], "shop-1");
}

#[test]
fn fields_are_listed_for_people_programs_and_the_manual() {
    let text = stdout(&watchkeeper(&["fields", "proc.aname"]));
    assert!(text.contains("proc.aname[") && text.contains("example:"), "{text}");
    let json = stdout(&watchkeeper(&["fields", "--format", "json"]));
    assert!(json.lines().count() >= 268);
    for line in json.lines() {
        let field: serde_json::Value = serde_json::from_str(line).unwrap();
        assert!(field["doc"].as_str().is_some_and(|doc| doc.len() > 5), "{line}");
    }
    let markdown = stdout(&watchkeeper(&["fields", "--format", "markdown"]));
    assert!(markdown.starts_with("# Fields"));
}

#[test]
fn every_command_has_help_with_examples() {
    for command in [&["replay"][..], &["capture", "info"], &["capture", "convert"], &["fields"]] {
        let mut arguments = command.to_vec();
        arguments.push("--help");
        let output = watchkeeper(&arguments);
        assert!(output.status.success());
        assert!(stdout(&output).contains("Examples:"), "{command:?}");
    }
}
