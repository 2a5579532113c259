//! What reaches into the kernel: modules, bpf, io_uring, keys, userfaultfd, perf events; and what
//! changes the machine: its clock, names, swap, ports.

use event::syscalls::{
    BPF_2_X, DELETE_MODULE_X, FINIT_MODULE_X, INIT_MODULE_X, IO_URING_ENTER_X, IO_URING_REGISTER_X,
    IO_URING_SETUP_X, USERFAULTFD_X,
};

use super::{
    Enter, Exit, Row, Saved, When, generic, keys, nothing, number, quota, renumbered, text_or_null,
    unspecific,
};

pub(super) const TABLE: &[Row] = &[
    row(libc::SYS_init_module, "init_module", When::Always, enter_init_module, init_module),
    row(libc::SYS_finit_module, "finit_module", When::Always, enter_finit_module, finit_module),
    row(libc::SYS_delete_module, "delete_module", When::Always, enter_name, delete_module),
    generic(libc::SYS_kexec_load, "kexec_load"),
    generic(libc::SYS_kexec_file_load, "kexec_file_load"),
    row(libc::SYS_bpf, "bpf", When::Always, nothing, bpf),
    generic(libc::SYS_perf_event_open, "perf_event_open"),
    row(libc::SYS_userfaultfd, "userfaultfd", When::Always, nothing, userfaultfd),
    row(libc::SYS_io_uring_setup, "io_uring_setup", When::Always, nothing, io_uring_setup),
    // Only when something is submitted: waiting for what was submitted before tells nothing, and
    // is what a busy ring mostly does. A ring whose entries a kernel thread picks up submits
    // without any call; that it is such a one stands in the event of its setup.
    row(
        libc::SYS_io_uring_enter,
        "io_uring_enter",
        When::NotNull { arg: 1 },
        nothing,
        io_uring_enter,
    ),
    row(libc::SYS_io_uring_register, "io_uring_register", When::Always, nothing, io_uring_register),
    generic(libc::SYS_add_key, "add_key"),
    generic(libc::SYS_request_key, "request_key"),
    row(libc::SYS_keyctl, "keyctl", When::Always, keys::enter, keys::keyctl),
    row(libc::SYS_quotactl, "quotactl", When::Always, quota::enter, quota::quotactl),
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
    row(libc::SYS_adjtimex, "adjtimex", When::Always, |e, s| enter_adjust(e, s, 0), adjust),
    row(
        libc::SYS_clock_adjtime,
        "clock_adjtime",
        When::Always,
        |e, s| enter_adjust(e, s, 1),
        adjust,
    ),
    generic(libc::SYS_iopl, "iopl"),
    generic(libc::SYS_ioperm, "ioperm"),
    generic(libc::SYS_modify_ldt, "modify_ldt"),
    generic(libc::SYS_uselib, "uselib"),
];

const fn row(
    call: libc::c_long,
    name: &'static str,
    when: When,
    enter: fn(&Enter<'_>, &mut Saved),
    exit: fn(&mut Exit<'_>),
) -> Row {
    Row { number: number(call), name, when, enter, exit }
}

/// Most bytes of a module's image in its event: all that a parameter can hold. Few modules are
/// loaded, and each of them is of interest.
const IMAGE_BYTES: usize = u16::MAX as usize;

fn enter_init_module(enter: &Enter<'_>, saved: &mut Saved) {
    enter.save_path(2, saved);
    let most = usize::try_from(enter.call.arg(1)).unwrap_or(usize::MAX).min(IMAGE_BYTES);
    saved.keep(|image| enter.memory.bytes(enter.call.arg(0), most, image));
}

fn init_module(exit: &mut Exit<'_>) {
    let (result, saved, bytes) = (exit.result, exit.saved, exit.call.arg(1));
    let image = saved.text(1).unwrap_or_default();
    text_or_null(exit.start(INIT_MODULE_X).i64(result).raw(image).u64(bytes), saved.text(0));
    exit.end();
}

fn enter_finit_module(enter: &Enter<'_>, saved: &mut Saved) {
    enter.save_path(1, saved);
}

/// The flags that the schema has, which have the kernel's numbers.
const FINIT_FLAGS: u32 = 7;

fn finit_module(exit: &mut Exit<'_>) {
    let (result, saved, call) = (exit.result, exit.saved, exit.call);
    let builder = exit.start(FINIT_MODULE_X).i64(result).i64(call.int(0).into());
    text_or_null(builder, saved.text(0)).u32(call.int(2) as u32 & FINIT_FLAGS);
    exit.end();
}

fn enter_name(enter: &Enter<'_>, saved: &mut Saved) {
    enter.save_path(0, saved);
}

fn delete_module(exit: &mut Exit<'_>) {
    let (result, saved, flags) = (exit.result, exit.saved, exit.call.int(1) as u32);
    let pairs = [(libc::O_NONBLOCK as u32, 2), (libc::O_TRUNC as u32, 1)];
    let flags = renumbered(flags, &pairs);
    text_or_null(exit.start(DELETE_MODULE_X).i64(result), saved.text(0)).u32(flags);
    exit.end();
}

fn bpf(exit: &mut Exit<'_>) {
    let (result, command) = (exit.result, exit.call.int(0) as u32);
    exit.start(BPF_2_X).i64(result).u32(command);
    exit.end();
}

/// The flags are the kernel's own, as the schema's recorders write them.
fn userfaultfd(exit: &mut Exit<'_>) {
    let (result, flags) = (exit.result, exit.call.int(0) as u32);
    exit.start(USERFAULTFD_X).i64(result).u32(flags);
    exit.end();
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
    let (result, call) = (exit.result, exit.call);
    let params: [u8; 24] = exit.memory.array(call.arg(1)).unwrap_or_default();
    let mut words =
        params.chunks_exact(4).map(|word| u32::from_le_bytes(word.try_into().unwrap_or_default()));
    let mut next = || words.next().unwrap_or(0);
    let (entries, completions, flags, cpu, idle, features) =
        (next(), next(), next(), next(), next(), next());
    exit.start(IO_URING_SETUP_X)
        .i64(result)
        .u32(call.int(0) as u32)
        .u32(entries)
        .u32(completions)
        .u32(renumbered(flags, SETUP_FLAGS))
        .u32(cpu)
        .u32(idle)
        .u32(features & FEATURES);
    exit.end();
}

/// `IORING_ENTER_*` that the schema has, which have the kernel's numbers.
const ENTER_FLAGS: u32 = 0xF;

/// The signal set is the lower half of its address, as the schema's recorders write it.
fn io_uring_enter(exit: &mut Exit<'_>) {
    let (result, call) = (exit.result, exit.call);
    exit.start(IO_URING_ENTER_X)
        .i64(result)
        .i64(call.int(0).into())
        .u32(call.int(1) as u32)
        .u32(call.int(2) as u32)
        .u32(call.int(3) as u32 & ENTER_FLAGS)
        .u32(call.int(4) as u32);
    exit.end();
}

fn io_uring_register(exit: &mut Exit<'_>) {
    let (result, call) = (exit.result, exit.call);
    exit.start(IO_URING_REGISTER_X)
        .i64(result)
        .i64(call.int(0).into())
        .u16(call.int(1) as u16)
        .u64(call.arg(2))
        .u32(call.int(3) as u32);
    exit.end();
}

/// `modes` of `struct timex` (linux/timex.h), its first field: what is to be set.
fn enter_adjust(enter: &Enter<'_>, saved: &mut Saved, timex: usize) {
    saved.numbers[0] = enter.memory.u32(enter.call.arg(timex)).map_or(0, u64::from);
}

/// Only if something was to be set: programs that keep time ask often.
fn adjust(exit: &mut Exit<'_>) {
    if exit.saved.numbers[0] != 0 {
        unspecific(exit);
    }
}
