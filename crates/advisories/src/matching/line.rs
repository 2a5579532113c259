//! Lines of versions: what is built one after the other from one branch.
//!
//! Errata of rpm packages name a flaw again where another branch gets what mends it: `3.9.18-3.el9_4.5` and
//! `3.9.19-8.el9` mend the same, and whoever has the first needs not have the second. Where the branch is the same,
//! the second mends what the first left.

/// The branch that a version is of: the mark of the release that it was built for, and its first two numbers.
pub(super) fn of(version: &str) -> (&str, [&str; 2]) {
    let upstream = version.split_once(':').map_or(version, |(_, rest)| rest);
    let upstream = upstream.split('-').next().unwrap_or(upstream);
    let mut numbers = upstream.split(['.', '_', '~', '+', '^']);
    let mut next = || numbers.next().unwrap_or_default();
    (mark(version), [next(), next()])
}

/// Begins of marks, which a number follows.
const MARKS: [&str; 6] = ["el", "fc", "amzn", "azl", "cm", "ph"];

/// The mark of the release that a version was built for: `el9_4`, `fc40`, `amzn2`, of a module `el8.6`.
pub(super) fn mark(version: &str) -> &str {
    let (_, release) = version.rsplit_once('-').unwrap_or(("", version));
    let mut at = 0;
    for token in release.split_inclusive(['.', '+']) {
        let name = token.trim_end_matches(['.', '+']);
        if is_mark(name) {
            let rest = release.get(at..).unwrap_or_default();
            return match release.get(..at).is_some_and(|before| before.ends_with("module+")) {
                true => with_minor(rest, name),
                false => name,
            };
        }
        at += token.len();
    }
    ""
}

fn is_mark(token: &str) -> bool {
    let number = MARKS.iter().find_map(|mark| token.strip_prefix(mark));
    number.is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_digit()))
}

/// `el8.6` of `el8.6.0+15888+a1`.
fn with_minor<'a>(rest: &'a str, name: &'a str) -> &'a str {
    let mut dots = rest.match_indices(['.', '+']).map(|(at, _)| at);
    let second = dots.nth(1).unwrap_or(rest.len());
    rest.get(..second).unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_the_mark_of_a_release_and_two_numbers() {
        for (version, expected) in [
            ("3.9.18-3.el9_4.5", ("el9_4", ["3", "9"])),
            ("32:9.11.4-26.P2.el7_9.13", ("el7_9", ["9", "11"])),
            ("5.10.30-1.amzn2", ("amzn2", ["5", "10"])),
            ("0.8.7-16.amzn2023.0.1", ("amzn2023", ["0", "8"])),
            ("12.3-1.module+el8.6.0+15888+a1", ("el8.6", ["12", "3"])),
            ("12.3-1.module_el8.6.0+1", ("", ["12", "3"])),
            ("2.7.0-1.fc40", ("fc40", ["2", "7"])),
            ("5.14.21-150400.24.11.1", ("", ["5", "14"])),
            ("1", ("", ["1", ""])),
            ("", ("", ["", ""])),
        ] {
            assert_eq!(of(version), expected, "{version}");
        }
    }
}
