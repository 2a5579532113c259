//! What a value must look like to have any chance to pass: for looking up many tests at once.

use super::{Case, Matcher, Side, TextMatcher, path::PathPrefixes};
use crate::filter::ast::Operator;

/// Most keys of one test; with more of them a test is evaluated by itself.
const MOST_KEYS: usize = 10_000;

/// Shortest part of a value that is a key: `/` is in every path.
const SHORTEST: usize = 3;

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

impl Key {
    /// At one side of a value; `None` for so short a text that it tells little.
    fn at(side: Side, text: &[u8]) -> Option<Self> {
        let key = if side == Side::Start { Self::Starts } else { Self::Ends };
        (text.len() >= SHORTEST).then(|| key(text.into()))
    }

    /// Anywhere in a value.
    fn has(text: &[u8]) -> Option<Self> {
        (text.len() >= SHORTEST).then(|| Self::Has(text.into()))
    }
}

impl Matcher {
    /// Keys of which every value that passes has at least one; `None` if there are no such.
    pub(in crate::filter) fn keys(&self) -> Option<Vec<Key>> {
        let keys = match self {
            Self::Never => Vec::new(),
            Self::Int { op: Operator::Eq, constant } => vec![Key::Number(*constant)],
            Self::Ints(numbers) => numbers.iter().copied().map(Key::Number).collect(),
            Self::Texts(set) => set.members().map(|member| Key::Is(member.into())).collect(),
            Self::Side(keys) => {
                keys.keys().map(|(side, key)| Key::at(side, key)).collect::<Option<_>>()?
            }
            Self::HasAny(texts) => {
                texts.texts().iter().map(|t| Key::has(t)).collect::<Option<_>>()?
            }
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
            Self::Startswith(start) => Key::at(Side::Start, start)?,
            Self::Endswith(end) => Key::at(Side::End, end)?,
            Self::Contains(finder) => Key::has(finder.needle())?,
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
        return Key::at(Side::Start, pattern.get(..start)?);
    }
    let is_star_and_plain = pattern.first() == Some(&b'*') && pattern.iter().skip(1).all(is_plain);
    let end = pattern.get(1..).filter(|_| is_star_and_plain)?;
    Key::at(Side::End, end)
}

/// Paths match whatever number of slashes is between their components, so that only the first
/// component that is no pattern can be relied upon, wherever it stands.
fn path_keys(prefixes: &PathPrefixes) -> Option<Vec<Key>> {
    prefixes.first_components()?.iter().map(|component| Key::has(component)).collect()
}
