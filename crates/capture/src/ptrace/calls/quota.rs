//! Disk quotas: `quotactl(2)`.
//!
//! Source of layouts and numbers: linux/quota.h and linux/dqblk_xfs.h; what stands in which
//! parameter, and zero where a command has no such thing: the schema's recorders.

use event::syscalls::QUOTACTL_X;

use super::{
    Enter, Exit, Saved,
    params::Param::{Data, Kept, Result, U8, U16, U32, U64},
};

const Q_SYNC: u32 = 0x80_0001;
const Q_QUOTAON: u32 = 0x80_0002;
const Q_GETFMT: u32 = 0x80_0004;
const Q_GETINFO: u32 = 0x80_0005;
const Q_SETINFO: u32 = 0x80_0006;
const Q_GETQUOTA: u32 = 0x80_0007;
const Q_SETQUOTA: u32 = 0x80_0008;
/// `XQM_CMD(0)`.
const Q_XFS: u32 = 0x5800;
const Q_XGETQUOTA: u32 = Q_XFS + 3;
const Q_XSETQLIM: u32 = Q_XFS + 4;
/// The schema's `QFMT_NOT_USED`.
const NO_FORMAT: u8 = 1;

/// A command in the schema's numbering; 0 for one that it does not have.
fn command(number: u32) -> u16 {
    match number {
        Q_SYNC => 0x80,
        Q_QUOTAON..=Q_SETQUOTA => 1 << (number - Q_QUOTAON),
        0x5801..=0x5807 => 0x100 << (number - Q_XFS - 1),
        _ => 0,
    }
}

/// A format of quota files in the schema's numbering.
fn format(number: u32) -> u8 {
    match number {
        1 => 2,
        2 => 4,
        4 => 8,
        _ => NO_FORMAT,
    }
}

/// What a quota's parameters tell.
#[derive(Debug, Default)]
struct Told {
    /// Hard and soft limit of blocks, space in use, hard and soft limit of inodes, both grace
    /// periods of the id.
    limits: [u64; 7],
    /// Both grace periods of the file system.
    graces: [u64; 2],
    flags: u8,
}

/// The device, the quota file's path where there is one, and what is to be set.
pub(super) fn enter(enter: &Enter<'_>, saved: &mut Saved) {
    enter.save_path(1, saved);
    match enter.call.int(0) as u32 >> 8 {
        Q_QUOTAON => enter.save_path(3, saved),
        Q_SETQUOTA | Q_SETINFO => {
            saved.keep(|bytes| enter.memory.bytes(enter.call.arg(3), QUOTA_BYTES, bytes));
        }
        _ => {}
    }
}

/// Bytes of `struct if_dqblk` up to its padding, the larger of both.
const QUOTA_BYTES: usize = 68;

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..).and_then(<[u8]>::first_chunk).map_or(0, |value| u32::from_le_bytes(*value))
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    bytes.get(at..).and_then(<[u8]>::first_chunk).map_or(0, |value| u64::from_le_bytes(*value))
}

/// `struct if_dqblk`: seven of its eight numbers, and which of them are valid.
fn quota(bytes: &[u8]) -> [u64; 7] {
    /// Which bit of `dqb_valid` (`QIF_*`) a field needs, and where it stands.
    const FIELDS: [(u32, usize); 7] =
        [(1, 0), (1, 8), (2, 16), (4, 24), (4, 32), (16, 48), (32, 56)];
    let valid = u32_at(bytes, 64);
    FIELDS.map(|(bit, at)| if valid & bit == 0 { 0 } else { u64_at(bytes, at) })
}

/// `struct if_dqinfo`: grace periods and flags, and which of them are valid (`IIF_*`).
fn info(bytes: &[u8]) -> ([u64; 2], u8) {
    let valid = u32_at(bytes, 20);
    let number = |bit: u32, at| if valid & bit == 0 { 0 } else { u64_at(bytes, at) };
    let flags = if valid & 4 == 0 { 0 } else { u32_at(bytes, 16) as u8 };
    ([number(1, 0), number(2, 8)], flags)
}

fn told(number: u32, bytes: &[u8]) -> Told {
    match number {
        Q_GETQUOTA | Q_SETQUOTA => Told { limits: quota(bytes), ..Told::default() },
        Q_GETINFO | Q_SETINFO => {
            let (graces, flags) = info(bytes);
            Told { graces, flags, ..Told::default() }
        }
        _ => Told::default(),
    }
}

pub(super) fn quotactl(exit: &mut Exit<'_>) {
    let (saved, call, memory) = (exit.saved, exit.call, exit.memory);
    let (full, id) = (call.int(0) as u32, call.int(2) as u32);
    let number = full >> 8;
    let whose = match full & 0xFF {
        0 => 1,
        1 => 2,
        _ => 0,
    };
    let answer = matches!(number, Q_GETQUOTA | Q_GETINFO);
    let bytes: [u8; QUOTA_BYTES] =
        answer.then(|| memory.array(call.arg(3))).flatten().unwrap_or([0; QUOTA_BYTES]);
    let told = told(number, if answer { &bytes } else { saved.text(1).unwrap_or_default() });
    let found = match number {
        Q_GETFMT => format(memory.u32(call.arg(3)).unwrap_or(0)),
        _ => NO_FORMAT,
    };
    let is_id = matches!(number, Q_GETQUOTA | Q_SETQUOTA | Q_XGETQUOTA | Q_XSETQLIM);
    let special = if call.arg(1) == 0 { Data(&[]) } else { Kept(0) };
    let file = if number == Q_QUOTAON { Kept(1) } else { Data(&[]) };
    let [blocks, blocks_soft, space, inodes, inodes_soft, time, inodes_time] = told.limits.map(U64);
    let [grace, inodes_grace] = told.graces.map(U64);
    let params = [
        Result,
        special,
        file,
        blocks,
        blocks_soft,
        space,
        inodes,
        inodes_soft,
        time,
        inodes_time,
        grace,
        inodes_grace,
        U8(told.flags),
        U8(found),
        U16(command(number)),
        U8(whose),
        U32(if is_id { id } else { 0 }),
        U8(if number == Q_QUOTAON { format(id) } else { NO_FORMAT }),
    ];
    exit.event(QUOTACTL_X, &params);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_have_the_numbers_of_the_schema() {
        let names = event::symbols::QUOTACTL_CMDS;
        let number = |name: &str| names.iter().find(|s| s.name == name).unwrap().value;
        for (command_, name) in [
            (Q_SYNC, "Q_SYNC"),
            (Q_QUOTAON, "Q_QUOTAON"),
            (Q_GETFMT, "Q_GETFMT"),
            (Q_SETQUOTA, "Q_SETQUOTA"),
            (0x5801, "Q_XQUOTAON"),
            (Q_XSETQLIM, "Q_XSETQLIM"),
            (0x5807, "Q_XQUOTASYNC"),
        ] {
            assert_eq!(u64::from(command(command_)), u64::from(number(name)), "{name}");
        }
        assert_eq!(command(0x5808), 0);
    }

    #[test]
    fn what_is_not_valid_is_zero() {
        let mut bytes: Vec<u8> = (1..=8u64).flat_map(u64::to_le_bytes).collect();
        bytes.extend(0b1_0011_u32.to_le_bytes());
        assert_eq!(quota(&bytes), [1, 2, 3, 0, 0, 7, 0]);
        assert_eq!(quota(&bytes[..3]), [0; 7]);
        let mut bytes: Vec<u8> = [10, 20u64].into_iter().flat_map(u64::to_le_bytes).collect();
        bytes.extend([2, 0, 0, 0, 6, 0, 0, 0]);
        assert_eq!(info(&bytes), ([0, 20], 2));
    }
}
