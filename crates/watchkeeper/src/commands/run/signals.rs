//! Signals: what ends the agent, and what has it load rules again.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use signal_hook::{
    consts::{SIGHUP, SIGINT, SIGTERM},
    flag,
};

/// Which signals came.
pub(super) struct Signals {
    end: Arc<AtomicBool>,
    reload: Arc<AtomicBool>,
}

impl Signals {
    /// From here on signals are heeded.
    ///
    /// # Errors
    /// If the system refuses a handler.
    pub(super) fn heed() -> io::Result<Self> {
        let (end, reload) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
        for signal in [SIGTERM, SIGINT] {
            // In this order: the first one finds the flag unset, and sets it; the second one ends the
            // program, with the code that shells give to who died of it.
            flag::register_conditional_shutdown(signal, 128 + signal, Arc::clone(&end))?;
            flag::register(signal, Arc::clone(&end))?;
        }
        flag::register(SIGHUP, Arc::clone(&reload))?;
        Ok(Self { end, reload })
    }

    /// Whether to come to an end.
    pub(super) fn are_to_end(&self) -> bool {
        self.end.load(Ordering::Relaxed)
    }

    /// Whether rules are to be loaded again, since this was last asked.
    pub(super) fn are_to_reload(&self) -> bool {
        self.reload.swap(false, Ordering::Relaxed)
    }
}
