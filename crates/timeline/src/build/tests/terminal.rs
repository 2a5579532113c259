use event::tty::{Told, Way};

use super::world::World;
use crate::build::Limits;

/// `pts/3`.
const TTY: u32 = 0x8803;

/// Of each line, whether it was typed, its text and what is missing.
fn lines(world: World) -> Vec<(bool, String, u64)> {
    let timeline = world.finish();
    let lines = timeline.processes.iter().flat_map(|process| &process.terminal);
    lines.map(|line| (line.typed, line.text.shown().into_owned(), line.missing_bytes)).collect()
}

fn texts(world: World) -> Vec<String> {
    lines(world).into_iter().map(|(_, text, _)| text).collect()
}

impl World {
    /// A process writes to a terminal, or reads from it.
    fn terminal(&mut self, pid: i64, tty: u32, way: Way, text: &str) {
        let mut data = Vec::new();
        let (bytes, text) = (text.len() as u64, text.as_bytes());
        Told { tty, way, bytes, missing: 0, text }.write_notice(&mut data);
        self.notice(pid, event::tty::NOTICE, data);
    }

    fn shown(&mut self, pid: i64, text: &str) {
        self.terminal(pid, TTY, Way::Shown, text);
    }
}

#[test]
fn a_session_reads_as_it_was_seen() {
    let mut world = World::new();
    world.shown(100, "$ ");
    world.terminal(100, TTY, Way::Typed, "export X=1\n");
    world.shown(100, "\x1b[1m$\x1b[0m echo 2");
    world.shown(100, "\r\n2\r\n");
    world.shown(100, "$ ");
    let line = |typed, text: &str| (typed, text.to_owned(), 0);
    let want =
        [line(true, "$ export X=1"), line(false, "$ echo 2"), line(false, "2"), line(false, "$")];
    assert_eq!(lines(world), want);
}

#[test]
fn lines_have_the_time_at_which_they_began() {
    let mut world = World::new();
    world.shown(100, "one ");
    let began_ns = world.now_ns;
    world.shown(100, "two\nthree\n");
    let timeline = world.finish();
    let lines = timeline.processes.iter().flat_map(|process| &process.terminal);
    let times: Vec<_> = lines.map(|line| line.at.ts_ns).collect();
    assert_eq!(times[0], began_ns);
    assert!(times[1] > began_ns);
}

#[test]
fn what_terminals_do_not_show_is_escaped_or_left_out() {
    let mut world = World::new();
    world.shown(100, "\x1b]0;title\x07a\u{202e}b\x1b[2Kc\n");
    let texts = texts(world);
    assert!(!texts.is_empty());
    assert!(texts.iter().all(|text| !text.contains(['\x1b', '\u{202e}', '\x07'])), "{texts:?}");
}

#[test]
fn terminals_and_processes_are_told_apart() {
    let mut world = World::new();
    world.fork(100, 200);
    world.shown(100, "one ");
    world.shown(200, "two ");
    world.terminal(100, TTY + 1, Way::Shown, "three\n");
    world.shown(100, "four\n");
    assert_eq!(texts(world), ["three", "one four", "two"]);
}

#[test]
fn there_is_a_bound_on_lines_and_what_is_missing_is_counted() {
    let mut world = World::with_limits(Limits { terminal: 2, ..Limits::default() });
    let data = br#"{"tty":1,"way":"shown","bytes":9,"missing":5,"text":"y\ny\ny\n"}"#;
    world.notice(100, event::tty::NOTICE, data.to_vec());
    let timeline = world.finish();
    let lines = timeline.processes.iter().flat_map(|process| &process.terminal);
    assert_eq!(lines.map(|line| line.missing_bytes).collect::<Vec<_>>(), [8, 0]);
    assert_eq!(timeline.cuts.terminal, 1);
}

#[test]
fn what_is_no_notice_tells_nothing() {
    let long = format!(r#"{{"tty":1,"way":"shown","bytes":1,"text":"{}"}}"#, "x".repeat(40_000));
    let mut world = World::new();
    for data in [
        &b""[..],
        b"[]",
        br#"{"tty":1,"way":"shown","bytes":1}"#,
        br#"{"tty":-1,"way":"shown","bytes":1,"text":"x"}"#,
        br#"{"tty":1,"way":"seen","bytes":1,"text":"x"}"#,
        br#"{"tty":1,"way":"shown","text":"x"}"#,
        long.as_bytes(),
    ] {
        world.notice(100, event::tty::NOTICE, data.to_vec());
    }
    world.notice(100, "other", br#"{"tty":1,"way":"shown","bytes":1,"text":"x"}"#.to_vec());
    assert_eq!(texts(world), [""; 0]);
}

#[test]
fn lines_on_very_many_terminals_end_early_and_none_is_lost() {
    let mut world = World::new();
    for tty in 0..3_000 {
        world.terminal(100, tty, Way::Shown, "$ ");
    }
    assert_eq!(texts(world).len(), 3_000);
}
