//! Threads that a recorder found running after it had lost beginnings of threads or of programs
//! ([`crate::loss`]), told in the recording itself.
//!
//! For each of them a notice, an asynchronous event of no plugin (id 0) that is named [`NOTICE`] and
//! has the thread's id. Its data is
//!
//! - the version of this layout (one byte, 1; another one is not read);
//! - since when the recorder was reading, ns since the epoch: what is told is not older;
//! - the numbers of a [`ThreadEntry`], in the order of its fields, those that are shorter
//!   extended to 64 bits;
//! - its texts, likewise, each behind its length in bytes (32 bits).
//!
//! All numbers are little endian.

use crate::{
    notice::{Left, text},
    snapshot::{MAX_LIST_BYTES, MAX_PATH_BYTES, ThreadEntry},
};

/// Name of the notices.
pub const NOTICE: &str = "watchkeeper.found";

const VERSION: u8 = 1;

/// What a notice tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found<'a> {
    /// Since when the recorder was reading, ns since the epoch.
    pub as_of_ns: u64,
    /// What it read of the thread.
    pub thread: ThreadEntry<'a>,
}

/// Numbers are cast to and from 64 bits, so that a sign is kept.
macro_rules! layout {
    (numbers: $($number:ident: $type:ty),+; facts: $($fact:ident),+; texts: $($text:ident: $most:expr),+;) => {
        impl<'a> Found<'a> {
            /// Appends the data of a notice.
            pub fn write_notice(&self, out: &mut Vec<u8>) {
                out.push(VERSION);
                out.extend(self.as_of_ns.to_le_bytes());
                $(out.extend((self.thread.$number as u64).to_le_bytes());)+
                $(out.extend(u64::from(self.thread.$fact).to_le_bytes());)+
                $(text(self.thread.$text, $most, out);)+
            }

            /// Reads the data of a notice; `None` if it is not whole, or of another version.
            pub fn read_notice(data: &'a [u8]) -> Option<Self> {
                let mut left = Left(data.strip_prefix(&[VERSION])?);
                let mut found = Self { as_of_ns: left.number()?, thread: ThreadEntry::default() };
                $(found.thread.$number = left.number()? as $type;)+
                $(found.thread.$fact = left.number()? != 0;)+
                $(found.thread.$text = left.text($most)?;)+
                Some(found)
            }
        }
    };
}

layout! {
    numbers: tid: i64, pid: i64, ptid: i64, sid: i64, vpgid: i64, pgid: i64, vtid: i64, vpid: i64,
        fd_limit: i64, flags: u32, uid: u32, gid: u32, vmsize_kb: u32, vmrss_kb: u32,
        vmswap_kb: u32, pfmajor: u64, pfminor: u64, pidns_init_start_ts_ns: u64, tty: u32,
        loginuid: u32, cap_inheritable: u64, cap_permitted: u64, cap_effective: u64, exe_ino: u64,
        exe_ino_ctime_ns: u64, exe_ino_mtime_ns: u64;
    facts: exe_writable, exe_upper_layer, exe_lower_layer, exe_from_memfd;
    texts: comm: MAX_PATH_BYTES, exe: MAX_PATH_BYTES, exepath: MAX_PATH_BYTES,
        args: MAX_LIST_BYTES, cwd: MAX_PATH_BYTES, root: MAX_PATH_BYTES, env: MAX_LIST_BYTES,
        cgroups: MAX_LIST_BYTES;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found() -> Found<'static> {
        let thread = ThreadEntry {
            tid: 12,
            pid: 10,
            ptid: -1,
            loginuid: u32::MAX,
            cap_effective: u64::MAX,
            exe_from_memfd: true,
            comm: b"sh",
            args: b"-c\0true\0",
            cgroups: b"cpuset=/\0",
            ..ThreadEntry::default()
        };
        Found { as_of_ns: 7, thread }
    }

    #[test]
    fn what_is_written_is_read() {
        let mut data = Vec::new();
        found().write_notice(&mut data);
        assert_eq!(Found::read_notice(&data), Some(found()));
    }

    #[test]
    fn what_is_too_long_is_cut() {
        let comm = vec![b'a'; MAX_PATH_BYTES + 1];
        let mut found = found();
        found.thread.comm = &comm;
        let mut data = Vec::new();
        found.write_notice(&mut data);
        let read = Found::read_notice(&data).unwrap();
        assert_eq!(read.thread.comm.len(), MAX_PATH_BYTES);
        assert_eq!(read.thread.cgroups, found.thread.cgroups);
    }

    #[test]
    fn what_is_damaged_is_not_read() {
        let mut data = Vec::new();
        found().write_notice(&mut data);
        for bytes in 0..data.len() {
            assert_eq!(Found::read_notice(&data[..bytes]), None, "{bytes} bytes");
        }
        // The command's length.
        let at = data.len() - (8 * 4 + b"sh-c\0true\0cpuset=/\0".len());
        data[at..at + 4].copy_from_slice(&(MAX_PATH_BYTES as u32 + 1).to_le_bytes());
        data.resize(1 << 16, b'x');
        assert_eq!(Found::read_notice(&data), None);
        data[0] = 2;
        assert_eq!(Found::read_notice(&data), None);
    }
}
