//! What the recorder costs: follows the events of a capture, again and again, without a recorder,
//! with one, and with one that has windows open.
//!
//! `cargo run --release --example cost -p recorder -- FILE [TIMES]`

use std::{
    collections::HashMap, convert::Infallible, env, error::Error, fs, fs::File, io::BufReader,
};

use capture::{Source, file::Reader};
use event::{
    Event,
    alert::{Alert, Priority, Subject},
    batch::Batch,
    schema::Origin,
    snapshot::Record,
};
use recorder::{Ask, Incident, Keeper, Recorder, Settings};
use state::{Context, Limits, State};

/// Throws away.
struct Nowhere;

impl Keeper for Nowhere {
    type Window = ();
    type Error = Infallible;

    fn open(&mut self, _: &Incident) -> Result<(), Infallible> {
        Ok(())
    }

    fn record(&mut self, (): &mut (), _: &Record<'_>) -> Result<(), Infallible> {
        Ok(())
    }

    fn flush(&mut self, (): &mut (), _: &Incident) -> Result<(), Infallible> {
        Ok(())
    }

    fn close(&mut self, (): (), _: Incident) -> Result<(), Infallible> {
        Ok(())
    }
}

/// The events of a capture, and the state before them.
struct Recording {
    state: State,
    events: Batch,
    count: u64,
    /// From the first event to the last.
    span_ns: u64,
    /// The thread with most events.
    busiest: i64,
}

impl Recording {
    fn read(path: &str) -> Result<Self, Box<dyn Error>> {
        let mut reader = Reader::new(BufReader::new(File::open(path)?))?;
        let (mut state, mut events, mut count) =
            (State::new(Limits::default()), Batch::default(), 0);
        let (mut first_ns, mut last_ns) = (u64::MAX, 0);
        let mut by_tid: HashMap<i64, u64> = HashMap::new();
        while let Some(record) = reader.next()? {
            match record {
                Record::Event(event) => {
                    events.push(&event);
                    *by_tid.entry(event.tid).or_default() += 1;
                    count += 1;
                    if event.info().origin != Origin::Meta {
                        first_ns = first_ns.min(event.ts_ns);
                        last_ns = last_ns.max(event.ts_ns);
                    }
                }
                entry => state.record(&entry),
            }
        }
        let busiest = by_tid.into_iter().max_by_key(|&(_, count)| count).map_or(0, |(tid, _)| tid);
        let span_ns = last_ns.saturating_sub(first_ns) + 1;
        Ok(Self { state, events, count, span_ns, busiest })
    }

    /// Hands the events on, so many times over, as if they came one after the other.
    fn replay(&self, times: u64, mut each: impl FnMut(&mut State, Event<'_>)) -> f64 {
        let mut state = self.state.clone();
        let begin_ns = cpu_ns();
        for round in 0..times {
            let mut at = 0;
            while let Some(mut event) = self.events.next(&mut at) {
                event.ts_ns += round * self.span_ns;
                each(&mut state, event);
            }
        }
        cpu_ns().saturating_sub(begin_ns) as f64 / (self.count * times) as f64
    }
}

/// Time that this process was on a CPU, so that others do not count.
fn cpu_ns() -> u64 {
    let stat = fs::read_to_string("/proc/self/schedstat").unwrap_or_default();
    stat.split(' ').next().and_then(|ns| ns.parse().ok()).unwrap_or(0)
}

fn alert(context: &Context<'_>) -> Alert {
    Alert {
        ts_ns: context.event.ts_ns,
        event_num: context.num,
        rule: "rule".into(),
        priority: Priority::Warning,
        source: "syscall".into(),
        tags: [].into(),
        hostname: "".into(),
        output: String::new(),
        fields: String::new(),
        subject: Subject::default(),
        repeats: None,
    }
}

fn record(recording: &Recording, times: u64, every: u64, ask: Ask) -> f64 {
    let mut recorder = Recorder::new(Settings::default(), Nowhere);
    let mut due = every;
    recording.replay(times, |state, event| {
        let Ok(()) = recorder.before(state);
        let context = state.event(event);
        let Ok(()) = recorder.event(&context);
        due -= u64::from(due > 0);
        if every > 0 && due == 0 && context.event.tid == recording.busiest {
            due = every;
            let Ok(()) = recorder.alert(&context, &alert(&context), ask);
        }
    })
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = env::args().skip(1);
    let path = args.next().ok_or("name a capture")?;
    let times = args.next().map_or(Ok(50), |times| times.parse())?;
    let recording = Recording::read(&path)?;
    println!(
        "{} events, {} bytes, {} ms",
        recording.count,
        recording.events.len(),
        recording.span_ns / 1_000_000
    );
    let ask = |ms: u64| Ask { before_ns: ms * 1_000_000, after_ns: ms * 1_000_000 };
    let mut best = [f64::MAX; 4];
    for _ in 0..15 {
        let alone = recording.replay(times, |state, event| {
            state.event(event);
        });
        let recorded = record(&recording, times, 0, ask(0));
        let quiet = record(&recording, times, 100_000, ask(100));
        let busy = record(&recording, times, 10_000, ask(30_000));
        for (best, now) in best.iter_mut().zip([alone, recorded, quiet, busy]) {
            *best = best.min(now);
        }
    }
    let [alone, recorded, quiet, busy] = best;
    println!(
        "ns for an event: {alone:.1} state alone, {recorded:.1} recorded, {quiet:.1} with a \
         short window now and then, {busy:.1} with one always open"
    );
    Ok(())
}
