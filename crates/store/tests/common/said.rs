//! What a writer in a process of its own says, and what must hold of that once it was killed.
//!
//! It says `alert ID` when an alert is to be announced, `closed ID EVENTS` when an incident is,
//! `removing ID` before a removal and `removed ID` after it.

use std::{collections::BTreeMap, io::Write, path::Path};

use store::{Id, Mode, Outcome, Policy, Query, Store};

use super::{all_whole, listed, reader, writer};

/// Whole lines, at once.
pub(crate) fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    out.write_all(format!("{line}\n").as_bytes()).expect("told");
    out.flush().expect("told");
}

/// What a writer announced last of each id.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Said {
    Alert,
    Closed(u64),
    /// It may be there, as a draft that is completed or as an incident, or not.
    Anything,
    Removed,
}

/// Takes in a line of what a writer said.
pub(crate) fn hear(line: &str, said: &mut BTreeMap<Id, Said>) {
    let words: Vec<&str> = line.split_whitespace().collect();
    let (id, heard) = match words[..] {
        ["alert", id] => (id, Said::Alert),
        ["closed", id, events] => (id, Said::Closed(events.parse().expect("a number"))),
        ["removing", id] => (id, Said::Anything),
        ["removed", id] => (id, Said::Removed),
        // What a test prints around it.
        _ => return,
    };
    said.insert(id.parse().expect("an id"), heard);
}

/// What there is, as if it had been said.
pub(crate) fn now(folder: &Path) -> BTreeMap<Id, Said> {
    let listing = reader(folder).list(&Query::default()).expect("a listing");
    listing.incidents.iter().map(|it| (it.id, Said::Closed(it.events))).collect()
}

/// Removes an incident and says so.
pub(crate) fn remove(store: &Store, id: Id) {
    say(&format!("removing {id}"));
    store.delete(id).expect("removed");
    say(&format!("removed {id}"));
}

/// Removes the oldest but so many, and says so.
pub(crate) fn prune(store: &Store, keep: u64) {
    let policy = Policy { max_count: Some(keep), ..Policy::default() };
    let each = |mode, word| {
        for gone in store.prune(&policy, 0, mode).expect("pruned").gone {
            say(&format!("{word} {}", gone.incident.id));
        }
    };
    each(Mode::DryRun, "removing");
    each(Mode::Do, "removed");
}

/// Asserts that what was said holds before and after the next writer comes.
pub(crate) fn check(folder: &Path, said: &BTreeMap<Id, Said>) {
    let before = reader(folder);
    let listing = before.list(&Query::default()).expect("a listing");
    assert_eq!(listing.damaged, [], "nothing half");
    all_whole(&before);
    let there = listed(&before);
    for (id, said) in said {
        match said {
            Said::Closed(events) => {
                let kept = before.get(&id.to_string()).expect("what was announced is there");
                assert_eq!(kept.manifest.window.events, *events);
            }
            Said::Removed => assert!(!there.contains(id), "what was removed is gone"),
            Said::Alert | Said::Anything => {}
        }
    }
    let after = writer(folder);
    for it in after.recovered() {
        println!("  {it}");
        assert!(!matches!(it.outcome, Outcome::Left(_)), "{it}");
    }
    let there = listed(&after);
    for (id, said) in said {
        match said {
            Said::Alert | Said::Closed(_) => assert!(there.contains(id), "an announced alert"),
            Said::Removed => assert!(!there.contains(id)),
            Said::Anything => {}
        }
    }
    all_whole(&after);
    let index = after.list(&Query::default()).expect("a listing").index;
    assert_eq!(index, store::IndexUse::Whole);
}
