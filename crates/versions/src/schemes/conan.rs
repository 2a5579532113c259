//! Conan's versions: `1.2.3-rc.1+build`, and whatever else recipes have.
//!
//! Source: `Version` of Conan 2 (`conan/internal/model/version.py`). What is behind the last plus is
//! what was built, what is behind the first hyphen the prerelease, and each of the three is items with
//! dots between them, where zeros at the end do not count. A prerelease is below none, a build above
//! none.
//!
//! Items are numbers or texts. Conan compares a number with a text by the digits of the former, and
//! texts by their characters, which makes circles (`1a` < 9 < 10 < `1a`). Here an item that begins with
//! a number stands by that first and then by what is behind it: 9 < 9a < 10 < 10a. Texts without one
//! are above all numbers.
//!
//! Nothing is refused.

use crate::{key::Writer, text, version::Parsed};

/// Ranks of items.
const END: u8 = 0;
const EMPTY: u8 = 1;
const NUMBER: u8 = 2;
const TEXT: u8 = 3;
/// Ranks of prereleases.
const PRERELEASE: u8 = 1;
const RELEASE: u8 = 2;
/// Ranks of builds.
const NO_BUILD: u8 = 1;
const BUILD: u8 = 2;

pub(super) fn read(text: &str) -> Parsed {
    let (rest, build) = match text.rsplit_once('+') {
        Some((rest, build)) => (rest, Some(build)),
        None => (text, None),
    };
    let (main, prerelease) = match rest.split_once('-') {
        Some((main, prerelease)) => (main, Some(prerelease)),
        None => (rest, None),
    };
    let mut key = Writer::default();
    items(main, &mut key);
    let family = key.len();
    match prerelease {
        Some(prerelease) => items(prerelease, key.rank(PRERELEASE)),
        None => _ = key.rank(RELEASE),
    }
    match build {
        Some(build) => items(build, key.rank(BUILD)),
        None => _ = key.rank(NO_BUILD),
    }
    Parsed { key: key.finish(), family, prerelease: prerelease.is_some() }
}

fn items(text: &str, key: &mut Writer) {
    let items: Vec<&str> = text.split('.').collect();
    let counts = |item: &&str| !text::is_number(item) || !text::is_zero(item);
    let kept = items.iter().rposition(counts).map_or(0, |last| last + 1);
    for item in items.iter().take(kept) {
        match text::digits(item) {
            ("", "") => key.rank(EMPTY),
            ("", text) => key.rank(TEXT).text(text),
            (number, rest) => key.rank(NUMBER).number(number).text(rest),
        };
    }
    key.rank(END);
}

#[cfg(test)]
mod tests {
    use crate::{
        Scheme,
        testing::{ascending, equal},
    };

    #[test]
    fn items_are_numbers_or_texts() {
        ascending(
            Scheme::Conan,
            &[
                "1.0-",
                "1.0-alpha",
                "1.0-rc.1",
                "1.0",
                "1.0+1",
                "1.1.1",
                "1.1.1a",
                "1.1.1w",
                "1.9",
                "1.10",
                "cci.20200101",
            ],
        );
        equal(Scheme::Conan, &[&["1", "1.0", "1.0.0", "01"], &["1-a.0", "1-a"]]);
    }
}
