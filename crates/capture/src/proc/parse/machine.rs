//! `/proc/stat`, `/proc/meminfo`, `/proc/PID/limits`.

use super::text::{fields, lines, split_once, unsigned};

const NS_PER_SECOND: u64 = 1_000_000_000;

/// What `/proc/stat` tells of a machine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// CPUs that are online.
    pub cpus: u32,
    /// When it booted, in ns since the epoch, which the kernel tells in whole seconds; 0 if not told.
    pub boot_ts_ns: u64,
}

/// Reads `/proc/stat`.
pub fn counters(text: &[u8]) -> Counters {
    let mut counters = Counters::default();
    for line in lines(text) {
        let mut fields = fields(line);
        match fields.next() {
            Some(b"btime") => {
                let boot_ts_s = fields.next().and_then(|s| unsigned(s, 10)).unwrap_or(0);
                counters.boot_ts_ns = boot_ts_s.saturating_mul(NS_PER_SECOND);
            }
            // The line without a number is the sum of all.
            Some(name) if name.strip_prefix(b"cpu").is_some_and(|n| unsigned(n, 10).is_some()) => {
                counters.cpus = counters.cpus.saturating_add(1);
            }
            _ => {}
        }
    }
    counters
}

/// Memory that the kernel has to give, in bytes, from `/proc/meminfo`; 0 if not told.
pub fn memory_bytes(text: &[u8]) -> u64 {
    let named = lines(text).filter_map(|line| split_once(line, b':'));
    let total = named.into_iter().find(|(name, _)| *name == b"MemTotal");
    let kib = total.and_then(|(_, value)| unsigned(fields(value).next()?, 10)).unwrap_or(0);
    kib.saturating_mul(1024)
}

/// Most fds that a process may open, from `/proc/PID/limits`; -1: unlimited.
pub fn open_files_limit(text: &[u8]) -> Option<i64> {
    let line = lines(text).find_map(|line| line.strip_prefix(b"Max open files"))?;
    match fields(line).next()? {
        b"unlimited" => Some(-1),
        soft => i64::try_from(unsigned(soft, 10)?).ok(),
    }
}
