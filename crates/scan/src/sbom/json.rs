//! JSON documents that may be large: their elements are read one by one, and what is wrong with one is told
//! with its place in the whole document.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{SeqAccess, Visitor},
};
use serde_json::value::RawValue;

use crate::Error;

/// Most elements of a list: those of a document that lists a million packages are fewer.
const MOST_ELEMENTS: usize = 5_000_000;

/// A value that is not read yet.
pub(super) type Raw<'a> = &'a RawValue;

/// A document of JSON.
#[derive(Clone, Copy)]
pub(super) struct Text<'a>(pub(super) &'a [u8]);

impl<'a> Text<'a> {
    /// Reads a value of it.
    ///
    /// # Errors
    /// If it is of another type: why, and where.
    pub(super) fn typed<T: Deserialize<'a>>(self, raw: Raw<'a>) -> Result<T, String> {
        serde_json::from_str(raw.get()).map_err(|error| self.placed(Some(raw), &error))
    }

    /// Calls `take` for each element of a list, if it is there, with its place in the list.
    ///
    /// # Errors
    /// If it is no list, or `take` fails.
    pub(super) fn each(
        self,
        name: &str,
        list: Option<Raw<'a>>,
        take: &mut dyn FnMut(usize, Raw<'a>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let Some(raw) = list else { return Ok(()) };
        let mut elements = Elements { take, failed: None };
        let mut deserializer = serde_json::Deserializer::from_str(raw.get());
        let read = deserializer.deserialize_any(&mut elements);
        match (elements.failed, read) {
            (Some(error), _) => Err(error),
            (None, Err(error)) => {
                Err(Error::malformed("list", format!("{name}: {}", self.placed(Some(raw), &error))))
            }
            (None, Ok(())) => Ok(()),
        }
    }

    /// What is wrong, with its place in the document, of which `raw` is a part.
    pub(super) fn placed(self, raw: Option<Raw<'_>>, error: &serde_json::Error) -> String {
        let text = error.to_string();
        let why = text.rsplit_once(" at line ").map_or(text.as_str(), |(why, _)| why);
        let start = raw.map_or(0, |raw| {
            (raw.get().as_ptr() as usize).saturating_sub(self.0.as_ptr() as usize)
        });
        let before = self.0.get(..start).unwrap_or_default();
        let lines = memchr::memchr_iter(b'\n', before).count();
        let column = match error.line() {
            0 | 1 => start - memchr::memrchr(b'\n', before).map_or(0, |at| at + 1),
            _ => 0,
        };
        let (line, column) = (lines + error.line().max(1), column + error.column());
        format!("line {line}, column {column}: {why}")
    }
}

struct Elements<'t, 'a> {
    take: &'t mut dyn FnMut(usize, Raw<'a>) -> Result<(), Error>,
    failed: Option<Error>,
}

impl<'a> Visitor<'a> for &mut Elements<'_, 'a> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'a>>(self, mut list: A) -> Result<(), A::Error> {
        let mut at = 0;
        while let Some(raw) = list.next_element::<Raw<'a>>()? {
            let taken = if at < MOST_ELEMENTS { (self.take)(at, raw) } else { Err(too_many()) };
            if let Err(error) = taken {
                self.failed = Some(error);
                break;
            }
            at += 1;
        }
        Ok(())
    }
}

fn too_many() -> Error {
    Error::Limit { what: "a list", limit: MOST_ELEMENTS as u64, unit: "elements" }
}

/// A text, or nothing where there is none, or something else.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Words(pub(super) String);

impl<'de> Deserialize<'de> for Words {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = <&RawValue>::deserialize(deserializer)?;
        Ok(Self(serde_json::from_str(raw.get()).unwrap_or_default()))
    }
}

impl Words {
    /// It, if there is any.
    pub(super) fn some(self) -> Option<String> {
        Some(self.0).filter(|text| !text.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mistakes_are_told_with_their_places() {
        let text = b"{\n  \"a\": [1,\n \"x\"]}";
        #[derive(Deserialize)]
        struct Whole<'a> {
            #[serde(borrow)]
            a: Raw<'a>,
        }
        let whole: Whole<'_> = serde_json::from_slice(text).unwrap();
        let mut found = Vec::new();
        Text(text)
            .each("a", Some(whole.a), &mut |at, raw| {
                found.push((at, Text(text).typed::<u32>(raw)));
                Ok(())
            })
            .unwrap();
        let why = "line 3, column 4: invalid type: string \"x\", expected u32".to_owned();
        assert_eq!(found, [(0, Ok(1)), (1, Err(why))]);
        let raw: Raw<'_> = serde_json::from_str("{}").unwrap();
        let error = Text(b"{}").each("b", Some(raw), &mut |_, _| Ok(())).unwrap_err();
        assert!(error.to_string().starts_with("is no list: b: line 1, column"), "{error}");
    }

    #[test]
    fn what_is_no_text_is_empty() {
        let words: Vec<Words> = serde_json::from_str("[\"a\", 1, null, {\"b\": []}]").unwrap();
        assert_eq!(words.iter().map(|it| it.0.as_str()).collect::<Vec<_>>(), ["a", "", "", ""]);
    }
}
