//! Who and where: what is known of threads, fds, users, containers and pods at each event.
//!
//! [`State`] reads [`event::snapshot::Record`]s and events in order; for each event it hands out a
//! [`Context`]: the event together with the thread, fd and everything else it refers to. Memory is
//! bounded by [`Limits`]; what is evicted is counted in [`Counters`]. No I/O, no clock: time is the
//! event's.
//!
//! An event goes through four steps ([`State::event`]): what the one before ended is let go; its
//! thread and fd are looked up (`active`); what it does is done (`parse`, one file for each family
//! of syscalls); the context is handed out. What there is to change stands in
//!
//! - `threads`: threads by id, the threads of each process, parents and children;
//! - `fds`, `open_fds`: fds, their names, tables that a parent and its child share until one of them
//!   changes;
//! - [`path`]: joining paths; `interfaces`: the machine's own addresses; `users`; `containers`.
//!
//! Others read it through `lookup` and `lineage`; `snapshot` writes it down. `census` keeps it
//! within its limits.

mod active;
mod census;
mod containers;
mod context;
mod cpu_time;
mod fds;
mod found;
mod handed;
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

pub use containers::{
    Container, Engine, Engines, Mount, Named, SHORT_ID_BYTES, UnknownEngine, named_container,
};
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
