//! Fds that come in with messages.

use std::{ffi::CStr, net::Ipv4Addr, os::fd::AsRawFd};

use event::{
    handed::{Handed, NOTICE},
    snapshot::{FdKind, FdTarget, L4Proto},
    syscalls::*,
};

use super::{
    bytes,
    calls::{self, Message, Raw},
};
use crate::harness::{Kept, Notes, trace};

fn open(path: &CStr, flags: i32) -> i32 {
    // SAFETY: the path is a text of C.
    unsafe { libc::open(path.as_ptr(), flags) }
}

fn pipe() -> i32 {
    let mut ends = [0; 2];
    // SAFETY: there is room for two numbers.
    assert_eq!(unsafe { libc::pipe(ends.as_mut_ptr()) }, 0);
    ends[0]
}

pub(super) fn act(notes: &mut Notes) {
    let ip = Ipv4Addr::LOCALHOST.into();
    let server = calls::socket(libc::AF_INET, libc::SOCK_STREAM, 0);
    calls::bind(server, &Raw::of(std::net::SocketAddr::new(ip, 0)));
    calls::listen(server, 3);
    let client = calls::socket(libc::AF_INET, libc::SOCK_STREAM, 0);
    calls::connect(client, &Raw::of(calls::local(server)));
    notes.note("server", calls::local(server).port());
    notes.note("client", calls::local(client).port());
    // SAFETY: the name is a text of C.
    let memfd = unsafe { libc::memfd_create(c"given".as_ptr(), 0) };
    // SAFETY: no memory is passed.
    let counter = unsafe { libc::eventfd(0, 0) };
    let read = open(c"/dev/null", libc::O_RDWR | libc::O_APPEND);
    let folder = open(c"/proc", libc::O_RDONLY | libc::O_DIRECTORY);
    let given = [read, folder, pipe(), client, server, memfd, counter];
    let mut pair = [0i32; 2];
    let at = pair.as_mut_ptr() as usize;
    let (family, kind) = (libc::AF_UNIX as usize, libc::SOCK_DGRAM as usize);
    calls::raw(libc::SYS_socketpair, [family, kind, 0, at, 0, 0]);
    let mut out = Message::new(None, &[b"all of them"], &calls::rights(&given));
    notes.note("sent", out.send(pair[0]));
    let mut into = Message::new(None, &[&[0; 20]], &[0; 128]);
    notes.note("received", into.receive(pair[1], libc::MSG_CMSG_CLOEXEC));
    note_given(notes, "all", &into);
    let each = |fd| Message::new(None, &[b"one of them"], &calls::rights(&[fd]));
    notes.note("row sent", calls::send_rows(pair[0], &mut [each(read), each(client)]));
    let mut row = [(); 3].map(|()| Message::new(None, &[&[0; 20]], &[0; 24]));
    notes.note("row", calls::receive_rows(pair[1], &mut row, libc::MSG_DONTWAIT));
    note_given(notes, "first", &row[0]);
    note_given(notes, "second", &row[1]);
    std::fs::create_dir_all(deep()).unwrap();
    let file = std::fs::File::create(format!("{}/file", deep())).unwrap();
    each(file.as_raw_fd()).send(pair[0]);
    let mut into = Message::new(None, &[&[0; 20]], &[0; 24]);
    notes.note("deep", into.receive(pair[1], 0));
}

/// A longer path than is usual.
fn deep() -> String {
    ["a", "b", "c"].map(|letter| letter.repeat(250)).join("/")
}

/// Notes the numbers that came in with a message.
fn note_given(notes: &mut Notes, name: &str, message: &Message) {
    for (at, fd) in message.control.get(16..).unwrap_or_default().as_chunks().0.iter().enumerate() {
        notes.note(&format!("{name}.{at}"), i32::from_ne_bytes(*fd));
    }
}

/// What an fd is, in words.
fn described(target: &FdTarget<'_>) -> String {
    match target {
        FdTarget::Named(kind, name) => format!("{kind:?} {}", String::from_utf8_lossy(name)),
        FdTarget::File { open_flags, name, dev } => {
            assert_ne!(*dev, 0);
            format!("{} {open_flags:#x}", String::from_utf8_lossy(name))
        }
        other => format!("{other:?}"),
    }
}

fn is_notice(event: &&&Kept) -> bool {
    event.text("name") == NOTICE.as_bytes()
}

#[test]
fn what_is_handed_over_is_known() {
    let outcome = trace("net::rights");
    let notes = &outcome.notes;
    let told: Vec<Vec<u8>> = outcome
        .of(ASYNCEVENT_E)
        .iter()
        .filter(is_notice)
        .map(|notice| bytes(notice, "data"))
        .collect();
    let told: Vec<Handed<'_>> =
        told.iter().map(|data| Handed::read_notice(data).unwrap()).collect();
    assert_eq!((notes.of("row"), told.len()), (2, 10));
    let Some((deep, told)) = told.split_last() else { panic!() };
    let FdTarget::File { name, .. } = deep.fd.target else { panic!("{deep:?}") };
    assert!(name.ends_with(format!("/{}/file", self::deep()).as_bytes()), "{deep:?}");
    let ip = Ipv4Addr::LOCALHOST;
    let [server, client] = ["server", "client"].map(|name| notes.of(name) as u16);
    let l4 = L4Proto::Tcp;
    let connection = FdTarget::Ipv4 { sip: ip, dip: ip, sport: client, dport: server, l4 };
    let listener = FdTarget::Ipv4Server { ip, port: server, l4 };
    let pipe = format!("pipe:[{}]", told[2].fd.ino);
    // Programs of 64 bits open all files as large ones.
    let large = if cfg!(target_pointer_width = "64") { 0x800 } else { 0 };
    let null = |on_exec: u32| format!("/dev/null {:#x}", 3 | 8 | large | on_exec);
    let expected = [
        null(0x1000),
        described(&FdTarget::Named(FdKind::Directory, b"/proc")),
        described(&FdTarget::Named(FdKind::Fifo, pipe.as_bytes())),
        described(&connection),
        described(&listener),
        described(&FdTarget::Named(FdKind::Memfd, b"/memfd:given (deleted)")),
        described(&FdTarget::Named(FdKind::Event, b"")),
        null(0),
        described(&connection),
    ];
    let described: Vec<String> = told.iter().map(|told| described(&told.fd.target)).collect();
    assert_eq!(described, expected);
    let numbers = (0..7).map(|at| format!("all.{at}")).chain(["first.0".into(), "second.0".into()]);
    for ((told, name), at) in told.iter().zip(numbers).zip(0..) {
        assert_eq!(told.fd.fd, notes.of(&name), "{name}");
        assert!(told.fd.ino != 0 && told.closes_on_exec == (at < 7), "{name}");
    }
}
