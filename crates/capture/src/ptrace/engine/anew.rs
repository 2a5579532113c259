//! Calls that were interrupted only because there is a tracer begin anew.
//!
//! To be attached to, to be let go of, or to be followed more closely, a thread that runs has to be
//! stopped. And signals that a program ignores, as it does `SIGCHLD` by default, are not dropped as
//! they are without a tracer: they wake the thread, to be told. Most calls that block go on behind
//! that by themselves; some fail with `EINTR` (signal(7)), which a program need not bear where no
//! handler of its own has run. Those are made again. A time that they were to wait for at most
//! begins anew, too.

use super::{
    super::{
        numbers,
        sys::{self, Signals},
        waits,
    },
    Engine,
};

/// Calls that have done nothing when they fail with `EINTR`.
const HARMLESS: [libc::c_long; 17] = [
    libc::SYS_read,
    libc::SYS_readv,
    libc::SYS_write,
    libc::SYS_writev,
    libc::SYS_accept,
    libc::SYS_accept4,
    libc::SYS_recvfrom,
    libc::SYS_recvmsg,
    libc::SYS_sendto,
    libc::SYS_sendmsg,
    numbers::SYS_epoll_wait,
    libc::SYS_epoll_pwait,
    libc::SYS_epoll_pwait2,
    libc::SYS_semop,
    libc::SYS_semtimedop,
    libc::SYS_rt_sigtimedwait,
    libc::SYS_io_getevents,
];

/// Signals that are ignored by default.
const IGNORED: [i32; 4] = [libc::SIGCHLD, libc::SIGCONT, libc::SIGURG, libc::SIGWINCH];

const EINTR: i64 = -(libc::EINTR as i64);

impl Engine {
    /// Makes a thread stop that runs.
    pub(super) fn interrupt(&mut self, tid: i32) {
        if let Some(thread) = self.threads.get_mut(&tid) {
            thread.interrupted = sys::interrupt(tid).is_ok();
        }
    }

    /// At the stop that was asked for.
    pub(super) fn stopped_as_asked(&mut self, tid: i32) {
        let Some(thread) = self.threads.get_mut(&tid) else { return };
        if std::mem::take(&mut thread.interrupted) {
            make_anew(tid, None);
        }
    }
}

/// At the end of a call: whether it was made to begin anew. The signal that woke the thread may be
/// taken by another one, so that no stop tells of it.
pub(super) fn begins_anew(tid: i32, result: i64) -> bool {
    result == EINTR && make_anew(tid, None)
}

/// Before a signal is delivered.
pub(super) fn before_signal(tid: i32, signal: i32) {
    make_anew(tid, Some(signal));
}

/// Goes back to before a call that failed with `EINTR`, unless a handler of the program's is about to
/// run, or the signal at hand does something.
fn make_anew(tid: i32, signal: Option<i32>) -> bool {
    let mut made = false;
    let _ = sys::change_registers(tid, |registers| {
        let harmless = HARMLESS.contains(&(registers.number as i64));
        if harmless
            && registers.result as i64 == EINTR
            && is_behind_call(tid, registers.instruction_pointer)
            && sys::signals_of(tid).is_some_and(|signals| nothing_comes(&signals, signal))
        {
            // `syscall` and `int 0x80` have two bytes.
            registers.instruction_pointer = registers.instruction_pointer.wrapping_sub(2);
            registers.result = registers.number;
            made = true;
        }
    });
    made
}

/// Whether a thread stands behind `syscall` or `int 0x80`. Behind a page fault, the place of a call's
/// number has what kind of fault it was, and the result's is the program's own.
fn is_behind_call(tid: i32, at: u64) -> bool {
    let mut code = [0; 2];
    let read = waits::read(tid, at.wrapping_sub(2), &mut code);
    read.is_ok_and(|bytes| bytes == 2) && matches!(code, [0x0F, 0x05] | [0xCD, 0x80])
}

fn nothing_comes(signals: &Signals, signal: Option<i32>) -> bool {
    let ignored = signal.is_none_or(|signal| {
        let has = |set: u64| set >> (signal - 1) & 1 != 0;
        has(signals.ignored) || (IGNORED.contains(&signal) && !has(signals.caught))
    });
    ignored && signals.waiting & signals.caught == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_no_handler_is_run_for_begins_anew() {
        let bit = |signal: i32| 1 << (signal - 1);
        let usr1 = bit(libc::SIGUSR1);
        for (waiting, ignored, caught, signal, anew) in [
            (0, 0, 0, None, true),
            (usr1, 0, usr1, None, false),
            (usr1, usr1, 0, None, true),
            (0, 0, 0, Some(libc::SIGCHLD), true),
            (0, 0, bit(libc::SIGCHLD), Some(libc::SIGCHLD), false),
            (usr1, 0, usr1, Some(libc::SIGCHLD), false),
            (0, usr1, 0, Some(libc::SIGUSR1), true),
            (0, 0, 0, Some(libc::SIGTERM), false),
        ] {
            let signals = Signals { waiting, ignored, caught };
            assert_eq!(nothing_comes(&signals, signal), anew, "{signals:?} {signal:?}");
        }
    }
}
