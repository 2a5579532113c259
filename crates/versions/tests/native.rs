//! The order and ranges beside those of the ecosystems' own tools, as these answered for random
//! versions: `native/SCHEME.txt` has lines `a op b`, `native/SCHEME-ranges.txt` lines of a range, a
//! version, and whether it is in.

use std::cmp::Ordering;

use versions::{Range, Scheme, Version};

macro_rules! native {
    ($($name:literal),*) => { [$(($name, include_str!(concat!("native/", $name, ".txt")))),*] };
}

#[test]
fn versions_stand_as_the_ecosystem_s_own_tool_has_them() {
    let files =
        native!["composer", "dpkg", "gem", "maven", "npm", "pacman", "pep440", "portage", "rpm"];
    for (name, lines) in files {
        let scheme: Scheme = name.parse().unwrap();
        for line in lines.lines().skip(1) {
            let [a, op, b] = line.split(' ').collect::<Vec<_>>()[..] else { panic!("{line}") };
            let [a, b] = [a, b].map(|text| Version::parse(scheme, text).expect(line));
            let wanted = [("<", Ordering::Less), ("=", Ordering::Equal), (">", Ordering::Greater)];
            let wanted = wanted.into_iter().find(|(name, _)| *name == op).unwrap().1;
            assert_eq!(a.cmp(&b), wanted, "{name}: {line}");
        }
    }
}

#[test]
fn ranges_have_what_the_ecosystem_s_own_tool_has_in_them() {
    let files = native![
        "cargo-ranges",
        "composer-ranges",
        "conan-ranges",
        "gem-ranges",
        "hex-ranges",
        "maven-ranges",
        "npm-ranges",
        "pep440-ranges"
    ];
    for (name, lines) in files {
        let scheme: Scheme = name.trim_end_matches("-ranges").parse().unwrap();
        for line in lines.lines().skip(1) {
            let [range, version, is_in] = line.split('\t').collect::<Vec<_>>()[..] else {
                panic!("{line}")
            };
            let range = Range::parse(scheme, range).expect(line);
            let version = Version::parse(scheme, version).expect(line);
            assert_eq!(range.contains(&version), is_in == "in", "{name}: {line}");
        }
    }
}
