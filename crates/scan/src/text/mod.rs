//! Forms that several extractors read.
//!
//! - `stanzas`: `Name: value` lines, in groups with empty lines between.
//! - `xml`: XML as a tree.

pub(crate) mod stanzas;
pub(crate) mod xml;
