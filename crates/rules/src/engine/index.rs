//! Many tests of one value at once: a look-up gives the rules whose tests can pass.

use std::hash::{BuildHasherDefault, Hasher};

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use super::{Map, set::RuleSet};
use crate::{filter::Key, value::Value};

/// Most bytes of texts that are worth the memory of a table of all transitions.
const MOST_BYTES_OF_DFA: usize = 1024;

/// Rules by what a value must look like for them.
#[derive(Clone, Debug)]
pub(super) struct Index {
    /// A test of the value, by its place in the pool: any, for all look at the same.
    pub test: u32,
    is: Map<Box<[u8]>, Vec<u32>>,
    numbers: Map<i128, Vec<u32>>,
    starts: Rolling,
    ends: Rolling,
    has: Option<Parts>,
    keys: usize,
}

#[derive(Clone, Debug)]
struct Parts {
    automaton: AhoCorasick,
    rules: Vec<Vec<u32>>,
}

impl Index {
    /// Of rules, by their places in their class, and the keys of each.
    pub(super) fn new<'k>(
        test: u32,
        rules: impl Iterator<Item = (u32, &'k [Key])>,
    ) -> Option<Self> {
        let mut by_key: Map<Key, Vec<u32>> = Map::default();
        for (rule, keys) in rules {
            for key in keys {
                let rules = by_key.entry(key.clone()).or_default();
                if rules.last() != Some(&rule) {
                    rules.push(rule);
                }
            }
        }
        let mut index = Self {
            test,
            is: Map::default(),
            numbers: Map::default(),
            starts: Rolling::default(),
            ends: Rolling::default(),
            has: None,
            keys: by_key.len(),
        };
        let mut parts = Vec::new();
        for (key, rules) in by_key {
            match key {
                Key::Is(text) => drop(index.is.insert(text, rules)),
                Key::Number(number) => drop(index.numbers.insert(number, rules)),
                Key::Starts(text) => index.starts.insert(text.iter().copied(), &text, rules),
                Key::Ends(text) => index.ends.insert(text.iter().rev().copied(), &text, rules),
                Key::Has(text) => parts.push((text, rules)),
            }
        }
        if !parts.is_empty() {
            let (texts, rules): (Vec<_>, Vec<_>) = parts.into_iter().unzip();
            index.has = Some(Parts { automaton: automaton(&texts)?, rules });
        }
        Some(index)
    }

    /// How many different keys there are.
    pub(super) fn keys(&self) -> usize {
        self.keys
    }

    /// Adds the rules whose tests this value can pass.
    pub(super) fn look_up(&self, value: Value<'_>, found: &mut RuleSet) {
        match value {
            Value::Text(text) | Value::Bytes(text) => self.look_up_text(text, found),
            Value::I64(number) => self.look_up_number(number.into(), found),
            Value::U64(number) => self.look_up_number(number.into(), found),
            Value::Bool(_) | Value::F64(_) | Value::Ip(_) => {}
        }
    }

    fn look_up_number(&self, number: i128, found: &mut RuleSet) {
        if let Some(rules) = self.numbers.get(&number) {
            found.add_all(rules);
        }
    }

    fn look_up_text(&self, text: &[u8], found: &mut RuleSet) {
        if !self.is.is_empty()
            && let Some(rules) = self.is.get(text)
        {
            found.add_all(rules);
        }
        self.starts.look_up(text.iter().copied(), |key| text.starts_with(key), found);
        self.ends.look_up(text.iter().rev().copied(), |key| text.ends_with(key), found);
        if let Some(parts) = &self.has {
            for part in parts.automaton.find_overlapping_iter(text) {
                if let Some(rules) = parts.rules.get(part.pattern().as_usize()) {
                    found.add_all(rules);
                }
            }
        }
    }
}

/// An automaton that finds all texts; the fastest kind as long as that is small.
fn automaton(texts: &[Box<[u8]>]) -> Option<AhoCorasick> {
    let bytes: usize = texts.iter().map(|text| text.len()).sum();
    let kind = (bytes <= MOST_BYTES_OF_DFA).then_some(AhoCorasickKind::DFA);
    AhoCorasick::builder().match_kind(MatchKind::Standard).kind(kind).build(texts).ok()
}

/// Beginnings (or ends) of texts, found by one pass over the text with a hash that rolls along.
#[derive(Clone, Debug, Default)]
struct Rolling {
    /// Lengths of the keys, ascending.
    lengths: Vec<usize>,
    keys: std::collections::HashMap<u64, Vec<RollingKey>, BuildHasherDefault<Identity>>,
}

#[derive(Clone, Debug)]
struct RollingKey {
    text: Box<[u8]>,
    rules: Vec<u32>,
}

impl Rolling {
    fn insert(&mut self, bytes: impl Iterator<Item = u8>, text: &[u8], rules: Vec<u32>) {
        if let Err(at) = self.lengths.binary_search(&text.len()) {
            self.lengths.insert(at, text.len());
        }
        let hash = bytes.fold(START, roll);
        self.keys.entry(hash).or_default().push(RollingKey { text: text.into(), rules });
    }

    fn look_up(
        &self,
        bytes: impl Iterator<Item = u8>,
        fits: impl Fn(&[u8]) -> bool,
        found: &mut RuleSet,
    ) {
        let mut lengths = self.lengths.iter();
        let Some(mut next) = lengths.next() else { return };
        let mut hash = START;
        for (len, byte) in (1..).zip(bytes) {
            hash = roll(hash, byte);
            if len == *next {
                for key in self.keys.get(&hash).into_iter().flatten() {
                    if key.text.len() == len && fits(&key.text) {
                        found.add_all(&key.rules);
                    }
                }
                match lengths.next() {
                    Some(longer) => next = longer,
                    None => return,
                }
            }
        }
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
        self.0 = bytes.iter().fold(START, |hash, &byte| roll(hash, byte));
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_look_up_finds_every_rule_whose_key_the_value_has() {
        let text = |t: &str| Box::<[u8]>::from(t.as_bytes());
        let keys = [
            Key::Is(text("/etc/passwd")),
            Key::Starts(text("/etc/")),
            Key::Starts(text("/e")),
            Key::Starts(text("/usr")),
            Key::Ends(text("wd")),
            Key::Ends(text("shadow")),
            Key::Has(text("pass")),
            Key::Has(text("tc/p")),
            Key::Number(7),
        ];
        let rules = (0..).zip(keys.chunks(1));
        let index = Index::new(0, rules).expect("few keys");
        let cases: &[(Value<'_>, &[usize])] = &[
            (Value::Text(b"/etc/passwd"), &[0, 1, 2, 4, 6, 7]),
            (Value::Text(b"/usr/shadow"), &[3, 5]),
            (Value::Text(b""), &[]),
            (Value::Text(b"/"), &[]),
            (Value::U64(7), &[8]),
            (Value::I64(7), &[8]),
            (Value::I64(-7), &[]),
            (Value::Bool(true), &[]),
        ];
        for (value, expected) in cases {
            let mut found = RuleSet::default();
            found.clear(9);
            index.look_up(*value, &mut found);
            assert_eq!(found.iter().collect::<Vec<_>>(), *expected, "{value:?}");
        }
    }
}
