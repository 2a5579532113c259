//! A recorder on the machine of [`Stream::begin`], told what happens line by line.

use event::{
    EventBuilder,
    alert::{Alert, Repeats},
    snapshot::Record,
    syscalls::*,
};
use recorder::{Ask, Keeper, Recorder, Settings};
use state::{Limits, State};

use crate::{
    kept::alert,
    stream::{S, Stream},
};

/// When scenes begin, s.
pub(crate) const START: u64 = 1_700_000_000;

/// Ten seconds before, five after.
pub(crate) const ASK: Ask = Ask { before_ns: 10 * S, after_ns: 5 * S };

pub(crate) struct Scene<K: Keeper> {
    pub(crate) recorder: Recorder<K>,
    state: State,
    builder: EventBuilder,
    num: u64,
    /// What is wanted around alerts.
    pub(crate) ask: Ask,
}

impl<K: Keeper> Scene<K> {
    pub(crate) fn new(settings: Settings, keeper: K) -> Self {
        let mut state = State::new(Limits::default());
        Stream::begin(&mut |record| state.record(&record));
        let recorder = Recorder::new(settings, keeper);
        Self { recorder, state, builder: EventBuilder::default(), num: 0, ask: ASK }
    }

    /// A thread does something, so many seconds after the start.
    pub(crate) fn act(&mut self, at_s: u64, tid: i64) -> Result<(), K::Error> {
        self.event(at_s, tid, &[])
    }

    /// A thread does what these rules are about.
    pub(crate) fn alert(&mut self, at_s: u64, tid: i64, rule: &str) -> Result<(), K::Error> {
        self.event(at_s, tid, &[(rule, None)])
    }

    /// An alert comes that only sums up others.
    pub(crate) fn sum_up(&mut self, at_s: u64, tid: i64, rule: &str) -> Result<(), K::Error> {
        let repeats = Repeats { count: 5, first_ns: 1, last_ns: 2 };
        self.event(at_s, tid, &[(rule, Some(repeats))])
    }

    fn event(
        &mut self,
        at_s: u64,
        tid: i64,
        rules: &[(&str, Option<Repeats>)],
    ) -> Result<(), K::Error> {
        self.num += 1;
        let builder = &mut self.builder;
        builder.start(GETUID_X, (START + at_s) * S, tid, 0).i64(self.num as i64);
        let event = builder.event().unwrap();
        self.recorder.before(&self.state)?;
        let context = self.state.event(event);
        let pid = context.thread.map_or(-1, |thread| thread.pid);
        let mut result = self.recorder.event(&context);
        for (rule, repeats) in rules {
            let mut alert = alert(rule, &context.event, context.num, pid);
            alert.subject.target.clear();
            alert.repeats = *repeats;
            result = result.and(self.recorder.alert(&context, &alert, self.ask));
        }
        result
    }

    /// A process that another one cloned, in this control group.
    pub(crate) fn fork(&mut self, at_s: u64, child: i64, parent: i64, cgroups: &[u8]) {
        let builder = &mut self.builder;
        builder.start(CLONE_20_X, (START + at_s) * S, child, 0).i64(0).text("sh").null();
        builder.i64(child).i64(child).i64(parent).null().null();
        for _ in 8..13 {
            builder.null();
        }
        builder.text("sh").raw(cgroups).u32(0).u32(0).u32(0).i64(child).i64(child);
        let event = builder.event().unwrap();
        assert!(self.recorder.before(&self.state).is_ok());
        let context = self.state.event(event);
        assert!(self.recorder.event(&context).is_ok());
        self.num += 1;
    }

    /// An engine tells of a container; alerts get it as their fields.
    pub(crate) fn tell(&mut self, at_s: u64, json: &str) {
        let builder = &mut self.builder;
        builder.start(ASYNCEVENT_E, (START + at_s) * S, -1, 0).u32(1).text("container").text(json);
        let event = builder.event().unwrap();
        assert!(self.recorder.before(&self.state).is_ok());
        let context = self.state.event(event);
        assert!(self.recorder.event(&context).is_ok());
        let complete = |alert: &mut Alert| json.clone_into(&mut alert.fields);
        assert!(self.recorder.learn(&context, complete).is_ok());
        self.num += 1;
    }

    /// An entry of a list, or another recording, begins.
    pub(crate) fn record(&mut self, record: &Record<'_>) -> Result<(), K::Error> {
        self.state.record(record);
        if *record == Record::Section {
            self.num = 0;
            Stream::begin(&mut |record| self.state.record(&record));
        }
        self.recorder.record(record)
    }

    /// What became of the recording.
    pub(crate) fn finish(mut self) -> K
    where
        K: Default,
    {
        assert!(self.recorder.finish().is_ok());
        std::mem::take(self.recorder.keeper_mut())
    }
}
