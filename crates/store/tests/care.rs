//! Looking after a store: verify, prune, figures; several threads at once.

#![allow(clippy::expect_used, clippy::panic, reason = "tests")]

mod common;

use std::{fs, path::Path, thread, time::Duration};

use capture::{Source, file::Reader};
use common::{Plan, SECOND_NS, all_whole, filled, listed, reader, writer};
use event::alert::Priority;
use store::{Error, Fault, IndexUse, Mode, Policy, Query, Scope, Why};

type Change<'a> = &'a dyn Fn(&Path);

/// The one fault that is found after a change to an incident.
fn fault(change: impl Fn(&Path)) -> Fault {
    let folder = tempfile::tempdir().expect("a folder");
    let store = filled(folder.path(), 0..3);
    let plan = Plan::of(1);
    change(&plan.folder(folder.path()));
    let mut verified = store.verify(Scope::All).expect("verified");
    assert_eq!(store.verify(Scope::One(Plan::of(0).id)).expect("verified").faults, []);
    let one = store.verify(Scope::One(plan.id)).map(|one| one.faults).unwrap_or_default();
    assert!(one.is_empty() || one == verified.faults, "{one:?}");
    assert_eq!(verified.faults.len(), 1, "{:?}", verified.faults);
    let found = verified.faults.remove(0);
    assert!(!found.fault.to_string().contains('\u{1b}'));
    found.fault
}

fn edit(path: &Path, from: &str, to: &str) {
    let text = fs::read_to_string(path).expect("text");
    assert!(text.contains(from), "{from} in {text}");
    fs::write(path, text.replacen(from, to, 1)).expect("written");
}

#[test]
fn every_kind_of_change_is_found() {
    let window = |folder: &Path| folder.join("window.scap");
    let manifest = |folder: &Path| folder.join("incident.json");
    let bytes = |folder: &Path| fs::read(folder.join("window.scap")).expect("a window");
    let size = fault(|folder| fs::write(window(folder), &bytes(folder)[..300]).expect("written"));
    assert!(matches!(size, Fault::Size { is: 300, .. }), "{size}");
    let digest = fault(|folder| {
        let mut bytes = bytes(folder);
        bytes[200] ^= 1;
        fs::write(window(folder), bytes).expect("written");
    });
    assert!(matches!(digest, Fault::Digest { .. }), "{digest}");
    let unreadable: [(Change<'_>, &str); 8] = [
        (&|folder| fs::remove_file(window(folder)).expect("removed"), "window.scap"),
        (&|folder| fs::remove_file(manifest(folder)).expect("removed"), "incident.json"),
        (&|folder| fs::write(manifest(folder), "").expect("written"), "EOF"),
        (&|folder| fs::write(manifest(folder), "{\"schema\":9}").expect("written"), "schema 9"),
        (&|folder| fs::write(manifest(folder), vec![b' '; 17 << 20]).expect("written"), "larger"),
        (&|folder| edit(&manifest(folder), "\"quiet\"", "\"\\u001b[2J\""), "unknown variant"),
        (&|folder| edit(&manifest(folder), "\"id\": \"", "\"id\": \"x"), "not an incident's id"),
        (
            &|folder| edit(&manifest(folder), &Plan::of(1).id.to_string(), "0123456789ab"),
            "its id is 0123456789ab, which is not the name of its folder",
        ),
    ];
    for (change, want) in unreadable {
        let found = fault(change);
        assert!(matches!(&found, Fault::Unreadable(why) if why.contains(want)), "{want}: {found}");
    }
    let events = fault(|folder| edit(&manifest(folder), "\"events\": 20", "\"events\": 21"));
    assert_eq!(events, Fault::Events { said: 21, is: 20 });
    let bytes = fault(|folder| edit(&manifest(folder), "\"bytes\": ", "\"bytes\": 9"));
    assert!(matches!(bytes, Fault::Size { .. }), "{bytes}");
    let alert = fault(|folder| edit(&manifest(folder), "\"event\": 10", "\"event\": 21"));
    assert!(matches!(alert, Fault::Alert { event: 21, .. }), "{alert}");
    let foreign =
        fault(|folder| fs::rename(folder, folder.with_extension("old")).expect("renamed"));
    assert_eq!(foreign, Fault::Foreign);
}

#[test]
fn a_window_with_the_right_digest_that_is_no_capture_is_found() {
    let found = fault(|folder| {
        let mut bytes = fs::read(folder.join("window.scap")).expect("a window");
        let said = blake3::hash(&bytes).to_hex();
        let end = bytes.len();
        bytes[end - 4..].fill(0xee);
        fs::write(folder.join("window.scap"), &bytes).expect("written");
        edit(&folder.join("incident.json"), &said, &blake3::hash(&bytes).to_hex());
    });
    assert!(matches!(&found, Fault::Capture(why) if why.contains("damaged at byte")), "{found}");
}

#[test]
fn verify_says_how_much_was_looked_at_and_knows_no_other_id() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = filled(folder.path(), 0..3);
    let all = store.verify(Scope::All).expect("verified");
    let stats = store.stats().expect("figures");
    assert_eq!((all.incidents, stats.incidents), (3, 3));
    assert!(all.bytes > 0 && all.bytes < stats.bytes);
    let missing = store.verify(Scope::One(Plan::of(9).id));
    assert!(matches!(missing, Err(Error::Unknown { held: 3, .. })));
}

/// Which of ten incidents go, and why.
fn gone(policy: Policy, now_ns: u64) -> Vec<(u64, Why)> {
    let folder = tempfile::tempdir().expect("a folder");
    let store = filled(folder.path(), 0..10);
    let draft = Plan::of(50).begin(&store);
    let named = reader(folder.path()).prune(&policy, now_ns, Mode::DryRun).expect("named");
    assert_eq!(listed(&store).len(), 10, "only named");
    assert!(matches!(
        reader(folder.path()).prune(&policy, now_ns, Mode::Do),
        Err(Error::ReadOnly(_))
    ));
    let pruned = store.prune(&policy, now_ns, Mode::Do).expect("pruned");
    assert_eq!(pruned, named);
    let stats = store.stats().expect("figures");
    assert_eq!((stats.incidents, stats.bytes), (pruned.kept, pruned.kept_bytes));
    assert_eq!((stats.index, stats.drafts), (IndexUse::Whole, 1));
    assert_eq!(all_whole(&store), pruned.kept);
    Plan::of(50).end(draft);
    assert_eq!(listed(&store).len() as u64, pruned.kept + 1);
    let number = |id| (0..10).find(|number| Plan::of(*number).id == id).expect("one of them");
    pruned.gone.iter().map(|gone| (number(gone.incident.id), gone.why)).collect()
}

#[test]
fn the_oldest_go_until_the_rest_fits() {
    let folder = tempfile::tempdir().expect("a folder");
    let each_bytes = Plan::of(5).write(&writer(folder.path())).summary.bytes;
    let seconds = |count| Some(Duration::from_secs(count));
    let keep = Policy::default;
    let now_ns = 100 * SECOND_NS;
    // The last alert of incident n was at n + 1 s.
    assert_eq!(gone(keep(), now_ns), []);
    assert_eq!(
        gone(Policy { max_age: seconds(97), ..keep() }, now_ns),
        [(0, Why::Age), (1, Why::Age)]
    );
    assert_eq!(gone(Policy { max_age: seconds(97), ..keep() }, 0), [], "a clock that is behind");
    assert_eq!(gone(Policy { max_count: Some(9), ..keep() }, now_ns), [(0, Why::Count)]);
    assert_eq!(
        gone(Policy { max_bytes: Some(9 * each_bytes + 9), ..keep() }, now_ns),
        [(0, Why::Bytes)]
    );
    assert_eq!(gone(Policy { max_count: Some(0), ..keep() }, now_ns).len(), 10);
    let all =
        Policy { max_age: seconds(98), max_count: Some(8), max_bytes: Some(7 * each_bytes + 100) };
    assert_eq!(gone(all, now_ns), [(0, Why::Age), (1, Why::Count), (2, Why::Bytes)]);
}

#[test]
fn what_is_damaged_is_told_and_stays() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = filled(folder.path(), 0..4);
    let plan = Plan::of(0);
    fs::write(plan.folder(folder.path()).join("incident.json"), "{}").expect("written");
    let pruned = store.prune(&Policy { max_count: Some(1), ..Policy::default() }, 0, Mode::Do);
    let pruned = pruned.expect("pruned");
    assert_eq!((pruned.gone.len(), pruned.kept, pruned.damaged.len()), (2, 1, 1));
    assert!(plan.folder(folder.path()).exists());
    store.delete(plan.id).expect("by its id it can be removed");
    assert_eq!(store.list(&Query::default()).expect("a listing").damaged, []);
}

#[test]
fn what_cannot_be_taken_apart_is_gone_all_the_same() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = filled(folder.path(), 0..5);
    // Folders deeper than those that are taken apart.
    for number in [0, 1] {
        let inner = Plan::of(number).folder(folder.path()).join("a/".repeat(12));
        fs::create_dir_all(inner).expect("folders");
    }
    store.delete(Plan::of(0).id).expect("removed");
    let policy = Policy { max_count: Some(2), ..Policy::default() };
    assert_eq!(store.prune(&policy, 0, Mode::Do).expect("pruned").gone.len(), 2);
    assert_eq!(listed(&store), [Plan::of(4).id, Plan::of(3).id]);
    assert_eq!(store.list(&Query::default()).expect("a listing").index, IndexUse::Whole);
}

#[test]
fn figures_count_what_there_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = writer(folder.path());
    assert_eq!(store.stats().expect("figures").first_alert_ns, None);
    Plan { priority: Priority::Critical, ..Plan::of(4) }.write(&store);
    let bytes = [Plan::of(1), Plan::of(2)].map(|plan| plan.write(&store).summary.bytes);
    let draft = Plan::of(9).begin(&store);
    let stats = reader(folder.path()).stats().expect("figures");
    assert_eq!((stats.incidents, stats.events, stats.drafts), (3, 60, 1));
    assert!(stats.bytes > bytes.iter().sum());
    assert_eq!(stats.first_alert_ns, Some(2 * SECOND_NS));
    assert_eq!(stats.last_alert_ns, Some(5 * SECOND_NS));
    assert_eq!(stats.priorities, [(Priority::Critical, 1), (Priority::Warning, 2)]);
    drop(draft);
}

#[test]
fn drafts_can_be_closed_on_other_threads_while_the_store_is_used() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = writer(folder.path());
    thread::scope(|scope| {
        for number in 0..24 {
            let plan = Plan::of(number % 12);
            while store.draft(plan.id).map(|draft| draft.abandon()).is_err() {}
            let draft = plan.begin(&store);
            scope.spawn(move || plan.end(draft));
            if number % 5 == 4 {
                store
                    .prune(&Policy { max_count: Some(6), ..Policy::default() }, 0, Mode::Do)
                    .expect("pruned");
            }
        }
    });
    let left = all_whole(&store);
    assert!((1..=12).contains(&left), "{left}");
    let listing = store.list(&Query::default()).expect("a listing");
    assert_eq!((listing.incidents.len() as u64, listing.damaged), (left, vec![]));
}

#[test]
fn every_real_capture_keeps_its_events_in_an_incident() {
    for case in testkit::cases() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = writer(folder.path());
        let open =
            || Reader::new(fs::File::open(&case.capture).expect("a capture")).expect("opens");
        let mut draft = store.draft(Plan::of(0).id).expect("a draft");
        let mut reader = open();
        while let Some(record) = reader.next().expect("undamaged") {
            draft.record(&record).expect("a record");
        }
        draft.close().expect("an incident");
        all_whole(&store);
        let kept = store.get(&Plan::of(0).id.to_string()).expect("it");
        assert_eq!(kept.manifest.window.events, reader.stats().delivered);
        let (mut first, mut second) = (open(), Reader::new(kept.window).expect("opens"));
        loop {
            let (a, b) = (first.next().expect("undamaged"), second.next().expect("undamaged"));
            assert_eq!(a, b, "{}", case.name);
            if a.is_none() {
                break;
            }
        }
    }
}
