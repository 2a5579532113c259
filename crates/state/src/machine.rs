//! The machine that was recorded.

use crate::Text;

/// The machine that was recorded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MachineInfo {
    /// Number of CPUs.
    pub cpus: u32,
    /// Memory in bytes.
    pub memory_bytes: u64,
    /// Highest pid that the kernel hands out.
    pub max_pid: u64,
    /// Host name.
    pub hostname: Text,
    /// Time of boot, ns since the epoch; 0 if unknown.
    pub boot_ts_ns: u64,
    /// Flags of the recorder, as written.
    pub flags: u64,
}

impl From<&event::snapshot::Machine<'_>> for MachineInfo {
    fn from(machine: &event::snapshot::Machine<'_>) -> Self {
        Self {
            cpus: machine.cpus,
            memory_bytes: machine.memory_bytes,
            max_pid: machine.max_pid,
            hostname: Text::from(machine.hostname),
            boot_ts_ns: machine.boot_ts_ns,
            flags: machine.flags,
        }
    }
}

impl MachineInfo {
    /// As it stands in a snapshot.
    pub(crate) fn entry(&self) -> event::snapshot::Machine<'_> {
        event::snapshot::Machine {
            cpus: self.cpus,
            memory_bytes: self.memory_bytes,
            max_pid: self.max_pid,
            hostname: &self.hostname,
            boot_ts_ns: self.boot_ts_ns,
            flags: self.flags,
        }
    }
}
