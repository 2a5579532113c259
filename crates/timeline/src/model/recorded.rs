//! Bytes that the recorded host chose.

use std::{borrow::Cow, fmt, fmt::Write as _};

use serde::{Serialize, Serializer};
use state::Text;

/// Bytes that the recorded host chose: a name, a path, an argument. Hostile: whoever is recorded may
/// have put terminal escapes, right-to-left overrides or broken UTF-8 there, so there is no way to
/// the text but [`Recorded::shown`], which makes them visible. HTML and Markdown escape it further.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Recorded(Text);

impl Recorded {
    /// The bytes as they were recorded.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The text with everything made visible that is not: control characters, marks of direction
    /// and other invisible ones as `\n`, `\x1b` or `\u{202e}`, bytes that are no UTF-8 as `\xff`.
    pub fn shown(&self) -> Cow<'_, str> {
        match std::str::from_utf8(&self.0) {
            Ok(text) if !text.chars().any(is_hidden) => Cow::Borrowed(text),
            _ => Cow::Owned(escaped(&self.0)),
        }
    }
}

fn escaped(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() + 16);
    for chunk in bytes.utf8_chunks() {
        // Writing to a String cannot fail.
        for c in chunk.valid().chars() {
            let _ = match c {
                '\n' => out.write_str("\\n"),
                '\t' => out.write_str("\\t"),
                '\r' => out.write_str("\\r"),
                c if c.is_ascii_control() => write!(out, "\\x{:02x}", u32::from(c)),
                c if is_hidden(c) => write!(out, "\\u{{{:x}}}", u32::from(c)),
                c => out.write_char(c),
            };
        }
        for byte in chunk.invalid() {
            let _ = write!(out, "\\x{byte:02x}");
        }
    }
    out
}

/// Characters that show nothing, or change how others are shown: controls, marks and overrides of
/// direction, joiners, separators of lines, fillers, selectors of variants, tags.
pub(crate) fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
            | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}')
}

impl fmt::Debug for Recorded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.shown())
    }
}

impl Serialize for Recorded {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.shown())
    }
}

impl From<Text> for Recorded {
    fn from(text: Text) -> Self {
        Self(text)
    }
}

impl From<&[u8]> for Recorded {
    fn from(bytes: &[u8]) -> Self {
        Self(bytes.into())
    }
}

impl From<&str> for Recorded {
    fn from(text: &str) -> Self {
        Self(text.as_bytes().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_not_show_or_do_harm_is_made_visible() {
        let cases: [(&[u8], &str); 8] = [
            (b"plain name", "plain name"),
            ("naïve/日本".as_bytes(), "naïve/日本"),
            (b"a\nb\tc\rd", "a\\nb\\tc\\rd"),
            (b"\x1b]0;pwned\x07", "\\x1b]0;pwned\\x07"),
            ("gpj.\u{202e}exe".as_bytes(), "gpj.\\u{202e}exe"),
            ("a\u{200b}b\u{feff}".as_bytes(), "a\\u{200b}b\\u{feff}"),
            (b"half \xe2\x82 and \xff", "half \\xe2\\x82 and \\xff"),
            (b"<script>", "<script>"),
        ];
        for (bytes, want) in cases {
            assert_eq!(Recorded::from(bytes).shown(), want);
        }
    }
}
