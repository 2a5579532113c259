//! Symbol tables: the names of flags, commands and options, as the scap schema numbers them.
//!
//! The order within a table is the order in which set flags are printed.
//! Source of the numbers: the public scap schema 4.5.1.

mod file;
mod ipc;
mod memory;
mod mount;
mod net;
mod process;

pub use self::{file::*, ipc::*, memory::*, mount::*, net::*, process::*};
