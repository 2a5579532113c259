//! What the events of a new process or program tell of one thread.

use rustix::io::Errno;

use super::{
    Error, ExeFacts,
    cgroups::Cgroups,
    dir::ThreadDir,
    namespace::PidNamespaces,
    parse::{CgroupForm, Stat, Status, cmdline, list, unsigned},
    sys,
};

/// Longest text of numbers that is read: with all groups that a process may have.
const MAX_TEXT_BYTES: usize = 1 << 20;

/// How much of a thread is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Extent {
    /// What the events of a clone tell: ids, names, control groups, memory.
    Clone,
    /// What the events of an exec tell: also environment, login and executable.
    Exec,
    /// What an entry of a snapshot tells: also directories, and all control groups.
    Whole,
}

/// What was read of one thread; the next reading takes the place of it, and reuses its memory.
///
/// Ids are those of the pid and user namespaces that this program is in. All texts are bytes as the
/// kernel has them. What could not be read for lack of rights, or because the thread ended
/// meanwhile, is empty, and counted.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// Ids, credentials and memory.
    pub status: Status,
    /// Process group.
    pub pgid: i64,
    /// Session.
    pub sid: i64,
    /// Controlling terminal's device number; 0: none.
    pub tty: u32,
    /// Minor page faults of the thread.
    pub minflt: u64,
    /// Major page faults of the thread.
    pub majflt: u64,
    /// When the thread began, ns since boot, as exact as a clock tick (10 ms).
    pub start_ns: u64,
    /// Most fds that the process may open; -1 if unlimited or not known.
    pub fd_limit: i64,
    /// User who logged in; all ones: none.
    pub loginuid: u32,
    /// When the pid namespace's first process began, ns since boot; 0 if not known.
    ///
    /// It counts time that the machine slept, which drivers do not.
    pub pidns_init_start_ns: u64,
    /// The executable.
    pub exe_facts: ExeFacts,
    /// Whether arguments, environment or control groups were longer than what is kept.
    pub cut: bool,
    /// How many things could not be read.
    pub unread: u32,
    list_bytes: usize,
    comm: Vec<u8>,
    exe: Vec<u8>,
    args: Vec<u8>,
    env: Vec<u8>,
    cgroups: Vec<u8>,
    exepath: Vec<u8>,
    cwd: Vec<u8>,
    root: Vec<u8>,
    text: Vec<u8>,
    path: Vec<u8>,
    cgroups_of: Cgroups,
    namespaces: PidNamespaces,
}

impl Facts {
    /// Room for the facts of a thread, with at most `list_bytes` of each list: arguments,
    /// environment, control groups. The first argument is cut to the same.
    pub fn new(list_bytes: usize) -> Self {
        Self { list_bytes, ..Self::default() }
    }

    /// Reads a thread of a process, in place of what was there.
    ///
    /// # Errors
    /// [`Error::Gone`] if there is no such thread (any more); others if ids and credentials can't be
    /// read. What is there then is of no thread.
    pub fn read(&mut self, pid: i32, tid: i32, extent: Extent) -> Result<(), Error> {
        self.reset();
        let dir = ThreadDir::open(pid, tid, &mut self.path)?;
        self.read_ids(&dir)?;
        self.read_cmdline(&dir);
        self.read_cgroups(&dir, extent);
        self.read_fd_limit(&dir);
        self.pidns_init_start_ns = self.namespaces.start_ns(&dir, &self.status);
        if extent >= Extent::Exec {
            self.read_program(&dir);
        }
        if extent >= Extent::Whole {
            let cwd = dir.link("cwd", &mut self.cwd);
            self.note(cwd);
            let root = dir.link("root", &mut self.root);
            self.note(root);
        }
        Ok(())
    }

    /// Command.
    pub fn comm(&self) -> &[u8] {
        &self.comm
    }

    /// First argument.
    pub fn exe(&self) -> &[u8] {
        &self.exe
    }

    /// Arguments after the first, with a NUL after each.
    pub fn args(&self) -> &[u8] {
        &self.args
    }

    /// Environment, with a NUL after each string.
    pub fn env(&self) -> &[u8] {
        &self.env
    }

    /// Control groups, `subsystem=path` with a NUL after each.
    pub fn cgroups(&self) -> &[u8] {
        &self.cgroups
    }

    /// Path of the executable as the kernel tells it: with ` (deleted)` at its end if it is not
    /// there any more.
    pub fn exepath(&self) -> &[u8] {
        &self.exepath
    }

    /// Working directory, told in the same way.
    pub fn cwd(&self) -> &[u8] {
        &self.cwd
    }

    /// Root directory.
    pub fn root(&self) -> &[u8] {
        &self.root
    }

    fn reset(&mut self) {
        let texts = [
            &mut self.comm,
            &mut self.exe,
            &mut self.args,
            &mut self.env,
            &mut self.cgroups,
            &mut self.exepath,
            &mut self.cwd,
            &mut self.root,
        ];
        texts.into_iter().for_each(Vec::clear);
        self.exe_facts = ExeFacts::default();
        (self.loginuid, self.fd_limit) = (u32::MAX, -1);
        (self.cut, self.unread) = (false, 0);
    }

    fn read_ids(&mut self, dir: &ThreadDir) -> Result<(), Error> {
        dir.need("status", MAX_TEXT_BYTES, &mut self.text)?;
        self.status.read(&self.text).ok_or_else(|| dir.malformed("status"))?;
        dir.need("stat", MAX_TEXT_BYTES, &mut self.text)?;
        let stat = Stat::parse(&self.text).ok_or_else(|| dir.malformed("stat"))?;
        self.comm.extend_from_slice(stat.comm);
        (self.pgid, self.sid, self.tty) = (stat.pgid, stat.sid, stat.tty);
        (self.minflt, self.majflt) = (stat.minflt, stat.majflt);
        self.start_ns = super::namespace::ticks_to_ns(stat.start_ticks);
        Ok(())
    }

    fn read_cmdline(&mut self, dir: &ThreadDir) {
        // One byte more than is kept tells whether there are more.
        let most = self.list_bytes.saturating_mul(2).saturating_add(1);
        let read = dir.read("cmdline", most, &mut self.text);
        if !self.note(read) {
            return;
        }
        let line = cmdline(&self.text);
        let kept = line.exe.get(..self.list_bytes).unwrap_or(line.exe);
        self.exe.extend_from_slice(kept);
        self.cut |= kept.len() < line.exe.len();
        self.cut |= list(line.args, self.list_bytes, &mut self.args);
    }

    fn read_cgroups(&mut self, dir: &ThreadDir, extent: Extent) {
        let form = if extent == Extent::Whole { CgroupForm::Snapshot } else { CgroupForm::Event };
        match self.cgroups_of.read(dir, form, self.list_bytes, &mut self.cgroups) {
            Ok(cut) => self.cut |= cut,
            Err(errno) => _ = self.note(Err(errno)),
        }
    }

    /// The call needs the rights of the same user, the file none.
    fn read_fd_limit(&mut self, dir: &ThreadDir) {
        if let Some(limit) = sys::open_files_limit(dir.pid) {
            self.fd_limit = limit;
            return;
        }
        let read = dir.read("limits", MAX_TEXT_BYTES, &mut self.text);
        if self.note(read) {
            self.fd_limit = super::parse::open_files_limit(&self.text).unwrap_or(-1);
        }
    }

    fn read_program(&mut self, dir: &ThreadDir) {
        let most = self.list_bytes.saturating_add(1);
        let read = dir.read("environ", most, &mut self.text);
        if self.note(read) {
            self.cut |= list(&self.text, self.list_bytes, &mut self.env);
        }
        // Kernels without auditing have no such file.
        if dir.read("loginuid", MAX_TEXT_BYTES, &mut self.text).is_ok() {
            let loginuid = unsigned(self.text.trim_ascii_end(), 10);
            self.loginuid = loginuid.and_then(|id| id.try_into().ok()).unwrap_or(u32::MAX);
        }
        let read = dir.link("exe", &mut self.exepath);
        if self.note(read) {
            let facts =
                ExeFacts::read(dir, &self.status, &self.exepath, &mut self.path, &mut self.text);
            match facts {
                Ok(facts) => self.exe_facts = facts,
                Err(errno) => _ = self.note(Err(errno)),
            }
        }
    }

    /// Counts what could not be read; says whether it could.
    fn note(&mut self, read: Result<(), Errno>) -> bool {
        self.unread += u32::from(read.is_err());
        read.is_ok()
    }
}
