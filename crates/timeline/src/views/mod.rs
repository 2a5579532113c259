//! How a timeline is shown. Each view reads the one model; they share how things read in words
//! and what is folded.
//!
//! - [`words`]: commands, files, connections, rights and quantities as short text.
//! - [`fold`]: what stands alone, and what is told as one line for many.
//! - [`heading`]: what stands above a timeline.
//! - [`rules`]: alerts by rule.
//! - [`text`]: for a terminal of any width.
//! - [`markdown`]: for a ticket.
//! - [`html`]: one self-contained file for a browser.
//! - [`json`]: for programs.

pub mod fold;
pub mod heading;
pub mod html;
pub mod json;
pub mod markdown;
pub mod rules;
pub mod text;
pub mod words;
