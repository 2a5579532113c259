//! The texts of `/proc` and `/etc`, as pure functions of bytes.
//!
//! None of them panics or allocates without bound, whatever the bytes are. What cannot be read is
//! `None` or left out, as each says. The formats are those of `proc(5)`, `passwd(5)`, `group(5)` and
//! of the kernel's `Documentation/filesystems/proc.rst`.

mod accounts;
mod cgroup;
mod fdinfo;
mod idmap;
mod list;
mod machine;
mod mounts;
mod sockets;
mod stat;
mod status;
mod text;

pub use accounts::{group, passwd};
pub use cgroup::{
    CgroupForm, UNIFIED, Unified, cgroup_lists_equal, encode_cgroups, is_group_told, unified_path,
};
pub use fdinfo::{FdInfo, open_flags};
pub use idmap::is_mapped;
pub use list::{Cmdline, cmdline, list};
pub use machine::{Counters, counters, memory_bytes, open_files_limit};
pub use mounts::{Mount, mount};
pub use sockets::{Socket, SocketTable, socket};
pub(crate) use sockets::{of_ipv4, of_ipv6};
pub use stat::Stat;
pub use status::Status;
pub(super) use text::{lines, unsigned};

#[cfg(test)]
mod tests;
