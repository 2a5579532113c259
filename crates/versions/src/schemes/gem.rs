//! Ruby's versions: `1.2.0.rc1`.
//!
//! Source: `Gem::Version` of RubyGems (`lib/rubygems/version.rb`). Runs of digits and of letters,
//! whatever stands between them; a hyphen is `.pre.`. Letters are below numbers, and what is missing
//! is 0, so a version with letters is below the one without. Zeros before the first letters and at the
//! end do not count.
//!
//! Read besides what RubyGems wants a dot in, such as `1beta`. Other characters are refused.

use crate::{
    key::{self, Writer},
    text,
    version::Parsed,
};

/// Ranks of segments.
const LETTERS: u8 = 1;
const NUMBER: u8 = 2;

pub(super) fn read(text: &str) -> Option<Parsed> {
    let known = |char: char| char.is_ascii_alphanumeric() || matches!(char, '.' | '-' | '_');
    if !text.chars().all(known) || !text.contains(|char: char| char.is_ascii_alphanumeric()) {
        return None;
    }
    let text = text.replace('-', ".pre.");
    let segments = segments(&text);
    let first = segments.iter().position(|segment| !text::is_number(segment));
    let (numbers, rest) = segments.split_at(first.unwrap_or(segments.len()));
    let parts: Vec<_> = without_zeros(numbers).iter().chain(rest).map(|part| unit(part)).collect();
    let mut key = Writer::default();
    key.padded(&unit("0"), &parts);
    Some(Parsed { family: key.len(), key: key.finish(), prerelease: first.is_some() })
}

/// Runs of digits and of letters.
pub(crate) fn segments(mut text: &str) -> Vec<&str> {
    let mut segments = Vec::new();
    loop {
        text = text.trim_start_matches(|char: char| !char.is_ascii_alphanumeric());
        if text.is_empty() {
            return segments;
        }
        let (number, rest) = text::digits(text);
        let (segment, rest) = if number.is_empty() { text::letters(text) } else { (number, rest) };
        segments.push(segment);
        text = rest;
    }
}

fn without_zeros<'a, 'b>(numbers: &'a [&'b str]) -> &'a [&'b str] {
    let kept = numbers.iter().rposition(|number| !text::is_zero(number)).map_or(0, |last| last + 1);
    numbers.get(..kept).unwrap_or(numbers)
}

fn unit(segment: &str) -> Vec<u8> {
    key::unit(|key| {
        if text::is_number(segment) {
            key.rank(NUMBER).number(segment);
        } else {
            key.rank(LETTERS).text(segment);
        }
    })
}

#[cfg(test)]
mod tests {
    use crate::{
        Scheme,
        testing::{ascending, equal, refused},
    };

    #[test]
    fn letters_are_below_numbers_and_the_end() {
        ascending(
            Scheme::Gem,
            &[
                "1.A",
                "1.a",
                "1.0.0.pre",
                "1.0.0.pre1",
                "1-2",
                "1.0.rc1",
                "1.0.rc2",
                "1",
                "1.0.1.a",
                "1.0.1",
                "1.9",
                "1.10",
            ],
        );
    }

    #[test]
    fn zeros_at_the_end_and_before_letters_do_not_count() {
        equal(
            Scheme::Gem,
            &[
                &["1", "1.0", "1.0.0", "1_0"],
                &["1.0.0.a", "1.a", "1a"],
                &["1.0.a10", "1.0.a.10"],
                &["1-1", "1.pre.1"],
            ],
        );
    }

    #[test]
    fn other_characters_are_refused() {
        refused(Scheme::Gem, &["1+b", "1 2", "...", "é"]);
    }
}
