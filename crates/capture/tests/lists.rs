//! Lists at a capture's start, of every version, byte by byte.

mod craft;

use capture::Record;
use craft::{Bytes, string};
use event::snapshot::*;

/// The entry of a process as each version wrote it, and what is read of it.
fn process(version: u8) -> (Vec<u8>, ThreadEntry<'static>) {
    let mut thread = ThreadEntry {
        tid: 11,
        pid: 10,
        ptid: 1,
        sid: -1,
        vpgid: -1,
        pgid: -1,
        vtid: -1,
        vpid: -1,
        comm: b"sh",
        exe: b"/bin/sh",
        args: b"-c\0ls\0",
        cwd: b"/",
        fd_limit: 1024,
        flags: 3,
        uid: 1000,
        gid: 100,
        loginuid: u32::MAX,
        ..ThreadEntry::default()
    };
    let mut out = Vec::new();
    for id in [11u64, 10, 1] {
        out.extend(id.to_le_bytes());
    }
    if version >= 6 {
        thread.sid = 9;
        out.extend(9u64.to_le_bytes());
    }
    if version >= 8 {
        thread.vpgid = 8;
        out.extend(8u64.to_le_bytes());
    }
    string(&mut out, b"sh");
    string(&mut out, b"/bin/sh");
    if version >= 7 {
        thread.exepath = b"/usr/bin/dash";
        string(&mut out, b"/usr/bin/dash");
    }
    string(&mut out, b"-c\0ls\0");
    string(&mut out, b"/");
    out.extend(1024u64.to_le_bytes());
    for number in [3u32, 1000, 100] {
        out.extend(number.to_le_bytes());
    }
    if version >= 2 {
        (thread.vmsize_kb, thread.vmrss_kb, thread.vmswap_kb) = (5, 6, 7);
        (thread.pfmajor, thread.pfminor) = (8, 9);
        [5u32, 6, 7].iter().for_each(|n| out.extend(n.to_le_bytes()));
        [8u64, 9].iter().for_each(|n| out.extend(n.to_le_bytes()));
    }
    if version >= 3 {
        thread.env = b"A=1\0";
        string(&mut out, b"A=1\0");
    }
    if version >= 4 {
        (thread.vtid, thread.vpid, thread.cgroups) = (2, 1, b"cpu=/x\0");
        [2u64, 1].iter().for_each(|n| out.extend(n.to_le_bytes()));
        string(&mut out, b"cpu=/x\0");
    }
    if version >= 5 {
        thread.root = b"/root";
        string(&mut out, b"/root");
    }
    (out, thread)
}

#[test]
fn process_lists_of_every_version_and_number_are_read() {
    let numbers = [
        (1, &[0x202, 0x8000_ABCD][..]),
        (2, &[0x207, 0x8013_ABCD]),
        (3, &[0x209, 0x8014_ABCD]),
        (4, &[0x210]),
        (5, &[0x211]),
        (6, &[0x212]),
        (7, &[0x213]),
        (8, &[0x214]),
    ];
    for (version, numbers) in numbers {
        let (entry, thread) = process(version);
        for &number in numbers {
            let body = [&entry[..], &entry].concat();
            let records = [Record::Thread(thread), Record::Thread(thread)];
            Bytes::new().block(number, &body).gives(&records);
        }
    }
}

/// A V9 entry with this tail.
fn process_v9(tail: &[u8]) -> Vec<u8> {
    let (entry, _) = process(8);
    let mut body = (4 + entry.len() as u32 + tail.len() as u32).to_le_bytes().to_vec();
    body.extend(entry);
    body.extend(tail);
    body
}

#[test]
fn the_tail_of_a_v9_entry_is_read_as_far_as_it_goes() {
    let mut tail = Vec::new();
    tail.extend(77u64.to_le_bytes());
    tail.extend(34_816u32.to_le_bytes());
    tail.extend(1000u32.to_le_bytes());
    tail.push(1);
    [0x10u64, 0x20, 0x30].iter().for_each(|n| tail.extend(n.to_le_bytes()));
    tail.push(1);
    [5u64, 6, 7].iter().for_each(|n| tail.extend(n.to_le_bytes()));
    tail.extend([1, 1]);
    tail.extend(4242u64.to_le_bytes());
    tail.extend(b"from the future");

    let (_, base) = process(8);
    let early = ThreadEntry {
        pidns_init_start_ts_ns: 77,
        tty: 34_816,
        loginuid: 1000,
        exe_writable: true,
        cap_inheritable: 0x10,
        cap_permitted: 0x20,
        ..base
    };
    let full = ThreadEntry {
        cap_effective: 0x30,
        exe_upper_layer: true,
        exe_ino: 5,
        exe_ino_ctime_ns: 6,
        exe_ino_mtime_ns: 7,
        exe_from_memfd: true,
        exe_lower_layer: true,
        pgid: 4242,
        ..early
    };
    let cases = [(0, base), (8 + 4 + 4 + 1 + 16, early), (76, full), (tail.len(), full)];
    for (length, thread) in cases {
        let body = [process_v9(&tail[..length]), process_v9(&tail)].concat();
        Bytes::new().block(0x215, &body).gives(&[Record::Thread(thread), Record::Thread(full)]);
    }
}

#[test]
fn a_short_tail_of_a_v9_entry_begins_with_the_login_user() {
    let mut tail = 1000u32.to_le_bytes().to_vec();
    tail.push(1);
    [0x10u64, 0x20, 0x30].iter().for_each(|n| tail.extend(n.to_le_bytes()));
    assert_eq!(tail.len(), 29);
    let (_, base) = process(8);
    let thread = ThreadEntry {
        loginuid: 1000,
        exe_writable: true,
        cap_inheritable: 0x10,
        cap_permitted: 0x20,
        cap_effective: 0x30,
        ..base
    };
    Bytes::new().block(0x215, &process_v9(&tail)).gives(&[Record::Thread(thread)]);
}

fn fd_v1(kind: u8, rest: &[u8]) -> Vec<u8> {
    let mut entry = 3u64.to_le_bytes().to_vec();
    entry.extend(99u64.to_le_bytes());
    entry.push(kind);
    entry.extend(rest);
    entry
}

fn fd_v2(kind: u8, rest: &[u8]) -> Vec<u8> {
    let entry = fd_v1(kind, rest);
    [&(4 + entry.len() as u32).to_le_bytes()[..], &entry].concat()
}

#[test]
fn fds_of_every_kind_are_read() {
    let name = b"\x04\0/a/b";
    let a4 = [10, 0, 0, 1];
    let b4 = [10, 0, 0, 2];
    let (a6, b6) = ([1u8; 16], [2u8; 16]);
    let port = 80u16.to_le_bytes();
    let other = 443u16.to_le_bytes();
    let l4 = L4Proto::Tcp;
    let cases: Vec<(u8, Vec<u8>, FdTarget<'_>)> = vec![
        (
            3,
            [&a4[..], &b4, &port, &other, &[2]].concat(),
            FdTarget::Ipv4 { sip: a4.into(), dip: b4.into(), sport: 80, dport: 443, l4 },
        ),
        (5, [&a4[..], &port, &[2]].concat(), FdTarget::Ipv4Server { ip: a4.into(), port: 80, l4 }),
        (
            4,
            [&a6[..], &b6, &port, &other, &[2]].concat(),
            FdTarget::Ipv6 { sip: a6.into(), dip: b6.into(), sport: 80, dport: 443, l4 },
        ),
        (6, [&a6[..], &port, &[2]].concat(), FdTarget::Ipv6Server { ip: a6.into(), port: 80, l4 }),
        (
            8,
            [&5u64.to_le_bytes()[..], &6u64.to_le_bytes(), name].concat(),
            FdTarget::Unix { source: 5, destination: 6, name: b"/a/b" },
        ),
        (
            16,
            [&7u32.to_le_bytes()[..], name].concat(),
            FdTarget::File { open_flags: 7, name: b"/a/b", dev: 0 },
        ),
        (1, name.to_vec(), FdTarget::Named(FdKind::File, b"/a/b")),
        (2, name.to_vec(), FdTarget::Named(FdKind::Directory, b"/a/b")),
        (15, name.to_vec(), FdTarget::Named(FdKind::Netlink, b"/a/b")),
        (21, name.to_vec(), FdTarget::Named(FdKind::PidFd, b"/a/b")),
    ];
    let tid = 7i64.to_le_bytes();
    for (kind, rest, target) in cases {
        let record = Record::Fd(7, FdEntry { fd: 3, ino: 99, target });
        for number in [0x203, 0x8001_ABCD] {
            let body = [&tid[..], &fd_v1(kind, &rest), &fd_v1(kind, &rest)].concat();
            Bytes::new().block(number, &body).gives(&[record, record]);
        }
        let body = [&tid[..], &fd_v2(kind, &rest), &fd_v2(kind, &rest)].concat();
        Bytes::new().block(0x218, &body).gives(&[record, record]);
    }
}

#[test]
fn a_v2_file_has_its_device_and_an_unknown_kind_is_passed_over() {
    let tid = 7i64.to_le_bytes();
    let file = fd_v2(16, b"\x07\0\0\0\x02\0/a\x08\0\0\0more");
    let body = [&tid[..], &fd_v2(200, b"what is this"), &file].concat();
    let unknown = FdTarget::Named(FdKind::Unsupported, b"unknown-type:[200]");
    let target = FdTarget::File { open_flags: 7, name: b"/a", dev: 8 };
    Bytes::new().block(0x218, &body).gives(&[
        Record::Fd(7, FdEntry { fd: 3, ino: 99, target: unknown }),
        Record::Fd(7, FdEntry { fd: 3, ino: 99, target }),
    ]);
}

#[test]
fn interfaces_with_and_without_speed_are_read() {
    let (address, netmask, broadcast) = ([10, 0, 0, 1], [255, 255, 0, 0], [10, 0, 255, 255]);
    let v4 = |speed| Interface::V4 {
        name: b"eth0",
        address: address.into(),
        netmask: netmask.into(),
        broadcast: broadcast.into(),
        speed,
    };
    let v6 = |speed| Interface::V6 {
        name: b"lo",
        address: [1; 16].into(),
        netmask: [2; 16].into(),
        broadcast: [3; 16].into(),
        speed,
    };
    let addresses4 = [address, netmask, broadcast].concat();
    let addresses6 = [[1u8; 16], [2; 16], [3; 16]].concat();
    let speed = 9u64.to_le_bytes();
    let entries = [
        [&b"\x01\0\x04\0"[..], &addresses4, &speed, b"eth0"].concat(),
        [&b"\x02\0\x02\0"[..], &addresses6, &speed, b"lo"].concat(),
        [&b"\x03\0\x04\0"[..], &addresses4, b"eth0"].concat(),
        [&b"\x04\0\x02\0"[..], &addresses6, b"lo"].concat(),
    ];
    let records = [v4(9), v6(9), v4(0), v6(0)].map(Record::Interface);
    for number in [0x205, 0x8011_ABCD] {
        Bytes::new().block(number, &entries.concat()).gives(&records);
    }
    let unknown = b"\x09\0\x03\0what".to_vec();
    let mut body = Vec::new();
    for entry in [&unknown].into_iter().chain(&entries) {
        body.extend((entry.len() as u32 + 2).to_le_bytes());
        body.extend(entry);
        body.extend(b"xx");
    }
    Bytes::new().block(0x219, &body).gives(&records);
}

#[test]
fn users_and_groups_are_read() {
    let mut user = b"\0\xE8\x03\0\0\x64\0\0\0".to_vec();
    [&b"ann"[..], b"/home/ann", b"/bin/sh"].iter().for_each(|text| string(&mut user, text));
    let mut group = b"\x01\x64\0\0\0".to_vec();
    string(&mut group, b"users");
    let records = [
        Record::User(User {
            uid: 1000,
            gid: 100,
            name: b"ann",
            home: b"/home/ann",
            shell: b"/bin/sh",
        }),
        Record::Group(Group { gid: 100, name: b"users" }),
    ];
    for number in [0x206, 0x8012_ABCD] {
        Bytes::new().block(number, &[&user[..], &group].concat()).gives(&records);
    }
    let mut body = Vec::new();
    for entry in [&user, &group] {
        body.extend((entry.len() as u32 + 4 + 3).to_le_bytes());
        body.extend(entry);
        body.extend(b"new");
    }
    Bytes::new().block(0x220, &body).gives(&records);
}

#[test]
fn the_machine_is_read() {
    let mut body = 4u32.to_le_bytes().to_vec();
    [1u64 << 30, 32768].iter().for_each(|n| body.extend(n.to_le_bytes()));
    let mut hostname = b"box".to_vec();
    hostname.resize(128, 0);
    body.extend(hostname);
    [55u64, 1, 0, 0].iter().for_each(|n| body.extend(n.to_le_bytes()));
    let machine = Machine {
        cpus: 4,
        memory_bytes: 1 << 30,
        max_pid: 32768,
        hostname: b"box",
        boot_ts_ns: 55,
        flags: 1,
    };
    for number in [0x201, 0x8002_ABCD] {
        Bytes::new().block(number, &body).gives(&[Record::Machine(machine)]);
    }
}
