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
    seen: Box<[u64; WORDS]>,
    keys: Table<T>,
}

/// Keys and what belongs to them, by their hashes.
type Table<T> = HashMap<u64, Vec<(Box<[u8]>, T)>, BuildHasherDefault<Identity>>;

impl<T> Rolling<T> {
    pub(crate) fn new(side: Side) -> Self {
        Self { side, lengths: Vec::new(), seen: Box::new([0; WORDS]), keys: HashMap::default() }
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
        let (word, bit) = place(hash);
        self.seen[word] |= bit;
        self.keys.entry(hash).or_default().push((key, value));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.lengths.is_empty()
    }

    /// Its keys and where they are looked for, in no order.
    pub(crate) fn keys(&self) -> impl Iterator<Item = (Side, &[u8])> {
        self.keys.values().flatten().map(|(key, _)| (self.side, &**key))
    }

    /// Whether a key fits for which `is_wanted` holds; asks for each that fits, until then.
    pub(crate) fn find(&self, text: &[u8], mut is_wanted: impl FnMut(&T) -> bool) -> bool {
        let mut hash = START;
        let mut done = 0;
        for &len in self.lengths.iter().take_while(|&&len| len <= text.len()) {
            hash = match self.side {
                Side::Start => text[done..len].iter().copied().fold(hash, roll),
                Side::End => {
                    text[text.len() - len..text.len() - done].iter().rev().copied().fold(hash, roll)
                }
            };
            done = len;
            if self.may_have(hash) && self.of_length(text, len, hash).any(&mut is_wanted) {
                return true;
            }
        }
        false
    }

    /// A cheap first look that keeps nearly all others away from the table.
    fn may_have(&self, hash: u64) -> bool {
        let (word, bit) = place(hash);
        self.seen[word] & bit != 0
    }

    /// What belongs to the keys of this length that fit.
    fn of_length(&self, text: &[u8], len: usize, hash: u64) -> impl Iterator<Item = &T> {
        let end = match self.side {
            Side::Start => &text[..len],
            Side::End => &text[text.len() - len..],
        };
        let keys = self.keys.get(&hash).into_iter().flatten();
        keys.filter(move |(key, _)| **key == *end).map(|(_, value)| value)
    }
}

/// Words of bits that tell which hashes there are.
const WORDS: usize = 32;

/// The word and the bit of a hash.
fn place(hash: u64) -> (usize, u64) {
    // The upper half of the hash is the better mixed.
    let bits = (hash >> 40) as usize;
    (bits / 64 % WORDS, 1 << (bits % 64))
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
