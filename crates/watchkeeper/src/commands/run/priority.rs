//! Who comes first when there is more to do than the processors can.
//!
//! Whoever does not want to be seen may keep them busy: what waits for the reader is lost when its memory
//! is full. So the thread that reads comes before what was started as the agent was, by some steps of
//! nice(1); outputs, and programs that alerts go to, do not. Where the kernel does not allow it, nothing
//! is said: it is recorded all the same.

use rustix::process::{
    Resource, Rlimit, getpriority_process, getrlimit, setpriority_process, setrlimit,
};

/// Steps that reading comes before all else. Of a hundred threads that want the same processor all the time
/// it gets a twelfth of it, of one nine tenths.
const STEPS: i32 = 10;

/// What `RLIMIT_NICE` is for a nice value of zero; each step is one less (setrlimit(2)).
const LIMIT_OF_ZERO: i32 = 20;

/// Leave to come first later on: that takes a capability, which is given up before there are other
/// threads, and these are not to inherit it.
#[derive(Debug)]
pub(super) struct Leave {
    before: Rlimit,
    nice: i32,
}

impl Leave {
    /// Takes it, as long as it can be; `None` if it cannot.
    pub(super) fn take() -> Option<Self> {
        let nice = getpriority_process(None).ok()? - STEPS;
        let before = getrlimit(Resource::Nice);
        let needed = u64::try_from(LIMIT_OF_ZERO - nice).ok()?;
        let allowed = |limit: Option<u64>| limit.map(|limit| limit.max(needed));
        let limits = Rlimit { current: allowed(before.current), maximum: allowed(before.maximum) };
        setrlimit(Resource::Nice, limits).ok()?;
        Some(Self { before, nice })
    }

    /// From here on this thread comes first, and those that it starts; nobody can any more who does not yet.
    pub(super) fn make_use(self) {
        // Without it, it is only slower where much else is done.
        let _ = setpriority_process(None, self.nice);
        let _ = setrlimit(Resource::Nice, self.before);
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    #[test]
    fn the_thread_that_makes_use_of_it_comes_first_and_no_other() {
        let nice = || getpriority_process(None).unwrap();
        let before = nice();
        // Not everybody who runs tests may.
        let Some(leave) = Leave::take() else { return };
        let limit = leave.before;
        let reader = thread::spawn(move || {
            leave.make_use();
            nice()
        });
        assert_eq!(reader.join().unwrap(), (before - STEPS).max(-20));
        assert_eq!((nice(), getrlimit(Resource::Nice)), (before, limit));
    }
}
