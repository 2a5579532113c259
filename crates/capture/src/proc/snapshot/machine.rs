//! The machine, its interfaces and accounts.

use event::snapshot::{Interface, Machine};

use super::{Snapshot, held::Held};
use crate::proc::{
    dir::read_file,
    parse::{Counters, counters, group, memory_bytes, passwd, unsigned},
    sys::{self, Addresses},
};

/// With a line for each of many CPUs, and one with a number for each interrupt.
const MAX_STAT_BYTES: usize = 4 << 20;
const MAX_TEXT_BYTES: usize = 64 * 1024;
const MAX_ACCOUNTS_BYTES: usize = 16 << 20;

/// Reads machine and interfaces; gives the time of boot, in ns since the epoch.
pub(super) fn read(held: &mut Held) -> u64 {
    let counters = stat();
    let hostname = read_file("/proc/sys/kernel/hostname", MAX_TEXT_BYTES);
    let max_pid = read_file("/proc/sys/kernel/pid_max", MAX_TEXT_BYTES);
    let machine = Machine {
        cpus: counters.cpus,
        memory_bytes: memory_bytes(&read_file("/proc/meminfo", MAX_TEXT_BYTES)),
        max_pid: unsigned(max_pid.trim_ascii_end(), 10).unwrap_or(0),
        boot_ts_ns: counters.boot_ts_ns,
        ..Machine::default()
    };
    held.set_machine(machine, hostname.strip_suffix(b"\n").unwrap_or(&hostname));
    for (name, addresses) in sys::interfaces() {
        held.add_interface(interface(&name, addresses));
    }
    counters.boot_ts_ns
}

/// The time of boot alone.
pub(super) fn boot_ts_ns() -> u64 {
    stat().boot_ts_ns
}

fn stat() -> Counters {
    counters(&read_file("/proc/stat", MAX_STAT_BYTES))
}

/// Speeds are not told, as by the field's other recorders.
fn interface(name: &[u8], addresses: Addresses) -> Interface<'_> {
    match addresses {
        Addresses::V4([address, netmask, broadcast]) => {
            Interface::V4 { name, address, netmask, broadcast, speed: 0 }
        }
        Addresses::V6([address, netmask, broadcast]) => {
            Interface::V6 { name, address, netmask, broadcast, speed: 0 }
        }
    }
}

/// Reads the users and groups of this machine's files, at most `most` of each.
pub(super) fn accounts(most: usize, snapshot: &mut Snapshot) {
    for (number, user) in passwd(&read_file("/etc/passwd", MAX_ACCOUNTS_BYTES)).enumerate() {
        match number < most {
            true => snapshot.held.add_user(user),
            false => snapshot.left_out.accounts += 1,
        }
    }
    for (number, group) in group(&read_file("/etc/group", MAX_ACCOUNTS_BYTES)).enumerate() {
        match number < most {
            true => snapshot.held.add_group(group),
            false => snapshot.left_out.accounts += 1,
        }
    }
}
