//! Where Falco's value is meant to differ from ours: the cases of `docs/compatibility.md`, each
//! as narrow as it can be told from the values alone.

use serde_json::Value;
use state::Context;

/// One value that differs.
pub(crate) struct Difference<'d> {
    /// The event, and everything known at it.
    pub(crate) context: &'d Context<'d>,
    /// What Falco gave for every field of this event.
    pub(crate) line: &'d Value,
    /// Our value.
    pub(crate) got: &'d Value,
    /// Falco's value.
    pub(crate) want: &'d Value,
}

/// A case.
pub(crate) struct Known {
    /// The fields that it concerns.
    pub(crate) fields: &'static [&'static str],
    /// Whether a difference in one of them is this case.
    pub(crate) is: fn(&Difference<'_>) -> bool,
}

/// Every case, in the order of the page.
pub(crate) static KNOWN: &[Known] = &[
    Known { fields: &["proc.ppid.duration"], is: descriptors_for_a_duration },
    Known {
        fields: &[
            "proc.exe_ino.ctime_duration_proc_start",
            "proc.exe_ino.ctime_duration_pidns_start",
        ],
        is: memory_never_written,
    },
    Known { fields: &["proc.pidns_init_start_ts", "container.start_ts"], is: boot_time_forgotten },
    Known {
        fields: &["proc.exe_ino.ctime_duration_pidns_start"],
        is: measured_from_a_forgotten_boot,
    },
    Known { fields: &["thread.exectime", "thread.totexectime"], is: switches_forgotten },
    Known { fields: &["thread.cpu", "thread.cpu.user", "thread.cpu.system"], is: looks_forgotten },
    Known {
        fields: &["user.name", "user.homedir", "user.shell", "user.loginname", "group.name"],
        is: names_of_the_reading_machine,
    },
    Known {
        fields: &["evt.deltatime", "evt.deltatime.s", "evt.deltatime.ns"],
        is: previous_event_forgotten,
    },
    Known {
        fields: &[
            "evt.count.error.file",
            "evt.count.error.other",
            "fd.name",
            "fd.nameraw",
            "fd.filename",
            "fd.containername",
            "fd.type",
            "fd.typechar",
            "fs.path.name",
        ],
        is: directory_taken_for_the_fd,
    },
];

/// Position of the case that a difference in this field is, if it is one.
pub(crate) fn find(field: &str, difference: &Difference<'_>) -> Option<usize> {
    KNOWN.iter().position(|case| case.fields.contains(&field) && (case.is)(difference))
}

fn descriptors_for_a_duration(d: &Difference<'_>) -> bool {
    d.got.is_null() && *d.want == d.line["proc.fdopencount"]
}

/// What Falco never wrote holds a small constant, or an address in its own memory.
fn memory_never_written(d: &Difference<'_>) -> bool {
    let value = d.want.as_u64().unwrap_or_default();
    d.got.is_null() && (value == 7 || value >> 44 == 7)
}

fn boot_time_forgotten(d: &Difference<'_>) -> bool {
    let boot_ns = d.context.state.machine().boot_ts_ns;
    let since_boot = d.want.as_u64().unwrap_or_default();
    boot_ns != 0 && d.got.as_u64() == Some(boot_ns + since_boot)
}

fn measured_from_a_forgotten_boot(d: &Difference<'_>) -> bool {
    let started_ns = d.context.thread.map_or(0, |thread| thread.pidns_init_start_ts_ns);
    started_ns != d.line["proc.pidns_init_start_ts"].as_u64().unwrap_or_default()
}

fn switches_forgotten(d: &Difference<'_>) -> bool {
    d.want.as_u64() == Some(0)
}

fn looks_forgotten(d: &Difference<'_>) -> bool {
    d.want.as_f64() == Some(0.0)
}

fn names_of_the_reading_machine(d: &Difference<'_>) -> bool {
    *d.got == "<NA>"
}

fn previous_event_forgotten(d: &Difference<'_>) -> bool {
    d.want.as_u64() == Some(0)
}

/// Looking up `evt.abspath` leaves the directory fd behind as the event's own.
fn directory_taken_for_the_fd(d: &Difference<'_>) -> bool {
    let event = &d.context.event;
    let dir =
        ["dirfd", "olddir", "olddirfd", "linkdirfd"].iter().find_map(|n| event.param_named(n));
    d.line["evt.abspath"].is_string() && dir.and_then(|dir| dir.int()).is_some_and(|fd| fd >= 0)
}
