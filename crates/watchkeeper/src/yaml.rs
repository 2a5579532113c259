//! YAML as a tree in which every value knows its place, for files with messages of their own.

use std::fmt;

use rules::fields::nearest;
use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, SeqAccess, Visitor},
};
use serde_saphyr::{Location, Spanned};

/// Line and column, from 1.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Place {
    pub(crate) line: u64,
    pub(crate) column: u64,
}

/// What is wrong, and where; the file is named by who knows it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Wrong {
    pub(crate) place: Place,
    pub(crate) message: String,
}

impl Wrong {
    /// `FILE:LINE:COLUMN: message`.
    pub(crate) fn in_file(&self, file: impl fmt::Display) -> String {
        format!("{file}:{}:{}: {}", self.place.line, self.place.column, self.message)
    }
}

/// A value and its place.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Node {
    pub(crate) place: Place,
    pub(crate) value: Value,
}

#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Value {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(String),
    List(Vec<Node>),
    Map(Vec<(Node, Node)>),
}

/// The tree of a text.
pub(crate) fn parse(text: &str) -> Result<Node, Wrong> {
    let options = serde_saphyr::options! {
        with_snippet: false,
        leading_zero_numbers_as_strings: true,
    };
    serde_saphyr::from_str_with_options(text, options).map_err(|error| {
        let place = error.location().map(Place::from).unwrap_or(Place { line: 1, column: 1 });
        let text = error.to_string();
        let tail = format!(" at line {}, column {}", place.line, place.column);
        let message = text.strip_suffix(&tail).unwrap_or(&text).replace('\n', "; ");
        Wrong { place, message }
    })
}

impl From<Location> for Place {
    fn from(location: Location) -> Self {
        Self { line: location.line(), column: location.column() }
    }
}

impl Node {
    pub(crate) fn wrong(&self, message: impl Into<String>) -> Wrong {
        Wrong { place: self.place, message: message.into() }
    }

    fn expected(&self, what: &str) -> Wrong {
        let is = match &self.value {
            Value::Null => "nothing",
            Value::Bool(_) => "a truth value",
            Value::Int(_) | Value::Float(_) => "a number",
            Value::Text(_) => "text",
            Value::List(_) => "a list",
            Value::Map(_) => "a mapping",
        };
        self.wrong(format!("expected {what}, found {is}"))
    }

    pub(crate) fn is_null(&self) -> bool {
        self.value == Value::Null
    }

    pub(crate) fn list(&self) -> Result<&[Node], Wrong> {
        match &self.value {
            Value::List(items) => Ok(items),
            _ => Err(self.expected("a list")),
        }
    }

    /// One or several.
    pub(crate) fn several(&self) -> &[Node] {
        match &self.value {
            Value::List(items) => items,
            _ => std::slice::from_ref(self),
        }
    }

    pub(crate) fn pairs(&self) -> Result<&[(Node, Node)], Wrong> {
        match &self.value {
            Value::Map(pairs) => Ok(pairs),
            _ => Err(self.expected("a mapping (key: value)")),
        }
    }

    /// Text, or what can stand for it: a number, a truth value.
    pub(crate) fn text(&self) -> Result<String, Wrong> {
        match &self.value {
            Value::Text(text) => Ok(text.clone()),
            Value::Int(number) => Ok(number.to_string()),
            Value::Float(number) => Ok(number.to_string()),
            Value::Bool(truth) => Ok(truth.to_string()),
            _ => Err(self.expected("text")),
        }
    }

    pub(crate) fn count(&self) -> Result<u64, Wrong> {
        let wrong = || self.expected("a number from 0");
        match self.value {
            Value::Int(number) => u64::try_from(number).map_err(|_| wrong()),
            _ => Err(wrong()),
        }
    }

    pub(crate) fn truth(&self) -> Result<bool, Wrong> {
        match self.value {
            Value::Bool(truth) => Ok(truth),
            _ => Err(self.expected("true or false")),
        }
    }

    pub(crate) fn texts(&self) -> Result<Vec<String>, Wrong> {
        self.several().iter().map(Self::text).collect()
    }

    /// The value of a key; an empty one is as if it was not there.
    pub(crate) fn get(&self, key: &str) -> Option<&Node> {
        let Value::Map(pairs) = &self.value else { return None };
        let pair = pairs.iter().find(|(k, _)| k.value == Value::Text(key.to_owned()))?;
        Some(&pair.1).filter(|node| !node.is_null())
    }

    /// As [`Node::get`], with what to make of it.
    pub(crate) fn opt<'n, T>(
        &'n self,
        key: &str,
        read: impl FnOnce(&'n Node) -> Result<T, Wrong>,
    ) -> Result<Option<T>, Wrong> {
        self.get(key).map(read).transpose()
    }

    /// Refuses keys that are not among these.
    pub(crate) fn only(&self, known: &[&str]) -> Result<(), Wrong> {
        for (key, _) in self.pairs()? {
            let name = key.text()?;
            if !known.contains(&&*name) {
                return Err(key.unknown("key", &name, known));
            }
        }
        Ok(())
    }

    /// That there is no such thing, and the nearest that there is.
    pub(crate) fn unknown(&self, what: &str, name: &str, known: &[&str]) -> Wrong {
        let hint = match nearest(name, known.iter().copied()) {
            Some(near) => format!("did you mean '{near}'?"),
            None if known.len() <= 16 => format!("known are {}", known.join(", ")),
            None => return self.wrong(format!("unknown {what} '{name}'")),
        };
        self.wrong(format!("unknown {what} '{name}'; {hint}"))
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let spanned = Spanned::<Value>::deserialize(deserializer)?;
        Ok(Self { place: spanned.referenced.into(), value: spanned.value })
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Any)
    }
}

struct Any;

impl<'de> Visitor<'de> for Any {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, truth: bool) -> Result<Value, E> {
        Ok(Value::Bool(truth))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(Value::Int(number))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        Ok(i64::try_from(number).map_or_else(|_| Value::Text(number.to_string()), Value::Int))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Value, E> {
        Ok(Value::Float(number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::Text(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Value::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut pairs: A) -> Result<Value, A::Error> {
        let mut map = Vec::new();
        while let Some(pair) = pairs.next_entry()? {
            map.push(pair);
        }
        Ok(Value::Map(map))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_knows_its_place() {
        let root = parse("a: 1\nb:\n  - {c: 0644, d: yes}\n  - [x, null]\n").expect("YAML");
        assert_eq!(root.get("a").map(Node::count), Some(Ok(1)));
        let items = root.get("b").expect("b").list().expect("a list");
        let c = items[0].get("c").expect("c");
        assert_eq!((c.place, c.text()), (Place { line: 3, column: 9 }, Ok("0644".to_owned())));
        assert_eq!(items[1].list().map(<[Node]>::len), Ok(2));
    }

    #[test]
    fn what_is_wrong_is_placed_and_mended() {
        let cases = [
            ("rule: [", "f:1:7: unclosed bracket"),
            ("count: x\n", "f:1:8: expected a number from 0, found text"),
            ("cuont: 1\n", "f:1:1: unknown key 'cuont'; did you mean 'count'?"),
            ("zzzzzzz: 1\n", "f:1:1: unknown key 'zzzzzzz'; known are count"),
            ("count: 1\ncount: 2\n", "f:2:1: duplicate mapping key: count"),
        ];
        for (text, expected) in cases {
            let read = |root: Node| {
                root.only(&["count"])?;
                root.get("count").expect("count").count()
            };
            let wrong = parse(text).and_then(read).expect_err("refused").in_file("f");
            assert!(wrong.starts_with(expected), "{wrong}");
        }
    }
}
