//! Beginnings, or ends, of texts, found by one pass over a text with a hash that rolls along.

use std::{
    collections::HashMap,
    hash::{BuildHasherDefault, Hasher},
};

/// Which end of a text a key is looked for at.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Side {
    Start,
    End,
}

/// Keys with something that belongs to each.
#[derive(Clone, Debug)]
pub(crate) struct Rolling<T> {
    side: Side,
    /// Lengths of the keys, ascending.
    lengths: Vec<usize>,
    keys: HashMap<u64, Vec<(Box<[u8]>, T)>, BuildHasherDefault<Identity>>,
}

impl<T> Rolling<T> {
    pub(crate) fn new(side: Side) -> Self {
        Self { side, lengths: Vec::new(), keys: HashMap::default() }
    }

    /// Adds a key, which must not be empty.
    pub(crate) fn insert(&mut self, key: Box<[u8]>, value: T) {
        if let Err(at) = self.lengths.binary_search(&key.len()) {
            self.lengths.insert(at, key.len());
        }
        let hash = match self.side {
            Side::Start => key.iter().copied().fold(START, roll),
            Side::End => key.iter().rev().copied().fold(START, roll),
        };
        self.keys.entry(hash).or_default().push((key, value));
    }

    /// Its keys and where they are looked for, in no order.
    pub(crate) fn keys(&self) -> impl Iterator<Item = (Side, &[u8])> {
        self.keys.values().flatten().map(|(key, _)| (self.side, &**key))
    }

    /// Whether a key fits for which `is_wanted` holds; asks for each that fits, until then.
    pub(crate) fn find(&self, text: &[u8], is_wanted: impl FnMut(&T) -> bool) -> bool {
        match self.side {
            Side::Start => self.pass(text.iter().copied(), |key| text.starts_with(key), is_wanted),
            Side::End => {
                self.pass(text.iter().rev().copied(), |key| text.ends_with(key), is_wanted)
            }
        }
    }

    fn pass(
        &self,
        bytes: impl Iterator<Item = u8>,
        fits: impl Fn(&[u8]) -> bool,
        mut is_wanted: impl FnMut(&T) -> bool,
    ) -> bool {
        let mut lengths = self.lengths.iter();
        let Some(mut next) = lengths.next() else { return false };
        let mut hash = START;
        for (len, byte) in (1..).zip(bytes) {
            hash = roll(hash, byte);
            if len != *next {
                continue;
            }
            for (key, value) in self.keys.get(&hash).into_iter().flatten() {
                if key.len() == len && fits(key) && is_wanted(value) {
                    return true;
                }
            }
            match lengths.next() {
                Some(longer) => next = longer,
                None => return false,
            }
        }
        false
    }
}

/// FNV-1a, 64 bits. The keys are those of rules; values look up but never insert, so that
/// collisions that somebody provokes find nothing.
const START: u64 = 0xcbf2_9ce4_8422_2325;

fn roll(hash: u64, byte: u8) -> u64 {
    (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
}

/// For keys that are hashes already.
#[derive(Clone, Copy, Default)]
struct Identity(u64);

impl Hasher for Identity {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = bytes.iter().copied().fold(START, roll);
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_at_the_side_is_found() {
        let keys = ["/etc/", "/e", "/usr", "/etc/passwd", "passwd", "wd", "d"];
        let cases: &[(Side, &str, &[&str])] = &[
            (Side::Start, "/etc/passwd", &["/e", "/etc/", "/etc/passwd"]),
            (Side::Start, "/", &[]),
            (Side::Start, "", &[]),
            (Side::Start, "/usr", &["/usr"]),
            (Side::End, "/etc/passwd", &["d", "wd", "passwd", "/etc/passwd"]),
            (Side::End, "/etc/", &["/etc/"]),
            (Side::End, "x", &[]),
        ];
        for (side, text, expected) in cases {
            let mut rolling = Rolling::new(*side);
            for key in keys {
                rolling.insert(key.as_bytes().into(), key);
            }
            let mut found = Vec::new();
            let never = rolling.find(text.as_bytes(), |key| {
                found.push(*key);
                false
            });
            assert!(!never);
            assert_eq!(found, *expected, "{side:?} {text}");
            assert_eq!(rolling.find(text.as_bytes(), |_| true), !expected.is_empty());
        }
    }
}
