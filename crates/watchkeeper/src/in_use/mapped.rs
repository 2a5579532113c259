//! What processes had in memory before anything was recorded: the files that they had mapped to be executed
//! (`/proc/PID/maps`, proc(5)).

use std::{
    collections::{BTreeSet, HashSet},
    fs::{self, File},
    io::Read,
    sync::Arc,
};

/// Most processes that are looked at.
const MOST_PROCESSES: usize = 65_536;
/// Most of one process's list that is read.
const MOST_BYTES: u64 = 16 << 20;
/// What the kernel puts behind the name of a file that is gone.
const DELETED: &[u8] = b" (deleted)";

/// A process, and the files that it has mapped to be executed.
pub(crate) type Mapped = (i64, Vec<Arc<[u8]>>);

/// Of all processes that may be looked at.
pub(crate) fn all() -> Vec<Mapped> {
    let names = fs::read_dir("/proc").into_iter().flatten().filter_map(Result::ok);
    let pids = names.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    of(pids.take(MOST_PROCESSES))
}

/// Of these processes.
pub(crate) fn of(pids: impl Iterator<Item = i64>) -> Vec<Mapped> {
    let mut known: HashSet<Arc<[u8]>> = HashSet::new();
    let mut one = |pid: i64| {
        let mut maps = Vec::new();
        // It may have ended, or be somebody else's.
        let file = File::open(format!("/proc/{pid}/maps")).ok()?;
        file.take(MOST_BYTES).read_to_end(&mut maps).ok()?;
        let files = files(&maps).into_iter().map(|path| shared(path, &mut known)).collect();
        Some((pid, files))
    };
    pids.filter_map(&mut one).collect()
}

/// Most processes have the same few libraries.
fn shared(path: &[u8], known: &mut HashSet<Arc<[u8]>>) -> Arc<[u8]> {
    if let Some(path) = known.get(path) {
        return path.clone();
    }
    let path: Arc<[u8]> = path.into();
    known.insert(path.clone());
    path
}

/// `address perms offset dev inode path`: what may be executed and has a file. A name with a line feed in it is
/// left out.
fn files(maps: &[u8]) -> BTreeSet<&[u8]> {
    maps.split(|byte| *byte == b'\n').filter_map(path).collect()
}

fn path(line: &[u8]) -> Option<&[u8]> {
    let mut fields = line.splitn(6, |byte| *byte == b' ');
    let is_executable = fields.nth(1)?.get(2) == Some(&b'x');
    let path = fields.nth(3)?.trim_ascii_start();
    let path = path.strip_suffix(DELETED).unwrap_or(path);
    (is_executable && path.starts_with(b"/") && !path.contains(&b'\\')).then_some(path)
}

#[cfg(test)]
mod tests {
    use std::process;

    use super::*;

    #[test]
    fn files_that_may_be_executed_are_found() {
        let maps = b"\
5581-5582 r--p 00000000 08:01 12                         /usr/bin/a
5582-5583 r-xp 00001000 08:01 12                         /usr/bin/a
7f01-7f02 r-xp 00000000 08:01 13                         /usr/lib/lib z.so.1
7f02-7f03 r-xp 00000000 08:01 14                         /usr/lib/old.so (deleted)
7f03-7f04 rwxp 00000000 00:00 0
7f04-7f05 r-xp 00000000 00:00 0                          [vdso]
7f05-7f06 r-xp 00000000 08:01 15                         /tmp/a\\012b
7f06-7f07 r--p 00000000 08:01 16                         /usr/share/locale/x
";
        let found: Vec<&[u8]> = files(maps).into_iter().collect();
        assert_eq!(found, [&b"/usr/bin/a"[..], b"/usr/lib/lib z.so.1", b"/usr/lib/old.so"]);
        assert!(files(b"").is_empty() && files(b"x\ny z\n").is_empty());
    }

    #[test]
    fn what_this_process_has_is_found() {
        let own = i64::from(process::id());
        let exe = fs::read_link("/proc/self/exe").unwrap();
        let of_own = |all: Vec<Mapped>| all.into_iter().find(|(pid, _)| *pid == own).unwrap().1;
        let exe = exe.as_os_str().as_encoded_bytes();
        assert!(of_own(all()).iter().any(|path| **path == *exe));
        assert!(of_own(of([own, -1].into_iter())).iter().any(|path| **path == *exe));
    }
}
