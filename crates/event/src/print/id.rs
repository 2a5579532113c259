//! Threads, users and groups: a number and a name.

use super::{NOT_AVAILABLE, Names, number, sink::Sink};

/// The id that stands for no user or group.
const NOBODY: i64 = u32::MAX as i64;

/// The thread and its command: `42(bash)`.
pub(super) fn print_tid(tid: Option<i64>, names: &impl Names, out: &mut Sink<'_>) -> bool {
    let Some(tid) = tid else {
        return false;
    };
    number::decimal(tid, out.buffer());
    if let Some(comm) = names.comm(tid) {
        out.meaning(|out| out.extend_from_slice(comm));
    }
    true
}

/// The user and its name: `0(root)`.
pub(super) fn print_user(uid: Option<i64>, names: &impl Names, out: &mut Sink<'_>) -> bool {
    uid.is_some_and(|uid| print(uid, names.user(uid as u32), out))
}

/// The group and its name: `0(root)`.
pub(super) fn print_group(gid: Option<i64>, names: &impl Names, out: &mut Sink<'_>) -> bool {
    gid.is_some_and(|gid| print(gid, names.group(gid as u32), out))
}

fn print(id: i64, name: Option<&[u8]>, out: &mut Sink<'_>) -> bool {
    if id == NOBODY {
        out.value(b"-1");
        out.meaning(|out| out.extend_from_slice(b"<NONE>"));
        return true;
    }
    // Large ids print as negative numbers, as rules know them.
    number::decimal(i64::from(id as i32), out.buffer());
    let name = name.filter(|name| !name.is_empty()).unwrap_or(NOT_AVAILABLE);
    out.meaning(|out| out.extend_from_slice(name));
    true
}
