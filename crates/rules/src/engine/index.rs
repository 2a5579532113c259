//! Many tests of one value at once: a look-up gives the rules whose tests can pass.

use aho_corasick::AhoCorasick;

use super::Map;
use crate::filter::{Key, Rolling, Side, automaton};

/// Rules by what a value must look like for them.
#[derive(Clone, Debug)]
pub(super) struct Index {
    /// A test of the value, by its place in the pool: any, for all look at the same.
    pub test: u32,
    is: Map<Box<[u8]>, Vec<u32>>,
    numbers: Map<i128, Vec<u32>>,
    starts: Rolling<Vec<u32>>,
    ends: Rolling<Vec<u32>>,
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
            starts: Rolling::new(Side::Start),
            ends: Rolling::new(Side::End),
            has: None,
            keys: by_key.len(),
        };
        let mut parts = Vec::new();
        for (key, rules) in by_key {
            match key {
                Key::Is(text) => drop(index.is.insert(text, rules)),
                Key::Number(number) => drop(index.numbers.insert(number, rules)),
                Key::Starts(text) => index.starts.insert(text, rules),
                Key::Ends(text) => index.ends.insert(text, rules),
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

    /// Whether looking up a text takes more than a step or two.
    pub(super) fn is_dear(&self) -> bool {
        self.has.is_some() || !self.starts.is_empty() || !self.ends.is_empty()
    }

    /// Hands over the rules whose tests this number can pass.
    pub(super) fn each_of_number(&self, number: i128, mut receive: impl FnMut(&[u32])) {
        if let Some(rules) = self.numbers.get(&number) {
            receive(rules);
        }
    }

    /// Hands over the rules whose tests this text can pass, some maybe several times.
    pub(super) fn each_of_text(&self, text: &[u8], mut receive: impl FnMut(&[u32])) {
        if !self.is.is_empty()
            && let Some(rules) = self.is.get(text)
        {
            receive(rules);
        }
        for keys in [&self.starts, &self.ends] {
            keys.find(text, |rules| {
                receive(rules);
                false
            });
        }
        if let Some(parts) = &self.has {
            for part in parts.automaton.find_overlapping_iter(text) {
                if let Some(rules) = parts.rules.get(part.pattern().as_usize()) {
                    receive(rules);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::set::RuleSet;

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
        let texts: &[(&str, &[usize])] = &[
            ("/etc/passwd", &[0, 1, 2, 4, 6, 7]),
            ("/usr/shadow", &[3, 5]),
            ("", &[]),
            ("/", &[]),
        ];
        for (text, expected) in texts {
            let mut found = RuleSet::default();
            found.clear(9);
            index.each_of_text(text.as_bytes(), |rules| found.add_all(rules));
            assert_eq!(found.iter().collect::<Vec<_>>(), *expected, "{text}");
        }
        for (number, expected) in [(7, vec![8]), (-7, vec![])] {
            let mut found: Vec<u32> = Vec::new();
            index.each_of_number(number, |rules| found.extend(rules));
            assert_eq!(found, expected, "{number}");
        }
    }
}
