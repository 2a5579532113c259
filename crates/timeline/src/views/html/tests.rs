//! The page as a whole: read tag by tag, as strictly as no browser does.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::{
    model::{ProcessId, Recorded, Relevance, Session, SessionKind},
    testing,
};

fn page(timeline: &Timeline) -> String {
    let heading = Heading {
        id: "incident 7f3c9a4b21de".to_owned(),
        title: samples::HOSTILE.to_owned(),
        notes: vec![samples::HOSTILE.to_owned()],
    };
    let mut out = Vec::new();
    write(timeline, &heading, &mut out).expect("a Vec takes all");
    String::from_utf8(out).expect("UTF-8")
}

/// A tag and its attributes.
#[derive(Debug)]
struct Tag<'p> {
    name: &'p str,
    attributes: Vec<(&'p str, &'p str)>,
}

/// The tags of a page, without what stands in style and script.
fn tags(page: &str) -> Vec<Tag<'_>> {
    let mut tags = Vec::new();
    let mut rest = page;
    while let Some((_, after)) = rest.split_once('<') {
        let (tag, behind) = after.split_once('>').expect("a tag ends");
        let tag = parsed(tag);
        rest = match tag.name {
            "style" | "script" => behind.split_once("</").expect("it ends").1,
            _ => behind,
        };
        tags.push(tag);
    }
    tags
}

fn parsed(tag: &str) -> Tag<'_> {
    let (name, mut rest) = tag.split_once([' ', '\n']).unwrap_or((tag, ""));
    let mut attributes = Vec::new();
    while !rest.is_empty() {
        let end = rest.find(['=', ' ']).unwrap_or(rest.len());
        let (name, value) = rest.split_at(end);
        let (value, after) = match value.strip_prefix("=\"") {
            Some(quoted) => quoted.split_once('"').expect("a value ends"),
            None => value.trim_start_matches('=').split_once(' ').unwrap_or((value, "")),
        };
        attributes.push((name, value.trim_start_matches('=')));
        rest = after.trim_start();
    }
    Tag { name, attributes }
}

/// All that a page is made of. Nothing that loads, runs, sends or frames anything is among it.
const TAGS: [&str; 59] = [
    "!doctype", "html", "head", "meta", "title", "style", "script", "body", "header", "main",
    "footer", "section", "div", "h1", "h2", "h3", "p", "ul", "ol", "li", "dl", "dt", "dd", "table",
    "thead", "tbody", "tr", "th", "td", "a", "b", "i", "q", "em", "small", "strong", "span",
    "code", "bdi", "time", "details", "summary", "label", "input", "button", "fieldset", "legend",
    "svg", "path", "rect", "line", "text", "g", "figure", "nav", "pre", "kbd", "sup", "br",
];

fn check(page: &str) {
    let tags = tags(page);
    let mut ids = BTreeSet::new();
    let mut links = BTreeSet::new();
    for tag in &tags {
        let name = tag.name.trim_start_matches('/').trim_end_matches('/');
        assert!(TAGS.contains(&name), "{tag:?}");
        for (attribute, value) in &tag.attributes {
            assert!(!attribute.starts_with("on") && *attribute != "style", "{tag:?}");
            match *attribute {
                "id" => assert!(ids.insert(*value), "twice: {value}"),
                "href" => drop(links.insert(value.strip_prefix('#').expect("a place in the page"))),
                "src" | "action" | "formaction" | "srcdoc" => panic!("{tag:?}"),
                _ => {}
            }
        }
    }
    let lost: Vec<_> = links.difference(&ids).collect();
    assert!(lost.is_empty(), "links to nowhere: {lost:?}");
    assert_eq!(tags.iter().filter(|tag| tag.name == "script").count(), 1);
    assert_eq!(tags.iter().filter(|tag| tag.name == "style").count(), 1);
}

fn ids_of<'p>(page: &'p str, begin: &str) -> Vec<&'p str> {
    let tags = tags(page).into_iter().flat_map(|tag| tag.attributes);
    let ids = tags.filter(|(name, _)| *name == "id").map(|(_, value)| value);
    ids.filter(|id| {
        id.strip_prefix(begin).is_some_and(|n| n.starts_with(|c: char| c == '-' || c.is_numeric()))
    })
    .collect()
}

#[test]
fn samples_are_sound_and_whole() {
    for timeline in [samples::attack(), samples::hostile()] {
        let page = page(&timeline);
        check(&page);
        assert_eq!(ids_of(&page, "p").len(), timeline.processes.len());
        assert_eq!(ids_of(&page, "a").len(), timeline.alerts.len());
    }
}

#[test]
fn nothing_hidden_or_hostile_stands_in_the_page_as_it_was_recorded() {
    let page = page(&samples::hostile());
    let body = page.split("<body>").nth(1).expect("a body");
    for forbidden in ["<script>alert", "<img", "<svg/", "<style", "\u{202e}", "\u{1b}", "<!--"] {
        assert!(!body.contains(forbidden), "{forbidden}");
    }
    assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
    assert!(page.contains("\\u{202e}txt.exe\\x1b[2J"));
    assert!(page.contains("<bdi>"), "what runs from right to left is isolated");
}

#[test]
fn a_long_argument_is_cut_and_says_how_long_it_was() {
    let page = page(&samples::hostile());
    assert!(page.contains("… (1,048,576 bytes)"));
    assert!(page.len() < 300_000, "{} bytes", page.len());
}

#[test]
fn the_same_timeline_gives_the_same_bytes() {
    assert_eq!(page(&samples::attack()), page(&samples::attack()));
}

#[test]
fn a_hundred_thousand_events_fit_into_ten_megabytes() {
    let page = page(&samples::large(100_000));
    assert!(page.len() < 10_000_000, "{} bytes", page.len());
}

#[test]
fn a_chain_of_forks_is_told_whole_without_deep_nesting() {
    let mut timeline = Timeline::default();
    for at in 0..5_000u32 {
        let mut process = testing::process(i64::from(at));
        process.relevance = Relevance::Related;
        process.parent = at.checked_sub(1).map(ProcessId);
        process.children = if at < 4_999 { vec![ProcessId(at + 1)] } else { Vec::new() };
        timeline.processes.push(process);
    }
    timeline.sessions = vec![Session {
        kind: SessionKind::Service { name: Recorded::default() },
        roots: vec![ProcessId(0)],
        source: None,
        relevance: Relevance::Alerted,
        processes: 5_000,
        events: 5_000,
    }];
    let page = page(&timeline);
    check(&page);
    assert_eq!(ids_of(&page, "p").len(), 5_000);
    let depth = page.lines().map(|line| line.matches("</ul>").count()).max();
    assert!(page.matches("<ul class=\"k").count() < 50, "{depth:?}");
    assert!(page.contains("child of"));
}

#[test]
fn ancestors_that_did_nothing_are_a_row_that_opens() {
    let long = "x".repeat(300);
    let hidden: &[&str] = &["<b>\u{202e}"];
    let mut timeline = testing::descent(&[&["-bash"], &["sh", "-c", &long], hidden]);
    let folded = page(&timeline);
    check(&folded);
    let row = "<code><bdi>100 bash › 101 sh › 102 $&#39;&lt;b&gt;\\u202e&#39;</bdi></code>";
    let (_, after) = folded.split_once(row).expect("their row");
    let (within, below) = after.split_once("</details>\n<ul class=\"k d1\">").expect("a fold");
    assert!(within.contains(&long) && within.matches("<li").count() == 3, "{within}");
    let (child, _) = below.split_once("</code>").expect("the row of the child");
    assert!(child.contains("/etc/shadow") && child.matches("<li").count() == 1, "{child}");
    assert_eq!(ids_of(&folded, "p").len(), 4);
    timeline.processes[1].events = 1;
    assert!(!page(&timeline).contains("› 101"), "whoever acted stands alone");
}

#[test]
fn an_empty_timeline_is_a_page() {
    check(&page(&Timeline::default()));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_timeline_is_a_sound_page_that_tells_every_process(timeline in testing::timelines()) {
        let page = page(&timeline);
        check(&page);
        prop_assert_eq!(ids_of(&page, "p").len(), timeline.processes.len());
    }
}
