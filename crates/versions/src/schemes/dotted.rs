//! Versions that are numbers and nothing else: R's and Haskell's.
//!
//! Sources: `package_version` and `compareVersion` of R, where a hyphen is as a dot; `Data.Version`
//! of Haskell's base and the Haskell Package Versioning Policy. Rows of numbers, compared one by one;
//! one that another begins with is below it, so 1.0 < 1.0.0.
//!
//! Anything but numbers is refused, as it is by both.

use crate::{key::Writer, text, version::Parsed};

const END: u8 = 0;
const NUMBER: u8 = 1;

pub(super) fn read(text: &str, separators: &[char]) -> Option<Parsed> {
    let mut key = Writer::default();
    for number in text.split(separators) {
        if !text::is_number(number) {
            return None;
        }
        key.rank(NUMBER).number(number);
    }
    key.rank(END);
    Some(Parsed::plain(key.finish()))
}

#[cfg(test)]
mod tests {
    use crate::{
        Scheme,
        testing::{ascending, equal, refused},
    };

    #[test]
    fn more_numbers_are_above_fewer() {
        ascending(Scheme::Cran, &["1.0", "1.0-0", "1.0.0.1", "1.1", "1.2-3", "1.10"]);
        ascending(Scheme::Hackage, &["0.11.3.0", "1", "1.0", "1.0.0"]);
        equal(Scheme::Cran, &[&["1.2-3", "1.2.3", "1.02.03"]]);
    }

    #[test]
    fn only_numbers_are_read() {
        refused(Scheme::Cran, &["1.0a", "1..0", "-1", "1_0"]);
        refused(Scheme::Hackage, &["1.0-1", "1.0.", "v1"]);
    }
}
