//! Semantic versions of which only the beginning may be said: `1.2`, `1.x`, `*`, `1.2.3-rc.1`.

use crate::{Error, Version, text};

use super::Reader;

/// As much of a version as is said.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Partial<'a> {
    /// Up to three numbers.
    pub(super) numbers: Vec<&'a str>,
    /// Whether a wildcard stands where the next number would.
    pub(super) wildcard: bool,
    /// The prerelease, only behind three numbers.
    pub(super) prerelease: Option<&'a str>,
}

impl<'a> Partial<'a> {
    /// Takes a text apart. A `v` in front, and what was built, do not count.
    pub(super) fn of(text: &'a str) -> Option<Self> {
        let text = text.trim_start_matches(['v', '=', ' ']);
        let text = text.split_once('+').map_or(text, |(text, _)| text);
        let mut partial = Self::default();
        let mut rest = text;
        loop {
            let (number, behind) = text::digits(rest);
            if !number.is_empty() && !partial.wildcard {
                partial.numbers.push(number);
                rest = behind;
            } else {
                rest = rest.strip_prefix(['x', 'X', '*'])?;
                partial.wildcard = true;
            }
            match rest.strip_prefix('.') {
                Some(behind) => rest = behind,
                None => break,
            }
        }
        let prerelease = rest.strip_prefix('-').filter(|prerelease| is_prerelease(prerelease));
        let whole = rest.is_empty() || prerelease.is_some();
        // What wildcards stand before does not count.
        partial.prerelease = prerelease.filter(|_| partial.is_full());
        (whole && partial.numbers.len() <= 3).then_some(partial)
    }

    /// Whether all three numbers are said.
    pub(super) fn is_full(&self) -> bool {
        self.numbers.len() == 3 && !self.wildcard
    }

    /// The number at a place; 0 if it is not said.
    pub(super) fn number(&self, index: usize) -> &'a str {
        self.numbers.get(index).copied().unwrap_or("0")
    }

    /// The version that it is, with zeros for what is not said.
    pub(super) fn floor(&self, reader: Reader<'_>) -> Result<Version, Error> {
        let numbers = [0, 1, 2].map(|index| self.number(index)).join(".");
        match self.prerelease {
            Some(prerelease) => reader.version(&format!("{numbers}-{prerelease}")),
            None => reader.version(&numbers),
        }
    }

    /// The lowest prerelease of its numbers.
    pub(super) fn below(&self, reader: Reader<'_>) -> Result<Version, Error> {
        reader.version(&([0, 1, 2].map(|index| self.number(index)).join(".") + "-0"))
    }

    /// The lowest prerelease of what is above all versions that share so many numbers with it.
    pub(super) fn above(&self, shared: usize, reader: Reader<'_>) -> Result<Version, Error> {
        let mut numbers = [0, 1, 2].map(|index| self.number(index).to_owned());
        for (index, number) in numbers.iter_mut().enumerate() {
            match (index + 1).cmp(&shared) {
                std::cmp::Ordering::Less => {}
                std::cmp::Ordering::Equal => *number = text::successor(number),
                std::cmp::Ordering::Greater => "0".clone_into(number),
            }
        }
        reader.version(&(numbers.join(".") + "-0"))
    }

    /// How many numbers a caret holds: up to the first that is not 0, as far as they are said.
    pub(super) fn caret(&self) -> usize {
        let first = self.numbers.iter().position(|number| !text::is_zero(number));
        first.map_or(self.numbers.len(), |first| first + 1).max(1)
    }
}

fn is_prerelease(text: &str) -> bool {
    let known = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    text.split('.').all(|identifier| !identifier.is_empty() && identifier.bytes().all(known))
}
