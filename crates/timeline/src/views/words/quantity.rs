//! Numbers, bytes, durations and times.

use event::print::time::{Civil, Fraction, NS_PER_S};

const NS_PER_MS: u64 = 1_000_000;

/// A number with its thousands apart: `48,211`.
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A number of things: `1 file`, `41 files`.
pub fn plural(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(number), if number == 1 { one } else { many })
}

/// A number of bytes: `84 B`, `48.2 KiB`.
pub fn bytes(number: u64) -> String {
    const UNITS: [&str; 6] = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    if number < 1024 {
        return format!("{number} B");
    }
    let mut unit_bytes = 1024u128;
    for unit in UNITS {
        let tenths = (u128::from(number) * 10 + unit_bytes / 2) / unit_bytes;
        if tenths < 10_240 || unit == "EiB" {
            return format!("{}.{} {unit}", tenths / 10, tenths % 10);
        }
        unit_bytes *= 1024;
    }
    format!("{number} B")
}

/// How long something took: `<1 ms`, `6 ms`, `1.2 s`, `4 min 10 s`, `3 h 5 min`, `12 d 3 h`.
pub fn duration(ns: u64) -> String {
    let s = ns / NS_PER_S;
    match s {
        0 if ns < NS_PER_MS => "<1 ms".to_owned(),
        0 => format!("{} ms", ns / NS_PER_MS),
        1..60 => format!("{s}.{} s", ns % NS_PER_S / (100 * NS_PER_MS)),
        60..3600 => two(s / 60, "min", s % 60, "s"),
        3600..86_400 => two(s / 3600, "h", s / 60 % 60, "min"),
        _ => two(s / 86_400, "d", s / 3600 % 24, "h"),
    }
}

fn two(large: u64, unit: &str, small: u64, small_unit: &str) -> String {
    match small {
        0 => format!("{large} {unit}"),
        _ => format!("{large} {unit} {small} {small_unit}"),
    }
}

/// A time relative to the first alert, in seconds: `-12.481`, `0.000`, `3.120`.
pub fn relative(ns: i64) -> String {
    let ms = ns.unsigned_abs() / NS_PER_MS;
    let sign = if ns < 0 && ms > 0 { "-" } else { "" };
    format!("{sign}{}.{:03}", ms / 1000, ms % 1000)
}

/// A time as RFC 3339 in UTC, to the millisecond: `2026-11-23T02:12:07.123Z`.
pub fn absolute(ts_ns: u64) -> String {
    let civil = Civil::of(ts_ns);
    let mut out = Vec::with_capacity(24);
    civil.write(b'T', Fraction::Hidden, &mut out);
    format!("{}.{:03}Z", String::from_utf8_lossy(&out), civil.ns / NS_PER_MS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_by_thousands() {
        for (number, want) in [
            (0, "0"),
            (999, "999"),
            (1_000, "1,000"),
            (1_048_576, "1,048,576"),
            (u64::MAX, "18,446,744,073,709,551,615"),
        ] {
            assert_eq!(count(number), want);
        }
        assert_eq!(plural(1, "file", "files"), "1 file");
        assert_eq!(plural(1200, "file", "files"), "1,200 files");
    }

    #[test]
    fn bytes_have_the_unit_that_keeps_them_short() {
        for (number, want) in [
            (0, "0 B"),
            (1023, "1023 B"),
            (1024, "1.0 KiB"),
            (49_357, "48.2 KiB"),
            (1_048_575, "1.0 MiB"),
            (5 << 30, "5.0 GiB"),
            (u64::MAX, "16.0 EiB"),
        ] {
            assert_eq!(bytes(number), want, "{number}");
        }
    }

    #[test]
    fn durations_have_two_digits_that_matter() {
        for (ns, want) in [
            (0, "<1 ms"),
            (999_999, "<1 ms"),
            (6_700_000, "6 ms"),
            (999_999_999, "999 ms"),
            (1_290_000_000, "1.2 s"),
            (250 * NS_PER_S, "4 min 10 s"),
            (60 * NS_PER_S, "1 min"),
            (11_100 * NS_PER_S, "3 h 5 min"),
            (86_400 * NS_PER_S * 12 + 3600 * NS_PER_S * 3, "12 d 3 h"),
            (u64::MAX, "213503 d 23 h"),
        ] {
            assert_eq!(duration(ns), want);
        }
    }

    #[test]
    fn relative_times_count_seconds_from_the_first_alert() {
        for (ns, want) in [
            (0, "0.000"),
            (-400_000, "0.000"),
            (-1_000_000, "-0.001"),
            (-12_481_999_999, "-12.481"),
            (3_120_000_000, "3.120"),
            (i64::MIN, "-9223372036.854"),
        ] {
            assert_eq!(relative(ns), want);
        }
    }

    #[test]
    fn absolute_times_are_rfc_3339() {
        assert_eq!(absolute(0), "1970-01-01T00:00:00.000Z");
        assert_eq!(absolute(1_709_251_199_987_654_321), "2024-02-29T23:59:59.987Z");
    }
}
