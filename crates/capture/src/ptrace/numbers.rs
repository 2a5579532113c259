//! Numbers of calls that libc does not name for every processor.
//!
//! arm64 has no call where a newer one does the same (`open` beside `openat`). There such calls have
//! numbers that no call has, so that the tables of calls are written once.
#![allow(non_upper_case_globals, reason = "named as libc names the others")]

use libc::c_long;

/// Since Linux 6.6; from 424 on, numbers are those of every processor.
pub(crate) const SYS_fchmodat2: c_long = 452;

/// From here on, numbers are of calls that this processor does not have.
pub(crate) const ABSENT_FROM: u32 = 1 << 16;

/// Calls that x86-64 has, and arm64 has not.
macro_rules! of_x86_64 {
    ($($name:ident)*) => {
        #[cfg(target_arch = "x86_64")]
        pub(crate) use libc::{$($name),*};
        #[cfg(not(target_arch = "x86_64"))]
        absent! { ABSENT_FROM as c_long => $($name)* }
    };
}

/// `absent! { first => NAME... }`: these are not there.
#[cfg(not(target_arch = "x86_64"))]
macro_rules! absent {
    ($number:expr =>) => {};
    ($number:expr => $name:ident $($rest:ident)*) => {
        pub(crate) const $name: c_long = $number;
        absent! { $number + 1 => $($rest)* }
    };
}

of_x86_64! {
    SYS_access SYS_chmod SYS_chown SYS_creat SYS_dup2 SYS_epoll_create SYS_epoll_wait SYS_eventfd
    SYS_fork SYS_futimesat SYS_inotify_init SYS_ioperm SYS_iopl SYS_lchown SYS_link SYS_mkdir
    SYS_mknod SYS_modify_ldt SYS_open SYS_pipe SYS_readlink SYS_rename SYS_rmdir SYS_signalfd
    SYS_symlink SYS_unlink SYS_uselib SYS_utime SYS_utimes SYS_vfork
}
