//! Text that is safe to print.

use std::{borrow::Cow, fmt, ops::Deref};

use event::visible::visible;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Text in which nothing is hidden: control characters, marks of direction and other invisible
/// characters stand there as `\n`, `\x1b` or `\u{202e}`. What the recorded host chose is hostile, and
/// so is a manifest that somebody else wrote; both pass through here, also when they are read.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Shown(String);

impl Shown {
    /// The text, on one line: line breaks and tabs become blanks.
    pub fn line(text: &str) -> Self {
        text.replace(['\n', '\r', '\t'], " ").into()
    }
}

impl From<String> for Shown {
    fn from(text: String) -> Self {
        match visible(text.as_bytes()) {
            Cow::Borrowed(_) => Self(text),
            Cow::Owned(shown) => Self(shown),
        }
    }
}

impl From<&str> for Shown {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl Deref for Shown {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl Serialize for Shown {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Shown {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_hidden_is_shown_also_when_it_was_read() {
        let cases = [
            ("plain name", "plain name"),
            ("naïve/日本 <script>", "naïve/日本 <script>"),
            ("a\nb\tc\rd", "a\\nb\\tc\\rd"),
            ("\u{1b}]0;pwned\u{7}", "\\x1b]0;pwned\\x07"),
            ("\u{9b}2J gpj.\u{202e}exe", "\\u{9b}2J gpj.\\u{202e}exe"),
        ];
        for (text, want) in cases {
            assert_eq!(&*Shown::from(text), want);
            let json = serde_json::to_string(text).expect("JSON");
            assert_eq!(&*serde_json::from_str::<Shown>(&json).expect("text"), want);
            assert_eq!(Shown::from(want), Shown::from(text), "once is enough");
        }
        assert_eq!(&*Shown::line("a\n\tb\u{1b}"), "a  b\\x1b");
    }
}
