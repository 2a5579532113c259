//! An incident from its draft to its removal.

#![allow(clippy::expect_used, clippy::panic, reason = "tests")]

mod common;

use std::{fs, io::Read, os::unix::fs::PermissionsExt};

use capture::{Record, Source, file::Reader};
use common::{Plan, all_whole, filled, listed, reader, writer};
use event::alert::Priority;
use store::{Actor, Ended, Error, Id, IndexUse, Query};

#[test]
fn an_incident_is_listed_once_it_is_closed_and_reads_back_as_it_was_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, plan) = (writer(folder.path()), Plan::of(1));
    let other = reader(folder.path());

    let draft = plan.begin(&store);
    assert_eq!(listed(&other), [], "a draft is nobody's business");
    assert_eq!(other.stats().expect("figures").drafts, 1);
    let closed = plan.end(draft);
    assert_eq!(closed.index_fault, None);

    let listing = other.list(&Query::default()).expect("a listing");
    assert_eq!(listing.incidents, [closed.summary]);
    assert_eq!(listing.index, IndexUse::Whole);
    let summary = &listing.incidents[0];
    assert_eq!((summary.events, summary.alerts, &*summary.title), (20, 1, "web_shell"));
    assert_eq!(summary.rules, ["web_shell".into()]);
    assert_eq!(summary.processes, ["sh".into()]);

    let kept = other.get(&plan.id.to_string()[..5]).expect("it");
    let manifest = kept.manifest.clone();
    assert_eq!((manifest.id, manifest.ended), (plan.id, Ended::Quiet));
    assert_eq!(manifest.window.seen.first_ns, plan.ts_ns);
    assert_eq!(manifest.window.seen.last_ns, plan.ts_ns + 19);
    assert_eq!(manifest.alerts(), [plan.alert(10)]);
    let mut reader = Reader::new(kept.window).expect("a capture");
    let mut events = 0;
    while let Some(record) = reader.next().expect("undamaged") {
        events += u32::from(matches!(record, Record::Event(_)));
    }
    assert_eq!(events, 20);
    assert_eq!(all_whole(&other), 1);
    assert_eq!(other.stats().expect("figures").drafts, 0);
}

#[test]
fn folders_and_files_are_for_their_owner_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("new/store");
    let store = filled(&path, 0..2);
    let draft = Plan::of(9).begin(&store);
    let (mut folders, mut files, mut left) = (0, 0, vec![path]);
    while let Some(path) = left.pop() {
        let meta = fs::symlink_metadata(&path).expect("it");
        if meta.is_dir() {
            left.extend(fs::read_dir(&path).expect("names").map(|e| e.expect("a name").path()));
            folders += 1;
        } else {
            files += 1;
        }
        let mode = if meta.is_dir() { 0o700 } else { 0o600 };
        assert_eq!(meta.permissions().mode() & 0o7777, mode, "{}", path.display());
    }
    assert_eq!((folders, files), (7, 9));
    drop(draft);
}

#[test]
fn an_incident_of_the_same_id_takes_the_place_of_the_earlier_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = filled(folder.path(), 0..3);
    let mut earlier = store.get(&Plan::of(1).id.to_string()).expect("the earlier one");
    let longer = Plan { events: 200, ..Plan::of(1) };
    longer.write(&store);
    assert_eq!(store.list(&Query::default()).expect("a listing").index, IndexUse::Whole);
    assert_eq!(listed(&store).len(), 3);
    let kept = store.get(&longer.id.to_string()).expect("the later one");
    assert_eq!(kept.manifest.window.events, 200);
    let names = |inner| fs::read_dir(folder.path().join("incidents").join(inner)).expect("names");
    assert_eq!((names(".open").count(), names(".trash").count()), (0, 0));
    assert_eq!(names(&longer.id.to_string()).count(), 2);

    let said = earlier.manifest.files.window.bytes;
    let mut window = Vec::new();
    earlier.window.read_to_end(&mut window).expect("it is still there for who opened it");
    assert_eq!(window.len() as u64, said);
}

#[test]
fn an_incident_that_tells_more_stays_unless_something_else_was_asked_for() {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, rich) = (writer(folder.path()), Plan { events: 60, ..Plan::of(1) });
    let first = rich.write(&store);
    assert!(!first.superseded);
    assert!(!rich.write(&store).superseded, "the same again takes its place");
    let narrow = Plan { events: 20, ..rich.clone() };
    let closed = narrow.write(&store);
    assert!(closed.superseded);
    assert_eq!((closed.summary, closed.index_fault), (first.summary, None));
    let kept = || store.get(&rich.id.to_string()).expect("it").manifest;
    assert_eq!((kept().window.events, all_whole(&store)), (60, 1));
    assert!(!narrow.draft_folder(folder.path()).exists());

    let mut draft = narrow.begin(&store);
    draft.manifest().window.before_ns = 5;
    assert!(!narrow.end(draft).superseded);
    assert_eq!(kept().window.events, 20);
}

#[test]
fn an_incident_whose_window_is_gone_does_not_stay() {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, rich) = (writer(folder.path()), Plan { events: 60, ..Plan::of(1) });
    rich.write(&store);
    fs::write(rich.folder(folder.path()).join("window.scap"), "").expect("written");
    assert!(!Plan { events: 20, ..rich }.write(&store).superseded);
    assert_eq!(all_whole(&store), 1);
}

#[test]
fn a_draft_that_is_abandoned_leaves_nothing_and_its_id_is_free() {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, plan) = (writer(folder.path()), Plan::of(1));
    let draft = plan.begin(&store);
    assert!(matches!(store.draft(plan.id), Err(Error::Busy(id)) if id == plan.id));
    draft.abandon().expect("removed");
    assert!(!plan.draft_folder(folder.path()).exists());
    let dropped = plan.begin(&store);
    drop(dropped);
    assert!(plan.draft_folder(folder.path()).exists(), "left for the next writer");
    plan.write(&store);
    assert_eq!(listed(&store), [plan.id]);
}

#[test]
fn drafts_at_the_same_time_do_not_mix() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = writer(folder.path());
    let plans: Vec<Plan> = (0..5).map(|n| Plan { events: 30 + n, ..Plan::of(n) }).collect();
    let drafts: Vec<_> = plans.iter().map(|plan| plan.begin(&store)).collect();
    for (plan, draft) in plans.iter().zip(drafts).rev() {
        plan.end(draft);
    }
    assert_eq!(all_whole(&store), 5);
    for plan in &plans {
        let kept = store.get(&plan.id.to_string()).expect("it");
        assert_eq!(kept.manifest.window.events, plan.events);
    }
}

#[test]
fn the_newest_come_first_and_filters_choose() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = writer(folder.path());
    let actor = |comm: &str, user: &str, container: &str| Actor {
        comm: comm.into(),
        user: user.into(),
        uid: Some(33),
        container_id: container.into(),
        container_name: if container.is_empty() { "".into() } else { "shop-web".into() },
        ..Actor::default()
    };
    let plans = [
        Plan { actor: actor("sh", "www-data", "7f3c9a1e00ff"), ..Plan::of(0) },
        Plan { rule: "Read sensitive file", priority: Priority::Error, ..Plan::of(1) },
        Plan { actor: actor("curl", "root", ""), priority: Priority::Notice, ..Plan::of(2) },
    ];
    plans.iter().rev().for_each(|plan| drop(plan.write(&store)));
    let all = Query::default;
    let text = |text: &str| Some(text.to_owned());
    let time = |number: u64| Some(Plan::of(number).ts_ns);
    let cases: [(Query, &[usize]); 16] = [
        (all(), &[2, 1, 0]),
        (Query { from_ns: time(1), ..all() }, &[2, 1]),
        (Query { to_ns: time(1), ..all() }, &[1, 0]),
        (Query { from_ns: time(1), to_ns: time(1), ..all() }, &[1]),
        (Query { priority: Some(Priority::Error), ..all() }, &[1]),
        (Query { priority: Some(Priority::Warning), ..all() }, &[1, 0]),
        (Query { rule: text("SENSITIVE"), ..all() }, &[1]),
        (Query { process: text("curl"), ..all() }, &[2]),
        (Query { process: text("cur"), ..all() }, &[]),
        (Query { user: text("www-data"), ..all() }, &[0]),
        (Query { user: text("33"), ..all() }, &[2, 0]),
        (Query { container: text("shop-web"), ..all() }, &[0]),
        (Query { container: text("7f3c"), ..all() }, &[0]),
        (Query { host: text("other"), ..all() }, &[]),
        (Query { host: text(""), rule: text("web"), ..all() }, &[2, 0]),
        (Query { limit: Some(1), ..all() }, &[2]),
    ];
    for with_index in [true, false] {
        if !with_index {
            fs::remove_file(folder.path().join("index.sqlite")).expect("the index");
        }
        for (query, want) in &cases {
            let listing = store.list(query).expect("a listing");
            let ids: Vec<Id> = listing.incidents.iter().map(|incident| incident.id).collect();
            let want: Vec<Id> = want.iter().map(|place| plans[*place].id).collect();
            assert_eq!(ids, want, "{query:?}");
            assert_eq!(listing.more, if query.limit.is_some() { 2 } else { 0 });
            assert_eq!(listing.index == IndexUse::Whole, with_index);
        }
    }
}

#[test]
fn an_incident_is_found_by_the_beginning_of_its_id() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = filled(folder.path(), 0..40);
    let mut ids: Vec<String> = listed(&store).iter().map(Id::to_string).collect();
    ids.sort();
    let twins = ids.windows(2).find(|two| two[0][..1] == two[1][..1]).expect("40 ids, 16 digits");
    assert!(store.get(&twins[0]).is_ok());
    assert!(store.get(&twins[0][..11].to_uppercase()).is_ok());
    let told = |prefix: &str| store.get(prefix).expect_err("refused").to_string();
    let ambiguous = told(&twins[0][..1]);
    assert!(
        ambiguous.contains(&twins[0]) && ambiguous.ends_with("give more digits"),
        "{ambiguous}"
    );
    let path = folder.path().display();
    assert_eq!(
        told("0123456789ab"),
        format!("no incident '0123456789ab' in {path}, which holds 40; the list shows their ids")
    );
    for prefix in ["", "xyz", "../..", "0123456789abc", "7f\u{1b}[2J"] {
        let message = told(prefix);
        assert!(message.contains("is not the beginning of an id"), "{message}");
        assert!(!message.contains('\u{1b}'));
    }
}

#[test]
fn what_is_removed_is_gone_at_once_and_a_reader_may_not_remove() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = filled(folder.path(), 0..3);
    let (gone, other) = (Plan::of(1), reader(folder.path()));
    assert!(matches!(other.delete(gone.id), Err(Error::ReadOnly(_))));
    assert!(matches!(other.draft(gone.id), Err(Error::ReadOnly(_))));
    assert!(matches!(other.reindex(), Err(Error::ReadOnly(_))));
    store.delete(gone.id).expect("removed");
    assert_eq!(listed(&other), [Plan::of(2).id, Plan::of(0).id]);
    assert_eq!(other.list(&Query::default()).expect("a listing").index, IndexUse::Whole);
    assert!(matches!(store.delete(gone.id), Err(Error::Unknown { held: 2, .. })));
    let trash = fs::read_dir(folder.path().join("incidents/.trash")).expect("names");
    assert_eq!(trash.count(), 0);
}
