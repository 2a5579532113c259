//! An event that changes no state allocates nothing.

#![allow(clippy::expect_used, reason = "a failure is the test's result")]

use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
};

use event::{
    EventBuilder,
    snapshot::{FdEntry, FdTarget, Record, ThreadEntry},
    syscalls::{
        CONTAINER_JSON_2_E, GETUID_X, MMAP_X, OPEN_E, OPEN_X, POLL_X, READ_X, SCHEDSWITCH_6_E,
        WRITE_X,
    },
};
use state::{Limits, State};

/// Counts allocations of the system's allocator.
struct Counting;

thread_local! {
    /// Of this thread: what runs the test has threads of its own, which allocate when they like.
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
}

// SAFETY: every call is handed to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        // SAFETY: the caller keeps the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the pointer came from `alloc` above, or from the system's `realloc`.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn state() -> State {
    let mut state = State::new(Limits::default());
    for tid in [7, 8] {
        let thread = ThreadEntry { tid, pid: tid, ptid: 1, cwd: b"/srv", ..ThreadEntry::default() };
        state.record(&Record::Thread(thread));
        let target = FdTarget::File { open_flags: 1, name: b"/etc/hosts", dev: 0 };
        state.record(&Record::Fd(tid, FdEntry { fd: 3, ino: 1, target }));
    }
    state
}

/// A round of events that leaves threads and fds as they are. A file that is opened again and
/// again under the same number and name is remembered without new memory too.
fn round(state: &mut State, builder: &mut EventBuilder, ts_ns: u64) {
    for tid in [7, 8, 8, 7] {
        for kind in [READ_X, WRITE_X] {
            builder.start(kind, ts_ns, tid, 0).i64(5).raw(b"data").i64(3).u32(9);
            assert!(state.event(builder.event().expect("an event")).fd.is_some());
        }
        builder.start(OPEN_E, ts_ns, tid, 0).text("notes").u32(1).u32(0);
        state.event(builder.event().expect("an event"));
        builder.start(OPEN_X, ts_ns, tid, 0).i64(4).text("notes").u32(1).u32(0).u32(0).u64(0);
        state.event(builder.event().expect("an event"));
        for kind in [GETUID_X, POLL_X, MMAP_X, SCHEDSWITCH_6_E, CONTAINER_JSON_2_E] {
            builder.start(kind, ts_ns, tid, 0).null();
            state.event(builder.event().expect("an event"));
        }
    }
}

#[test]
fn events_that_change_no_state_allocate_nothing() {
    let (mut state, mut builder) = (state(), EventBuilder::default());
    for ts_ns in 1..4 {
        round(&mut state, &mut builder, ts_ns);
    }
    let before = ALLOCATIONS.get();
    for ts_ns in 4..1000 {
        round(&mut state, &mut builder, ts_ns);
    }
    assert_eq!(ALLOCATIONS.get() - before, 0);
}
