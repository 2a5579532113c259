//! Where events come from.
//!
//! A [`Source`] hands on [`Record`]s one at a time: first what stood before the first event, then
//! the events, all of the current schema. [`file`] reads and writes capture files (`.scap`).

pub mod ebpf;
mod error;
pub mod file;
pub mod proc;
pub mod ptrace;

pub use error::{Damage, Error};
pub use event::snapshot::Record;

/// Something that hands on what happens, one record at a time.
pub trait Source {
    /// The next record, borrowed from the source's buffers until the next call; `None` at the end.
    ///
    /// # Errors
    /// [`Error`] once, where the input cannot be read further; afterwards `None`.
    fn next(&mut self) -> Result<Option<Record<'_>>, Error>;
}

/// What comes next from a live source.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "borrowed, handed on one at a time, never stored")]
pub enum Next<'a> {
    /// A record.
    Record(Record<'a>),
    /// Nothing yet.
    Nothing,
    /// No more at all.
    End,
}
