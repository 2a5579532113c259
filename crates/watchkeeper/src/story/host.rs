//! The machine of a story as it stood before the first event.

use std::net::Ipv4Addr;

use event::snapshot::{Interface, Machine, Record, ThreadEntry};

use super::stage::{BOOT_TS_NS, OURS, Process};

/// Hands on the machine and its network interfaces.
pub(super) fn machine<E>(sink: &mut impl FnMut(Record<'_>) -> Result<(), E>) -> Result<(), E> {
    sink(Record::Machine(Machine {
        cpus: 1,
        memory_bytes: 4 << 30,
        max_pid: 4_194_304,
        hostname: b"host",
        boot_ts_ns: BOOT_TS_NS,
        flags: 0,
    }))?;
    sink(Record::Interface(interface(b"lo", Ipv4Addr::LOCALHOST, [255, 0, 0, 0])))?;
    sink(Record::Interface(interface(b"eth0", OURS, [255, 255, 255, 0])))
}

fn interface(name: &'static [u8], address: Ipv4Addr, netmask: [u8; 4]) -> Interface<'static> {
    let netmask = Ipv4Addr::from(netmask);
    Interface::V4 { name, address, netmask, broadcast: address | !netmask, speed: 0 }
}

/// Hands on a process that ran before the first event.
pub(super) fn thread<E>(
    process: &Process,
    sink: &mut impl FnMut(Record<'_>) -> Result<(), E>,
) -> Result<(), E> {
    let has = |bit: u32| process.exe_flags & bit != 0;
    sink(Record::Thread(ThreadEntry {
        tid: process.pid,
        pid: process.pid,
        ptid: process.parent,
        sid: process.pid,
        vpgid: process.vpid,
        pgid: process.pid,
        vtid: process.vpid,
        vpid: process.vpid,
        comm: process.comm.as_bytes(),
        exe: process.argv0.as_bytes(),
        exepath: process.exe.as_bytes(),
        args: &process.args(),
        cwd: process.cwd.as_bytes(),
        root: b"/",
        env: &process.env(),
        cgroups: &process.cgroups(),
        fd_limit: 1024,
        uid: process.uid,
        gid: process.uid,
        vmsize_kb: 15_432,
        vmrss_kb: 6_204,
        pidns_init_start_ts_ns: BOOT_TS_NS,
        tty: process.tty,
        loginuid: process.loginuid,
        exe_writable: has(1),
        exe_upper_layer: has(2),
        exe_from_memfd: has(4),
        exe_lower_layer: has(8),
        cap_permitted: process.capabilities(),
        cap_effective: process.capabilities(),
        exe_ino: process.exe_ino(),
        exe_ino_ctime_ns: BOOT_TS_NS,
        exe_ino_mtime_ns: BOOT_TS_NS,
        ..ThreadEntry::default()
    }))
}
