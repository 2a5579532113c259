//! Fields of the event itself: when, what, with which arguments, with which result.

mod args;
mod count;
mod infra;
mod io;
mod kind;
mod names;
mod open;
mod result;
#[cfg(test)]
mod tests;
mod time;

pub(crate) use kind::syscall_code;
pub use names::EventNames;

use super::Field;

/// The tables, one for each subject.
pub(super) const FIELDS: &[&[Field]] = &[
    time::FIELDS,
    kind::FIELDS,
    args::FIELDS,
    result::FIELDS,
    io::FIELDS,
    open::FIELDS,
    count::FIELDS,
    infra::FIELDS,
];
