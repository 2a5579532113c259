//! Files of common formats, read into what of them is wanted. The readers bound how deeply values may stand
//! within each other.

use std::ops::Deref;

use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use serde_json::Value;

use crate::{Error, Input};

/// Most values of a YAML file: lock files of large projects have a million.
const MOST_YAML_NODES: usize = 5_000_000;

/// A JSON file.
///
/// # Errors
/// If it can't be read, or is none.
pub(crate) fn json<T: DeserializeOwned>(input: &mut Input<'_>) -> Result<T, Error> {
    let bytes = input.bytes()?;
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    serde_json::from_slice(bytes).map_err(|error| Error::malformed("JSON file", error))
}

/// A JSON file with comments, and commas after last values.
///
/// # Errors
/// If it can't be read, or is none.
pub(crate) fn json_with_comments<T: DeserializeOwned>(input: &mut Input<'_>) -> Result<T, Error> {
    let text = plain_json(input.text()?.into_bytes());
    serde_json::from_slice(&text).map_err(|error| Error::malformed("JSON file", error))
}

/// A TOML file.
///
/// # Errors
/// If it can't be read, or is none.
pub(crate) fn toml<T: DeserializeOwned>(input: &mut Input<'_>) -> Result<T, Error> {
    toml::from_str(&input.text()?).map_err(|error| Error::malformed("TOML file", error.message()))
}

/// The first document of a YAML file.
///
/// # Errors
/// If it can't be read, or is none.
pub(crate) fn yaml<T: DeserializeOwned>(input: &mut Input<'_>) -> Result<T, Error> {
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_nodes: MOST_YAML_NODES,
            max_events: 3 * MOST_YAML_NODES,
        },
        duplicate_keys: serde_saphyr::options::DuplicateKeyPolicy::LastWins,
        with_snippet: false,
    };
    serde_saphyr::from_str_with_options(&input.text()?, options).map_err(|error| {
        let why = error.to_string();
        Error::malformed("YAML file", why.lines().next().unwrap_or_default())
    })
}

/// What was read, or `None` of what is not as its format has it: a template by the same name, say.
///
/// # Errors
/// If it can't be read otherwise.
pub(crate) fn if_well_formed<T>(read: Result<T, Error>) -> Result<Option<T>, Error> {
    match read {
        Err(Error::Malformed { .. }) => Ok(None),
        other => other.map(Some),
    }
}

/// What is empty where a value is of another type: the rest of the file counts all the same.
#[derive(Clone, Debug, Default)]
pub(crate) struct Loose<T>(pub(crate) T);

impl<'de, T: DeserializeOwned + Default> Deserialize<'de> for Loose<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        Ok(Self(T::deserialize(value).unwrap_or_default()))
    }
}

impl<T> Deref for Loose<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

/// Blanks comments, and commas before closing brackets.
fn plain_json(mut text: Vec<u8>) -> Vec<u8> {
    let mut at = 0;
    let mut comma = None;
    while let Some(&byte) = text.get(at) {
        let end = match (byte, text.get(at + 1)) {
            (b'"', _) => end_of_string(&text, at),
            (b'/', Some(b'/')) => blank(&mut text, at, b"\n"),
            (b'/', Some(b'*')) => blank(&mut text, at, b"*/"),
            _ => at + 1,
        };
        match byte {
            b',' => comma = Some(at),
            b']' | b'}' => {
                if let Some(comma) = comma.take().and_then(|comma| text.get_mut(comma)) {
                    *comma = b' ';
                }
            }
            b'/' => {}
            byte if byte.is_ascii_whitespace() => {}
            _ => comma = None,
        }
        at = end;
    }
    text
}

/// Where the string that begins here ends.
fn end_of_string(text: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    loop {
        match text.get(at) {
            None | Some(b'"') => return at + 1,
            Some(b'\\') => at += 2,
            Some(_) => at += 1,
        }
    }
}

/// Blanks a comment, and says where it ends.
fn blank(text: &mut [u8], start: usize, mark: &[u8]) -> usize {
    let rest = text.get_mut(start..).unwrap_or_default();
    // What opens it is no end: `/*/`.
    let end = memchr::memmem::find(rest.get(2..).unwrap_or_default(), mark);
    let end = end.map_or(rest.len(), |end| end + 2 + mark.len());
    rest.iter_mut().take(end).filter(|byte| **byte != b'\n').for_each(|byte| *byte = b' ');
    start + end
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extractors::input;

    #[test]
    fn comments_and_last_commas_are_no_part_of_json() {
        for (text, expected) in [
            ("{\"a\": [1, 2,], // one\n}", "{\"a\":[1,2]}"),
            ("/*/ , */ {\"a,]\": \"//\\\"\",}", "{\"a,]\":\"//\\\"\"}"),
            ("[1 , /* x */ ]", "[1]"),
        ] {
            let value: Value = input("f", text, json_with_comments).unwrap();
            assert_eq!(value.to_string(), expected);
        }
        for text in ["[,", "\"", "/*", "\"\\", "/"] {
            input("f", text, json_with_comments::<Value>).unwrap_err();
        }
    }

    #[test]
    fn values_within_values_without_end_are_refused() {
        let deep = "[".repeat(100_000);
        input("f", &deep, json::<Value>).unwrap_err();
        input("f", &deep, json_with_comments::<Value>).unwrap_err();
        input("f", &deep, yaml::<Value>).unwrap_err();
        input("f", format!("a = {deep}"), toml::<Value>).unwrap_err();
        input("f", format!("a = {}", "{a=".repeat(100_000)), toml::<Value>).unwrap_err();
    }

    #[test]
    fn references_that_grow_are_refused() {
        let mut text = "a0: &a0 [x]\n".to_owned();
        for at in 1..40 {
            text += &format!("a{at}: &a{at} [*a{0}, *a{0}, *a{0}, *a{0}]\n", at - 1);
        }
        input("f", &text, yaml::<Value>).unwrap_err();
    }
}
