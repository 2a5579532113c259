//! The control groups of a thread.
//!
//! In the unified hierarchy a process has one group, but a subsystem looks after it in the nearest
//! ancestor of that group for which it is switched on: `cgroup.controllers` of each says which.

use super::{
    dir::{ThreadDir, read_at},
    parse::{CgroupForm, Unified, cgroup_lists_equal, encode_cgroups, unified_path},
};

/// Where the unified hierarchy is mounted.
const MOUNT: &str = "/sys/fs/cgroup";
const MAX_TEXT_BYTES: usize = 64 * 1024;
/// Longest path that the kernel takes.
const MAX_PATH_BYTES: usize = 4096;
/// What is assumed to look after a process where nothing can be learned of it: what container
/// engines switch on.
const USUAL: [&[u8]; 5] = [b"cpuset", b"cpu", b"io", b"memory", b"pids"];

/// Lists of control groups. Most threads have those of the thread before.
#[derive(Clone, Debug, Default)]
pub(super) struct Cgroups {
    text: Vec<u8>,
    known: Option<(Vec<u8>, Vec<Unified>)>,
}

impl Cgroups {
    /// Writes the thread's list to `out`, in place of what is in it. `None` if it can't be read;
    /// otherwise whether something did not fit into `max` bytes.
    pub(super) fn read(
        &mut self,
        dir: &ThreadDir,
        form: CgroupForm,
        max: usize,
        out: &mut Vec<u8>,
    ) -> Result<bool, rustix::io::Errno> {
        out.clear();
        dir.read("cgroup", MAX_TEXT_BYTES, &mut self.text)?;
        let known = self.known.take().filter(|(text, _)| cgroup_lists_equal(text, &self.text));
        let known = known.unwrap_or_else(|| {
            let unified = unified_path(&self.text).map(|path| unified(path, MOUNT));
            (self.text.clone(), unified.unwrap_or_default())
        });
        let cut = encode_cgroups(&known.0, &known.1, form, max, out);
        self.known = Some(known);
        Ok(cut)
    }
}

/// What looks after a process in this group of the unified hierarchy.
fn unified(path: &[u8], mount: &str) -> Vec<Unified> {
    let mut found: Vec<Unified> = Vec::new();
    let mut text = Vec::new();
    // Outside of the reader's cgroup namespace there is nothing to look at.
    let reachable = path.len() <= MAX_PATH_BYTES && !path.starts_with(b"/..");
    for level in ancestry(path).take_while(|_| reachable) {
        let file = [mount.as_bytes(), level, b"/cgroup.controllers"].concat();
        if read_at(rustix::fs::CWD, &file, MAX_TEXT_BYTES, &mut text).is_err() {
            continue;
        }
        for subsystem in text.split(u8::is_ascii_whitespace).filter(|name| !name.is_empty()) {
            if !found.iter().any(|known| known.subsystem == subsystem) {
                found.push(Unified { subsystem: subsystem.to_vec(), path: level.to_vec() });
            }
        }
    }
    if found.is_empty() && !is_readable(mount) && !is_old(mount) {
        let usual = |name: &[u8]| Unified { subsystem: name.to_vec(), path: path.to_vec() };
        found.extend(USUAL.into_iter().map(usual));
    }
    found
}

/// Whether the unified hierarchy is mounted there.
fn is_readable(mount: &str) -> bool {
    std::fs::exists(format!("{mount}/cgroup.controllers")).unwrap_or(false)
}

/// Whether the subsystems have hierarchies of their own, so that the unified one has none.
fn is_old(mount: &str) -> bool {
    let old = ["memory", "cpu", "unified"];
    old.iter().any(|name| std::fs::exists(format!("{mount}/{name}")).unwrap_or(false))
}

/// A group and those that it is in, the innermost first.
fn ancestry(path: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::successors(Some(path), |path| {
        let slash = path.iter().rposition(|&byte| byte == b'/')?;
        match (slash, path.len()) {
            (_, 0 | 1) => None,
            (0, _) => path.get(..1),
            (slash, _) => path.get(..slash),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subsystems_look_after_a_process_where_they_are_switched_on() {
        let tree = tempfile::tempdir().unwrap();
        let group = tree.path().join("user.slice/session.scope");
        std::fs::create_dir_all(&group).unwrap();
        let files = [
            (tree.path(), "cpuset cpu io memory\n"),
            (group.parent().unwrap(), "memory cpu\n"),
            (&group, "memory\n"),
        ];
        for (folder, text) in files {
            std::fs::write(folder.join("cgroup.controllers"), text).unwrap();
        }
        let found = unified(b"/user.slice/session.scope", tree.path().to_str().unwrap());
        let found: Vec<_> = found
            .iter()
            .map(|one| [&one.subsystem, &one.path].map(|text| String::from_utf8_lossy(text)))
            .collect();
        assert_eq!(
            found,
            [
                ["memory", "/user.slice/session.scope"],
                ["cpu", "/user.slice"],
                ["cpuset", "/"],
                ["io", "/"],
            ]
        );
    }

    #[test]
    fn the_usual_is_assumed_where_nothing_is_mounted() {
        let tree = tempfile::tempdir().unwrap();
        let found = unified(b"/a/b", tree.path().to_str().unwrap());
        assert!(found.len() == USUAL.len() && found.iter().all(|one| one.path == b"/a/b"));
    }

    #[test]
    fn a_group_is_in_every_group_above_it() {
        let cases: [(&[u8], &[&[u8]]); 4] = [
            (b"/a/b", &[b"/a/b", b"/a", b"/"]),
            (b"/a", &[b"/a", b"/"]),
            (b"/", &[b"/"]),
            (b"", &[b""]),
        ];
        for (path, want) in cases {
            assert_eq!(ancestry(path).collect::<Vec<_>>(), want);
        }
    }
}
