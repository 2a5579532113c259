//! Transformers: functions around a field's value.

use super::{
    ast::Name,
    error::{Diagnostic, Span},
};
use crate::fields::nearest;

/// A function around fields.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Transformer {
    /// ASCII letters become small.
    ToLower,
    /// ASCII letters become capital.
    ToUpper,
    /// Decodes base64; what is not base64 has no value.
    B64,
    /// What stands behind the last slash.
    Basename,
    /// Length of a text in bytes, or of a list in values.
    Len,
    /// The values of a list with a separator between them.
    Join,
    /// Texts one behind the other.
    Concat,
    /// Short options among arguments, as getopt(3) reads them.
    Getopt,
}

impl Transformer {
    /// Every transformer.
    pub const ALL: [Self; 8] = [
        Self::ToLower,
        Self::ToUpper,
        Self::B64,
        Self::Basename,
        Self::Len,
        Self::Join,
        Self::Concat,
        Self::Getopt,
    ];

    /// As it is written.
    pub fn symbol(self) -> &'static str {
        match self {
            Self::ToLower => "tolower",
            Self::ToUpper => "toupper",
            Self::B64 => "b64",
            Self::Basename => "basename",
            Self::Len => "len",
            Self::Join => "join",
            Self::Concat => "concat",
            Self::Getopt => "getopt",
        }
    }

    /// The transformer of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|t| t.symbol() == name)
    }

    pub(super) fn unknown(name: &Name) -> Diagnostic {
        let message = format!("unknown transformer '{}'", name.text);
        let error = Diagnostic::new(name.span, message);
        match nearest(&name.text, Self::ALL.into_iter().map(Self::symbol)) {
            Some(near) => error.hint(format!("did you mean '{near}'?")),
            None => {
                error.hint(format!("transformers are {}", Self::ALL.map(Self::symbol).join(" ")))
            }
        }
    }

    /// As [`Transformer::apply`], where the result is text too: the NULs that programs end texts
    /// with do not belong to it.
    pub(super) fn apply_to_text(self, text: &[u8], out: &mut Vec<u8>) -> bool {
        let there = self.apply(text, out);
        let end = out.iter().rposition(|&b| b != 0).map_or(0, |last| last + 1);
        out.truncate(end);
        there
    }

    /// Applies a transformer of one text; returns whether there is a result.
    pub(super) fn apply(self, text: &[u8], out: &mut Vec<u8>) -> bool {
        match self {
            Self::ToLower => out.extend(text.iter().map(u8::to_ascii_lowercase)),
            Self::ToUpper => out.extend(text.iter().map(u8::to_ascii_uppercase)),
            Self::Basename => out.extend_from_slice(basename(text)),
            Self::B64 => return decode_base64(text, out),
            Self::Len | Self::Join | Self::Concat | Self::Getopt => return false,
        }
        true
    }
}

fn basename(path: &[u8]) -> &[u8] {
    path.rsplit(|&b| b == b'/').next().unwrap_or(path)
}

/// Standard alphabet, padding optional, no bits left over. Stops being a value at the first byte
/// that does not belong. Trailing NULs do not count.
fn decode_base64(text: &[u8], out: &mut Vec<u8>) -> bool {
    let end = text.iter().rposition(|&b| b != 0).map_or(0, |last| last + 1);
    let Some(text) = text.get(..end).filter(|t| !t.is_empty()) else { return true };
    let one_less = text.strip_suffix(b"=").unwrap_or(text);
    let digits = if one_less.len() < text.len() {
        one_less.strip_suffix(b"=").unwrap_or(one_less)
    } else {
        text
    };
    if digits.is_empty() || digits.len() % 4 == 1 {
        return false;
    }
    let mut bits = 0u32;
    let mut count = 0;
    for &digit in digits {
        let Some(value) = base64_digit(digit) else { return false };
        bits = (bits << 6 | u32::from(value)) & 0xffff;
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push((bits >> count) as u8);
        }
    }
    bits & ((1 << count) - 1) == 0
}

fn base64_digit(digit: u8) -> Option<u8> {
    Some(match digit {
        b'A'..=b'Z' => digit - b'A',
        b'a'..=b'z' => digit - b'a' + 26,
        b'0'..=b'9' => digit - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    })
}

/// Which short options there are, from a getopt(3) option string.
#[derive(Clone, Debug)]
pub(crate) struct OptionString {
    valid: [bool; 256],
    with_argument: [bool; 256],
}

impl OptionString {
    pub(super) fn parse(text: &[u8]) -> Self {
        let mut options = Self { valid: [false; 256], with_argument: [false; 256] };
        let mut last = None;
        for &byte in text.strip_prefix(b":").unwrap_or(text) {
            match (byte, last.take()) {
                (b':', Some(option)) => options.with_argument[usize::from(option)] = true,
                (b':', None) => {}
                (option, _) => {
                    options.valid[usize::from(option)] = true;
                    last = Some(option);
                }
            }
        }
        options
    }
}

/// Reads arguments one by one and hands over what it finds: options, each followed by its
/// argument if it takes one; `?` for an unknown option. Long options are skipped.
pub(super) struct Getopt<'o> {
    options: &'o OptionString,
    waiting: Option<u8>,
    done: bool,
}

/// What [`Getopt`] finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found<'v> {
    /// An option without argument.
    Option(u8),
    /// An option and its argument.
    WithArgument(u8, &'v [u8]),
    /// An option whose argument is missing.
    Incomplete(u8),
    /// An option that there is not.
    Unknown,
}

impl<'o> Getopt<'o> {
    pub(super) fn new(options: &'o OptionString) -> Self {
        Self { options, waiting: None, done: false }
    }

    /// The next argument.
    pub(super) fn argument<'v>(&mut self, argument: &'v [u8], found: &mut dyn FnMut(Found<'v>)) {
        if self.done {
            return;
        }
        if let Some(option) = self.waiting.take() {
            return found(Found::WithArgument(option, argument));
        }
        if argument.len() > 2 && argument.starts_with(b"--") {
            return;
        }
        if argument == b"--" || argument.len() < 2 || argument[0] != b'-' {
            self.done = true;
            return;
        }
        self.cluster(&argument[1..], found);
    }

    /// `-ntvalue`.
    fn cluster<'v>(&mut self, options: &'v [u8], found: &mut dyn FnMut(Found<'v>)) {
        for (at, &option) in options.iter().enumerate() {
            let index = usize::from(option);
            if option == b':' || !self.options.valid[index] {
                found(Found::Unknown);
            } else if !self.options.with_argument[index] {
                found(Found::Option(option));
            } else if at + 1 < options.len() {
                return found(Found::WithArgument(option, &options[at + 1..]));
            } else {
                self.waiting = Some(option);
                return;
            }
        }
    }

    /// There are no more arguments.
    pub(super) fn end(&mut self, found: &mut dyn FnMut(Found<'_>)) {
        if let Some(option) = self.waiting.take() {
            found(Found::Incomplete(option));
        }
    }
}

/// An argument of a transformer that does not fit.
pub(super) fn misfit(span: Span, transformer: Transformer, needs: &str) -> Diagnostic {
    Diagnostic::new(span, format!("{}() needs {needs}", transformer.symbol()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn applied(transformer: Transformer, text: &[u8]) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        transformer.apply(text, &mut out).then_some(out)
    }

    #[test]
    fn transformers_of_one_text() {
        type Case = (Transformer, &'static [u8], Option<&'static [u8]>);
        let cases: &[Case] = &[
            (Transformer::ToLower, b"BaSh \xc4", Some(b"bash \xc4")),
            (Transformer::ToUpper, b"bash1", Some(b"BASH1")),
            (Transformer::Basename, b"/bin/bash", Some(b"bash")),
            (Transformer::Basename, b"/bin/", Some(b"")),
            (Transformer::Basename, b"bash", Some(b"bash")),
            (Transformer::B64, b"aGVsbG8=", Some(b"hello")),
            (Transformer::B64, b"aGVsbG8", Some(b"hello")),
            (Transformer::B64, b"aGVsbG8=\0\0", Some(b"hello")),
            (Transformer::B64, b"aGk=", Some(b"hi")),
            (Transformer::B64, b"", Some(b"")),
            (Transformer::B64, b"aGl=", None),
            (Transformer::B64, b"aGVsbG8==", Some(b"hello")),
            (Transformer::B64, b"a", None),
            (Transformer::B64, b"=", None),
            (Transformer::B64, b"a b=", None),
        ];
        for (transformer, text, expected) in cases {
            assert_eq!(
                applied(*transformer, text).as_deref(),
                *expected,
                "{transformer:?} {text:?}"
            );
        }
    }

    #[test]
    fn text_that_was_decoded_ends_before_its_last_nuls() {
        for (text, expected) in [("aGkAAA==", &b"hi"[..]), ("aABpAA==", b"h\0i"), ("AAA=", b"")] {
            let mut out = Vec::new();
            assert!(Transformer::B64.apply_to_text(text.as_bytes(), &mut out), "{text}");
            assert_eq!(out, expected, "{text}");
        }
    }

    #[test]
    fn getopt_reads_short_options() {
        let cases: &[(&str, &str, &str)] = &[
            ("ab:", "-a -b x", "a b=x"),
            ("ab:", "-abx", "a b=x"),
            ("ab:", "-b", "b!"),
            ("ab:", "-b -a", "b=-a"),
            ("ab:", "-z -a", "? a"),
            ("ab:", "--long -a", "a"),
            ("ab:", "-- -a", ""),
            ("ab:", "file -a", ""),
            ("ab:", "- -a", ""),
            (":a", "-a:", "a ?"),
            ("a::", "-a x", "a=x"),
        ];
        for (options, arguments, expected) in cases {
            let options = OptionString::parse(options.as_bytes());
            let mut getopt = Getopt::new(&options);
            let mut seen: Vec<String> = Vec::new();
            for argument in arguments.split(' ') {
                getopt.argument(argument.as_bytes(), &mut |found| seen.push(show(found)));
            }
            getopt.end(&mut |found| seen.push(show(found)));
            assert_eq!(seen.join(" "), *expected, "{arguments}");
        }
    }

    fn show(found: Found<'_>) -> String {
        match found {
            Found::Option(option) => char::from(option).to_string(),
            Found::WithArgument(option, argument) => {
                format!("{}={}", char::from(option), String::from_utf8_lossy(argument))
            }
            Found::Incomplete(option) => format!("{}!", char::from(option)),
            Found::Unknown => "?".to_owned(),
        }
    }
}
