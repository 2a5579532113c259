//! What is shown in full.

use std::str::FromStr;

use thiserror::Error;

use crate::model::{Process, Timeline};

/// Something that is shown in full instead of folded.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Expand {
    /// Everything.
    All,
    /// The process with this id.
    Pid(i64),
    /// Processes that began so many ms after the first alert, or before it.
    At(i64),
}

/// A word that names nothing that can be shown in full.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("'{0}' names nothing to expand; give a process id, a time like 5.990, or all")]
pub struct UnknownExpand(pub String);

impl FromStr for Expand {
    type Err = UnknownExpand;

    fn from_str(text: &str) -> Result<Self, UnknownExpand> {
        let unknown = || UnknownExpand(text.to_owned());
        if text == "all" {
            return Ok(Self::All);
        }
        match text.split_once('.') {
            None => text.parse().map(Self::Pid).map_err(|_| unknown()),
            Some((seconds, fraction)) => at_ms(seconds, fraction).map(Self::At).ok_or_else(unknown),
        }
    }
}

/// `-12` and `481` as ms.
fn at_ms(seconds: &str, fraction: &str) -> Option<i64> {
    let (negative, digits) = match seconds.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, seconds),
    };
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if !is_number(digits) || !is_number(fraction) || fraction.len() > 3 {
        return None;
    }
    let thousandths: i64 = format!("{fraction:0<3}").parse().ok()?;
    let ms = digits.parse::<i64>().ok()?.checked_mul(1000)?.checked_add(thousandths)?;
    Some(if negative { -ms } else { ms })
}

/// Whether a process is to be shown in full.
pub(super) fn is_expanded(expand: &[Expand], timeline: &Timeline, process: &Process) -> bool {
    let begun_ms = || {
        let moment = process.start.or(process.commands.first()?.at)?;
        Some(timeline.relative_ns(moment.ts_ns) / 1_000_000)
    };
    expand.iter().any(|expand| match *expand {
        Expand::All => true,
        Expand::Pid(pid) => process.pid == pid,
        Expand::At(ms) => begun_ms() == Some(ms),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    #[test]
    fn what_to_expand_is_an_id_a_time_or_all() {
        for (text, want) in [
            ("all", Some(Expand::All)),
            ("1207", Some(Expand::Pid(1207))),
            ("5.990", Some(Expand::At(5_990))),
            ("5.9", Some(Expand::At(5_900))),
            ("-12.481", Some(Expand::At(-12_481))),
            ("-0.003", Some(Expand::At(-3))),
            ("", None),
            (".", None),
            ("5.", None),
            ("5.9999", None),
            ("99999999999999999.000", None),
            ("some", None),
        ] {
            assert_eq!(text.parse().ok(), want, "{text}");
        }
    }

    #[test]
    fn a_process_is_named_by_its_id_or_by_when_it_began() {
        let sample = testing::sample();
        let named = |expand| {
            let is = |p: &&Process| is_expanded(&[expand], &sample, p);
            sample.processes.iter().filter(is).map(|p| p.pid).collect::<Vec<_>>()
        };
        assert_eq!(named(Expand::Pid(1212)), [1212]);
        assert_eq!(named(Expand::At(5_990)), [1212]);
        assert_eq!(named(Expand::At(-20_000)), [1501]);
        assert_eq!(named(Expand::All).len(), sample.processes.len());
    }
}
