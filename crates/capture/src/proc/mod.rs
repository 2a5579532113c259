//! What the kernel tells of running processes, read from `/proc`.
//!
//! [`Facts`] holds what the events of a new process or program tell of one thread, read anew at each
//! clone and exec, and [`Snapshot`] what stood before the first event. Both take what they read for
//! what it is: text that is partly in the hands of whoever is watched (names, arguments, paths), of
//! threads that may be gone at any moment.
//!
//! - [`parse`]: the texts, as pure functions of bytes
//! - `dir`: one thread's directory, read with few calls and no allocation
//! - `facts`, with `exe` (the executable), `overlay` (its layer), `cgroups` and `namespace` (when
//!   its pid namespace began)
//! - `snapshot`: the machine, its accounts and interfaces, processes with their threads and fds
//! - `sys`: the calls that need unsafe code

mod cgroups;
mod dir;
mod error;
mod exe;
mod facts;
mod namespace;
mod overlay;
pub mod parse;
mod snapshot;
mod sys;

pub use error::Error;
pub use exe::ExeFacts;
pub use facts::{Extent, Facts};
pub(crate) use snapshot::anonymous;
pub use snapshot::{LeftOut, Limits, Snapshot};
