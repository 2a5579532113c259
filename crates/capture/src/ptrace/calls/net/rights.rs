//! Fds that a process is given: with a message (`SCM_RIGHTS` of unix(7)), or by `pidfd_getfd`. Notices
//! ([`event::handed`]) in front of the event of the call say what they are.

use event::{
    handed::{Handed, NOTICE},
    snapshot::Record,
    syscalls::ASYNCEVENT_E,
};

use super::super::{Abi, Exit};
use crate::proc::Snapshot;

/// Most fds of a message (`SCM_MAX_FD` of the kernel): where there are more, another thread wrote them.
const MOST_RIGHTS: usize = 253;

/// Where level and type of a control message stand, behind its length (`struct cmsghdr`), and what its
/// length is aligned to.
const fn width(abi: Abi) -> usize {
    match abi {
        Abi::Bits64 => 8,
        Abi::Bits32 => 4,
    }
}

/// The fds in control messages that the kernel has written.
fn fds_in(mut control: &[u8], abi: Abi) -> Vec<i32> {
    let (width, mut fds) = (width(abi), Vec::new());
    while let Some((length, rest)) = control.split_at_checked(width) {
        let mut wide = [0; 8];
        wide[..width].copy_from_slice(length);
        let Ok(length) = usize::try_from(u64::from_ne_bytes(wide)) else { break };
        let Some(body) = length.checked_sub(width).and_then(|bytes| rest.get(..bytes)) else {
            break;
        };
        let Some((kind, data)) = body.split_first_chunk::<8>() else { break };
        if *kind == rights() {
            fds.extend(data.as_chunks().0.iter().map(|fd| i32::from_ne_bytes(*fd)));
        }
        let Some(next) = control.get(length.next_multiple_of(width)..) else { break };
        control = next;
    }
    fds.truncate(MOST_RIGHTS);
    fds
}

/// Level and type of a message with fds.
fn rights() -> [u8; 8] {
    let [level, kind] = [libc::SOL_SOCKET, libc::SCM_RIGHTS].map(i32::to_ne_bytes);
    [level, kind].as_flattened().try_into().unwrap_or_default()
}

/// Tells of all fds in the control messages that a call has written, which was made with these flags.
pub(super) fn tell_rights(exit: &mut Exit<'_>, control: &[u8], flags: u64) {
    let fds = fds_in(control, exit.memory.abi);
    if !fds.is_empty() {
        tell_handed(exit, fds, flags & libc::MSG_CMSG_CLOEXEC as u64 != 0);
    }
}

/// Tells of fds that the thread was given.
pub(in crate::ptrace::calls) fn tell_handed(
    exit: &mut Exit<'_>,
    fds: Vec<i32>,
    closes_on_exec: bool,
) {
    let there = Snapshot::of_fds(exit.tid, fds.clone());
    let mut notice = std::mem::take(&mut exit.emit.scratch);
    for number in fds {
        let known = there.records().find_map(|record| match record {
            Record::Fd(_, fd) if fd.fd == i64::from(number) => Some(fd),
            _ => None,
        });
        let Some(fd) = known else { continue };
        notice.clear();
        Handed { fd, closes_on_exec }.write_notice(&mut notice);
        exit.start(ASYNCEVENT_E).u32(0).text(NOTICE).raw(&notice);
        exit.end();
    }
    exit.emit.scratch = notice;
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A control message, as the kernel pads it.
    fn message(level: i32, kind: i32, data: &[u8], abi: Abi) -> Vec<u8> {
        let (width, length) = (width(abi), width(abi) + 8 + data.len());
        let mut bytes = (length as u64).to_ne_bytes()[..width].to_vec();
        bytes.extend([level.to_ne_bytes(), kind.to_ne_bytes()].as_flattened());
        bytes.extend(data);
        bytes.resize(length.next_multiple_of(width), 0);
        bytes
    }

    #[test]
    fn fds_are_found_behind_what_else_is_told() {
        let fds = [5i32.to_ne_bytes(), 6i32.to_ne_bytes(), 7i32.to_ne_bytes()];
        for abi in [Abi::Bits64, Abi::Bits32] {
            let control = [
                message(libc::SOL_SOCKET, libc::SCM_CREDENTIALS, &[1; 12], abi),
                message(libc::SOL_SOCKET, libc::SCM_RIGHTS, fds.as_flattened(), abi),
                message(libc::IPPROTO_IP, libc::SCM_RIGHTS, &[9; 4], abi),
            ]
            .concat();
            assert_eq!(fds_in(&control, abi), [5, 6, 7]);
            for bytes in 0..control.len() {
                assert!(fds_in(&control[..bytes], abi).len() <= 3);
            }
        }
        // Lengths that lie.
        for length in [0, 15, u64::MAX] {
            let mut control = message(libc::SOL_SOCKET, libc::SCM_RIGHTS, &[5; 4], Abi::Bits64);
            control[..8].copy_from_slice(&length.to_ne_bytes());
            assert!(fds_in(&control, Abi::Bits64).is_empty());
        }
    }
}
