//! Debian's versions: `[epoch:]upstream[-revision]`.
//!
//! Source: Debian Policy 5.6.12 and deb-version(7); `verrevcmp` of dpkg's `lib/dpkg/version.c` for
//! what those leave open. Upstream version and revision are runs of other characters and numbers in
//! turn. In the former `~` is below the end, which is below letters, which are below everything else.
//! A revision that is missing is 0.
//!
//! Nothing is refused. dpkg itself wants a digit first and few other characters, and an epoch that
//! is a small number.

use crate::{key::Writer, text, version::Parsed};

/// Ranks of characters; letters are their own.
const TILDE: u8 = 1;
const END: u8 = 2;
const OTHER: u8 = 0xf8;

pub(super) fn read(text: &str) -> Parsed {
    let (epoch, rest) = text::epoch(text);
    let (upstream, revision) = text::release(rest);
    let mut key = Writer::default();
    key.number(epoch);
    runs(upstream, &mut key);
    runs(revision.unwrap_or(""), &mut key);
    Parsed::plain(key.finish())
}

/// Other characters and numbers in turn. What ends with other characters has a 0 behind them.
fn runs(mut text: &str, key: &mut Writer) {
    loop {
        let (other, rest) = text::leading(text, |byte| !byte.is_ascii_digit());
        other.bytes().for_each(|byte| character(byte, key));
        let (number, rest) = text::digits(rest);
        key.rank(END).number(number);
        if rest.is_empty() {
            key.rank(END);
            return;
        }
        text = rest;
    }
}

fn character(byte: u8, key: &mut Writer) {
    match byte {
        b'~' => key.rank(TILDE),
        b'a'..=b'z' | b'A'..=b'Z' => key.rank(byte),
        // In two steps, as no unit begins with 0xff.
        _ => key.rank(OTHER).rank(byte.min(0xfe)),
    };
}

#[cfg(test)]
mod tests {
    use crate::{
        Scheme,
        testing::{ascending, equal},
    };

    #[test]
    fn tildes_are_below_the_end_and_letters_below_the_rest() {
        ascending(
            Scheme::Dpkg,
            &["1.0~~", "1.0~rc1", "1.0~rc1-1", "1.0", "1.0-1", "1.0a", "1.0+b1", "1.0.1"],
        );
        ascending(
            Scheme::Dpkg,
            &["1.2.3-1~deb12u1", "1.2.3-1", "1.2.3-1+b1", "1.2.3-1.1", "1:0.1"],
        );
    }

    #[test]
    fn what_is_missing_is_zero() {
        equal(
            Scheme::Dpkg,
            &[&["1.0", "0:1.0", "1.0-0", "1.0-"], &["1a", "1a0"], &["1.01", "1.1"]],
        );
    }

    #[test]
    fn the_last_hyphen_is_before_the_revision() {
        ascending(Scheme::Dpkg, &["1.0-1-2", "1.0-2-1", "1.0-a-1"]);
    }
}
