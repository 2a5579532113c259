//! The order of versions: total, whatever they are.

use std::cmp::Ordering;

use versions::{Scheme, Version};

/// A line is a version. The orders of all schemes are looked at.
pub(crate) fn run(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    for scheme in Scheme::ALL {
        let read = |line| Version::parse(scheme, line).ok();
        let versions: Vec<Version> = text.lines().take(6).filter_map(read).collect();
        for (a, line) in versions.iter().zip(text.lines().filter(|line| read(line).is_some())) {
            assert_eq!(a.to_string(), line, "prints as it was read");
            versions.iter().for_each(|b| pair(a, b, &versions));
        }
    }
}

fn pair(a: &Version, b: &Version, all: &[Version]) {
    assert_eq!(a.cmp(b), b.cmp(a).reverse(), "{a:?} {b:?}");
    if a.cmp(b) != Ordering::Equal {
        assert!(!a.key().starts_with(b.key()), "{b:?} begins {a:?}");
    }
    for c in all {
        assert!(!(a <= b && b <= c && a > c), "a circle: {a:?} {b:?} {c:?}");
    }
}
