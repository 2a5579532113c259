//! `/proc/PID/task/TID/status`.

use super::text::{fields, lines, signed, split_once, unsigned, unsigned_32};

/// Most supplementary groups that a process may have.
const MAX_GROUPS: usize = 65_536;

/// What `status` tells of a thread. Ids are those of the pid and user namespace of whoever reads.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// Process.
    pub tgid: i64,
    /// Thread.
    pub tid: i64,
    /// Process of the parent: not the thread of it that made this one.
    pub ppid: i64,
    /// Thread that traces this one; 0: none.
    pub tracer: i64,
    /// Real, effective, saved and file system user.
    pub uid: [u32; 4],
    /// Real, effective, saved and file system group.
    pub gid: [u32; 4],
    /// Supplementary groups.
    pub groups: Vec<u32>,
    /// Process id in the innermost pid namespace.
    pub vpid: i64,
    /// Thread id in the innermost pid namespace.
    pub vtid: i64,
    /// Process group in the innermost pid namespace.
    pub vpgid: i64,
    /// Session in the innermost pid namespace.
    pub vsid: i64,
    /// In how many pid namespaces the thread has an id, from the reader's inwards: 1 if it is in the
    /// reader's own.
    pub pidns_depth: usize,
    /// Inheritable capabilities.
    pub cap_inheritable: u64,
    /// Permitted capabilities.
    pub cap_permitted: u64,
    /// Effective capabilities.
    pub cap_effective: u64,
    /// Virtual memory in KiB; 0 if it has none of its own any more.
    pub vmsize_kb: u32,
    /// Resident memory in KiB.
    pub vmrss_kb: u32,
    /// Swapped memory in KiB.
    pub vmswap_kb: u32,
}

impl Status {
    /// Takes everything from the text, in place of what was there. `None` if it does not tell
    /// process, parent, user and group. The command is escaped here, so that no line is its.
    pub fn read(&mut self, text: &[u8]) -> Option<()> {
        let mut groups = std::mem::take(&mut self.groups);
        groups.clear();
        *self = Self { tgid: -1, ppid: -1, groups, ..Self::default() };
        let mut credentials = 0;
        for line in lines(text) {
            let Some((name, value)) = split_once(line, b':') else { continue };
            match name {
                b"Uid" => credentials += usize::from(four(value, &mut self.uid).is_some()),
                b"Gid" => credentials += usize::from(four(value, &mut self.gid).is_some()),
                _ => self.line(name, value),
            }
        }
        self.fall_back();
        (self.tgid >= 0 && self.ppid >= 0 && credentials == 2).then_some(())
    }

    fn line(&mut self, name: &[u8], value: &[u8]) {
        match name {
            b"Tgid" => self.tgid = first(value),
            b"Pid" => self.tid = first(value),
            b"PPid" => self.ppid = first(value),
            b"TracerPid" => self.tracer = first(value),
            b"Groups" => {
                self.groups.extend(fields(value).filter_map(unsigned_32).take(MAX_GROUPS));
            }
            b"NStgid" => {
                self.vpid = last(value);
                self.pidns_depth = fields(value).count();
            }
            b"NSpid" => self.vtid = last(value),
            b"NSpgid" => self.vpgid = last(value),
            b"NSsid" => self.vsid = last(value),
            b"CapInh" => self.cap_inheritable = mask(value),
            b"CapPrm" => self.cap_permitted = mask(value),
            b"CapEff" => self.cap_effective = mask(value),
            b"VmSize" => self.vmsize_kb = kib(value),
            b"VmRSS" => self.vmrss_kb = kib(value),
            b"VmSwap" => self.vmswap_kb = kib(value),
            _ => {}
        }
    }

    /// Kernels without pid namespaces have no lines for them.
    fn fall_back(&mut self) {
        if self.pidns_depth == 0 {
            self.pidns_depth = 1;
            (self.vpid, self.vtid) = (self.tgid, self.tid);
        }
    }
}

fn four(value: &[u8], into: &mut [u32; 4]) -> Option<()> {
    let mut numbers = fields(value).map(unsigned_32);
    for place in into {
        *place = numbers.next()??;
    }
    Some(())
}

fn first(value: &[u8]) -> i64 {
    fields(value).next().and_then(signed).unwrap_or(-1)
}

fn last(value: &[u8]) -> i64 {
    fields(value).last().and_then(signed).unwrap_or(0)
}

fn mask(value: &[u8]) -> u64 {
    fields(value).next().and_then(|digits| unsigned(digits, 16)).unwrap_or(0)
}

/// A figure in KiB, as far as 32 bits go.
fn kib(value: &[u8]) -> u32 {
    let figure = fields(value).next().and_then(|digits| unsigned(digits, 10)).unwrap_or(0);
    u32::try_from(figure).unwrap_or(u32::MAX)
}
