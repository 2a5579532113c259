//! Signals to others.

use event::{
    EventType,
    syscalls::{KILL_X, TGKILL_X, TKILL_X},
};

use super::{Exit, Row, When, generic, nothing, number};

pub(super) const TABLE: &[Row] = &[
    row(libc::SYS_kill, "kill", |exit| sent(exit, KILL_X, 1)),
    row(libc::SYS_tkill, "tkill", |exit| sent(exit, TKILL_X, 1)),
    row(libc::SYS_tgkill, "tgkill", |exit| sent(exit, TGKILL_X, 2)),
    generic(libc::SYS_rt_sigqueueinfo, "rt_sigqueueinfo"),
    generic(libc::SYS_rt_tgsigqueueinfo, "rt_tgsigqueueinfo"),
    generic(libc::SYS_pidfd_send_signal, "pidfd_send_signal"),
];

const fn row(call: libc::c_long, name: &'static str, exit: fn(&mut Exit<'_>)) -> Row {
    Row { number: number(call), name, when: When::Always, enter: nothing, exit }
}

/// The result, so many ids, and the signal behind them. A signal with which a process kills itself
/// has no event, for its call does not return.
fn sent(exit: &mut Exit<'_>, kind: EventType, ids: usize) {
    let (result, call) = (exit.result, exit.call);
    let builder = exit.start(kind).i64(result);
    for at in 0..ids {
        builder.i64(i64::from(call.int(at)));
    }
    builder.u8(call.int(ids) as u8);
    exit.end();
}
