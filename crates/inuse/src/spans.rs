//! Sets of times.

/// Most spans of a set.
const MOST: usize = 1024;

/// From one time to another, both seconds since 1970, both in it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Span {
    /// Its beginning.
    pub from_s: u32,
    /// Its end, not before the beginning.
    pub to_s: u32,
}

impl Span {
    /// A moment.
    pub const fn at(s: u32) -> Self {
        Self { from_s: s, to_s: s }
    }

    /// The shortest that has both.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        Self { from_s: self.from_s.min(other.from_s), to_s: self.to_s.max(other.to_s) }
    }

    /// How long it lasts.
    pub fn seconds(self) -> u64 {
        u64::from(self.to_s.saturating_sub(self.from_s))
    }
}

/// Spans that neither touch nor overlap, the earliest first.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Spans(Vec<Span>);

impl Spans {
    /// Adds a span.
    pub fn add(&mut self, span: Span) {
        // Mostly it goes on where the last one was.
        if let Some(last) = self.0.last_mut()
            && span.from_s >= last.from_s
        {
            if span.from_s <= last.to_s {
                last.to_s = last.to_s.max(span.to_s);
            } else {
                self.0.push(span);
            }
            return;
        }
        let first = self.0.partition_point(|it| it.to_s < span.from_s);
        let behind = self.0.partition_point(|it| it.from_s <= span.to_s);
        let touched = self.0.get(first..behind).unwrap_or_default();
        let joined = touched.iter().fold(span, |joined, it| joined.with(*it));
        self.0.splice(first..behind.max(first), [joined]);
    }

    /// Adds all of another set.
    pub fn union(&mut self, other: &Self) {
        other.0.iter().for_each(|span| self.add(*span));
    }

    /// What is in this set and not in the other.
    #[must_use]
    pub fn minus(&self, other: &Self) -> Self {
        let mut left = Vec::new();
        for span in &self.0 {
            let mut from_s = span.from_s;
            let cut = |it: &&Span| it.to_s > span.from_s && it.from_s < span.to_s;
            for gap in other.0.iter().filter(cut) {
                if gap.from_s > from_s {
                    left.push(Span { from_s, to_s: gap.from_s });
                }
                from_s = from_s.max(gap.to_s);
            }
            if from_s <= span.to_s && (from_s < span.to_s || span.from_s == span.to_s) {
                left.push(Span { from_s, to_s: span.to_s });
            }
        }
        Self(left)
    }

    /// What is in both.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        let mut both = Self::default();
        for a in &self.0 {
            for b in &other.0 {
                let (from_s, to_s) = (a.from_s.max(b.from_s), a.to_s.min(b.to_s));
                if from_s <= to_s {
                    both.add(Span { from_s, to_s });
                }
            }
        }
        both
    }

    /// How long all of them last together.
    pub fn seconds(&self) -> u64 {
        self.0.iter().map(|span| span.seconds()).sum()
    }

    /// From the first to the last.
    pub fn bounds(&self) -> Option<Span> {
        Some(self.0.first()?.with(*self.0.last()?))
    }

    /// Each of them, the earliest first.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Span> {
        self.0.iter().copied()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Takes away what ended before a time.
    pub(crate) fn forget_before(&mut self, s: u32) {
        self.0.retain(|span| span.to_s >= s);
    }

    /// Forgets the earliest where there are too many: of what was watched, less is claimed then.
    pub(crate) fn keep_latest(&mut self) {
        let more = self.0.len().saturating_sub(MOST);
        self.0.drain(..more);
    }

    /// Joins neighbours where there are too many: of what was lost, more is claimed then.
    pub(crate) fn join_nearest(&mut self) {
        while self.0.len() > MOST {
            let gaps = self.0.windows(2).map(|it| match it {
                [a, b] => b.from_s - a.to_s,
                _ => u32::MAX,
            });
            let Some((at, _)) = gaps.enumerate().min_by_key(|(_, gap)| *gap) else { return };
            let next = self.0.remove(at + 1);
            if let Some(span) = self.0.get_mut(at) {
                *span = span.with(next);
            }
        }
    }
}

impl FromIterator<Span> for Spans {
    fn from_iter<T: IntoIterator<Item = Span>>(spans: T) -> Self {
        let mut all = Self::default();
        spans.into_iter().for_each(|span| all.add(span));
        all
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn spans(list: &[(u32, u32)]) -> Spans {
        list.iter().map(|&(from_s, to_s)| Span { from_s, to_s }).collect()
    }

    #[test]
    fn spans_that_touch_are_one() {
        for (list, expected) in [
            (&[(1, 2), (5, 6)][..], &[(1, 2), (5, 6)][..]),
            (&[(5, 6), (1, 2)], &[(1, 2), (5, 6)]),
            (&[(1, 2), (5, 6), (2, 5)], &[(1, 6)]),
            (&[(1, 9), (3, 4)], &[(1, 9)]),
            (&[(3, 4), (1, 9)], &[(1, 9)]),
        ] {
            let expected: Vec<Span> =
                expected.iter().map(|&(from_s, to_s)| Span { from_s, to_s }).collect();
            assert_eq!(spans(list).0, expected);
        }
    }

    #[test]
    fn what_was_lost_is_not_watched() {
        let watched = spans(&[(0, 100), (200, 300)]);
        assert_eq!(watched.minus(&spans(&[(50, 60)])), spans(&[(0, 50), (60, 100), (200, 300)]));
        assert_eq!(watched.minus(&spans(&[(90, 250)])), spans(&[(0, 90), (250, 300)]));
        assert_eq!(watched.minus(&spans(&[(0, 500)])).seconds(), 0);
        assert_eq!(watched.and(&spans(&[(90, 210)])), spans(&[(90, 100), (200, 210)]));
    }

    proptest! {
        #[test]
        fn sets_are_what_their_seconds_are(
            a in prop::collection::vec((0u32..60, 0u32..20), 0..8),
            b in prop::collection::vec((0u32..60, 0u32..20), 0..8),
        ) {
            let of = |list: &[(u32, u32)]| -> Spans {
                list.iter().map(|&(from_s, long)| Span { from_s, to_s: from_s + long }).collect()
            };
            // Each unit of time between two seconds is in a set, or it is not.
            let units = |spans: &Spans| -> Vec<u32> {
                (0..100).filter(|&at| spans.0.iter().any(|it| it.from_s <= at && at < it.to_s)).collect()
            };
            let (a, b) = (of(&a), of(&b));
            let mut union = a.clone();
            union.union(&b);
            let (of_a, of_b) = (units(&a), units(&b));
            prop_assert!(union.0.windows(2).all(|it| it[0].to_s < it[1].from_s));
            let both: Vec<u32> = (0..100).filter(|it| of_a.contains(it) || of_b.contains(it)).collect();
            prop_assert_eq!(units(&union), both);
            let less: Vec<u32> = of_a.iter().copied().filter(|it| !of_b.contains(it)).collect();
            prop_assert_eq!(units(&a.minus(&b)), less);
            let shared: Vec<u32> = of_a.iter().copied().filter(|it| of_b.contains(it)).collect();
            prop_assert_eq!(units(&a.and(&b)), shared);
            prop_assert_eq!(union.seconds(), units(&union).len() as u64);
        }
    }

    #[test]
    fn sets_that_are_too_large_claim_less_watched_and_more_lost() {
        let many: Spans =
            (0..5000u32).map(|at| Span { from_s: at * 10, to_s: at * 10 + 1 }).collect();
        let (mut watched, mut lost) = (many.clone(), many.clone());
        watched.keep_latest();
        lost.join_nearest();
        assert_eq!((watched.0.len(), lost.0.len()), (MOST, MOST));
        assert!(watched.minus(&many).is_empty() && many.minus(&lost).is_empty());
    }
}
