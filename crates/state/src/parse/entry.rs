//! Threads that were alive before the first event.

use std::borrow::Cow;

use event::snapshot::ThreadEntry;

use crate::{
    CloneFlags, Text, Thread, path,
    text::{Pool, list},
};

/// The thread that an entry of the snapshot tells of.
pub(crate) fn thread(entry: &ThreadEntry<'_>, pool: &mut Pool) -> Thread {
    let mut thread = Thread {
        tid: entry.tid,
        pid: entry.pid,
        ptid: entry.ptid,
        sid: entry.sid,
        vpgid: entry.vpgid,
        pgid: entry.pgid,
        vtid: entry.vtid,
        vpid: entry.vpid,
        comm: pool.get(entry.comm),
        exe: pool.get(entry.exe),
        args: list(entry.args, pool),
        cgroups: cgroups(entry.cgroups, pool).unwrap_or_default(),
        root: pool.get(entry.root),
        fd_limit: entry.fd_limit,
        uid: entry.uid,
        gid: entry.gid,
        loginuid: entry.loginuid,
        tty: entry.tty,
        ..Thread::default()
    };
    thread.flags |= CloneFlags::from_bits_retain(entry.flags) | CloneFlags::ACTIVE;
    thread.set_exepath(pool.get(entry.exepath));
    if thread.is_main() {
        thread.env = list(entry.env, pool);
        thread.cwd = working_directory(b"", entry.cwd, &mut Vec::new(), pool);
    }
    exe_facts(entry, &mut thread);
    resources(entry, &mut thread);
    thread
}

fn exe_facts(entry: &ThreadEntry<'_>, thread: &mut Thread) {
    thread.exe_writable = entry.exe_writable;
    thread.exe_upper_layer = entry.exe_upper_layer;
    thread.exe_lower_layer = entry.exe_lower_layer;
    thread.exe_from_memfd = entry.exe_from_memfd;
    thread.exe_ino = entry.exe_ino;
    thread.exe_ino_ctime_ns = entry.exe_ino_ctime_ns;
    thread.exe_ino_mtime_ns = entry.exe_ino_mtime_ns;
    thread.cap_permitted = entry.cap_permitted;
    thread.cap_effective = entry.cap_effective;
    thread.cap_inheritable = entry.cap_inheritable;
}

fn resources(entry: &ThreadEntry<'_>, thread: &mut Thread) {
    thread.vmsize_kb = entry.vmsize_kb;
    thread.vmrss_kb = entry.vmrss_kb;
    thread.vmswap_kb = entry.vmswap_kb;
    thread.pfmajor = entry.pfmajor;
    thread.pfminor = entry.pfminor;
    thread.pidns_init_start_ts_ns = entry.pidns_init_start_ts_ns;
}

/// A working directory after changing it: normalised, with a slash at its end.
pub(super) fn working_directory(
    base: &[u8],
    path: &[u8],
    scratch: &mut Vec<u8>,
    pool: &mut Pool,
) -> Text {
    path::join(base, path, scratch);
    if scratch.last() != Some(&b'/') {
        scratch.push(b'/');
    }
    pool.get(scratch)
}

/// Control groups as `subsystem=path`, a NUL after each, with today's names of the subsystems.
/// `None` if an entry has no path: that spoils the list.
pub(super) fn cgroups(recorded: &[u8], pool: &mut Pool) -> Option<Text> {
    let recorded = recorded.strip_suffix(b"\0").unwrap_or(recorded);
    let mut out = Vec::with_capacity(recorded.len() + 16);
    if recorded.is_empty() {
        return Some(Text::default());
    }
    for entry in recorded.split(|&b| b == 0) {
        let equals = entry.iter().position(|&b| b == b'=')?;
        let (subsystem, path) = entry.split_at(equals);
        out.extend_from_slice(&subsystem_name(subsystem));
        out.extend_from_slice(path);
        out.push(0);
    }
    Some(pool.get(&out))
}

fn subsystem_name(recorded: &[u8]) -> Cow<'_, [u8]> {
    const SUFFIX: &[u8] = b"_cgroup";
    let name: Cow<'_, [u8]> = match recorded.windows(SUFFIX.len()).position(|w| w == SUFFIX) {
        Some(at) => [&recorded[..at], &recorded[at + SUFFIX.len()..]].concat().into(),
        None => recorded.into(),
    };
    match &*name {
        b"perf" => Cow::Borrowed(b"perf_event"),
        b"mem" => Cow::Borrowed(b"memory"),
        b"io" => Cow::Borrowed(b"blkio"),
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pool() -> Pool {
        Pool::default()
    }

    #[test]
    fn subsystems_get_todays_names() {
        let cases: [(&[u8], Option<&[u8]>); 6] = [
            (b"", Some(b"")),
            (b"cpu=/a\0", Some(b"cpu=/a\0")),
            (b"mem_cgroup=/a\0io=/b", Some(b"memory=/a\0blkio=/b\0")),
            (b"perf=/\0cpuset=/=x\0", Some(b"perf_event=/\0cpuset=/=x\0")),
            (b"cpu=/a\0nonsense\0", None),
            (b"=/x\0", Some(b"=/x\0")),
        ];
        for (recorded, want) in cases {
            assert_eq!(cgroups(recorded, &mut pool()).as_deref(), want);
        }
    }

    #[test]
    fn only_a_main_thread_has_directory_and_environment() {
        let entry = ThreadEntry {
            tid: 5,
            pid: 5,
            cwd: b"/home/a/../b",
            env: b"A=1\0",
            exepath: b"/bin/x (deleted)",
            ..ThreadEntry::default()
        };
        let main = thread(&entry, &mut pool());
        assert_eq!((&*main.cwd, &*main.env), (&b"/home/b/"[..], &b"A=1\0"[..]));
        assert_eq!(&*main.exepath, b"/bin/x");
        let other = thread(&ThreadEntry { tid: 6, ..entry }, &mut pool());
        assert!(other.cwd.is_empty() && other.env.is_empty());
    }
}
