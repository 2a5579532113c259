//! Sets of texts, and search without regard to case.

use std::{
    collections::HashSet,
    hash::{BuildHasherDefault, Hasher},
};

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

/// A set of texts. The keys come from rules, never from events, so a hash that an attacker could
/// provoke collisions in does no harm: look-ups do not insert.
#[derive(Clone, Debug)]
pub(in crate::filter) struct TextSet {
    members: HashSet<Box<[u8]>, BuildHasherDefault<Fnv>>,
    shortest: usize,
    longest: usize,
}

impl TextSet {
    pub(in crate::filter) fn new(texts: impl Iterator<Item = Box<[u8]>>) -> Self {
        let members: HashSet<Box<[u8]>, _> = texts.collect();
        let shortest = members.iter().map(|m| m.len()).min().unwrap_or(usize::MAX);
        let longest = members.iter().map(|m| m.len()).max().unwrap_or(0);
        Self { members, shortest, longest }
    }

    /// Its members, in no order.
    pub(in crate::filter) fn members(&self) -> impl Iterator<Item = &[u8]> {
        self.members.iter().map(|member| &**member)
    }

    pub(in crate::filter) fn contains(&self, text: &[u8]) -> bool {
        (self.shortest..=self.longest).contains(&text.len()) && self.members.contains(text)
    }
}

/// FNV-1a, 64 bits.
#[derive(Clone)]
struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Hasher for Fnv {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}

/// Most bytes of texts that are worth making a table of all transitions.
const MOST_BYTES_OF_DFA: usize = 100;

/// An automaton that finds all texts; the fastest kind as long as that is quickly made.
pub(crate) fn automaton(texts: &[Box<[u8]>]) -> Option<AhoCorasick> {
    let bytes: usize = texts.iter().map(|text| text.len()).sum();
    let kind = if bytes <= MOST_BYTES_OF_DFA {
        AhoCorasickKind::DFA
    } else {
        AhoCorasickKind::ContiguousNFA
    };
    AhoCorasick::builder().match_kind(MatchKind::Standard).kind(Some(kind)).build(texts).ok()
}

/// Several texts to be found in others, all in one pass.
#[derive(Clone, Debug)]
pub(in crate::filter) struct HasAny {
    automaton: AhoCorasick,
    texts: Vec<Box<[u8]>>,
}

impl HasAny {
    pub(in crate::filter) fn new(texts: Vec<Box<[u8]>>) -> Option<Self> {
        Some(Self { automaton: automaton(&texts)?, texts })
    }

    pub(in crate::filter) fn texts(&self) -> &[Box<[u8]>] {
        &self.texts
    }

    pub(in crate::filter) fn is_in(&self, text: &[u8]) -> bool {
        self.automaton.is_match(text)
    }
}

/// A text to be found in others; ASCII letters of either case are the same.
#[derive(Clone, Debug)]
pub(in crate::filter) struct Icontains {
    needle: Box<[u8]>,
}

impl Icontains {
    pub(in crate::filter) fn new(needle: &[u8]) -> Self {
        Self { needle: needle.into() }
    }

    pub(in crate::filter) fn is_in(&self, text: &[u8]) -> bool {
        icontains(text, &self.needle)
    }
}

/// Whether `needle` is in `text`; ASCII letters of either case are the same.
pub(in crate::filter) fn icontains(text: &[u8], needle: &[u8]) -> bool {
    let Some(&first) = needle.first() else { return true };
    let Some(last_start) = text.len().checked_sub(needle.len()) else { return false };
    memchr::memchr2_iter(first.to_ascii_lowercase(), first.to_ascii_uppercase(), text)
        .take_while(|&at| at <= last_start)
        .any(|at| text[at..at + needle.len()].eq_ignore_ascii_case(needle))
}

/// Whether `needle`, known only now, is in `text`.
pub(in crate::filter) fn contains(text: &[u8], needle: &[u8]) -> bool {
    memchr::memmem::find(text, needle).is_some()
}

/// In a text of fewer bytes the finder reckons hashes, which costs more than a plain look.
pub(super) const SHORT: usize = 16;

/// Whether `needle` is in `text`, which is short.
pub(super) fn is_in_short(needle: &[u8], text: &[u8]) -> bool {
    let Some(&first) = needle.first() else { return true };
    let mut rest = text;
    while let Some(at) = rest.iter().position(|&byte| byte == first) {
        rest = &rest[at..];
        if rest.starts_with(needle) {
            return true;
        }
        rest = &rest[1..];
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn search_without_case() {
        let cases = [
            ("Bash", "ASH", true),
            ("bash", "", true),
            ("", "", true),
            ("", "a", false),
            ("aab", "AB", true),
            ("ab", "abc", false),
            ("[@", "{`", false),
        ];
        for (text, needle, expected) in cases {
            assert_eq!(icontains(text.as_bytes(), needle.as_bytes()), expected, "{text} {needle}");
        }
    }

    #[test]
    fn in_short_texts_the_same_is_found_as_in_long_ones() {
        let texts = ["", "a", "b", "aa", "ab", "aab", "aba", "abaab", "aabaaab", "bbbbbb"];
        for (text, needle) in texts.iter().flat_map(|text| texts.map(|needle| (text, needle))) {
            let expected = text.contains(needle);
            assert_eq!(
                is_in_short(needle.as_bytes(), text.as_bytes()),
                expected,
                "{text} {needle}"
            );
        }
    }

    #[test]
    fn sets_contain_their_members_only() {
        let set = TextSet::new(["a", "bcd"].into_iter().map(|t| t.as_bytes().into()));
        for (text, expected) in [("a", true), ("bcd", true), ("", false), ("bc", false)] {
            assert_eq!(set.contains(text.as_bytes()), expected, "{text}");
        }
        assert!(!TextSet::new(std::iter::empty()).contains(b""));
    }
}
