//! Versions of the rule language.

use std::fmt;

/// The version of the language that is spoken here, as Falco counts it.
pub(super) const OURS: Version = Version([0, 62, 0]);

/// A version: three numbers.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Version([u32; 3]);

impl Version {
    /// From `0.62.0`, or from a whole number that stands for the middle one. What follows behind
    /// the third number does not count.
    pub(super) fn parse(text: &str) -> Option<Self> {
        match text.parse() {
            Ok(minor) => Some(Self([0, minor, 0])),
            Err(_) => Self::parse_whole(text),
        }
    }

    /// From `0.62.0` only.
    pub(super) fn parse_whole(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, '.');
        let mut next = || parts.next();
        let (major, minor, rest) = (next()?, next()?, next()?);
        let patch = rest.bytes().take_while(u8::is_ascii_digit).count();
        let number = |text: &str| text.parse().ok();
        Some(Self([number(major)?, number(minor)?, number(&rest[..patch])?]))
    }

    /// Whether rules that need `wanted` can be used.
    pub(super) fn serves(self, wanted: Self) -> bool {
        self.0[0] == wanted.0[0] && self >= wanted
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [major, minor, patch] = self.0;
        write!(f, "{major}.{minor}.{patch}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_and_three_numbers_are_versions() {
        let cases = [
            ("10", Some("0.10.0")),
            ("0.31.0", Some("0.31.0")),
            ("0.26.0-rc1", Some("0.26.0")),
            ("0.31", None),
            ("seven", None),
            ("-1", None),
            ("", None),
            ("1..2", None),
        ];
        for (text, expected) in cases {
            let version = Version::parse(text).map(|version| version.to_string());
            assert_eq!(version.as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn older_and_equal_versions_are_served() {
        let cases = [("62", true), ("0.62.0", true), ("0.62.1", false), ("63", false)];
        for (wanted, expected) in cases.into_iter().chain([("1.0.0", false), ("0.0.1", true)]) {
            let wanted = Version::parse(wanted).expect("a version");
            assert_eq!(OURS.serves(wanted), expected, "{wanted}");
        }
    }
}
