//! Addresses that another thread changes while calls run, and kernels that hand out no sockets.

use std::{
    net::{Ipv4Addr, SocketAddr, TcpListener},
    os::fd::IntoRawFd as _,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
};

use event::syscalls::*;

use super::{
    NONE,
    calls::{self, Raw},
    end, ends, noted, tuple,
};
use crate::harness::{Notes, trace};

const TIMES: usize = 100;

/// Runs `then` with the place of an address that a thread keeps changing from one to the other.
fn with_swapped(addresses: [Raw; 2], then: impl FnOnce(usize)) {
    // They differ in the first 8 bytes only: family, port, address.
    let [one, other] = addresses.map(|raw| u64::from_ne_bytes(raw.bytes[..8].try_into().unwrap()));
    let shared: Arc<[AtomicU64; 2]> = Arc::new([AtomicU64::new(one), AtomicU64::new(0)]);
    let stop = Arc::new(AtomicBool::new(false));
    let (their_shared, their_stop) = (Arc::clone(&shared), Arc::clone(&stop));
    let swapper = thread::spawn(move || {
        while !their_stop.load(Ordering::Relaxed) {
            their_shared[0].store(other, Ordering::Relaxed);
            their_shared[0].store(one, Ordering::Relaxed);
        }
    });
    then(Arc::as_ptr(&shared) as usize);
    stop.store(true, Ordering::Relaxed);
    swapper.join().unwrap();
}

fn wait_connected(fd: i32) {
    let mut wanted = libc::pollfd { fd, events: libc::POLLOUT, revents: 0 };
    // SAFETY: one entry is there, as is said.
    assert_eq!(unsafe { libc::poll(&raw mut wanted, 1, -1) }, 1);
}

/// A listener whose port differs in one byte: emulated machines copy an address byte by byte, and half of
/// one with half of the other would lead to nobody.
fn neighbour(of: SocketAddr) -> TcpListener {
    let mut others = (1..=u8::MAX).map(|flipped| of.port() ^ u16::from(flipped));
    others.find_map(|port| TcpListener::bind((of.ip(), port)).ok()).unwrap()
}

/// Connects to one of two listeners, whichever a thread has just written into the address.
pub(super) fn act(notes: &mut Notes) {
    let one = TcpListener::bind("127.0.0.1:0").unwrap();
    let other = neighbour(one.local_addr().unwrap());
    let listeners = [one, other];
    let addresses = listeners.each_ref().map(|listener| Raw::of(listener.local_addr().unwrap()));
    with_swapped(addresses, |address| {
        for at in 0..TIMES {
            let kind = if at % 2 == 0 { 0 } else { libc::SOCK_NONBLOCK };
            let fd = calls::socket(libc::AF_INET, libc::SOCK_STREAM | kind, 0);
            calls::raw(libc::SYS_connect, [fd as usize, address, 16, 0, 0, 0]);
            // Only what stands has another end; on a busy machine that takes a moment.
            wait_connected(fd);
            notes.note(&format!("{at}.local"), calls::local(fd).port());
            notes.note(&format!("{at}.peer"), calls::peer(fd).port());
            calls::close(fd);
        }
    });
}

#[test]
fn a_connection_is_what_it_is_whatever_the_memory_says() {
    let outcome = trace("net::races");
    let events = outcome.of(SOCKET_CONNECT_X);
    assert_eq!(events.len(), TIMES);
    for (at, event) in events.into_iter().enumerate() {
        let ip = Ipv4Addr::LOCALHOST.into();
        let of = |name: &str| noted(&outcome.notes, ip, &format!("{at}.{name}"));
        assert_eq!(tuple(event), ends(of("local"), of("peer")), "{at}");
    }
}

/// Connects to one of two listeners that take no more, so that no connection ever stands.
pub(super) fn act_begun(notes: &mut Notes) {
    const BEGIN: i32 = libc::SOCK_STREAM | libc::SOCK_NONBLOCK;
    let full = |server: TcpListener| {
        let address = Raw::of(server.local_addr().unwrap());
        calls::listen(server.into_raw_fd(), 0);
        for _ in 0..3 {
            calls::connect(calls::socket(libc::AF_INET, BEGIN, 0), &address);
        }
        address
    };
    let one = TcpListener::bind("127.0.0.1:0").unwrap();
    let other = neighbour(one.local_addr().unwrap());
    with_swapped([one, other].map(full), |address| {
        for at in 0..TIMES {
            let fd = calls::socket(libc::AF_INET, BEGIN, 0);
            let begun = calls::raw(libc::SYS_connect, [fd as usize, address, 16, 0, 0, 0]);
            assert_eq!(begun, -i64::from(libc::EINPROGRESS));
            notes.note(&format!("{at}.local"), calls::local(fd).port());
            let inode = calls::inode(fd).to_string();
            let table = std::fs::read_to_string("/proc/self/net/tcp").unwrap();
            let fields = |line: &'static str| line.split_ascii_whitespace().collect::<Vec<_>>();
            let mut lines = table.leak().lines().map(fields);
            let line = lines.find(|line| line.get(9) == Some(&&*inode)).unwrap();
            assert_eq!(line[3], "02", "is being made");
            let port = u16::from_str_radix(line[2].split_once(':').unwrap().1, 16).unwrap();
            notes.note(&format!("{at}.peer"), port);
            calls::close(fd);
        }
    });
}

#[test]
fn where_a_connection_goes_is_known_before_it_stands() {
    let outcome = trace("net::races_begun");
    let events = outcome.of(SOCKET_CONNECT_X);
    for (at, event) in events[events.len() - TIMES..].iter().enumerate() {
        let ip = Ipv4Addr::LOCALHOST.into();
        let of = |name: &str| noted(&outcome.notes, ip, &format!("{at}.{name}"));
        assert_eq!(tuple(event), ends(of("local"), of("peer")), "{at}");
    }
}

/// Forbids this thread, and those that it starts, to get copies of others' fds.
fn forbid_copies() {
    let step = |code, jt, jf, k| libc::sock_filter { code, jt, jf, k };
    let deny = 0x0005_0000 | libc::EPERM as u32;
    let mut program = [
        step(0x20, 0, 0, 0),
        step(0x15, 0, 1, libc::SYS_pidfd_getfd as u32),
        step(0x06, 0, 0, deny),
        step(0x06, 0, 0, 0x7fff_0000),
    ];
    let filter = libc::sock_fprog { len: 4, filter: program.as_mut_ptr() };
    // SAFETY: filter describes the program, which is alive; the kernel copies it.
    unsafe {
        assert_eq!(libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
        let at = &raw const filter;
        assert_eq!(libc::prctl(libc::PR_SET_SECCOMP, libc::SECCOMP_MODE_FILTER, at), 0);
    }
}

/// Where a filter forbids copies, there are the addresses in memory.
#[test]
fn without_copies_of_sockets_the_addresses_in_memory_count() {
    let tests = thread::spawn(|| {
        forbid_copies();
        let ip = Ipv4Addr::LOCALHOST.into();
        let nobody = SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), 0);

        let outcome = trace("net::tcp4");
        let at = |name| noted(&outcome.notes, ip, name);
        let [connected, begun, refused] = outcome.of(SOCKET_CONNECT_X)[..] else { panic!() };
        assert_eq!(tuple(connected), ends(nobody, at("server")));
        assert_eq!(tuple(begun), ends(nobody, at("server")));
        assert_eq!(tuple(refused), NONE);
        let [first] = outcome.of(SOCKET_ACCEPT4_6_X)[..] else { panic!() };
        assert_eq!(tuple(first), ends(at("waits"), nobody));
        assert_eq!([first.int("queuelen"), first.int("queuemax")], [Some(0); 2]);
        let [second] = outcome.of(SOCKET_ACCEPT_5_X)[..] else { panic!() };
        assert_eq!(tuple(second), NONE, "it was not asked who that is");
        let [bound] = outcome.of(SOCKET_BIND_X)[..] else { panic!() };
        assert_eq!(super::address(bound), end(SocketAddr::new(ip, 0)));

        let outcome = trace("net::udp4");
        let at = |name| noted(&outcome.notes, ip, name);
        let [first, _, plain] = outcome.of(SOCKET_SENDTO_X)[..] else { panic!() };
        assert_eq!(tuple(first), ends(nobody, at("server")));
        assert_eq!(tuple(plain), NONE);
        let [got, ..] = outcome.of(SOCKET_RECVFROM_X)[..] else { panic!() };
        assert_eq!(tuple(got), ends(at("client"), nobody));
        let [into] = outcome.of(SOCKET_RECVMSG_X)[..] else { panic!() };
        assert_eq!(tuple(into), ends(at("client"), nobody));
    });
    if let Err(panic) = tests.join() {
        std::panic::resume_unwind(panic);
    }
}
