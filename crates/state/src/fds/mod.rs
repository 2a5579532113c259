//! Open file descriptors: what they refer to, their names, the tables that hold them.

mod fd;
mod names;
mod snapshot;
mod sock;
mod table;

pub(crate) use fd::O_CLOEXEC;
pub use fd::{Fd, FdFlags};
pub(crate) use names::{addr_name, plain_name, socktuple_name, tuple_name, unix_name};
pub(crate) use snapshot::{of_entry, orient, server_port};
pub use sock::SockInfo;
pub use table::FdTable;
pub(crate) use table::Inserted;
