//! The story of a window: what happened on a host, told so that a person understands it.
//!
//! A [`Builder`] reads events in their context and makes a [`Timeline`](model::Timeline): sessions,
//! trees of processes with their commands, files, network and privileges, alerts in their places,
//! gaps. Everything that shows a timeline reads that one model:
//!
//! - [`model`]: the types; what came from the recorded host is [`model::Recorded`] and can be shown
//!   only in a form that does no harm.
//! - [`build`]: events to model.
//! - [`summary`]: the story in plain words, by fixed templates, each sentence with its events.
//! - [`filter`]: a part of a timeline.
//! - [`views`]: text, Markdown, JSON, and one HTML file that opens offline.
//!
//! No I/O, no clock: time is that of the events. The same recording gives the same bytes.

pub mod build;
pub mod filter;
pub mod model;
pub mod summary;
#[cfg(any(test, feature = "samples"))]
#[cfg_attr(not(test), allow(dead_code))]
#[allow(clippy::expect_used)]
mod testing;
pub mod views;

pub use build::{Builder, Limits};
