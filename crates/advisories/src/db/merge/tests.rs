//! What imports one after another give, against a model of records by their ids.

use std::{collections::BTreeMap, path::Path};

use proptest::{collection::vec, prelude::*, sample::Index};

use super::super::{Builder, Change, Database, Header, replace};
use super::*;
use crate::{Advisory, Affected, Interval, Space};

/// A record: its id, when it was changed, and what is fixed in which version; one without is withdrawn.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Record {
    id: u8,
    changed: u8,
    fixed: Option<u8>,
}

/// What is imported at once.
#[derive(Clone, Debug)]
enum Import {
    All(Vec<Record>),
    Alone(Vec<Record>),
    Changes(Vec<Record>),
}

/// What is kept of a record.
type Told = BTreeMap<u8, (u8, Option<u8>, Came)>;

fn record() -> impl Strategy<Value = Record> {
    // What a version of a record says is decided by its id and its time.
    (0_u8..6, 0_u8..4).prop_map(|(id, changed)| Record {
        id,
        changed,
        fixed: (!(id + changed).is_multiple_of(4)).then_some(id * 10 + changed),
    })
}

fn advisory(record: &Record) -> Advisory {
    let affected = record.fixed.map(|fixed| Affected {
        space: Space::named("npm"),
        package: format!("p{}", fixed % 3),
        intervals: vec![Interval::below(fixed.to_string())],
        ..Affected::default()
    });
    Advisory {
        id: format!("A-{}", record.id),
        modified: format!("2026-01-0{}T00:00:00Z", record.changed + 1),
        withdrawn: record.fixed.is_none().then(|| "2026".to_owned()),
        affected: affected.into_iter().collect(),
        ..Advisory::default()
    }
}

fn import(folder: &Path, import: &Import) {
    let (records, extent, came) = match import {
        Import::All(records) => (records, Extent::All, Came::Whole),
        Import::Alone(records) => (records, Extent::Records, Came::Alone),
        Import::Changes(records) => (records, Extent::Records, Came::Whole),
    };
    let mut builder = Builder::in_folder(Repeats::Replace, extent, folder.to_owned());
    records.iter().for_each(|record| builder.take(advisory(record), came));
    let header = Header { feed: "a".to_owned(), ..Header::default() };
    replace(folder, builder, header).unwrap();
}

fn model(told: &mut Told, import: &Import) {
    let (records, came) = match import {
        Import::All(records) => {
            told.retain(|_, (.., came)| *came == Came::Alone);
            (records, Came::Whole)
        }
        Import::Alone(records) => (records, Came::Alone),
        Import::Changes(records) => (records, Came::Whole),
    };
    for Record { id, changed, fixed } in records {
        match told.get_mut(id) {
            Some((known, ..)) if *known > *changed => {}
            Some((known, _, before)) if *known == *changed => *before = came.max(*before),
            _ => _ = told.insert(*id, (*changed, *fixed, came)),
        }
    }
}

/// What a database has, read back.
fn told(folder: &Path) -> Told {
    let database = Database::open(folder).unwrap();
    assert!(database.damaged().is_empty(), "{database:?}");
    let [part] = database.parts() else { panic!("{database:?}") };
    let mut fixed = BTreeMap::new();
    part.each_entry(|entry| {
        let version = entry.affected.intervals[0].fixed().unwrap().to_owned();
        assert_eq!(entry.affected.package, format!("p{}", version.parse::<u8>().unwrap() % 3));
        assert_eq!(fixed.insert(entry.id, version), None, "is told once");
    })
    .unwrap();
    assert_eq!(part.header().entries, fixed.len() as u64);
    let ids: Vec<String> = (0..6).map(|id| format!("A-{id}")).collect();
    let details = part.details(ids.iter().map(String::as_str)).unwrap();
    assert_eq!(part.header().advisories, details.iter().flatten().count() as u64);
    let mut told = Told::new();
    for (id, details) in (0..6).zip(details) {
        let Some(details) = details else { continue };
        let fixed = fixed.remove(&format!("A-{id}")).map(|version| version.parse().unwrap());
        assert_eq!(fixed.is_none(), !details.withdrawn.is_empty());
        let days = (0..4).find(|day| {
            crate::db::rows::Moment::of(&format!("2026-01-0{}", day + 1)) == details.modified
        });
        told.insert(id, (days.unwrap(), fixed, details.came));
    }
    assert!(fixed.is_empty(), "entries of no advisory: {fixed:?}");
    told
}

fn imports() -> impl Strategy<Value = Vec<Import>> {
    let records = || vec(record(), 0..6);
    let one = prop_oneof![
        records().prop_map(Import::All),
        records().prop_map(Import::Alone),
        records().prop_map(Import::Changes),
    ];
    vec(one, 1..6)
}

proptest! {
    #[test]
    fn imports_give_what_their_records_say(imports in imports()) {
        let folder = tempfile::tempdir().unwrap();
        let mut expected = Told::new();
        for one in &imports {
            import(folder.path(), one);
            model(&mut expected, one);
            prop_assert_eq!(&told(folder.path()), &expected);
        }
    }

    #[test]
    fn what_is_imported_twice_is_as_once(imports in imports()) {
        let [once, twice] = [1, 2].map(|times| {
            let folder = tempfile::tempdir().unwrap();
            for one in &imports {
                (0..times).for_each(|_| import(folder.path(), one));
            }
            told(folder.path())
        });
        prop_assert_eq!(once, twice);
    }

    /// All that a feed has comes before or after what comes alone: the same is there.
    #[test]
    fn the_order_of_imports_does_not_matter(
        all in vec(record(), 0..6),
        alone in vec(vec(record(), 1..4), 0..4),
        at in any::<Index>(),
    ) {
        // Where something that came alone was changed since in all, the order of both decides if it stays.
        let stays = |record: &Record| !all.iter().any(|it| it.id == record.id && it.changed > record.changed);
        let alone: Vec<Vec<Record>> =
            alone.into_iter().map(|it| it.into_iter().filter(stays).collect()).collect();
        let mut imports: Vec<Import> = alone.into_iter().map(Import::Alone).collect();
        let last = [imports.clone(), vec![Import::All(all.clone())]].concat();
        imports.insert(at.index(imports.len() + 1), Import::All(all));
        let results = [imports.clone(), imports.into_iter().rev().collect(), last].map(|imports| {
            let folder = tempfile::tempdir().unwrap();
            imports.iter().for_each(|one| import(folder.path(), one));
            told(folder.path())
        });
        prop_assert_eq!(&results[0], &results[1]);
        prop_assert_eq!(&results[0], &results[2]);
    }
}

#[test]
fn a_change_that_is_not_committed_never_was() {
    let folder = tempfile::tempdir().unwrap();
    let [old, new] = [1, 2].map(|fixed| Record { id: 1, changed: fixed, fixed: Some(fixed) });
    import(folder.path(), &Import::All(vec![old]));
    let before = told(folder.path());
    let mut change = Change::begin(folder.path()).unwrap();
    let mut builder = Builder::new(Repeats::Replace);
    builder.add(advisory(&new));
    change.put(builder, Header { feed: "a".to_owned(), ..Header::default() }).unwrap();
    assert_eq!(told(folder.path()), before, "readers have what was there");
    // As if the process had been killed here.
    std::mem::forget(change);
    assert_eq!(told(folder.path()), before);
}

#[test]
fn a_part_that_is_damaged_is_no_ground_for_records_but_for_all() {
    let folder = tempfile::tempdir().unwrap();
    let record = Record { id: 1, changed: 1, fixed: Some(1) };
    import(folder.path(), &Import::All(vec![record.clone()]));
    std::fs::write(folder.path().join("a.1.advisories"), "nothing").unwrap();
    let header = || Header { feed: "a".to_owned(), ..Header::default() };
    let folder_of = || folder.path().to_owned();
    let records = Builder::in_folder(Repeats::Replace, Extent::Records, folder_of());
    let error = replace(folder.path(), records, header()).unwrap_err().to_string();
    assert!(error.contains("a.1.advisories: is cut off"), "{error}");
    import(folder.path(), &Import::All(vec![record]));
    assert_eq!(told(folder.path()).len(), 1);
}

#[test]
fn one_change_waits_for_another() {
    let folder = tempfile::tempdir().unwrap();
    let change = Change::begin(folder.path()).unwrap();
    assert!(Change::try_begin(folder.path()).unwrap().is_none());
    drop(change);
    assert!(Change::try_begin(folder.path()).unwrap().is_some());
}

#[test]
fn a_database_of_another_version_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let list = folder.path().join("database.json");
    for (text, why) in [
        (
            r#"{"format": 2}"#,
            "is of format 2, and this program has 3; make it anew in another folder",
        ),
        ("{", "is damaged"),
        (r#"{"format": 3, "generation": 1, "parts": [{"feed": "a", "file": "../a"}]}"#, "names"),
    ] {
        std::fs::write(&list, text).unwrap();
        let errors = [
            Database::open(folder.path()).unwrap_err(),
            Change::begin(folder.path()).map(|_| ()).unwrap_err(),
        ];
        for error in errors {
            assert!(error.to_string().contains(why), "{error}");
        }
        assert_eq!(std::fs::read_to_string(&list).unwrap(), text);
    }
}

#[test]
fn statements_of_one_id_are_put_together_at_once() {
    const STATEMENTS: usize = 20_000;
    let folder = tempfile::tempdir().unwrap();
    let mut builder = Builder::new(Repeats::Add);
    // To put each of them in order with all that came before would take minutes.
    for at in (0..STATEMENTS).rev() {
        let names = [at, at / 2].map(|at| format!("CVE-{at:06}"));
        builder.add(Advisory {
            id: "A-1".to_owned(),
            summary: at.to_string(),
            aliases: names.to_vec(),
            ..Advisory::default()
        });
    }
    let header = Header { feed: "a".to_owned(), ..Header::default() };
    let part = replace(folder.path(), builder, header).unwrap();
    let details = part.details(["A-1"].into_iter()).unwrap().remove(0).unwrap();
    let expected: Vec<String> = (0..STATEMENTS).map(|at| format!("CVE-{at:06}")).collect();
    assert_eq!(details.aliases, expected);
}
