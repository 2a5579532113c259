//! PHP's versions as `version_compare` orders them, as OSV's own tools do.
//!
//! Source: PHP's manual on `version_compare`, and `ext/standard/versioning.c`. Runs of digits and of
//! others, whatever stands between them. Others stand by how they begin: unknown, `dev`, `a`, `b`,
//! `rc` or `RC`, `#`, a number, `p`; the number is the only one that is compared further. What is
//! missing is as `#`. So 1.0 is below 1.0.0; Composer does not think so, see `composer`.
//!
//! A `v` in front does not count. `#` is itself wherever it stands, which PHP has for a separator.
//! Nothing is refused.

use crate::{
    key::{self, Writer},
    text,
    version::Parsed,
};

/// Ranks of parts.
const UNKNOWN: u8 = 0;
const MISSING: u8 = 5;
const NUMBER: u8 = 6;
/// How parts begin, with their ranks.
const KNOWN: [(&str, u8); 7] =
    [("dev", 1), ("a", 2), ("b", 3), ("rc", 4), ("RC", 4), ("#", MISSING), ("p", NUMBER + 1)];

pub(super) fn read(text: &str) -> Parsed {
    let mut key = Writer::default();
    write(text.strip_prefix(['v', 'V']).unwrap_or(text), &mut key);
    Parsed::plain(key.finish())
}

/// The parts of a text.
pub(super) fn write(mut text: &str, key: &mut Writer) {
    let mut parts = Vec::new();
    loop {
        text = text::leading(text, |byte| !byte.is_ascii_alphanumeric() && byte != b'#').1;
        if text.is_empty() {
            break;
        }
        let (number, rest) = text::digits(text);
        if number.is_empty() {
            let (name, rest) = text::leading(text, |b| b.is_ascii_alphabetic() || b == b'#');
            parts.push(vec![rank(name)]);
            text = rest;
        } else {
            parts.push(key::unit(|key| _ = key.rank(NUMBER).number(number)));
            text = rest;
        }
    }
    key.padded(&[MISSING], &parts);
}

fn rank(name: &str) -> u8 {
    let known = KNOWN.iter().find(|(beginning, _)| name.starts_with(beginning));
    known.map_or(UNKNOWN, |&(_, rank)| rank)
}

#[cfg(test)]
mod tests {
    use crate::{
        Scheme,
        testing::{ascending, equal},
    };

    #[test]
    fn names_stand_by_how_they_begin() {
        ascending(
            Scheme::Packagist,
            &[
                "1.0-foo",
                "1.0-dev",
                "1.0-alpha",
                "1.0a1",
                "1.0-beta2",
                "1.0RC1",
                "1.0",
                "1.0.0",
                "1.0.1",
                "1.0pl1",
            ],
        );
        equal(Scheme::Packagist, &[&["v1.0-RC1", "1.0rc1", "1_0.rc.1"], &["1-FOO", "1-BAR"]]);
    }
}
