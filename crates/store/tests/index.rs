//! The index saves reading, and changes nothing else: whatever stands in it, the same is listed.

#![allow(clippy::expect_used, clippy::panic, reason = "tests")]

mod common;

use std::{
    fs::{self, File},
    os::unix::fs::FileExt,
    path::Path,
};

use common::{Plan, filled, folder_in_memory, listed, reader, writer};
use proptest::prelude::*;
use rusqlite::Connection;
use store::{IndexUse, Query, Store};

/// What a reader finds; asserts that it is what there is.
fn used(path: &Path, incidents: usize) -> IndexUse {
    let listing = reader(path).list(&Query::default()).expect("a listing");
    assert_eq!(listing.damaged, []);
    assert_eq!(listing.incidents.len(), incidents);
    for (place, incident) in listing.incidents.iter().enumerate() {
        let plan = Plan::of((incidents - 1 - place) as u64);
        assert_eq!((incident.id, incident.first_alert_ns), (plan.id, plan.ts_ns));
        assert_eq!((&*incident.title, incident.events), (plan.rule, 20));
    }
    listing.index
}

fn is_unusable(index: &IndexUse) -> bool {
    matches!(index, IndexUse::Unusable(reason) if !reason.is_empty())
}

/// Changes the index by hand.
fn sql(path: &Path, text: &str) {
    let connection = Connection::open(path.join("index.sqlite")).expect("opens");
    connection.execute_batch(text).expect("done");
}

#[test]
fn an_index_that_is_missing_or_damaged_changes_nothing_and_a_writer_makes_it_anew() {
    let folder = folder_in_memory();
    drop(filled(folder.path(), 0..4));
    let index = folder.path().join("index.sqlite");
    assert_eq!(used(folder.path(), 4), IndexUse::Whole);
    let whole = fs::read(&index).expect("the index");

    fs::remove_file(&index).expect("removed");
    assert_eq!(used(folder.path(), 4), IndexUse::Missing);
    let damaged =
        [Vec::new(), b"garbage".to_vec(), vec![0; 8192], whole[..whole.len() / 2].to_vec()];
    for bytes in damaged {
        fs::write(&index, bytes).expect("written");
        assert!(is_unusable(&used(folder.path(), 4)));
        drop(writer(folder.path()));
        assert_eq!(used(folder.path(), 4), IndexUse::Whole);
    }
}

#[test]
fn a_running_writer_mends_the_index_when_it_next_closes() {
    let folder = folder_in_memory();
    let store = filled(folder.path(), 0..2);
    let index = folder.path().join("index.sqlite");
    let harms: [&dyn Fn(); 4] = [
        &|| fs::remove_file(&index).expect("removed"),
        &|| {
            let file = File::options().write(true).open(&index).expect("the index");
            file.write_all_at(&[0xff; 4096], 0).expect("written");
        },
        &|| File::create(&index).expect("emptied").set_len(0).expect("emptied"),
        &|| drop(fs::rename(&index, folder.path().join("index.old"))),
    ];
    for (number, harm) in harms.iter().enumerate() {
        harm();
        let closed = Plan::of(2 + number as u64).write(&store);
        assert_eq!(closed.index_fault, None);
        assert_eq!(used(folder.path(), 3 + number), IndexUse::Whole, "harm {number}");
    }
    fs::remove_file(&index).expect("removed");
    store.delete(Plan::of(5).id).expect("removed");
    assert_eq!(used(folder.path(), 5), IndexUse::Missing);
    assert_eq!(store.reindex().expect("made anew"), 5);
    assert_eq!(used(folder.path(), 5), IndexUse::Whole);
}

#[test]
fn an_index_that_fell_behind_is_made_up_for() {
    let folder = folder_in_memory();
    drop(filled(folder.path(), 0..3));
    let index = folder.path().join("index.sqlite");
    let earlier = fs::read(&index).expect("the index");
    let store = filled(folder.path(), 3..5);
    // One is replaced, two are new, and one that is in the old index is gone.
    Plan::of(1).write(&store);
    Plan::of(7).write(&store);
    store.delete(Plan::of(7).id).expect("removed");
    fs::write(&index, earlier).expect("the old index");
    assert_eq!(used(folder.path(), 5), IndexUse::Behind(3));
    drop(store);
    drop(writer(folder.path()));
    assert_eq!(used(folder.path(), 5), IndexUse::Whole);
}

#[test]
fn rows_that_were_changed_or_made_up_are_not_believed() {
    let folder = folder_in_memory();
    drop(filled(folder.path(), 0..3));
    let cases = [
        ("UPDATE incidents SET title = 'nothing to see'", IndexUse::Behind(3)),
        ("UPDATE incidents SET digest = ''", IndexUse::Behind(3)),
        (
            "UPDATE incidents SET id = '0123456789ab' WHERE id = (SELECT min(id) FROM incidents)",
            IndexUse::Behind(1),
        ),
        ("DELETE FROM incidents", IndexUse::Behind(3)),
    ];
    for (change, want) in cases {
        drop(writer(folder.path()));
        sql(folder.path(), change);
        assert_eq!(used(folder.path(), 3), want, "{change}");
    }
}

#[test]
fn a_database_of_another_shape_is_not_asked() {
    let folder = folder_in_memory();
    drop(filled(folder.path(), 0..2));
    let endless = "DROP TABLE incidents; CREATE VIEW incidents AS WITH RECURSIVE n(i) AS \
        (SELECT 1 UNION ALL SELECT i FROM n) SELECT * FROM n";
    let trigger = "CREATE TRIGGER t AFTER INSERT ON incidents BEGIN DELETE FROM incidents; END";
    let column = "ALTER TABLE incidents ADD COLUMN more TEXT";
    for change in [endless, trigger, column, "CREATE TABLE other (x)", "DROP TABLE incidents"] {
        sql(folder.path(), change);
        assert!(is_unusable(&used(folder.path(), 2)), "{change}");
        drop(writer(folder.path()));
        assert_eq!(used(folder.path(), 2), IndexUse::Whole, "{change}");
    }
}

#[test]
fn a_database_with_more_in_it_than_fits_is_damaged() {
    let folder = folder_in_memory();
    drop(filled(folder.path(), 0..1));
    let row = "INSERT INTO incidents SELECT printf('%012x', n), ino, mtime_ns, manifest_bytes, host, \
        title, priority, ended, first_alert_ns, last_alert_ns, alerts, events, window_bytes, rules, \
        processes, users, containers, digest FROM incidents, \
        (WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c LIMIT 3000) SELECT n FROM c)";
    sql(folder.path(), row);
    assert!(is_unusable(&used(folder.path(), 1)));
}

#[test]
fn a_journal_that_a_crash_left_is_rolled_back_or_the_folders_are_read() {
    let folder = folder_in_memory();
    drop(filled(folder.path(), 0..2));
    fs::write(folder.path().join("index.sqlite-journal"), [0x5a; 600]).expect("a journal");
    used(folder.path(), 2);
    drop(filled(folder.path(), 2..3));
    assert_eq!(used(folder.path(), 3), IndexUse::Whole);
}

#[test]
fn a_lock_on_the_index_holds_up_neither_readers_nor_the_writer_for_long() {
    let folder = folder_in_memory();
    let store = filled(folder.path(), 0..2);
    let other = Connection::open(folder.path().join("index.sqlite")).expect("opens");
    other.execute_batch("BEGIN EXCLUSIVE").expect("locked");
    assert!(is_unusable(&used(folder.path(), 2)));
    let closed = Plan::of(2).write(&store);
    assert_eq!(closed.index_fault, None, "a new one was made");
    assert_eq!(used(folder.path(), 3), IndexUse::Whole);
}

/// A store whose index is damaged at any places.
fn damaged_in(store: &Store, path: &Path, whole: &[u8], places: &[(usize, u8)]) {
    let mut bytes = whole.to_vec();
    for (at, byte) in places {
        let at = at % bytes.len();
        bytes[at] = *byte;
    }
    fs::write(path.join("index.sqlite"), bytes).expect("written");
    let mut ids = listed(store);
    ids.reverse();
    let want: Vec<_> = (0..3).map(|number| Plan::of(number).id).collect();
    assert_eq!(ids, want);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn no_damage_to_the_index_changes_what_is_listed(
        places in proptest::collection::vec((any::<usize>(), any::<u8>()), 1..40),
        cut in proptest::option::of(0_usize..20_000),
    ) {
        thread_local! {
            static STORE: (tempfile::TempDir, Vec<u8>) = {
                let folder = folder_in_memory();
                drop(filled(folder.path(), 0..3));
                let whole = fs::read(folder.path().join("index.sqlite")).expect("the index");
                (folder, whole)
            };
        }
        STORE.with(|(folder, whole)| {
            let whole = &whole[..cut.unwrap_or(usize::MAX).clamp(1, whole.len())];
            damaged_in(&reader(folder.path()), folder.path(), whole, &places);
        });
    }
}
