//! How a timeline is shown. Each view reads the one model; they share how things read in words
//! and what is folded.
//!
//! - [`words`]: commands, files, connections, rights and quantities as short text.
//! - [`fold`]: what stands alone, and what is told as one line for many.
//! - [`heading`]: what stands above a timeline.
<<<<<<< HEAD
//! - [`html`]: one self-contained file for a browser.
=======
//! - [`rules`]: alerts by rule.
>>>>>>> w-text
//! - [`text`]: for a terminal of any width.
//! - [`markdown`]: for a ticket.
//! - [`json`]: for programs.

pub mod fold;
pub mod heading;
<<<<<<< HEAD
pub mod html;
=======
pub mod json;
pub mod markdown;
pub mod rules;
>>>>>>> w-text
pub mod text;
pub mod words;
