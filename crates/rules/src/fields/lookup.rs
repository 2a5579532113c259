//! From a name as written to a field and its argument.

use std::{collections::HashMap, fmt, sync::OnceLock};

use event::EventType;
use thiserror::Error;

use super::{Argument, ArgumentSpec, CLASSES, Extract, Field, FieldTraits};
use crate::value::FieldType;

/// A field together with its argument, as filters and formats use it.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldRef {
    /// The field.
    pub field: &'static Field,
    /// What stands in brackets or after a dot.
    pub argument: Argument,
}

/// Why a name does not denote a field.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum FieldError {
    /// No such field.
    #[error("unknown field '{name}'")]
    Unknown {
        /// The name as written.
        name: String,
        /// The most similar name there is, if any is similar.
        nearest: Option<&'static str>,
    },
    /// The field means nothing without an argument.
    #[error("field '{0}' needs an argument")]
    ArgumentNeeded(&'static str),
    /// The field takes no argument.
    #[error("field '{0}' takes no argument")]
    ArgumentRefused(&'static str),
    /// The argument has to be a number.
    #[error("the argument of '{name}' has to be a number, not '{argument}'")]
    NotANumber {
        /// Field.
        name: &'static str,
        /// What stands there.
        argument: String,
    },
    /// No event has a parameter of this name.
    #[error("no event has a parameter '{name}'")]
    UnknownParameter {
        /// The name as written.
        name: String,
        /// The most similar one.
        nearest: Option<&'static str>,
    },
    /// No event type has this name.
    #[error("unknown event type '{name}'")]
    UnknownEventType {
        /// The name as written.
        name: String,
        /// The most similar one.
        nearest: Option<&'static str>,
    },
}

impl FieldError {
    /// How to mend it, if that is known.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Unknown { nearest, .. }
            | Self::UnknownParameter { nearest, .. }
            | Self::UnknownEventType { nearest, .. } => {
                nearest.map(|n| format!("did you mean '{n}'?"))
            }
            Self::ArgumentNeeded(name) => Some(format!("write {name}[...]")),
            Self::ArgumentRefused(name) => Some(format!("write {name}")),
            Self::NotANumber { name, .. } => Some(format!("write {name}[1]")),
        }
    }
}

/// Every field, class by class.
pub fn all() -> impl Iterator<Item = &'static Field> {
    CLASSES.iter().flat_map(|class| class.fields.iter().copied().flatten())
}

/// The field of exactly this name, without argument.
pub fn find(name: &str) -> Option<&'static Field> {
    static BY_NAME: OnceLock<HashMap<&'static str, &'static Field>> = OnceLock::new();
    BY_NAME.get_or_init(|| all().map(|field| (field.name, field)).collect()).get(name).copied()
}

impl FieldRef {
    /// Parses a field as written: `proc.name`, `proc.aname[2]`, `evt.arg.flags`.
    ///
    /// # Errors
    /// See [`FieldError`].
    pub fn parse(text: &str) -> Result<Self, FieldError> {
        match text.strip_suffix(']').and_then(|t| t.split_once('[')) {
            Some((name, argument)) => Self::resolve(name, Some(argument)),
            None => Self::resolve(text, None),
        }
    }

    /// Finds the field of this (dotted) name and gives it the argument that stood in brackets.
    ///
    /// # Errors
    /// See [`FieldError`].
    pub fn resolve(name: &str, bracket: Option<&str>) -> Result<Self, FieldError> {
        if let Some(field) = find(name) {
            return Ok(Self { field, argument: field.parse_argument(bracket)? });
        }
        match (dotted(name), bracket) {
            (Some((field, argument)), None) => {
                Ok(Self { field, argument: field.parse_argument(Some(argument))? })
            }
            _ => Err(FieldError::Unknown { name: name.to_owned(), nearest: nearest_field(name) }),
        }
    }
}

/// Whether a text is a field's name, maybe with an argument. Cheaper than [`FieldRef::parse`],
/// which looks for similar names where there is none.
pub(crate) fn is_field(text: &str) -> bool {
    let name = text.split_once('[').map_or(text, |(name, _)| name);
    name.contains('.') && (find(name).is_some() || dotted(name).is_some())
}

/// A field whose argument follows behind a dot, and that argument.
fn dotted(name: &str) -> Option<(&'static Field, &str)> {
    name.match_indices('.').rev().find_map(|(dot, _)| {
        let field = find(&name[..dot])?;
        field.traits.contains(FieldTraits::DOTTED).then_some((field, &name[dot + 1..]))
    })
}

impl fmt::Display for FieldRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.field.name)?;
        match &self.argument {
            Argument::None => Ok(()),
            Argument::Key(key) if self.field.traits.contains(FieldTraits::DOTTED) => {
                write!(f, ".{key}")
            }
            Argument::Key(key) => write!(f, "[{key}]"),
            Argument::Index(index) => write!(f, "[{index}]"),
        }
    }
}

impl fmt::Debug for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Field({})", self.name)
    }
}

impl PartialEq for Field {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Field {
    /// Whether it can stand in an output format. Both ends of a connection can, as formats of other
    /// tools have them, but there is never a value to print.
    pub fn is_printable(&self) -> bool {
        !self.traits.contains(FieldTraits::FILTER_ONLY)
    }

    /// Whether it can be compared with another field, and stand in `val()`.
    pub fn takes_field(&self) -> bool {
        !(self.traits.contains(FieldTraits::NO_RHS)
            || matches!(self.ty, FieldType::IpNet | FieldType::Dynamic)
            || !matches!(self.extract, Extract::One(_)))
    }

    /// Whether `tolower()` and the like can be put around it.
    pub fn takes_transformer(&self) -> bool {
        !(self.traits.contains(FieldTraits::NO_TRANSFORMER)
            || matches!(self.ty, FieldType::IpNet | FieldType::Dynamic)
            || matches!(self.extract, Extract::Ends(_) | Extract::Searched { .. }))
    }

    /// Whether its value is a list.
    pub fn is_list(&self) -> bool {
        matches!(self.extract, Extract::List(_))
    }

    fn parse_argument(&'static self, text: Option<&str>) -> Result<Argument, FieldError> {
        let (required, index, key) = match self.argument {
            ArgumentSpec::None => (false, false, false),
            ArgumentSpec::Index { required } => (required, true, false),
            ArgumentSpec::Key { required } => (required, false, true),
            ArgumentSpec::IndexOrKey { required } => (required, true, true),
        };
        let Some(text) = text else {
            return if required {
                Err(FieldError::ArgumentNeeded(self.name))
            } else {
                Ok(Argument::None)
            };
        };
        if !index && !key {
            return Err(FieldError::ArgumentRefused(self.name));
        }
        match text.parse() {
            Ok(number) if index => Ok(Argument::Index(number)),
            _ if key => self.parse_key(text),
            _ => Err(FieldError::NotANumber { name: self.name, argument: text.to_owned() }),
        }
    }

    fn parse_key(&self, key: &str) -> Result<Argument, FieldError> {
        if self.traits.contains(FieldTraits::KEY_IS_PARAMETER) && !parameters().any(|p| p == key) {
            let nearest = nearest(key, parameters());
            return Err(FieldError::UnknownParameter { name: key.to_owned(), nearest });
        }
        if self.traits.contains(FieldTraits::KEY_IS_EVENT_TYPE) && !event_types().any(|t| t == key)
        {
            let nearest = nearest(key, event_types());
            return Err(FieldError::UnknownEventType { name: key.to_owned(), nearest });
        }
        Ok(Argument::Key(key.to_owned()))
    }
}

fn parameters() -> impl Iterator<Item = &'static str> {
    EventType::all().flat_map(|kind| kind.info().params).map(|param| param.name)
}

fn event_types() -> impl Iterator<Item = &'static str> {
    EventType::all().map(|kind| kind.info().name)
}

fn nearest_field(name: &str) -> Option<&'static str> {
    nearest(name, all().map(|field| field.name))
}

/// The candidate that differs least from `name`, if it differs in no more than a third of it.
pub fn nearest<'c>(name: &str, candidates: impl Iterator<Item = &'c str>) -> Option<&'c str> {
    let name = &name.as_bytes()[..name.len().min(64)];
    let most = (name.len() / 3).max(1);
    candidates
        .map(|candidate| (edits(name, candidate.as_bytes()), candidate))
        .filter(|&(edits, _)| edits <= most)
        // Of equally similar ones, one that was not written to its end.
        .min_by_key(|&(edits, candidate)| (edits, !candidate.as_bytes().starts_with(name)))
        .map(|(_, candidate)| candidate)
}

/// Insertions, deletions, substitutions and swaps of neighbours that turn `a` into `b`.
fn edits(a: &[u8], b: &[u8]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, &x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, &y) in b.iter().enumerate() {
            let mut best = (last[j] + usize::from(x != y)).min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && x == b[j - 1] && a[i - 1] == y {
                best = best.min(before[j - 1] + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearest_is_the_most_similar_name_or_none() {
        let names = ["proc.name", "proc.pname", "fd.name", "evt.type"];
        let cases = [
            ("proc.nme", Some("proc.name")),
            ("proc.naem", Some("proc.name")),
            ("evt.tpye", Some("evt.type")),
            ("fd.nam", Some("fd.name")),
            ("something.else", None),
            ("", None),
        ];
        for (written, expected) in cases {
            assert_eq!(nearest(written, names.into_iter()), expected, "{written}");
        }
    }
}
