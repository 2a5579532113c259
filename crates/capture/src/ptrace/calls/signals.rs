//! Signals to others.
//!
//! A signal with which a process kills itself has no event, for its call does not return; its end
//! tells the signal.

use event::syscalls::{KILL_X, TGKILL_X, TKILL_X};

use super::{
    Row, nothing,
    params::{
        Param::{Int, Result, U8},
        generic, row,
    },
};

pub(super) const TABLE: &[Row] = &[
    row(libc::SYS_kill, "kill", nothing, |exit| {
        exit.event(KILL_X, &[Result, Int(0), U8(exit.call.arg(1) as u8)]);
    }),
    row(libc::SYS_tkill, "tkill", nothing, |exit| {
        exit.event(TKILL_X, &[Result, Int(0), U8(exit.call.arg(1) as u8)]);
    }),
    row(libc::SYS_tgkill, "tgkill", nothing, |exit| {
        exit.event(TGKILL_X, &[Result, Int(0), Int(1), U8(exit.call.arg(2) as u8)]);
    }),
    generic(libc::SYS_rt_sigqueueinfo, "rt_sigqueueinfo"),
    generic(libc::SYS_rt_tgsigqueueinfo, "rt_tgsigqueueinfo"),
    generic(libc::SYS_pidfd_send_signal, "pidfd_send_signal"),
];
