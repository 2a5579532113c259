//! Lists in a sentence.

use std::{cmp::Reverse, collections::BTreeMap};

use super::count;

/// All of them: `a`, `a and b`, `a, b and c`.
pub fn and(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

/// The first `shown` of them, and how many more there are: `a, b and 14 more`.
pub fn and_more(items: &[String], shown: usize) -> String {
    match items.get(shown..) {
        None | Some([] | [_]) => and(items),
        Some(more) => {
            let first = items.get(..shown).unwrap_or_default().join(", ");
            let more = count(more.len() as u64);
            if first.is_empty() { more } else { format!("{first} and {more} more") }
        }
    }
}

/// Each once, those that came most often first: `ls ×3`, `id`.
pub fn tally(names: impl Iterator<Item = String>) -> Vec<String> {
    let mut counts: BTreeMap<String, (u64, usize)> = BTreeMap::new();
    for (at, name) in names.enumerate() {
        counts.entry(name).or_insert((0, at)).0 += 1;
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|&(_, (times, first))| (Reverse(times), first));
    let named = counts.into_iter().map(|(name, (times, _))| match times {
        1 => name,
        times => format!("{name} ×{}", count(times)),
    });
    named.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_counted() {
        let names = ["id", "ls", "ps", "ls"].into_iter().map(String::from);
        assert_eq!(tally(names), ["ls ×2", "id", "ps"]);
    }

    #[test]
    fn lists_read_as_people_say_them() {
        let items: Vec<String> = ["a", "b", "c", "d", "e"].map(String::from).to_vec();
        for (n, want) in [(0, ""), (1, "a"), (2, "a and b"), (3, "a, b and c")] {
            assert_eq!(and(&items[..n]), want);
        }
        assert_eq!(and_more(&items, 2), "a, b and 3 more");
        assert_eq!(and_more(&items, 4), "a, b, c, d and e", "one more is named, not counted");
        assert_eq!(and_more(&items[..2], 0), "2");
    }
}
