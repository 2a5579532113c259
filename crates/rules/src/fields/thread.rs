//! The thread that caused the event.

use std::io::Write;

use event::names::write_capabilities;
use state::{Context, CpuTicks, strings};

use super::{
    Argument, ArgumentSpec, Field, FieldTraits,
    proc_text::{composed, join},
};
use crate::value::{
    FieldType::{Bool, Double, Int64, RelTime, Uint64},
    Value::{self, Text, U64},
};

/// The fields.
pub(super) const FIELDS: &[Field] = &[
    Field::text(
        "thread.cap_permitted",
        "Capabilities that the thread may take on, with blanks between.",
        "thread.cap_permitted contains CAP_SYS_ADMIN",
        |c, _, s| {
            let set = c.thread?.cap_permitted;
            composed(s, |out| write_capabilities(set, out))
        },
    ),
    Field::text(
        "thread.cap_inheritable",
        "Capabilities that the thread keeps when it runs another program, with blanks between.",
        "thread.cap_inheritable != ''",
        |c, _, s| {
            let set = c.thread?.cap_inheritable;
            composed(s, |out| write_capabilities(set, out))
        },
    ),
    Field::text(
        "thread.cap_effective",
        "Capabilities that are in force for the thread, with blanks between.",
        "thread.cap_effective contains CAP_SYS_PTRACE",
        |c, _, s| {
            let set = c.thread?.cap_effective;
            composed(s, |out| write_capabilities(set, out))
        },
    ),
    Field::one(
        "thread.pfmajor",
        Uint64,
        "Page faults of the thread that had to read from a disk, since it began.",
        "thread.pfmajor > 100",
        |c, _, _| Some(U64(c.thread?.pfmajor)),
    ),
    Field::one(
        "thread.pfminor",
        Uint64,
        "Page faults of the thread that did not have to read from a disk, since it began.",
        "thread.pfminor > 100000",
        |c, _, _| Some(U64(c.thread?.pfminor)),
    ),
    Field::one(
        "thread.tid",
        Int64,
        "Thread id. There for every event, also where nothing else is known of the thread.",
        "thread.tid = 1",
        |c, _, _| {
            (-1..=i64::from(u32::MAX)).contains(&c.event.tid).then_some(Value::I64(c.event.tid))
        },
    ),
    Field::one(
        "thread.ismain",
        Bool,
        "Whether the thread is the main one of its process.",
        "thread.ismain = false",
        |c, _, _| Some(Value::Bool(c.thread?.is_main())),
    ),
    Field::one(
        "thread.vtid",
        Int64,
        "Thread id as the thread itself sees it, in its own pid namespace.",
        "thread.vtid = 1",
        |c, _, _| Some(c.thread?.vtid).filter(|&vtid| vtid != -1).map(Value::I64),
    ),
    Field::one(
        "thread.exectime",
        RelTime,
        "On a switch event: how long the thread that is switched out had run, in ns. 0 on all \
         other events.",
        "thread.exectime > 1000000",
        |c, _, _| Some(U64(c.state.run_time_ns())),
    ),
    Field::one(
        "thread.totexectime",
        RelTime,
        "How long the thread has run altogether, in ns, counted from the switch events of the \
         recording.",
        "thread.totexectime > 1000000000",
        |c, _, _| Some(U64(c.thread?.run_time_ns)),
    ),
    Field::text(
        "thread.cgroups",
        "Control groups of the thread, subsystem=path each, with blanks between; unified=path behind \
         them where no subsystem is looked after in the thread's own group.",
        "thread.cgroups contains /docker/",
        |c, _, s| {
            let thread = c.thread?;
            if thread.cgroups.is_empty() {
                return None;
            }
            composed(s, |out| join(&thread.cgroups, out))
        },
    ),
    Field::text(
        "thread.cgroup",
        "Control group of the thread in one subsystem, or its own (unified) where none is looked after \
         in it.",
        "thread.cgroup.cpu startswith /docker/",
        |c, argument, _| {
            let Argument::Key(wanted) = argument else { return None };
            cgroups(&c.thread?.cgroups)
                .find(|(name, _)| *name == wanted.as_bytes())
                .map(|(_, path)| Text(path))
        },
    )
    .with(ArgumentSpec::Key { required: true })
    .with_traits(FieldTraits::DOTTED),
    Field::one(
        "thread.cpu",
        Double,
        "On a procinfo event: percentage of a CPU that the thread used since the one before.",
        "thread.cpu > 90",
        |c, _, _| cpu(c, |used| used.user + used.system),
    ),
    Field::one(
        "thread.cpu.user",
        Double,
        "The part of thread.cpu that was spent in the program.",
        "thread.cpu.user > 90",
        |c, _, _| cpu(c, |used| used.user),
    ),
    Field::one(
        "thread.cpu.system",
        Double,
        "The part of thread.cpu that was spent in the kernel.",
        "thread.cpu.system > 90",
        |c, _, _| cpu(c, |used| used.system),
    ),
    Field::one(
        "thread.vmsize",
        Uint64,
        "Virtual memory of the process in KiB on its main thread, 0 on others; so a sum over \
         threads counts each process once.",
        "thread.vmsize > 1000000",
        |c, _, _| c.thread.map(|t| U64(if t.is_main() { t.vmsize_kb.into() } else { 0 })),
    ),
    Field::one(
        "thread.vmrss",
        Uint64,
        "Resident memory of the process in KiB on its main thread, 0 on others; so a sum over \
         threads counts each process once.",
        "thread.vmrss > 1000000",
        |c, _, _| c.thread.map(|t| U64(if t.is_main() { t.vmrss_kb.into() } else { 0 })),
    ),
    Field::one(
        "thread.vmsize.b",
        Uint64,
        "thread.vmsize in bytes.",
        "thread.vmsize.b > 1073741824",
        |c, _, _| c.thread.map(|t| U64(if t.is_main() { bytes(t.vmsize_kb) } else { 0 })),
    ),
    Field::one(
        "thread.vmrss.b",
        Uint64,
        "thread.vmrss in bytes.",
        "thread.vmrss.b > 1073741824",
        |c, _, _| c.thread.map(|t| U64(if t.is_main() { bytes(t.vmrss_kb) } else { 0 })),
    ),
    Field::text(
        "thread.nametid",
        "Name of the process and thread id, one behind the other.",
        "thread.nametid = bash4711",
        |c, _, s| {
            let thread = c.thread?;
            composed(s, |out| {
                out.extend_from_slice(&thread.comm);
                // Writing to a Vec cannot fail.
                let _ = write!(out, "{}", c.event.tid);
            })
        },
    ),
];

fn bytes(kib: u32) -> u64 {
    u64::from(kib) * 1024
}

/// A tick is a hundredth of a second and looks are a second apart, so ticks are per cent.
fn cpu(c: &Context<'_>, ticks: fn(CpuTicks) -> u64) -> Option<Value<'static>> {
    c.thread?;
    Some(Value::F64(ticks(c.state.cpu_used()?).min(100) as f64))
}

/// Name and path of each group in a list.
fn cgroups(list: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    strings(list).filter_map(|entry| {
        let equals = entry.iter().position(|&b| b == b'=')?;
        Some((&entry[..equals], &entry[equals + 1..]))
    })
}
