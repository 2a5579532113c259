//! Every type's printed forms, and that nothing can upset the printers.

use std::collections::HashSet;

use super::*;
use crate::{
    EventBuilder, EventType,
    schema::Symbol,
    snapshot::{FdKind, L4Proto},
    syscalls::{CLOSE_X, GENERIC_X, OPENAT_2_X},
};

/// A world in which a few names are known.
struct World;

impl Names for World {
    fn has_thread(&self) -> bool {
        true
    }
    fn fd(&self, fd: i64) -> Option<FdName<'_>> {
        let (kind, l4, name): (_, _, &[u8]) = match fd {
            3 => (FdKind::FileV2, L4Proto::Unknown, b"/etc/passwd"),
            4 => (FdKind::Ipv4Sock, L4Proto::Tcp, b"10.0.0.1:1->10.0.0.2:2"),
            5 => (FdKind::Directory, L4Proto::Unknown, b"/tmp"),
            6 => (FdKind::Fifo, L4Proto::Unknown, b""),
            7 => (FdKind::Ipv6ServSock, L4Proto::Udp, b":::53"),
            _ => return None,
        };
        Some(FdName { kind, l4, name })
    }
    fn cwd(&self) -> &[u8] {
        b"/root/"
    }
    fn comm(&self, tid: i64) -> Option<&[u8]> {
        (tid == 42).then_some(b"bash")
    }
    fn user(&self, uid: u32) -> Option<&[u8]> {
        (uid == 0).then_some(b"root")
    }
    fn group(&self, gid: u32) -> Option<&[u8]> {
        (gid == 0).then_some(b"wheel")
    }
}

const BITS: &[Symbol] = &[
    Symbol::new("ALL", 7),
    Symbol::new("ONE", 1),
    Symbol::new("TWO", 2),
    Symbol::new("NONE", 0),
    Symbol::new("EIGHT", 8),
    Symbol::new("EIGHT_TOO", 8),
];

const VARIANTS: &[ParamInfo] = &[
    ParamInfo { name: "", ty: ParamType::ByteBuf, format: Format::Hex, detail: Detail::None },
    ParamInfo { name: "", ty: ParamType::Uint64, format: Format::Dec, detail: Detail::None },
    ParamInfo { name: "", ty: ParamType::Fd, format: Format::Dec, detail: Detail::None },
];

/// What a case adds to a type: print format and detail.
fn info(ty: ParamType, format: Format) -> &'static ParamInfo {
    use ParamType as T;
    let detail = match ty {
        T::Dyn => Detail::Variants(VARIANTS),
        T::FsRelPath => Detail::DirFd(1),
        T::Flags8
        | T::Flags16
        | T::Flags32
        | T::EnumFlags8
        | T::EnumFlags16
        | T::EnumFlags32
        | T::Mode => Detail::Symbols(BITS),
        _ => Detail::None,
    };
    Box::leak(Box::new(ParamInfo { name: "it", ty, format, detail }))
}

/// The value alone, `value(meaning)` and the better of both.
fn printed(ty: ParamType, format: Format, bytes: &[u8], names: &impl Names) -> (String, String) {
    let mut builder = EventBuilder::default();
    // The second parameter of a close is the fd 5, where relative paths begin.
    builder.start(CLOSE_X, 0, 42, 0).i64(0).i64(5);
    let event = builder.event().expect("an event");
    let param = Param { info: info(ty, format), bytes };
    let (mut both, mut best) = (b"before ".to_vec(), b"before ".to_vec());
    print(&event, &param, names, &mut Sink::both(&mut both));
    print(&event, &param, names, &mut Sink::best(&mut best));
    let text = |out: Vec<u8>| {
        String::from_utf8_lossy(out.strip_prefix(b"before ").expect("kept")).into_owned()
    };
    (text(both), text(best))
}

/// Bytes of a case.
fn le(value: i64, bytes: usize) -> Vec<u8> {
    value.to_le_bytes()[..bytes].to_vec()
}

fn socket(family: u8, parts: &[&[u8]]) -> Vec<u8> {
    let mut out = vec![family];
    parts.iter().for_each(|part| out.extend_from_slice(part));
    out
}

fn fds(entries: &[(i64, i16)]) -> Vec<u8> {
    let mut out = le(entries.len() as i64, 2);
    for (fd, flags) in entries {
        out.extend(fd.to_le_bytes());
        out.extend(flags.to_le_bytes());
    }
    out
}

/// Type, format, bytes, what evt.args shows, what evt.arg shows.
type Case = (ParamType, Format, Vec<u8>, &'static str, &'static str);

fn cases() -> Vec<Case> {
    let mut all = numbers();
    all.extend(texts());
    all.extend(references());
    all.extend(flags_and_codes());
    all.extend(addresses());
    all
}

fn numbers() -> Vec<Case> {
    use {Format as F, ParamType as T};
    vec![
        (T::None, F::Na, vec![1], "<NA>", "<NA>"),
        (T::Int8, F::Dec, le(-5, 1), "-5", "-5"),
        (T::Int8, F::Hex, le(-1, 1), "FFFFFFFF", "FFFFFFFF"),
        (T::Int16, F::Dec, le(-300, 2), "-300", "-300"),
        (T::Int32, F::Dec, le(-70_000, 4), "-70000", "-70000"),
        (T::Int64, F::Dec, le(i64::MIN, 8), "-9223372036854775808", "-9223372036854775808"),
        (T::Int64, F::Dec, le(1, 4), "<NA>", "<NA>"),
        (T::Uint8, F::Dec, le(255, 1), "255", "255"),
        (T::Uint16, F::Dec, le(65_535, 2), "65535", "65535"),
        (T::Uint32, F::Dec, le(7, 4), "7", "7"),
        (T::Uint32, F::Dec, le(-1, 4), "-1", "-1"),
        (T::Uint32, F::Hex, le(0x811, 4), "811", "811"),
        (T::Uint32, F::Oct, le(0o644, 4), "0644", "0644"),
        (T::Uint64, F::Dec, le(-1, 8), "-1", "-1"),
        (T::Uint64, F::Hex, le(0x7fff_0000, 8), "7FFF0000", "7FFF0000"),
        (T::Uint64, F::PaddedDec, le(12, 8), "000000012", "000000012"),
        (T::Uint64, F::Dec, vec![], "<NA>", "<NA>"),
        (T::Port, F::Dec, le(443, 2), "443", "443"),
        (T::L4Proto, F::Dec, le(6, 1), "6", "6"),
        (T::SockFamily, F::Dec, le(2, 1), "2", "2"),
        (T::Bool, F::Dec, le(1, 4), "true", "true"),
        (T::Bool, F::Dec, le(0, 4), "false", "false"),
        (T::Double, F::Dec, 1.5f64.to_le_bytes().to_vec(), "1.5", "1.5"),
        (T::RelTime, F::Dec, le(1_500_000_000, 8), "1500000000(1.5s)", "1.5s"),
        (T::RelTime, F::Dec, le(1, 8), "1(1e-09s)", "1e-09s"),
        (T::RelTime, F::Dec, le(-1, 8), "none", "none"),
        (
            T::AbsTime,
            F::Dec,
            le(1_690_557_262_731_217_947, 8),
            "2023-07-28 15:14:22.731217947",
            "2023-07-28 15:14:22.731217947",
        ),
    ]
}

fn texts() -> Vec<Case> {
    use {Format as F, ParamType as T};
    let bytes = |text: &str| text.as_bytes().to_vec();
    vec![
        (T::CharBuf, F::Na, bytes("a b\n\0"), "a b\n", "a b\n"),
        (T::CharBuf, F::Na, bytes("\0"), "", ""),
        (T::CharBuf, F::Na, bytes(""), "<NA>", "<NA>"),
        (T::CharBuf, F::Na, bytes("(NULL)\0"), "<NA>", "<NA>"),
        (T::CharBuf, F::Na, bytes("cut"), "cut", "cut"),
        (T::ByteBuf, F::Na, bytes("GET /\r\n\0\u{7f}"), "GET /....", "GET /...."),
        (T::ByteBuf, F::Na, bytes(""), "NULL", "NULL"),
        (T::CharBufArray, F::Na, bytes("a\0b\0"), "a.b", "a.b"),
        (T::CharBufArray, F::Na, bytes(""), "NULL", "NULL"),
        (T::CharBufPairArray, F::Na, bytes("a\0b\0c\0d\0"), "a:b,c:d", "a:b,c:d"),
        (T::FsPath, F::Na, bytes("/etc//x\0"), "/etc//x", "/etc//x"),
        (T::FsPath, F::Na, bytes("../x\0"), "../x(/x)", "/x"),
        (T::FsPath, F::Na, bytes("\0"), "", ""),
        (T::FsPath, F::Na, bytes(""), "<NA>", "<NA>"),
        (T::FsPath, F::Na, bytes("<NA>\0"), "<NA>", "<NA>"),
        (T::FsRelPath, F::Na, bytes("a/b\0"), "a/b(/tmp/a/b)", "/tmp/a/b"),
        (T::Dyn, F::Dec, vec![], "NULL", "NULL"),
        (T::Dyn, F::Dec, vec![0], "", ""),
        (T::Dyn, F::Dec, b"\0ab\x01".to_vec(), "ab.", "ab."),
        (T::Dyn, F::Hex, [vec![1], le(31, 8)].concat(), "1F", "1F"),
        (T::Dyn, F::Dec, vec![1, 2], "<NA>", "<NA>"),
        (T::Dyn, F::Dec, [vec![2], le(3, 8)].concat(), "3(<f>/etc/passwd)", "<f>/etc/passwd"),
        (T::Dyn, F::Dec, vec![9], "INVALID DYNAMIC PARAMETER", "INVALID DYNAMIC PARAMETER"),
    ]
}

fn references() -> Vec<Case> {
    use {Format as F, ParamType as T};
    vec![
        (T::Fd, F::Dec, le(3, 8), "3(<f>/etc/passwd)", "<f>/etc/passwd"),
        (T::Fd, F::Dec, le(4, 8), "4(<4t>10.0.0.1:1->10.0.0.2:2)", "<4t>10.0.0.1:1->10.0.0.2:2"),
        (T::Fd, F::Dec, le(6, 8), "6(<p>)", "<p>"),
        (T::Fd, F::Dec, le(7, 8), "7(<6u>:::53)", "<6u>:::53"),
        (T::Fd, F::Dec, le(99, 8), "99", "99"),
        (T::Fd, F::Dec, le(-100, 8), "-100(AT_FDCWD)", "AT_FDCWD"),
        (T::Fd, F::Dec, le(-2, 8), "-2(ENOENT)", "ENOENT"),
        (T::Fd, F::Dec, le(-99_999, 8), "-99999", "-99999"),
        (T::Fd32, F::Dec, le(3, 4), "3(<f>/etc/passwd)", "<f>/etc/passwd"),
        (T::Pid, F::Dec, le(42, 8), "42(bash)", "bash"),
        (T::Pid, F::Dec, le(-11, 8), "-11", "-11"),
        (T::Pid32, F::Dec, le(42, 4), "42(bash)", "bash"),
        (T::Uid, F::Dec, le(0, 4), "0(root)", "root"),
        (T::Uid, F::Dec, le(7, 4), "7(<NA>)", "<NA>"),
        (T::Uid, F::Dec, le(-1, 4), "-1(<NONE>)", "<NONE>"),
        (T::Gid, F::Dec, le(0, 4), "0(wheel)", "wheel"),
        (T::Gid, F::Dec, le(-2, 4), "-2(<NA>)", "<NA>"),
        (
            T::FdList,
            F::Dec,
            fds(&[(3, 0x41), (99, -1)]),
            "3:f41 99:?ffffffff",
            "3:f41 99:?ffffffff",
        ),
        (T::FdList, F::Dec, fds(&[(-1, 0)]), "18446744073709551615:?0", "18446744073709551615:?0"),
        (T::FdList, F::Dec, fds(&[]), "", ""),
        (T::FdList, F::Dec, vec![], "NULL", "NULL"),
        (T::FdList, F::Dec, vec![1], "<NA>", "<NA>"),
    ]
}

fn flags_and_codes() -> Vec<Case> {
    use {Format as F, ParamType as T};
    vec![
        (T::Flags8, F::Hex, le(7, 1), "7(ALL)", "ALL"),
        (T::Flags8, F::Hex, le(3, 1), "3(ONE|TWO)", "ONE|TWO"),
        (T::Flags16, F::Hex, le(0, 2), "0(NONE)", "NONE"),
        (T::Flags16, F::Hex, le(8, 2), "8(EIGHT)", "EIGHT"),
        (T::Flags32, F::Hex, le(0x19, 4), "25(ONE|EIGHT)", "ONE|EIGHT"),
        (T::Flags32, F::Hex, le(0x10, 4), "16", "16"),
        (T::Flags32, F::Hex, vec![], "<NA>", "<NA>"),
        (T::EnumFlags8, F::Dec, le(8, 1), "8(EIGHT|EIGHT_TOO)", "EIGHT|EIGHT_TOO"),
        (T::EnumFlags16, F::Dec, le(3, 2), "3", "3"),
        (T::EnumFlags32, F::Dec, le(0, 4), "0(NONE)", "NONE"),
        (T::Mode, F::Oct, le(0o3, 4), "03(ONE|TWO)", "ONE|TWO"),
        (T::Mode, F::Oct, le(0, 4), "0(NONE)", "NONE"),
        (T::Mode, F::Oct, le(0o10, 4), "010(EIGHT)", "EIGHT"),
        (T::Errno, F::Dec, le(-13, 8), "-13(EACCES)", "EACCES"),
        (T::Errno, F::Dec, le(13, 8), "13", "13"),
        (T::Errno, F::Dec, le(-4095, 8), "-4095", "-4095"),
        (T::SyscallId, F::Dec, le(3, 2), "3(read)", "read"),
        (T::SyscallId, F::Dec, le(9999, 2), "<unknown syscall>", "<unknown syscall>"),
        (T::SigType, F::Dec, le(9, 1), "9(SIGKILL)", "SIGKILL"),
        (T::SigType, F::Dec, le(64, 1), "64", "64"),
        (T::SigSet, F::Dec, le(0b1_0000_0001, 4), "SIGHUP SIGKILL", "SIGHUP SIGKILL"),
        (T::SigSet, F::Dec, le(1 << 31, 4), "", ""),
    ]
}

fn addresses() -> Vec<Case> {
    use {Format as F, ParamType as T};
    let v6 = |last: u8| [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last];
    let mapped = |last: u8| [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 0, 0, last];
    let pointers = [le(0xabc, 8), le(0xdef, 8)].concat();
    vec![
        (
            T::SockAddr,
            F::Na,
            socket(2, &[&[127, 0, 0, 1], &[80, 0]]),
            "127.0.0.1:80",
            "127.0.0.1:80",
        ),
        (T::SockAddr, F::Na, socket(10, &[&v6(1), &[53, 0]]), "2001:db8::1:53", "2001:db8::1:53"),
        (T::SockAddr, F::Na, socket(1, &[b"/run/x\0"]), "/run/x", "/run/x"),
        (T::SockAddr, F::Na, vec![2, 1], "INVALID IPv4", "INVALID IPv4"),
        (T::SockAddr, F::Na, vec![10], "INVALID IPv6", "INVALID IPv6"),
        (T::SockAddr, F::Na, vec![1], "INVALID PATH", "INVALID PATH"),
        (T::SockAddr, F::Na, vec![16, 0], "family 16", "family 16"),
        (T::SockAddr, F::Na, vec![], "<NA>", "<NA>"),
        (
            T::SockTuple,
            F::Na,
            socket(2, &[&[10, 0, 0, 1], &[1, 0], &[10, 0, 0, 2], &[80, 0]]),
            "10.0.0.1:1->10.0.0.2:80",
            "10.0.0.1:1->10.0.0.2:80",
        ),
        (
            T::SockTuple,
            F::Na,
            socket(10, &[&v6(1), &[1, 0], &v6(2), &[2, 0]]),
            "2001:db8::1:1->2001:db8::2:2",
            "2001:db8::1:1->2001:db8::2:2",
        ),
        (
            T::SockTuple,
            F::Na,
            socket(10, &[&mapped(1), &[1, 0], &mapped(2), &[2, 0]]),
            "10.0.0.1:1->10.0.0.2:2",
            "10.0.0.1:1->10.0.0.2:2",
        ),
        (T::SockTuple, F::Na, socket(1, &[&pointers, b"/s\0"]), "abc->def /s", "abc->def /s"),
        (T::SockTuple, F::Na, socket(1, &[&pointers, b"/s"]), "INVALID PATH", "INVALID PATH"),
        (T::SockTuple, F::Na, vec![17], "family 17", "family 17"),
        (T::SockTuple, F::Na, vec![], "NULL", "NULL"),
        (T::Ipv4Addr, F::Na, vec![1, 2, 3, 4], "1.2.3.4", "1.2.3.4"),
        (T::Ipv4Net, F::Na, vec![1, 2, 3, 4], "1.2.3.4", "1.2.3.4"),
        (T::Ipv6Addr, F::Na, v6(1).to_vec(), "2001:db8::1", "2001:db8::1"),
        (T::Ipv6Net, F::Na, v6(1).to_vec(), "2001:db8::1", "2001:db8::1"),
        (T::IpAddr, F::Na, v6(1).to_vec(), "2001:db8::1", "2001:db8::1"),
        (T::IpAddr, F::Na, vec![1, 2], "<NA>", "<NA>"),
        (T::IpNet, F::Na, vec![1, 2, 3, 4], "1.2.3.4", "1.2.3.4"),
    ]
}

#[test]
fn each_type_prints_as_rules_know_it() {
    for (ty, format, bytes, both, best) in cases() {
        let expected = (both.to_owned(), best.to_owned());
        assert_eq!(printed(ty, format, &bytes, &World), expected, "{ty:?} {bytes:?}");
    }
}

#[test]
fn no_type_is_without_a_case() {
    let tested: HashSet<u8> = cases().iter().map(|case| case.0 as u8).collect();
    let missing: Vec<_> =
        ParamType::ALL.iter().filter(|ty| !tested.contains(&(**ty as u8))).collect();
    assert!(missing.is_empty(), "no case prints {missing:?}");
}

#[test]
fn without_a_thread_numbers_and_paths_stay_as_they_are() {
    use {Format as F, ParamType as T};
    for (ty, bytes, text) in [
        (T::Fd, le(3, 8), "3"),
        (T::Fd, le(-2, 8), "-2"),
        (T::Pid, le(42, 8), "42"),
        (T::FsPath, b"x\0".to_vec(), "x"),
        (T::Uid, le(0, 4), "<NA>"),
        (T::FdList, fds(&[(3, 1)]), "3:?1"),
    ] {
        assert_eq!(printed(ty, F::Dec, &bytes, &NoNames).1, text, "{ty:?}");
    }
}

#[test]
fn all_arguments_stand_in_one_line() {
    let mut builder = EventBuilder::default();
    builder.start(OPENAT_2_X, 0, 42, 0).i64(3).i64(5).text("x").u32(1);
    let mut out = Vec::new();
    args(&builder.event().expect("an event"), &World, &mut out);
    let text = "fd=3(<f>/etc/passwd) dirfd=5(<d>/tmp) name=x(/tmp/x) flags=1(O_RDONLY)";
    assert_eq!(String::from_utf8_lossy(&out), text);
}

#[test]
fn generic_syscalls_show_no_arguments_but_have_them() {
    let mut builder = EventBuilder::default();
    builder.start(GENERIC_X, 0, 42, 0).u16(3).u16(0);
    let event = builder.event().expect("an event");
    let mut out = Vec::new();
    args(&event, &World, &mut out);
    assert!(out.is_empty());
    assert!(arg(&event, 0, &World, &mut out));
    assert_eq!(out, b"read");
    assert!(!arg(&event, 7, &World, &mut out));
}

proptest::proptest! {
    #[test]
    fn any_bytes_print_within_bounds(
        number in 0..crate::schema::EVENT_TYPES as u16,
        params in proptest::collection::vec(proptest::collection::vec(proptest::num::u8::ANY, 0..40), 0..33),
    ) {
        let mut builder = EventBuilder::default();
        builder.start(EventType::new(number).expect("a type"), 0, 42, 0);
        params.iter().for_each(|bytes| { builder.raw(bytes); });
        if let Ok(event) = builder.event() {
            let mut out = Vec::new();
            args(&event, &World, &mut out);
            let bytes: usize = params.iter().map(Vec::len).sum();
            assert!(out.len() <= params.len() * path::MAX_PATH_BYTES + 4 * bytes, "{} bytes", out.len());
            for index in 0..params.len() {
                arg(&event, index, &NoNames, &mut out);
            }
        }
    }

    #[test]
    fn any_bytes_of_any_type_print(ty in 0..ParamType::ALL.len(), bytes: Vec<u8>) {
        printed(ParamType::ALL[ty], Format::Dec, &bytes, &World);
        printed(ParamType::ALL[ty], Format::Hex, &bytes, &NoNames);
    }
}
