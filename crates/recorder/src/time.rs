//! Which events are in a window.
//!
//! A window is `[start, end]`, from the first alert's time less what was asked for before it, to the
//! last alert's time and what was asked for after it. An event belongs if **its own time** lies in
//! there, wherever it stands in the stream: events of several CPUs come a little out of order.
//!
//! Events are handed on in the order of the stream, from the first that belongs to the last that
//! does. One between them that does not belong is handed on for the state alone
//! ([`event::Event::state_only`]), so that what readers see of the others is what it was.
//!
//! Which it is is decided when an event is handed on. So one that stands before an alert, and is
//! further ahead of its time than what was asked for after that alert, is not in the window though a
//! later alert makes the end a later one. That cannot be if at least [`SLACK_NS`] is asked for.
//!
//! **When is a window over?** When the stream's time, which is the latest time of any event so far,
//! is more than [`SLACK_NS`] past its end. A straggler that comes later still is not in it.
//!
//! **Clock steps.** A clock that is set back gives the same times twice. By its own time alone, an
//! event just before the step may be far from an alert just after it, and a window that is open at
//! the step could stay open for as long as the clock was set back. So there is a second time beside
//! the events' own: *adjusted* time, which goes on over a step back as if the clock had stood still
//! there. A step back is a time that lies more than the slack behind the stream's. An event belongs
//! **also** if its adjusted time lies in the adjusted window, which is counted from the alerts'
//! adjusted times. As long as no clock steps, both are the same.
//!
//! A window is over when the stream is past its end in both times, or past its adjusted end by
//! [`GRACE_NS`]. So what is in a window by its own time is found whole as long as the clock was set
//! back by less than a minute meanwhile; of longer steps, adjusted time alone decides.
//!
//! A step ahead cannot be told from a time in which nothing happened, so adjusted time steps too,
//! and windows are over. One of more than [`GRACE_NS`] is told of. If a step is followed within the
//! slack by another one that leads back to where the clock was before (one event with a wild time, a
//! straggler that is very late), adjusted time also goes on from there as if neither had happened.
//! So that such an event ends no window, a step ahead counts for ends only when the stream has gone on
//! behind it for longer than the slack: until then its *settled* time is that of before the step. And
//! a window that such an event opened is over when the clock is back before the window's start.
//!
//! Notices of the recorder ([`Origin::Meta`]) have times of their own making, so they never make a
//! step. One whose time is far from the stream's happened, in adjusted time, when it came. All steps that happened between a window's first event and its end are told in its
//! [`Incident`](crate::Incident).

use event::{Event, schema::Origin};

/// How far events of several CPUs may be out of order, ns.
pub const SLACK_NS: u64 = 2_000_000_000;

/// How long a window stays open for times that come again, ns; and how much longer the look-back
/// keeps what is too old. A time without events that is longer may be a step of the clock.
pub const GRACE_NS: u64 = 60_000_000_000;

/// When an event happened.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Moment {
    /// By its own time.
    pub(crate) ts_ns: u64,
    /// By a clock that is never set back.
    pub(crate) adjusted_ns: u64,
}

impl Moment {
    /// How much later the other one is; at least 1 if it is another one.
    pub(crate) fn ns_before(self, other: Self) -> u64 {
        let ns = other.adjusted_ns.saturating_sub(self.adjusted_ns);
        ns.max(u64::from(self != other))
    }
}

/// A clock that was set.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Step {
    /// The stream's time before.
    pub(crate) from_ns: u64,
    /// The time of the event that shows it.
    pub(crate) to_ns: u64,
}

/// Follows the stream's time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    now: Run,
    /// The run before the latest step.
    before: Option<Run>,
    begun: bool,
}

impl Default for Clock {
    /// Before the first event: no time goes on from there.
    fn default() -> Self {
        let now = Run { start_ns: u64::MAX, high_ns: u64::MAX, ahead_ns: 0 };
        Self { now, before: None, begun: false }
    }
}

/// Time between two steps.
#[derive(Clone, Copy, Debug)]
struct Run {
    start_ns: u64,
    /// The latest time of any event.
    high_ns: u64,
    /// Adjusted time is so much ahead.
    ahead_ns: u64,
}

impl Run {
    /// Whether this time is at most so much later than all others.
    #[inline]
    fn goes_on_with(self, ts_ns: u64, most_ns: u64) -> bool {
        ts_ns.wrapping_sub(self.high_ns.saturating_sub(SLACK_NS)) <= SLACK_NS + most_ns
    }

    #[inline]
    fn moment(self, ts_ns: u64) -> Moment {
        Moment { ts_ns, adjusted_ns: ts_ns.saturating_add(self.ahead_ns) }
    }

    fn is_short(self) -> bool {
        self.high_ns.saturating_sub(self.start_ns) <= SLACK_NS
    }
}

/// What an event's time says about the clock.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Tick {
    /// It goes on.
    On,
    /// It was set, or nothing happened for long.
    Step(Step),
    /// The event is a notice with a time of its own.
    Aside,
}

impl Clock {
    /// Takes in the time of the next event.
    #[inline]
    pub(crate) fn tick(&mut self, event: &Event<'_>) -> (Moment, Tick) {
        let ts_ns = event.ts_ns;
        if self.now.goes_on_with(ts_ns, SLACK_NS) {
            self.now.high_ns = self.now.high_ns.max(ts_ns);
            return (self.now.moment(ts_ns), Tick::On);
        }
        self.jump(event)
    }

    /// The stream's time; 0 before it begins.
    #[inline]
    pub(crate) fn now(&self) -> Moment {
        if self.begun {
            self.now.moment(self.now.high_ns)
        } else {
            Moment { ts_ns: 0, adjusted_ns: 0 }
        }
    }

    /// The stream's time, as far as no single event makes it up: a step ahead that may be taken back
    /// is left out.
    #[inline]
    pub(crate) fn settled(&self) -> Moment {
        self.unsettled().map_or(self.now(), |before| before.moment(before.high_ns))
    }

    /// The same, when it is this time and nothing has happened since the latest event. A clock that
    /// was set back meanwhile says nothing.
    pub(crate) fn settled_at(&self, now_ns: u64) -> Moment {
        let is_settled = |start_ns: u64| now_ns.saturating_sub(start_ns) > SLACK_NS;
        let run = self.unsettled().filter(|_| !is_settled(self.now.start_ns)).unwrap_or(self.now);
        if self.begun { run.moment(run.high_ns.max(now_ns)) } else { self.now() }
    }

    /// The run before a step ahead that may be taken back.
    fn unsettled(&self) -> Option<Run> {
        self.before.filter(|before| self.now.is_short() && self.now.start_ns > before.high_ns)
    }

    #[cold]
    fn jump(&mut self, event: &Event<'_>) -> (Moment, Tick) {
        let ts_ns = event.ts_ns;
        if event.info().origin == Origin::Meta && !self.now.goes_on_with(ts_ns, GRACE_NS) {
            let adjusted_ns = if self.begun { self.now().adjusted_ns } else { ts_ns };
            return (Moment { ts_ns, adjusted_ns }, Tick::Aside);
        }
        let tick = self.jump_to(ts_ns);
        (self.now.moment(ts_ns), tick)
    }

    fn jump_to(&mut self, ts_ns: u64) -> Tick {
        let now = self.now;
        let fresh = Run { start_ns: ts_ns, high_ns: ts_ns, ..now };
        if !self.begun {
            (self.now, self.begun) = (fresh, true);
            return Tick::On;
        }
        let before =
            self.before.filter(|before| now.is_short() && before.goes_on_with(ts_ns, GRACE_NS));
        let next = match before {
            Some(before) => Run { high_ns: before.high_ns.max(ts_ns), ..before },
            None if now.goes_on_with(ts_ns, GRACE_NS) => {
                self.now.high_ns = ts_ns;
                return Tick::On;
            }
            None => {
                let back_ns = now.high_ns.saturating_sub(ts_ns);
                Run { ahead_ns: now.ahead_ns.saturating_add(back_ns), ..fresh }
            }
        };
        // Of several wild times none hides where the clock was before them.
        let is_back = before.is_some();
        self.before = self.unsettled().filter(|_| !is_back).or(Some(now));
        self.now = next;
        Tick::Step(Step { from_ns: now.high_ns, to_ns: ts_ns })
    }
}

/// A window in both times.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Span {
    pub(crate) start: Moment,
    pub(crate) end: Moment,
}

impl Span {
    /// So much around a moment.
    pub(crate) fn around(moment: Moment, before_ns: u64, after_ns: u64) -> Self {
        let back = |at: u64| at.saturating_sub(before_ns);
        let start = Moment { ts_ns: back(moment.ts_ns), adjusted_ns: back(moment.adjusted_ns) };
        Self { start, end: later(moment, after_ns) }
    }

    /// Whether an event of this moment belongs.
    #[inline]
    pub(crate) fn has(&self, moment: Moment) -> bool {
        let own = self.start.ts_ns <= moment.ts_ns && moment.ts_ns <= self.end.ts_ns;
        own || (self.start.adjusted_ns <= moment.adjusted_ns
            && moment.adjusted_ns <= self.end.adjusted_ns)
    }

    /// Whether an event of this moment belongs, or would if the end were late enough.
    pub(crate) fn can_reach(&self, moment: Moment) -> bool {
        self.start.ts_ns <= moment.ts_ns || self.start.adjusted_ns <= moment.adjusted_ns
    }

    /// Makes the end a later one, if it is later.
    pub(crate) fn reach(&mut self, end: Moment) {
        self.end.ts_ns = self.end.ts_ns.max(end.ts_ns);
        self.end.adjusted_ns = self.end.adjusted_ns.max(end.adjusted_ns);
    }

    /// Whether a clock that is at `now` went back to before it. No event opens a window that begins
    /// after the event.
    #[inline]
    pub(crate) fn is_ahead(&self, now: Moment) -> bool {
        let is_ahead = |start_ns: u64, now_ns: u64| start_ns.saturating_sub(now_ns) > SLACK_NS;
        is_ahead(self.start.ts_ns, now.ts_ns) && is_ahead(self.start.adjusted_ns, now.adjusted_ns)
    }

    /// Whether a stream that is at `now` is past it.
    #[inline]
    pub(crate) fn is_over(&self, now: Moment) -> bool {
        let past_adjusted_ns = now.adjusted_ns.saturating_sub(self.end.adjusted_ns);
        past_adjusted_ns > SLACK_NS
            && (now.ts_ns.saturating_sub(self.end.ts_ns) > SLACK_NS || past_adjusted_ns > GRACE_NS)
    }

    /// Whether all moments up to this one, none of them aside, are before it.
    pub(crate) fn is_after(&self, now: Moment) -> bool {
        now.ts_ns < self.start.ts_ns && now.adjusted_ns < self.start.adjusted_ns
    }

    /// Whether it begins before the other one is over.
    pub(crate) fn adjoins(&self, before: &Self) -> bool {
        let adjoins = |start: u64, end: u64| start <= end.saturating_add(SLACK_NS);
        adjoins(self.start.ts_ns, before.end.ts_ns)
            || adjoins(self.start.adjusted_ns, before.end.adjusted_ns)
    }
}

/// The moment so much later.
pub(crate) fn later(moment: Moment, by_ns: u64) -> Moment {
    Moment {
        ts_ns: moment.ts_ns.saturating_add(by_ns),
        adjusted_ns: moment.adjusted_ns.saturating_add(by_ns),
    }
}

/// The later of both, in each of the times.
pub(crate) fn later_of(a: Moment, b: Moment) -> Moment {
    Moment { ts_ns: a.ts_ns.max(b.ts_ns), adjusted_ns: a.adjusted_ns.max(b.adjusted_ns) }
}

/// The earlier of both, in each of the times.
pub(crate) fn earlier_of(a: Moment, b: Moment) -> Moment {
    Moment { ts_ns: a.ts_ns.min(b.ts_ns), adjusted_ns: a.adjusted_ns.min(b.adjusted_ns) }
}

#[cfg(test)]
mod tests {
    use event::{
        EventBuilder,
        syscalls::{CONTAINER_JSON_2_E, GETUID_X},
    };

    use super::*;

    const S: u64 = 1_000_000_000;

    /// Adjusted times, in seconds, of events at these; those of notices are negative.
    fn adjusted(times: &[i64]) -> Vec<u64> {
        let (mut clock, mut builder) = (Clock::default(), EventBuilder::default());
        let each = |&at: &i64| {
            let kind = if at < 0 { CONTAINER_JSON_2_E } else { GETUID_X };
            builder.start(kind, at.unsigned_abs() * S, 1, 0);
            clock.tick(&builder.event().unwrap()).0.adjusted_ns / S
        };
        times.iter().map(each).collect()
    }

    #[test]
    fn adjusted_time_goes_on_over_steps_back() {
        let cases: [(&[i64], &[u64]); 9] = [
            (&[1000, 1001, 999, 1001], &[1000, 1001, 999, 1001]),
            // Set back by 500 s, twice.
            (&[1000, 500, 501, 1, 2], &[1000, 1000, 1001, 1001, 1002]),
            // One that is very late.
            (&[1000, 990, 1000, 1001], &[1000, 1000, 1000, 1001]),
            // Set back, and nothing happens for a while.
            (&[1000, 500, 501, 510, 511], &[1000, 1000, 1001, 1010, 1011]),
            // One with a wild time.
            (&[1000, 90_000, 1001], &[1000, 90_000, 1001]),
            // Nothing happened for long.
            (&[1000, 5000, 5001], &[1000, 5000, 5001]),
            // Set ahead, and back after a while.
            (&[1000, 5000, 5010, 1010, 1011], &[1000, 5000, 5010, 5010, 5011]),
            // Set back, and soon ahead to where it was.
            (&[1000, 500, 502, 1004], &[1000, 1000, 1002, 1004]),
            // Notices never step.
            (&[-5, 1000, -5, -90_000, 1001], &[5, 1000, 1000, 1000, 1001]),
        ];
        for (times, want) in cases {
            assert_eq!(adjusted(times), want, "{times:?}");
        }
    }

    #[test]
    fn a_step_ahead_is_settled_when_time_went_on_behind_it() {
        let cases: [(&[i64], u64); 8] = [
            (&[1000, 1005], 1005),
            (&[1000, 5000], 1000),
            (&[1000, 5000, 5002], 1000),
            (&[1000, 5000, 5003], 5003),
            (&[1000, 5000, 1001], 1001),
            // Two wild times.
            (&[1000, 1003, 5000, 90_000], 1003),
            (&[1000, 1003, 5000, 90_000, 1004], 1004),
            // Set back.
            (&[1000, 500], 1000),
        ];
        for (times, want) in cases {
            let (mut clock, mut builder) = (Clock::default(), EventBuilder::default());
            for &at in times {
                builder.start(GETUID_X, at.unsigned_abs() * S, 1, 0);
                clock.tick(&builder.event().unwrap());
            }
            assert_eq!(clock.settled().adjusted_ns / S, want, "{times:?}");
        }
    }

    #[test]
    fn time_goes_on_where_nothing_happens() {
        let cases: [(&[i64], u64, u64); 6] = [
            (&[1000], 1030, 1030),
            // The clock was set back since.
            (&[1000], 400, 1000),
            // It was set back by 500 s before.
            (&[1000, 500], 530, 1030),
            // An event with a wild time.
            (&[1000, 5000], 1030, 1030),
            // A clock that was set ahead, and goes on.
            (&[1000, 5000], 5003, 5003),
            (&[], 1000, 0),
        ];
        for (times, now, want) in cases {
            let (mut clock, mut builder) = (Clock::default(), EventBuilder::default());
            for &at in times {
                builder.start(GETUID_X, at.unsigned_abs() * S, 1, 0);
                clock.tick(&builder.event().unwrap());
            }
            assert_eq!(clock.settled_at(now * S).adjusted_ns / S, want, "{times:?} at {now}");
        }
    }

    #[test]
    fn times_at_the_ends_of_numbers_are_times() {
        let (mut clock, mut builder) = (Clock::default(), EventBuilder::default());
        for ts_ns in [0, u64::MAX, 1, u64::MAX - 1, 0, u64::MAX / 2, u64::MAX] {
            builder.start(GETUID_X, ts_ns, 1, 0);
            let (moment, _) = clock.tick(&builder.event().unwrap());
            let span = Span::around(moment, u64::MAX, u64::MAX);
            assert!(span.has(moment) && !span.is_over(clock.now()));
        }
    }

    #[test]
    fn a_window_is_over_when_the_stream_is_past_it() {
        let at = |ts, adjusted| Moment { ts_ns: ts * S, adjusted_ns: adjusted * S };
        let span = Span::around(at(100, 100), 10 * S, 10 * S);
        let cases = [
            (at(110, 110), false),
            (at(112, 112), false),
            (at(113, 113), true),
            // Set back by half a minute: its times come again.
            (at(90, 120), false),
            (at(112, 142), false),
            (at(113, 143), true),
            // Set back by an hour.
            (at(1, 170), false),
            (at(1, 171), true),
        ];
        for (now, over) in cases {
            assert_eq!(span.is_over(now), over, "{now:?}");
        }
    }
}
