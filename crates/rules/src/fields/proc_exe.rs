//! The file that a process runs, and when the process began.

use super::Field;
use crate::value::{
    FieldType::{AbsTime, Bool, Int64, RelTime, Uint64},
    Value::{self, U64},
};

/// The fields.
pub(super) const FIELDS: &[Field] = &[
    Field::one(
        "proc.duration",
        RelTime,
        "Time since the process began, in ns. Absent if it began before the recording.",
        "proc.duration < 1000000000",
        |c, _, _| since(c.thread?.clone_ts_ns, c.event.ts_ns),
    ),
    Field::one(
        "proc.ppid.duration",
        RelTime,
        "Time since the parent began, in ns. Absent if it began before the recording.",
        "proc.ppid.duration < 1000000000",
        |c, _, _| since(c.state.ancestor(c.thread?, 1)?.clone_ts_ns, c.event.ts_ns),
    ),
    Field::one(
        "proc.pid.ts",
        RelTime,
        "When the process began, in ns since the epoch. Absent if it began before the recording.",
        "proc.pid.ts > 1700000000000000000",
        |c, _, _| known(c.thread?.clone_ts_ns),
    ),
    Field::one(
        "proc.ppid.ts",
        RelTime,
        "When the parent began, in ns since the epoch; 0 if it began before the recording.",
        "proc.ppid.ts > 1700000000000000000",
        |c, _, _| Some(U64(c.state.thread(c.thread?.ptid)?.clone_ts_ns)),
    ),
    Field::one(
        "proc.is_exe_writable",
        Bool,
        "Whether the user who runs the process may write to the file that it runs.",
        "proc.is_exe_writable = true",
        |c, _, _| Some(Value::Bool(c.thread?.exe_writable)),
    ),
    Field::one(
        "proc.is_exe_upper_layer",
        Bool,
        "Whether the file that the process runs is on the upper layer of an overlay: in a \
         container, whether it is not from the image but was added or changed since.",
        "proc.is_exe_upper_layer = true",
        |c, _, _| Some(Value::Bool(c.thread?.exe_upper_layer)),
    ),
    Field::one(
        "proc.is_exe_lower_layer",
        Bool,
        "Whether the file that the process runs is on a lower layer of an overlay: in a \
         container, whether it is from the image.",
        "proc.is_exe_lower_layer = true",
        |c, _, _| Some(Value::Bool(c.thread?.exe_lower_layer)),
    ),
    Field::one(
        "proc.is_exe_from_memfd",
        Bool,
        "Whether the process runs a file that exists in memory only (memfd_create): a way to run \
         a program without leaving it on a disk.",
        "proc.is_exe_from_memfd = true",
        |c, _, _| Some(Value::Bool(c.thread?.exe_from_memfd)),
    ),
    Field::one(
        "proc.exe_ino",
        Int64,
        "Inode number of the file that the process runs.",
        "proc.exe_ino = 1481566",
        |c, _, _| known(c.thread?.exe_ino),
    ),
    Field::one(
        "proc.exe_ino.ctime",
        AbsTime,
        "When that file's inode last changed (content, owner, mode, links), in ns since the epoch.",
        "proc.exe_ino.ctime > 1700000000000000000",
        |c, _, _| known(c.thread?.exe_ino_ctime_ns),
    ),
    Field::one(
        "proc.exe_ino.mtime",
        AbsTime,
        "When that file's content last changed, in ns since the epoch.",
        "proc.exe_ino.mtime > 1700000000000000000",
        |c, _, _| known(c.thread?.exe_ino_mtime_ns),
    ),
    Field::one(
        "proc.exe_ino.ctime_duration_proc_start",
        AbsTime,
        "Time in ns from the last change of the file's inode until the process that runs it was \
         made. Small for a program that was just dropped. Absent if either is not recorded.",
        "proc.exe_ino.ctime_duration_proc_start < 5000000000",
        |c, _, _| known(c.thread?.exe_ino_ctime_duration_clone_ns),
    ),
    Field::one(
        "proc.exe_ino.ctime_duration_pidns_start",
        AbsTime,
        "Time in ns from the start of the pid namespace until the last change of the file's \
         inode: in a container, how long it had run. Absent if the file is older, or if either is \
         not recorded.",
        "proc.exe_ino.ctime_duration_pidns_start > 0",
        |c, _, _| known(c.thread?.exe_ino_ctime_duration_pidns_start_ns),
    ),
    Field::one(
        "proc.pidns_init_start_ts",
        Uint64,
        "When the first process of the pid namespace began, in ns since the epoch: in a \
         container, its start; elsewhere, the machine's.",
        "proc.pidns_init_start_ts > 1700000000000000000",
        |c, _, _| known(c.thread?.pidns_init_start_ts_ns),
    ),
];

/// Times and inode numbers are 0 where they are not known.
fn known(number: u64) -> Option<Value<'static>> {
    (number != 0).then_some(U64(number))
}

fn since(begin_ns: u64, now_ns: u64) -> Option<Value<'static>> {
    (begin_ns != 0).then_some(U64(now_ns.saturating_sub(begin_ns)))
}
