//! The window of an incident that is open.
//!
//! An event that belongs is handed on at once, as long as all before it were. One that does not
//! belong *waits*, in the look-back, for one that does: only then it lies between two that belong,
//! and is handed on for the state alone. If it does not belong only because it is later than the
//! window's end, it may still belong, for another alert can make the end a later one; so then all
//! that follow wait too, until such an alert comes or the window is over. What waits when its segment
//! of the look-back has to go is handed on as things are.

use event::{
    Event,
    snapshot::{FdTarget, Interface, Record},
    syscalls::{DROP_E, DROP_X},
};
use state::State;

use crate::{
    ClockStep, Ending, Keeper,
    case::Case,
    look_back::{First, LookBack, Place, Seen},
    time::{Moment, Tick},
};

/// About what an entry of a list takes beside its texts.
const ENTRY_BYTES: usize = 128;

/// Most steps of the clock that are told.
const MOST_STEPS: usize = 64;

/// The window of an incident that is open.
#[derive(Debug)]
pub(crate) struct Window<W> {
    pub(crate) case: Case,
    kept: W,
    waiting: Option<Waiting>,
}

/// Events that are not handed on yet: all from a place on.
#[derive(Clone, Copy, Debug)]
struct Waiting {
    from: Place,
    /// Whether one of them belongs if the end becomes a later one.
    may_belong: bool,
}

/// Whether an event is for readers of the window.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum For {
    Readers,
    State,
}

impl<W> Window<W> {
    /// Opens a window: hands on the state before the first event that belongs, and all that is in the
    /// look-back from there on.
    pub(crate) fn open<K: Keeper<Window = W>>(
        mut case: Case,
        look_back: &LookBack,
        keeper: &mut K,
    ) -> Result<Self, K::Error> {
        let first = look_back.first_within(&case.span, case.limits.look_back_bytes());
        let cut_ns = first.as_ref().map_or(0, |first| first.cut_ns);
        case.incident.look_back_cut_ns = case.incident.look_back_cut_ns.saturating_add(cut_ns);
        let kept = keeper.open(&case.incident)?;
        let mut window = Self { case, kept, waiting: None };
        if let Some(First { place: first, mut state, .. }) = first {
            // No reader takes 0 for a time.
            let first_ns = look_back.walk(first).next().map_or(1, |seen| seen.event.ts_ns.max(1));
            window.snapshot(&mut state, first_ns, keeper)?;
            look_back.walk(first).skip(1).for_each(|seen| window.note_step(&seen));
            window.waiting = Some(Waiting { from: first, may_belong: false });
        }
        window.told(look_back, keeper)?;
        Ok(window)
    }

    /// An alert was added: hands on what waited for it, and makes sure of all of it.
    pub(crate) fn told<K: Keeper<Window = W>>(
        &mut self,
        look_back: &LookBack,
        keeper: &mut K,
    ) -> Result<(), K::Error> {
        self.hand_on(look_back, keeper)?;
        let count = self.case.incident.events + self.case.incident.state_only;
        self.case.number_latest(count);
        keeper.flush(&mut self.kept, &self.case.incident)
    }

    fn snapshot<K: Keeper<Window = W>>(
        &mut self,
        state: &mut State,
        ts_ns: u64,
        keeper: &mut K,
    ) -> Result<(), K::Error> {
        let mut result = Ok(());
        state.snapshot(ts_ns, &mut |record| {
            if result.is_ok() {
                result = match record {
                    Record::Event(event) => self.put(event, For::State, keeper),
                    entry => keeper.record(&mut self.kept, &entry),
                };
            }
        });
        result
    }

    /// Takes in the latest event.
    pub(crate) fn offer<K: Keeper<Window = W>>(
        &mut self,
        seen: &Seen<'_>,
        look_back: &LookBack,
        keeper: &mut K,
    ) -> Result<(), K::Error> {
        self.note_step(seen);
        if !self.case.span.has(seen.moment) {
            self.wait(seen);
            return Ok(());
        }
        match self.waiting {
            None => self.put(seen.event, For::Readers, keeper),
            Some(waiting) if waiting.may_belong => Ok(()),
            Some(_) => self.hand_on(look_back, keeper),
        }
    }

    /// Hands on what waits, up to the last event that belongs.
    pub(crate) fn hand_on<K: Keeper<Window = W>>(
        &mut self,
        look_back: &LookBack,
        keeper: &mut K,
    ) -> Result<(), K::Error> {
        let Some(waiting) = self.waiting.take() else { return Ok(()) };
        let is_last = |seen: &Seen<'_>| self.case.span.has(seen.moment);
        let count = look_back.walk(waiting.from).zip(1..).filter(|(seen, _)| is_last(seen)).last();
        let count = count.map_or(0, |(_, count)| count);
        for seen in look_back.walk(waiting.from).take(count) {
            self.put_as_it_is(&seen, keeper)?;
        }
        look_back.walk(waiting.from).skip(count).for_each(|seen| self.wait(&seen));
        Ok(())
    }

    fn note_step(&mut self, seen: &Seen<'_>) {
        let steps = &mut self.case.incident.clock_steps;
        if let Tick::Step(step) = seen.tick
            && steps.len() < MOST_STEPS
        {
            steps.push(ClockStep { from_ns: step.from_ns, to_ns: step.to_ns });
        }
    }

    fn wait(&mut self, seen: &Seen<'_>) {
        let waiting = Waiting { from: seen.place, may_belong: false };
        self.waiting.get_or_insert(waiting).may_belong |= self.case.span.can_reach(seen.moment);
    }

    /// Hands on what waits in a segment that has to go.
    pub(crate) fn let_go<K: Keeper<Window = W>>(
        &mut self,
        segment: u64,
        look_back: &LookBack,
        keeper: &mut K,
    ) -> Result<(), K::Error> {
        let Some(waiting) = self.waiting.filter(|waiting| waiting.from.segment == segment) else {
            return Ok(());
        };
        let mut walk = look_back.walk(waiting.from).peekable();
        while let Some(seen) = walk.next_if(|seen| seen.place.segment == segment) {
            self.put_as_it_is(&seen, keeper)?;
        }
        self.waiting = walk.peek().map(|next| Waiting { from: next.place, ..waiting });
        Ok(())
    }

    /// Takes in what is no event. All that waits comes before it.
    pub(crate) fn entry<K: Keeper<Window = W>>(
        &mut self,
        record: &Record<'_>,
        look_back: &LookBack,
        keeper: &mut K,
    ) -> Result<(), K::Error> {
        if let Some(waiting) = self.waiting.take() {
            look_back.walk(waiting.from).try_for_each(|seen| self.put_as_it_is(&seen, keeper))?;
        }
        let bytes = &mut self.case.incident.event_bytes;
        *bytes = bytes.saturating_add(entry_bytes(record));
        keeper.record(&mut self.kept, record)
    }

    fn put_as_it_is<K: Keeper<Window = W>>(
        &mut self,
        seen: &Seen<'_>,
        keeper: &mut K,
    ) -> Result<(), K::Error> {
        let whom = if self.case.span.has(seen.moment) { For::Readers } else { For::State };
        self.put(seen.event, whom, keeper)
    }

    fn put<K: Keeper<Window = W>>(
        &mut self,
        mut event: Event<'_>,
        whom: For,
        keeper: &mut K,
    ) -> Result<(), K::Error> {
        let incident = &mut self.case.incident;
        incident.event_bytes += event.encoded_bytes() as u64;
        match whom {
            For::State => incident.state_only += 1,
            For::Readers => {
                if incident.events == 0 {
                    incident.first_event_ns = event.ts_ns;
                }
                incident.events += 1;
                incident.first_event_ns = incident.first_event_ns.min(event.ts_ns);
                incident.last_event_ns = incident.last_event_ns.max(event.ts_ns);
                incident.drops += u64::from(matches!(event.kind, DROP_E | DROP_X));
            }
        }
        // Notices of the snapshot are for the state by their place.
        event.state_only |= whom == For::State && incident.events > 0;
        keeper.record(&mut self.kept, &Record::Event(event))
    }

    /// Ends the window at this moment.
    pub(crate) fn close<K: Keeper<Window = W>>(
        mut self,
        (ending, now): (Ending, Moment),
        look_back: &LookBack,
        keeper: &mut K,
    ) -> Result<(), K::Error> {
        if !self.case.is_full() {
            self.hand_on(look_back, keeper)?;
        }
        self.case.end(ending, now);
        keeper.close(self.kept, self.case.incident)
    }
}

/// About how many bytes an entry of a list takes.
fn entry_bytes(entry: &Record<'_>) -> u64 {
    let all = |texts: &[&[u8]]| texts.iter().map(|text| text.len()).sum::<usize>();
    let texts = match entry {
        Record::Section | Record::Event(_) => 0,
        Record::Machine(it) => all(&[it.hostname]),
        Record::Thread(it) => {
            let lists = all(&[it.args, it.env, it.cgroups]);
            lists + all(&[it.comm, it.exe, it.exepath, it.cwd, it.root])
        }
        Record::Fd(_, fd) => match fd.target {
            FdTarget::Unix { name, .. } | FdTarget::File { name, .. } => name.len(),
            FdTarget::Named(_, name) => name.len(),
            _ => 0,
        },
        Record::Interface(Interface::V4 { name, .. } | Interface::V6 { name, .. }) => name.len(),
        Record::User(it) => all(&[it.name, it.home, it.shell]),
        Record::Group(it) => it.name.len(),
    };
    (ENTRY_BYTES + texts) as u64
}
