//! Starts the command that is traced: stopped before its first instruction, with the filter on.
//!
//! Everything that allocates is done before the fork; the child makes raw calls only, as it must in
//! a process of several threads.

use std::{
    ffi::{CString, OsStr, OsString},
    io,
    os::{
        fd::{AsRawFd, FromRawFd, OwnedFd},
        unix::ffi::OsStrExt,
    },
    path::{Path, PathBuf},
    ptr,
};

use libc::{c_char, c_int, pid_t};

use super::{Error, filter::Instruction, sys};
use crate::proc::parse::Status;

/// `PR_SET_NO_NEW_PRIVS` and so on, and the flag that leaves speculation as it is.
const SECCOMP_SET_MODE_FILTER: libc::c_long = 1;
const SECCOMP_FILTER_FLAG_SPEC_ALLOW: libc::c_long = 1 << 2;

/// The child's answer where it could not start the command: which step, and the error number.
const STEP_FILTER: i32 = 1;
const STEP_EXEC: i32 = 2;

/// A command, ready to be started.
pub(super) struct Prepared {
    path: CString,
    argv: Vec<CString>,
    argv_pointers: Vec<*const c_char>,
    program: Vec<Instruction>,
    /// Whether privileges can be kept away without giving up the filter.
    no_new_privileges: bool,
    /// Signals that are blocked for the command.
    mask: libc::sigset_t,
}

/// A command that waits to be let go.
#[derive(Debug)]
pub(super) struct Started {
    pub(super) pid: pid_t,
    go: OwnedFd,
    answer: OwnedFd,
}

impl Prepared {
    /// Finds the program and lays everything out. An empty `program` means no filter.
    pub(super) fn new(
        command: &[OsString],
        program: Vec<Instruction>,
        mask: libc::sigset_t,
    ) -> Result<Self, Error> {
        let name = command.first().ok_or(Error::NoCommand)?;
        let path = find(name)?;
        let text =
            |word: &OsStr| CString::new(word.as_bytes()).map_err(|_| Error::Nul(word.to_owned()));
        let argv = command.iter().map(|word| text(word)).collect::<Result<Vec<_>, _>>()?;
        let mut argv_pointers: Vec<*const c_char> = argv.iter().map(|word| word.as_ptr()).collect();
        argv_pointers.push(ptr::null());
        Ok(Self {
            path: text(path.as_os_str())?,
            argv,
            argv_pointers,
            no_new_privileges: !may_filter_without(),
            program,
            mask,
        })
    }

    /// Forks; the child waits.
    pub(super) fn start(&self) -> Result<Started, Error> {
        let (wait, go) = pipe().map_err(Error::Start)?;
        let (answer, tell) = pipe().map_err(Error::Start)?;
        // SAFETY: the child calls nothing but raw system calls and exec, on memory laid out before.
        let pid = unsafe { libc::fork() };
        match pid {
            -1 => Err(Error::Start(io::Error::last_os_error())),
            0 => self.child(wait.as_raw_fd(), tell.as_raw_fd()),
            pid => Ok(Started { pid, go, answer }),
        }
    }

    /// Never returns: becomes the command, or ends.
    fn child(&self, wait: c_int, tell: c_int) -> ! {
        let fail = |step: i32| -> ! {
            let number = io::Error::last_os_error().raw_os_error().unwrap_or(0);
            let mut message = [0; 8];
            message[..4].copy_from_slice(&step.to_ne_bytes());
            message[4..].copy_from_slice(&number.to_ne_bytes());
            // SAFETY: message is ours; _exit ends the process.
            unsafe {
                libc::write(tell, message.as_ptr().cast(), message.len());
                libc::_exit(127)
            }
        };
        let mut byte = 0_u8;
        // SAFETY: byte is ours. If the tracer is gone the read returns 0 and the child ends.
        while unsafe { libc::read(wait, (&raw mut byte).cast(), 1) } != 1 {
            if io::Error::last_os_error().raw_os_error() != Some(libc::EINTR) {
                // SAFETY: ends the process.
                unsafe { libc::_exit(127) }
            }
        }
        // SAFETY: sets signals of this process; the mask is ours.
        unsafe {
            libc::signal(libc::SIGPIPE, libc::SIG_DFL);
            libc::sigprocmask(libc::SIG_SETMASK, &raw const self.mask, ptr::null_mut());
        }
        if !self.program.is_empty() && !self.install_filter() {
            fail(STEP_FILTER);
        }
        // SAFETY: path, argv and environ are NUL-terminated and live as long as the process.
        unsafe {
            libc::execve(self.path.as_ptr(), self.argv_pointers.as_ptr(), environ.cast());
            if io::Error::last_os_error().raw_os_error() == Some(libc::ENOEXEC) {
                self.run_by_shell();
            }
        }
        fail(STEP_EXEC)
    }

    fn install_filter(&self) -> bool {
        let fprog = libc::sock_fprog {
            len: self.program.len() as u16,
            filter: self.program.as_ptr() as *mut libc::sock_filter,
        };
        // SAFETY: Instruction has the layout of sock_filter, and the kernel only reads.
        unsafe {
            if self.no_new_privileges && libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 {
                return false;
            }
            let install = |flags: libc::c_long| {
                libc::syscall(libc::SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &raw const fprog)
                    == 0
            };
            install(SECCOMP_FILTER_FLAG_SPEC_ALLOW) || install(0)
        }
    }

    /// A script without `#!` is run by the shell, as execvp(3) does.
    ///
    /// # Safety
    /// Only in the child.
    unsafe fn run_by_shell(&self) {
        const MOST: usize = 1024;
        let mut argv = [ptr::null::<c_char>(); MOST];
        let words = self.argv.len();
        if words + 2 > MOST {
            return;
        }
        argv[0] = c"/bin/sh".as_ptr();
        argv[1] = self.path.as_ptr();
        argv[2..=words].copy_from_slice(&self.argv_pointers[1..words]);
        // SAFETY: all words are NUL-terminated, and the list ends with a null.
        unsafe { libc::execve(argv[0], argv.as_ptr(), environ.cast()) };
    }
}

unsafe extern "C" {
    static environ: *const *const c_char;
}

/// Why the command did not start.
#[derive(Debug)]
pub(super) enum Refused {
    /// The filter could not be set.
    Filter(io::Error),
    /// The kernel would not run the program.
    Exec(io::Error),
    /// The child ended without a word.
    Silent,
}

impl Started {
    /// Lets the command begin.
    pub(super) fn go(&self) -> io::Result<()> {
        // SAFETY: one byte of ours is read.
        let wrote = unsafe { libc::write(self.go.as_raw_fd(), [1_u8].as_ptr().cast(), 1) };
        if wrote == 1 { Ok(()) } else { Err(io::Error::last_os_error()) }
    }

    /// Why it did not start, after it ended without running.
    pub(super) fn refused(&self) -> Refused {
        let mut message = [0_u8; 8];
        // SAFETY: message is ours. Nobody else holds the pipe's other end any longer.
        let read = unsafe {
            libc::read(self.answer.as_raw_fd(), message.as_mut_ptr().cast(), message.len())
        };
        let [a, b, c, d, e, f, g, h] = message;
        let error = io::Error::from_raw_os_error(i32::from_ne_bytes([e, f, g, h]));
        match (read, i32::from_ne_bytes([a, b, c, d])) {
            (8, STEP_FILTER) => Refused::Filter(error),
            (8, STEP_EXEC) => Refused::Exec(error),
            _ => Refused::Silent,
        }
    }
}

/// A pipe that programs do not inherit: its end to read and its end to write.
fn pipe() -> io::Result<(OwnedFd, OwnedFd)> {
    let mut ends = [0; 2];
    // SAFETY: ends is ours and has room for two fds.
    if unsafe { libc::pipe2(ends.as_mut_ptr(), libc::O_CLOEXEC) } == -1 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: both were just opened, and nobody else has them.
    Ok(unsafe { (OwnedFd::from_raw_fd(ends[0]), OwnedFd::from_raw_fd(ends[1])) })
}

/// Whether a filter may be set though privileges can still be gained (`CAP_SYS_ADMIN`).
fn may_filter_without() -> bool {
    const CAP_SYS_ADMIN: u64 = 1 << 21;
    let mut status = Status::default();
    let text = std::fs::read("/proc/self/status").unwrap_or_default();
    status.read(&text).is_some() && status.cap_effective & CAP_SYS_ADMIN != 0
}

/// The file of a command, looked for as a shell does.
fn find(name: &OsStr) -> Result<PathBuf, Error> {
    let named = Path::new(name);
    if name.as_bytes().contains(&b'/') {
        return check(named).map(|()| named.to_owned());
    }
    let path = std::env::var_os("PATH").unwrap_or_else(|| "/usr/bin:/bin".into());
    let mut refusal = Error::NotFound(name.to_owned());
    // No name is that of no file, not of the folders.
    for folder in std::env::split_paths(&path).filter(|_| !name.is_empty()) {
        let file = folder.join(named);
        match check(&file) {
            Ok(()) => return Ok(file),
            Err(error @ Error::NotExecutable { .. }) => refusal = error,
            Err(_) => {}
        }
    }
    Err(refusal)
}

fn check(file: &Path) -> Result<(), Error> {
    let refused = |source| Error::NotExecutable { path: file.to_owned(), source };
    let meta = file.metadata().map_err(|source| match source.kind() {
        io::ErrorKind::NotFound => Error::NotFound(file.as_os_str().to_owned()),
        _ => refused(source),
    })?;
    if meta.is_dir() {
        return Err(refused(io::Error::other("is a folder")));
    }
    let text = CString::new(file.as_os_str().as_bytes())
        .map_err(|_| Error::Nul(file.as_os_str().to_owned()))?;
    // SAFETY: text is NUL-terminated.
    if unsafe { libc::access(text.as_ptr(), libc::X_OK) } == -1 {
        return Err(refused(io::Error::last_os_error()));
    }
    Ok(())
}

/// Ends a child that shall not run.
pub(super) fn abandon(pid: pid_t) {
    let _ = sys::kill(pid, libc::SIGKILL);
    // SAFETY: no memory is passed.
    unsafe { libc::waitpid(pid, ptr::null_mut(), libc::__WALL) };
}
