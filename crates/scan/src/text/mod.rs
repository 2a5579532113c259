//! Forms that several extractors read.
//!
//! - `formats`: JSON, TOML and YAML.
//! - `stanzas`: `Name: value` lines, in groups with empty lines between.
//! - `xml`: XML as a tree.

pub(crate) mod formats;
pub(crate) mod stanzas;
pub(crate) mod xml;
