//! Conditions explained to those who write them: what a condition says when everything in it is
//! drawn in, and why an event matches it or does not.
//!
//! - [`Tree`]: a condition as the tree that it is written as, walked the way the language is
//!   defined. Slow and simple, and so also what tests compare the compiled form with.
//! - [`Trace`]: the tree on one event: each part's result, each check's values.
//! - [`Reason`]: the few parts of it that decided.
//! - [`Funnel`]: how many events each part of a condition lets through.
//! - [`drawn_in`], [`inlined`], [`fields`]: the condition itself.

mod draw;
mod funnel;
mod reason;
mod shown;
mod trace;
mod tree;

pub use draw::{drawn_in, fields, inlined, safe, shortened};
pub use funnel::{Funnel, Step};
pub use reason::Reason;
pub use shown::Shown;
pub use trace::{Kind, Trace};
pub use tree::{Distance, Tree};
