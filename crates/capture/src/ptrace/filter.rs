//! The seccomp filter: which calls stop.
//!
//! A classic BPF program over `struct seccomp_data` (linux/seccomp.h). Numbers are found by a
//! binary search of a few comparisons, which the kernel also runs once at installation to learn
//! which numbers are always allowed: those cost no program at all afterwards. Conditions on
//! arguments look at their lower 32 bits, as the calls themselves do.

use std::hash::{BuildHasher, Hasher, RandomState};

use super::calls::{Row, When};

/// `AUDIT_ARCH_X86_64` and `AUDIT_ARCH_I386` of linux/audit.h.
pub(super) const ARCH_X86_64: u32 = 0xC000_003E;
pub(super) const ARCH_I386: u32 = 0x4000_0003;

/// What stands in a program for [`Marks`], until they are put in.
const OURS: u16 = 1;
const STRICT: u16 = 2;

/// `SECCOMP_RET_TRACE`; its lower half is for the tracer.
const RET_TRACE_BITS: u32 = 0x7FF0_0000;
const RET_TRACE: u32 = RET_TRACE_BITS | OURS as u32;
const RET_ALLOW: u32 = 0x7FFF_0000;
/// Where `seccomp_data` has the number, the architecture, and the arguments of 8 bytes each.
const NUMBER_AT: u32 = 0;
const ARCH_AT: u32 = 4;
const ARGS_AT: u32 = 16;
/// Calls of the x32 ABI have this bit; they are traced whatever they are, for there are few.
pub(super) const X32_BIT: u32 = 0x4000_0000;

const LOAD: u16 = 0x20;
const JUMP_EQUAL: u16 = 0x15;
const JUMP_GREATER_EQUAL: u16 = 0x35;
const JUMP_SET: u16 = 0x45;
const RETURN: u16 = 0x06;

/// An instruction, as `struct sock_filter` has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub(super) struct Instruction {
    code: u16,
    if_true: u8,
    if_false: u8,
    value: u32,
}

impl Instruction {
    /// As the kernel reads it.
    pub(super) fn bytes(&self) -> [u8; 8] {
        let ([a, b], [c, d, e, f]) = (self.code.to_le_bytes(), self.value.to_le_bytes());
        [a, b, self.if_true, self.if_false, c, d, e, f]
    }
}

/// What our filters say of calls that stop, so that stops that a program's own filters ask for are
/// told apart. Made anew for each trace: a program that knew them could have its filter say the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Marks {
    /// A call that is to be recorded.
    pub(super) ours: u16,
    /// A call that strict mode forbids.
    pub(super) strict: u16,
}

impl Marks {
    pub(super) fn new() -> Self {
        let random = RandomState::new().build_hasher().finish();
        let ours = random as u16;
        Self { ours, strict: ours ^ ((random >> 16) as u16).max(1) }
    }

    /// Puts them into a program.
    pub(super) fn put_into(self, mut program: Vec<Instruction>) -> Vec<Instruction> {
        for instruction in program.iter_mut().filter(|instruction| instruction.code == RETURN) {
            let mark = match instruction.value.wrapping_sub(RET_TRACE_BITS) {
                mark if mark == u32::from(OURS) => self.ours,
                mark if mark == u32::from(STRICT) => self.strict,
                _ => continue,
            };
            instruction.value = RET_TRACE_BITS | u32::from(mark);
        }
        program
    }
}

fn load(at: u32) -> Instruction {
    Instruction { code: LOAD, if_true: 0, if_false: 0, value: at }
}

fn answer(value: u32) -> Instruction {
    Instruction { code: RETURN, if_true: 0, if_false: 0, value }
}

fn jump(code: u16, value: u32, if_true: u8, if_false: u8) -> Instruction {
    Instruction { code, if_true, if_false, value }
}

/// A call that stops, by number, in ascending order.
type Wanted<'a> = (u32, &'a When);

/// The program for these calls of x86-64, and for the same of 32-bit programs by `i386`, which is
/// sorted by number.
pub(super) fn program(rows: &[&Row], i386: &[u32]) -> Vec<Instruction> {
    let mut native: Vec<Wanted<'_>> = rows.iter().map(|row| (row.number, &row.when)).collect();
    native.sort_by_key(|(number, _)| *number);
    let compat: Vec<Wanted<'_>> = i386.iter().map(|number| (*number, &When::Always)).collect();
    let compat = search(&compat);
    let mut program = vec![
        load(ARCH_AT),
        jump(JUMP_EQUAL, ARCH_X86_64, 0, 1),
        // Over the 32-bit part, whose length needs more than a jump's 8 bits: an unconditional one.
        always(1 + compat.len() as u32),
        load(NUMBER_AT),
    ];
    program.extend(compat);
    program.push(load(NUMBER_AT));
    program.push(jump(JUMP_GREATER_EQUAL, X32_BIT, 0, 1));
    program.push(answer(RET_TRACE));
    program.extend(search(&native));
    program
}

/// What strict mode allows (`read`, `write`, `_exit`, `sigreturn`), as a filter; other calls stop.
pub(super) fn strict() -> Vec<Instruction> {
    let allowed = [libc::SYS_read, libc::SYS_write, libc::SYS_exit, libc::SYS_rt_sigreturn];
    let mut program = vec![load(NUMBER_AT)];
    for number in allowed {
        program.push(jump(JUMP_EQUAL, number as u32, 0, 1));
        program.push(answer(RET_ALLOW));
    }
    program.push(answer(RET_TRACE_BITS | u32::from(STRICT)));
    program
}

fn always(by: u32) -> Instruction {
    Instruction { code: 0x05, if_true: 0, if_false: 0, value: by }
}

/// Finds the number, loaded before, among those wanted.
fn search(wanted: &[Wanted<'_>]) -> Vec<Instruction> {
    match wanted {
        [] => vec![answer(RET_ALLOW)],
        [(number, when)] => {
            let mut leaf = vec![jump(JUMP_EQUAL, *number, 1, 0), answer(RET_ALLOW)];
            leaf.extend(condition(when));
            leaf
        }
        _ => {
            let (low, high) = wanted.split_at(wanted.len() / 2);
            let (low_part, high_part) = (search(low), search(high));
            let first_high = high.first().map_or(0, |(number, _)| *number);
            let mut node =
                vec![jump(JUMP_GREATER_EQUAL, first_high, 0, 1), always(low_part.len() as u32)];
            node.extend(low_part);
            node.extend(high_part);
            node
        }
    }
}

/// Decides by the call's arguments.
fn condition(when: &When) -> Vec<Instruction> {
    let argument = |at: u8| load(ARGS_AT + 8 * u32::from(at));
    match *when {
        When::Always => vec![answer(RET_TRACE)],
        When::Bits { arg, mask } => {
            vec![argument(arg), jump(JUMP_SET, mask, 1, 0), answer(RET_ALLOW), answer(RET_TRACE)]
        }
        When::OneOf { arg, values } => {
            let mut part = vec![argument(arg)];
            for value in values {
                part.push(jump(JUMP_EQUAL, *value, 0, 1));
                part.push(answer(RET_TRACE));
            }
            part.push(answer(RET_ALLOW));
            part
        }
        // A pointer may be zero in its lower half only.
        When::NotNull { arg } => vec![
            argument(arg),
            jump(JUMP_EQUAL, 0, 1, 0),
            answer(RET_TRACE),
            load(ARGS_AT + 8 * u32::from(arg) + 4),
            jump(JUMP_EQUAL, 0, 1, 0),
            answer(RET_TRACE),
            answer(RET_ALLOW),
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ptrace::calls;

    /// Runs a program as the kernel does.
    fn run(program: &[Instruction], number: u32, arch: u32, args: [u64; 6]) -> u32 {
        let mut data = [0; 64];
        data[0..4].copy_from_slice(&number.to_le_bytes());
        data[4..8].copy_from_slice(&arch.to_le_bytes());
        for (at, arg) in args.iter().enumerate() {
            data[16 + at * 8..24 + at * 8].copy_from_slice(&arg.to_le_bytes());
        }
        let (mut at, mut value) = (0, 0);
        loop {
            let instruction = program[at];
            at += 1;
            let jump =
                |taken| usize::from(if taken { instruction.if_true } else { instruction.if_false });
            let operand = instruction.value;
            match instruction.code {
                LOAD => {
                    let from = operand as usize;
                    value = u32::from_le_bytes(data[from..from + 4].try_into().unwrap());
                }
                0x05 => at += operand as usize,
                JUMP_EQUAL => at += jump(value == operand),
                JUMP_GREATER_EQUAL => at += jump(value >= operand),
                JUMP_SET => at += jump(value & operand != 0),
                RETURN => return operand,
                other => panic!("unknown instruction {other}"),
            }
        }
    }

    #[test]
    fn marks_stand_for_what_stops_and_differ() {
        let marks = Marks { ours: 2, strict: 1 };
        let wanted: Vec<&Row> = calls::all().collect();
        let ours = marks.put_into(program(&wanted, &[]));
        assert_eq!(run(&ours, 59, ARCH_X86_64, [0; 6]), RET_TRACE_BITS | 2);
        assert_eq!(run(&marks.put_into(strict()), 2, ARCH_X86_64, [0; 6]), RET_TRACE_BITS | 1);
        for _ in 0..100 {
            let Marks { ours, strict } = Marks::new();
            assert_ne!(ours, strict);
        }
    }

    #[test]
    fn every_number_stops_as_its_row_says() {
        let rows: Vec<&Row> = calls::all().collect();
        let program = program(&rows, &[1, 5, 11]);
        assert!(program.len() < 4096, "the kernel takes 4096 instructions");
        for number in 0..700 {
            let row = rows.iter().find(|row| row.number == number);
            for args in [[0; 6], [u64::MAX; 6], [1 << 40; 6], [4; 6]] {
                let stops = run(&program, number, ARCH_X86_64, args) == RET_TRACE;
                assert_eq!(
                    stops,
                    row.is_some_and(|row| row.when.holds(&args)),
                    "{number} {args:?}"
                );
            }
            let stops = run(&program, number, ARCH_I386, [0; 6]) == RET_TRACE;
            assert_eq!(stops, [1, 5, 11].contains(&number), "{number}");
        }
        assert_eq!(run(&program, X32_BIT | 257, ARCH_X86_64, [0; 6]), RET_TRACE);
    }
}
