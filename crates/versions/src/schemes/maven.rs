//! Java's versions: `1.2.3-beta-1`.
//!
//! Source: Maven's POM reference, "Version Order Specification", and `ComparableVersion` of
//! maven-artifact for what that leaves open. Tokens are numbers and qualifiers, each with the dot or
//! hyphen before it; between a digit and a letter is a hyphen too, and an empty token is 0. Zeros, and
//! qualifiers that mean the release, do not count at the end and before each hyphen. Then, token by
//! token: the known qualifiers up to `snapshot`, the end, other qualifiers, numbers behind a hyphen,
//! numbers behind a dot; qualifiers behind a dot are below those behind a hyphen.
//!
//! The specification compares what is missing as 0 behind a dot and as the release behind a hyphen,
//! which makes circles (`1.sp < 1 < 1-sp`, `.sp` = `-sp`). Here the end is one thing: above each
//! prerelease, below all else; and zeros before a prerelease (`1.0.0.Beta1`) end the version just below
//! that. `ComparableVersion` of Maven 3.8.7 differs where qualifiers stand behind a dot in one version
//! and behind a hyphen in the other, as it takes the former for the latter (`1.5.9.RC1`, `1.5.9-RC0`).
//!
//! Nothing is refused, as Maven refuses nothing.

use crate::{key::Writer, text, version::Parsed};

/// Ranks of tokens: those behind a dot; one more for those behind a hyphen.
const BEFORE: u8 = 1;
const ZEROS_BEFORE: u8 = 3;
const END: u8 = 4;
const BEHIND: u8 = 5;
const HYPHEN_NUMBER: u8 = 7;
const DOT_NUMBER: u8 = 8;
/// Ranks of qualifiers behind the release.
const RELEASE: u8 = 0;
const SP: u8 = 1;
const UNKNOWN: u8 = 2;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Prefix {
    Dot,
    Hyphen,
}

#[derive(Debug, PartialEq)]
enum Value<'a> {
    Number(&'a str),
    /// One before the release, by rank.
    Before(u8),
    /// One that is the release.
    Release,
    /// One behind the release; `sp` is below all others.
    Sp,
    Other(&'a str),
}

struct Token<'a> {
    prefix: Prefix,
    value: Value<'a>,
}

impl Token<'_> {
    fn is_null(&self) -> bool {
        match self.value {
            Value::Number(digits) => text::is_zero(digits),
            Value::Release => true,
            _ => false,
        }
    }

    fn is_dot_zero(&self) -> bool {
        self.prefix == Prefix::Dot && matches!(self.value, Value::Number(n) if text::is_zero(n))
    }
}

pub(super) fn read(text: &str) -> Parsed {
    let lower = text.to_lowercase();
    let tokens = trimmed(tokens(&lower));
    let mut key = Writer::default();
    let mut rest = tokens.as_slice();
    while let Some((token, behind)) = rest.split_first() {
        let zeros = rest.iter().take_while(|token| token.is_dot_zero()).count();
        match rest.get(zeros) {
            Some(Token { value: Value::Before(_), .. }) if zeros > 0 => {
                key.rank(ZEROS_BEFORE).number(&zeros.to_string());
                rest = &rest[zeros..];
            }
            _ => {
                write(token, &mut key);
                rest = behind;
            }
        }
    }
    key.rank(END);
    Parsed::plain(key.finish())
}

fn write(token: &Token<'_>, key: &mut Writer) {
    let hyphen = u8::from(token.prefix == Prefix::Hyphen);
    match token.value {
        Value::Number(digits) if hyphen == 1 => key.rank(HYPHEN_NUMBER).number(digits),
        Value::Number(digits) => key.rank(DOT_NUMBER).number(digits),
        Value::Before(rank) => key.rank(BEFORE + hyphen).rank(rank),
        Value::Release => key.rank(BEHIND + hyphen).rank(RELEASE),
        Value::Sp => key.rank(BEHIND + hyphen).rank(SP),
        // As Java compares: by UTF-16 units.
        Value::Other(name) => key.rank(BEHIND + hyphen).rank(UNKNOWN).text(utf16(name)),
    };
}

fn utf16(text: &str) -> Vec<u8> {
    if text.is_ascii() {
        return text.into();
    }
    // ASCII stays below the rest: units beyond it are three bytes with a first one above ASCII.
    let unit = |unit: u16| match u8::try_from(unit) {
        Ok(ascii @ 0..=0x7f) => vec![ascii],
        _ => [&[0x80], unit.to_be_bytes().as_slice()].concat(),
    };
    text.encode_utf16().flat_map(unit).collect()
}

fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut prefix = Prefix::Dot;
    let mut rest = text;
    loop {
        let (piece, behind) = piece(rest);
        let number_follows = behind.starts_with(|next: char| next.is_ascii_digit());
        tokens.push(Token { prefix, value: value(piece, number_follows) });
        (prefix, rest) = match behind.bytes().next() {
            None => return tokens,
            Some(b'.') => (Prefix::Dot, &behind[1..]),
            Some(b'-') => (Prefix::Hyphen, &behind[1..]),
            Some(_) => (Prefix::Hyphen, behind),
        };
    }
}

/// The longest beginning that is all digits or has none, and no dot or hyphen.
fn piece(text: &str) -> (&str, &str) {
    let (number, rest) = text::digits(text);
    if !number.is_empty() {
        return (number, rest);
    }
    text::leading(text, |byte| !byte.is_ascii_digit() && byte != b'.' && byte != b'-')
}

fn value(piece: &str, number_follows: bool) -> Value<'_> {
    match piece {
        "" => Value::Number("0"),
        "alpha" => Value::Before(0),
        "beta" => Value::Before(1),
        "milestone" => Value::Before(2),
        "a" if number_follows => Value::Before(0),
        "b" if number_follows => Value::Before(1),
        "m" if number_follows => Value::Before(2),
        "rc" | "cr" => Value::Before(3),
        "snapshot" => Value::Before(4),
        "ga" | "final" | "release" => Value::Release,
        "sp" => Value::Sp,
        digits if text::is_number(digits) => Value::Number(digits),
        name => Value::Other(name),
    }
}

/// Without what does not count at the end and before each hyphen; the first token stays.
fn trimmed(tokens: Vec<Token<'_>>) -> Vec<Token<'_>> {
    let mut kept: Vec<Token<'_>> = Vec::with_capacity(tokens.len());
    let trim = |kept: &mut Vec<Token<'_>>| {
        while kept.len() > 1 && kept.last().is_some_and(Token::is_null) {
            kept.pop();
        }
    };
    for token in tokens {
        if token.prefix == Prefix::Hyphen {
            trim(&mut kept);
        }
        kept.push(token);
    }
    trim(&mut kept);
    kept
}

#[cfg(test)]
mod tests {
    use crate::{
        Scheme,
        testing::{ascending, equal},
    };

    #[test]
    fn qualifiers_stand_around_the_end() {
        ascending(
            Scheme::Maven,
            &[
                "1-alpha-1",
                "1-beta",
                "1-m1",
                "1-rc1",
                "1-SNAPSHOT",
                "1",
                "1-sp",
                "1-foo",
                "1-jre",
                "1-1",
                "1-2",
                "1.0.1",
                "1.1",
            ],
        );
        ascending(
            Scheme::Maven,
            &["5.0.0.Beta1", "5.0.0.RC1", "5.0.0.Final", "5.0.0.SP1", "5.0.1.Alpha1"],
        );
        ascending(Scheme::Maven, &["32.0.0-android", "32.0.0-jre", "32.0.1-android"]);
    }

    #[test]
    fn what_means_nothing_does_not_count() {
        equal(
            Scheme::Maven,
            &[
                &[
                    "1",
                    "1.0",
                    "1.0.0",
                    "1-",
                    "1.ga",
                    "1-final",
                    "1.0.0.RELEASE",
                    "1.0.0-0.0.0",
                    "01",
                ],
                &["1-a1", "1a1", "1-alpha-1", "1.0-ALPHA1"],
                &["1-rc", "1cr", "1.0-CR"],
                &["1-ga-1", "1-1"],
            ],
        );
    }

    #[test]
    fn a_prefix_decides_before_the_qualifier() {
        ascending(Scheme::Maven, &["1.rc2", "1-rc1", "1.0.rc0", "1"]);
        ascending(Scheme::Maven, &["1", "1.foo", "1-bar"]);
    }
}
