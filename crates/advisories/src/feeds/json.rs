//! What others write as JSON in more than one way.

use std::{borrow::Cow, collections::BTreeMap, fmt, marker::PhantomData, ops::Deref};

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor},
};

/// The first key of the first object in an object: `CVE-2026-1` of `{"bash": {"CVE-2026-1": …`.
pub(super) fn second_key(bytes: &[u8]) -> Option<&[u8]> {
    let rest = after(after(bytes, b'{')?, b'"')?;
    let end = memchr::memchr(b'"', rest)?;
    let rest = after(after(after(rest.get(end + 1..)?, b':')?, b'{')?, b'"')?;
    rest.get(..memchr::memchr(b'"', rest)?)
}

/// What is behind a mark, which comes next.
fn after(bytes: &[u8], mark: u8) -> Option<&[u8]> {
    let (first, rest) = bytes.trim_ascii_start().split_first()?;
    (*first == mark).then_some(rest)
}

/// A text, copied only where it has escapes. `Cow` in an option or a list always is.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize)]
pub(super) struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

impl Deref for Text<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl<'a> From<&'a str> for Text<'a> {
    fn from(text: &'a str) -> Self {
        Self(text.into())
    }
}

/// The first element of a list; no other is kept.
#[derive(Debug)]
pub(super) struct First<T>(pub(super) Option<T>);

impl<T> Default for First<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for First<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct List<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for List<T> {
            type Value = First<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list")
            }

            fn visit_unit<E: serde::de::Error>(self) -> Result<Self::Value, E> {
                Ok(First(None))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
                let first = list.next_element()?;
                while list.next_element::<IgnoredAny>()?.is_some() {}
                Ok(First(first))
            }
        }

        from.deserialize_any(List(PhantomData))
    }
}

/// Reads an object, or an empty list in its place, as PHP writes objects that have nothing.
pub(super) fn object<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    from: D,
) -> Result<BTreeMap<String, T>, D::Error> {
    struct Object<T>(PhantomData<T>);

    impl<'de, T: Deserialize<'de>> Visitor<'de> for Object<T> {
        type Value = BTreeMap<String, T>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object, or an empty list")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut all = BTreeMap::new();
            while let Some((key, value)) = map.next_entry()? {
                all.insert(key, value);
            }
            Ok(all)
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
            match list.next_element::<IgnoredAny>()? {
                None => Ok(BTreeMap::new()),
                Some(_) => Err(serde::de::Error::invalid_length(1, &self)),
            }
        }
    }

    from.deserialize_any(Object(PhantomData))
}

/// Hands on what objects in an object have, as it is read, with both keys: `{"bash": {"CVE-2026-1": …`.
///
/// # Errors
/// If it is not of that form; what came before was handed on.
pub(super) fn each_of_two<'de, T: Deserialize<'de>>(
    bytes: &'de [u8],
    take: impl FnMut(&str, &str, T),
) -> Result<(), serde_json::Error> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    reader.deserialize_map(Outer { take, of: PhantomData })?;
    reader.end()
}

struct Outer<F, T> {
    take: F,
    of: PhantomData<T>,
}

struct Inner<'a, F, T> {
    key: &'a str,
    take: &'a mut F,
    of: PhantomData<T>,
}

impl<'de, T: Deserialize<'de>, F: FnMut(&str, &str, T)> Visitor<'de> for Outer<F, T> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of objects")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<Text<'de>>()? {
            map.next_value_seed(Inner { key: &key, take: &mut self.take, of: PhantomData })?;
        }
        Ok(())
    }
}

impl<'de, T: Deserialize<'de>, F: FnMut(&str, &str, T)> DeserializeSeed<'de> for Inner<'_, F, T> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_map(self)
    }
}

impl<'de, T: Deserialize<'de>, F: FnMut(&str, &str, T)> Visitor<'de> for Inner<'_, F, T> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some((key, value)) = map.next_entry::<Text<'de>, T>()? {
            (self.take)(self.key, &key, value);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_copied_only_where_they_have_escapes() {
        let read: Vec<Option<Text<'_>>> = serde_json::from_str(r#"["a", "b\n", null]"#).unwrap();
        assert!(
            matches!(&read[..], [Some(Text(Cow::Borrowed("a"))), Some(Text(Cow::Owned(b))), None] if b == "b\n")
        );
    }

    #[test]
    fn objects_in_an_object_are_handed_on_with_both_keys() {
        let told = |text: &str| {
            let mut told = Vec::new();
            let read =
                each_of_two(text.as_bytes(), |a, b, it: u8| told.push(format!("{a} {b} {it}")));
            (told.join(", "), read.is_ok())
        };
        let whole = r#"{"a\u0062": {"x": 1, "y\n": 2}, "c": {}, "d": {"x": 3}}"#;
        assert_eq!(told(whole), ("ab x 1, ab y\n 2, d x 3".to_owned(), true));
        assert_eq!(told(r#"{"a": {"x": 1}, "b": []}"#), ("a x 1".to_owned(), false));
        assert!(!told(r#"{"a": {"x": 1}"#).1);
        assert!(!told(r#"{"a": {"x": 1}} {"#).1);
        assert!(!told("[]").1);
    }

    #[test]
    fn objects_are_known_by_their_keys() {
        for (text, key) in [
            (r#" { "bash" : { "CVE-1": {"#, Some("CVE-1")),
            (r#"{"bash":{"a""#, Some("a")),
            (r#"{"bash": ["CVE-1"]}"#, None),
            (r#"{"id": "a"}"#, None),
            ("{", None),
        ] {
            assert_eq!(second_key(text.as_bytes()), key.map(str::as_bytes), "{text}");
        }
    }

    #[test]
    fn an_empty_list_is_an_object_that_has_nothing() {
        #[derive(Deserialize)]
        struct One(#[serde(deserialize_with = "object")] BTreeMap<String, u8>);
        let read = |text: &str| serde_json::from_str::<One>(text).map(|one| one.0.len());
        assert_eq!((read("[]").unwrap(), read(r#"{"a": 1}"#).unwrap()), (0, 1));
        assert!(read("[1]").is_err() && read("1").is_err());
    }
}
