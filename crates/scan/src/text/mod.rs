//! Forms that several extractors read.
//!
//! - `stanzas`: `Name: value` lines, in groups with empty lines between.

pub(crate) mod stanzas;
