//! Points in time as people give them: RFC 3339, or relative to a recording.

use std::{fmt, path::Path, str::FromStr};

use event::Event;
use jiff::{SignedDuration, Timestamp, civil::DateTime, tz::TimeZone};

use crate::{error::Error, input, output::Verbosity};

/// A point in time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum When {
    /// Nanoseconds since the epoch.
    At(u64),
    /// Nanoseconds after the recording's first event.
    AfterStart(u64),
    /// Nanoseconds before the recording's last event.
    BeforeEnd(u64),
}

/// First and last event of a recording, ns since the epoch.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Span {
    pub(crate) first_ts_ns: u64,
    pub(crate) last_ts_ns: u64,
}

impl When {
    /// Whether the end of the recording must be known to place this point.
    pub(crate) fn needs_end(self) -> bool {
        matches!(self, Self::BeforeEnd(_))
    }

    /// This point in ns since the epoch, if durations count from `zero_ns`.
    pub(crate) fn around(self, zero_ns: u64) -> u64 {
        match self {
            Self::At(ns) => ns,
            Self::AfterStart(ns) => zero_ns.saturating_add(ns),
            Self::BeforeEnd(ns) => zero_ns.saturating_sub(ns),
        }
    }

    /// This point in ns since the epoch.
    pub(crate) fn resolve(self, span: Span) -> u64 {
        match self {
            Self::At(ns) => ns,
            Self::AfterStart(ns) => span.first_ts_ns.saturating_add(ns),
            Self::BeforeEnd(ns) => span.last_ts_ns.saturating_sub(ns),
        }
    }
}

/// Where an event lies with regard to a [`Window`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Place {
    Before,
    Within,
    After,
}

/// The part of a recording that is asked for.
#[derive(Debug)]
pub(crate) struct Window {
    from: Option<When>,
    to: Option<When>,
    span: Option<Span>,
}

impl Window {
    /// Reads the whole recording once beforehand where a time refers to its end.
    pub(crate) fn of(
        from: Option<When>,
        to: Option<When>,
        path: &Path,
        verbosity: Verbosity,
    ) -> Result<Self, Error> {
        let needs_end = [from, to].into_iter().flatten().any(When::needs_end);
        let span = if needs_end { input::span(path, verbosity)? } else { None };
        Ok(Self { from, to, span })
    }

    /// Places an event. The first one placed is taken for the recording's first, unless it has no
    /// time (notices at the start of old recordings), in which case it lies before everything.
    /// Times may step back a little between CPUs, so what follows an event after the window may
    /// lie within.
    pub(crate) fn place(&mut self, event: &Event<'_>) -> Place {
        let ts = event.ts_ns;
        if ts != 0 && self.span.is_none() {
            self.span = Some(Span { first_ts_ns: ts, last_ts_ns: ts });
        }
        let resolve = |when: When| self.span.map_or(u64::MAX, |span| when.resolve(span));
        if self.from.is_some_and(|from| ts < resolve(from)) {
            Place::Before
        } else if self.to.is_some_and(|to| ts >= resolve(to)) {
            Place::After
        } else {
            Place::Within
        }
    }
}

/// Why text is not a point in time.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct NotATime(String);

impl fmt::Display for NotATime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "'{}' is not a time; give RFC 3339 (2026-11-23T03:12:07Z), a duration after the first \
             event (90s, 2h5m), or one before the last (-30s)",
            self.0
        )
    }
}

impl std::error::Error for NotATime {}

impl FromStr for When {
    type Err = NotATime;

    fn from_str(text: &str) -> Result<Self, NotATime> {
        let bad = || NotATime(text.to_owned());
        if let Ok(timestamp) = text.parse::<Timestamp>() {
            return since_epoch(timestamp).map(Self::At).ok_or_else(bad);
        }
        if let Ok(local) = text.parse::<DateTime>() {
            let timestamp = TimeZone::UTC.to_timestamp(local).map_err(|_| bad())?;
            return since_epoch(timestamp).map(Self::At).ok_or_else(bad);
        }
        let (before_end, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let duration: SignedDuration = digits.parse().map_err(|_| bad())?;
        let ns = u64::try_from(duration.as_nanos()).map_err(|_| bad())?;
        Ok(if before_end { Self::BeforeEnd(ns) } else { Self::AfterStart(ns) })
    }
}

/// A point in time without regard to any recording: RFC 3339, or how long ago.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Moment(u64);

impl Moment {
    /// In nanoseconds since the epoch.
    pub(crate) fn ns(self) -> u64 {
        self.0
    }
}

impl FromStr for Moment {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Ok(When::At(ns)) = text.parse() {
            return Ok(Self(ns));
        }
        let ago = crate::config::duration(text.strip_prefix('-').unwrap_or(text)).map_err(|_| {
            format!("'{text}' is not a time; give RFC 3339 (2026-11-23T03:12:07Z), or how long ago: 24h, 30d")
        })?;
        let ago_ns = u64::try_from(ago.as_nanos()).unwrap_or(u64::MAX);
        Ok(Self(now_ns().saturating_sub(ago_ns)))
    }
}

/// The time, ns since 1970.
pub(crate) fn now_ns() -> u64 {
    let now = Timestamp::now().as_nanosecond();
    u64::try_from(now).unwrap_or_default()
}

/// How long something takes, given as `90s`, `5m` or `1h30m`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Duration(u64);

impl Duration {
    /// In nanoseconds.
    pub(crate) fn ns(self) -> u64 {
        self.0
    }
}

/// Why text is not a duration.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not a duration; give 90s, 5m or 1h30m")]
pub(crate) struct NotADuration(String);

impl FromStr for Duration {
    type Err = NotADuration;

    fn from_str(text: &str) -> Result<Self, NotADuration> {
        let bad = || NotADuration(text.to_owned());
        let duration: SignedDuration = text.parse().map_err(|_| bad())?;
        u64::try_from(duration.as_nanos()).map(Self).map_err(|_| bad())
    }
}

fn since_epoch(timestamp: Timestamp) -> Option<u64> {
    u64::try_from(timestamp.as_nanosecond()).ok()
}

/// RFC 3339 in UTC with nanoseconds.
pub(crate) fn rfc3339(ts_ns: u64) -> String {
    Timestamp::from_nanosecond(i128::from(ts_ns))
        .map_or_else(|_| format!("{ts_ns} ns"), |t| format!("{t:.9}"))
}

/// A duration for people: `1h 2m 3.5s`.
pub(crate) fn duration(ns: u64) -> String {
    let seconds = ns / 1_000_000_000;
    let (h, m, s) = (seconds / 3600, seconds / 60 % 60, (ns % 60_000_000_000) as f64 / 1e9);
    match (h, m) {
        (0, 0) => format!("{s:.3} s"),
        (0, _) => format!("{m} min {s:.1} s"),
        _ => format!("{h} h {m} min {s:.0} s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_in_every_documented_form() {
        let cases = [
            ("2026-11-23T00:00:00Z", Some(When::At(1_795_392_000_000_000_000))),
            ("2026-11-23T01:00:00+01:00", Some(When::At(1_795_392_000_000_000_000))),
            ("2026-11-23T00:00:00", Some(When::At(1_795_392_000_000_000_000))),
            ("2026-11-23 00:00:00.000000001", Some(When::At(1_795_392_000_000_000_001))),
            ("2h", Some(When::AfterStart(7_200_000_000_000))),
            ("1m30s", Some(When::AfterStart(90_000_000_000))),
            ("+10ms", Some(When::AfterStart(10_000_000))),
            ("-30s", Some(When::BeforeEnd(30_000_000_000))),
            ("1960-01-01T00:00:00Z", None),
            ("30", None),
            ("--30s", None),
            ("soon", None),
            ("", None),
        ];
        for (text, want) in cases {
            assert_eq!(text.parse::<When>().ok(), want, "{text}");
        }
    }

    #[test]
    fn events_without_a_time_do_not_count_as_the_first() {
        let mut builder = event::EventBuilder::default();
        let from = Some("2s".parse().unwrap());
        let mut window = Window { from, to: Some("4s".parse().unwrap()), span: None };
        let placed = [0, 10, 11, 12, 13, 14, 0].map(|seconds: u64| {
            builder.start(event::syscalls::CLOSE_X, seconds * 1_000_000_000, 1, 0);
            window.place(&builder.event().unwrap())
        });
        let want = [
            Place::Before,
            Place::Before,
            Place::Before,
            Place::Within,
            Place::Within,
            Place::After,
            Place::Before,
        ];
        assert_eq!(placed, want);
    }

    #[test]
    fn relative_times_are_placed_in_the_recording_and_never_overflow() {
        let span = Span { first_ts_ns: 100, last_ts_ns: 200 };
        assert_eq!(When::AfterStart(5).resolve(span), 105);
        assert_eq!(When::BeforeEnd(5).resolve(span), 195);
        assert_eq!(When::BeforeEnd(500).resolve(span), 0);
        assert_eq!(When::AfterStart(u64::MAX).resolve(span), u64::MAX);
    }
}
