//! How processes begin and end, and what they become.

use event::{EventBuilder, EventType, symbols, syscalls as sys};

use super::{
    AtExec, BOOT_TS_NS, ENOENT, Made, Process, Stage, flags, nul_separated,
    process::{SHELL, inode, is_script},
};

const SIGCHLD: u8 = 17;
/// When the first process of the host's pid namespace began, after boot.
const HOST_INIT_NS: u64 = 417_247_208;
/// When the files of programs were installed, and when they were packed.
const INSTALLED_TS_NS: u64 = BOOT_TS_NS - 40 * 86_400_000_000_000;
const PACKED_TS_NS: u64 = BOOT_TS_NS - 300 * 86_400_000_000_000;

/// How a process ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Code(i64),
    Signal(u8),
}

impl Stage {
    /// The process makes a child, which starts as its copy.
    pub(crate) fn fork(&mut self, parent: &Process) -> Process {
        let child = self.copy_of(parent);
        let names = ["CLONE_CHILD_CLEARTID", "CLONE_CHILD_SETTID"];
        self.cloned(sys::CLONE_20_X, parent, parent.inner(child.pid), &names);
        self.cloned(sys::CLONE_20_X, &child, 0, &names);
        child
    }

    /// The same, with the parent waiting until the child runs another program: the child is seen
    /// first.
    pub(crate) fn vfork(&mut self, parent: &Process) -> Process {
        let child = self.copy_of(parent);
        self.cloned(sys::VFORK_20_X, &child, 0, &[]);
        self.cloned(sys::VFORK_20_X, parent, parent.inner(child.pid), &[]);
        child
    }

    fn copy_of(&mut self, parent: &Process) -> Process {
        Process { pid: self.new_pid(), parent: parent.pid, ..parent.clone() }
    }

    fn cloned(&mut self, kind: EventType, who: &Process, result: i64, names: &[&str]) {
        let inside = if who.in_container() { &["CLONE_CHILD_IN_PIDNS"][..] } else { &[] };
        let namespace_ns = match (result, who.in_container()) {
            (0, true) => super::super::shop::STARTED_TS_NS - BOOT_TS_NS,
            (0, false) => HOST_INIT_NS,
            _ => 0,
        };
        self.emit(who.pid, kind, |b| {
            b.i64(result);
            identity(b, who, &who.argv);
            b.u32(flags(symbols::CLONE_FLAGS, &[names, inside].concat()));
            b.u32(who.user).u32(who.user);
            b.i64(who.inner(who.pid)).i64(who.inner(who.pid)).u64(namespace_ns);
        });
    }

    /// The process becomes the program `file`, called with these arguments.
    pub(crate) fn exec(&mut self, who: &mut Process, file: &str, argv: &[&str]) {
        who.file = file.to_owned();
        // The kernel puts the interpreter before a script, and its path in place of its name.
        let (script, rest) = match is_script(file) {
            true => (&[SHELL, file][..], argv.get(1..).unwrap_or_default()),
            false => (&[][..], argv),
        };
        who.argv = script.iter().chain(rest).map(|&word| word.to_owned()).collect();
        who.fds.retain(|_, at_exec| *at_exec == AtExec::Kept);
        let argv = who.argv.clone();
        self.executed(who, 0, file, &argv);
        self.load(who);
    }

    /// The process tries to become a program that is not there.
    pub(crate) fn exec_missing(&mut self, who: &Process, file: &str, argv: &[&str]) {
        let argv: Vec<String> = argv.iter().map(|&word| word.to_owned()).collect();
        self.executed(who, ENOENT, file, &argv);
    }

    /// What was asked for stands in the arguments and the file name, what is so in all else.
    fn executed(&mut self, who: &Process, result: i64, file: &str, argv: &[String]) {
        let long_ago = Made { changed_ns: INSTALLED_TS_NS, written_ns: PACKED_TS_NS };
        let made = self.made.get(&who.file).copied().unwrap_or(long_ago);
        self.emit(who.pid, sys::EXECVE_19_X, |b| {
            b.i64(result);
            identity(b, who, argv);
            b.raw(&nul_separated(&who.env)).u32(who.tty).i64(who.inner(who.group)).u32(who.login);
            b.u32(flags(symbols::EXECVE_FLAGS, &who.exe_flags()));
            b.u64(0).u64(who.capabilities()).u64(who.capabilities());
            b.u64(inode(&who.path())).u64(made.changed_ns).u64(made.written_ns);
            b.u32(who.user).text(who.path()).i64(who.group).u32(who.user).text(file);
        });
    }

    /// What the dynamic linker does before a program's own code runs.
    fn load(&mut self, who: &mut Process) {
        if who.file.starts_with("/tmp/") {
            return;
        }
        self.access(who, "/etc/ld.so.preload", ENOENT);
        let cache = self.open_kept(who, "/etc/ld.so.cache");
        self.map(who, cache, 18_035);
        self.close(who, cache);
        let libc = self.open_kept(who, "/lib/x86_64-linux-gnu/libc.so.6");
        self.read_of(who, libc, b"\x7fELF\x02\x01\x01\x03\0\0\0\0\0\0\0\0\x03\0\x3e\0", 832);
        self.map(who, libc, 1_974_096);
        self.close(who, libc);
        self.call(who, "arch_prctl");
    }

    /// The process becomes a program that runs with the rights of its owner, root.
    pub(crate) fn exec_as_owner(&mut self, who: &mut Process, file: &str, argv: &[&str]) {
        who.user = 0;
        self.exec(who, file, argv);
    }

    pub(crate) fn exit(&mut self, who: &Process, end: End) {
        self.exits(who, end, 0);
    }

    /// The process ends well, and its children pass to `reaper`.
    pub(crate) fn exit_leaving(&mut self, who: &Process, reaper: i64) {
        self.exits(who, End::Code(0), reaper);
    }

    fn exits(&mut self, who: &Process, end: End, reaper: i64) {
        if let End::Signal(signal) = end {
            self.signal(0, who.pid, signal);
        }
        let (status, code, signal) = match end {
            End::Code(code) => (code << 8, code, 0),
            End::Signal(signal) => (i64::from(signal), 0, signal),
        };
        self.emit(who.pid, sys::PROCEXIT_1_E, |b| {
            b.i64(status).i64(code).u8(signal).u8(0).i64(reaper);
        });
    }

    /// The parent learns that its child is gone.
    pub(crate) fn reap(&mut self, parent: &Process, child: &Process) {
        self.signal(child.pid, parent.pid, SIGCHLD);
        self.call(parent, "wait4");
    }

    fn signal(&mut self, from: i64, to: i64, signal: u8) {
        self.emit(to, sys::SIGNALDELIVER_E, |b| {
            b.i64(from).i64(to).u8(signal);
        });
    }

    pub(crate) fn send_signal(&mut self, who: &Process, to: i64, signal: u8) {
        self.emit(who.pid, sys::KILL_X, |b| {
            b.i64(0).i64(to).u8(signal);
        });
    }

    /// The process begins a session of its own.
    pub(crate) fn new_session(&mut self, who: &mut Process) {
        who.group = who.pid;
        self.emit(who.pid, sys::SETSID_X, |b| {
            b.i64(who.inner(who.pid));
        });
    }

    /// The process begins a group of its own, as shells make their jobs.
    pub(crate) fn new_group(&mut self, who: &mut Process) {
        who.group = who.pid;
        self.emit(who.pid, sys::SETPGID_X, |b| {
            b.i64(0).i64(0).i64(0);
        });
    }

    /// Group first, for only root may change it.
    pub(crate) fn become_user(&mut self, who: &mut Process, user: u32) {
        who.user = user;
        self.call(who, "setgroups");
        self.emit(who.pid, sys::SETRESGID_X, |b| {
            b.i64(0).u32(user).u32(user).u32(user);
        });
        self.emit(who.pid, sys::SETRESUID_X, |b| {
            b.i64(0).u32(user).u32(user).u32(user);
        });
    }

    pub(crate) fn change_directory(&mut self, who: &Process, path: &str) {
        self.emit(who.pid, sys::CHDIR_X, |b| {
            b.i64(0).text(path);
        });
    }
}

/// The parameters that clone and execve share, from `exe` to `cgroups`. Recorders no longer say the
/// working directory.
fn identity(b: &mut EventBuilder, who: &Process, argv: &[String]) {
    b.text(argv.first().map_or("", String::as_str));
    b.raw(&nul_separated(argv.get(1..).unwrap_or_default()));
    b.i64(who.pid).i64(who.pid).i64(who.parent).null();
    b.i64(who.fd_limit()).u64(0).u64(142).u32(8_320).u32(3_412).u32(0);
    b.text(who.comm()).raw(&who.cgroups());
}
