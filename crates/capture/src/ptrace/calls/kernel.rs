//! What reaches into the kernel: modules, bpf, io_uring, keys, userfaultfd, perf events; and what
//! changes the machine: its clock, names, swap, ports.

use event::syscalls::{
    BPF_2_X, DELETE_MODULE_X, FINIT_MODULE_X, INIT_MODULE_X, IO_URING_ENTER_X, IO_URING_REGISTER_X,
    IO_URING_SETUP_X, USERFAULTFD_X,
};

use super::{
    Enter, Exit, Row, Saved, When, keys, nothing,
    params::{
        Param::{Arg32, Arg64, Data, Flags, Int, Kept, Result, U16, U32},
        generic, generic_event, path_0, path_1, row,
    },
    quota, renumbered,
};
use crate::ptrace::{numbers, waits};

pub(super) const TABLE: &[Row] = &[
    row(libc::SYS_init_module, "init_module", enter_init_module, init_module),
    row(libc::SYS_finit_module, "finit_module", path_1, finit_module),
    row(libc::SYS_delete_module, "delete_module", path_0, delete_module),
    generic(libc::SYS_kexec_load, "kexec_load"),
    generic(libc::SYS_kexec_file_load, "kexec_file_load"),
    row(libc::SYS_bpf, "bpf", nothing, |exit| exit.event(BPF_2_X, &[Result, Arg32(0)])),
    generic(libc::SYS_perf_event_open, "perf_event_open"),
    // The flags are the kernel's own, as the schema's recorders write them.
    row(libc::SYS_userfaultfd, "userfaultfd", nothing, |exit| {
        if exit.succeeded() {
            waits::memory_is_watched();
        }
        exit.event(USERFAULTFD_X, &[Result, Arg32(0)]);
    }),
    row(libc::SYS_io_uring_setup, "io_uring_setup", nothing, io_uring_setup),
    // Only when something is submitted: waiting for what was submitted before tells nothing, and
    // is what a busy ring mostly does. A ring whose entries a kernel thread picks up submits
    // without any call; that it is such a one stands in the event of its setup.
    Row {
        when: When::NotNull { arg: 1 },
        ..row(libc::SYS_io_uring_enter, "io_uring_enter", nothing, io_uring_enter)
    },
    row(libc::SYS_io_uring_register, "io_uring_register", nothing, io_uring_register),
    generic(libc::SYS_add_key, "add_key"),
    generic(libc::SYS_request_key, "request_key"),
    row(libc::SYS_keyctl, "keyctl", keys::enter, keys::keyctl),
    row(libc::SYS_quotactl, "quotactl", quota::enter, quota::quotactl),
    generic(libc::SYS_quotactl_fd, "quotactl_fd"),
    generic(libc::SYS_fanotify_init, "fanotify_init"),
    generic(libc::SYS_syslog, "syslog"),
    generic(libc::SYS_acct, "acct"),
    generic(libc::SYS_reboot, "reboot"),
    generic(libc::SYS_swapon, "swapon"),
    generic(libc::SYS_swapoff, "swapoff"),
    generic(libc::SYS_vhangup, "vhangup"),
    generic(libc::SYS_sethostname, "sethostname"),
    generic(libc::SYS_setdomainname, "setdomainname"),
    generic(libc::SYS_settimeofday, "settimeofday"),
    generic(libc::SYS_clock_settime, "clock_settime"),
    row(libc::SYS_adjtimex, "adjtimex", |e, s| enter_adjust(e, s, 0), adjust),
    row(libc::SYS_clock_adjtime, "clock_adjtime", |e, s| enter_adjust(e, s, 1), adjust),
    generic(numbers::SYS_iopl, "iopl"),
    generic(numbers::SYS_ioperm, "ioperm"),
    generic(numbers::SYS_modify_ldt, "modify_ldt"),
    generic(numbers::SYS_uselib, "uselib"),
];

/// Most bytes of a module's image in its event: all that a parameter can hold. Few modules are
/// loaded, and each of them is of interest.
const IMAGE_BYTES: usize = u16::MAX as usize;

fn enter_init_module(enter: &Enter<'_>, saved: &mut Saved) {
    enter.save_path(2, saved);
    let most = usize::try_from(enter.call.arg(1)).unwrap_or(usize::MAX).min(IMAGE_BYTES);
    saved.keep(|image| enter.memory.bytes(enter.call.arg(0), most, image));
}

fn init_module(exit: &mut Exit<'_>) {
    let image = exit.saved.text(1).unwrap_or_default();
    exit.event(INIT_MODULE_X, &[Result, Data(image), Arg64(1), Kept(0)]);
}

/// The flags that the schema has, which have the kernel's numbers.
const FINIT_FLAGS: u32 = 7;

fn finit_module(exit: &mut Exit<'_>) {
    let flags = Flags(2, |flags| flags & FINIT_FLAGS);
    exit.event(FINIT_MODULE_X, &[Result, Int(0), Kept(0), flags]);
}

fn delete_module(exit: &mut Exit<'_>) {
    let flags =
        |flags| renumbered(flags, &[(libc::O_NONBLOCK as u32, 2), (libc::O_TRUNC as u32, 1)]);
    exit.event(DELETE_MODULE_X, &[Result, Kept(0), Flags(1, flags)]);
}

/// `IORING_SETUP_*` of linux/io_uring.h in the schema's numbering, which counts one more among
/// them that is a flag of another field.
const SETUP_FLAGS: &[(u32, u32)] =
    &[(1, 1), (2, 2), (4, 8), (8, 0x10), (0x10, 0x20), (0x20, 0x40), (0x40, 0x80)];
/// `IORING_FEAT_*` that the schema has, which have the kernel's numbers.
const FEATURES: u32 = 0x7FF;

/// `struct io_uring_params` behind the call, when the kernel has filled it; zeros if it cannot be
/// read.
fn io_uring_setup(exit: &mut Exit<'_>) {
    let word = |at: u64| {
        let address = exit.call.arg(1).wrapping_add(4 * at);
        exit.memory.u32(address).unwrap_or(0)
    };
    let [entries, completions, flags, cpu, idle, features] = [0, 1, 2, 3, 4, 5].map(word);
    let (flags, features) = (renumbered(flags, SETUP_FLAGS), features & FEATURES);
    let [entries, completions, flags, cpu, idle, features] =
        [entries, completions, flags, cpu, idle, features].map(U32);
    exit.event(
        IO_URING_SETUP_X,
        &[Result, Arg32(0), entries, completions, flags, cpu, idle, features],
    );
}

/// `IORING_ENTER_*` that the schema has, which have the kernel's numbers.
const ENTER_FLAGS: u32 = 0xF;

/// The signal set is the lower half of its address, as the schema's recorders write it.
fn io_uring_enter(exit: &mut Exit<'_>) {
    let flags = Flags(3, |flags| flags & ENTER_FLAGS);
    exit.event(IO_URING_ENTER_X, &[Result, Int(0), Arg32(1), Arg32(2), flags, Arg32(4)]);
}

fn io_uring_register(exit: &mut Exit<'_>) {
    let operation = U16(exit.call.arg(1) as u16);
    exit.event(IO_URING_REGISTER_X, &[Result, Int(0), operation, Arg64(2), Arg32(3)]);
}

/// `modes` of `struct timex` (linux/timex.h), its first field: what is to be set.
fn enter_adjust(enter: &Enter<'_>, saved: &mut Saved, timex: usize) {
    saved.numbers[0] = enter.memory.u32(enter.call.arg(timex)).map_or(0, u64::from);
}

/// Only if something was to be set: programs that keep time ask often.
fn adjust(exit: &mut Exit<'_>) {
    if exit.saved.numbers[0] != 0 {
        generic_event(exit);
    }
}
