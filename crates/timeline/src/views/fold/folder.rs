//! The few folders that hold many files.

use std::collections::BTreeMap;

use crate::{model::Recorded, views::words};

/// Folders that are told apart; with more of them, they are taken together by their parents.
const MAX_FOLDERS: usize = 3;
/// Parts of a folder's path that are looked at.
const MAX_DEPTH: usize = 16;
/// Bytes of a folder's path that are shown.
const MAX_BYTES: usize = 200;

/// The folders that hold these paths, those with most first: the deepest for which they are few.
pub(super) fn few<'t>(paths: impl Iterator<Item = &'t [u8]>) -> Vec<String> {
    let mut counts: BTreeMap<&[u8], u64> = BTreeMap::new();
    paths.for_each(|path| *counts.entry(shallow(parent(path))).or_default() += 1);
    while counts.len() > MAX_FOLDERS {
        let Some(deepest) = counts.keys().map(|folder| depth(folder)).max().filter(|&d| d > 2)
        else {
            break;
        };
        let mut fewer: BTreeMap<&[u8], u64> = BTreeMap::new();
        for (folder, count) in counts {
            let kept = if depth(folder) == deepest { parent(folder) } else { folder };
            *fewer.entry(kept).or_default() += count;
        }
        counts = fewer;
    }
    let mut folders: Vec<_> = within_none_other(counts).into_iter().collect();
    folders.sort_by_key(|&(folder, count)| (std::cmp::Reverse(count), folder));
    folders.iter().map(|(folder, _)| words::clip(&Recorded::from(*folder), MAX_BYTES)).collect()
}

/// A folder that lies within another one of them is part of that.
fn within_none_other(counts: BTreeMap<&[u8], u64>) -> BTreeMap<&[u8], u64> {
    let mut kept: BTreeMap<&[u8], u64> = BTreeMap::new();
    for (&folder, count) in &counts {
        let above =
            std::iter::successors(Some(folder), |path| Some(parent(path)).filter(|p| p.len() > 1));
        let holder = above.take(MAX_DEPTH + 1).filter(|path| counts.contains_key(path)).last();
        *kept.entry(holder.unwrap_or(folder)).or_default() += count;
    }
    kept
}

fn depth(path: &[u8]) -> usize {
    path.iter().filter(|&&b| b == b'/').count() + usize::from(path.len() > 1)
}

/// The path's first parts.
fn shallow(path: &[u8]) -> &[u8] {
    let slashes = path.iter().enumerate().filter(|&(_, &b)| b == b'/');
    let end = slashes.map(|(at, _)| at).nth(MAX_DEPTH).unwrap_or(path.len());
    path.get(..end).unwrap_or(path)
}

/// The path without its last part; `/` of what is directly there, `.` of a relative name.
fn parent(path: &[u8]) -> &[u8] {
    match path.iter().rposition(|&b| b == b'/') {
        Some(0) => b"/",
        Some(at) => path.get(..at).unwrap_or(b"/"),
        None => b".",
    }
}

/// The last part of a path.
pub(super) fn name(path: &Recorded) -> Recorded {
    let bytes = path.bytes();
    let from = bytes.iter().rposition(|&b| b == b'/').map_or(0, |at| at + 1);
    Recorded::from(bytes.get(from..).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_folders_are_taken_together_until_they_are_few() {
        let cases: [(&[&str], &[&str]); 6] = [
            (&["/etc/a", "/etc/b", "/home/x"], &["/etc", "/home"]),
            (&["/srv/1/a", "/srv/2/a", "/srv/3/a", "/srv/4/a"], &["/srv"]),
            (&["/a/x", "/b/x", "/c/x", "/d/x"], &["/a", "/b", "/c", "/d"]),
            (&["/x"], &["/"]),
            (&["relative"], &["."]),
            (&["/etc/a", "/etc/ssl/b"], &["/etc"]),
        ];
        for (paths, want) in cases {
            assert_eq!(few(paths.iter().map(|path| path.as_bytes())), want);
        }
    }

    #[test]
    fn a_deep_path_is_not_climbed_for_ever() {
        let deep = format!("/{}", "a/".repeat(2000));
        let paths: Vec<String> = (0..9).map(|n| format!("{deep}{n}/f")).collect();
        assert_eq!(few(paths.iter().map(|path| path.as_bytes())).len(), 1);
    }
}
