//! What can be wrong with a version or a range.

use crate::Scheme;

/// Why a text is no version, or no range, of a scheme.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// There is nothing in it.
    #[error("empty {scheme} version; a version has at least one digit or letter")]
    Empty {
        /// Whose rules were asked for.
        scheme: Scheme,
    },
    /// It is longer than any real one.
    #[error("{scheme} version or range of {bytes} bytes; at most {limit} are read")]
    TooLong {
        /// Whose rules were asked for.
        scheme: Scheme,
        /// Its length.
        bytes: usize,
        /// The longest that is read.
        limit: usize,
    },
    /// The scheme gives it no place in its order.
    #[error("'{}' is no {scheme} version; expected {expected}", text.escape_debug())]
    Version {
        /// Whose rules were asked for.
        scheme: Scheme,
        /// The text.
        text: Box<str>,
        /// What a version looks like.
        expected: &'static str,
    },
    /// A range is not written in the scheme's notation.
    #[error("'{}' is no {scheme} range, at '{}'; expected {expected}",
        text.escape_debug(), part.escape_debug())]
    Range {
        /// Whose notation was asked for.
        scheme: Scheme,
        /// The whole range.
        text: Box<str>,
        /// The part that could not be read.
        part: Box<str>,
        /// What could stand there.
        expected: &'static str,
    },
}
