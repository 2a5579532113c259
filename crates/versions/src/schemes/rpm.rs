//! RPM's versions: `[epoch:]version[-release]`.
//!
//! Source: `rpmvercmp` and `parseEVR` of rpm (`rpmio/rpmvercmp.c`, `lib/rpmds.c`), and rpm-version(7).
//! Version and release are segments of letters or of digits; whatever else only separates them.
//! `~` is below the end, the end below `^`, that below letters, those below numbers. An epoch that is
//! missing is 0. A release that is missing is below any, also below an empty one.
//!
//! Nothing is refused.

use super::release;
use crate::{key::Writer, text, version::Parsed};

/// Ranks of segments.
const TILDE: u8 = 1;
const END: u8 = 2;
const CARET: u8 = 3;
const LETTERS: u8 = 4;
const NUMBER: u8 = 5;

pub(super) fn read(text: &str) -> Parsed {
    release::read(text, segments)
}

fn segments(mut text: &str, key: &mut Writer) {
    while let Some(first) = text.bytes().next() {
        let segment;
        match first {
            b'0'..=b'9' => {
                (segment, text) = text::digits(text);
                key.rank(NUMBER).number(segment);
            }
            b'a'..=b'z' | b'A'..=b'Z' => {
                (segment, text) = text::letters(text);
                key.rank(LETTERS).text(segment);
            }
            b'~' | b'^' => {
                key.rank(if first == b'~' { TILDE } else { CARET });
                text = &text[1..];
            }
            _ => text = skipped(text),
        }
    }
    key.rank(END);
}

/// Behind what only separates.
fn skipped(text: &str) -> &str {
    let separates = |byte: u8| !byte.is_ascii_alphanumeric() && byte != b'~' && byte != b'^';
    text::leading(text, separates).1
}

#[cfg(test)]
mod tests {
    use crate::{
        Scheme,
        testing::{ascending, equal},
    };

    #[test]
    fn tildes_are_below_the_end_and_carets_above_it() {
        ascending(Scheme::Rpm, &["1.0~rc1", "1.0~rc1^git1", "1.0", "1.0^git1", "1.0a", "1.0.1"]);
        ascending(Scheme::Rpm, &["1.0-1.el9", "1.0-1.el9_2", "1.0-2.el9", "1.10-1", "1:0.1-1"]);
    }

    #[test]
    fn separators_only_separate() {
        equal(Scheme::Rpm, &[&["1.0", "1_0", "1..0.", "0:1.0", "01.00"], &["1.α", "1.β"]]);
    }

    #[test]
    fn a_missing_release_is_below_an_empty_one() {
        ascending(Scheme::Rpm, &["1", "1-", "1-0"]);
    }
}
