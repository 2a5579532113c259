//! What the tests of the store have in common: small incidents.

#![allow(dead_code, reason = "each test uses a part")]
#![allow(clippy::expect_used, reason = "tests")]

pub(crate) mod said;

use std::path::{Path, PathBuf};

use event::{
    EventBuilder,
    alert::{Priority, Subject},
    snapshot::{Record, ThreadEntry},
    syscalls::CLOSE_X,
};
use store::{Access, Actor, Alert, Closed, Draft, Ended, Id, Query, Store};

pub(crate) const SECOND_NS: u64 = 1_000_000_000;

/// An incident to be written.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) id: Id,
    pub(crate) ts_ns: u64,
    pub(crate) events: u64,
    pub(crate) rule: &'static str,
    pub(crate) priority: Priority,
    pub(crate) actor: Actor,
}

impl Plan {
    /// The incident with this number.
    pub(crate) fn of(number: u64) -> Self {
        Self {
            id: Id::of(&[&number.to_le_bytes()]),
            ts_ns: (number + 1) * SECOND_NS,
            events: 20,
            rule: "web_shell",
            priority: Priority::Warning,
            actor: Actor { pid: 42, comm: "sh".into(), ..Actor::default() },
        }
    }

    /// Begins it: a process, the events up to the alert, the alert, and a flush.
    pub(crate) fn begin(&self, store: &Store) -> Draft {
        let mut draft = store.draft(self.id).expect("a draft");
        let thread = ThreadEntry { tid: 42, comm: b"sh", ..ThreadEntry::default() };
        draft.record(&Record::Thread(thread)).expect("a record");
        self.record(&mut draft, 0..self.events / 2);
        let alert = self.alert(draft.events());
        draft.manifest().add(alert);
        draft.manifest().window.asked.end_ns = self.ts_ns + SECOND_NS;
        draft.flush().expect("a flush");
        draft
    }

    pub(crate) fn record(&self, draft: &mut Draft, numbers: std::ops::Range<u64>) {
        let mut builder = EventBuilder::default();
        for number in numbers {
            builder.start(CLOSE_X, self.ts_ns + number, 42, 0).i64(0).i64(3);
            draft.record(&Record::Event(builder.event().expect("an event"))).expect("a record");
        }
    }

    pub(crate) fn alert(&self, event: u64) -> Alert {
        let alert = event::alert::Alert {
            ts_ns: self.ts_ns,
            event_num: 1_000 + event,
            rule: self.rule.into(),
            priority: self.priority,
            source: "syscall".into(),
            tags: [].into(),
            hostname: "shop-1".into(),
            output: format!("{} in {}", self.rule, &*self.actor.comm),
            fields: r#"{"proc.name":"sh"}"#.to_owned(),
            subject: Subject::default(),
            repeats: None,
        };
        Alert::new(&alert, event, self.actor.clone())
    }

    /// Goes on with what it begins, and ends it.
    pub(crate) fn end(&self, mut draft: Draft) -> Closed {
        self.record(&mut draft, self.events / 2..self.events);
        draft.manifest().ended = Ended::Quiet;
        draft.close().expect("an incident")
    }

    pub(crate) fn write(&self, store: &Store) -> Closed {
        self.end(self.begin(store))
    }

    pub(crate) fn folder(&self, store: &Path) -> PathBuf {
        store.join("incidents").join(self.id.to_string())
    }

    pub(crate) fn draft_folder(&self, store: &Path) -> PathBuf {
        store.join("incidents/.open").join(self.id.to_string())
    }
}

/// A folder in memory, where waiting for the disk takes no time, if there is such a place.
pub(crate) fn folder_in_memory() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).expect("a folder")
}

/// Opens a store for writing.
pub(crate) fn writer(path: &Path) -> Store {
    Store::open(path, Access::Write).expect("a writer")
}

/// Opens a store for reading.
pub(crate) fn reader(path: &Path) -> Store {
    Store::open(path, Access::Read).expect("a reader")
}

/// A store with the incidents that have these numbers.
pub(crate) fn filled(path: &Path, numbers: std::ops::Range<u64>) -> Store {
    let store = writer(path);
    numbers.for_each(|number| drop(Plan::of(number).write(&store)));
    store
}

/// The ids of all incidents, the newest first.
pub(crate) fn listed(store: &Store) -> Vec<Id> {
    let listing = store.list(&Query::default()).expect("a listing");
    listing.incidents.iter().map(|incident| incident.id).collect()
}

/// Asserts that nothing is wrong with any incident; says how many there are.
pub(crate) fn all_whole(store: &Store) -> u64 {
    let verified = store.verify(store::Scope::All).expect("verified");
    assert_eq!(verified.faults, []);
    verified.incidents
}
