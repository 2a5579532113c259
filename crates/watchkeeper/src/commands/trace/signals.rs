//! Signals while a command is traced.
//!
//! Signals that end a program are held back in all threads, and one thread waits for them. What the
//! terminal sends reaches the command too, for it is in the same process group, so nothing is to be
//! done; what a process sends is passed on. The command gets the signal mask that we were given.
//!
//! ^Z is for the command, which may ignore it, or put the terminal in order first. Stopped
//! ourselves, we would keep it from that; so we stop when it has, and whoever runs us sees what it
//! would see of the command alone. `SIGTTOU` is held back for good: where a shell that we trace has
//! the terminal, what we say there must not stop us.

use std::{
    io,
    mem::MaybeUninit,
    process::exit,
    ptr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread::Builder,
    time::{Duration, Instant},
};

use capture::ptrace::Handle;
use libc::{c_int, sigset_t};

/// Signals that are waited for.
const WAITED_FOR: [c_int; 5] =
    [libc::SIGINT, libc::SIGQUIT, libc::SIGTERM, libc::SIGHUP, libc::SIGTSTP];

/// Who gets signals. They are held back as long as the program runs.
pub(super) struct Signals {
    /// What was held back before.
    original: sigset_t,
    stage: Arc<Mutex<Stage>>,
}

/// What a signal means now.
enum Stage {
    /// Nothing runs yet: it ends us.
    Alone,
    /// It is for the command.
    Command(Handle),
    /// The command has ended, and others go on: it ends those; ^C only the next time.
    Left { handle: Handle, warned: bool },
    /// Processes were attached to: it lets them go.
    Attached(Handle),
    /// All that is traced is being killed, or let go, since then: later on it ends us.
    Ending(Instant),
    /// Nothing runs any longer, since then: later on it ends us.
    Over(Instant),
}

/// So long after the end of a command a signal may still be one that was meant for it too.
const GRACE: Duration = Duration::from_millis(500);
/// So long it may take to end all that is traced.
const PATIENCE: Duration = Duration::from_secs(2);

/// How a trace is ended.
#[derive(Clone, Copy)]
enum Wish {
    Kill,
    Detach,
}

/// From where a signal came.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Sender {
    /// From the terminal, to all that run in its foreground.
    Terminal,
    /// From a process, to us.
    Process,
}

impl Signals {
    /// Holds signals back, in threads too that are started from here on.
    ///
    /// # Errors
    /// If the thread that waits for them cannot be started.
    pub(super) fn hold() -> io::Result<Self> {
        let waited_for = set(&WAITED_FOR);
        let held = set(&[&WAITED_FOR[..], &[libc::SIGTTOU]].concat());
        let original = hold_back(&held);
        let stage = Arc::new(Mutex::new(Stage::Alone));
        let theirs = Arc::clone(&stage);
        let ignored = WAITED_FOR.map(|signal| is_ignored(signal).then_some(signal));
        Builder::new().name("signals".to_owned()).spawn(move || {
            loop {
                if let Some((signal, sender)) = wait(&waited_for) {
                    lock(&theirs).came(signal, sender, ignored.contains(&Some(signal)));
                }
            }
        })?;
        Ok(Self { original, stage })
    }

    /// The signals that were held back before: those that a command should hold back.
    pub(super) fn original(&self) -> sigset_t {
        self.original
    }

    /// A command was started.
    pub(super) fn started(&self, handle: Handle) {
        *lock(&self.stage) = Stage::Command(handle);
    }

    /// Processes were attached to.
    pub(super) fn attached(&self, handle: Handle) {
        *lock(&self.stage) = Stage::Attached(handle);
    }

    /// The command has ended, and others go on.
    pub(super) fn left_behind(&self) {
        let mut stage = lock(&self.stage);
        if let Stage::Command(handle) = &*stage {
            *stage = Stage::Left { handle: handle.clone(), warned: false };
        }
    }

    /// Kills all that is traced.
    pub(super) fn kill(&self) {
        let mut stage = lock(&self.stage);
        stage.end(Wish::Kill);
    }

    /// Nothing is traced any longer.
    pub(super) fn ended(&self) {
        *lock(&self.stage) = Stage::Over(Instant::now());
    }
}

impl Stage {
    /// A signal came. What we are told to ignore (by nohup(1), say) comes too, for it is held back;
    /// what it means to a command is the command's to say, but it means nothing to us.
    fn came(&mut self, signal: c_int, sender: Sender, is_ignored: bool) {
        match self {
            // Where there is a command, it is stopped first; what is attached to is not held up.
            Self::Command(_) | Self::Attached(_) if signal == libc::SIGTSTP => {}
            Self::Command(handle) if sender == Sender::Process || is_hangup(signal) => {
                handle.signal(signal);
            }
            _ if is_ignored => {}
            _ if signal == libc::SIGTSTP => stop(signal),
            Self::Alone => die_of(signal),
            Self::Left { warned, .. } if sender == Sender::Terminal && !*warned => {
                *warned = true;
                say!("the command has ended; ^C again kills what it left running");
            }
            Self::Left { .. } => self.end(Wish::Kill),
            Self::Attached(_) => self.end(Wish::Detach),
            Self::Ending(since) if since.elapsed() > PATIENCE => die_of(signal),
            Self::Over(since) if since.elapsed() > GRACE => die_of(signal),
            Self::Command(_) | Self::Ending(..) | Self::Over(_) => {}
        }
    }

    fn end(&mut self, wish: Wish) {
        if let Self::Command(handle) | Self::Left { handle, .. } | Self::Attached(handle) = self {
            wish.tell(handle);
            *self = Self::Ending(Instant::now());
        }
    }
}

impl Wish {
    fn tell(self, handle: &Handle) {
        match self {
            Self::Kill => handle.kill(),
            Self::Detach => handle.detach(),
        }
    }
}

fn lock(stage: &Mutex<Stage>) -> MutexGuard<'_, Stage> {
    stage.lock().unwrap_or_else(PoisonError::into_inner)
}

fn set(signals: &[c_int]) -> sigset_t {
    let mut set = MaybeUninit::<sigset_t>::zeroed();
    // SAFETY: sigemptyset makes an empty set of what is ours, to which signals are added.
    unsafe {
        libc::sigemptyset(set.as_mut_ptr());
        for &signal in signals {
            libc::sigaddset(set.as_mut_ptr(), signal);
        }
        set.assume_init()
    }
}

/// Whether this program was started to ignore a signal.
fn is_ignored(signal: c_int) -> bool {
    let mut action = MaybeUninit::<libc::sigaction>::zeroed();
    // SAFETY: nothing is changed; the action is ours, and one of zeros is one.
    let action = unsafe {
        libc::sigaction(signal, ptr::null(), action.as_mut_ptr());
        action.assume_init()
    };
    action.sa_sigaction == libc::SIG_IGN
}

/// Whether it says that the terminal is gone. That is told to the leader of a session alone; if we
/// are not there, that is the command.
fn is_hangup(signal: c_int) -> bool {
    // SAFETY: no memory is passed.
    signal == libc::SIGHUP && unsafe { libc::getsid(0) == libc::getpid() }
}

/// Holds signals back in this thread, and those that it starts; says which were before.
fn hold_back(held: &sigset_t) -> sigset_t {
    let mut before = set(&[]);
    // SAFETY: both sets are ours and initialised.
    unsafe { libc::pthread_sigmask(libc::SIG_BLOCK, held, &raw mut before) };
    before
}

/// The next of these signals that comes.
fn wait(signals: &sigset_t) -> Option<(c_int, Sender)> {
    let mut info = MaybeUninit::<libc::siginfo_t>::zeroed();
    // SAFETY: both are ours; siginfo_t of zeros is one.
    let (signal, info) =
        unsafe { (libc::sigwaitinfo(signals, info.as_mut_ptr()), info.assume_init()) };
    let sender = if info.si_code == SI_KERNEL { Sender::Terminal } else { Sender::Process };
    (signal > 0).then_some((signal, sender))
}

/// Stops this program too if the terminal stopped the command, until both are to go on.
pub(super) fn stop_with(command: i32, signal: c_int) {
    let by_terminal = [libc::SIGTSTP, libc::SIGTTIN, libc::SIGTTOU].contains(&signal);
    // One in another group is not let go on with us: a shell, which has groups of its own.
    // SAFETY: no memory is passed.
    if by_terminal && unsafe { libc::getpgid(command) == libc::getpgrp() } {
        stop(signal);
    }
}

/// Stops this program as a signal does that nobody handles; returns when it is to go on.
///
/// It is sent before it is let through, and to this thread: one from the terminal that the other
/// thread has not taken yet would stop us as well, and ours once more after we were told to go on.
/// Going on forgets all that wait.
fn stop(signal: c_int) {
    let only = set(&[signal]);
    // SAFETY: no memory is passed but a set of ours.
    unsafe {
        libc::raise(signal);
        libc::pthread_sigmask(libc::SIG_UNBLOCK, &raw const only, ptr::null_mut());
        libc::pthread_sigmask(libc::SIG_BLOCK, &raw const only, ptr::null_mut());
    }
}

/// The code of signals that the kernel itself sends (asm-generic/siginfo.h).
const SI_KERNEL: c_int = 0x80;

/// Ends this program as a signal does that nobody handles, but without a core: it was not our fault.
pub(super) fn die_of(signal: c_int) -> ! {
    let only = set(&[signal]);
    // SAFETY: no memory is passed but a set of ours.
    unsafe {
        libc::prctl(libc::PR_SET_DUMPABLE, 0, 0, 0, 0);
        libc::signal(signal, libc::SIG_DFL);
        libc::pthread_sigmask(libc::SIG_UNBLOCK, &raw const only, ptr::null_mut());
        libc::kill(libc::getpid(), signal);
    }
    // The first process of a container does not die of it. Shells say it with this code.
    exit(128 + signal)
}
