//! The machine of the demo as it stood before the first event.

use std::net::Ipv4Addr;

use event::snapshot::{
    FdEntry, FdTarget, Group, Interface, L4Proto, Machine, Record, ThreadEntry, User,
};

use super::stage::{BOOT_TS_NS, OURS, Process, nul_separated};

/// No user logged in.
pub(super) const NOBODY: u32 = u32::MAX;

/// A daemon that runs from boot on.
fn daemon(pid: i64, path: &'static str, argv: &[&'static str], cgroup: &'static str) -> Process {
    Process {
        pid,
        parent: i64::from(pid != 1),
        group: pid,
        argv: argv.to_vec(),
        path,
        cwd: "/",
        uid: 0,
        gid: 0,
        loginuid: NOBODY,
        tty: 0,
        cgroup,
        env: vec!["LANG=C.UTF-8", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin"],
        exe_writable: false,
    }
}

pub(super) fn init() -> Process {
    daemon(1, "/usr/lib/systemd/systemd", &["/sbin/init"], "/init.scope")
}

pub(super) fn sshd() -> Process {
    daemon(612, "/usr/sbin/sshd", &["/usr/sbin/sshd", "-D"], "/system.slice/ssh.service")
}

pub(super) fn nginx() -> Process {
    let argv = ["nginx: worker process"];
    let mut worker = daemon(731, "/usr/sbin/nginx", &argv, "/system.slice/nginx.service");
    (worker.uid, worker.gid) = (33, 33);
    worker
}

/// Hands the whole snapshot to `sink`, in the order of capture files.
pub(super) fn tell<E>(sink: &mut impl FnMut(Record<'_>) -> Result<(), E>) -> Result<(), E> {
    sink(Record::Machine(Machine {
        cpus: 2,
        memory_bytes: 4 << 30,
        max_pid: 4_194_304,
        hostname: b"web-1",
        boot_ts_ns: BOOT_TS_NS,
        flags: 0,
    }))?;
    sink(Record::Interface(interface(b"lo", [127, 0, 0, 1], [255, 0, 0, 0])))?;
    sink(Record::Interface(interface(b"eth0", OURS.octets(), [255, 255, 255, 0])))?;
    users(sink)?;
    for process in [init(), sshd(), nginx()] {
        thread(&process, sink)?;
    }
    listener(sshd().pid, 3, 22, sink)?;
    listener(nginx().pid, 6, 80, sink)
}

fn interface(name: &'static [u8], address: [u8; 4], netmask: [u8; 4]) -> Interface<'static> {
    let (address, netmask) = (Ipv4Addr::from(address), Ipv4Addr::from(netmask));
    let broadcast = address | !netmask;
    Interface::V4 { name, address, netmask, broadcast, speed: 0 }
}

fn users<E>(sink: &mut impl FnMut(Record<'_>) -> Result<(), E>) -> Result<(), E> {
    let rows = [
        (0, "root", "/root", "/bin/bash"),
        (33, "www-data", "/var/www", "/usr/sbin/nologin"),
        (1000, "ada", "/home/ada", "/bin/bash"),
    ];
    for (id, name, home, shell) in rows {
        let (name, home, shell) = (name.as_bytes(), home.as_bytes(), shell.as_bytes());
        sink(Record::User(User { uid: id, gid: id, name, home, shell }))?;
        sink(Record::Group(Group { gid: id, name }))?;
    }
    Ok(())
}

fn thread<E>(
    process: &Process,
    sink: &mut impl FnMut(Record<'_>) -> Result<(), E>,
) -> Result<(), E> {
    sink(Record::Thread(ThreadEntry {
        tid: process.pid,
        pid: process.pid,
        ptid: process.parent,
        sid: process.pid,
        vpgid: process.group,
        pgid: process.group,
        vtid: process.pid,
        vpid: process.pid,
        comm: process.comm().as_bytes(),
        exe: process.argv.first().copied().unwrap_or_default().as_bytes(),
        exepath: process.path.as_bytes(),
        args: &process.args(),
        cwd: process.cwd.as_bytes(),
        root: b"/",
        env: &nul_separated(&process.env),
        cgroups: &process.cgroups(),
        fd_limit: 1024,
        uid: process.uid,
        gid: process.gid,
        vmsize_kb: 15_432,
        vmrss_kb: 6_204,
        pfminor: 1_204,
        pidns_init_start_ts_ns: BOOT_TS_NS,
        loginuid: process.loginuid,
        cap_permitted: process.capabilities(),
        cap_effective: process.capabilities(),
        exe_ino: process.exe_ino(),
        exe_ino_ctime_ns: BOOT_TS_NS,
        exe_ino_mtime_ns: BOOT_TS_NS,
        ..ThreadEntry::default()
    }))
}

fn listener<E>(
    pid: i64,
    fd: i64,
    port: u16,
    sink: &mut impl FnMut(Record<'_>) -> Result<(), E>,
) -> Result<(), E> {
    let target = FdTarget::Ipv4Server { ip: Ipv4Addr::UNSPECIFIED, port, l4: L4Proto::Tcp };
    sink(Record::Fd(pid, FdEntry { fd, ino: 20_000 + u64::from(port), target }))
}
