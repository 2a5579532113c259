//! Who acts: processes as the story follows them, and where they run.

use std::collections::BTreeMap;

use super::super::shop;

/// No user logged in.
pub(crate) const NOBODY: u32 = u32::MAX;

const ALL_CAPABILITIES: u64 = 0x1ff_ffff_ffff;
/// What an engine leaves to root in a container.
const CAPABILITIES_IN_CONTAINER: u64 = 0xa804_25fb;
/// Bytes that the kernel keeps of a command name.
const COMM_BYTES: usize = 15;
/// The shell as it is called, its file, and programs that are written for it.
pub(crate) const SHELL: &str = "/bin/sh";
const DASH: &str = "/usr/bin/dash";
const SCRIPTS: [&str; 2] = ["/usr/lib/apt/apt.systemd.daily", "/usr/local/sbin/backup"];

/// Where a process runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// On the host, in this control group.
    Host(&'static str),
    /// In the shop's container.
    Shop,
}

/// What becomes of a descriptor when its process runs another program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AtExec {
    Kept,
    Closed,
}

/// A process as the story follows it.
#[derive(Clone, Debug)]
pub(crate) struct Process {
    pub(crate) pid: i64,
    pub(crate) parent: i64,
    /// Process group.
    pub(crate) group: i64,
    /// The program as it was called, with its path.
    pub(crate) file: String,
    pub(crate) argv: Vec<String>,
    /// User, and group with the same number.
    pub(crate) user: u32,
    /// Who logged in.
    pub(crate) login: u32,
    /// Device of the terminal, 0 for none.
    pub(crate) tty: u32,
    pub(crate) place: Place,
    pub(crate) env: Vec<String>,
    /// What is open.
    pub(crate) fds: BTreeMap<i64, AtExec>,
}

impl Process {
    /// Command name.
    pub(crate) fn comm(&self) -> &str {
        let name = self.file.rsplit('/').next().unwrap_or(&self.file);
        name.get(..COMM_BYTES).unwrap_or(name)
    }

    /// Path of the program's file: an interpreter for scripts, where links lead for others.
    pub(crate) fn path(&self) -> String {
        match &*self.file {
            file if file == SHELL || is_script(file) => DASH.to_owned(),
            "/usr/sbin/insmod" => "/usr/bin/kmod".to_owned(),
            "/usr/bin/supervisord" => "/usr/bin/python3.11".to_owned(),
            file if file.starts_with("/bin/") => format!("/usr{file}"),
            file => file.to_owned(),
        }
    }

    /// Whether it is a shell that lets its children borrow its memory.
    pub(crate) fn is_dash(&self) -> bool {
        self.path() == DASH
    }

    pub(crate) fn args(&self) -> Vec<u8> {
        nul_separated(self.argv.get(1..).unwrap_or_default())
    }

    pub(crate) fn in_container(&self) -> bool {
        self.place == Place::Shop
    }

    /// A process id as the process itself sees it.
    pub(crate) fn inner(&self, pid: i64) -> i64 {
        if self.in_container() { shop::inner_pid(pid) } else { pid }
    }

    /// Only what the kernel has a controller for.
    pub(crate) fn cgroups(&self) -> Vec<u8> {
        let path = match self.place {
            Place::Host(path) => path.to_owned(),
            Place::Shop => shop::cgroup(),
        };
        format!("cpuset=/\0cpu={path}\0io={path}\0memory={path}\0pids={path}\0").into_bytes()
    }

    pub(crate) fn capabilities(&self) -> u64 {
        match (self.user, self.in_container()) {
            (0, false) => ALL_CAPABILITIES,
            (0, true) => CAPABILITIES_IN_CONTAINER,
            _ => 0,
        }
    }

    /// What recorders find out about the program's file.
    pub(crate) fn exe_flags(&self) -> Vec<&'static str> {
        let dropped = self.file.starts_with("/tmp/");
        let writable = (self.user == 0 || dropped).then_some("EXE_WRITABLE");
        let layer = if dropped { "EXE_UPPER_LAYER" } else { "EXE_LOWER_LAYER" };
        writable.into_iter().chain(self.in_container().then_some(layer)).collect()
    }

    pub(crate) fn fd_limit(&self) -> i64 {
        if self.in_container() { 1_048_576 } else { 1_024 }
    }

    /// Takes the lowest descriptor that is free.
    pub(crate) fn next_fd(&mut self, at_exec: AtExec) -> i64 {
        let fd = (0..).find(|fd| !self.fds.contains_key(fd)).unwrap_or_default();
        self.fds.insert(fd, at_exec);
        fd
    }
}

pub(crate) fn is_script(file: &str) -> bool {
    SCRIPTS.contains(&file)
}

/// Inode of a path: any number will do that is the same for the same path.
pub(crate) fn inode(path: &str) -> u64 {
    let sum = path.bytes().fold(0_u64, |sum, byte| (sum * 31 + u64::from(byte)) % 900_007);
    262_144 + sum
}

/// Strings with a NUL after each.
pub(crate) fn nul_separated<S: AsRef<str>>(strings: &[S]) -> Vec<u8> {
    strings.iter().flat_map(|s| s.as_ref().bytes().chain([0])).collect()
}
