//! A request to stop, so that the scratch directory goes even when somebody presses Ctrl-C.

use std::{
    ptr,
    sync::atomic::{AtomicBool, Ordering},
};

static ASKED: AtomicBool = AtomicBool::new(false);

extern "C" fn remember(_signal: libc::c_int) {
    ASKED.store(true, Ordering::Relaxed);
}

/// From here on SIGINT, SIGTERM and SIGHUP do not kill; [`asked_to_stop`] tells of them.
pub(crate) fn catch() {
    for signal in [libc::SIGINT, libc::SIGTERM, libc::SIGHUP] {
        // SAFETY: a zeroed `sigaction` is valid (no flags, empty mask, default handler).
        let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
        let handler: extern "C" fn(libc::c_int) = remember;
        action.sa_sigaction = handler as libc::sighandler_t;
        // SAFETY: `action` is initialised and outlives the call, nothing is written back, and the
        // handler only stores to an atomic, which is allowed at any instant.
        unsafe { libc::sigaction(signal, &action, ptr::null_mut()) };
    }
}

/// Whether such a signal came.
pub(crate) fn asked_to_stop() -> bool {
    ASKED.load(Ordering::Relaxed)
}
