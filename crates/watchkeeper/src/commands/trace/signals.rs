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
        Builder::new().name("signals".to_owned()).spawn(move || {
            loop {
                if let Some((signal, sender)) = wait(&waited_for) {
                    lock(&theirs).came(signal, sender);
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
    /// A signal came.
    fn came(&mut self, signal: c_int, sender: Sender) {
        match self {
            // Where there is a command, it is stopped first; what is attached to is not held up.
            Self::Command(_) | Self::Attached(_) if signal == libc::SIGTSTP => {}
            _ if signal == libc::SIGTSTP => stop(signal),
            Self::Alone => die_of(signal),
            Self::Command(handle) if sender == Sender::Process => handle.signal(signal),
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
fn stop(signal: c_int) {
    let only = set(&[signal]);
    // SAFETY: no memory is passed but a set of ours.
    unsafe {
        libc::pthread_sigmask(libc::SIG_UNBLOCK, &raw const only, ptr::null_mut());
        libc::kill(libc::getpid(), signal);
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
