//! What a process uses: descriptors, memory, threads; and its standard streams.

use event::snapshot::FdKind;
use state::{CloneFlags, Context, Fd};

use super::Field;
use crate::value::{
    FieldType::{Double, Int64, Uint64},
    Value::{self, Text, U64},
};

/// The fields.
pub(super) const FIELDS: &[Field] = &[
    Field::one(
        "proc.fdopencount",
        Uint64,
        "How many file descriptors the process has open.",
        "proc.fdopencount > 1000",
        |c, _, _| Some(U64(open_fds(c)?)),
    ),
    Field::one(
        "proc.fdlimit",
        Int64,
        "How many file descriptors the process may have open.",
        "proc.fdlimit < 1024",
        |c, _, _| Some(Value::I64(fd_limit(c)?)),
    ),
    Field::one(
        "proc.fdusage",
        Double,
        "Open descriptors as a percentage of those that the process may have open.",
        "proc.fdusage > 90",
        |c, _, _| Some(Value::F64(fd_usage(open_fds(c)?, fd_limit(c)?))),
    ),
    Field::one(
        "proc.vmsize",
        Uint64,
        "Virtual memory of the process, in KiB.",
        "proc.vmsize > 1000000",
        |c, _, _| Some(U64(c.thread?.vmsize_kb.into())),
    ),
    Field::one(
        "proc.vmrss",
        Uint64,
        "Memory of the process that is resident, in KiB.",
        "proc.vmrss > 1000000",
        |c, _, _| Some(U64(c.thread?.vmrss_kb.into())),
    ),
    Field::one(
        "proc.vmswap",
        Uint64,
        "Memory of the process that is swapped out, in KiB.",
        "proc.vmswap > 0",
        |c, _, _| Some(U64(c.thread?.vmswap_kb.into())),
    ),
    Field::one(
        "proc.nthreads",
        Uint64,
        "How many threads of the process are alive, the main one included.",
        "proc.nthreads > 100",
        |c, _, _| Some(U64(c.state.thread_count(c.thread?))),
    ),
    Field::one(
        "proc.nchilds",
        Uint64,
        "How many threads of the process are alive, the main one not included.",
        "proc.nchilds > 100",
        |c, _, _| Some(U64(child_threads(c)?)),
    ),
    Field::text(
        "proc.stdin.type",
        "What standard input is: the fd.type of descriptor 0. A socket is the mark of many a \
         reverse shell.",
        "proc.stdin.type in (ipv4, ipv6)",
        |c, _, _| stream_type(c, 0),
    ),
    Field::text(
        "proc.stdout.type",
        "What standard output is: the fd.type of descriptor 1.",
        "proc.stdout.type in (ipv4, ipv6)",
        |c, _, _| stream_type(c, 1),
    ),
    Field::text(
        "proc.stderr.type",
        "What standard error is: the fd.type of descriptor 2.",
        "proc.stderr.type = pipe",
        |c, _, _| stream_type(c, 2),
    ),
    Field::text(
        "proc.stdin.name",
        "The fd.name of descriptor 0.",
        "proc.stdin.name = /dev/null",
        |c, _, _| stream_name(c, 0),
    ),
    Field::text(
        "proc.stdout.name",
        "The fd.name of descriptor 1.",
        "proc.stdout.name startswith /var/log",
        |c, _, _| stream_name(c, 1),
    ),
    Field::text(
        "proc.stderr.name",
        "The fd.name of descriptor 2.",
        "proc.stderr.name = /dev/null",
        |c, _, _| stream_name(c, 2),
    ),
];

fn open_fds(c: &Context<'_>) -> Option<u64> {
    Some(c.state.main_thread(c.thread?).map_or(0, |main| main.fds.len() as u64))
}

fn fd_limit(c: &Context<'_>) -> Option<i64> {
    Some(c.state.main_thread(c.thread?).map_or(0, |main| main.fd_limit))
}

fn fd_usage(open: u64, limit: i64) -> f64 {
    match u64::try_from(limit) {
        Err(_) | Ok(0) => 0.0,
        Ok(limit) if open > limit => 100.0,
        Ok(limit) => (open as f64 * 100.0) / limit as f64,
    }
}

fn child_threads(c: &Context<'_>) -> Option<u64> {
    let thread = c.thread?;
    let main = c.state.main_thread(thread);
    let main_alive = main.is_some_and(|main| !main.flags.contains(CloneFlags::CLOSED));
    Some(c.state.thread_count(thread).saturating_sub(main_alive.into()))
}

fn stream<'v>(c: &Context<'v>, num: i64) -> Option<&'v Fd> {
    let thread = c.thread?;
    let shares = thread.flags.contains(CloneFlags::FILES);
    let holder = if shares { c.state.main_thread(thread)? } else { thread };
    holder.fds.get(&num)
}

fn stream_type<'v>(c: &Context<'v>, num: i64) -> Option<Value<'v>> {
    Some(Text(kind_name(stream(c, num)?.kind).as_bytes()))
}

fn stream_name<'v>(c: &Context<'v>, num: i64) -> Option<Value<'v>> {
    Some(Text(&stream(c, num)?.name))
}

fn kind_name(kind: FdKind) -> &'static str {
    match kind {
        FdKind::File | FdKind::FileV2 => "file",
        FdKind::Directory => "directory",
        FdKind::Ipv4Sock | FdKind::Ipv4ServSock => "ipv4",
        FdKind::Ipv6Sock | FdKind::Ipv6ServSock => "ipv6",
        FdKind::UnixSock => "unix",
        FdKind::Fifo => "pipe",
        FdKind::Event => "event",
        FdKind::SignalFd => "signalfd",
        FdKind::EventPoll => "eventpoll",
        FdKind::Inotify => "inotify",
        FdKind::TimerFd => "timerfd",
        FdKind::Netlink => "netlink",
        FdKind::Bpf => "bpf",
        FdKind::UserFaultFd => "userfaultfd",
        FdKind::IoUring => "io_uring",
        FdKind::Memfd => "memfd",
        FdKind::PidFd => "pidfd",
        FdKind::Unknown | FdKind::Unsupported | FdKind::Nothing => "<NA>",
    }
}
