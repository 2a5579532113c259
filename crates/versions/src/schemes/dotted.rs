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
