//! The latest events, bounded in bytes.
//!
//! Events lie in segments, one behind the other as their bytes. Each segment begins with a
//! checkpoint: a copy of the state just before its first event. The state at any event is that of
//! the checkpoint before it, having taken in the events between: exact, because it is the same code
//! that made it.
//!
//! **Memory.** What counts is the segments' buffers and their checkpoints ([`State::approx_bytes`];
//! copies share texts and tables of fds with the state until they change, and count them in part).
//! Before another segment begins, the oldest go until its checkpoint and a full buffer fit; their
//! buffers are used again. The new one begins whatever the bound says.
//!
//! **Cost.** Copying a state costs 3 % of what following twice its size in events does (measured:
//! 30 µs for 300 threads, a tenth of a nanosecond for each byte; events take 1.7 ns for each byte).
//! When an incident begins, half a segment is followed once more. So a segment takes in a 64th of the
//! bound, or twice the state's size if that is more; but not more than a quarter of the bound, or, if
//! the state alone is larger than that, as much as the state.

use std::collections::VecDeque;

use event::{Event, batch::Batch};
use state::State;

use crate::time::{Clock, GRACE_NS, Moment, Span, Tick};

/// Room in a buffer beyond a full segment, for the event that fills it.
const OVERHANG_BYTES: usize = 64 << 10;

/// A row of events behind a checkpoint.
#[derive(Debug)]
pub(crate) struct Segment {
    number: u64,
    /// The state before the first event.
    state: State,
    state_bytes: usize,
    /// The stream's time before the first event.
    clock: Clock,
    events: Batch,
    /// Memory of the buffer, as counted.
    buffer_bytes: usize,
    /// Whether there are events whose times do not follow from the stream's before and behind.
    has_odd_times: bool,
}

/// A place in the look-back, before an event.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    pub(crate) segment: u64,
    at: usize,
    /// The stream's time there.
    clock: Clock,
}

/// Where a window begins.
#[derive(Debug)]
pub(crate) struct First {
    pub(crate) place: Place,
    /// The state there.
    pub(crate) state: State,
    /// By how much later that is than it would be if there were more room.
    pub(crate) cut_ns: u64,
}

/// The latest events.
#[derive(Debug)]
pub(crate) struct LookBack {
    limit_bytes: usize,
    keep_ns: u64,
    segments: VecDeque<Segment>,
    /// The latest segment is full at this many bytes.
    room_bytes: usize,
    /// Memory of all segments.
    bytes: usize,
    /// A buffer to be used again.
    spare: Option<Batch>,
    /// Segments that there were.
    count: u64,
    clock: Clock,
    /// Where the latest event lies in its segment.
    latest_at: usize,
    /// Time of the recording's first event.
    first: Option<Moment>,
    /// The stream's time at the latest event that is gone.
    gone_until: Option<Moment>,
}

impl LookBack {
    pub(crate) fn new(limit_bytes: usize, before_ns: u64) -> Self {
        Self {
            limit_bytes,
            keep_ns: keep_ns(before_ns),
            segments: VecDeque::new(),
            room_bytes: 0,
            bytes: 0,
            spare: None,
            count: 0,
            clock: Clock::default(),
            latest_at: 0,
            first: None,
            gone_until: None,
        }
    }

    /// From here on it reaches back so far.
    pub(crate) fn reach(&mut self, before_ns: u64) {
        self.keep_ns = keep_ns(before_ns);
    }

    /// Whether another segment has to begin before the next event.
    #[inline]
    pub(crate) fn is_full(&self) -> bool {
        self.segments.back().is_none_or(|latest| latest.events.len() >= self.room_bytes)
    }

    /// Memory that another segment needs that begins with this state.
    pub(crate) fn need(&self, state: &State) -> Need {
        let state_bytes = state.approx_bytes();
        let room_bytes = room(self.limit_bytes, state_bytes);
        Need { state_bytes, room_bytes }
    }

    /// The oldest segment, if it has to go before another one begins: there is no room for both, or
    /// nothing looks back so far.
    pub(crate) fn surplus(&self, need: Need) -> Option<u64> {
        let oldest = self.segments.front()?;
        let then = self.segments.get(1).map_or(self.clock, |next| next.clock).now();
        let age = |then: u64, now: u64| now.saturating_sub(then);
        let now = self.clock.settled();
        let is_too_old = age(then.ts_ns, now.ts_ns) > self.keep_ns
            && age(then.adjusted_ns, now.adjusted_ns) > self.keep_ns;
        let is_too_much = self.bytes.saturating_add(need.bytes()) > self.limit_bytes;
        (is_too_much || is_too_old).then_some(oldest.number)
    }

    /// Lets the oldest segment go.
    pub(crate) fn drop_oldest(&mut self) {
        let Some(mut oldest) = self.segments.pop_front() else { return };
        self.bytes = self.bytes.saturating_sub(oldest.state_bytes + oldest.buffer_bytes);
        oldest.events.clear();
        self.spare = Some(oldest.events);
        self.gone_until = Some(self.segments.front().map_or(self.clock, |next| next.clock).now());
    }

    /// Begins another segment.
    pub(crate) fn begin_segment(&mut self, state: &State, need: Need) {
        let wanted = need.buffer_bytes();
        let fits = |spare: &Batch| (wanted..=2 * wanted).contains(&spare.capacity());
        let events = self.spare.take().filter(fits);
        let events = events.unwrap_or_else(|| Batch::with_capacity(wanted));
        let buffer_bytes = events.capacity();
        self.count += 1;
        self.bytes += need.state_bytes + buffer_bytes;
        self.room_bytes = need.room_bytes;
        self.segments.push_back(Segment {
            number: self.count,
            state: state.clone(),
            state_bytes: need.state_bytes,
            clock: self.clock,
            events,
            buffer_bytes,
            has_odd_times: false,
        });
    }

    /// Keeps an event. Returns when it happened, and what it says of the clock; `None` if there is
    /// no segment to keep it in.
    #[inline]
    pub(crate) fn push(&mut self, event: &Event<'_>) -> Option<(Moment, Tick)> {
        let latest = self.segments.back_mut()?;
        let (moment, tick) = self.clock.tick(event);
        self.latest_at = latest.events.len();
        latest.events.push(event);
        if latest.events.capacity() != latest.buffer_bytes {
            self.bytes += latest.events.capacity().saturating_sub(latest.buffer_bytes);
            latest.buffer_bytes = latest.events.capacity();
        }
        latest.has_odd_times |= tick != Tick::On;
        if self.first.is_none() && tick == Tick::On {
            self.first = Some(moment);
        }
        Some((moment, tick))
    }

    /// The first event that belongs and has at most so many bytes from there on, or else the latest
    /// one, and the state before it.
    pub(crate) fn first_within(&self, span: &Span, most_bytes: u64) -> Option<First> {
        let most_bytes = usize::try_from(most_bytes).unwrap_or(usize::MAX);
        let mut left_bytes = self.event_bytes();
        let mut first_of_all = None;
        self.segments.iter().enumerate().find_map(|(index, segment)| {
            let segment_bytes = left_bytes;
            left_bytes = left_bytes.saturating_sub(segment.events.len());
            let behind = self.segments.get(index + 1).map_or(self.clock, |next| next.clock);
            if !segment.has_odd_times && span.is_after(behind.now()) {
                return None;
            }
            let latest_bytes = segment_bytes.saturating_sub(self.latest_at);
            let fits = |seen: &Seen<'_>| {
                let bytes = segment_bytes.saturating_sub(seen.place.at);
                bytes <= most_bytes || (left_bytes == 0 && bytes <= latest_bytes)
            };
            let mut belonging = segment.walk(segment.start()).filter(|it| span.has(it.moment));
            let first = belonging.find(|seen| {
                first_of_all.get_or_insert(seen.moment);
                fits(seen)
            })?;
            let cut_ns = first_of_all.map_or(0, |it| it.ns_before(first.moment));
            Some(First { place: first.place, state: segment.state_at(first.place), cut_ns })
        })
    }

    /// Bytes of all events.
    pub(crate) fn event_bytes(&self) -> usize {
        self.segments.iter().map(|segment| segment.events.len()).sum()
    }

    /// Every event from this place on.
    pub(crate) fn walk(&self, from: Place) -> impl Iterator<Item = Seen<'_>> {
        let segments = self.segments.iter().filter(move |segment| segment.number >= from.segment);
        segments.flat_map(move |segment| {
            segment.walk(if segment.number == from.segment { from } else { segment.start() })
        })
    }

    /// How much of this window was there once and is gone, ns.
    pub(crate) fn missing_ns(&self, span: &Span) -> u64 {
        let from = self.first.map_or(0, |first| first.adjusted_ns).max(span.start.adjusted_ns);
        match self.gone_until {
            Some(until) if until.adjusted_ns >= from => (until.adjusted_ns - from).max(1),
            _ => 0,
        }
    }

    /// Whether the recording begins after this moment.
    pub(crate) fn begins_after(&self, start: Moment) -> bool {
        self.first.is_some_and(|first| first.adjusted_ns > start.adjusted_ns)
    }

    /// The place behind the latest event.
    pub(crate) fn end(&self) -> Option<Place> {
        let latest = self.segments.back()?;
        Some(Place { segment: latest.number, at: latest.events.len(), clock: self.clock })
    }

    /// The stream's time.
    #[inline]
    pub(crate) fn now(&self) -> Moment {
        self.clock.now()
    }

    /// The stream's time, single events with wild times left out.
    #[inline]
    pub(crate) fn settled(&self) -> Moment {
        self.clock.settled()
    }

    /// The same when it is this time, and nothing has happened since the latest event.
    pub(crate) fn settled_at(&self, now_ns: u64) -> Moment {
        self.clock.settled_at(now_ns)
    }

    /// Whether the stream went back to before this window.
    pub(crate) fn went_back_before(&self, span: &Span) -> bool {
        self.first.is_some() && span.is_ahead(self.now())
    }

    /// Whether there was any event.
    pub(crate) fn has_begun(&self) -> bool {
        self.gone_until.is_some() || self.segments.iter().any(|it| !it.events.is_empty())
    }

    /// Lets everything go: something else than an event changed the state.
    pub(crate) fn forget(&mut self) {
        while !self.segments.is_empty() {
            self.drop_oldest();
        }
    }

    /// Memory of all segments.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }
}

/// What another segment needs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Need {
    state_bytes: usize,
    room_bytes: usize,
}

impl Need {
    fn buffer_bytes(self) -> usize {
        self.room_bytes + OVERHANG_BYTES.min(self.room_bytes)
    }

    fn bytes(self) -> usize {
        self.state_bytes.saturating_add(self.buffer_bytes())
    }
}

/// How long segments are kept so that windows can reach back so far.
fn keep_ns(before_ns: u64) -> u64 {
    before_ns.saturating_add(GRACE_NS)
}

/// How many bytes of events a segment takes in.
fn room(limit_bytes: usize, state_bytes: usize) -> usize {
    let for_its_cost = state_bytes.saturating_mul(2).min(limit_bytes / 4);
    (limit_bytes / 64).max(for_its_cost).max(state_bytes)
}

/// An event in the look-back.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seen<'e> {
    pub(crate) place: Place,
    pub(crate) event: Event<'e>,
    pub(crate) moment: Moment,
    pub(crate) tick: Tick,
}

impl Segment {
    fn start(&self) -> Place {
        Place { segment: self.number, at: 0, clock: self.clock }
    }

    /// Its events from this place on.
    fn walk(&self, from: Place) -> impl Iterator<Item = Seen<'_>> {
        let mut next = from;
        std::iter::from_fn(move || {
            let place = next;
            let event = self.events.next(&mut next.at)?;
            let (moment, tick) = next.clock.tick(&event);
            Some(Seen { place, event, moment, tick })
        })
    }

    fn state_at(&self, place: Place) -> State {
        let mut state = self.state.clone();
        let mut at = 0;
        while at < place.at
            && let Some(event) = self.events.next(&mut at)
        {
            state.event(event);
        }
        state
    }
}
