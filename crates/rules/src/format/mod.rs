//! Output formats: text with `%field` in it.

mod render;

pub use render::{field_json, field_text, json, json_string, text};
