//! Entries of the process lists, V1 to V9.

use event::snapshot::{Record, ThreadEntry};

use super::{Entry, entry_length};
use crate::file::cursor::Cursor;

/// A tail this short comes from a writer that did not know of the pid namespace's start and the
/// terminal, which stand first in it.
const SHORT_TAIL_BYTES: usize = 29;

const ABSENT: ThreadEntry<'static> = ThreadEntry {
    tid: 0,
    pid: 0,
    ptid: 0,
    sid: -1,
    vpgid: -1,
    pgid: -1,
    vtid: -1,
    vpid: -1,
    comm: b"",
    exe: b"",
    exepath: b"",
    args: b"",
    cwd: b"",
    root: b"",
    env: b"",
    cgroups: b"",
    fd_limit: 0,
    flags: 0,
    uid: 0,
    gid: 0,
    vmsize_kb: 0,
    vmrss_kb: 0,
    vmswap_kb: 0,
    pfmajor: 0,
    pfminor: 0,
    pidns_init_start_ts_ns: 0,
    tty: 0,
    loginuid: u32::MAX,
    exe_writable: false,
    exe_upper_layer: false,
    exe_lower_layer: false,
    exe_from_memfd: false,
    cap_inheritable: 0,
    cap_permitted: 0,
    cap_effective: 0,
    exe_ino: 0,
    exe_ino_ctime_ns: 0,
    exe_ino_mtime_ns: 0,
};

/// The process at the front of `bytes`.
pub(super) fn entry(version: u8, bytes: &[u8]) -> Option<Entry<'_>> {
    let mut cursor = Cursor::new(bytes);
    let said = if version >= 9 { Some(cursor.u32()?) } else { None };
    let mut thread = ABSENT;
    ids_and_names(version, &mut cursor, &mut thread)?;
    memory_and_namespaces(version, &mut cursor, &mut thread)?;
    let used = bytes.len() - cursor.left();
    let length = entry_length(said, used)?;
    if said.is_some() {
        let tail = usize::try_from(length).ok()?.saturating_sub(used).min(cursor.left());
        tail_fields(Cursor::new(cursor.take(tail)?), &mut thread);
    }
    Some((Record::Thread(thread), length))
}

fn ids_and_names<'a>(
    version: u8,
    cursor: &mut Cursor<'a>,
    thread: &mut ThreadEntry<'a>,
) -> Option<()> {
    thread.tid = cursor.i64()?;
    thread.pid = cursor.i64()?;
    thread.ptid = cursor.i64()?;
    if version >= 6 {
        thread.sid = cursor.i64()?;
    }
    if version >= 8 {
        thread.vpgid = cursor.i64()?;
    }
    thread.comm = cursor.string()?;
    thread.exe = cursor.string()?;
    if version >= 7 {
        thread.exepath = cursor.string()?;
    }
    thread.args = cursor.string()?;
    thread.cwd = cursor.string()?;
    thread.fd_limit = cursor.i64()?;
    thread.flags = cursor.u32()?;
    thread.uid = cursor.u32()?;
    thread.gid = cursor.u32()?;
    Some(())
}

fn memory_and_namespaces<'a>(
    version: u8,
    cursor: &mut Cursor<'a>,
    thread: &mut ThreadEntry<'a>,
) -> Option<()> {
    if version >= 2 {
        thread.vmsize_kb = cursor.u32()?;
        thread.vmrss_kb = cursor.u32()?;
        thread.vmswap_kb = cursor.u32()?;
        thread.pfmajor = cursor.u64()?;
        thread.pfminor = cursor.u64()?;
    }
    if version >= 3 {
        thread.env = cursor.string()?;
    }
    if version >= 4 {
        thread.vtid = cursor.i64()?;
        thread.vpid = cursor.i64()?;
        thread.cgroups = cursor.string()?;
    }
    if version >= 5 {
        thread.root = cursor.string()?;
    }
    Some(())
}

/// The fields that later writers added one by one: each is there if its bytes are, and one that
/// does not fit is passed over for the next that does.
fn tail_fields(mut tail: Cursor<'_>, thread: &mut ThreadEntry<'_>) {
    if tail.left() > SHORT_TAIL_BYTES {
        set(&mut thread.pidns_init_start_ts_ns, tail.u64());
        set(&mut thread.tty, tail.u32());
    }
    set(&mut thread.loginuid, tail.u32());
    set(&mut thread.exe_writable, tail.u8().map(is_set));
    set(&mut thread.cap_inheritable, tail.u64());
    set(&mut thread.cap_permitted, tail.u64());
    set(&mut thread.cap_effective, tail.u64());
    set(&mut thread.exe_upper_layer, tail.u8().map(is_set));
    set(&mut thread.exe_ino, tail.u64());
    set(&mut thread.exe_ino_ctime_ns, tail.u64());
    set(&mut thread.exe_ino_mtime_ns, tail.u64());
    set(&mut thread.exe_from_memfd, tail.u8().map(is_set));
    set(&mut thread.exe_lower_layer, tail.u8().map(is_set));
    set(&mut thread.pgid, tail.i64());
}

fn set<T>(field: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *field = value;
    }
}

fn is_set(byte: u8) -> bool {
    byte != 0
}
