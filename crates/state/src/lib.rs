//! Who and where: what is known of threads, fds, users, containers and pods at each event.
//!
//! [`State`] reads [`event::snapshot::Record`]s and events in order; for each event it hands out a
//! [`Context`]: the event together with the thread, fd and everything else it refers to. Memory is
//! bounded by [`Limits`]; what is evicted is counted in [`Counters`]. No I/O, no clock: time is the
//! event's.

mod active;
mod census;
mod containers;
mod context;
mod cpu_time;
mod fds;
mod interfaces;
mod limits;
mod lineage;
mod lookup;
mod machine;
mod open_fds;
mod parse;
pub mod path;
mod snapshot;
mod state;
mod text;
mod thread;
mod threads;
mod users;

pub use containers::{Container, Engine, Engines, Mount, SHORT_ID_BYTES, UnknownEngine};
pub use context::{Audience, Context};
pub use cpu_time::CpuTicks;
pub use fds::{Fd, FdFlags, FdTable, SockInfo};
pub use interfaces::Interfaces;
pub use limits::{Counters, Limits};
pub use lineage::{Ancestors, IdSpace};
pub use machine::MachineInfo;
pub use state::State;
pub use text::{Text, strings};
pub use thread::{CloneFlags, Thread};
pub use users::User;
