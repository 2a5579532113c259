//! The guest, recorded from this process while its tests run.

use std::{
    ffi::OsString,
    process::{Child, Command},
    sync::{
        LazyLock, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
        mpsc::{self, Receiver, Sender},
    },
    thread,
    time::{Duration, Instant},
};

use capture::{
    Next,
    ebpf::{Live, Options},
};
use event::{Event, found, snapshot::Record, syscalls::ASYNCEVENT_E};

use super::family::Family;
use crate::harness::{Kept, LONGEST};

/// Rings that hold all that a test does while the reader gets no processor.
const RING_BYTES: u32 = 64 << 20;

/// All events of the guest, as they come.
static EVENTS: LazyLock<Mutex<Receiver<Kept>>> = LazyLock::new(|| Mutex::new(start()));

/// Events that were lost until it was last asked.
static LOST: AtomicU64 = AtomicU64::new(0);
/// Whether somebody waits to know how many were lost.
static IS_ASKED: AtomicBool = AtomicBool::new(false);

/// How long nothing happens before nothing is waited for where something was lost.
const QUIET: Duration = Duration::from_secs(2);

/// How soon what waits for events looks for something else.
const SOON: Duration = Duration::from_millis(20);

/// What a command did.
pub(super) struct Recorded {
    /// The events of all its processes from when it runs its program on.
    pub(super) events: Vec<Kept>,
    /// Events that were lost meanwhile, the command's or others'.
    pub(super) lost: u64,
}

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
        match live.next_within(SOON) {
            // What was lost may be found later; the commands it was lost of are run again.
            Next::Record(Record::Event(event)) if is_found(&event) => {}
            Next::Record(Record::Event(event)) => events.send(Kept::of(&event)).unwrap(),
            _ if IS_ASKED.load(Ordering::Acquire) => {
                live.look_now();
                LOST.store(live.figures().lost, Ordering::Relaxed);
                IS_ASKED.store(false, Ordering::Release);
            }
            _ => {}
        }
    }
}

/// Whether an event tells of a thread that runs, and whose beginning may have been lost.
fn is_found(event: &Event<'_>) -> bool {
    event.kind == ASYNCEVENT_E && event.text(1) == Some(found::NOTICE.as_bytes())
}

/// How many events were lost until now.
fn lost() -> u64 {
    IS_ASKED.store(true, Ordering::Release);
    while IS_ASKED.load(Ordering::Acquire) {
        thread::sleep(SOON / 10);
    }
    LOST.load(Ordering::Relaxed)
}

/// Runs a command and waits until all its processes ended.
pub(super) fn of(words: &[OsString]) -> Recorded {
    let events = EVENTS.lock().unwrap_or_else(PoisonError::into_inner);
    let before = lost();
    // What there is so far is none of the command's.
    while events.try_recv().is_ok() {}
    let (program, args) = words.split_first().unwrap();
    let mut command = Command::new(program).args(args).spawn().unwrap();
    let events = until_it_ends(&mut command, &events, before);
    Recorded { events, lost: lost() - before }
}

fn until_it_ends(command: &mut Child, events: &Receiver<Kept>, lost_before: u64) -> Vec<Kept> {
    let mut family = Family::new(command.id().into());
    let late = Instant::now() + LONGEST;
    let mut quiet_since = Instant::now();
    while !family.is_over() {
        if Instant::now() > late {
            command.kill().unwrap();
            panic!("these never end: {:?}", family.alive());
        }
        if let Ok(event) = events.recv_timeout(Duration::from_millis(100)) {
            quiet_since = Instant::now();
            family.take(event);
        }
        // Reaped as it ends: there may be others that wait for that.
        let is_reaped = command.try_wait().unwrap().is_some();
        if is_reaped && quiet_since.elapsed() > QUIET && lost() > lost_before {
            // The end of one of them was lost.
            break;
        }
    }
    family.events
}
