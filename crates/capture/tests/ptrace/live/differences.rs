//! What may differ between a trace and a recording of the same act, and why.

use std::collections::HashSet;
use std::sync::{LazyLock, Mutex};

use crate::harness::Kept;

/// A parameter that may differ.
struct Difference {
    /// What it is called where it is told.
    name: &'static str,
    /// The parameters, in events of any type.
    params: &'static [&'static str],
    /// Why it may be.
    #[expect(dead_code, reason = "for those who read the table")]
    why: &'static str,
}

const DIFFERENCES: &[Difference] = &[
    Difference {
        name: "memory",
        params: &["vm_size", "vm_rss", "vm_swap", "pgft_maj", "pgft_min"],
        why: "a tracer touches pages, and how many are there when it is looked is chance",
    },
    Difference {
        name: "inodes",
        params: &["ino", "exe_ino"],
        why: "files that an act makes are made anew",
    },
    Difference {
        name: "times",
        params: &["exe_ino_ctime", "exe_ino_mtime", "pidns_init_start_ts"],
        why: "they are those of two runs",
    },
];

static MET: LazyLock<Mutex<HashSet<&'static str>>> = LazyLock::new(Mutex::default);

/// Whether two events may differ in a parameter.
pub(super) fn may_differ(live: &Kept, _trace: &Kept, at: usize) -> bool {
    let param = live.kind.info().params[at].name;
    let found = DIFFERENCES.iter().find(|difference| difference.params.contains(&param));
    let Some(difference) = found else { return false };
    if MET.lock().unwrap().insert(difference.name) {
        super::tell("met", difference.name);
    }
    true
}

/// All names of differences.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    DIFFERENCES.iter().map(|difference| difference.name)
}

/// Events that only a recording has.
pub(super) fn is_only_live(_event: &Kept) -> bool {
    false
}

/// Events that only a trace has.
pub(super) fn is_only_traced(_event: &Kept) -> bool {
    false
}

/// Acts whose threads race with each other, so that no two runs are the same; only what tests say of
/// them holds.
const RACES: &[&str] = &[];

pub(super) fn is_a_race(act: &str) -> bool {
    RACES.contains(&act)
}
