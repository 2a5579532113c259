//! Tickets: of the sample, of what is hostile, of anything.

use proptest::prelude::*;

use super::*;
use crate::testing;

fn shown(timeline: &Timeline) -> String {
    let heading = Heading {
        id: "incident 7f3c9a1b2c3d".to_owned(),
        title: "web server ran a shell".to_owned(),
        notes: vec!["chain verified".to_owned()],
    };
    let mut out = Vec::new();
    write(timeline, &heading, text::Scope::Related, &mut out).expect("a vector takes all");
    String::from_utf8(out).expect("UTF-8")
}

/// What a reader of Markdown takes for running text: all but blocks and spans of code.
fn bare(markdown: &str) -> String {
    let mut bare = String::new();
    let mut fence: Option<String> = None;
    for line in markdown.lines() {
        let ticks: String = line.chars().take_while(|&c| c == '`').collect();
        match &fence {
            Some(open) if ticks.len() >= open.len() && ticks == line => fence = None,
            Some(_) => {}
            None if ticks.len() >= 3 && line.ends_with("text") => fence = Some(ticks),
            None => {
                bare.push_str(&without_spans(line));
                bare.push('\n');
            }
        }
    }
    assert_eq!(fence, None, "a block that is not closed");
    bare
}

/// A line without its code spans: from a run of backticks to the next of the same length.
fn without_spans(line: &str) -> String {
    let mut bare = String::new();
    let mut rest = line;
    while let Some(at) = rest.find('`') {
        bare.push_str(&rest[..at]);
        let run = rest[at..].chars().take_while(|&c| c == '`').count();
        let after = &rest[at + run..];
        let close = runs(after).find(|&(_, length)| length == run);
        let (close, _) = close.unwrap_or_else(|| panic!("a span that is not closed: {line}"));
        rest = &after[close + run..];
    }
    bare + rest
}

/// Runs of backticks: where, and how long.
fn runs(text: &str) -> impl Iterator<Item = (usize, usize)> + '_ {
    let mut from = 0;
    std::iter::from_fn(move || {
        let at = from + text[from..].find('`')?;
        let length = text[at..].chars().take_while(|&c| c == '`').count();
        from = at + length;
        Some((at, length))
    })
}

/// Whether running text has nothing of which something could be made.
fn check(markdown: &str) {
    assert!(testing::is_harmless(markdown));
    for line in bare(markdown).lines() {
        for harm in ["<", "@", "http", "www.", "![", "](", "[x]", "GH-", "\\", "*", "_", "~", "&"] {
            assert!(!line.contains(harm), "{harm} in {line}");
        }
        let ours = line.starts_with("# ") || line.starts_with("## ") || line.starts_with("| ");
        assert!(ours || !line.contains('#'), "{line}");
    }
}

#[test]
fn the_sample_makes_a_ticket() {
    let ticket = shown(&testing::sample());
    check(&ticket);
    testing::golden("sample.md", &ticket);
}

#[test]
fn nothing_that_is_hostile_becomes_markup() {
    let ticket = shown(&testing::hostile());
    check(&ticket);
    assert!(ticket.len() < 300_000, "{}", ticket.len());
}

#[test]
fn every_row_of_a_table_has_as_many_cells_as_its_head() {
    let ticket = shown(&testing::hostile());
    let bare = bare(&ticket);
    let mut cells = None;
    for line in bare.lines() {
        let bars = line.matches('|').count();
        match cells {
            _ if !line.starts_with('|') => cells = None,
            None => cells = Some(bars),
            Some(head) => assert_eq!(bars, head, "{line}"),
        }
    }
    // Bars in code end cells as well, unless a backslash stands before them.
    for line in ticket.lines().filter(|line| line.starts_with('|')) {
        for (at, _) in line.match_indices('|') {
            let outside = without_spans(&line[..at].replace('`', "")).len() == at;
            assert!(outside || at == 0 || line[..at].ends_with(['\\', ' ']), "{line}");
        }
    }
}

proptest! {
    #[test]
    fn nothing_becomes_markup(timeline in testing::timelines()) {
        check(&shown(&timeline));
    }
}
