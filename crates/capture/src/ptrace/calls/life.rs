//! What processes do to processes: limits, sessions, prctl, ptrace.

use event::syscalls::{PRCTL_X, PRLIMIT_X, PTRACE_X, SECCOMP_X, SETPGID_X, SETRLIMIT_X, SETSID_X};

use super::{Abi, Enter, Exit, Row, Saved, When, generic, nothing, number, text_or_null};
use crate::ptrace::memory::Memory;

pub(super) const TABLE: &[Row] = &[
    row(libc::SYS_setpgid, "setpgid", When::Always, nothing, setpgid),
    row(libc::SYS_setsid, "setsid", When::Always, nothing, setsid),
    row(libc::SYS_setrlimit, "setrlimit", When::Always, enter_setrlimit, setrlimit),
    // Programs ask for their limits more often than they set them.
    row(libc::SYS_prlimit64, "prlimit64", When::NotNull { arg: 2 }, enter_prlimit, prlimit),
    row(libc::SYS_prctl, "prctl", PRCTL_OPTIONS, enter_prctl, prctl),
    row(libc::SYS_ptrace, "ptrace", When::Always, nothing, ptrace),
    row(libc::SYS_seccomp, "seccomp", When::Always, nothing, seccomp),
    generic(libc::SYS_kcmp, "kcmp"),
    generic(libc::SYS_landlock_restrict_self, "landlock_restrict_self"),
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

/// Options that change what a process is called, who may look into it, what it may do, and who
/// inherits its children. Others (timers, names of mappings, cost of speculation) are left alone.
const PRCTL_OPTIONS: When = When::OneOf {
    arg: 0,
    values: &[
        libc::PR_SET_PDEATHSIG as u32,
        libc::PR_SET_DUMPABLE as u32,
        libc::PR_SET_KEEPCAPS as u32,
        PR_SET_NAME,
        libc::PR_SET_SECCOMP as u32,
        libc::PR_CAPBSET_DROP as u32,
        libc::PR_SET_SECUREBITS as u32,
        libc::PR_SET_MM as u32,
        libc::PR_SET_CHILD_SUBREAPER as u32,
        libc::PR_SET_NO_NEW_PRIVS as u32,
        libc::PR_CAP_AMBIENT as u32,
        PR_SET_SYSCALL_USER_DISPATCH,
        libc::PR_SET_PTRACER as u32,
    ],
};
const PR_SET_NAME: u32 = libc::PR_SET_NAME as u32;
/// Since Linux 5.11: calls of a range of code are no calls but signals.
const PR_SET_SYSCALL_USER_DISPATCH: u32 = 59;
/// `TASK_COMM_LEN`: the kernel looks at no more of a name.
const NAME_BYTES: usize = 16;

fn enter_prctl(enter: &Enter<'_>, saved: &mut Saved) {
    if enter.call.int(0) as u32 == PR_SET_NAME {
        saved.keep(|bytes| enter.memory.text(enter.call.arg(1), NAME_BYTES - 1, bytes));
    }
}

fn prctl(exit: &mut Exit<'_>) {
    let (result, saved, call) = (exit.result, exit.saved, exit.call);
    let option = call.int(0) as u32;
    let number = if option == PR_SET_NAME { 0 } else { call.arg(1) as i64 };
    text_or_null(exit.start(PRCTL_X).i64(result).u32(option), saved.text(0)).i64(number);
    exit.end();
}

fn setpgid(exit: &mut Exit<'_>) {
    let (result, call) = (exit.result, exit.call);
    exit.start(SETPGID_X).i64(result).i64(call.int(0).into()).i64(call.int(1).into());
    exit.end();
}

fn setsid(exit: &mut Exit<'_>) {
    let result = exit.result;
    exit.start(SETSID_X).i64(result);
    exit.end();
}

/// Resources have the kernel's numbers in the schema; those that it does not have are unknown.
fn resource(number: i32) -> u8 {
    u8::try_from(number).ok().filter(|number| *number < 16).unwrap_or(0xFF)
}

/// `struct rlimit` of the program; zeros if it cannot be read. "No limit" is -1.
fn limits(memory: Memory, address: u64) -> [u64; 2] {
    let width = memory.word_bytes();
    let limit = |at: u64| match memory.word(address.wrapping_add(at)) {
        Some(value) if memory.abi == Abi::Bits32 && value == u64::from(u32::MAX) => u64::MAX,
        Some(value) => value,
        None => 0,
    };
    [limit(0), limit(width)]
}

/// `struct rlimit64`, the same for all programs; zeros if it cannot be read.
fn limits64(memory: Memory, address: u64) -> [u64; 2] {
    [0, 8].map(|at| memory.u64(address.wrapping_add(at)).unwrap_or(0))
}

fn enter_setrlimit(enter: &Enter<'_>, saved: &mut Saved) {
    let [current, most] = limits(enter.memory, enter.call.arg(1));
    saved.numbers[0] = current;
    saved.numbers[1] = most;
}

fn setrlimit(exit: &mut Exit<'_>) {
    let (result, [current, most, ..], call) = (exit.result, exit.saved.numbers, exit.call);
    exit.start(SETRLIMIT_X).i64(result).u64(current).u64(most).u8(resource(call.int(0)));
    exit.end();
}

fn enter_prlimit(enter: &Enter<'_>, saved: &mut Saved) {
    let [current, most] = limits64(enter.memory, enter.call.arg(2));
    saved.numbers[0] = current;
    saved.numbers[1] = most;
}

/// The old limits are zeros if the program did not want them, and -1 if the call failed.
fn prlimit(exit: &mut Exit<'_>) {
    let (result, [current, most, ..], call) = (exit.result, exit.saved.numbers, exit.call);
    let old = match exit.succeeded() {
        true => limits64(exit.memory, call.arg(3)),
        false => [u64::MAX; 2],
    };
    exit.start(PRLIMIT_X)
        .i64(result)
        .u64(current)
        .u64(most)
        .u64(old[0])
        .u64(old[1])
        .i64(call.int(0).into())
        .u8(resource(call.int(1)));
    exit.end();
}

fn seccomp(exit: &mut Exit<'_>) {
    let (result, call) = (exit.result, exit.call);
    exit.start(SECCOMP_X).i64(result).u64(call.arg(0)).u64(u64::from(call.int(1) as u32));
    exit.end();
}

/// First byte of a dynamic parameter: which encoding follows (`PTRACE_DYNAMIC_PARAMS`).
const AS_NUMBER: u8 = 0;
const AS_SIGNAL: u8 = 1;

/// The schema's `PTRACE_PEEK*`, behind which the word that was read stands where `data` points to,
/// and those whose `data` is a signal.
const PEEKS: [u16; 3] = [2, 3, 4];
const WITH_SIGNAL: [u16; 4] = [8, 0xA, 0xC, 0xD];

fn ptrace(exit: &mut Exit<'_>) {
    let (result, call, memory) = (exit.result, exit.call, exit.memory);
    let request = request(call.arg(0));
    let (address, data) = match exit.succeeded() {
        true => (call.arg(2), call.arg(3)),
        false => (0, 0),
    };
    let builder = exit.start(PTRACE_X).i64(result);
    builder.raw_parts(&[&[AS_NUMBER], &address.to_le_bytes()]);
    if result >= 0 && WITH_SIGNAL.contains(&request) {
        builder.raw(&[AS_SIGNAL, data as u8]);
    } else {
        let peeked = result >= 0 && PEEKS.contains(&request);
        let value = if peeked { memory.word(data).unwrap_or(0) } else { data };
        builder.raw_parts(&[&[AS_NUMBER], &value.to_le_bytes()]);
    }
    builder.u16(request).i64(call.int(1).into());
    exit.end();
}

/// A request in the schema's numbering; 0 for one that it does not have.
///
/// Source: linux/ptrace.h, asm/ptrace-abi.h, and the schema's symbols
/// (`event::symbols::PTRACE_REQUESTS`).
fn request(number: u64) -> u16 {
    match number {
        0..=9 => number as u16 + 1, // TRACEME to SINGLESTEP
        12 => 0x1A,                 // GETREGS
        13 => 0x1B,                 // SETREGS
        14 => 0x1C,                 // GETFPREGS
        15 => 0x1D,                 // SETFPREGS
        16 => 0xB,                  // ATTACH
        17 => 0xC,                  // DETACH
        18 => 0x1E,                 // GETFPXREGS
        19 => 0x1F,                 // SETFPXREGS
        21 => 0x20,                 // OLDSETOPTIONS
        24 => 0xD,                  // SYSCALL
        25 => 0x21,                 // GET_THREAD_AREA
        26 => 0x22,                 // SET_THREAD_AREA
        30 => 0x23,                 // ARCH_PRCTL
        31 => 0x24,                 // SYSEMU
        32 => 0x25,                 // SYSEMU_SINGLESTEP
        33 => 0x26,                 // SINGLEBLOCK
        0x4200 => 0xE,              // SETOPTIONS
        0x4201 => 0xF,              // GETEVENTMSG
        0x4202..=0x420B => (number - 0x4202) as u16 + 0x10, // GETSIGINFO to SETSIGMASK
        _ => 0,
    }
}
