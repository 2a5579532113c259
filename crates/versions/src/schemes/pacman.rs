//! Arch's versions: `[epoch:]version[-release]`.
//!
//! Source: `alpm_pkg_vercmp` of pacman (`lib/libalpm/version.c`), and vercmp(8). Version and release
//! are segments of letters or of digits. More separators before a segment are above fewer; else a
//! number is above the end, and letters are below it: 1.0rc1 < 1.0 < 1.0.1.
//!
//! Nothing is refused. libalpm takes versions for equal where one has no release, which is no order;
//! here one without is below those with. It also takes separators at the end for more or for less
//! than others by what they meet; here any number of them is one.

use super::release;
use crate::{key::Writer, text, version::Parsed};

/// Ranks of what follows a number of separators.
const LETTERS: u8 = 1;
const END: u8 = 2;
const NUMBER: u8 = 3;

pub(super) fn read(text: &str) -> Parsed {
    release::read(text, segments)
}

fn segments(mut text: &str, key: &mut Writer) {
    loop {
        let (separators, rest) = text::leading(text, |byte| !byte.is_ascii_alphanumeric());
        let count = if rest.is_empty() { separators.len().min(1) } else { separators.len() };
        key.number(&count.to_string());
        if rest.is_empty() {
            key.rank(END);
            return;
        }
        text = segment(rest, key);
    }
}

/// A segment, and what is behind it.
fn segment<'a>(text: &'a str, key: &mut Writer) -> &'a str {
    let (number, rest) = text::digits(text);
    if !number.is_empty() {
        key.rank(NUMBER).number(number);
        return rest;
    }
    let (letters, rest) = text::letters(text);
    key.rank(LETTERS).text(letters);
    rest
}

#[cfg(test)]
mod tests {
    use crate::{
        Scheme,
        testing::{ascending, equal},
    };

    #[test]
    fn letters_are_below_the_end() {
        ascending(
            Scheme::Pacman,
            &["1.0alpha", "1.0b", "1.0rc", "1.0", "1.0-1", "1.0-2", "1.0.a", "1.0.1", "1:0"],
        );
    }

    #[test]
    fn more_separators_are_above_fewer() {
        ascending(Scheme::Pacman, &["1.9", "1..0"]);
        equal(Scheme::Pacman, &[&["1.0", "1_0", "0:1.0", "01.00"], &["1.", "1.."]]);
    }
}
