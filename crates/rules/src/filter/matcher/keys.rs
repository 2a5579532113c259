//! What a value must look like to have any chance to pass: for looking up many tests at once.

use super::{Case, Matcher, TextMatcher, path::PathPrefixes};
use crate::filter::ast::Operator;

/// Most keys of one test; with more of them a test is evaluated by itself.
const MOST_KEYS: usize = 10_000;

/// Something that a value is or has.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Key {
    /// It is this text.
    Is(Box<[u8]>),
    /// It starts with this text.
    Starts(Box<[u8]>),
    /// It ends with this text.
    Ends(Box<[u8]>),
    /// This text is in it.
    Has(Box<[u8]>),
    /// It is this number.
    Number(i128),
}

impl Matcher {
    /// Keys of which every value that passes has at least one; `None` if there are no such.
    pub(in crate::filter) fn keys(&self) -> Option<Vec<Key>> {
        let keys = match self {
            Self::Never => Vec::new(),
            Self::Int { op: Operator::Eq, constant } => vec![Key::Number(*constant)],
            Self::Ints(numbers) => numbers.iter().copied().map(Key::Number).collect(),
            Self::Texts(set) => set.members().map(|member| Key::Is(member.into())).collect(),
            Self::Text(text) => return text.keys(),
            Self::Any(all) | Self::OneOf(all) => {
                let keys: Option<Vec<_>> = all.iter().map(Self::keys).collect();
                keys?.concat()
            }
            Self::All(all) => return all.iter().find_map(Self::keys),
            _ => return None,
        };
        (keys.len() <= MOST_KEYS).then_some(keys)
    }
}

impl TextMatcher {
    fn keys(&self) -> Option<Vec<Key>> {
        let key = match self {
            Self::Order { op: Operator::Eq, constant } => Key::Is(constant.clone()),
            Self::Startswith(start) if !start.is_empty() => Key::Starts(start.clone()),
            Self::Endswith(end) if !end.is_empty() => Key::Ends(end.clone()),
            Self::Contains(finder) if !finder.needle().is_empty() => {
                Key::Has(finder.needle().into())
            }
            Self::Glob { pattern, case: Case::Sensitive } => literal_of(pattern)?,
            Self::Path(prefixes) => return path_keys(prefixes),
            _ => return None,
        };
        Some(vec![key])
    }
}

/// What of a pattern stands at its start, or else at its end, without anything special in it.
fn literal_of(pattern: &[u8]) -> Option<Key> {
    let is_plain = |byte: &u8| !b"*?[]\\".contains(byte);
    let start = pattern.iter().take_while(|byte| is_plain(byte)).count();
    if start > 0 {
        return Some(Key::Starts(pattern.get(..start)?.into()));
    }
    let is_star_and_plain = pattern.first() == Some(&b'*') && pattern.iter().skip(1).all(is_plain);
    (is_star_and_plain && pattern.len() > 1).then(|| Key::Ends(pattern[1..].into()))
}

/// Paths match whatever number of slashes is between their components, so that only the first
/// component that is no pattern can be relied upon, wherever it stands.
fn path_keys(prefixes: &PathPrefixes) -> Option<Vec<Key>> {
    prefixes.first_components().map(|all| all.into_iter().map(Key::Has).collect())
}
