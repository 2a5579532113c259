//! The rule language: fields, filters, and (on top of them) rules.
//!
//! - [`fields`]: every name that a filter, a rule or an output format may use, each in one place.
//! - [`value`]: what a field gives.
//! - [`filter`]: conditions over fields.
//! - [`mod@format`]: output formats, as text and as JSON.
//! - [`load`]: rule files.
//! - [`engine`]: many rules on each event.
//! - [`explain`]: what a condition says, and why an event matches it or not.
//! - [`alert`]: what is said of a match.
//! - [`format_rules`]: rule files in one style; [`attack`]: what tags say about ATT&CK.

pub mod alert;
pub mod attack;
pub mod engine;
pub mod explain;
pub mod fields;
pub mod filter;
pub mod format;
pub mod format_rules;
pub mod load;
pub mod value;
