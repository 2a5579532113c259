//! The system calls of a tracer, made safe. Everything `unsafe` of tracing is in this file, in
//! [`super::launch`], and in [`super::socket`].

use std::{
    ffi::CStr,
    fs::{File, OpenOptions},
    io,
    mem::{MaybeUninit, size_of},
    os::{
        fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd},
        unix::fs::FileExt,
    },
};

use libc::{c_int, c_long, c_void, pid_t};

/// Options that each tracee has: stops are told apart, children are followed.
pub(super) const OPTIONS: c_int = libc::PTRACE_O_TRACESYSGOOD
    | libc::PTRACE_O_TRACEFORK
    | libc::PTRACE_O_TRACEVFORK
    | libc::PTRACE_O_TRACECLONE
    | libc::PTRACE_O_TRACEEXEC
    | libc::PTRACE_O_TRACESECCOMP;

/// `PTRACE_O_EXITKILL`: tracees die with their tracer.
pub(super) const KILL_AT_EXIT: c_int = libc::PTRACE_O_EXITKILL;

/// A request of `ptrace(2)`.
fn ptrace(request: libc::c_uint, tid: pid_t, address: usize, data: usize) -> io::Result<c_long> {
    // SAFETY: the callers pass, for each request that reads or writes our memory, a pointer to a
    // value of the size that it names, alive for the call.
    let result = unsafe { libc::ptrace(request, tid, address as *mut c_void, data as *mut c_void) };
    if result == -1 { Err(io::Error::last_os_error()) } else { Ok(result) }
}

/// Attaches without stopping the thread.
pub(super) fn seize(tid: pid_t, options: c_int) -> io::Result<()> {
    ptrace(libc::PTRACE_SEIZE, tid, 0, options as usize).map(drop)
}

/// Makes a seized thread stop.
pub(super) fn interrupt(tid: pid_t) -> io::Result<()> {
    ptrace(libc::PTRACE_INTERRUPT, tid, 0, 0).map(drop)
}

/// Leaves a stopped thread in its group-stop, to be told when that ends.
pub(super) fn listen(tid: pid_t) -> io::Result<()> {
    ptrace(libc::PTRACE_LISTEN, tid, 0, 0).map(drop)
}

/// Lets a stopped thread go and no longer traces it.
pub(super) fn detach(tid: pid_t, signal: c_int) -> io::Result<()> {
    ptrace(libc::PTRACE_DETACH, tid, 0, signal as usize).map(drop)
}

/// How far a stopped thread may run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Until {
    /// The next call that the filter picks.
    Filter,
    /// The next begin or end of a call.
    Call,
}

/// Lets a stopped thread run, with a signal, or none (0).
pub(super) fn resume(tid: pid_t, until: Until, signal: c_int) -> io::Result<()> {
    let request = match until {
        Until::Filter => libc::PTRACE_CONT,
        Until::Call => libc::PTRACE_SYSCALL,
    };
    ptrace(request, tid, 0, signal as usize).map(drop)
}

/// What belongs to the event that the thread stopped for: a child's id, a former id, the filter's
/// data.
pub(super) fn event_message(tid: pid_t) -> io::Result<u64> {
    let mut message: libc::c_ulong = 0;
    ptrace(libc::PTRACE_GETEVENTMSG, tid, 0, &raw mut message as usize)?;
    Ok(message)
}

/// The signal that the thread stopped for.
pub(super) fn signal_info(tid: pid_t) -> io::Result<Signal> {
    let mut info = MaybeUninit::<libc::siginfo_t>::zeroed();
    ptrace(libc::PTRACE_GETSIGINFO, tid, 0, info.as_mut_ptr() as usize)?;
    // SAFETY: zeroed is a valid siginfo_t, and the kernel has filled it.
    let info = unsafe { info.assume_init() };
    // SAFETY: the sender's pid stands at the same place for all signals that have one; for the
    // others it is not asked for.
    let sender = unsafe { info.si_pid() };
    Ok(Signal { code: info.si_code, sender })
}

/// A signal on its way to a thread.
#[derive(Clone, Copy, Debug)]
pub(super) struct Signal {
    /// `SI_USER`, `SI_KERNEL`, and so on.
    pub(super) code: c_int,
    /// Who sent it, if the code says that somebody did.
    pub(super) sender: pid_t,
}

impl Signal {
    /// Whether somebody sent it, rather than the kernel for a fault or a timer.
    pub(super) fn has_sender(&self, signal: c_int) -> bool {
        self.code <= 0 || signal == libc::SIGCHLD
    }
}

/// Where in a call a thread stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Before it: architecture (`AUDIT_ARCH_*`), number, arguments.
    Begin { arch: u32, number: u64, args: [u64; 6] },
    /// Behind it: what it returned.
    End { result: i64 },
    /// Where the filter stopped it.
    Filtered { arch: u32, number: u64, args: [u64; 6], data: u32 },
    /// In none.
    None,
}

/// `struct ptrace_syscall_info` of linux/ptrace.h, with the largest of its variants.
#[repr(C)]
#[derive(Clone, Copy, Default)]
struct SyscallInfo {
    op: u8,
    pad: [u8; 3],
    arch: u32,
    instruction_pointer: u64,
    stack_pointer: u64,
    /// Number and arguments; or the result and whether it is an error.
    number: u64,
    args: [u64; 6],
    filter_data: u32,
    reserved: u32,
}

const INFO_ENTRY: u8 = 1;
const INFO_EXIT: u8 = 2;
const INFO_SECCOMP: u8 = 3;
/// Since Linux 5.3.
const PTRACE_GET_SYSCALL_INFO: libc::c_uint = 0x420e;

/// Where in a call a stopped thread stands.
pub(super) fn place(tid: pid_t) -> io::Result<Place> {
    let mut info = SyscallInfo::default();
    let size = size_of::<SyscallInfo>();
    ptrace(PTRACE_GET_SYSCALL_INFO, tid, size, &raw mut info as usize)?;
    let SyscallInfo { arch, number, args, .. } = info;
    Ok(match info.op {
        INFO_ENTRY => Place::Begin { arch, number, args },
        INFO_EXIT => Place::End { result: number as i64 },
        INFO_SECCOMP => Place::Filtered { arch, number, args, data: info.filter_data },
        _ => Place::None,
    })
}

/// What the registers of a thread say of the call that it is stopped in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Registers {
    pub(super) number: u64,
    pub(super) result: u64,
    /// The first three arguments.
    pub(super) args: [u64; 3],
    /// The first argument of a 32-bit program.
    pub(super) arg_32: u64,
    pub(super) instruction_pointer: u64,
    pub(super) stack_pointer: u64,
}

/// Changes the arguments, number or result of the call that a thread is stopped in.
#[cfg(target_arch = "x86_64")]
pub(super) fn change_registers(tid: pid_t, change: impl FnOnce(&mut Registers)) -> io::Result<()> {
    let mut all = MaybeUninit::<libc::user_regs_struct>::zeroed();
    ptrace(libc::PTRACE_GETREGS, tid, 0, all.as_mut_ptr() as usize)?;
    // SAFETY: zeroed is a valid user_regs_struct, and the kernel has filled it.
    let mut all = unsafe { all.assume_init() };
    let mut registers = Registers {
        number: all.orig_rax,
        result: all.rax,
        args: [all.rdi, all.rsi, all.rdx],
        arg_32: all.rbx,
        instruction_pointer: all.rip,
        stack_pointer: all.rsp,
    };
    change(&mut registers);
    (all.orig_rax, all.rax, all.rbx) = (registers.number, registers.result, registers.arg_32);
    [all.rdi, all.rsi, all.rdx] = registers.args;
    (all.rip, all.rsp) = (registers.instruction_pointer, registers.stack_pointer);
    ptrace(libc::PTRACE_SETREGS, tid, 0, &raw mut all as usize).map(drop)
}

/// Nothing is traced there.
#[cfg(not(target_arch = "x86_64"))]
pub(super) fn change_registers(_: pid_t, _: impl FnOnce(&mut Registers)) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// What became of a thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Status {
    /// It ended, with this code.
    Exited(c_int),
    /// It was killed by this signal; whether it dumped core.
    Killed(c_int, bool),
    /// It begins or ends a call.
    Call,
    /// An event of `PTRACE_EVENT_*`, with the signal that is told along.
    Event(c_int, c_int),
    /// A signal is about to be delivered.
    Signal(c_int),
}

/// `__WNOTHREAD` of linux/wait.h: only children and tracees of this very thread.
const WNOTHREAD: c_int = 0x2000_0000;

/// Waits for the next thread of this thread's tracees; `None` if there are none left.
///
/// # Errors
/// `Interrupted` if a signal came.
pub(super) fn wait() -> io::Result<Option<(pid_t, Status)>> {
    wait_with(libc::__WALL | WNOTHREAD)
}

/// As [`wait`], but does not: the id is 0 if no thread has stopped.
pub(super) fn look() -> io::Result<Option<(pid_t, Status)>> {
    wait_with(libc::__WALL | WNOTHREAD | libc::WNOHANG)
}

fn wait_with(flags: c_int) -> io::Result<Option<(pid_t, Status)>> {
    let mut status = 0;
    // SAFETY: status is ours and alive.
    let tid = unsafe { libc::waitpid(-1, &raw mut status, flags) };
    if tid == -1 {
        let error = io::Error::last_os_error();
        return if error.raw_os_error() == Some(libc::ECHILD) { Ok(None) } else { Err(error) };
    }
    Ok(Some((tid, status_of(status))))
}

fn status_of(status: c_int) -> Status {
    if libc::WIFEXITED(status) {
        return Status::Exited(libc::WEXITSTATUS(status));
    }
    if libc::WIFSIGNALED(status) {
        return Status::Killed(libc::WTERMSIG(status), libc::WCOREDUMP(status));
    }
    let signal = libc::WSTOPSIG(status);
    match status >> 16 {
        0 if signal == libc::SIGTRAP | 0x80 => Status::Call,
        0 => Status::Signal(signal),
        event => Status::Event(event, signal),
    }
}

/// Sends a signal to a process.
pub(super) fn kill(pid: pid_t, signal: c_int) -> io::Result<()> {
    // SAFETY: no memory is passed.
    if unsafe { libc::kill(pid, signal) } == -1 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}

/// Reads a thread's memory; as many bytes as there are from `address` on, up to a page that is not
/// there.
pub(super) fn read_memory(tid: pid_t, address: u64, buffer: &mut [u8]) -> io::Result<usize> {
    let local = libc::iovec { iov_base: buffer.as_mut_ptr().cast(), iov_len: buffer.len() };
    let remote = libc::iovec { iov_base: address as *mut c_void, iov_len: buffer.len() };
    // SAFETY: local describes the buffer, which is ours; the remote address is another's and is
    // checked by the kernel.
    let read = unsafe { libc::process_vm_readv(tid, &raw const local, 1, &raw const remote, 1, 0) };
    match usize::try_from(read) {
        Ok(read) => Ok(read),
        Err(_) => otherwise(|| read_memory_file(tid, address, buffer)),
    }
}

/// The same by the file of it, which reads what the thread itself may not, too.
pub(super) fn read_memory_file(tid: pid_t, address: u64, buffer: &mut [u8]) -> io::Result<usize> {
    File::open(format!("/proc/{tid}/mem"))?.read_at(buffer, address)
}

/// Sandboxes forbid the call that reaches another's memory more often than the file of it.
fn otherwise<T>(by_file: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
    let error = io::Error::last_os_error();
    match error.raw_os_error() {
        Some(libc::EPERM | libc::ENOSYS) => by_file(),
        _ => Err(error),
    }
}

/// The time since the epoch, which no setting of the machine's clock moves: as it was at the
/// beginning, and what has gone by since.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clock {
    /// Between the clock that goes by steadily and the time since the epoch, ns.
    ahead_ns: u64,
}

impl Clock {
    pub(super) fn new() -> Self {
        let (steady_ns, epoch_ns) = (read_ns(libc::CLOCK_BOOTTIME), read_ns(libc::CLOCK_REALTIME));
        Self { ahead_ns: epoch_ns.wrapping_sub(steady_ns) }
    }

    pub(super) fn now_ns(self) -> u64 {
        read_ns(libc::CLOCK_BOOTTIME).wrapping_add(self.ahead_ns)
    }
}

fn read_ns(clock: libc::clockid_t) -> u64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: time is ours and alive.
    unsafe { libc::clock_gettime(clock, &raw mut time) };
    let whole = u64::try_from(time.tv_sec).unwrap_or(0).saturating_mul(1_000_000_000);
    whole.saturating_add(u64::try_from(time.tv_nsec).unwrap_or(0))
}

/// State (a letter) and parent of a thread, by `/proc`.
fn stat_of(tid: pid_t) -> Option<(u8, pid_t)> {
    let stat = std::fs::read(format!("/proc/{tid}/stat")).ok()?;
    let stat = crate::proc::parse::Stat::parse(&stat)?;
    Some((stat.state, stat.ppid as pid_t))
}

/// The state of a thread that is there, reaped or not, as a letter.
pub(super) fn state_of(tid: pid_t) -> Option<u8> {
    stat_of(tid).map(|(state, _)| state)
}

/// The parent of a process that lives.
pub(super) fn parent_of(pid: pid_t) -> Option<pid_t> {
    stat_of(pid).filter(|(state, _)| !matches!(state, b'Z' | b'X')).map(|(_, parent)| parent)
}

/// What a thread has of signals: sets, in which the lowest bit is signal 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Signals {
    /// Those that wait to be delivered and are not blocked.
    pub(super) waiting: u64,
    pub(super) ignored: u64,
    /// Those that have a handler.
    pub(super) caught: u64,
}

/// The signals of a thread, by `/proc`.
pub(super) fn signals_of(tid: pid_t) -> Option<Signals> {
    let status = std::fs::read_to_string(format!("/proc/{tid}/status")).ok()?;
    let set = |name: &str| {
        let digits = status.lines().find_map(|line| line.strip_prefix(name))?.trim();
        u64::from_str_radix(digits, 16).ok()
    };
    let waiting = (set("SigPnd:")? | set("ShdPnd:")?) & !set("SigBlk:")?;
    Some(Signals { waiting, ignored: set("SigIgn:")?, caught: set("SigCgt:")? })
}

/// This thread's id.
pub(super) fn own_tid() -> pid_t {
    // SAFETY: no memory is passed.
    unsafe { libc::gettid() }
}

/// Makes a thread of this process return from waiting.
pub(super) fn wake(tid: pid_t) {
    // SAFETY: no memory is passed.
    unsafe { libc::syscall(libc::SYS_tgkill, libc::getpid(), tid, libc::SIGURG) };
}

extern "C" fn no_op(_: c_int) {}

/// Lets [`wake`] interrupt a wait: by default the signal would be ignored.
pub(super) fn let_wake() {
    // SAFETY: zeroed is a valid sigaction; the handler does nothing.
    unsafe {
        let mut action = MaybeUninit::<libc::sigaction>::zeroed().assume_init();
        action.sa_sigaction = no_op as *const () as usize;
        libc::sigaction(libc::SIGURG, &raw const action, std::ptr::null_mut());
    }
}

/// Writes into a thread's memory.
pub(super) fn write_memory(tid: pid_t, address: u64, bytes: &[u8]) -> io::Result<()> {
    let local = libc::iovec { iov_base: bytes.as_ptr() as *mut c_void, iov_len: bytes.len() };
    let remote = libc::iovec { iov_base: address as *mut c_void, iov_len: bytes.len() };
    // SAFETY: local describes bytes, which is only read; the remote address is another's and is
    // checked by the kernel.
    let wrote =
        unsafe { libc::process_vm_writev(tid, &raw const local, 1, &raw const remote, 1, 0) };
    match usize::try_from(wrote) {
        Ok(wrote) if wrote == bytes.len() => Ok(()),
        Ok(_) => Err(io::ErrorKind::WriteZero.into()),
        Err(_) => otherwise(|| {
            let memory = OpenOptions::new().write(true).open(format!("/proc/{tid}/mem"))?;
            memory.write_all_at(bytes, address)
        }),
    }
}

/// What tells a file from all others of the machine while it is there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Identity {
    pub(super) major: u32,
    pub(super) minor: u32,
    pub(super) ino: u64,
}

/// What a path leads to. Only what the kernel knows already is asked for: a file system whose
/// server is one of our tracees would never answer.
pub(super) fn identity(path: &CStr) -> io::Result<Identity> {
    identity_at(libc::AT_FDCWD, path)
}

/// What an fd of ours is.
pub(super) fn identity_of(fd: BorrowedFd<'_>) -> io::Result<Identity> {
    identity_at(fd.as_raw_fd(), c"")
}

fn identity_at(dir: c_int, path: &CStr) -> io::Result<Identity> {
    const FLAGS: c_int = libc::AT_EMPTY_PATH | libc::AT_NO_AUTOMOUNT;
    let mut facts = MaybeUninit::<libc::statx>::zeroed();
    let ask = FLAGS | libc::AT_STATX_DONT_SYNC;
    // SAFETY: the path is NUL-terminated, and facts is ours and of the right size.
    let done = unsafe { libc::statx(dir, path.as_ptr(), ask, libc::STATX_INO, facts.as_mut_ptr()) };
    if done != -1 {
        // SAFETY: zeroed is a valid statx, and the kernel has filled it.
        let facts = unsafe { facts.assume_init() };
        let (major, minor) = (facts.stx_dev_major, facts.stx_dev_minor);
        return Ok(Identity { major, minor, ino: facts.stx_ino });
    }
    let error = io::Error::last_os_error();
    if !matches!(error.raw_os_error(), Some(libc::ENOSYS | libc::EPERM)) {
        return Err(error);
    }
    // A sandbox that does not know the call.
    let mut facts = MaybeUninit::<libc::stat>::zeroed();
    // SAFETY: the same.
    let done = unsafe { libc::fstatat(dir, path.as_ptr(), facts.as_mut_ptr(), FLAGS) };
    if done == -1 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: zeroed is a valid stat, and the kernel has filled it.
    let facts = unsafe { facts.assume_init() };
    let (major, minor) = (libc::major(facts.st_dev), libc::minor(facts.st_dev));
    Ok(Identity { major, minor, ino: facts.st_ino })
}

/// How far a path is followed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Follow {
    /// As far as the kernel knows it without asking a file system; `WouldBlock` beyond.
    Known,
    /// All the way.
    All,
    /// One name in the directory itself, of its own file system, and no link.
    Here,
}

/// `struct open_how` of linux/openat2.h.
#[repr(C)]
struct OpenHow {
    flags: u64,
    mode: u64,
    resolve: u64,
}

const RESOLVE_NO_XDEV: u64 = 0x01;
const RESOLVE_NO_SYMLINKS: u64 = 0x04;
const RESOLVE_IN_ROOT: u64 = 0x10;
/// Since Linux 5.12.
const RESOLVE_CACHED: u64 = 0x20;

/// What a path leads to for somebody whose root is `root`, as an fd that only names it.
///
/// # Errors
/// Also `ENOSYS` before Linux 5.6, and `ELOOP` for magic links of /proc.
pub(super) fn look_up(root: BorrowedFd<'_>, path: &CStr, follow: Follow) -> io::Result<OwnedFd> {
    let more = match follow {
        Follow::Known => RESOLVE_CACHED,
        Follow::All => 0,
        Follow::Here => RESOLVE_NO_XDEV | RESOLVE_NO_SYMLINKS,
    };
    let how = OpenHow {
        flags: (libc::O_PATH | libc::O_CLOEXEC) as u64,
        mode: 0,
        resolve: RESOLVE_IN_ROOT | more,
    };
    let (root, size) = (root.as_raw_fd(), size_of::<OpenHow>());
    // SAFETY: the path is NUL-terminated, and how is of the size that is passed along.
    let fd = unsafe { libc::syscall(libc::SYS_openat2, root, path.as_ptr(), &raw const how, size) };
    if fd == -1 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the call made this fd, and nobody else has it.
    Ok(unsafe { OwnedFd::from_raw_fd(fd as c_int) })
}

/// Whether the mounts that a file of `/proc/PID/mountinfo` tells of are others than when it was
/// opened, or asked last.
pub(super) fn mounts_changed(mounts: BorrowedFd<'_>) -> bool {
    let mut ask = libc::pollfd { fd: mounts.as_raw_fd(), events: libc::POLLPRI, revents: 0 };
    // SAFETY: ask is ours and alive.
    let told = unsafe { libc::poll(&raw mut ask, 1, 0) };
    told != 0
}
