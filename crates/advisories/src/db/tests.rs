//! The folder as a whole.

use std::fs;

use proptest::prelude::*;

use super::*;
use crate::{Advisory, Affected, Interval, Rating};

fn advisory(id: &str, package: &str, fixed: &str) -> Advisory {
    Advisory {
        id: id.to_owned(),
        summary: format!("of {package}"),
        ratings: Rating::level("test", "high").into_iter().collect(),
        affected: vec![Affected {
            space: Space::named("npm"),
            package: package.to_owned(),
            intervals: vec![Interval::below(fixed)],
            ..Affected::default()
        }],
        ..Advisory::default()
    }
}

fn header(feed: &str) -> Header {
    Header {
        feed: feed.to_owned(),
        imported: "2026-01-01T00:00:00Z".to_owned(),
        ..Header::default()
    }
}

fn built(advisories: impl IntoIterator<Item = Advisory>, repeats: Repeats) -> Builder {
    let mut builder = Builder::new(repeats);
    advisories.into_iter().for_each(|advisory| builder.add(advisory));
    builder
}

/// Names of all files of a folder, in order.
fn names(folder: &Path) -> Vec<String> {
    let listed = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> =
        listed.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn what_is_kept_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let all = [advisory("A-1", "left", "1.0"), advisory("A-2", "left", "2.0")];
    replace(folder.path(), built(all, Repeats::Add), header("osv-npm")).unwrap();
    let database = Database::open(folder.path()).unwrap();
    assert!(database.damaged().is_empty());
    let [part] = database.parts() else { panic!("{database:?}") };
    let (advisories, entries) = (part.header().advisories, part.header().entries);
    assert_eq!((advisories, entries, &*part.header().spaces), (2, 2, &["npm".to_owned()][..]));
    let npm = Space::named("npm");
    let found = part.entries([(&npm, "left"), (&npm, "right")].into_iter()).unwrap();
    let ids: Vec<&str> = found[0].iter().map(|entry| entry.id.as_str()).collect();
    assert_eq!((ids, found[1].len()), (vec!["A-1", "A-2"], 0));
    let details = part.details(["A-2", "B"].into_iter()).unwrap();
    assert_eq!(details[0].as_ref().unwrap().summary, "of left");
    assert_eq!(details[1], None);
}

#[test]
fn one_that_was_taken_back_says_nothing_of_packages() {
    let folder = tempfile::tempdir().unwrap();
    let withdrawn = Some("2026-01-01T00:00:00Z".to_owned());
    let one = Advisory { withdrawn, ..advisory("A-1", "left", "1.0") };
    let part = replace(folder.path(), built([one], Repeats::Add), header("a")).unwrap();
    assert_eq!((part.header().advisories, part.header().entries), (1, 0));
    let details = part.details(["A-1"].into_iter()).unwrap();
    assert_eq!(details[0].as_ref().unwrap().withdrawn, "2026-01-01T00:00:00Z");
}

#[test]
fn the_one_that_was_changed_last_counts() {
    let (old, new) = (advisory("A-1", "left", "1.0"), advisory("A-1", "right", "2.0"));
    let old = Advisory { modified: "2025-01-01T00:00:00Z".into(), ..old };
    let new = Advisory { modified: "2026-01-01T00:00:00Z".into(), ..new };
    for order in [[old.clone(), new.clone()], [new, old]] {
        let folder = tempfile::tempdir().unwrap();
        let part = replace(folder.path(), built(order, Repeats::Replace), header("a")).unwrap();
        let mut packages = Vec::new();
        part.each_entry(|entry| packages.push(entry.affected.package)).unwrap();
        assert_eq!(packages, ["right"]);
    }
}

#[test]
fn a_part_that_is_damaged_is_told_and_the_others_are_used() {
    let folder = tempfile::tempdir().unwrap();
    for feed in ["a", "b"] {
        let one = advisory("A-1", "left", "1.0");
        replace(folder.path(), built([one], Repeats::Add), header(feed)).unwrap();
    }
    let path = folder.path().join("a.1.advisories");
    let whole = fs::read(&path).unwrap();
    for cut in 0..whole.len() {
        fs::write(&path, &whole[..cut]).unwrap();
        let database = Database::open(folder.path()).unwrap();
        assert_eq!((database.parts().len(), database.damaged().len()), (1, 1), "{cut}");
        let why = database.damaged()[0].to_string();
        assert!(
            why.contains("a.1.advisories")
                && why.ends_with("import all of its feed again, or update it"),
            "{why}"
        );
    }
}

#[test]
fn a_part_that_is_replaced_stays_for_who_has_it_open() {
    let folder = tempfile::tempdir().unwrap();
    let first = built([advisory("A-1", "left", "1.0")], Repeats::Add);
    let old = replace(folder.path(), first, header("a")).unwrap();
    let second = built([advisory("A-2", "left", "1.0")], Repeats::Add);
    let new = replace(folder.path(), second, header("a")).unwrap();
    let npm = Space::named("npm");
    for (part, id) in [(old, "A-1"), (new, "A-2")] {
        let found = part.entries([(&npm, "left")].into_iter()).unwrap();
        assert_eq!(found[0][0].id, id);
    }
    assert_eq!(names(folder.path()), [".lock", "a.2.advisories", "database.json"]);
}

#[test]
fn what_lines_have_in_common_stands_once_and_stays_when_a_record_is_added() {
    const RECORDS: usize = 6_000;
    let folder = tempfile::tempdir().unwrap();
    let of = |at: usize| Advisory {
        summary: format!("in {} some thing number {at} is wrong with parsing", at % 97),
        modified: "2026-01-01T00:00:00Z".to_owned(),
        ..advisory(&format!("A-{at:05}"), &format!("p{}", at % 7), "1.0")
    };
    replace(folder.path(), built((0..RECORDS).map(of), Repeats::Replace), header("a")).unwrap();
    let mut builder = Builder::in_folder(Repeats::Replace, Extent::Records, folder.path().into());
    builder.take(of(RECORDS), Came::Alone);
    let part = replace(folder.path(), builder, header("a")).unwrap();
    assert!(part.dictionary().unwrap().len() > 4 << 10, "{:?}", part.dictionary().map(<[u8]>::len));
    part.check().unwrap();
    let npm = Space::named("npm");
    let names: Vec<String> = (0..7).map(|at| format!("p{at}")).collect();
    let found = part.entries(names.iter().rev().map(|name| (&npm, name.as_str()))).unwrap();
    let mut ids: Vec<String> = found.into_iter().flatten().map(|it| it.id).collect();
    ids.sort();
    let expected: Vec<String> = (0..=RECORDS).map(|at| format!("A-{at:05}")).collect();
    assert_eq!(ids, expected);
    let details = part.details(expected.iter().map(String::as_str)).unwrap();
    assert!(details.iter().zip(0..).all(|(it, at)| it.as_ref().unwrap().summary == of(at).summary));
}

#[test]
fn feeds_with_names_that_none_has_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let mut change = Change::begin(folder.path()).unwrap();
    let long = "a".repeat(101);
    for feed in ["", "a\nb\x1b[31m", "../a", ".a", "-a", "a/b", "A", "ä", &long] {
        let mut draft = change.draft().unwrap();
        let writer = part::Writer::new(draft.as_file().try_clone().unwrap()).unwrap();
        let none = table::Index::default();
        writer.finish(&header(feed), &none, &none, &[]).unwrap();
        std::io::Seek::rewind(&mut draft).unwrap();
        let why = change.take(draft, "sha256:07".to_owned()).unwrap_err().to_string();
        assert!(why.starts_with("sha256:07: ") && !why.contains(char::is_control), "{why}");
        let one = built([advisory("A-1", "left", "1.0")], Repeats::Add);
        let why = change.put(one, header(feed)).unwrap_err().to_string();
        assert!(why.contains("is of a feed with a name") && !why.contains('\n'), "{why}");
    }
    drop(change);
    assert_eq!(names(folder.path()), [".lock"]);
    for feed in ["osv-crates.io", "alpine-v3.20-main", "database.json", "7zip:a_b"] {
        let one = built([advisory("A-1", "left", "1.0")], Repeats::Add);
        replace(folder.path(), one, header(feed)).unwrap();
    }
    assert_eq!(Database::open(folder.path()).unwrap().parts().len(), 4);
}

/// A part with these bytes as its list of blocks.
fn with_blocks(blocks: &[u8]) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    let writer = part::Writer::new(file.as_file().try_clone().unwrap()).unwrap();
    let none = table::Index::default();
    writer.finish(&header("a"), &none, &none, &[]).unwrap();
    let whole = fs::read(file.path()).unwrap();
    let (magic, end) = (&whole[..8], &whole[whole.len() - 32..]);
    let length = |at: usize| u64::from_le_bytes(end[at..at + 8].try_into().unwrap()) as usize;
    let head = &whole[8 + length(8)..8 + length(8) + length(16)];
    let blocks = table::pack(blocks).unwrap();
    let lengths = [0, blocks.len() as u64, head.len() as u64].map(u64::to_le_bytes).concat();
    fs::write(file.path(), [magic, &blocks, head, &lengths, magic].concat()).unwrap();
    file
}

#[test]
fn lists_of_blocks_that_have_no_room_are_refused() {
    let why = |blocks: &[u8]| {
        let file = with_blocks(blocks);
        assert!(fs::metadata(file.path()).unwrap().len() < 8 << 10, "is small as stored");
        Part::open(file.path()).map(drop).unwrap_err().to_string()
    };
    // Blocks without bytes, as many as there are bytes of the list for.
    let blocks = |bytes: usize| {
        let mut list = Vec::new();
        codec::put(&mut list, bytes as u64 / 4);
        list.resize(bytes, 0);
        list
    };
    let told = why(&blocks(500 << 10));
    assert!(told.contains("list of blocks that is none"), "{told}");
    let told = why(&blocks(60 << 20));
    assert!(told.contains("more bytes than it may have"), "{told}");
}

proptest! {
    #[test]
    fn the_order_in_which_advisories_come_does_not_matter(
        all in prop::collection::vec(("[AB]-[12]", "[ab]", "[12]", "202[56]"), 0..9).prop_shuffle(),
        repeats in prop::sample::select(vec![Repeats::Add, Repeats::Replace]),
    ) {
        let made = |(id, package, fixed, modified): &(String, String, String, String)| Advisory {
            modified: modified.clone(),
            references: vec![fixed.clone()],
            ..advisory(id, package, fixed)
        };
        let bytes = |all: Vec<Advisory>| {
            let folder = tempfile::tempdir().unwrap();
            replace(folder.path(), built(all, repeats), header("a")).unwrap();
            fs::read(folder.path().join("a.1.advisories")).unwrap()
        };
        let forwards = bytes(all.iter().map(made).collect());
        prop_assert_eq!(forwards, bytes(all.iter().rev().map(made).collect()));
    }
}
