//! `/proc/PID/cgroup`, and the lists of control groups that events and snapshots have.

use super::text::{lines, split_once};

/// Subsystems that the drivers tell in events, in their order, each with the name by which it goes
/// in the old hierarchies.
const IN_EVENTS: [(&[u8], &[u8]); 5] = [
    (b"cpuset", b"cpuset"),
    (b"cpu", b"cpu"),
    (b"cpuacct", b"cpuacct"),
    (b"io", b"blkio"),
    (b"memory", b"memory"),
];

/// By this name lists have the group itself in the unified hierarchy, behind the subsystems, where
/// none of them is looked after in it: that group alone may name a container.
pub const UNIFIED: &[u8] = b"unified";

/// Which of the lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CgroupForm {
    /// Of an event: the five subsystems that the drivers tell, those without a group at the root.
    Event,
    /// Of a snapshot: all subsystems, in the order in which the kernel lists them.
    Snapshot,
}

/// A subsystem of the unified hierarchy, and the group in which it looks after the process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unified {
    /// Its name.
    pub subsystem: Vec<u8>,
    /// Path of the group.
    pub path: Vec<u8>,
}

/// Path of the process in the unified hierarchy; `None` if the text has none.
pub fn unified_path(text: &[u8]) -> Option<&[u8]> {
    hierarchies(text).find(|(subsystems, _)| subsystems.is_empty()).map(|(_, path)| path)
}

/// Whether two texts tell the same groups.
pub fn cgroup_lists_equal(one: &[u8], other: &[u8]) -> bool {
    hierarchies(one).eq(hierarchies(other))
}

/// Whether lists have the group itself in the unified hierarchy, beside these of the subsystems.
pub fn is_group_told<'a>(group: &[u8], mut of_subsystems: impl Iterator<Item = &'a [u8]>) -> bool {
    group != b"/" && of_subsystems.all(|path| path != group)
}

/// Appends the list: `subsystem=path` each, with a NUL after it, and behind them [`UNIFIED`] if that
/// [is told](is_group_told). One that would make the list longer than `max` bytes is left out, and
/// said so. In another cgroup namespace than the reader's, paths are relative to the reader's.
pub fn encode_cgroups(
    text: &[u8],
    unified: &[Unified],
    form: CgroupForm,
    max: usize,
    out: &mut Vec<u8>,
) -> bool {
    let end = out.len() + max;
    let mut whole = true;
    let mut add = |(subsystem, path): (&[u8], &[u8])| {
        let fits = out.len() + subsystem.len() + path.len() + 2 <= end;
        whole &= fits;
        if fits {
            for part in [subsystem, b"=", path, b"\0"] {
                out.extend_from_slice(part);
            }
        }
    };
    let groups = || groups(text, unified, form);
    groups().for_each(&mut add);
    let own = unified_path(text).filter(|own| is_group_told(own, groups().map(|(_, path)| path)));
    own.into_iter().for_each(|own| add((UNIFIED, own)));
    !whole
}

/// The subsystems of a list, each with its path.
fn groups<'a>(
    text: &'a [u8],
    unified: &'a [Unified],
    form: CgroupForm,
) -> impl Iterator<Item = (&'a [u8], &'a [u8])> {
    let of_event = IN_EVENTS.iter().map(|&(name, old)| (name, path_of(text, unified, name, old)));
    let new = unified.iter().map(|found| (&*found.subsystem, &*found.path));
    let of_snapshot = subsystems(text).chain(new);
    // Both have one type this way, and nothing is allocated.
    let of_event = of_event.filter(move |_| form == CgroupForm::Event);
    of_event.chain(of_snapshot.filter(move |_| form == CgroupForm::Snapshot))
}

/// Path of one subsystem. What no hierarchy has is looked after at the root.
fn path_of<'a>(text: &'a [u8], unified: &'a [Unified], name: &[u8], old_name: &[u8]) -> &'a [u8] {
    let old = subsystems(text).find(|(found, _)| *found == old_name).map(|(_, path)| path);
    let new = || unified.iter().find(|found| found.subsystem == name).map(|found| &*found.path);
    old.or_else(new).unwrap_or(b"/")
}

/// The subsystems of the old hierarchies, each with its path. Several may share a hierarchy.
fn subsystems(text: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    hierarchies(text).flat_map(|(subsystems, path)| {
        let named = subsystems.split(|&byte| byte == b',').filter(|name| !name.is_empty());
        named.map(move |name| (name, path))
    })
}

/// The hierarchies: subsystems with commas between, and the path. The unified one has no
/// subsystems.
fn hierarchies(text: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    lines(text).filter_map(|line| split_once(split_once(line, b':')?.1, b':'))
}
