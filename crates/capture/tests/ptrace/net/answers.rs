//! Answers of a name server.

use std::{net::UdpSocket, thread};

use event::{dns, syscalls::*};

use super::{
    bytes,
    calls::{self, Message, Raw},
};
use crate::{
    harness::{Kept, Notes, Outcome, trace},
    live,
};

const SERVER: &str = "127.0.0.77:53";

/// An answer with so many addresses, more than an event keeps by default.
fn answer(asked: u8) -> Vec<u8> {
    let mut message = vec![asked, asked, 0x81, 0x80, 0, 1, 0, 11, 0, 0, 0, 0];
    message.extend(b"\x03www\x07example\x03net\0\0\x01\0\x01");
    message.extend(b"\xc0\x0c\0\x05\0\x01\0\0\0\x3c\0\x06\x03cdn\xc0\x10");
    for address in 1..=10 {
        message.extend(b"\xc0\x2d\0\x01\0\x01\0\0\0\x3c\0\x04\xc6\x33\x64");
        message.push(address);
    }
    message
}

/// Asks in every way in which programs do.
pub(super) fn act(notes: &mut Notes) {
    let Ok(server) = UdpSocket::bind(SERVER) else {
        notes.note("skipped", 1);
        return;
    };
    notes.note("skipped", 0);
    // The answers of one that is no name server count for nothing.
    let other = UdpSocket::bind("127.0.0.77:0").unwrap();
    let at = Raw::of(SERVER.parse().unwrap());
    let answers = thread::spawn(move || {
        let mut question = [0; 100];
        for asked in 0..6 {
            let (_, from) = server.recv_from(&mut question).unwrap();
            server.send_to(&answer(asked), from).unwrap();
        }
    });
    let open = || calls::socket(libc::AF_INET, libc::SOCK_DGRAM, 0);
    let (open, connected) = (open(), open());
    calls::connect(connected, &at);
    let room = || vec![0u8; 600];
    calls::send(open, b"?", Some(&at));
    calls::receive(open, 600, Some(&mut Raw::EMPTY.clone()), 0);
    calls::send(connected, b"?", None);
    calls::receive(connected, 600, None, 0);
    calls::send(open, b"?", Some(&at));
    Message::new(Some(Raw::EMPTY), &[&room()], b"").receive(open, 0);
    calls::send(connected, b"?", None);
    let mut rows = [Message::new(None, &[&room()], b""), Message::new(None, &[&room()], b"")];
    calls::receive_rows(connected, &mut rows, libc::MSG_WAITFORONE);
    for vectors in [false, true] {
        calls::send(connected, b"?", None);
        let (mut first, mut rest) = (vec![0u8; 30], room());
        let mut vector = [&mut first, &mut rest]
            .map(|part| libc::iovec { iov_base: part.as_mut_ptr().cast(), iov_len: part.len() });
        // SAFETY: the buffers are alive and as long as is said.
        unsafe {
            if vectors {
                libc::readv(connected, vector.as_mut_ptr(), 2);
            } else {
                libc::read(connected, vector[1].iov_base, 600);
            }
        }
    }
    answers.join().unwrap();
    let alone = calls::socket(libc::AF_INET, libc::SOCK_DGRAM, 0);
    calls::bind(alone, &Raw::of("127.0.0.78:0".parse().unwrap()));
    other.send_to(&answer(9), calls::local(alone)).unwrap();
    calls::receive(alone, 600, Some(&mut Raw::EMPTY.clone()), 0);
}

impl Outcome {
    /// The event of the thread right before a notice, or behind it if it is recorded.
    fn beside(&self, notice: usize) -> &Kept {
        let tid = self.events[notice].tid;
        let of_thread = |event: &&Kept| event.tid == tid;
        let (before, behind) = (&self.events[..notice], &self.events[notice + 1..]);
        let found = match live::is_on() {
            true => behind.iter().find(of_thread),
            false => before.iter().rfind(of_thread),
        };
        found.unwrap()
    }
}

#[test]
fn answers_are_told_whole_whatever_call_reads_them() {
    let outcome = trace("net::answers");
    if outcome.notes.of("skipped") == 1 {
        eprintln!("skipped: {SERVER} cannot be bound here");
        return;
    }
    let notices = outcome.of(ASYNCEVENT_E);
    assert_eq!(notices.len(), 6, "{:?}", outcome.events);
    let addresses: Vec<String> = (1..=10).map(|last| format!("198.51.100.{last}")).collect();
    for notice in &notices {
        assert_eq!((notice.int("plugin_id"), notice.text("name")), (Some(0), dns::NOTICE.into()));
        let told: serde_json::Value = serde_json::from_slice(&bytes(notice, "data")).unwrap();
        assert_eq!(
            told,
            serde_json::json!({
                "name": "www.example.net", "addresses": addresses,
                "cnames": ["cdn.example.net"], "server": SERVER,
            })
        );
    }
    // The call comes first, and has the thread; where the kernel tells it, the notice does.
    let calls = [
        SOCKET_RECVFROM_X,
        SOCKET_RECVFROM_X,
        SOCKET_RECVMSG_X,
        SOCKET_RECVMMSG_X,
        READ_X,
        READV_X,
    ];
    let before: Vec<_> = (1..outcome.events.len())
        .filter(|at| outcome.events[*at].kind == ASYNCEVENT_E)
        .map(|at| (outcome.beside(at), &outcome.events[at]))
        .collect();
    for (number, ((call, notice), kind)) in before.into_iter().zip(calls).enumerate() {
        assert_eq!((call.kind, call.tid), (kind, notice.tid), "{number}");
        assert_eq!(bytes(call, "data"), answer(number as u8), "{number}");
    }
}
