//! What one way of recording has of an act.

use std::collections::HashMap;

use event::{EventType, syscalls as ev};

use super::family::{MAKE, born_to};
use crate::harness::Kept;

/// A thread by its descent, which is the same in both: the second that the first made is `0.2`.
type Name = String;

/// The events, thread by thread.
pub(super) struct Side<'a> {
    names: HashMap<i64, Name>,
    threads: Vec<(Name, Vec<&'a Kept>)>,
}

/// An event among those of its thread.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) event: &'a Kept,
    pub(super) side: &'a Side<'a>,
    pub(super) name: &'a str,
    /// The thread's events, and which of them this is.
    thread: &'a [&'a Kept],
    at: usize,
}

pub(super) const OPENS: [EventType; 3] = [ev::OPEN_X, ev::OPENAT_2_X, ev::OPENAT2_X];
/// The schema's flags of files that are opened to be read alone, and to be written.
const READ: i64 = 1;
const WRITE: i64 = 2;

impl<'a> Side<'a> {
    pub(super) fn of(events: &'a [Kept]) -> Self {
        let mut side = Side { names: HashMap::new(), threads: Vec::new() };
        let mut children: HashMap<Name, usize> = HashMap::new();
        let makers = makers(events);
        for event in events {
            let maker =
                born_to(event).map(|parent| makers.get(&event.tid).copied().unwrap_or(parent));
            let above = maker.and_then(|maker| side.names.get(&maker)).cloned();
            if let Some(above) = above {
                let number = children.entry(above.clone()).or_default();
                *number += 1;
                side.names.insert(event.tid, format!("{above}.{number}"));
            }
            let name = side.names.entry(event.tid).or_insert_with(|| "0".to_owned()).clone();
            match side.threads.iter_mut().find(|(known, _)| *known == name) {
                Some((_, events)) => events.push(event),
                None => side.threads.push((name, vec![event])),
            }
        }
        side.threads.sort_by(|a, b| a.0.cmp(&b.0));
        side
    }

    /// The names of its threads.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.threads.iter().map(|(name, _)| name.as_str())
    }

    /// The events of a thread.
    pub(super) fn thread(&'a self, name: &'a str) -> Vec<Place<'a>> {
        let found = self.threads.iter().find(|(known, _)| known == name);
        let thread = found.map_or(&[][..], |(_, events)| events);
        let place = |(at, event): (usize, &&'a Kept)| Place { event, side: self, name, thread, at };
        thread.iter().enumerate().map(place).collect()
    }

    /// The ends of what a thread made.
    pub(super) fn ends_below(&self, name: &str) -> impl Iterator<Item = &'a Kept> {
        let below = format!("{name}.");
        let threads = self.threads.iter().filter(move |(known, _)| known.starts_with(&below));
        threads.flat_map(|(_, events)| events).copied().filter(|e| e.kind == ev::PROCEXIT_1_E)
    }

    /// What a thread is called.
    pub(super) fn name(&self, tid: i64) -> Option<&str> {
        self.names.get(&tid).map(String::as_str)
    }

    /// Data in which threads have their names: those that are written out, and one that is all of it.
    pub(super) fn named(&self, data: &[u8]) -> Vec<u8> {
        let whole = data.try_into().ok().map(i64::from_le_bytes);
        if let Some(name) = whole.and_then(|tid| self.name(tid)) {
            return name.into();
        }
        let mut named = Vec::new();
        for piece in data.chunk_by(|a, b| a.is_ascii_digit() == b.is_ascii_digit()) {
            let tid = std::str::from_utf8(piece).ok().and_then(|piece| piece.parse().ok());
            match tid.and_then(|tid| self.name(tid)) {
                Some(name) => named.extend_from_slice(name.as_bytes()),
                None => named.extend_from_slice(piece),
            }
        }
        named
    }
}

/// Who made each thread, as its call says: a parent that ended is no longer known to its children.
fn makers(events: &[Kept]) -> HashMap<i64, i64> {
    let calls = events.iter().filter(|event| MAKE.contains(&event.kind));
    let made =
        |event: &Kept| event.int("res").filter(|made| *made > 0).map(|made| (made, event.tid));
    calls.filter_map(made).collect()
}

impl<'a> Place<'a> {
    /// The thread's event before this.
    pub(super) fn before(&self) -> Option<Place<'a>> {
        let at = self.at.checked_sub(1)?;
        Some(Place { event: self.thread[at], at, ..*self })
    }

    /// The thread's event behind this.
    pub(super) fn behind(&self) -> Option<&'a Kept> {
        self.thread.get(self.at + 1).copied()
    }

    /// What opened the fd of this event, if this thread did so by its name.
    fn opener(&self) -> Option<&'a Kept> {
        let fd = self.event.int("fd")?;
        let opens = |event: &&&Kept| OPENS.contains(&event.kind) && event.int("fd") == Some(fd);
        self.thread[..self.at].iter().rev().find(opens).copied()
    }

    /// Whether its fd is of a file that was opened to be read alone, as standard input is.
    pub(super) fn is_of_read_only(&self) -> bool {
        match self.opener() {
            Some(open) => open.int("flags").is_some_and(|flags| flags & (READ | WRITE) == READ),
            None => self.event.int("fd") == Some(0),
        }
    }

    /// Whether its data comes from /proc: was read there, or is what was read there just before.
    pub(super) fn is_of_proc(&self) -> bool {
        match self.event.kind {
            ev::READ_X => {
                self.opener().is_some_and(|open| open.text("name").starts_with(b"/proc/"))
            }
            ev::WRITE_X => self.before().is_some_and(|before| {
                let is_copy = before.event.kind == ev::READ_X
                    && before.event.bytes("data") == self.event.bytes("data");
                is_copy && before.is_of_proc()
            }),
            _ => false,
        }
    }
}
