//! What may differ between a trace and a recording of the same act, and why.

use std::{
    collections::HashSet,
    sync::{LazyLock, Mutex},
};

use event::{EventType, syscalls as ev};

use crate::harness::Kept;

/// Parameters that may differ.
struct Difference {
    /// What it is called where it is told.
    name: &'static str,
    /// The parameters, each by its own name or with that of its event in front.
    params: &'static [&'static str],
    /// Why it may be.
    why: &'static str,
}

const DIFFERENCES: &[Difference] = &[
    Difference {
        name: "memory",
        params: &["vm_size", "vm_rss", "vm_swap", "pgft_maj", "pgft_min"],
        why: "how many pages are there when it is looked is chance, and a tracer touches some",
    },
    Difference {
        name: "inodes",
        params: &["ino", "exe_ino"],
        why: "files that an act makes are made anew",
    },
    Difference {
        name: "times",
        params: &["exe_ino_ctime", "exe_ino_mtime"],
        why: "files that an act makes are made anew",
    },
    Difference {
        name: "boot times",
        params: &["pidns_init_start_ts"],
        why: "a tracer knows them in hundredths of seconds, as /proc has them",
    },
    Difference {
        name: "places",
        params: &["mmap.res", "mmap.addr", "mprotect.addr", "ioctl.argument"],
        why: "each program is put somewhere else in memory",
    },
];

static MET: LazyLock<Mutex<HashSet<&'static str>>> = LazyLock::new(Mutex::default);

/// Whether two events may differ in a parameter.
pub(super) fn may_differ(kind: EventType, param: &str) -> bool {
    let full = format!("{}.{param}", kind.info().name);
    let is = |name: &&str| **name == *param || **name == *full;
    let found = DIFFERENCES.iter().find(|difference| difference.params.iter().any(|name| is(name)));
    found.is_some_and(|difference| meet(difference.name))
}

/// Notes that a difference is one; always true.
fn meet(name: &'static str) -> bool {
    if MET.lock().unwrap().insert(name) {
        super::tell("met", name);
    }
    true
}

/// Events that only one of both has.
struct Extra {
    name: &'static str,
    is: fn(&Kept) -> bool,
    why: &'static str,
}

const ONLY_TRACED: &[Extra] = &[
    Extra {
        name: "ignored signals",
        is: |event| event.kind == ev::SIGNALDELIVER_E,
        why: "the kernel drops a signal that a program ignores, but not if there is a tracer to see it",
    },
    Extra {
        name: "calls that the kernel lacks",
        is: lacks,
        why: "there is no function behind them that a program could be attached to",
    },
];

const ONLY_LIVE: &[Extra] = &[Extra {
    name: "deadly calls",
    is: |event| matches!(event.kind, ev::KILL_X | ev::TKILL_X | ev::TGKILL_X),
    why: "who kills itself is gone before a tracer sees the call's end",
}];

/// Calls of which one or the other kernel has none: uselib, fchmodat2 and what came after it.
fn lacks(event: &Kept) -> bool {
    let number = event.event().int(1);
    match event.kind {
        ev::GENERIC_X => matches!(number, Some(134 | 156 | 446..)),
        _ => event.int("res") == Some(-i64::from(libc::ENOSYS)),
    }
}

/// Events that only a recording may have.
pub(super) fn may_be_only_live(event: &Kept) -> bool {
    met(ONLY_LIVE, event)
}

/// Events that only a trace may have.
pub(super) fn may_be_only_traced(event: &Kept) -> bool {
    met(ONLY_TRACED, event)
}

fn met(extras: &[Extra], event: &Kept) -> bool {
    extras.iter().find(|extra| (extra.is)(event)).is_some_and(|extra| meet(extra.name))
}

/// Names of all differences, and why they may be.
pub(super) fn all() -> impl Iterator<Item = (&'static str, &'static str)> {
    let params = DIFFERENCES.iter().map(|difference| (difference.name, difference.why));
    params.chain(ONLY_TRACED.iter().chain(ONLY_LIVE).map(|extra| (extra.name, extra.why)))
}

/// Acts whose threads race with each other, so that no two runs are the same: only what tests say of
/// them holds.
const RACES: [&str; 3] = ["exec::exec_by_thread", "files::swapped", "net::races"];

pub(super) fn is_a_race(act: &str) -> bool {
    RACES.contains(&act)
}
