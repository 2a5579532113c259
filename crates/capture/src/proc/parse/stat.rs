//! `/proc/PID/task/TID/stat`.

use super::text::{fields, signed, unsigned};

/// What `stat` tells of a thread.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stat<'a> {
    /// Command, as its bytes are.
    pub comm: &'a [u8],
    /// State, as its letter (`Z`: has ended, and nobody was told yet).
    pub state: u8,
    /// Parent; 0: none in this pid namespace.
    pub ppid: i64,
    /// Process group.
    pub pgid: i64,
    /// Session.
    pub sid: i64,
    /// Controlling terminal's device number, as the kernel encodes it for user space; 0: none.
    pub tty: u32,
    /// Minor page faults of the thread.
    pub minflt: u64,
    /// Major page faults of the thread.
    pub majflt: u64,
    /// When it began, in clock ticks since boot.
    pub start_ticks: u64,
}

impl<'a> Stat<'a> {
    /// Reads the text. The command stands between the first and the last parenthesis and may hold
    /// any byte, parentheses and newlines among them; behind it there are only numbers.
    pub fn parse(text: &'a [u8]) -> Option<Self> {
        let begin = text.iter().position(|&byte| byte == b'(')? + 1;
        let end = text.iter().rposition(|&byte| byte == b')')?;
        let comm = text.get(begin..end)?;
        let rest = text.get(end + 1..)?;
        let mut rest = fields(rest.strip_suffix(b"\n").unwrap_or(rest));
        let state = *rest.next()?.first()?;
        // Parent, group, session, terminal, the terminal's foreground group, flags.
        let [ppid, pgid, sid, tty, _, _] = take(&mut rest)?;
        let [minflt, _, majflt, _] = take(&mut rest)?;
        let start = rest.nth(8)?;
        Some(Self {
            comm,
            state,
            ppid: signed(ppid)?,
            pgid: signed(pgid)?,
            sid: signed(sid)?,
            // Printed as a signed number; what counts is its bits.
            tty: signed(tty)? as u32,
            minflt: unsigned(minflt, 10)?,
            majflt: unsigned(majflt, 10)?,
            start_ticks: unsigned(start, 10)?,
        })
    }
}

fn take<'a, const N: usize>(fields: &mut impl Iterator<Item = &'a [u8]>) -> Option<[&'a [u8]; N]> {
    let mut taken = [&[][..]; N];
    for place in &mut taken {
        *place = fields.next()?;
    }
    Some(taken)
}
