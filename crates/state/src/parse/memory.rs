//! Memory figures and page faults.

use event::Event;

use super::{At, params};
use crate::{State, Thread};

/// Takes page faults and memory figures out of a `clone` or `execve` event, where they stand at the
/// same place; older recordings have none.
pub(super) fn process_figures(thread: &mut Thread, event: &Event<'_>) {
    let Some(swap) = params::u32(event, 12) else { return };
    thread.pfmajor = params::u64(event, 8).unwrap_or(0);
    thread.pfminor = params::u64(event, 9).unwrap_or(0);
    thread.vmsize_kb = params::u32(event, 10).unwrap_or(0);
    thread.vmrss_kb = params::u32(event, 11).unwrap_or(0);
    thread.vmswap_kb = swap;
}

/// The scheduler took the thread off its CPU: page faults are the thread's, memory the process's.
pub(super) fn switch(state: &mut State, at: &At<'_>) -> Option<()> {
    let swap = params::u32(&at.event, 5)?;
    let key = at.thread?;
    let thread = state.threads.get_mut(key)?;
    thread.pfmajor = params::u64(&at.event, 1).unwrap_or(0);
    thread.pfminor = params::u64(&at.event, 2).unwrap_or(0);
    let main = state.threads.main_of(key)?;
    let main = state.threads.get_mut(main)?;
    main.vmsize_kb = params::u32(&at.event, 3).unwrap_or(0);
    main.vmrss_kb = params::u32(&at.event, 4).unwrap_or(0);
    main.vmswap_kb = swap;
    Some(())
}

/// `brk`, `mmap`, `munmap`.
pub(super) fn memory(state: &mut State, at: &At<'_>) -> Option<()> {
    let thread = state.threads.get_mut(at.thread?)?;
    if let Some(size) = params::u32(&at.event, 1) {
        thread.vmsize_kb = size;
    }
    if let Some(swap) = params::u32(&at.event, 3) {
        thread.vmrss_kb = params::u32(&at.event, 2).unwrap_or(0);
        thread.vmswap_kb = swap;
    }
    Some(())
}
