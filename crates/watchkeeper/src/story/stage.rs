//! Where a story is played: processes, a clock, and the events so far.

use std::{collections::HashSet, net::Ipv4Addr};

use event::{EventBuilder, EventType, builder::BuildError, raw::LenWidth, syscalls as sys};

use super::{Encoded, Story};

/// When the machine booted, ns since the epoch.
pub(super) const BOOT_TS_NS: u64 = 1_773_300_000_000_000_000;
/// When the story begins.
const START_TS_NS: u64 = BOOT_TS_NS + 86_400_000_000_000;
const STEP_NS: u64 = 1_000_000;
const ALL_CAPABILITIES: u64 = 0x1ff_ffff_ffff;
/// First uid of a user whom the story names without a number.
const FIRST_UID: u32 = 1_000;
/// A child in a pid namespace of its own.
const CLONE_CHILD_IN_PIDNS: u32 = 0x2000_0000;
/// The machine's own address.
pub(super) const OURS: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 10);

/// A process as the story follows it.
#[derive(Clone, Debug)]
pub(super) struct Process {
    /// As the story calls it.
    pub(super) name: String,
    pub(super) pid: i64,
    /// Id in its container; that on the host if it is in none.
    pub(super) vpid: i64,
    pub(super) parent: i64,
    pub(super) exe: String,
    pub(super) argv0: String,
    pub(super) comm: String,
    pub(super) arguments: Vec<String>,
    pub(super) environment: Vec<String>,
    pub(super) cwd: String,
    pub(super) uid: u32,
    pub(super) loginuid: u32,
    pub(super) tty: u32,
    /// 64 digits; empty on the host.
    pub(super) container: String,
    /// Bits of `EXECVE_FLAGS`.
    pub(super) exe_flags: u32,
    /// What it opened, with what it was opened as.
    pub(super) fds: Vec<(i64, String)>,
}

impl Process {
    /// The first of all.
    pub(super) fn init() -> Self {
        Self {
            name: "init".to_owned(),
            pid: 1,
            vpid: 1,
            parent: 0,
            exe: "/usr/lib/systemd/systemd".to_owned(),
            argv0: "/sbin/init".to_owned(),
            comm: "systemd".to_owned(),
            arguments: Vec::new(),
            environment: vec!["PATH=/usr/local/bin:/usr/bin:/bin".to_owned()],
            cwd: "/".to_owned(),
            uid: 0,
            loginuid: u32::MAX,
            tty: 0,
            container: String::new(),
            exe_flags: 0,
            fds: Vec::new(),
        }
    }

    /// Makes it run another program.
    pub(super) fn run(&mut self, exe: String) {
        let base = exe.rsplit('/').next().unwrap_or(&exe);
        self.comm = base.chars().take(15).collect();
        self.argv0 = exe.clone();
        self.exe_flags = 0;
        self.arguments.clear();
        self.exe = exe;
    }

    pub(super) fn args(&self) -> Vec<u8> {
        nul_separated(&self.arguments)
    }

    pub(super) fn env(&self) -> Vec<u8> {
        nul_separated(&self.environment)
    }

    pub(super) fn cgroups(&self) -> Vec<u8> {
        let path = match &*self.container {
            "" => format!("/system.slice/{}.service", self.name),
            id => format!("/docker/{id}"),
        };
        format!("cpuset=/\0cpu={path}\0memory={path}\0pids={path}\0").into_bytes()
    }

    pub(super) fn capabilities(&self) -> u64 {
        if self.uid == 0 { ALL_CAPABILITIES } else { 0 }
    }

    /// Any number will do that is the same for the same path.
    pub(super) fn exe_ino(&self) -> u64 {
        inode(&self.exe)
    }

    /// The lowest number that no fd has.
    pub(super) fn next_fd(&self) -> i64 {
        let mut fd = 3;
        while self.fds.iter().any(|(taken, _)| *taken == fd) {
            fd += 1;
        }
        fd
    }
}

/// The home of a user.
pub(super) fn home(uid: u32, name: &str) -> String {
    if uid == 0 { "/root".to_owned() } else { format!("/home/{name}") }
}

pub(super) fn inode(path: &str) -> u64 {
    path.bytes().fold(1_310_720, |sum, byte| sum + u64::from(byte))
}

/// Strings with a NUL after each.
pub(super) fn nul_separated(strings: &[String]) -> Vec<u8> {
    strings.iter().flat_map(|s| s.bytes().chain([0])).collect()
}

/// A story being played.
#[derive(Debug)]
pub(super) struct Stage {
    pub(super) story: Story,
    /// Those alive, and those that have exited, for the story may speak of them.
    pub(super) processes: Vec<Process>,
    /// Containers and users in them that have been told of.
    introduced: HashSet<(String, u32)>,
    builder: EventBuilder,
    now_ns: u64,
    next_pid: i64,
    next_port: u16,
}

impl Stage {
    pub(super) fn new() -> Self {
        let mut stage = Self {
            story: Story::default(),
            processes: Vec::new(),
            introduced: HashSet::new(),
            builder: EventBuilder::default(),
            now_ns: START_TS_NS,
            next_pid: 100,
            next_port: 40_000,
        };
        stage.story.users.push((0, "root".to_owned()));
        stage.before(Process::init());
        stage
    }

    /// Adds a process that ran before the first event; returns its place.
    pub(super) fn before(&mut self, process: Process) -> usize {
        self.story.processes.push(process.clone());
        self.processes.push(process);
        self.processes.len() - 1
    }

    pub(super) fn pid(&mut self) -> i64 {
        self.next_pid += 1;
        self.next_pid
    }

    pub(super) fn port(&mut self) -> u16 {
        self.next_port = self.next_port.wrapping_add(1).max(1024);
        self.next_port
    }

    /// The id that a process of a container gets in it.
    pub(super) fn vpid(&self, container: &str) -> i64 {
        1 + self.processes.iter().filter(|p| p.container == container).count() as i64
    }

    /// The last process with this name.
    pub(super) fn find(&self, name: &str) -> Option<usize> {
        self.processes.iter().rposition(|process| process.name == name)
    }

    /// The number of a user; one that has none yet gets the next.
    pub(super) fn uid(&mut self, name: &str) -> u32 {
        if let Ok(number) = name.parse() {
            return number;
        }
        let users = &mut self.story.users;
        if let Some((uid, _)) = users.iter().find(|(_, known)| known == name) {
            return *uid;
        }
        let next = users.iter().map(|(uid, _)| uid + 1).max().unwrap_or(0).max(FIRST_UID);
        users.push((next, name.to_owned()));
        next
    }

    pub(super) fn wait(&mut self, ns: u64) {
        self.now_ns = self.now_ns.saturating_add(ns);
    }

    /// Lets an event happen.
    pub(super) fn emit(
        &mut self,
        tid: i64,
        kind: EventType,
        fill: impl FnOnce(&mut EventBuilder),
    ) -> Result<(), BuildError> {
        self.now_ns = self.now_ns.saturating_add(STEP_NS);
        self.builder.start(kind, self.now_ns, tid, 0);
        fill(&mut self.builder);
        let mut bytes = Vec::new();
        self.builder.event()?.encode(&mut bytes)?;
        self.story.events.push(Encoded { width: LenWidth::of(kind), bytes });
        Ok(())
    }

    /// The process makes a child, which starts as its copy. Returns the child's place.
    pub(super) fn fork(&mut self, parent: usize, name: &str) -> Result<usize, BuildError> {
        let pid = self.pid();
        let parent = self.processes[parent].clone();
        let mut child =
            Process { name: name.to_owned(), pid, parent: parent.pid, ..parent.clone() };
        child.vpid = if child.container.is_empty() { pid } else { self.vpid(&child.container) };
        self.cloned(&parent, pid)?;
        self.cloned(&child, 0)?;
        self.processes.push(child);
        Ok(self.processes.len() - 1)
    }

    fn cloned(&mut self, who: &Process, result: i64) -> Result<(), BuildError> {
        let in_namespace = result == 0 && who.vpid != who.pid;
        self.emit(who.pid, sys::CLONE_20_X, |b| {
            b.i64(result);
            identity(b, who);
            b.u32(if in_namespace { CLONE_CHILD_IN_PIDNS } else { 0 }).u32(who.uid).u32(who.uid);
            b.i64(who.vpid).i64(who.vpid).u64(0);
        })
    }

    /// The process becomes the program that it now is.
    pub(super) fn exec(&mut self, who: usize) -> Result<(), BuildError> {
        let who = self.processes[who].clone();
        self.emit(who.pid, sys::EXECVE_19_X, |b| {
            b.i64(0);
            identity(b, &who);
            b.raw(&who.env()).u32(who.tty).i64(who.vpid).u32(who.loginuid).u32(who.exe_flags);
            b.u64(0).u64(who.capabilities()).u64(who.capabilities());
            b.u64(who.exe_ino()).u64(BOOT_TS_NS).u64(BOOT_TS_NS);
            b.u32(who.uid).text(&who.exe).i64(who.pid).u32(who.uid).text(&who.exe);
        })
    }

    pub(super) fn exit(&mut self, who: usize, status: i64) -> Result<(), BuildError> {
        let pid = self.processes[who].pid;
        self.emit(pid, sys::PROCEXIT_1_E, |b| {
            b.i64(status << 8).i64(status).u8(0).u8(0).i64(0);
        })
    }

    /// Users of containers are not those of the host: tells of a process's user the first time
    /// that it is seen in its container.
    pub(super) fn introduce(&mut self, process: &Process) -> Result<(), BuildError> {
        let user = (process.container.clone(), process.uid);
        let name = self.story.users.iter().find(|(uid, _)| *uid == process.uid);
        let Some((uid, name)) = name.cloned().filter(|_| !user.0.is_empty()) else { return Ok(()) };
        if self.introduced.contains(&user) {
            return Ok(());
        }
        self.introduced.insert(user);
        let home = home(uid, &name);
        self.emit(1, sys::USER_ADDED_E, |b| {
            b.u32(uid).u32(uid).text(&name).text(home).text("/bin/sh");
            b.text(process.container.get(..12).unwrap_or_default());
        })
    }

    /// What an engine tells of a container when it sees it.
    pub(super) fn container(&mut self, json: &str) -> Result<(), BuildError> {
        self.emit(1, sys::CONTAINER_JSON_2_E, |b| {
            b.text(json);
        })
    }
}

/// The parameters that clone and execve share, from `exe` to `cgroups`.
fn identity(b: &mut EventBuilder, who: &Process) {
    b.text(&who.argv0).raw(&who.args());
    b.i64(who.pid).i64(who.pid).i64(who.parent).text(&who.cwd);
    b.i64(1024).u64(0).u64(142).u32(8_320).u32(3_412).u32(0);
    b.text(&who.comm).raw(&who.cgroups());
}
