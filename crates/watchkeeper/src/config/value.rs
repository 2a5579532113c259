//! Kinds of values: sizes, durations, numbers, names.

use std::{fmt::Display, ops::RangeInclusive, path::PathBuf, str::FromStr, time::Duration};

use jiff::SignedDuration;

/// Bytes: `64MiB`.
pub(crate) fn size(text: &str) -> Result<u64, String> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let shift = match unit.trim_start() {
        "" | "B" => Some(0),
        "KiB" => Some(10),
        "MiB" => Some(20),
        "GiB" => Some(30),
        "TiB" => Some(40),
        _ => None,
    };
    let bytes = number.parse::<u64>().ok().zip(shift).and_then(|(n, by)| n.checked_mul(1 << by));
    bytes
        .filter(|&bytes| bytes > 0)
        .ok_or_else(|| format!("'{text}' is no size; give bytes, or KiB, MiB, GiB: 64MiB"))
}

/// A time longer than nothing: `1h30m`, `30d`.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    any_duration(text)
        .filter(|duration| !duration.is_zero())
        .ok_or_else(|| format!("'{text}' is no duration; give 500ms, 90s, 5m, 24h or 1h30m"))
}

/// A time that may be nothing: `0s`.
pub(crate) fn span(text: &str) -> Result<Duration, String> {
    any_duration(text)
        .ok_or_else(|| format!("'{text}' is no duration; give 0s, 500ms, 90s, 5m, 24h or 30d"))
}

/// A duration; days stand alone, as whole numbers.
fn any_duration(text: &str) -> Option<Duration> {
    if let Some(days) = text.strip_suffix('d') {
        let days: u64 = days.parse().ok()?;
        return days.checked_mul(86_400).map(Duration::from_secs);
    }
    Duration::try_from(text.parse::<SignedDuration>().ok()?).ok()
}

/// A number of a range.
pub(super) fn number<N>(range: RangeInclusive<N>) -> impl FnOnce(&str) -> Result<N, String>
where
    N: FromStr + PartialOrd + Display,
{
    move |text| {
        let number = text.parse().ok().filter(|number| range.contains(number));
        let (least, most) = (range.start(), range.end());
        number.ok_or_else(|| format!("'{text}' is not a number from {least} to {most}"))
    }
}

/// One of some names.
pub(super) fn one_of<V: Copy>(names: &[(&str, V)]) -> impl FnOnce(&str) -> Result<V, String> {
    move |text| {
        let found = names.iter().find(|(name, _)| *name == text).map(|(_, value)| *value);
        let all = || names.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
        found.ok_or_else(|| format!("'{text}' is none of {}", all()))
    }
}

/// Any text but none.
pub(super) fn text(text: &str) -> Result<String, &'static str> {
    if text.trim().is_empty() { Err("this is empty") } else { Ok(text.to_owned()) }
}

/// A path.
pub(super) fn path(path: &str) -> Result<PathBuf, &'static str> {
    text(path).map(Into::into)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read() {
        for (text, bytes) in
            [("1", 1), ("10B", 10), ("2 KiB", 2048), ("100MiB", 100 << 20), ("1GiB", 1 << 30)]
        {
            assert_eq!(size(text), Ok(bytes), "{text}");
        }
        for wrong in ["", "0", "MiB", "-1", "1.5MiB", "10MB", "10M", "99999999999999TiB"] {
            assert!(size(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn durations_are_read() {
        for (text, ms) in [
            ("500ms", 500),
            ("90s", 90_000),
            ("1h30m", 5_400_000),
            ("24h", 86_400_000),
            ("2d", 172_800_000),
        ] {
            assert_eq!(duration(text).map(|d| d.as_millis()), Ok(ms), "{text}");
        }
        for wrong in ["", "0s", "-5s", "5", "soon"] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
    }
}
