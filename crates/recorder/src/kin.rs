//! Which alerts are related.
//!
//! An alert belongs to an incident if it shares with one of its alerts
//!
//! - the container, if it is in one;
//! - the lineage: its process or one of that one's ancestors is the process, or an ancestor of the
//!   process, of the other alert;
//! - the login session: the same user logged in, and the same session leader.
//!
//! A lineage ends, the process that ends it left out, at process 1 and at processes that start
//! unrelated work by trade ([`STARTERS`]); without that everything on a host would be related. Such a
//! process is still related to itself. Threads of the kernel have no lineage.
//!
//! Anybody can call a program `sshd`, and one that was dropped would do so to cut its lineage. So a
//! name counts only for a program that [comes from where programs are installed](is_installed).
//!
//! Notices of the recorder, and events without a thread id, have no lineage: nobody can say who they
//! are by. Only alerts of one and the same such event are related.
//!
//! If an alert is related to several incidents, the one that was opened first takes it, and the
//! others stay apart.

use std::collections::HashSet;

use event::schema::Origin;
use foldhash::fast::RandomState;
use state::{Context, State, Text, Thread};

/// Names of processes that start unrelated work by trade, as the kernel cuts them (15 bytes).
const STARTERS: &[(&str, &[&str])] = &[
    (
        "service managers",
        &[
            "systemd",
            "systemd-executo",
            "(systemd)",
            "(sd-pam)",
            "init",
            "upstart",
            "openrc-run",
            "supervisord",
            "runsvdir",
            "runsv",
            "s6-svscan",
            "s6-supervise",
            "dbus-daemon",
            "dbus-broker-lau",
            "supervise-daemo",
            "supervise",
            "svscan",
            "runit",
            "systemd-udevd",
            "(udev-worker)",
            "snapd",
        ],
    ),
    (
        "logins",
        &[
            "sshd",
            "sshd-session",
            "sshd-auth",
            "dropbear",
            "login",
            "getty",
            "agetty",
            "mingetty",
            "in.telnetd",
            "telnetd",
            "gdm",
            "gdm3",
            "gdm-session-wor",
            "lightdm",
            "sddm",
            "sddm-helper",
            "xdm",
            "lxdm",
            "xrdp-sesman",
        ],
    ),
    ("schedulers", &["cron", "crond", "CRON", "CROND", "anacron", "atd", "fcron"]),
    (
        "container engines",
        &[
            "containerd",
            "containerd-shim",
            "dockerd",
            "docker-containe",
            "conmon",
            "podman",
            "crio",
            "kubelet",
            "runc",
            "crun",
            "lxc-start",
            "libvirt_lxc",
            "systemd-nspawn",
            "lxd",
            "incusd",
            "k3s",
            "k3s-server",
        ],
    ),
    ("servers that hold terminals", &["tmux: server", "tmux", "screen", "SCREEN", "mosh-server"]),
    ("servers that start servers", &["inetd", "xinetd"]),
];

/// Where programs are installed: not where anybody may write.
const INSTALLED: &[&str] =
    &["/usr/", "/bin/", "/sbin/", "/lib/", "/lib64/", "/opt/", "/snap/", "/nix/store/"];

/// The kernel's own thread that starts all other threads of the kernel.
const KTHREADD: i64 = 2;

/// In place of a process id, with the event's number: whoever the event is by.
const NOBODY: i64 = i64::MIN;

/// How far a lineage is followed.
const MOST_ANCESTORS: usize = 64;

/// Most processes, and most containers and sessions, that an incident is known by. Alerts beyond
/// join it, but what they alone would be related to does not.
const MOST_KNOWN: usize = 4096;

/// A process: its id and when it was cloned, for ids are used again.
type Process = (i64, u64);

/// A login session: its container, who logged in, and the session's id.
type Session = (Text, u32, i64);

/// What an alert is related by.
#[derive(Debug, Default)]
pub(crate) struct Kin {
    container: Option<Text>,
    /// The process and its ancestors.
    lineage: Vec<Process>,
    session: Option<Session>,
}

impl Kin {
    /// Of the alert that this event caused.
    pub(crate) fn of(context: &Context<'_>) -> Self {
        let Some(thread) = context.thread else {
            let tid = context.event.tid;
            let is_somebody = tid > 0 && context.event.info().origin != Origin::Meta;
            let by = if is_somebody { (tid, 0) } else { (NOBODY, context.num) };
            return Self { lineage: vec![by], ..Self::default() };
        };
        let container = &thread.container_id;
        let has_session = thread.loginuid != u32::MAX && thread.sid > 0;
        Self {
            container: (!container.is_empty()).then(|| container.clone()),
            lineage: if thread.tid > 0 {
                lineage(context.state, thread)
            } else {
                vec![(NOBODY, context.num)]
            },
            session: has_session.then(|| (container.clone(), thread.loginuid, thread.sid)),
        }
    }
}

fn lineage(state: &State, thread: &Thread) -> Vec<Process> {
    let main = state.main_thread(thread).unwrap_or(thread);
    let mut lineage = vec![process(main)];
    if is_of_kernel(main) {
        return lineage;
    }
    let ancestors = state.ancestors(main).take(MOST_ANCESTORS);
    let ancestors = ancestors.map(|thread| state.main_thread(thread).unwrap_or(thread));
    lineage.extend(ancestors.take_while(|ancestor| !ends_lineages(ancestor)).map(process));
    lineage
}

fn process(main: &Thread) -> Process {
    let id = if main.pid >= 0 { main.pid } else { main.tid };
    (id, main.clone_ts_ns)
}

fn is_of_kernel(main: &Thread) -> bool {
    main.container_id.is_empty() && (main.pid == KTHREADD || main.ptid == KTHREADD)
}

fn ends_lineages(process: &Thread) -> bool {
    let starts = |names: &[&str]| names.iter().any(|name| name.as_bytes() == &*process.comm);
    process.pid <= 1
        || is_of_kernel(process)
        || (STARTERS.iter().any(|(_, names)| starts(names)) && is_installed(process))
}

/// Whether a process runs a program from where programs are installed, as far as is known; not one
/// that was put there in a container that was running.
fn is_installed(process: &Thread) -> bool {
    let path = &process.exepath;
    let is_in_place = INSTALLED.iter().any(|folder| path.starts_with(folder.as_bytes()))
        && !path.windows(4).any(|part| part == b"/../");
    let is_put_there = process.exe_upper_layer && !process.container_id.is_empty();
    (path.is_empty() || is_in_place) && !process.exe_from_memfd && !is_put_there
}

/// What an incident is related by: all that its alerts are.
#[derive(Debug, Default)]
pub(crate) struct Kinship {
    containers: HashSet<Text, RandomState>,
    processes: HashSet<Process, RandomState>,
    sessions: HashSet<Session, RandomState>,
}

impl Kinship {
    /// Whether an alert is related.
    pub(crate) fn relates(&self, kin: &Kin) -> bool {
        kin.container.as_ref().is_some_and(|container| self.containers.contains(container))
            || kin.lineage.iter().any(|process| self.processes.contains(process))
            || kin.session.as_ref().is_some_and(|session| self.sessions.contains(session))
    }

    /// Takes in what another alert is related by.
    pub(crate) fn add(&mut self, kin: Kin) {
        extend(&mut self.containers, kin.container);
        extend(&mut self.processes, kin.lineage);
        extend(&mut self.sessions, kin.session);
    }
}

fn extend<T: Eq + std::hash::Hash>(
    known: &mut HashSet<T, RandomState>,
    more: impl IntoIterator<Item = T>,
) {
    let room = MOST_KNOWN.saturating_sub(known.len());
    known.extend(more.into_iter().take(room));
}
