//! Sets of rules, as bits.

/// A set of rules by their places in a class.
#[derive(Clone, Debug, Default)]
pub(super) struct RuleSet {
    words: Vec<u64>,
}

impl RuleSet {
    /// Empties it and makes room for `count` rules; allocates only when it never had that much.
    pub(super) fn clear(&mut self, count: usize) {
        let words = count.div_ceil(64);
        if self.words.len() != words {
            self.words.resize(words, 0);
        }
        self.words.fill(0);
    }

    pub(super) fn add_all(&mut self, rules: &[u32]) {
        for &rule in rules {
            if let Some(word) = self.words.get_mut(rule as usize / 64) {
                *word |= 1 << (rule % 64);
            }
        }
    }

    /// Its members, ascending.
    pub(super) fn iter(&self) -> impl Iterator<Item = usize> {
        self.words.iter().enumerate().flat_map(|(at, &word)| Bits(word).map(move |b| at * 64 + b))
    }
}

struct Bits(u64);

impl Iterator for Bits {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        if self.0 == 0 {
            return None;
        }
        let lowest = self.0.trailing_zeros();
        self.0 &= self.0 - 1;
        Some(lowest as usize)
    }
}
