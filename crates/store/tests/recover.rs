//! What a crashed writer leaves, state by state, and what the next one makes of it.

#![allow(clippy::expect_used, clippy::panic, reason = "tests")]

mod common;

use std::{
    fs::{self, OpenOptions},
    io::Write,
    os::unix::ffi::OsStrExt,
    path::{Path, PathBuf},
};

use common::{Plan, all_whole, filled, folder_in_memory, listed, reader, writer};
use store::{Ended, Outcome, Query, Recovered, Store};

/// Bytes of the block of one of the events.
const BLOCK_BYTES: usize = 60;

/// A store with a draft that a crash left: half of its events, one alert.
struct Left {
    folder: tempfile::TempDir,
    plan: Plan,
}

impl Left {
    fn new() -> Self {
        let folder = folder_in_memory();
        let plan = Plan::of(1);
        drop(plan.begin(&writer(folder.path())));
        Self { folder, plan }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn file(&self, name: &str) -> PathBuf {
        self.plan.draft_folder(self.path()).join(name)
    }

    fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.file(name)).expect("a file")
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        fs::write(self.file(name), bytes).expect("written");
    }

    fn append(&self, name: &str, bytes: &[u8]) {
        let mut file = OpenOptions::new().append(true).open(self.file(name)).expect("a file");
        file.write_all(bytes).expect("written");
    }

    /// What the next writer makes of it. Whatever that is, nothing half is listed, and nothing is
    /// left for the one after that.
    fn recover(&self) -> Option<Outcome> {
        let store = writer(self.path());
        all_whole(&store);
        let outcome = store.recovered().first().map(|it| it.outcome.clone());
        let listing = store.list(&Query::default()).expect("a listing");
        assert_eq!(listing.damaged, []);
        assert_eq!(listing.index, store::IndexUse::Whole);
        drop(store);
        if !matches!(outcome, Some(Outcome::Left(_))) {
            assert_eq!(writer(self.path()).recovered(), [], "{outcome:?}");
            assert!(!self.plan.draft_folder(self.path()).exists());
        }
        outcome
    }

    fn kept(&self) -> store::Manifest {
        let kept = reader(self.path()).get(&self.plan.id.to_string()).expect("it");
        kept.manifest.clone()
    }
}

type Change<'a> = &'a dyn Fn(&Left);

fn completed(events: u64, cut_bytes: u64) -> Option<Outcome> {
    Some(Outcome::Completed { alerts: 1, events, cut_bytes })
}

fn is_removed(outcome: Option<Outcome>) -> bool {
    matches!(outcome, Some(Outcome::Removed(_)))
}

#[test]
fn a_draft_with_an_alert_is_completed_with_all_that_was_flushed() {
    let left = Left::new();
    assert_eq!(listed(&reader(left.path())), [], "before that, nobody sees it");
    assert_eq!(left.recover(), completed(10, 0));
    let kept = left.kept();
    assert_eq!(kept.ended, Ended::Interrupted);
    assert_eq!(kept.alerts(), [left.plan.alert(10)]);
    assert_eq!((&*kept.title, kept.priority), (left.plan.rule, left.plan.priority));
    assert_eq!(kept.window.seen.last_ns, left.plan.ts_ns + 9);
    assert!(kept.window.clipped.end, "it does not go on to the end that was asked for");
}

#[test]
fn events_that_reached_the_disk_after_the_last_flush_are_kept_and_half_ones_cut_off() {
    let left = Left::new();
    let window = left.read("window.scap");
    // The last block once more, whole, and then half.
    let block = &window[window.len() - BLOCK_BYTES..];
    left.append("window.scap", &[block, &block[..30]].concat());
    assert_eq!(left.recover(), completed(11, 30));
    assert_eq!(left.kept().window.bytes, (window.len() + BLOCK_BYTES) as u64);
}

#[test]
fn drafts_without_alert_or_events_are_removed_and_that_is_said() {
    let states: [(&str, Change<'_>); 8] = [
        ("nothing noted", &|left| left.write("draft.jsonl", b"")),
        ("half a line", &|left| left.write("draft.jsonl", &left.read("draft.jsonl")[..100])),
        ("no alert", &|left| {
            let line = String::from_utf8(left.read("draft.jsonl")).expect("text");
            let start = line.find(",\"alerts\":[{").expect("alerts");
            left.write(
                "draft.jsonl",
                format!("{},\"alerts\":[],\"repeats\":[]}}\n", &line[..start]).as_bytes(),
            );
        }),
        ("no window", &|left| fs::remove_file(left.file("window.scap")).expect("removed")),
        ("empty window", &|left| left.write("window.scap", b"")),
        ("no events", &|left| left.write("window.scap", &left.read("window.scap")[..200])),
        ("zeros", &|left| left.write("window.scap", &[0; 4096])),
        ("another file", &|left| left.write("window.scap", b"not a capture at all, but long")),
    ];
    for (name, state) in states {
        let left = Left::new();
        state(&left);
        assert!(is_removed(left.recover()), "{name}");
        assert_eq!(listed(&reader(left.path())), [], "{name}");
    }
}

#[test]
fn what_was_only_begun_or_is_the_rest_of_a_replacement_goes_without_a_word() {
    let left = Left::new();
    fs::remove_file(left.file("draft.jsonl")).expect("removed");
    assert_eq!(left.recover(), None);
    fs::create_dir(left.plan.draft_folder(left.path())).expect("a folder");
    assert_eq!(left.recover(), None);

    // Killed after the two changed places: the earlier one is among the drafts, without a journal.
    let plan = Plan::of(5);
    drop(filled(left.path(), 5..6));
    copy(&plan.folder(left.path()), &plan.draft_folder(left.path()));
    drop(
        Plan { events: 50, ..plan.clone() }
            .write(&Store::open(left.path(), store::Access::Write).expect("a writer")),
    );
    copy(&plan.folder(left.path()), &plan.draft_folder(left.path()));
    assert_eq!(left.recover(), None);
    let kept = reader(left.path()).get(&plan.id.to_string()).expect("it");
    assert_eq!(kept.manifest.window.events, 50);
}

#[test]
fn a_finished_draft_is_put_in_its_place_and_one_with_half_a_manifest_completed() {
    let whole = folder_in_memory();
    drop(filled(whole.path(), 1..2));
    let manifest = fs::read(Plan::of(1).folder(whole.path()).join("incident.json")).expect("it");
    let window = fs::read(Plan::of(1).folder(whole.path()).join("window.scap")).expect("it");

    let left = Left::new();
    left.write("window.scap", &window);
    left.write("incident.json", &manifest);
    left.write(".draft.jsonl.new", b"half");
    assert_eq!(left.recover(), Some(Outcome::Finished));
    assert_eq!(left.kept().ended, Ended::Quiet);
    let names = fs::read_dir(left.plan.folder(left.path())).expect("names").count();
    assert_eq!(names, 2, "nothing else is left");

    for cut in [0, 1, manifest.len() / 2, manifest.len() - 3] {
        let left = Left::new();
        left.write("window.scap", &window);
        left.write("incident.json", &manifest[..cut]);
        assert_eq!(left.recover(), completed(20, 0), "{cut} bytes of the manifest");
    }
    // A manifest that does not fit to the window.
    let left = Left::new();
    left.write("incident.json", &manifest);
    assert_eq!(left.recover(), completed(10, 0));
}

#[test]
fn a_journal_that_is_still_in_an_incident_does_not_bring_it_back_later() {
    let folder = folder_in_memory();
    let plan = Plan::of(1);
    drop(filled(folder.path(), 1..2));
    // Killed right after the incident came to its place.
    fs::write(plan.folder(folder.path()).join("draft.jsonl"), "{}\n").expect("a journal");
    let store = writer(folder.path());
    assert_eq!((listed(&store).len(), all_whole(&store)), (1, 1));
    Plan { events: 60, ..plan.clone() }.write(&store);
    drop(store);
    let store = writer(folder.path());
    assert_eq!(store.recovered(), []);
    let kept = store.get(&plan.id.to_string()).expect("it");
    assert_eq!(kept.manifest.window.events, 60);
}

#[test]
fn an_interrupted_draft_takes_the_place_of_an_incident_only_if_it_tells_more() {
    let with_alerts = |store: &Store, plan: &Plan, alerts: u64| {
        let mut draft = plan.begin(store);
        for _ in 1..alerts {
            let alert = plan.alert(5);
            draft.manifest().add(alert);
        }
        draft.flush().expect("a flush");
        draft
    };
    // Alerts of the incident, of the draft; whether the draft is better.
    for (there, left, is_better) in [(2, 1, false), (2, 2, false), (2, 3, true)] {
        let folder = folder_in_memory();
        let (store, plan) = (writer(folder.path()), Plan::of(1));
        plan.end(with_alerts(&store, &plan, there));
        drop(with_alerts(&store, &plan, left));
        drop(store);
        let store = writer(folder.path());
        let outcome = &store.recovered()[0].outcome;
        assert_eq!(matches!(outcome, Outcome::Superseded), !is_better, "{there} {left}");
        let kept = store.get(&plan.id.to_string()).expect("it");
        assert_eq!(kept.manifest.ended == Ended::Interrupted, is_better);
        assert_eq!(kept.manifest.alerts_total, there.max(left));
        assert_eq!(all_whole(&store), 1);
    }
}

#[test]
fn damage_before_the_end_as_a_loss_of_power_leaves_it_is_cut_off() {
    let left = Left::new();
    let mut window = left.read("window.scap");
    let damaged = window.len() - 100;
    window[damaged..].fill(0);
    left.write("window.scap", &window);
    assert_eq!(left.recover(), completed(8, 2 * BLOCK_BYTES as u64));

    // An event whose parameters do not fit into it, in a block that is whole.
    let left = Left::new();
    let mut window = left.read("window.scap");
    let block = window.len() - 2 * BLOCK_BYTES;
    window[block + 8 + 2 + 22..][..4].copy_from_slice(&u32::MAX.to_le_bytes());
    left.write("window.scap", &window);
    assert_eq!(left.recover(), completed(8, 2 * BLOCK_BYTES as u64));
    assert_eq!(left.kept().alerts()[0].event, 0, "its event is not there any more");
}

#[test]
fn a_draft_of_another_version_is_left_alone() {
    for journal in ["{\"head\":2}\n", "\u{1b}[2J\n"] {
        let left = Left::new();
        left.write("draft.jsonl", journal.as_bytes());
        let outcome = left.recover();
        let Some(Outcome::Left(reason)) = outcome else { panic!("{outcome:?}") };
        assert!(reason.contains("draft.jsonl: not an incident.json"), "{reason}");
        assert!(!reason.contains('\u{1b}'));
        assert!(left.file("window.scap").exists());
    }
    let left = Left::new();
    let line = String::from_utf8(left.read("draft.jsonl")).expect("text");
    left.write("draft.jsonl", line.replacen("\"schema\":1", "\"schema\":2", 1).as_bytes());
    let outcome = left.recover();
    assert!(
        matches!(&outcome, Some(Outcome::Left(why)) if why.contains("schema 2")),
        "{outcome:?}"
    );
}

#[test]
fn every_cut_of_window_or_journal_is_completed_or_removed_never_half() {
    let left = Left::new();
    let (window, journal) = (left.read("window.scap"), left.read("draft.jsonl"));
    let mut events = 0;
    for cut in 0..=window.len() {
        let left = again(&left);
        left.write("window.scap", &window[..cut]);
        match left.recover() {
            Some(Outcome::Completed { events: now, .. }) => {
                assert!((events..=10).contains(&now), "no fewer than with a byte less");
                events = now;
            }
            Some(Outcome::Removed(_)) if events == 0 => {}
            other => panic!("{cut} bytes of the window: {other:?}"),
        }
    }
    assert_eq!(events, 10);
    for cut in (0..=journal.len()).step_by(13).chain([journal.len()]) {
        let left = again(&left);
        left.write("draft.jsonl", &journal[..cut]);
        match left.recover() {
            Some(Outcome::Completed { .. }) => assert_eq!(cut, journal.len()),
            outcome => assert!(is_removed(outcome), "{cut} bytes of the journal"),
        }
    }
}

/// The same draft in another store.
fn again(left: &Left) -> Left {
    let folder = folder_in_memory();
    drop(writer(folder.path()));
    copy(&left.plan.draft_folder(left.path()), &left.plan.draft_folder(folder.path()));
    Left { folder, plan: left.plan.clone() }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("names") {
        let entry = entry.expect("a name");
        fs::copy(entry.path(), to.join(entry.file_name())).expect("a copy");
    }
}

#[test]
fn what_was_being_removed_is_removed() {
    let folder = folder_in_memory();
    drop(filled(folder.path(), 0..2));
    let trash = folder.path().join("incidents/.trash");
    copy(&Plan::of(0).folder(folder.path()), &trash.join("half.0"));
    fs::remove_file(trash.join("half.0/incident.json")).expect("removed");
    assert_eq!(listed(&reader(folder.path())).len(), 2);
    drop(writer(folder.path()));
    assert_eq!(fs::read_dir(trash).expect("names").count(), 0);
}

#[test]
fn a_file_in_a_draft_whose_name_is_no_text_is_removed() {
    let left = Left::new();
    let odd = std::ffi::OsStr::from_bytes(b"\xff\n");
    fs::write(left.plan.draft_folder(left.path()).join(odd), "x").expect("a file");
    assert_eq!(left.recover(), completed(10, 0));
    assert_eq!(fs::read_dir(left.plan.folder(left.path())).expect("names").count(), 2);
}

#[test]
fn what_became_of_a_draft_is_told_in_a_sentence() {
    let name = || "7f3c9a1e00ff".into();
    let told = |outcome| Recovered { name: name(), outcome }.to_string();
    assert_eq!(
        told(Outcome::Completed { alerts: 3, events: 1000, cut_bytes: 24 }),
        "draft 7f3c9a1e00ff: completed with 3 alerts and 1000 events, 24 bytes of a half event cut off"
    );
    assert_eq!(
        told(Outcome::Removed("it has no events".to_owned())),
        "draft 7f3c9a1e00ff: removed: it has no events"
    );
}
