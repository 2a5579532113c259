use std::net::{Ipv4Addr, Ipv6Addr};

use event::snapshot::{FdKind, FdTarget, L4Proto, User};
use proptest::prelude::*;

use super::*;

const STATUS: &str = "Name:\tx\\ny\nUmask:\t0022\nState:\tS (sleeping)\nTgid:\t100\nNgid:\t0\n\
    Pid:\t101\nPPid:\t7\nTracerPid:\t9\nUid:\t1\t2\t3\t4\nGid:\t5\t6\t7\t8\nFDSize:\t64\n\
    Groups:\t10 20 \nNStgid:\t100\t3\nNSpid:\t101\t4\nNSpgid:\t90\t2\nNSsid:\t80\t0\n\
    VmSize:\t    3060 kB\nVmRSS:\t    1776 kB\nVmSwap:\t      16 kB\n\
    CapInh:\t0000000000000001\nCapPrm:\t000001ffffffffff\nCapEff:\t00000000a80425fb\n";

#[test]
fn status_tells_ids_credentials_and_memory() {
    let mut status = Status { groups: vec![99], ..Status::default() };
    status.read(STATUS.as_bytes()).unwrap();
    let want = Status {
        tgid: 100,
        tid: 101,
        ppid: 7,
        tracer: 9,
        uid: [1, 2, 3, 4],
        gid: [5, 6, 7, 8],
        groups: vec![10, 20],
        vpid: 3,
        vtid: 4,
        vpgid: 2,
        vsid: 0,
        pidns_depth: 2,
        cap_inheritable: 1,
        cap_permitted: 0x1ff_ffff_ffff,
        cap_effective: 0xa804_25fb,
        vmsize_kb: 3060,
        vmrss_kb: 1776,
        vmswap_kb: 16,
    };
    assert_eq!(status, want);
}

#[test]
fn status_of_old_kernels_has_no_ids_of_namespaces() {
    let mut status = Status::default();
    let text = b"Tgid:\t5\nPid:\t6\nPPid:\t1\nUid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\n";
    status.read(text).unwrap();
    assert_eq!((status.vpid, status.vtid, status.pidns_depth), (5, 6, 1));
}

#[test]
fn status_without_ids_is_refused() {
    let cases = [
        "",
        "Tgid:\t1\n",
        "Tgid:\tx\nPPid:\t1\nUid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\n",
        "Tgid:\t1\nPPid:\t1\nUid:\t0\t0\nGid:\t0\t0\t0\t0\n",
        "Tgid:\t1\nPPid:\t1\nUid:\t0\t0\t0\t4294967296\nGid:\t0\t0\t0\t0\n",
    ];
    for text in cases {
        assert_eq!(Status::default().read(text.as_bytes()), None, "{text:?}");
    }
}

#[test]
fn a_command_may_hold_any_byte() {
    let rest =
        "S 1 30114 28520 34816 30125 4194304 113 0 2 0 5 6 7 8 20 0 1 0 123456 3133440 444\n";
    let names: [&[u8]; 6] = [b"cat", b"", b") R 1 2 3", b"a\nb (x)", b"\xff(\0", b"((("];
    for comm in names {
        let text = [b"7 (".as_slice(), comm, b") ", rest.as_bytes()].concat();
        let stat = Stat::parse(&text).unwrap();
        let want = Stat {
            comm,
            state: b'S',
            ppid: 1,
            pgid: 30114,
            sid: 28520,
            tty: 34816,
            minflt: 113,
            majflt: 2,
            start_ticks: 123_456,
        };
        assert_eq!(stat, want);
    }
    for text in ["", "7 (x", "7 (x) ", "7 (x) S 1 2", "7 )x( S 1 2 3 4 5 6 7 8 9 10 11 12"] {
        assert_eq!(Stat::parse(text.as_bytes()), None, "{text:?}");
    }
}

#[test]
fn terminals_of_high_numbers_are_printed_as_negative() {
    let text = b"7 (x) S 1 2 3 -2147483648 0 0 1 0 2 0 5 6 7 8 20 0 1 0 9 0";
    assert_eq!(Stat::parse(text).unwrap().tty, 0x8000_0000);
}

#[test]
fn the_first_argument_stands_alone() {
    let cases: [(&[u8], &[u8], &[u8]); 6] = [
        (b"", b"", b""),
        (b"ls\0", b"ls", b""),
        (b"ls\0-l\0\0", b"ls", b"-l\0\0"),
        (b"nginx: worker", b"nginx: worker", b""),
        (b"\0x\0", b"", b"x\0"),
        (b"\xff\0\xfe", b"\xff", b"\xfe"),
    ];
    for (text, exe, args) in cases {
        assert_eq!(cmdline(text), Cmdline { exe, args });
    }
}

#[test]
fn lists_end_in_a_nul_and_are_cut_at_their_bound() {
    let cases: [(&[u8], usize, &[u8], bool); 7] = [
        (b"", 8, b"", false),
        (b"a\0b\0", 8, b"a\0b\0", false),
        (b"a\0b\0", 4, b"a\0b\0", false),
        (b"a\0b", 8, b"a\0b\0", false),
        (b"a\0b", 3, b"a\0\0", false),
        (b"abcdef\0", 4, b"abc\0", true),
        (b"abc\0", 0, b"", true),
    ];
    for (strings, max, want, cut) in cases {
        let mut out = b"before".to_vec();
        assert_eq!(list(strings, max, &mut out), cut, "{strings:?} {max}");
        assert_eq!(out, [b"before".as_slice(), want].concat(), "{strings:?} {max}");
    }
}

fn cgroups(text: &str, unified: &[(&str, &str)], form: CgroupForm) -> String {
    let unified: Vec<_> = unified
        .iter()
        .map(|(subsystem, path)| Unified {
            subsystem: subsystem.as_bytes().into(),
            path: path.as_bytes().into(),
        })
        .collect();
    let mut out = Vec::new();
    assert!(!encode_cgroups(text.as_bytes(), &unified, form, 4096, &mut out));
    String::from_utf8(out).unwrap().replace('\0', " ")
}

#[test]
fn control_groups_are_told_as_drivers_and_scanners_tell_them() {
    let old = "5:name=systemd:/s\n4:cpu,cpuacct:/a:b\n3:blkio:/b\n2:cpuset:/c\n0::/u\n";
    let new = [("memory", "/u/v"), ("cpu", "/u"), ("io", "/"), ("hugetlb", "/")];
    let cases = [
        (
            old,
            &[][..],
            CgroupForm::Event,
            "cpuset=/c cpu=/a:b cpuacct=/a:b io=/b memory=/ unified=/u ",
        ),
        (
            old,
            &[],
            CgroupForm::Snapshot,
            "name=systemd=/s cpu=/a:b cpuacct=/a:b blkio=/b cpuset=/c unified=/u ",
        ),
        ("0::/u/v\n", &new, CgroupForm::Event, "cpuset=/ cpu=/u cpuacct=/ io=/ memory=/u/v "),
        ("0::/u/v\n", &new, CgroupForm::Snapshot, "memory=/u/v cpu=/u io=/ hugetlb=/ "),
        (
            "0::/u/v/w\n",
            &new,
            CgroupForm::Event,
            "cpuset=/ cpu=/u cpuacct=/ io=/ memory=/u/v unified=/u/v/w ",
        ),
        ("0::/w\n", &new[2..], CgroupForm::Snapshot, "io=/ hugetlb=/ unified=/w "),
        ("0::/\n", &new[2..], CgroupForm::Snapshot, "io=/ hugetlb=/ "),
        ("nonsense\n\n1:x\n", &[], CgroupForm::Snapshot, ""),
    ];
    for (text, unified, form, want) in cases {
        assert_eq!(cgroups(text, unified, form), want, "{text:?} {form:?}");
    }
    assert_eq!(unified_path(old.as_bytes()), Some(&b"/u"[..]));
    assert_eq!(unified_path(b"1:cpu:/\n"), None);
}

#[test]
fn groups_that_do_not_fit_are_left_out() {
    let mut out = Vec::new();
    let text = b"1:cpu:/a\n2:memory:/a/long/path\n3:pids:/b\n";
    assert!(encode_cgroups(text, &[], CgroupForm::Snapshot, 16, &mut out));
    assert_eq!(out, b"cpu=/a\0pids=/b\0");
}

#[test]
fn open_flags_have_the_schemas_numbers() {
    let cases = [
        (libc::O_RDONLY, 1),
        (libc::O_WRONLY | libc::O_APPEND, 2 | 1 << 3),
        (libc::O_RDWR | libc::O_CLOEXEC, 3 | 1 << 12),
        (libc::O_RDONLY | libc::O_DIRECTORY, 1 | 1 << 10),
        (libc::O_WRONLY | libc::O_SYNC, 2 | 1 << 4 | 1 << 7),
        (libc::O_WRONLY | libc::O_DSYNC, 2 | 1 << 4),
        (libc::O_RDWR | libc::O_TMPFILE, 3 | 1 << 10 | 1 << 13),
        (libc::O_RDONLY | libc::O_NONBLOCK | libc::O_DIRECT, 1 | 1 << 6 | 1 << 9),
    ];
    for (linux, schema) in cases {
        assert_eq!(open_flags(linux as u32), schema, "{linux:#o}");
    }
}

#[test]
fn fdinfo_tells_flags_and_mount() {
    let cases: [(&[u8], Option<FdInfo>); 4] = [
        (
            b"pos:\t0\nflags:\t02100002\nmnt_id:\t27\nino:\t9\n",
            Some(FdInfo { flags: 0o2_100_002, mount_id: 27 }),
        ),
        (b"pos:\t0\nflags:\t02\n", Some(FdInfo { flags: 2, mount_id: 0 })),
        (b"pos:\t0\n", None),
        (b"flags:\t9\n", None),
    ];
    for (text, want) in cases {
        assert_eq!(FdInfo::parse(text), want);
    }
}

#[test]
fn mounts_are_unescaped() {
    let line = b"36 35 98:256 /mnt1 /mnt\\0402 rw,noatime master:1 - overlay over\\134lay \
        rw,lowerdir=/a\\:b,upperdir=/u\\,p\\040x,workdir=/w";
    let mount = mount(line).unwrap();
    assert_eq!((mount.id, mount.dev), (36, 0x0010_6200));
    assert_eq!((&*mount.root, &*mount.point), (&b"/mnt1"[..], &b"/mnt 2"[..]));
    assert_eq!(mount.kind, b"overlay");
    assert_eq!(mount.option(b"upperdir").as_deref(), Some(&b"/u,p x"[..]));
    assert_eq!(mount.option(b"lowerdir").as_deref(), Some(&b"/a:b"[..]));
    assert_eq!(mount.option(b"rw"), None);
    for line in ["", "36 35 98 / /", "36 35 98:0 / / rw", "36 35 98:0 / / rw - ext4"] {
        assert_eq!(super::mount(line.as_bytes()), None, "{line}");
    }
}

#[test]
fn sockets_are_read_from_their_tables() {
    let v4 = SocketTable::Ipv4(L4Proto::Tcp);
    let v6 = SocketTable::Ipv6(L4Proto::Udp);
    let home = Ipv4Addr::LOCALHOST;
    let hex = |ip: Ipv4Addr| format!("{:08X}", u32::from_ne_bytes(ip.octets()));
    let words = |ip: Ipv6Addr| -> String {
        let bytes = ip.octets();
        let words = bytes.chunks(4).map(|word| u32::from_ne_bytes(word.try_into().unwrap()));
        words.map(|word| format!("{word:08X}")).collect()
    };
    let rest = "00000000:00000000 00:00000000 00000000     0        0";
    let local = hex(home);
    let (here, there) = (words(Ipv6Addr::LOCALHOST), words(Ipv6Addr::UNSPECIFIED));
    let cases = [
        (v4, "  sl  local_address rem_address   st".to_owned(), None),
        (
            v4,
            format!("   0: {local}:07E8 00000000:0000 0A {rest} 39 1 0000000000000000 100 0"),
            Some((39, FdTarget::Ipv4Server { ip: home, port: 2024, l4: L4Proto::Tcp })),
        ),
        (
            v4,
            format!("  12: {local}:0016 {local}:C001 01 {rest} 4242 1"),
            Some((
                4242,
                FdTarget::Ipv4 { sip: home, dip: home, sport: 22, dport: 49153, l4: L4Proto::Tcp },
            )),
        ),
        (v4, format!("   0: {local}:07E8 00000000:0000 06 {rest} 0 3"), None),
        (
            v6,
            format!("   1: {here}:0035 {there}:0000 07 {rest} 8 2"),
            Some((8, FdTarget::Ipv6Server { ip: Ipv6Addr::LOCALHOST, port: 53, l4: L4Proto::Udp })),
        ),
        (
            SocketTable::Unix,
            "00000000ab12: 00000002 00000000 00010000 0001 01 19462 /run/a  b ".to_owned(),
            Some((19462, FdTarget::Unix { source: 0xab12, destination: 0, name: b"/run/a  b " })),
        ),
        (
            SocketTable::Unix,
            "0000000000000000: 00000003 00000000 00000000 0001 03  1655".to_owned(),
            Some((1655, FdTarget::Unix { source: 0, destination: 0, name: b"" })),
        ),
        (SocketTable::Unix, "Num       RefCount Protocol Flags    Type St Inode Path".into(), None),
        (
            SocketTable::Netlink,
            "000000007145bd64 0   77 00000000 0        0        0     2        0        44   "
                .to_owned(),
            Some((44, FdTarget::Named(FdKind::Netlink, b""))),
        ),
    ];
    for (table, line, want) in cases {
        let want = want.map(|(ino, target)| Socket { ino, target });
        assert_eq!(socket(table, line.as_bytes()), want, "{line}");
    }
}

#[test]
fn accounts_are_read_line_by_line() {
    let text =
        b"root:x:0:0:root:/root:/bin/bash\n+::::::\n\nada:x:1000:100::/home/ada\n:x:1:1:::\n";
    let root = User { uid: 0, gid: 0, name: b"root", home: b"/root", shell: b"/bin/bash" };
    let ada = User { uid: 1000, gid: 100, name: b"ada", home: b"/home/ada", shell: b"" };
    assert_eq!(passwd(text).collect::<Vec<_>>(), [root, ada]);
    let groups: Vec<_> = group(b"root:x:0:\nwheel:x:10:ada,root\nbad:x:-1:\n").collect();
    assert_eq!(
        groups.iter().map(|g| (g.name, g.gid)).collect::<Vec<_>>(),
        [(&b"root"[..], 0), (b"wheel", 10)]
    );
}

#[test]
fn ids_are_mapped_by_range() {
    let map = b"         0     100000      65536\n     65536       1000          1\n";
    for (id, want) in [(0, false), (100_000, true), (165_535, true), (165_536, false), (1000, true)]
    {
        assert_eq!(is_mapped(map, id), want, "{id}");
    }
    assert!(is_mapped(b"0 0 4294967295", 7) && !is_mapped(b"0 0", 0) && !is_mapped(b"", 0));
}

#[test]
fn the_machine_is_counted() {
    let text = b"cpu  1 2 3\ncpu0 1 2\ncpu1 1 2\nintr 5\nbtime 1700000000\ncpux\n";
    assert_eq!(counters(text), Counters { cpus: 2, boot_ts_ns: 1_700_000_000_000_000_000 });
    assert_eq!(memory_bytes(b"MemTotal:       16 kB\nMemFree: 1 kB\n"), 16 * 1024);
    assert_eq!(memory_bytes(b""), 0);
}

#[test]
fn limits_tell_how_many_fds_may_be_open() {
    let head = "Limit                     Soft Limit           Hard Limit           Units     \n";
    let cases = [
        (
            "Max open files            1024                 1048576              files     \n",
            Some(1024),
        ),
        (
            "Max open files            unlimited            unlimited            files     \n",
            Some(-1),
        ),
        ("Max cpu time              unlimited            unlimited            seconds   \n", None),
    ];
    for (line, want) in cases {
        assert_eq!(open_files_limit(format!("{head}{line}").as_bytes()), want);
    }
}

/// Every parser on these bytes.
fn parse_all(text: &[u8]) {
    let _ = Status::default().read(text);
    let _ = Stat::parse(text);
    let line = cmdline(text);
    assert!(line.exe.len() + line.args.len() <= text.len());
    for max in [0, 1, 7, 4096] {
        let mut out = Vec::new();
        list(text, max, &mut out);
        assert!(out.len() <= max && out.last().is_none_or(|last| *last == 0));
        for form in [CgroupForm::Event, CgroupForm::Snapshot] {
            let mut out = Vec::new();
            encode_cgroups(text, &[], form, max, &mut out);
            assert!(out.len() <= max);
        }
    }
    let _ = (unified_path(text), FdInfo::parse(text), is_mapped(text, 5), counters(text));
    let _ = (memory_bytes(text), open_files_limit(text));
    for table in [
        SocketTable::Ipv4(L4Proto::Tcp),
        SocketTable::Ipv6(L4Proto::Udp),
        SocketTable::Unix,
        SocketTable::Netlink,
    ] {
        let _ = socket(table, text);
    }
    if let Some(mount) = mount(text) {
        let _ = mount.option(b"upperdir");
    }
    assert!(passwd(text).count() + group(text).count() <= 2 * text.len());
}

proptest! {
    #[test]
    fn no_bytes_break_a_parser(text in proptest::collection::vec(any::<u8>(), 0..512)) {
        parse_all(&text);
    }

    #[test]
    fn no_mutation_of_a_text_breaks_a_parser(
        at in 0..STATUS.len(),
        byte in any::<u8>(),
        which in 0..4_usize,
    ) {
        let texts: [&[u8]; 4] = [
            STATUS.as_bytes(),
            b"7 (x) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23",
            b"36 35 98:0 /mnt1 /mnt\\0402 rw master:1 - overlay o rw,lowerdir=/a,upperdir=/u\\,p",
            b"00000000ab12: 00000002 00000000 00010000 0001 01 19462 /run/a  b ",
        ];
        let mut text = texts[which].to_vec();
        let at = at % text.len();
        text[at] = byte;
        parse_all(&text);
        text.truncate(at);
        parse_all(&text);
    }
}
