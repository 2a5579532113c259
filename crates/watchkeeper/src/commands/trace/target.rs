//! What is traced, and why it can't be.

use std::{fs, io, process::id};

use capture::ptrace::{self, Error as TraceError, Target};
use event::visible::visible;
use rules::fields::nearest;
use thiserror::Error;

use super::{Args, REFUSED};
use crate::error::Error;

/// Exit codes for a command that cannot be run, and that is not there, as shells have them.
const NOT_EXECUTABLE: u8 = 126;
const NOT_FOUND: u8 = 127;

/// Why nothing was traced.
#[derive(Debug, Error)]
pub(super) enum Refusal {
    /// The request is wrong, or some file of ours.
    #[error(transparent)]
    Ours(#[from] Error),
    /// Signals cannot be held.
    #[error("signals cannot be held: {0}")]
    Signals(io::Error),
    /// The command.
    #[error("{0}")]
    Trace(TraceError),
    /// A process that cannot be attached to, in words.
    #[error("process {0}: {1}")]
    Process(i32, String),
}

impl Refusal {
    /// The exit code.
    pub(super) fn code(&self) -> u8 {
        match self {
            Self::Trace(TraceError::NotFound(_)) => NOT_FOUND,
            // Its interpreter is missing.
            Self::Trace(TraceError::NotExecutable { source, .. })
                if source.kind() == io::ErrorKind::NotFound =>
            {
                NOT_FOUND
            }
            Self::Trace(TraceError::NotExecutable { .. }) => NOT_EXECUTABLE,
            _ => REFUSED,
        }
    }
}

/// What is asked for, if it makes sense.
pub(super) fn of(args: &Args) -> Result<Target, Refusal> {
    let recorded = ptrace::recorded_calls();
    if let Some(name) = args.skip.iter().find(|name| recorded.iter().all(|it| it.name != **name)) {
        return Err(unknown_call(name, recorded.iter().map(|it| it.name)).into());
    }
    if args.pid.is_empty() {
        return Ok(Target::Command(args.command.clone()));
    }
    for &pid in &args.pid {
        check(pid)?;
    }
    Ok(Target::Running(args.pid.clone()))
}

fn unknown_call(name: &str, known: impl Iterator<Item = &'static str>) -> Error {
    let hint =
        nearest(name, known).map_or_else(String::new, |near| format!("; did you mean '{near}'?"));
    let name = visible(name.as_bytes());
    Error::Usage(format!("--skip: '{name}' is no system call that is recorded{hint}"))
}

/// What can be known before.
fn check(pid: i32) -> Result<(), Refusal> {
    let refused = |why: String| Err(Refusal::Process(pid, why));
    if u32::try_from(pid) == Ok(id()) {
        return refused("is watchkeeper itself".to_owned());
    }
    let Some(status) = Status::of(pid) else {
        return refused("there is none with this id".to_owned());
    };
    match status {
        Status { group, .. } if group != pid => {
            refused(format!("is a thread of process {group}; give that"))
        }
        Status { state: 'Z' | 'X', .. } => refused("has ended already".to_owned()),
        Status { is_kernel: true, .. } => {
            refused("is a thread of the kernel, which makes no system calls".to_owned())
        }
        Status { tracer, .. } if tracer != 0 => {
            // It may be a thread of the tracing program.
            let tracer = Status::of(tracer).map_or(tracer, |status| status.group);
            let name = Status::of(tracer).map(|tracer| tracer.name).unwrap_or_default();
            refused(format!("is traced already, by {name} (process {tracer}); one at a time can"))
        }
        _ => Ok(()),
    }
}

/// What the kernel's refusal means.
pub(super) fn refused(error: TraceError) -> Refusal {
    match error {
        TraceError::Attach { pid, source } if source.raw_os_error() == Some(libc::EPERM) => {
            Refusal::Process(pid, not_permitted(pid))
        }
        TraceError::Attach { pid, source } if source.raw_os_error() == Some(libc::ESRCH) => {
            Refusal::Process(pid, "ended meanwhile".to_owned())
        }
        other => Refusal::Trace(other),
    }
}

fn not_permitted(pid: i32) -> String {
    let is_other = Status::of(pid).zip(Status::of(id().cast_signed()));
    let is_other = is_other.is_some_and(|(theirs, ours)| theirs.uid != ours.uid);
    let scope = fs::read_to_string("/proc/sys/kernel/yama/ptrace_scope").unwrap_or_default();
    let why = match scope.trim() {
        "3" => "nobody may trace anything here until the next boot (kernel.yama.ptrace_scope is 3)",
        "2" => "only root may trace here (kernel.yama.ptrace_scope is 2); run watchkeeper as root",
        _ if is_other => "belongs to another user; run watchkeeper as that user, or as root",
        "1" => {
            "only its ancestors and root may trace it (kernel.yama.ptrace_scope is 1); run \
             watchkeeper as root, or allow it: sysctl kernel.yama.ptrace_scope=0"
        }
        _ => {
            "may not be traced: it has privileges that watchkeeper has not, or a container or \
             security policy forbids it; it needs CAP_SYS_PTRACE"
        }
    };
    why.to_owned()
}

/// What /proc/PID/status says.
struct Status {
    name: String,
    state: char,
    /// Thread group: the process.
    group: i32,
    tracer: i32,
    /// Real user.
    uid: u32,
    is_kernel: bool,
}

impl Status {
    fn of(pid: i32) -> Option<Self> {
        let text = fs::read(format!("/proc/{pid}/status")).ok()?;
        let field = |name: &[u8]| {
            let mut lines = text.split(|byte| *byte == b'\n');
            let value = lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(b":"))?;
            Some(visible(value.trim_ascii()).into_owned())
        };
        let first = |name: &[u8]| field(name)?.split(['\t', ' ']).next()?.parse().ok();
        Some(Self {
            name: field(b"Name")?,
            state: field(b"State")?.chars().next()?,
            group: first(b"Tgid")?,
            tracer: first(b"TracerPid").unwrap_or(0),
            uid: field(b"Uid")?.split(['\t', ' ', '\\']).next()?.parse().ok()?,
            // Since Linux 6.8; before, what has no memory of its own.
            is_kernel: field(b"Kthread").map_or_else(|| field(b"VmSize").is_none(), |it| it == "1"),
        })
    }
}
