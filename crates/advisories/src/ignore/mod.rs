//! Findings that whoever asks ignores, with a reason and for a while: `.watchkeeper.yaml`.
//!
//! - `read`: the file, with the places of its mistakes.
//! - `apply`: which findings it is of.
//! - `glob`: patterns of paths.

mod apply;
mod glob;
mod read;

pub use apply::{Ignored, apply};
pub use read::{Entry, IgnoreFile, read};
