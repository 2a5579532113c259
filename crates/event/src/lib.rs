//! The event: what everything else in Watchkeeper reads and writes.
//!
//! An event is one record of the scap schema: a header (time, thread, type), the lengths of its
//! parameters, and the parameters' bytes. The same bytes travel from the kernel to the disk;
//! [`Event`] is a borrowed, bounds-checked view of them, and [`EventBuilder`] makes new ones.
//!
//! - [`batch`]: events one behind the other in memory.
//! - [`schema`]: what an event type is: name, category, flags, parameters.
//! - [`decode`]: views of structured parameters: addresses, connections, lists of fds.
//! - [`syscalls`]: the 454 event types themselves, one table; a new syscall is added there.
//! - [`print`]: printed forms of parameters.
//! - [`names`]: names of error numbers, signals and capabilities.
//! - [`symbols`]: names of flags, commands and options.
//! - [`snapshot`]: what stood before the first event: machine, threads, fds, users, interfaces.
//! - [`alert`]: that an event matched a rule.
//! - [`dns`]: what name servers answer, and the notices of it; [`written`]: notices of how much was
//!   written to what is closed; [`tty`]: what terminals show, and lines of it.
//! - [`json`]: strings in JSON; [`mod@visible`]: text in which nothing is hidden.
//!
//! This crate does no I/O and holds no clock.

pub mod alert;
pub mod batch;
pub mod builder;
pub mod decode;
pub mod dns;
pub mod found;
pub mod handed;
pub mod json;
pub mod loss;
pub mod names;
mod notice;
pub mod print;
pub mod raw;
pub mod schema;
pub mod snapshot;
pub mod symbols;
pub mod syscalls;
pub mod tty;
pub mod visible;
mod words;
pub mod written;

pub use builder::EventBuilder;
pub use raw::{Event, Malformed, Param};
pub use schema::{EventInfo, EventType, ParamInfo, ParamType};
