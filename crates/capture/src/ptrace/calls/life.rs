//! What processes do to processes: limits, sessions, prctl, ptrace.

use event::syscalls::{PRCTL_X, PRLIMIT_X, PTRACE_X, SECCOMP_X, SETPGID_X, SETRLIMIT_X, SETSID_X};

use super::{
    Abi, Enter, Exit, Row, Saved, When, nothing,
    params::{
        Param::{Arg32, Arg64, Data, I64, Int, Kept, Result, U8, U16, U64},
        generic, row,
    },
};
use crate::ptrace::memory::Memory;

pub(super) const TABLE: &[Row] = &[
    row(libc::SYS_setpgid, "setpgid", nothing, |exit| {
        exit.event(SETPGID_X, &[Result, Int(0), Int(1)]);
    }),
    row(libc::SYS_setsid, "setsid", nothing, |exit| exit.event(SETSID_X, &[Result])),
    row(libc::SYS_setrlimit, "setrlimit", enter_setrlimit, setrlimit),
    // Programs ask for their limits more often than they set them.
    Row {
        when: When::NotNull { arg: 2 },
        ..row(libc::SYS_prlimit64, "prlimit64", enter_prlimit, prlimit)
    },
    Row { when: PRCTL_OPTIONS, ..row(libc::SYS_prctl, "prctl", enter_prctl, prctl) },
    row(libc::SYS_ptrace, "ptrace", nothing, ptrace),
    row(libc::SYS_seccomp, "seccomp", nothing, |exit| {
        let flags = u64::from(exit.call.arg(1) as u32);
        exit.event(SECCOMP_X, &[Result, Arg64(0), U64(flags)]);
    }),
    generic(libc::SYS_kcmp, "kcmp"),
    generic(libc::SYS_landlock_restrict_self, "landlock_restrict_self"),
];

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
    let (text, number) = match exit.call.arg(0) as u32 {
        PR_SET_NAME => (Kept(0), I64(0)),
        _ => (Data(&[]), Arg64(1)),
    };
    exit.event(PRCTL_X, &[Result, Arg32(0), text, number]);
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
    let [current, most, ..] = exit.saved.numbers;
    exit.event(SETRLIMIT_X, &[Result, U64(current), U64(most), U8(resource(exit.call.int(0)))]);
}

fn enter_prlimit(enter: &Enter<'_>, saved: &mut Saved) {
    let [current, most] = limits64(enter.memory, enter.call.arg(2));
    saved.numbers[0] = current;
    saved.numbers[1] = most;
}

/// The old limits are zeros if the program did not want them, and -1 if the call failed.
fn prlimit(exit: &mut Exit<'_>) {
    let ([current, most, ..], call) = (exit.saved.numbers, exit.call);
    let [old_current, old_most] = match exit.succeeded() {
        true => limits64(exit.memory, call.arg(3)),
        false => [u64::MAX; 2],
    };
    let [current, most, old_current, old_most] = [current, most, old_current, old_most].map(U64);
    let resource = U8(resource(call.int(1)));
    exit.event(PRLIMIT_X, &[Result, current, most, old_current, old_most, Int(0), resource]);
}

/// First byte of a dynamic parameter: which encoding follows (`PTRACE_DYNAMIC_PARAMS`).
const AS_NUMBER: u8 = 0;
const AS_SIGNAL: u8 = 1;

/// The schema's `PTRACE_PEEK*`, behind which the word that was read stands where `data` points to,
/// and those whose `data` is a signal.
const PEEKS: [u16; 3] = [2, 3, 4];
const WITH_SIGNAL: [u16; 4] = [8, 0xA, 0xC, 0xD];

fn ptrace(exit: &mut Exit<'_>) {
    let request = request(exit.call.arg(0));
    let (address, data) = match exit.succeeded() {
        true => (exit.call.arg(2), exit.call.arg(3)),
        false => (0, 0),
    };
    let signal = [AS_SIGNAL, data as u8];
    let data = match exit.succeeded() && PEEKS.contains(&request) {
        true => as_number(exit.memory.word(data).unwrap_or(0)),
        false => as_number(data),
    };
    let is_signal = exit.succeeded() && WITH_SIGNAL.contains(&request);
    let data = if is_signal { Data(&signal) } else { Data(&data) };
    exit.event(PTRACE_X, &[Result, Data(&as_number(address)), data, U16(request), Int(1)]);
}

fn as_number(value: u64) -> [u8; 9] {
    let mut encoded = [AS_NUMBER; 9];
    encoded[1..].copy_from_slice(&value.to_le_bytes());
    encoded
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_have_the_numbers_of_the_schema() {
        let names = event::symbols::PTRACE_REQUESTS;
        for (number, name) in [
            (libc::PTRACE_TRACEME, "PTRACE_TRACEME"),
            (libc::PTRACE_PEEKTEXT, "PTRACE_PEEKTEXT"),
            (libc::PTRACE_POKEUSER, "PTRACE_POKEUSR"),
            (libc::PTRACE_SINGLESTEP, "PTRACE_SINGLESTEP"),
            // libc does not name them for every processor.
            (12, "PTRACE_GETREGS"),
            (15, "PTRACE_SETFPREGS"),
            (libc::PTRACE_ATTACH, "PTRACE_ATTACH"),
            (libc::PTRACE_DETACH, "PTRACE_DETACH"),
            (libc::PTRACE_SYSCALL, "PTRACE_SYSCALL"),
            (libc::PTRACE_SETOPTIONS, "PTRACE_SETOPTIONS"),
            (libc::PTRACE_GETEVENTMSG, "PTRACE_GETEVENTMSG"),
            (libc::PTRACE_GETSIGINFO, "PTRACE_GETSIGINFO"),
            (libc::PTRACE_SETREGSET, "PTRACE_SETREGSET"),
            (libc::PTRACE_SEIZE, "PTRACE_SEIZE"),
            (libc::PTRACE_INTERRUPT, "PTRACE_INTERRUPT"),
            (libc::PTRACE_PEEKSIGINFO, "PTRACE_PEEKSIGINFO"),
            (0x420b, "PTRACE_SETSIGMASK"),
            (0x420e, "PTRACE_UNKNOWN"),
            (11, "PTRACE_UNKNOWN"),
        ] {
            let symbol = names.iter().find(|symbol| symbol.name == name).unwrap();
            assert_eq!(u32::from(request(u64::from(number))), symbol.value, "{name}");
        }
    }
}
