//! The texts of `/proc`, parts of which are names that anybody chooses.

use capture::proc::parse::{
    CgroupForm, FdInfo, SocketTable, Stat, Status, cmdline, counters, encode_cgroups, group,
    is_mapped, list, memory_bytes, mount, open_files_limit, passwd, socket, unified_path,
};
use event::snapshot::L4Proto;

/// The bytes as each of the texts.
pub(crate) fn run(data: &[u8]) {
    let mut status = Status::default();
    if status.read(data).is_some() {
        assert!(status.tgid >= 0 && status.pidns_depth > 0);
    }
    if let Some(stat) = Stat::parse(data) {
        assert!(stat.comm.len() < data.len());
    }
    let line = cmdline(data);
    assert!(line.exe.len() + line.args.len() <= data.len());
    for max in [0, 16, 4096] {
        lists(data, max);
    }
    let _ = (FdInfo::parse(data), unified_path(data), is_mapped(data, 1000), counters(data));
    let _ = (memory_bytes(data), open_files_limit(data));
    data.split(|&byte| byte == b'\n').for_each(tables);
    assert!(passwd(data).count() <= data.len() && group(data).count() <= data.len());
}

/// Lists keep their bound and end in a NUL.
fn lists(data: &[u8], max: usize) {
    let mut out = Vec::new();
    let cut = list(data, max, &mut out);
    assert!(out.len() <= max && out.last().is_none_or(|last| *last == 0));
    assert!(cut || out.len() >= data.len());
    for form in [CgroupForm::Event, CgroupForm::Snapshot] {
        out.clear();
        encode_cgroups(data, &[], form, max, &mut out);
        assert!(out.len() <= max && out.last().is_none_or(|last| *last == 0));
    }
}

fn tables(line: &[u8]) {
    let tables = [
        SocketTable::Ipv4(L4Proto::Tcp),
        SocketTable::Ipv6(L4Proto::Udp),
        SocketTable::Unix,
        SocketTable::Netlink,
    ];
    for table in tables {
        assert!(socket(table, line).is_none_or(|found| found.ino != 0));
    }
    if let Some(mount) = mount(line) {
        let _ = (mount.option(b"upperdir"), mount.option(b""));
    }
}
