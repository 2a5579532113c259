//! What the story's actors can do; each verb becomes the events that a recorder would have seen.

use std::net::{Ipv4Addr, SocketAddrV4};

use event::{
    EventBuilder, EventType, builder::BuildError, schema::Symbol, symbols, syscalls as sys,
};

/// Working directory for paths that are relative to it (`AT_FDCWD` in the schema's numbering).
const AT_FDCWD: i64 = -100;
const AF_INET: u8 = 2;
const SOCK_STREAM: u32 = 1;
const ALL_CAPABILITIES: u64 = 0x1ff_ffff_ffff;
/// When the machine booted, ns since the epoch.
pub(super) const BOOT_TS_NS: u64 = 1_773_300_000_000_000_000;
const MICROSECOND_NS: u64 = 1_000;

/// A process as the story follows it.
#[derive(Clone, Debug)]
pub(super) struct Process {
    pub(super) pid: i64,
    pub(super) parent: i64,
    pub(super) group: i64,
    pub(super) argv: Vec<&'static str>,
    pub(super) path: &'static str,
    pub(super) cwd: &'static str,
    pub(super) uid: u32,
    pub(super) gid: u32,
    pub(super) loginuid: u32,
    pub(super) tty: u32,
    pub(super) cgroup: &'static str,
    pub(super) env: Vec<&'static str>,
    /// Whether its user may write the executable.
    pub(super) exe_writable: bool,
}

impl Process {
    /// Command name: the executable's, at most 15 bytes as the kernel cuts it.
    pub(super) fn comm(&self) -> &'static str {
        let name = self.path.rsplit('/').next().unwrap_or(self.path);
        name.get(..15).unwrap_or(name)
    }

    pub(super) fn capabilities(&self) -> u64 {
        if self.uid == 0 { ALL_CAPABILITIES } else { 0 }
    }

    pub(super) fn args(&self) -> Vec<u8> {
        nul_separated(self.argv.get(1..).unwrap_or_default())
    }

    pub(super) fn cgroups(&self) -> Vec<u8> {
        format!("cpuset=/\0cpu={0}\0memory={0}\0pids={0}\0", self.cgroup).into_bytes()
    }

    /// Inode of the executable: any number will do that is the same for the same path.
    pub(super) fn exe_ino(&self) -> u64 {
        self.path.bytes().fold(1_310_720, |sum, byte| sum + u64::from(byte))
    }
}

/// Strings with a NUL after each.
pub(super) fn nul_separated(strings: &[&str]) -> Vec<u8> {
    strings.iter().flat_map(|s| s.bytes().chain([0])).collect()
}

/// The value with these names in the schema's own numbering.
fn flags(table: &[Symbol], names: &[&str]) -> u32 {
    let value = |name: &&str| table.iter().find(|s| s.name == *name).map_or(0, |s| s.value);
    names.iter().map(value).fold(0, |all, one| all | one)
}

fn address(of: SocketAddrV4) -> Vec<u8> {
    let mut bytes = vec![AF_INET];
    bytes.extend(of.ip().octets());
    bytes.extend(of.port().to_le_bytes());
    bytes
}

fn tuple(source: SocketAddrV4, destination: SocketAddrV4) -> Vec<u8> {
    let mut bytes = address(source);
    bytes.extend(&address(destination)[1..]);
    bytes
}

/// Where the story is played: a clock and the events so far.
#[derive(Default)]
pub(super) struct Stage {
    builder: EventBuilder,
    now_ns: u64,
    /// CPU and bytes of each event.
    events: Vec<(u16, Vec<u8>)>,
    error: Option<BuildError>,
}

impl Stage {
    pub(super) fn at(start_ns: u64) -> Self {
        Self { now_ns: start_ns, ..Self::default() }
    }

    /// The events, or the first that could not be built.
    pub(super) fn finish(self) -> Result<Vec<(u16, Vec<u8>)>, BuildError> {
        self.error.map_or(Ok(self.events), Err)
    }

    pub(super) fn wait_ms(&mut self, ms: u64) {
        self.now_ns += ms * 1_000 * MICROSECOND_NS;
    }

    fn emit(&mut self, tid: i64, kind: EventType, fill: impl FnOnce(&mut EventBuilder)) {
        // Uneven steps, as on a machine that does other things too.
        self.now_ns += (37 + self.events.len() as u64 * 61 % 200) * MICROSECOND_NS + 311;
        let cpu = (tid % 2) as u16;
        self.builder.start(kind, self.now_ns, tid, cpu);
        fill(&mut self.builder);
        let mut bytes = Vec::new();
        match self.builder.event().and_then(|event| event.encode(&mut bytes)) {
            Ok(()) => self.events.push((cpu, bytes)),
            Err(error) => self.error = self.error.or(Some(error)),
        }
    }

    /// The process makes a child, which starts as its copy.
    pub(super) fn fork(&mut self, parent: &Process, pid: i64) -> Process {
        let child = Process { pid, parent: parent.pid, ..parent.clone() };
        self.cloned(parent, pid);
        self.cloned(&child, 0);
        child
    }

    fn cloned(&mut self, who: &Process, result: i64) {
        let names = ["CLONE_CHILD_CLEARTID", "CLONE_CHILD_SETTID"];
        self.emit(who.pid, sys::CLONE_20_X, |b| {
            b.i64(result);
            identity(b, who);
            b.u32(flags(symbols::CLONE_FLAGS, &names)).u32(who.uid).u32(who.gid);
            b.i64(who.pid).i64(who.pid).u64(BOOT_TS_NS);
        });
    }

    /// The process becomes another program.
    pub(super) fn exec(&mut self, who: &mut Process, path: &'static str, argv: &[&'static str]) {
        who.path = path;
        who.argv = argv.to_vec();
        let exe_flags = if who.exe_writable { &["EXE_WRITABLE"][..] } else { &[] };
        self.emit(who.pid, sys::EXECVE_19_X, |b| {
            b.i64(0);
            identity(b, who);
            b.raw(&nul_separated(&who.env)).u32(who.tty).i64(who.group).u32(who.loginuid);
            b.u32(flags(symbols::EXECVE_FLAGS, exe_flags));
            b.u64(0).u64(who.capabilities()).u64(who.capabilities());
            b.u64(who.exe_ino()).u64(BOOT_TS_NS).u64(BOOT_TS_NS - 86_400_000_000_000);
            b.u32(who.uid).text(path).i64(who.group).u32(who.gid).text(path);
        });
    }

    pub(super) fn exit(&mut self, who: &Process, status: i64) {
        self.emit(who.pid, sys::PROCEXIT_1_E, |b| {
            b.i64(status << 8).i64(status).u8(0).u8(0).i64(0);
        });
    }

    /// Opens a file; `fd` is the new descriptor or the negative error.
    pub(super) fn open(&mut self, who: &Process, fd: i64, path: &str, how: &[&str]) {
        let mode = if how.contains(&"O_CREAT") { 0o644 } else { 0 };
        self.emit(who.pid, sys::OPENAT_2_X, |b| {
            b.i64(fd).i64(AT_FDCWD).text(path).u32(flags(symbols::FILE_FLAGS, how)).u32(mode);
            b.u32(if fd < 0 { 0 } else { 0x801 });
            b.u64(if fd < 0 { 0 } else { 262_144 + path.len() as u64 });
        });
    }

    pub(super) fn read(&mut self, who: &Process, fd: i64, data: &str) {
        self.emit(who.pid, sys::READ_X, |b| {
            b.i64(data.len() as i64).raw(data.as_bytes()).i64(fd).u32(4096);
        });
    }

    pub(super) fn write(&mut self, who: &Process, fd: i64, data: &str) {
        self.emit(who.pid, sys::WRITE_X, |b| {
            b.i64(data.len() as i64).raw(data.as_bytes()).i64(fd).u32(data.len() as u32);
        });
    }

    pub(super) fn close(&mut self, who: &Process, fd: i64) {
        self.emit(who.pid, sys::CLOSE_X, |b| {
            b.i64(0).i64(fd);
        });
    }

    /// Opens, reads and closes a file.
    pub(super) fn read_file(&mut self, who: &Process, path: &str, data: &str) {
        self.open(who, 3, path, &["O_RDONLY", "O_CLOEXEC"]);
        self.read(who, 3, data);
        self.close(who, 3);
    }

    pub(super) fn make_folder(&mut self, who: &Process, path: &str) {
        self.emit(who.pid, sys::MKDIR_2_X, |b| {
            b.i64(0).text(path).u32(0o755);
        });
    }

    pub(super) fn make_executable(&mut self, who: &Process, path: &str) {
        self.emit(who.pid, sys::FCHMODAT_X, |b| {
            b.i64(0).i64(AT_FDCWD).text(path).u32(0o755);
        });
    }

    pub(super) fn remove(&mut self, who: &Process, path: &str) {
        self.emit(who.pid, sys::UNLINKAT_2_X, |b| {
            b.i64(0).i64(AT_FDCWD).text(path).u32(0);
        });
    }

    pub(super) fn copy_fd(&mut self, who: &Process, from: i64, to: i64) {
        self.emit(who.pid, sys::DUP2_X, |b| {
            b.i64(to).i64(from).i64(to);
        });
    }

    /// The process begins a session of its own.
    pub(super) fn new_session(&mut self, who: &mut Process) {
        who.group = who.pid;
        self.emit(who.pid, sys::SETSID_X, |b| {
            b.i64(who.pid);
        });
    }

    pub(super) fn become_user(&mut self, who: &mut Process, uid: u32, gid: u32) {
        (who.uid, who.gid) = (uid, gid);
        self.emit(who.pid, sys::SETRESGID_X, |b| {
            b.i64(0).u32(gid).u32(gid).u32(gid);
        });
        self.emit(who.pid, sys::SETRESUID_X, |b| {
            b.i64(0).u32(uid).u32(uid).u32(uid);
        });
    }

    pub(super) fn accept(&mut self, who: &Process, fd: i64, from: SocketAddrV4, at: SocketAddrV4) {
        self.emit(who.pid, sys::SOCKET_ACCEPT4_6_X, |b| {
            b.i64(fd).raw(&tuple(from, at)).u8(0).u32(0).u32(128).u32(0);
        });
    }

    /// Makes a TCP socket and connects it.
    pub(super) fn connect(&mut self, who: &Process, fd: i64, port: u16, to: SocketAddrV4) {
        let from = SocketAddrV4::new(OURS, port);
        self.emit(who.pid, sys::SOCKET_SOCKET_X, |b| {
            b.i64(fd).u32(u32::from(AF_INET)).u32(SOCK_STREAM).u32(0).u32(0);
        });
        self.emit(who.pid, sys::SOCKET_CONNECT_X, |b| {
            b.i64(0).raw(&tuple(from, to)).i64(fd).raw(&address(to));
        });
    }

    pub(super) fn send(&mut self, who: &Process, fd: i64, data: &str) {
        self.emit(who.pid, sys::SOCKET_SENDTO_X, |b| {
            b.i64(data.len() as i64).raw(data.as_bytes()).i64(fd).u32(data.len() as u32).null();
        });
    }

    pub(super) fn receive(&mut self, who: &Process, fd: i64, data: &str) {
        self.emit(who.pid, sys::SOCKET_RECVFROM_X, |b| {
            b.i64(data.len() as i64).raw(data.as_bytes()).null().i64(fd).u32(16_384);
        });
    }
}

/// The machine's own address.
pub(super) const OURS: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 10);

/// The parameters that clone and execve share, from `exe` to `cgroups`.
fn identity(b: &mut EventBuilder, who: &Process) {
    b.text(who.argv.first().copied().unwrap_or_default()).raw(&who.args());
    b.i64(who.pid).i64(who.pid).i64(who.parent).text(who.cwd);
    b.i64(1024).u64(0).u64(142).u32(8_320).u32(3_412).u32(0);
    b.text(who.comm()).raw(&who.cgroups());
}
