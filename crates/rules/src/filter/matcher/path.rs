//! Many path prefixes at once: `/etc`, `/usr/*/locale`. A path matches if the components of one of
//! them are its first ones; components may be patterns. Empty components do not count, so `/etc/`,
//! `/etc` and `etc` are the same, and `/` matches every path.

use std::collections::{BTreeMap, HashMap};

use super::glob::{Case, glob, is_pattern};

/// A tree of components.
#[derive(Clone, Debug, Default)]
pub(in crate::filter) struct PathPrefixes {
    /// A prefix ends here; what lies below does not matter any more.
    ends: bool,
    literal: HashMap<Box<[u8]>, PathPrefixes>,
    patterns: BTreeMap<Box<[u8]>, PathPrefixes>,
}

impl PathPrefixes {
    pub(in crate::filter) fn new<'p>(prefixes: impl Iterator<Item = &'p [u8]>) -> Self {
        let mut root = Self::default();
        for prefix in prefixes {
            root.add(prefix);
        }
        root
    }

    fn add(&mut self, prefix: &[u8]) {
        let mut node = self;
        for component in components(prefix) {
            node = node.child(component);
        }
        node.ends = true;
    }

    fn child(&mut self, component: &[u8]) -> &mut Self {
        if is_pattern(component) {
            self.patterns.entry(component.into()).or_default()
        } else {
            self.literal.entry(component.into()).or_default()
        }
    }

    /// The literal components that paths begin with; `None` if some begin with a pattern, or with
    /// anything.
    pub(super) fn first_components(&self) -> Option<Vec<Box<[u8]>>> {
        let is_literal = !self.ends && self.patterns.is_empty();
        is_literal.then(|| self.literal.keys().cloned().collect())
    }

    /// Whether one of the prefixes is one of this path. Recursion is as deep as the longest prefix
    /// has components, which the length of the rule bounds, not the path.
    pub(in crate::filter) fn matches(&self, path: &[u8]) -> bool {
        if self.ends {
            return true;
        }
        let Some((component, rest)) = split(path) else { return false };
        self.literal.get(component).is_some_and(|child| child.matches(rest))
            || self.patterns.iter().any(|(pattern, child)| {
                glob(pattern, component, Case::Sensitive) && child.matches(rest)
            })
    }
}

fn components(path: &[u8]) -> impl Iterator<Item = &[u8]> {
    path.split(|&b| b == b'/').filter(|component| !component.is_empty())
}

/// The first component, and what stands behind it.
fn split(path: &[u8]) -> Option<(&[u8], &[u8])> {
    let start = path.iter().position(|&b| b != b'/')?;
    let path = path.get(start..)?;
    let end = path.iter().position(|&b| b == b'/').unwrap_or(path.len());
    Some(path.split_at(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_match_whole_components() {
        let cases: &[(&[&str], &str, bool)] = &[
            (&["/etc"], "/etc", true),
            (&["/etc"], "/etc/passwd", true),
            (&["/etc"], "/etcetera", false),
            (&["/etc/"], "/etc", true),
            (&["/etc"], "//etc//x", true),
            (&["/etc/passwd"], "/etc", false),
            (&["/"], "/anything", true),
            (&["/"], "", true),
            (&["/usr", "/usr/lib"], "/usr/bin", true),
            (&["/usr/lib", "/usr"], "/usr/bin", true),
            (&["/usr/*/locale"], "/usr/lib/locale/C", true),
            (&["/usr/*/locale"], "/usr/lib/a/locale", false),
            (&["/lib*/x"], "/lib64/x/y", true),
            (&["/a*/z", "/a[bc]/y"], "/ab/y", true),
            (&["/ab/z", "/a*/y"], "/ab/y", true),
            (&[], "/", false),
        ];
        for (prefixes, path, expected) in cases {
            let tree = PathPrefixes::new(prefixes.iter().map(|p| p.as_bytes()));
            assert_eq!(tree.matches(path.as_bytes()), *expected, "{prefixes:?} {path}");
        }
    }
}
