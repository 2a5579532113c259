//! Links of a tree, and where a path leads by them.

use std::borrow::Cow;

use foldhash::HashMap;

/// Most links that are remembered.
const MOST: usize = 262_144;
/// Most bytes of them.
const MOST_BYTES: usize = 16 << 20;
/// Most links on the way of one path (as Linux has it).
const MOST_FOLLOWED: usize = 40;

/// Symbolic links by their names.
#[derive(Debug, Default)]
pub(crate) struct Links {
    targets: HashMap<Vec<u8>, Vec<u8>>,
    bytes: usize,
}

impl Links {
    /// A name stands for a link, or for something else.
    pub(crate) fn set(&mut self, path: &[u8], target: Option<&[u8]>) {
        if let Some(before) = self.targets.remove(path) {
            self.bytes -= path.len() + before.len();
        }
        let Some(target) = target else { return };
        let bytes = self.bytes + path.len() + target.len();
        if self.targets.len() < MOST && bytes <= MOST_BYTES {
            self.bytes = bytes;
            self.targets.insert(path.to_vec(), target.to_vec());
        }
    }

    /// Where a path from the root of the tree leads. Where links go around in a circle it stays as it is.
    pub(crate) fn follow<'p>(&self, path: &'p [u8]) -> Cow<'p, [u8]> {
        if self.targets.is_empty() {
            return path.into();
        }
        let mut left: Vec<Vec<u8>> = parts(path);
        let (mut done, mut followed): (Vec<u8>, _) = (Vec::new(), 0);
        while let Some(part) = left.pop() {
            let before = done.len();
            if part == b".." {
                let slash = done.iter().rposition(|byte| *byte == b'/').unwrap_or(0);
                done.truncate(slash);
                continue;
            }
            if !done.is_empty() {
                done.push(b'/');
            }
            done.extend_from_slice(&part);
            let Some(target) = self.targets.get(&done) else { continue };
            followed += 1;
            if followed > MOST_FOLLOWED {
                return path.into();
            }
            done.truncate(if target.starts_with(b"/") { 0 } else { before });
            left.extend(parts(target));
        }
        done.into()
    }
}

/// The parts of a path, the last one first.
fn parts(path: &[u8]) -> Vec<Vec<u8>> {
    let parts = path.split(|byte| *byte == b'/').filter(|part| !part.is_empty() && *part != b".");
    parts.rev().map(<[u8]>::to_vec).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_lead_where_links_do() {
        let mut links = Links::default();
        for (path, target) in [
            ("lib", "usr/lib"),
            ("bin", "/usr/bin"),
            ("usr/lib/libz.so.1", "libz.so.1.2"),
            ("usr/bin/vi", "/etc/alternatives/vi"),
            ("etc/alternatives/vi", "../../usr/bin/vim"),
            ("a", "b"),
            ("b", "a"),
            ("up", "../../x"),
        ] {
            links.set(path.as_bytes(), Some(target.as_bytes()));
        }
        for (path, expected) in [
            ("lib/libz.so.1", "usr/lib/libz.so.1.2"),
            ("bin/vi", "usr/bin/vim"),
            ("usr/bin/ls", "usr/bin/ls"),
            ("a/x", "a/x"),
            ("up", "x"),
            ("", ""),
        ] {
            assert_eq!(&*links.follow(path.as_bytes()), expected.as_bytes(), "{path}");
        }
        links.set(b"lib", None);
        assert_eq!(&*links.follow(b"lib/libz.so.1"), b"lib/libz.so.1");
        assert_eq!(
            links.bytes,
            links.targets.iter().map(|(a, b)| a.len() + b.len()).sum::<usize>()
        );
    }
}
