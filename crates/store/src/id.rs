//! The name of an incident.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use thiserror::Error;

/// Digits of an id.
pub(crate) const DIGITS: usize = 12;

/// The name of an incident: 12 lower-case hexadecimal digits, and so safe in any path.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Id([u8; DIGITS / 2]);

/// A text that is no id.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("'{}' is not an incident's id; ids are {DIGITS} hexadecimal digits", .0.escape_debug())]
pub struct NotAnId(pub String);

impl Id {
    /// The id of what these parts identify, always the same for the same parts.
    ///
    /// ```
    /// let id = store::Id::of(&[b"shop-1", b"web_shell"]);
    /// assert_eq!(id, store::Id::of(&[b"shop-1", b"web_shell"]));
    /// assert_ne!(id, store::Id::of(&[b"shop-1web", b"_shell"]));
    /// ```
    pub fn of(parts: &[&[u8]]) -> Self {
        let mut hasher = blake3::Hasher::new();
        for part in parts {
            // Lengths keep neighbours apart.
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part);
        }
        let mut id = [0; DIGITS / 2];
        hasher.finalize_xof().fill(&mut id);
        Self(id)
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl FromStr for Id {
    type Err = NotAnId;

    fn from_str(text: &str) -> Result<Self, NotAnId> {
        digits(text).ok_or_else(|| NotAnId(text.to_owned()))
    }
}

fn digits(text: &str) -> Option<Id> {
    let mut id = [0; DIGITS / 2];
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if pairs.len() != id.len() || !rest.is_empty() {
        return None;
    }
    for (byte, [high, low]) in id.iter_mut().zip(pairs) {
        *byte = value(*high)? << 4 | value(*low)?;
    }
    Some(Id(id))
}

/// Of a lower-case digit: a name that differs in case would be another folder.
fn value(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

impl Serialize for Id {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_twelve_lower_case_digits_are_an_id() {
        let id: Id = "00ff7f3c9a1e".parse().expect("an id");
        assert_eq!(id.to_string(), "00ff7f3c9a1e");
        let others =
            ["", "7f3c9a", "7f3c9a1e00ff0", "7F3C9A1E00FF", "../../../etc", "7f3c9a1e00f\n"];
        for text in others {
            assert_eq!(text.parse::<Id>(), Err(NotAnId(text.to_owned())));
        }
    }

    #[test]
    fn an_id_is_the_same_on_every_machine() {
        assert_eq!(Id::of(&[b"host", b"rule"]).to_string(), "0f2b8dca47d5");
    }
}
