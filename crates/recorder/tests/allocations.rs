//! Between checkpoints, keeping events allocates nothing, with a window open or not.

#![allow(clippy::unwrap_used, reason = "a failure is the test's result")]

use std::convert::Infallible;

use event::{
    EventBuilder,
    alert::{Alert, Priority, Subject},
    snapshot::{Record, ThreadEntry},
    syscalls::{GETUID_X, READ_X, WRITE_X},
};
use recorder::{Ask, Incident, Keeper, Recorder, Settings};
use state::{Limits, State};
use testkit::alloc::{Counting, allocations};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Counts.
struct Counter;

impl Keeper for Counter {
    type Window = u64;
    type Error = Infallible;

    fn open(&mut self, _: &Incident) -> Result<u64, Infallible> {
        Ok(0)
    }

    fn record(&mut self, events: &mut u64, _: &Record<'_>) -> Result<(), Infallible> {
        *events += 1;
        Ok(())
    }

    fn flush(&mut self, _: &mut u64, _: &Incident) -> Result<(), Infallible> {
        Ok(())
    }

    fn close(&mut self, _: u64, _: Incident) -> Result<(), Infallible> {
        Ok(())
    }
}

struct Stage {
    recorder: Recorder<Counter>,
    state: State,
    builder: EventBuilder,
    ts_ns: u64,
    /// Bytes of events so far.
    bytes: usize,
}

impl Stage {
    /// Lets events happen. Returns how often that allocated.
    fn run(&mut self, events: usize, alert: Option<&Alert>) -> u64 {
        let before = allocations();
        for _ in 0..events {
            for kind in [READ_X, WRITE_X, GETUID_X] {
                self.ts_ns += 1_000;
                self.builder.start(kind, self.ts_ns, 7, 0).i64(5).raw(b"data").i64(3).u32(9);
                let event = self.builder.event().unwrap();
                self.bytes += event.encoded_bytes();
                let Ok(()) = self.recorder.before(&self.state);
                let context = self.state.event(event);
                let Ok(()) = self.recorder.event(&context);
                if let Some(alert) = alert {
                    let Ok(()) = self.recorder.alert(&context, alert, Ask::default());
                }
            }
        }
        allocations() - before
    }
}

#[test]
fn keeping_events_allocates_nothing_between_checkpoints() {
    let mut state = State::new(Limits::default());
    state.record(&Record::Thread(ThreadEntry { tid: 7, pid: 7, ..ThreadEntry::default() }));
    let settings = Settings { look_back_bytes: 4 << 20, ..Settings::default() };
    let recorder = Recorder::new(settings, Counter);
    let builder = EventBuilder::default();
    let mut stage = Stage { recorder, state, builder, ts_ns: 1_000, bytes: 0 };

    // Until all buffers are there, and beyond.
    let rounds = 100_000;
    stage.run(rounds, None);
    assert!(stage.bytes > 3 * settings.look_back_bytes);

    // A checkpoint is a few copies for each segment.
    let before = stage.bytes;
    let counted = stage.run(rounds, None);
    let segments = ((stage.bytes - before) / (settings.look_back_bytes / 16)) as u64;
    assert!(counted > 0 && counted < 40 * segments, "{counted} in {segments} segments");

    let alert = Alert {
        ts_ns: 1,
        event_num: 1,
        rule: "rule".into(),
        priority: Priority::Warning,
        source: "syscall".into(),
        tags: [].into(),
        hostname: "".into(),
        output: String::new(),
        fields: "{}".into(),
        subject: Subject::default(),
        repeats: None,
    };
    stage.run(1, Some(&alert));
    // Less than a segment, so at most one checkpoint.
    assert!(stage.run(500, None) < 40);
    assert_eq!((0..6).map(|_| stage.run(200, None)).min(), Some(0));
}
