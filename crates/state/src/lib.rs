//! Who and where: what is known of threads, fds, users, containers and pods at each event.
//!
//! [`State`] reads [`event::snapshot::Record`]s and events in order; for each event it hands out a
//! [`Context`]: the event together with the thread, fd and everything else it refers to. Memory is
//! bounded by [`Limits`]; what is evicted is counted in [`Counters`]. No I/O, no clock: time is the
//! event's.

mod containers;
mod context;
mod cpu_time;
mod fd;
mod interfaces;
mod lineage;
mod lookup;
pub mod path;
mod state;
mod thread;
mod users;

pub use containers::{Container, Engine, Engines, Mount, SHORT_ID_BYTES};
pub use context::Context;
pub use cpu_time::CpuTicks;
pub use fd::{Fd, FdFlags, FdTable, SockInfo};
pub use interfaces::Interfaces;
pub use lineage::{Ancestors, IdSpace};
pub use state::{Counters, Limits, State};
pub use thread::{CloneFlags, Text, Thread, strings};
pub use users::User;
