//! Files: opening, reading, writing, changing, removing.

use event::{symbols, syscalls as sys};

use super::{AtExec, ENOENT, EPERM, Made, Process, Stage, flags, process::inode, snap};

/// Working directory for paths that are relative to it (`AT_FDCWD` in the schema's numbering).
const AT_FDCWD: i64 = -100;
/// Devices of the host's disk, the container's overlay, `/dev` and `/proc`.
const DISK: u32 = 0xfe01;
const OVERLAY: u32 = 0x2e;
const DEV: u32 = 5;
const PROC: u32 = 0x15;
/// Mode of new files.
const NEW_MODE: u32 = 0o666;
const READ_BYTES: u32 = 4_096;

/// Ways to open a file.
pub(crate) const READ: &[&str] = &["O_RDONLY"];
pub(crate) const READ_WRITE: &[&str] = &["O_RDWR"];
pub(crate) const CREATE: &[&str] = &["O_WRONLY", "O_CREAT", "O_TRUNC"];
pub(crate) const APPEND: &[&str] = &["O_WRONLY", "O_CREAT", "O_APPEND"];
/// As `CREATE`, for a file that is there.
pub(crate) const TRUNCATE: &[&str] = CREATE;
const READ_CLOEXEC: &[&str] = &["O_RDONLY", "O_CLOEXEC"];
/// One of the flags shares its bits with another, and recorders name both.
const LIST: &[&str] = &["O_RDONLY", "O_NONBLOCK", "O_DIRECTORY", "O_CLOEXEC", "O_TMPFILE"];

impl Stage {
    pub(crate) fn open(&mut self, who: &mut Process, path: &str, how: &[&str]) -> i64 {
        let at_exec = if how.contains(&"O_CLOEXEC") { AtExec::Closed } else { AtExec::Kept };
        let fd = who.next_fd(at_exec);
        let (dev, layer) = whereabouts(who, path, how);
        let seen: Vec<&str> = how.iter().copied().chain(layer.iter().copied()).collect();
        self.opened(who, fd, path, &seen, (dev, inode(path)));
        if layer.contains(&"O_F_CREATED") {
            let made = Made { changed_ns: self.now_ns, written_ns: self.now_ns };
            self.made.insert(path.to_owned(), made);
        }
        fd
    }

    /// Opens a file for reading, not for programs to come.
    pub(crate) fn open_kept(&mut self, who: &mut Process, path: &str) -> i64 {
        self.open(who, path, READ_CLOEXEC)
    }

    /// A file that does not open.
    pub(crate) fn open_fails(&mut self, who: &Process, path: &str, how: &[&str], error: i64) {
        self.opened(who, error, path, how, (0, 0));
    }

    fn opened(&mut self, who: &Process, fd: i64, path: &str, how: &[&str], file: (u32, u64)) {
        let mode = if how.contains(&"O_CREAT") { NEW_MODE } else { 0 };
        self.emit(who.pid, sys::OPENAT_2_X, |b| {
            b.i64(fd).i64(AT_FDCWD).text(path).u32(flags(symbols::FILE_FLAGS, how)).u32(mode);
            b.u32(file.0).u64(file.1);
        });
    }

    /// Reads to the end of what there is.
    pub(crate) fn read(&mut self, who: &Process, fd: i64, data: impl AsRef<[u8]>) {
        let data = data.as_ref();
        self.read_of(who, fd, data, data.len());
    }

    /// Reads this many bytes, of which these are the first.
    pub(crate) fn read_of(&mut self, who: &Process, fd: i64, head: &[u8], bytes: usize) {
        let size = READ_BYTES.max(u32::try_from(bytes).unwrap_or(u32::MAX));
        self.emit(who.pid, sys::READ_X, |b| {
            b.i64(bytes as i64).raw(snap(head)).i64(fd).u32(size);
        });
    }

    pub(crate) fn write(&mut self, who: &Process, fd: i64, data: impl AsRef<[u8]>) {
        let data = data.as_ref();
        self.write_of(who, fd, data, data.len());
    }

    /// Writes this many bytes, of which these are the first.
    pub(crate) fn write_of(&mut self, who: &Process, fd: i64, head: &[u8], bytes: usize) {
        self.emit(who.pid, sys::WRITE_X, |b| {
            b.i64(bytes as i64).raw(snap(head)).i64(fd).u32(bytes as u32);
        });
    }

    pub(crate) fn close(&mut self, who: &mut Process, fd: i64) {
        who.fds.remove(&fd);
        self.emit(who.pid, sys::CLOSE_X, |b| {
            b.i64(0).i64(fd);
        });
    }

    /// Writes what a program has to say.
    pub(crate) fn say(&mut self, who: &Process, text: impl AsRef<[u8]>) {
        self.write(who, 1, text);
    }

    /// Writes what a program has to complain about.
    pub(crate) fn complain(&mut self, who: &Process, text: &str) {
        self.write(who, 2, text);
    }

    /// Opens, reads and closes a file.
    pub(crate) fn read_file(&mut self, who: &mut Process, path: &str, data: impl AsRef<[u8]>) {
        let fd = self.open_kept(who, path);
        self.read(who, fd, data);
        self.read(who, fd, "");
        self.close(who, fd);
    }

    /// Opens a file, writes and closes it.
    pub(crate) fn write_file(&mut self, who: &mut Process, path: &str, how: &[&str], data: &str) {
        let fd = self.open(who, path, how);
        self.write(who, fd, data);
        self.close(who, fd);
    }

    /// Lists a directory.
    pub(crate) fn list(&mut self, who: &mut Process, path: &str) {
        let fd = self.open(who, path, LIST);
        for bytes in [312, 0] {
            self.emit(who.pid, sys::GETDENTS64_X, |b| {
                b.i64(bytes).i64(fd);
            });
        }
        self.close(who, fd);
    }

    pub(crate) fn look_at(&mut self, who: &Process, path: &str) {
        self.emit(who.pid, sys::NEWFSTATAT_X, |b| {
            b.i64(0).i64(AT_FDCWD).text(path).u32(0);
        });
    }

    pub(super) fn access(&mut self, who: &Process, path: &str, result: i64) {
        self.emit(who.pid, sys::ACCESS_X, |b| {
            b.i64(result).text(path).u32(flags(symbols::ACCESS_FLAGS, &["R_OK"]));
        });
    }

    pub(super) fn map(&mut self, who: &Process, fd: i64, bytes: u64) {
        let (prot, how) = (symbols::PROT_FLAGS, symbols::MMAP_FLAGS);
        self.emit(who.pid, sys::MMAP_X, |b| {
            b.i64(0x7f1c_7625_1000).u32(2_372).u32(900).u32(0).u64(0).u64(bytes);
            b.u32(flags(prot, &["PROT_READ"])).u32(flags(how, &["MAP_PRIVATE"])).i64(fd).u64(0);
        });
    }

    /// Makes another descriptor for what one stands for.
    pub(crate) fn copy_fd(&mut self, who: &mut Process, from: i64, to: i64) {
        who.fds.insert(to, AtExec::Kept);
        self.emit(who.pid, sys::DUP2_X, |b| {
            b.i64(to).i64(from).i64(to);
        });
    }

    /// A pipe: the end to read from, the end to write to.
    pub(crate) fn pipe(&mut self, who: &mut Process, at_exec: AtExec) -> (i64, i64) {
        let (read, write) = (who.next_fd(at_exec), who.next_fd(at_exec));
        let ino = self.new_inode();
        let names: &[&str] = if at_exec == AtExec::Closed { &["O_CLOEXEC"] } else { &[] };
        self.emit(who.pid, sys::PIPE2_X, |b| {
            b.i64(0).i64(read).i64(write).u64(ino).u32(flags(symbols::FILE_FLAGS, names));
        });
        (read, write)
    }

    pub(crate) fn make_folder(&mut self, who: &Process, path: &str) {
        self.emit(who.pid, sys::MKDIR_2_X, |b| {
            b.i64(0).text(path).u32(0o755);
        });
    }

    pub(crate) fn make_executable(&mut self, who: &Process, path: &str) {
        self.emit(who.pid, sys::FCHMODAT_X, |b| {
            b.i64(0).i64(AT_FDCWD).text(path).u32(0o755);
        });
        if let Some(made) = self.made.get_mut(path) {
            made.changed_ns = self.now_ns;
        }
    }

    pub(crate) fn set_mode(&mut self, who: &Process, fd: i64, mode: u32) {
        self.emit(who.pid, sys::FCHMOD_X, |b| {
            b.i64(0).i64(fd).u32(mode);
        });
    }

    pub(crate) fn remove(&mut self, who: &Process, path: &str) {
        self.emit(who.pid, sys::UNLINKAT_2_X, |b| {
            b.i64(0).i64(AT_FDCWD).text(path).u32(0);
        });
    }

    pub(crate) fn rename(&mut self, who: &Process, from: &str, to: &str) {
        self.emit(who.pid, sys::RENAME_X, |b| {
            b.i64(0).text(from).text(to);
        });
    }

    /// The kernel refuses a module.
    pub(crate) fn load_module_fails(&mut self, who: &Process, fd: i64) {
        self.emit(who.pid, sys::FINIT_MODULE_X, |b| {
            b.i64(EPERM).i64(fd).text("").u32(0);
        });
    }

    /// The kernel refuses a mount.
    pub(crate) fn mount_fails(&mut self, who: &Process, device: &str, on: &str, kind: &str) {
        self.emit(who.pid, sys::MOUNT_X, |b| {
            b.i64(EPERM).text(device).text(on).text(kind).u32(0);
        });
    }

    /// Looks for configuration that is not there.
    pub(crate) fn look_in_vain(&mut self, who: &Process, path: &str) {
        self.open_fails(who, path, READ, ENOENT);
    }
}

/// Device of a path, and what recorders find out about the file behind it.
fn whereabouts(who: &Process, path: &str, how: &[&str]) -> (u32, &'static [&'static str]) {
    let within = |folders: &[&str]| folders.iter().any(|folder| path.starts_with(folder));
    let created = how.contains(&"O_CREAT") && !within(&["/dev/", "/var/log/"]);
    match who.in_container() {
        _ if within(&["/dev/"]) => (DEV, &[]),
        _ if within(&["/proc/"]) => (PROC, &[]),
        false if created => (DISK, &["O_F_CREATED"]),
        false => (DISK, &[]),
        true if created => (OVERLAY, &["O_F_CREATED", "FD_UPPER_LAYER"]),
        true if within(&["/tmp/", "/run/", "/var/log/"]) => (OVERLAY, &["FD_UPPER_LAYER"]),
        true => (OVERLAY, &["FD_LOWER_LAYER"]),
    }
}
