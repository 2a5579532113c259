//! A keeper that writes windows as files into memory, and what a recorder made of a stream.

use std::{collections::BTreeMap, convert::Infallible};

use capture::{
    Source,
    file::{Compression, Reader, Writer},
};
use event::{
    Event,
    alert::{Alert, Priority, Subject},
    batch::Batch,
    snapshot::Record,
};
use recorder::{Ask, Incident, Keeper, Recorder, Settings};
use state::{Limits, State};

use crate::stream::Stream;

/// Windows that were closed.
#[derive(Default)]
pub(crate) struct Kept {
    pub(crate) closed: Vec<Closed>,
    /// Numbers of the incidents that were opened.
    pub(crate) opened: Vec<u64>,
}

/// A window that was closed.
pub(crate) struct Closed {
    pub(crate) incident: Incident,
    /// Its file.
    pub(crate) file: Vec<u8>,
    /// Events that there were when it was last flushed.
    pub(crate) flushed_events: u64,
}

/// A window being written.
pub(crate) struct Draft {
    writer: Writer<Vec<u8>>,
    events: u64,
    flushed_events: u64,
}

impl Keeper for Kept {
    type Window = Draft;
    type Error = Infallible;

    fn open(&mut self, incident: &Incident) -> Result<Draft, Infallible> {
        assert!(incident.alerts.len() == 1 && incident.ending.is_none());
        self.opened.push(incident.number);
        let writer = Writer::new(Vec::new(), Compression::None).unwrap();
        Ok(Draft { writer, events: 0, flushed_events: 0 })
    }

    fn record(&mut self, draft: &mut Draft, record: &Record<'_>) -> Result<(), Infallible> {
        draft.events += u64::from(matches!(record, Record::Event(_)));
        draft.writer.write(record).unwrap();
        Ok(())
    }

    fn flush(&mut self, draft: &mut Draft, incident: &Incident) -> Result<(), Infallible> {
        assert_eq!(incident.events + incident.state_only, draft.events);
        draft.flushed_events = draft.events;
        Ok(())
    }

    fn close(&mut self, draft: Draft, incident: Incident) -> Result<(), Infallible> {
        assert_eq!(draft.writer.shortened(), 0, "a snapshot has nothing too long for readers");
        let file = draft.writer.finish().unwrap();
        self.closed.push(Closed { incident, file, flushed_events: draft.flushed_events });
        Ok(())
    }
}

/// Alerts by the index of their event.
pub(crate) type Alerts = BTreeMap<usize, Vec<Ask>>;

/// An alert of this rule, caused by the event.
pub(crate) fn alert(rule: &str, event: &Event<'_>, num: u64, pid: i64) -> Alert {
    Alert {
        ts_ns: event.ts_ns,
        event_num: num,
        rule: rule.into(),
        priority: Priority::Warning,
        source: "syscall".into(),
        tags: [].into(),
        hostname: "shop".into(),
        output: format!("{rule} {num}"),
        fields: "{}".into(),
        subject: Subject { pid, start_ns: 0, target: num.to_le_bytes().to_vec() },
        repeats: None,
    }
}

/// Runs a stream through a recorder. Returns what it kept, and the state before each event.
pub(crate) fn run(
    stream: &Stream,
    alerts: &Alerts,
    settings: Settings,
) -> (Vec<Closed>, Vec<State>) {
    let mut recorder = Recorder::new(settings, Kept::default());
    let mut state = State::new(Limits::default());
    let mut states = Vec::new();
    Stream::begin(&mut |record| state.record(&record));
    for index in 0..stream.len() {
        states.push(state.clone());
        let Ok(()) = recorder.before(&state);
        let context = state.event(stream.event(index));
        let Ok(()) = recorder.event(&context);
        for ask in alerts.get(&index).into_iter().flatten() {
            let pid = context.thread.map_or(-1, |thread| thread.pid);
            let alert = alert("rule", &context.event, context.num, pid);
            let Ok(()) = recorder.alert(&context, &alert, *ask);
        }
    }
    let Ok(()) = recorder.finish();
    let opened = recorder.keeper().opened.clone();
    let mut closed = std::mem::take(&mut recorder.keeper_mut().closed);
    closed.sort_unstable_by_key(|closed| closed.incident.number);
    let numbers: Vec<u64> = closed.iter().map(|closed| closed.incident.number).collect();
    assert_eq!(numbers, opened, "what was opened was closed");
    (closed, states)
}

/// A window as it is read from its file.
pub(crate) struct Window {
    /// The state when the first event of the stream comes.
    pub(crate) state: State,
    /// The stream's events.
    pub(crate) events: Batch,
    /// Index of the first of them in the stream.
    pub(crate) first: usize,
    /// For each: whether it is for readers.
    pub(crate) belongs: Vec<bool>,
}

/// Reads a window and finds its place in the stream that it is from.
pub(crate) fn read(closed: &Closed, stream: &Stream) -> Window {
    let alerted = &closed.incident.alerts[0];
    let mut all = Vec::new();
    each_event(&closed.file, &mut |event| {
        all.push((event.kind, event.ts_ns, event.tid, event.data().to_vec()));
    });
    let (at, mut first) = (alerted.window_event as usize - 1, alerted.alert.event_num as usize - 1);
    let same = |window: usize, index: usize| {
        let event = stream.event(index);
        all[window] == (event.kind, event.ts_ns, event.tid, event.data().to_vec())
    };
    assert!(same(at, first), "an alert's event has its number in the window");
    let mut notices = at;
    while notices > 0 && first > 0 && same(notices - 1, first - 1) {
        (notices, first) = (notices - 1, first - 1);
    }
    for window in at..all.len() {
        assert!(same(window, first + window - notices), "the window is the stream");
    }
    let mut window =
        Window { state: State::default(), events: Batch::default(), first, belongs: Vec::new() };
    let mut reader = Reader::new(&closed.file[..]).unwrap();
    let mut left = notices;
    while let Some(record) = reader.next().unwrap() {
        match record {
            Record::Event(event) if left > 0 => {
                left -= 1;
                window.state.event(event);
            }
            Record::Event(event) => {
                window.events.push(&event);
                window.belongs.push(!event.state_only);
            }
            entry => window.state.record(&entry),
        }
    }
    window
}

fn each_event(file: &[u8], each: &mut dyn FnMut(Event<'_>)) {
    let mut reader = Reader::new(file).unwrap();
    while let Some(record) = reader.next().unwrap() {
        if let Record::Event(event) = record {
            each(event);
        }
    }
}

/// Everything that is known, as records; the tests of `state` prove that nothing is left out.
pub(crate) fn told(state: &State, ts_ns: u64) -> Vec<String> {
    let mut records = Vec::new();
    state.clone().snapshot(ts_ns, &mut |record| records.push(format!("{record:?}")));
    records
}
