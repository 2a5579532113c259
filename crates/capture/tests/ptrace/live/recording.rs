//! The guest, recorded from this process while its tests run.

use std::{
    ffi::OsString,
    process::{Child, Command},
    sync::{
        LazyLock, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
        mpsc::{self, Receiver, Sender},
    },
    thread,
    time::{Duration, Instant},
};

use capture::{
    Next,
    ebpf::{Live, Options},
};
use event::snapshot::Record;

use super::family::Family;
use crate::harness::{Kept, LONGEST};

/// Rings that hold all that a test does while the reader gets no processor.
const RING_BYTES: u32 = 64 << 20;

/// All events of the guest, as they come.
static EVENTS: LazyLock<Mutex<Receiver<Kept>>> = LazyLock::new(|| Mutex::new(start()));

/// Events that were lost so far.
static LOST: AtomicU64 = AtomicU64::new(0);

fn start() -> Receiver<Kept> {
    let (events, received) = mpsc::channel();
    let (ready, is_ready) = mpsc::channel();
    thread::spawn(move || {
        let options =
            Options { life_bytes: RING_BYTES, main_bytes: RING_BYTES, ..Options::default() };
        let live = Live::start(&options).unwrap_or_else(|error| panic!("{error}: {error:?}"));
        assert_eq!(live.refused(), [], "programs that this kernel refuses");
        ready.send(()).unwrap();
        record(live, &events);
    });
    is_ready.recv().expect("the guest is recorded");
    received
}

fn record(mut live: Live, events: &Sender<Kept>) {
    loop {
        if let Next::Record(Record::Event(event)) = live.next_within(Duration::from_millis(100)) {
            events.send(Kept::of(&event)).unwrap();
        }
        LOST.store(live.figures().lost, Ordering::Relaxed);
    }
}

/// Runs a command; the events of all its processes from when it runs its program on.
pub(super) fn of(words: &[OsString]) -> Vec<Kept> {
    let events = EVENTS.lock().unwrap_or_else(PoisonError::into_inner);
    // What there is so far is none of the command's.
    while events.try_recv().is_ok() {}
    let (program, args) = words.split_first().unwrap();
    let mut command = Command::new(program).args(args).spawn().unwrap();
    let recorded = until_it_ends(&mut command, &events);
    assert_eq!(LOST.load(Ordering::Relaxed), 0, "events were lost");
    recorded
}

fn until_it_ends(command: &mut Child, events: &Receiver<Kept>) -> Vec<Kept> {
    let mut family = Family::new(command.id().into());
    let late = Instant::now() + LONGEST;
    while !family.is_over() {
        if Instant::now() > late {
            command.kill().unwrap();
            panic!("these never end: {:?}", family.alive());
        }
        if let Ok(event) = events.recv_timeout(Duration::from_millis(100)) {
            family.take(event);
        }
        // Reaped as it ends: there may be others that wait for that.
        command.try_wait().unwrap();
    }
    family.events
}
