//! Bytes that the recorded host chose.

use std::{borrow::Cow, fmt};

use event::visible::visible;
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
        visible(&self.0)
    }
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
