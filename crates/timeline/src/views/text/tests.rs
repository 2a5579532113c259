//! Whole texts: of the sample, of what is hostile, of anything.

use proptest::prelude::*;

use super::*;
use crate::testing;

fn heading() -> Heading {
    Heading {
        id: "incident 7f3c9a1b2c3d".to_owned(),
        title: "web server ran a shell".to_owned(),
        notes: vec!["chain verified".to_owned()],
    }
}

fn shown(timeline: &Timeline, options: &Options) -> String {
    let mut out = Vec::new();
    write(timeline, &heading(), options, &mut out).expect("a vector takes all");
    String::from_utf8(out).expect("UTF-8")
}

fn at_width(width: usize) -> Options {
    Options { width, ..Options::default() }
}

/// The text without colours.
fn plain(text: &str) -> String {
    let mut plain = String::new();
    for (at, part) in text.split("\x1b[").enumerate() {
        plain.push_str(if at == 0 { part } else { part.split_once('m').expect("SGR").1 });
    }
    plain
}

fn widest(text: &str) -> usize {
    text.lines().map(paint::columns).max().unwrap_or(0)
}

#[test]
fn the_sample_reads_well_at_every_width() {
    for width in [20, 36, 60, 80, 120, 200] {
        let text = shown(&testing::sample(), &at_width(width));
        assert!(widest(&text) <= width);
        testing::golden(&format!("sample-{width}.txt"), &text);
    }
}

#[test]
fn colours_change_nothing_but_colours() {
    let coloured = Options { palette: Palette::Ansi, ..at_width(100) };
    let text = shown(&testing::sample(), &coloured);
    assert_eq!(plain(&text), shown(&testing::sample(), &at_width(100)));
    for (what, sgr) in [
        ("CRITICAL  ", "\x1b[1;31m"),
        ("WARNING   ", "\x1b[33m"),
        ("www-data → root (setuid program)", "\x1b[1;35m"),
        ("→ 198.51.100.7:4444 tcp", "\x1b[36m"),
    ] {
        assert!(text.contains(&format!("{sgr}{what}\x1b[0m")), "{what}");
    }
}

#[test]
fn what_is_expanded_is_shown_in_full() {
    let sample = testing::sample();
    let with = |expand| shown(&sample, &Options { expand: vec![expand], ..at_width(120) });
    let folded = shown(&sample, &at_width(120));
    assert!(folded.contains("41 files read") && folded.contains("sleep 1  ×12"));
    assert!(!folded.contains("/home/ada/33") && !folded.contains("libcurl.so.4"));
    assert!(with(Expand::Pid(1212)).contains("/home/ada/33"));
    assert!(with(Expand::At(5_990)).contains("/home/ada/33"));
    assert_eq!(with(Expand::Pid(1211)).matches("sleep 1").count(), 12);
    let all = with(Expand::All);
    assert!(all.contains("/home/ada/33") && all.contains("libcurl.so.4"));
}

/// The rows of the tree, without what stands above it.
fn tree(timeline: &Timeline, options: &Options) -> Vec<String> {
    let text = shown(timeline, options);
    let from = text.lines().skip_while(|line| !line.starts_with("container"));
    from.skip(1).map(|line| line.trim_end().to_owned()).collect()
}

const ANCESTORS: [&[&str]; 4] = [&["sshd: ada@pts/1"], &["-bash"], &["make", "x"], &["/bin/sh"]];

#[test]
fn ancestors_that_did_nothing_share_a_line_and_their_child_says_as_whom_it_ran() {
    let timeline = testing::descent(&ANCESTORS);
    let rows = tree(&timeline, &at_width(110));
    assert_eq!(
        rows[0].trim_start(),
        "100 sshd › 101 bash › 102 make › 103 sh  · all: --expand 100"
    );
    assert!(rows[1].contains("104  └─ cat /etc/shadow  · as root  "), "{}", rows[1]);
    let narrow = tree(&timeline, &at_width(44)).join("\n");
    assert!(narrow.contains("› 102 make ›\n"), "it wraps between them: {narrow}");
}

#[test]
fn an_ancestor_that_acted_has_its_row_between_those_that_did_not() {
    let mut timeline = testing::descent(&[&["a"], &["b"], &["c"], &["d"], &["e"]]);
    timeline.processes[2].files = vec![testing::file("/srv/x", crate::model::Acts::CREATED, 5)];
    let rows = tree(&timeline, &at_width(60)).join("\n");
    for (text, branch) in [("100 a › 101 b", ""), ("c  · as root", "└─ "), ("103 d › 104 e", "└─ ")]
    {
        assert!(rows.contains(&format!("{branch}{text}")), "{text}: {rows}");
    }
}

#[test]
fn ancestors_that_did_nothing_unfold() {
    let timeline = testing::descent(&ANCESTORS);
    let with = |options| tree(&timeline, &options).join("\n");
    let all = Options { scope: Scope::All, ..at_width(110) };
    let everything = Options { expand: vec![Expand::All], ..at_width(110) };
    let one = |pid| Options { expand: vec![Expand::Pid(pid)], ..at_width(110) };
    for options in [all, everything, one(100), one(102)] {
        let text = with(options.clone());
        assert!(text.contains("└─ make x") && !text.contains('›'), "{options:?}: {text}");
    }
    assert!(with(one(104)).contains('›'), "what it leads to is not one of them");
}

#[test]
fn what_ancestors_have_beside_the_story_is_counted() {
    let mut timeline = testing::descent(&ANCESTORS);
    let mut other = testing::ended(testing::process(900));
    other.parent = Some(crate::model::ProcessId(1));
    other.commands = vec![testing::command(&["ls"])];
    timeline.processes[1].children.push(crate::model::ProcessId(5));
    timeline.processes.push(other);
    let rows = tree(&timeline, &at_width(110));
    assert!(rows.iter().any(|row| row.contains("101 bash › 102 make")));
    assert!(rows.iter().any(|row| row.contains("1 other process beside the alerts (ls)")));
}

#[test]
fn names_of_ancestors_hide_nothing() {
    let name: &[&str] = &["x\u{202e}\u{1b}[2J"];
    let text = shown(&testing::descent(&[name, name]), &at_width(80));
    assert!(testing::is_harmless(&text));
    assert!(text.contains("100 $'x\\u202e\\x1b[2J' ›"), "{text}");
}

#[test]
fn sessions_beside_the_alerts_are_named_or_shown_with_all() {
    let sample = testing::sample();
    let folded = shown(&sample, &at_width(80));
    assert!(folded.contains("  login of ada · pts/0  4 processes") && !folded.contains("ls -l"));
    let all = shown(&sample, &Options { scope: Scope::All, ..at_width(80) });
    assert!(all.contains("ls -l  ×3") && !all.contains("meanwhile"));
    let quiet = Timeline { alerts: Vec::new(), ..sample };
    assert!(shown(&quiet, &at_width(80)).contains("ls -l"), "without alerts all is shown");
}

#[test]
fn nothing_that_is_hostile_leaves_as_it_was() {
    for width in [20, 80, 300] {
        for expand in [vec![], vec![Expand::All]] {
            let text = shown(&testing::hostile(), &Options { expand, ..at_width(width) });
            assert!(testing::is_harmless(&text));
            assert!(widest(&text) <= width);
            assert!(text.contains("bytes)"), "the argument of 1 MiB says how long it was");
            assert!(text.len() < 600_000, "and is cut: {}", text.len());
        }
    }
}

#[test]
fn a_very_deep_tree_is_told_in_time_and_space() {
    let mut timeline = testing::sample();
    let base = timeline.processes.len() as u32;
    for depth in 0..20_000u32 {
        let mut process = testing::process(i64::from(depth));
        process.relevance = crate::model::Relevance::Related;
        let above = if depth == 0 { 2 } else { base + depth - 1 };
        process.parent = Some(crate::model::ProcessId(above));
        timeline.processes[above as usize].children.push(crate::model::ProcessId(base + depth));
        timeline.processes.push(process);
    }
    let text = shown(&timeline, &at_width(80));
    assert!(text.lines().count() > 20_000 && widest(&text) <= 80);
}

/// One process that did everything thirty thousand times, and has as many children.
#[test]
fn very_much_of_everything_is_told_in_time_and_space() {
    use crate::model::{
        Acts, Change, Command, Moment, Origin, Pipeline, PipelineId, PrivilegeChange, ProcessId,
    };
    const MANY: u32 = 30_000;
    let mut timeline = testing::sample();
    let base = timeline.processes.len() as u32;
    let mut busy = testing::process(7);
    busy.relevance = crate::model::Relevance::Alerted;
    busy.commands = vec![testing::command(&["busy"])];
    for n in 0..MANY {
        let at = Moment { ts_ns: u64::from(n), event: u64::from(n) + 1 };
        let (from, to) = (testing::user(n, ""), testing::user(0, "root"));
        let change = Change::User { from, to, by: "execve" };
        busy.privileges.push(PrivilegeChange { at, change, error: None });
        let origin = if n % 2 == 0 { Origin::Failed { errno: 2 } } else { Origin::Exec };
        let name = n.to_string();
        let command = testing::command(&["x", &name]);
        busy.commands.push(Command { at: Some(at), origin, ..command });
        let acts = if n % 3 == 0 { Acts::WRITTEN } else { Acts::CREATED | Acts::MODE };
        busy.files.push(testing::file(&format!("/{n}/f"), acts, at.ts_ns));
        busy.network
            .push(testing::connection(&format!("10.{}.{}.1:80", n >> 8, n & 255), n.into()));
        let mut child = testing::process(i64::from(n) + 10);
        child.parent = Some(ProcessId(base));
        child.commands = vec![testing::command(&["child", &name])];
        child.commands[0].pipeline = Some(PipelineId(n / 2 + 1));
        busy.children.push(ProcessId(base + n + 1));
        timeline.processes.push(child);
        timeline.pipelines.push(Pipeline { members: vec![ProcessId(base + n + 1); 2] });
    }
    timeline.processes.insert(base as usize, busy);
    timeline.sessions[0].roots.push(ProcessId(base));
    timeline.summary = crate::summary::sentences(&timeline);
    assert!(timeline.summary.iter().all(|sentence| sentence.text.len() < 6_000));
    assert!(shown(&timeline, &at_width(100)).len() < 16 << 20);
}

proptest! {
    #[test]
    fn no_line_is_wider_than_the_page_and_nothing_does_harm(
        timeline in testing::timelines(),
        width in prop_oneof![20usize..60, 60usize..140, 140usize..500],
        all in any::<bool>(),
        ansi in any::<bool>(),
    ) {
        let options = Options {
            width,
            palette: if ansi { Palette::Ansi } else { Palette::Plain },
            scope: if all { Scope::All } else { Scope::Related },
            expand: if all { vec![Expand::All] } else { Vec::new() },
        };
        let text = plain(&shown(&timeline, &options));
        prop_assert!(testing::is_harmless(&text));
        for line in text.lines() {
            prop_assert!(paint::columns(line) <= width, "{} > {width}: {line}", paint::columns(line));
        }
    }

    #[test]
    fn with_all_and_expanded_every_process_in_a_tree_has_a_row(timeline in testing::timelines()) {
        let options =
            Options { scope: Scope::All, expand: vec![Expand::All], ..at_width(300) };
        let text = shown(&timeline, &options);
        for session in &timeline.sessions {
            for &root in &session.roots {
                let pid = timeline.processes[root.index()].pid.to_string();
                prop_assert!(text.contains(&pid));
            }
        }
    }
}
