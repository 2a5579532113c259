//! A steady stream of events allocates nothing, old schemas included.

#![allow(clippy::expect_used, reason = "tests")]

use std::{
    alloc::{GlobalAlloc, Layout, System},
    fs,
    sync::atomic::{AtomicU64, Ordering},
};

use capture::{Record, Source, file::Reader};

/// Counts allocations of the system's allocator.
struct Counting;

static ALLOCATIONS: AtomicU64 = AtomicU64::new(0);

// SAFETY: every call is handed to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the caller keeps the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the pointer came from `alloc` or `realloc` above.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the pointer came from `alloc` or `realloc` above.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Where the first event block begins.
fn first_event(file: &[u8]) -> usize {
    let mut at = 0;
    while let Some(head) = file.get(at..at + 8) {
        let number = u32::from_le_bytes(head[..4].try_into().expect("four"));
        if matches!(number, 0x204 | 0x216) {
            return at;
        }
        at += u32::from_le_bytes(head[4..].try_into().expect("four")) as usize;
    }
    file.len()
}

#[test]
fn events_that_were_seen_before_allocate_nothing() {
    let Some(data) = testkit::data() else { return };
    // Event blocks V2 and V1; almost all events are converted.
    for name in
        ["sf-collector-mpm-event-full_capture", "sysdig-opensource-examples-example2-502error"]
    {
        let file = fs::read(data.join(format!("scap/captures/{name}.scap"))).expect("a capture");
        let (head, events) = file.split_at(first_event(&file));
        let joined = [head, events, events, events].concat();
        let mut reader = Reader::new(&joined[..]).expect("opens");
        let (mut count, mut before) = (0, 0);
        let once = head.len() + events.len();
        while let Some(record) = reader.next().expect("undamaged") {
            if let Record::Event(_) = record {
                count += 1;
            }
            if before == 0 && count > 0 && reader.position() > (once + events.len()) as u64 {
                before = ALLOCATIONS.load(Ordering::Relaxed);
            }
        }
        assert!(before > 0, "the last third was reached");
        assert_eq!(ALLOCATIONS.load(Ordering::Relaxed), before, "{name}");
    }
}
