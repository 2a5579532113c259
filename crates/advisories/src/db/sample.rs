//! Lines of which many say the same in part: some of them, for a dictionary. Which ones does not depend on the
//! order in which they come.

use std::{collections::BTreeMap, hash::BuildHasher};

use foldhash::fast::FixedState;

use super::table::MOST_DICTIONARY_BYTES;

/// Where there is less, a dictionary has a smaller part of it, so that it takes less room than it saves.
const PART: usize = 24;
/// Dictionaries that are shorter save nothing to speak of.
const LEAST_BYTES: usize = 4 << 10;

/// Some of the lines that it was offered: those whose hashes are lowest, each once.
#[derive(Debug, Default)]
pub(super) struct Sample {
    kept: BTreeMap<u64, String>,
    kept_bytes: usize,
    /// Of all that it was offered.
    offered_bytes: usize,
}

impl Sample {
    pub(super) fn offer(&mut self, line: &str) {
        self.offered_bytes += line.len();
        let hash = FixedState::default().hash_one(line);
        let is_full = self.kept_bytes >= MOST_DICTIONARY_BYTES;
        let is_above = || self.kept.last_key_value().is_some_and(|(last, _)| *last <= hash);
        if line.is_empty() || (is_full && is_above()) || self.kept.contains_key(&hash) {
            return;
        }
        self.kept_bytes += line.len();
        self.kept.insert(hash, line.to_owned());
        // The lowest that are enough stay.
        while let Some(last) = self.kept.last_entry()
            && self.kept_bytes - last.get().len() >= MOST_DICTIONARY_BYTES
        {
            self.kept_bytes -= last.remove().len();
        }
    }

    /// The dictionary; empty where one is not worth its room.
    pub(super) fn finish(self) -> Vec<u8> {
        let most = MOST_DICTIONARY_BYTES.min(self.offered_bytes / PART);
        let mut bytes = Vec::with_capacity(most);
        for line in self.kept.values() {
            bytes.extend_from_slice(line.as_bytes());
            if bytes.len() >= most {
                break;
            }
        }
        bytes.truncate(most);
        if bytes.len() < LEAST_BYTES { Vec::new() } else { bytes }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dictionary<'a>(lines: impl Iterator<Item = &'a String>) -> Vec<u8> {
        let mut sample = Sample::default();
        lines.for_each(|line| sample.offer(line));
        sample.finish()
    }

    #[test]
    fn what_is_kept_does_not_depend_on_the_order() {
        for count in [0, 10, 3_000, 90_000] {
            let lines: Vec<String> = (0..count).map(|at| format!("flaw number {at}")).collect();
            let forwards = dictionary(lines.iter());
            assert_eq!(forwards, dictionary(lines.iter().rev()));
            let offered: usize = lines.iter().map(String::len).sum();
            let expected = (offered / PART).min(MOST_DICTIONARY_BYTES);
            assert_eq!(forwards.len(), if expected < LEAST_BYTES { 0 } else { expected });
        }
    }

    #[test]
    fn what_comes_often_is_kept_once() {
        let lines = ["a line that comes again and again".to_owned(), "another".to_owned()];
        let told = dictionary(lines.iter().cycle().take(90_000));
        assert!(told.is_empty(), "{} bytes", told.len());
    }
}
