//! Control groups: what the kernel knows by number, by path.
//!
//! Programs in the kernel tell the groups of a thread as numbers. Here are the paths of those that
//! there were at the start, read from the mounted hierarchies, and of those made since, of which the
//! kernel tells before anything can be in them.

use std::{
    collections::HashMap,
    ffi::OsStr,
    fs,
    os::unix::{ffi::OsStrExt as _, fs::DirEntryExt as _, fs::MetadataExt as _},
    path::{Path, PathBuf},
};

use super::told::{GROUP_MADE, Told};
use crate::proc::parse::{self, UNIFIED, is_group_told};

/// Subsystems in the order in which the programs tell their groups.
const SUBSYSTEMS: [&[u8]; 5] = [b"cpuset", b"cpu", b"cpuacct", b"io", b"memory"];
/// Bytes of a group as the programs tell it: its number, and that of its hierarchy.
const GROUP_BYTES: usize = 16;
/// Bytes of all groups of a thread: those of the subsystems, and its own in the unified hierarchy.
pub(super) const GROUPS_BYTES: usize = (SUBSYSTEMS.len() + 1) * GROUP_BYTES;

/// Most groups that are remembered. Hosts have some hundreds.
const MOST_GROUPS: usize = 65_536;
/// Most levels of groups that are looked at, and longest path.
const MOST_LEVELS: usize = 64;

/// A hierarchy, which is 0 for the unified one, and the number of a group of it.
type Group = (u64, u64);

/// The paths of groups.
#[derive(Debug, Default)]
pub(super) struct Groups {
    paths: HashMap<Group, Box<[u8]>>,
    /// Groups that were told and not known.
    pub(super) unknown: u64,
}

impl Groups {
    /// Those that there are now, of all hierarchies that are mounted where they usually are.
    pub(super) fn read() -> Self {
        let mut groups = Self::default();
        let mounts = fs::read("/proc/self/mountinfo").unwrap_or_default();
        let own = fs::read("/proc/self/cgroup").unwrap_or_default();
        for hierarchy in hierarchies(&mounts, &own) {
            groups.walk(&hierarchy);
        }
        groups
    }

    /// A group was made, or is gone: its number, that of its hierarchy, its path.
    pub(super) fn told(&mut self, record: &Told<'_>) {
        let Some([id, hierarchy, path]) = record.fields() else { return };
        let [Some(id), Some(hierarchy)] = [id, hierarchy].map(number) else { return };
        match record.kind {
            GROUP_MADE => self.made(id, hierarchy, path.strip_suffix(b"\0").unwrap_or(path)),
            _ => self.gone(id, hierarchy),
        }
    }

    /// A group was made.
    fn made(&mut self, id: u64, hierarchy: u64, path: &[u8]) {
        if self.paths.len() < MOST_GROUPS {
            self.paths.insert((hierarchy, id), path.into());
        }
    }

    /// A group is gone.
    fn gone(&mut self, id: u64, hierarchy: u64) {
        self.paths.remove(&(hierarchy, id));
    }

    /// Appends the list that events have: `subsystem=path` and a NUL for each.
    pub(super) fn write(&mut self, told: &[u8; GROUPS_BYTES], out: &mut Vec<u8>) {
        let groups: [Group; SUBSYSTEMS.len() + 1] = {
            let (groups, _) = told.as_chunks::<GROUP_BYTES>();
            std::array::from_fn(|at| groups.get(at).map(halves).unwrap_or_default())
        };
        self.unknown += groups.iter().filter(|group| self.is_unknown(**group)).count() as u64;
        let [of_subsystems @ .., own] = groups;
        let paths = of_subsystems.map(|group| self.path(group));
        let named = SUBSYSTEMS.into_iter().zip(paths);
        let own = self.path(own);
        let own = is_group_told(own, paths.into_iter()).then_some((UNIFIED, own));
        for (name, path) in named.chain(own) {
            for part in [name, b"=", path, b"\0"] {
                out.extend_from_slice(part);
            }
        }
    }

    /// The root is where there is no such subsystem, and where nobody knows.
    fn path(&self, group: Group) -> &[u8] {
        self.paths.get(&group).map_or(b"/", |path| path)
    }

    fn is_unknown(&self, group: Group) -> bool {
        // The kernel has no such subsystem, or it is looked after at the root.
        group.1 > 1 && !self.paths.contains_key(&group)
    }

    fn walk(&mut self, hierarchy: &Hierarchy) {
        let Ok(root) = fs::metadata(&hierarchy.mount) else { return };
        self.made(root.ino(), hierarchy.id, b"/");
        let mut folders = vec![(hierarchy.mount.clone(), 0)];
        while let Some((folder, level)) = folders.pop() {
            for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
                if level < MOST_LEVELS && entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                    let path = entry.path();
                    self.made(entry.ino(), hierarchy.id, &within(&hierarchy.mount, &path));
                    folders.push((path, level + 1));
                }
            }
        }
    }
}

fn number(field: &[u8]) -> Option<u64> {
    Some(u64::from_le_bytes(field.try_into().ok()?))
}

fn halves(group: &[u8; GROUP_BYTES]) -> Group {
    let [a, b, c, d, e, f, g, h, hierarchy @ ..] = *group;
    (u64::from_le_bytes(hierarchy), u64::from_le_bytes([a, b, c, d, e, f, g, h]))
}

/// A path of a group as the kernel has it.
fn within(mount: &Path, path: &Path) -> Vec<u8> {
    let inner = path.strip_prefix(mount).unwrap_or(path);
    [b"/", inner.as_os_str().as_bytes()].concat()
}

#[derive(Debug, PartialEq, Eq)]
struct Hierarchy {
    id: u64,
    mount: PathBuf,
}

/// The hierarchies that are mounted whole: of proc_pid_mountinfo(5), with the numbers that
/// proc_pid_cgroup(5) has for them.
fn hierarchies(mounts: &[u8], own: &[u8]) -> Vec<Hierarchy> {
    let mounts = mounts.split(|byte| *byte == b'\n');
    mounts.filter_map(|line| hierarchy(line, own)).collect()
}

fn hierarchy(line: &[u8], own: &[u8]) -> Option<Hierarchy> {
    let mount = parse::mount(line)?;
    let id = match mount.kind {
        b"cgroup2" => 0,
        b"cgroup" => number_of(mount.options, own)?,
        _ => return None,
    };
    let point = PathBuf::from(OsStr::from_bytes(&mount.point));
    (*mount.root == *b"/").then_some(Hierarchy { id, mount: point })
}

/// The number of the hierarchy that has a subsystem of these options.
fn number_of(options: &[u8], own: &[u8]) -> Option<u64> {
    let options: Vec<&[u8]> = options.split(|byte| *byte == b',').collect();
    own.split(|byte| *byte == b'\n').find_map(|line| {
        let mut fields = line.splitn(3, |byte| *byte == b':');
        let (number, subsystems) = (fields.next()?, fields.next()?);
        let mut subsystems = subsystems.split(|byte| *byte == b',').filter(|name| !name.is_empty());
        subsystems.any(|name| options.contains(&name)).then_some(())?;
        std::str::from_utf8(number).ok()?.parse().ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hierarchies_are_found_where_they_are_mounted_whole() {
        let mounts = b"24 1 0:22 / /sys/fs/cgroup ro - tmpfs tmpfs ro\n\
            25 24 0:23 / /sys/fs/cgroup/uni\\040fied rw shared:1 - cgroup2 cgroup2 rw\n\
            26 24 0:24 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n\
            27 24 0:25 /docker/1 /mnt rw - cgroup cgroup rw,memory\n\
            28 24 0:26 / /sys/fs/cgroup/none rw - cgroup cgroup rw,none\n\
            29\n";
        let own = b"7:memory:/\n3:cpu,cpuacct:/a\n1:name=systemd:/\n0::/a:b\n";
        let found = hierarchies(mounts, own);
        let of = |id, mount: &str| Hierarchy { id, mount: mount.into() };
        let unified = of(0, "/sys/fs/cgroup/uni fied");
        assert_eq!(found, [unified, of(3, "/sys/fs/cgroup/cpu,cpuacct")]);
    }

    #[test]
    fn groups_are_told_by_their_paths() {
        let mut groups = Groups::default();
        groups.made(7, 0, b"/a");
        groups.made(7, 3, b"/b");
        groups.made(8, 0, b"/c");
        groups.gone(8, 0);
        let told = [(7, 0), (7, 3), (8, 0), (1, 0), (0, 0), (7, 0)];
        assert_eq!(list(&mut groups, told), "cpuset=/a cpu=/b cpuacct=/ io=/ memory=/ ");
        assert_eq!(groups.unknown, 1);
    }

    #[test]
    fn the_group_itself_is_told_where_no_subsystem_is_looked_after_in_it() {
        let mut groups = Groups::default();
        groups.made(1, 0, b"/");
        groups.made(7, 0, b"/a");
        groups.made(9, 0, b"/a/b");
        let none = [(1, 0); 5];
        let of = |own| [none[0], none[1], none[2], none[3], none[4], (own, 0)];
        let root = "cpuset=/ cpu=/ cpuacct=/ io=/ memory=/ ";
        assert_eq!(list(&mut groups, of(1)), root);
        assert_eq!(list(&mut groups, of(9)), format!("{root}unified=/a/b "));
        let above = [(7, 0), (7, 0), (0, 0), (1, 0), (7, 0), (9, 0)];
        let want = "cpuset=/a cpu=/a cpuacct=/ io=/ memory=/a unified=/a/b ";
        assert_eq!(list(&mut groups, above), want);
        assert_eq!(list(&mut groups, of(8)), root, "gone, or never told");
        assert_eq!(groups.unknown, 1);
    }

    /// The list of these groups, with blanks in place of NULs.
    fn list(groups: &mut Groups, told: [(u64, u64); 6]) -> String {
        let bytes = told.map(|(id, of)| [id.to_le_bytes(), of.to_le_bytes()].concat()).concat();
        let mut out = Vec::new();
        groups.write(bytes.as_slice().try_into().unwrap(), &mut out);
        String::from_utf8(out).unwrap().replace('\0', " ")
    }
}
