//! Tests of one value against constants that were prepared when the filter was compiled.

mod glob;
mod keys;
mod path;
mod regex;
mod rolling;
mod text;

use std::net::IpAddr;

pub(super) use glob::{Case, glob};
pub(super) use path::PathPrefixes;
pub(super) use regex::Regex;
pub(super) use text::{HasAny, Icontains, TextSet, contains, icontains};
use text::{SHORT, is_in_short};
pub(crate) use {
    keys::Key,
    rolling::{Rolling, Side},
    text::automaton,
};

use super::{
    ast::{Operator, Quantifier},
    constant::{Constant, Net},
};
use crate::value::Value;

/// A test of one value. A value of another kind than the test's never passes.
#[derive(Clone, Debug)]
pub(super) enum Matcher {
    Never,
    Bool {
        op: Equality,
        constant: bool,
    },
    Int {
        op: Operator,
        constant: i128,
    },
    Ints(Box<[i128]>),
    Float {
        op: Operator,
        constant: f64,
    },
    Ip {
        op: Equality,
        constant: IpAddr,
    },
    Net {
        op: Equality,
        constant: Net,
    },
    Text(TextMatcher),
    Texts(TextSet),
    /// Starts (or ends) with one of some texts.
    Side(Box<Rolling<()>>),
    /// One of some texts is in it.
    HasAny(HasAny),
    /// At least one passes.
    Any(Vec<Matcher>),
    /// Exactly one passes.
    OneOf(Vec<Matcher>),
    /// All pass. Of none at all: does not pass.
    All(Vec<Matcher>),
    Not(Box<Matcher>),
}

/// `=` or `!=`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Equality {
    Same,
    Different,
}

impl Equality {
    fn holds(self, same: bool) -> bool {
        same == (self == Self::Same)
    }

    fn of(op: Operator) -> Self {
        if op == Operator::Ne { Self::Different } else { Self::Same }
    }
}

/// A test of text or bytes against one constant.
#[derive(Clone, Debug)]
pub(super) enum TextMatcher {
    Order { op: Operator, constant: Box<[u8]> },
    Contains(Box<memchr::memmem::Finder<'static>>),
    Icontains(Icontains),
    Startswith(Box<[u8]>),
    Endswith(Box<[u8]>),
    Glob { pattern: Box<[u8]>, case: Case },
    Regex(Box<Regex>),
    Path(Box<PathPrefixes>),
}

impl Matcher {
    /// Memory that the automata of regular expressions take, bytes.
    pub(super) fn automaton_bytes(&self) -> usize {
        match self {
            Self::Text(TextMatcher::Regex(regex)) => regex.bytes(),
            Self::Any(several) | Self::OneOf(several) => {
                several.iter().map(Self::automaton_bytes).sum()
            }
            _ => 0,
        }
    }

    /// A test against one constant. The error says what is wrong with a regular expression.
    pub(super) fn one(op: Operator, constant: &Constant) -> Result<Self, String> {
        Ok(match constant {
            Constant::Bool(constant) => Self::Bool { op: Equality::of(op), constant: *constant },
            Constant::Int(constant) => Self::Int { op, constant: *constant },
            Constant::Float(constant) => Self::Float { op, constant: *constant },
            Constant::Ip(constant) => Self::Ip { op: Equality::of(op), constant: *constant },
            Constant::Net(constant) => Self::Net { op: Equality::of(op), constant: *constant },
            Constant::Bytes(constant) => Self::Text(TextMatcher::new(op, constant)?),
        })
    }

    /// A test that passes for exactly the values that are one of the constants.
    pub(super) fn set(constants: &[Constant]) -> Self {
        match constants.first() {
            None => Self::Never,
            Some(Constant::Bytes(_)) => {
                Self::Texts(TextSet::new(constants.iter().filter_map(|constant| match constant {
                    Constant::Bytes(bytes) => Some(bytes.clone()),
                    _ => None,
                })))
            }
            Some(Constant::Int(_)) => {
                let mut numbers: Vec<i128> = constants.iter().filter_map(Constant::int).collect();
                numbers.sort_unstable();
                numbers.dedup();
                Self::Ints(numbers.into())
            }
            // Equality against one constant cannot go wrong.
            Some(_) => Self::Any(
                constants.iter().filter_map(|c| Self::one(Operator::Eq, c).ok()).collect(),
            ),
        }
    }

    /// A test that passes for paths that begin with one of the constants.
    pub(super) fn paths(constants: &[Constant]) -> Self {
        let prefixes = constants.iter().filter_map(|constant| match constant {
            Constant::Bytes(bytes) => Some(&**bytes),
            _ => None,
        });
        Self::Text(TextMatcher::Path(Box::new(PathPrefixes::new(prefixes))))
    }

    /// A test against a list of constants.
    pub(super) fn quantified(
        quantifier: Quantifier,
        op: Operator,
        constants: &[Constant],
    ) -> Result<Self, String> {
        if constants.is_empty() {
            return Ok(Self::Never);
        }
        match (quantifier, op) {
            (Quantifier::AnyOf, Operator::Eq) => return Ok(Self::set(constants)),
            (Quantifier::AllOf, Operator::Ne) => {
                return Ok(Self::Not(Box::new(Self::set(constants))));
            }
            (Quantifier::AnyOf, op) => {
                if let Some(together) = Self::any_of(op, constants) {
                    return Ok(together);
                }
            }
            _ => {}
        }
        let each = constants.iter().map(|c| Self::one(op, c)).collect::<Result<_, _>>()?;
        Ok(match quantifier {
            Quantifier::OneOf => Self::OneOf(each),
            Quantifier::AnyOf => Self::Any(each),
            Quantifier::AllOf => Self::All(each),
        })
    }

    /// A test that looks for all constants in one pass, where there is one for the operator.
    fn any_of(op: Operator, constants: &[Constant]) -> Option<Self> {
        let texts = constants.iter().map(|constant| match constant {
            Constant::Bytes(text) if !text.is_empty() => Some(text.clone()),
            _ => None,
        });
        let texts: Vec<_> = texts.collect::<Option<_>>()?;
        let side = match op {
            Operator::Startswith | Operator::Bstartswith => Side::Start,
            Operator::Endswith => Side::End,
            Operator::Contains | Operator::Bcontains => {
                return HasAny::new(texts).map(Self::HasAny);
            }
            _ => return None,
        };
        let mut keys = Rolling::new(side);
        texts.into_iter().for_each(|text| keys.insert(text, ()));
        Some(Self::Side(Box::new(keys)))
    }

    /// Whether the value passes.
    #[inline]
    pub(super) fn matches(&self, value: Value<'_>) -> bool {
        match (self, value) {
            (Self::Text(matcher), Value::Text(text) | Value::Bytes(text)) => matcher.matches(text),
            (Self::Texts(set), Value::Text(text) | Value::Bytes(text)) => set.contains(text),
            (Self::Bool { op, constant }, Value::Bool(value)) => op.holds(value == *constant),
            (matcher, value) => matcher.matches_otherwise(value),
        }
    }

    /// [`Matcher::matches`] for the rarer ones.
    #[inline(never)]
    fn matches_otherwise(&self, value: Value<'_>) -> bool {
        match (self, value) {
            (Self::Side(keys), Value::Text(text) | Value::Bytes(text)) => {
                keys.find(text, |()| true)
            }
            (Self::HasAny(texts), Value::Text(text) | Value::Bytes(text)) => texts.is_in(text),
            (Self::Int { op, constant }, value) => {
                value.int().is_some_and(|number| ordered(*op, number.cmp(constant)))
            }
            (Self::Ints(set), value) => {
                value.int().is_some_and(|number| set.binary_search(&number).is_ok())
            }
            (Self::Float { op, constant }, Value::F64(value)) => {
                value.partial_cmp(constant).map_or(*op == Operator::Ne, |o| ordered(*op, o))
            }
            (Self::Ip { op, constant }, Value::Ip(value)) => op.holds(value == *constant),
            (Self::Net { op, constant }, Value::Ip(value)) => op.holds(constant.contains(value)),
            (Self::Any(all), value) => all.iter().any(|matcher| matcher.matches(value)),
            (Self::OneOf(all), value) => {
                all.iter().filter(|matcher| matcher.matches(value)).take(2).count() == 1
            }
            (Self::All(all), value) => all.iter().all(|matcher| matcher.matches(value)),
            (Self::Not(matcher), value) => !matcher.matches(value),
            _ => false,
        }
    }
}

impl Constant {
    fn int(&self) -> Option<i128> {
        match self {
            Self::Int(number) => Some(*number),
            _ => None,
        }
    }
}

impl Value<'_> {
    fn int(self) -> Option<i128> {
        match self {
            Self::I64(number) => Some(number.into()),
            Self::U64(number) => Some(number.into()),
            _ => None,
        }
    }
}

impl TextMatcher {
    fn new(op: Operator, constant: &[u8]) -> Result<Self, String> {
        Ok(match op {
            Operator::Contains | Operator::Bcontains => {
                Self::Contains(Box::new(memchr::memmem::Finder::new(constant).into_owned()))
            }
            Operator::Icontains => Self::Icontains(Icontains::new(constant)),
            Operator::Startswith | Operator::Bstartswith => Self::Startswith(constant.into()),
            Operator::Endswith => Self::Endswith(constant.into()),
            Operator::Glob => Self::Glob { pattern: constant.into(), case: Case::Sensitive },
            Operator::Iglob => Self::Glob { pattern: constant.into(), case: Case::Folded },
            Operator::Regex => {
                Self::Regex(Box::new(Regex::new(&String::from_utf8_lossy(constant))?))
            }
            Operator::Pmatch => Self::Path(Box::new(PathPrefixes::new(std::iter::once(constant)))),
            _ => Self::Order { op, constant: constant.into() },
        })
    }

    fn matches(&self, text: &[u8]) -> bool {
        match self {
            Self::Order { op: Operator::Eq, constant } => text == &**constant,
            Self::Order { op: Operator::Ne, constant } => text != &**constant,
            Self::Order { op, constant } => ordered(*op, text.cmp(constant)),
            Self::Contains(finder) if text.len() < SHORT => is_in_short(finder.needle(), text),
            Self::Contains(finder) => finder.find(text).is_some(),
            Self::Icontains(needle) => needle.is_in(text),
            Self::Startswith(start) => text.starts_with(start),
            Self::Endswith(end) => text.ends_with(end),
            Self::Glob { pattern, case } => glob(pattern, text, *case),
            Self::Regex(regex) => regex.matches(text),
            Self::Path(prefixes) => prefixes.matches(text),
        }
    }
}

/// Whether `op` holds between two things that compare so.
pub(super) fn ordered(op: Operator, order: std::cmp::Ordering) -> bool {
    match op {
        Operator::Eq | Operator::In | Operator::Intersects => order.is_eq(),
        Operator::Ne => order.is_ne(),
        Operator::Lt => order.is_lt(),
        Operator::Le => order.is_le(),
        Operator::Gt => order.is_gt(),
        Operator::Ge => order.is_ge(),
        _ => false,
    }
}

/// Whether `op` holds between two values of the same type, both known only now.
pub(super) fn compare(op: Operator, left: Value<'_>, right: Value<'_>) -> bool {
    match (left, right) {
        (Value::Text(left) | Value::Bytes(left), Value::Text(right) | Value::Bytes(right)) => {
            compare_text(op, left, right)
        }
        (Value::Bool(left), Value::Bool(right)) => ordered(op, left.cmp(&right)),
        (Value::Ip(left), Value::Ip(right)) => ordered(op, left.cmp(&right)),
        (Value::F64(left), Value::F64(right)) => {
            left.partial_cmp(&right).map_or(op == Operator::Ne, |order| ordered(op, order))
        }
        (left, right) => match (left.int(), right.int()) {
            (Some(left), Some(right)) => ordered(op, left.cmp(&right)),
            _ => false,
        },
    }
}

fn compare_text(op: Operator, left: &[u8], right: &[u8]) -> bool {
    match op {
        Operator::Contains | Operator::Bcontains => contains(left, right),
        Operator::Icontains => icontains(left, right),
        Operator::Startswith | Operator::Bstartswith => left.starts_with(right),
        Operator::Endswith => left.ends_with(right),
        Operator::Glob => glob(right, left, Case::Sensitive),
        Operator::Iglob => glob(right, left, Case::Folded),
        _ => ordered(op, left.cmp(right)),
    }
}
