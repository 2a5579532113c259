//! Durations and dates, in UTC.

use super::{number, sink::Sink};

/// Nanoseconds of a second.
pub const NS_PER_S: u64 = 1_000_000_000;

/// The duration in ns and in seconds: `1500000000(1.5s)`; `none` for all ones.
pub(super) fn print_duration(ns: Option<i64>, out: &mut Sink<'_>) -> bool {
    let Some(ns) = ns else {
        return false;
    };
    if ns == -1 {
        out.value(b"none");
        return true;
    }
    number::unsigned(ns as u64, out.buffer());
    out.meaning(|out| {
        number::general(ns as u64 as f64 / NS_PER_S as f64, out);
        out.push(b's');
    });
    true
}

/// `2024-02-29 12:00:00.000000001`.
pub(super) fn print_date(ns: Option<i64>, out: &mut Sink<'_>) -> bool {
    ns.is_some_and(|ns| {
        Civil::of(ns as u64).write(b' ', Fraction::Shown, out.buffer());
        true
    })
}

/// Whether the nanoseconds are shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Fraction {
    Shown,
    Hidden,
}

/// A point in time, taken apart; UTC, Gregorian calendar.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Civil {
    /// Year.
    pub year: u64,
    /// Month, from 1.
    pub month: u64,
    /// Day, from 1.
    pub day: u64,
    /// Seconds of the day.
    pub second: u64,
    /// Nanoseconds of the second.
    pub ns: u64,
}

impl Civil {
    /// Takes a time in ns since the epoch apart.
    pub const fn of(ts_ns: u64) -> Self {
        let seconds = ts_ns / NS_PER_S;
        let (year, month, day) = date(seconds / 86_400);
        Self { year, month, day, second: seconds % 86_400, ns: ts_ns % NS_PER_S }
    }

    /// Appends date and time: `2024-02-29 12:00:00`, with `separator` between them.
    pub fn write(&self, separator: u8, fraction: Fraction, out: &mut Vec<u8>) {
        field(self.year, 4, out);
        out.push(b'-');
        field(self.month, 2, out);
        out.push(b'-');
        field(self.day, 2, out);
        out.push(separator);
        self.write_time(fraction, out);
    }

    /// Appends the time of day: `12:00:00`.
    pub fn write_time(&self, fraction: Fraction, out: &mut Vec<u8>) {
        field(self.second / 3600, 2, out);
        out.push(b':');
        field(self.second / 60 % 60, 2, out);
        out.push(b':');
        field(self.second % 60, 2, out);
        if fraction == Fraction::Shown {
            out.push(b'.');
            field(self.ns, 9, out);
        }
    }
}

fn field(mut value: u64, digits: usize, out: &mut Vec<u8>) {
    let start = out.len();
    out.resize(start + digits, b'0');
    for digit in out[start..].iter_mut().rev() {
        *digit += (value % 10) as u8;
        value /= 10;
    }
}

/// Year, month and day of a number of days since the epoch. Years are counted from March, so that
/// the leap day is their last (the method of Howard Hinnant's `civil_from_days`).
const fn date(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468;
    let era = days / 146_097;
    let day_of_era = days % 146_097;
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + if month <= 2 { 1 } else { 0 };
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_those_of_the_calendar() {
        let cases = [
            (0, "1970-01-01 00:00:00.000000000"),
            (951_782_399_999_999_999, "2000-02-28 23:59:59.999999999"),
            (951_782_400_000_000_000, "2000-02-29 00:00:00.000000000"),
            (1_690_557_262_731_217_947, "2023-07-28 15:14:22.731217947"),
            (1_709_251_199_000_000_000, "2024-02-29 23:59:59.000000000"),
            (4_107_542_400_000_000_000, "2100-03-01 00:00:00.000000000"),
            (u64::MAX, "2554-07-21 23:34:33.709551615"),
        ];
        for (ts_ns, text) in cases {
            let mut out = Vec::new();
            Civil::of(ts_ns).write(b' ', Fraction::Shown, &mut out);
            assert_eq!(String::from_utf8_lossy(&out), text);
        }
        let mut out = Vec::new();
        Civil::of(1).write_time(Fraction::Hidden, &mut out);
        assert_eq!(out, b"00:00:00");
    }
}
