//! What a store is not opened for, and what it does not follow.

#![allow(clippy::expect_used, clippy::panic, reason = "tests")]

mod common;

use std::{
    fs,
    os::unix::fs::{DirBuilderExt, symlink},
    path::Path,
    process::Command,
};

use common::{Plan, filled, listed, reader, writer};
use store::{Access, Error, Fault, Outcome, Query, Scope, Store};

/// What is said when the store is opened.
fn told(path: &Path, access: Access) -> String {
    Store::open(path, access).expect_err("refused").to_string()
}

#[test]
fn a_folder_that_is_no_store_is_not_made_one_unless_it_is_empty() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    let missing = told(&at("missing"), Access::Read);
    assert!(missing.starts_with("no store in ") && missing.contains("--store"), "{missing}");

    fs::create_dir(at("empty")).expect("a folder");
    assert!(told(&at("empty"), Access::Read).starts_with("no store in "));
    drop(writer(&at("empty")));
    drop(reader(&at("empty")));

    fs::create_dir(at("other")).expect("a folder");
    fs::write(at("other/notes.txt"), "mine").expect("a file");
    assert!(
        told(&at("other"), Access::Write)
            .ends_with("is not empty and no store; give a new or empty folder")
    );
    assert_eq!(fs::read_dir(at("other")).expect("names").count(), 1, "nothing was put there");

    fs::create_dir_all(at("mount/lost+found")).expect("a folder");
    drop(writer(&at("mount")));

    fs::write(at("file"), "").expect("a file");
    for access in [Access::Read, Access::Write] {
        assert!(told(&at("file"), access).contains("file is a file, not a folder; "));
    }
}

#[test]
fn what_was_only_begun_when_it_was_made_is_made_at_the_next_time() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("lock"), "1\n").expect("a file");
    fs::create_dir(folder.path().join("incidents")).expect("a folder");
    assert!(told(folder.path(), Access::Read).starts_with("no store in "));
    drop(filled(folder.path(), 0..1));
    assert_eq!(listed(&reader(folder.path())).len(), 1);
}

#[test]
fn a_store_that_lost_its_format_is_told_how_to_get_it_back() {
    let folder = tempfile::tempdir().expect("a folder");
    drop(filled(folder.path(), 0..1));
    let format = folder.path().join("store.json");
    fs::remove_file(&format).expect("removed");
    for access in [Access::Read, Access::Write] {
        let message = told(folder.path(), access);
        assert!(message.contains("write {\"format\":1} into ") && message.ends_with("/store.json"));
    }
    fs::write(&format, "{\"format\":1}").expect("written");
    assert_eq!(listed(&writer(folder.path())).len(), 1);
}

#[test]
fn removing_the_lock_lets_no_second_writer_in() {
    let folder = tempfile::tempdir().expect("a folder");
    let first = filled(folder.path(), 0..1);
    for _ in 0..2 {
        fs::remove_file(folder.path().join("lock")).expect("removed");
        assert!(matches!(Store::open(folder.path(), Access::Write), Err(Error::Locked { .. })));
    }
    drop(first);
    drop(writer(folder.path()));
}

#[test]
fn other_formats_are_refused_by_name() {
    let folder = tempfile::tempdir().expect("a folder");
    drop(filled(folder.path(), 0..1));
    let format = folder.path().join("store.json");
    let long = " ".repeat(70_000);
    let cases = [
        ("{\"format\":2}", "has format 2, newer than 1; update this program"),
        ("{\"format\":1,\"later\":[1]}", ""),
        ("{\"format\":0}", "there is no format 0"),
        ("{\"form\":1}", "missing field `format`"),
        ("\u{0}\u{0}", "expected value"),
        ("", "EOF"),
        (&*long, "larger than 65536 bytes"),
    ];
    for (text, want) in cases {
        fs::write(&format, text).expect("written");
        for access in [Access::Read, Access::Write] {
            match Store::open(folder.path(), access) {
                Ok(store) => assert_eq!((want, listed(&store).len()), ("", 1)),
                Err(error) => {
                    let error = error.to_string();
                    assert!(!want.is_empty() && error.contains(want), "{text:?}: {error}");
                }
            }
        }
    }
}

#[test]
fn a_second_writer_is_told_who_the_first_is_and_readers_are_not_held_up() {
    let folder = tempfile::tempdir().expect("a folder");
    let first = filled(folder.path(), 0..1);
    let path = folder.path().canonicalize().expect("a path");
    assert_eq!(
        told(folder.path(), Access::Write),
        format!(
            "the store {} is being written by process {}; wait until it ends, or use another",
            path.display(),
            std::process::id()
        )
    );
    assert_eq!(listed(&reader(folder.path())).len(), 1);
    let draft = Plan::of(5).begin(&first);
    drop(first);
    assert!(matches!(Store::open(&path, Access::Write), Err(Error::Locked { .. })), "a draft");
    drop(draft);
    drop(writer(folder.path()));

    let lock = fs::File::open(folder.path().join("lock")).expect("the lock's file");
    lock.lock().expect("locked");
    fs::write(folder.path().join("lock"), "\u{1b}[2J").expect("written");
    assert!(told(folder.path(), Access::Write).contains("is being written by another process"));
}

#[test]
fn links_and_pipes_within_a_store_are_refused() {
    let elsewhere = tempfile::tempdir().expect("a folder");
    drop(filled(elsewhere.path(), 0..1));
    let plan = Plan::of(0);
    let cases: [(&str, Access); 7] = [
        ("store.json", Access::Read),
        ("store.json", Access::Write),
        ("incidents", Access::Read),
        ("incidents", Access::Write),
        ("incidents/.open", Access::Write),
        ("incidents/.trash", Access::Write),
        ("lock", Access::Write),
    ];
    for (name, access) in cases {
        for kind in ["link", "pipe"] {
            let folder = tempfile::tempdir().expect("a folder");
            drop(filled(folder.path(), 0..1));
            put_instead(folder.path(), name, kind, &elsewhere.path().join(name));
            let message = told(folder.path(), access);
            let want = if kind == "link" { "is a symbolic link" } else { " is not a f" };
            assert!(message.contains(want) && message.contains(name), "{name}: {message}");
        }
    }
    let inner = [
        format!("incidents/{}", plan.id),
        format!("incidents/{}/incident.json", plan.id),
        format!("incidents/{}/window.scap", plan.id),
    ];
    for name in inner {
        for kind in ["link", "pipe"] {
            let folder = tempfile::tempdir().expect("a folder");
            drop(filled(folder.path(), 0..2));
            put_instead(folder.path(), &name, kind, &elsewhere.path().join(&name));
            let store = writer(folder.path());
            let listing = store.list(&Query::default()).expect("a listing");
            assert_eq!(listing.incidents.len(), 1, "{name} {kind}");
            assert_eq!(*listing.damaged[0].name, *plan.id.to_string());
            assert!(matches!(listing.damaged[0].fault, Fault::Unreadable(_)));
            let verified = store.verify(Scope::All).expect("verified");
            assert_eq!(verified.faults.len(), 1, "{name} {kind}");
            assert!(store.get(&plan.id.to_string()).is_err(), "{name} {kind}");
            plan.write(&store);
            assert_eq!(listed(&store).len(), 2, "a new one takes its place");
        }
    }
    assert_eq!(listed(&reader(elsewhere.path())), [plan.id], "nothing was done elsewhere");
}

#[test]
fn a_link_in_place_of_the_index_is_not_followed() {
    let elsewhere = tempfile::tempdir().expect("a folder");
    let folder = tempfile::tempdir().expect("a folder");
    drop(filled(elsewhere.path(), 0..1));
    drop(filled(folder.path(), 0..2));
    let theirs = elsewhere.path().join("index.sqlite");
    let before = fs::read(&theirs).expect("theirs");
    put_instead(folder.path(), "index.sqlite", "link", &theirs);
    let listing = reader(folder.path()).list(&Query::default()).expect("a listing");
    assert_eq!(listing.incidents.len(), 2);
    assert_eq!(listing.index, store::IndexUse::Unusable("it is not a file".to_owned()));
    let store = writer(folder.path());
    assert_eq!(store.list(&Query::default()).expect("a listing").index, store::IndexUse::Whole);
    assert_eq!(fs::read(&theirs).expect("theirs"), before);
}

#[test]
fn a_link_among_the_drafts_is_left_alone() {
    let elsewhere = tempfile::tempdir().expect("a folder");
    fs::write(elsewhere.path().join("draft.jsonl"), "mine").expect("a file");
    let folder = tempfile::tempdir().expect("a folder");
    drop(filled(folder.path(), 0..1));
    let plan = Plan::of(7);
    symlink(elsewhere.path(), plan.draft_folder(folder.path())).expect("a link");
    fs::DirBuilder::new()
        .mode(0o700)
        .create(folder.path().join("incidents/.open/x"))
        .expect("made");
    let store = writer(folder.path());
    assert_eq!(store.recovered().len(), 2);
    assert!(store.recovered().iter().all(|it| matches!(it.outcome, Outcome::Left(_))));
    plan.write(&store);
    assert_eq!(fs::read(elsewhere.path().join("draft.jsonl")).expect("it"), b"mine");
    assert_eq!(listed(&store).len(), 2);
}

/// Puts a link or a pipe in place of what the store has there.
fn put_instead(store: &Path, name: &str, kind: &str, target: &Path) {
    let path = store.join(name);
    if path.is_dir() {
        fs::remove_dir_all(&path).expect("removed");
    } else {
        fs::remove_file(&path).expect("removed");
    }
    match kind {
        "link" => symlink(target, &path).expect("a link"),
        _ => assert!(Command::new("mkfifo").arg(&path).status().expect("mkfifo").success()),
    }
}
