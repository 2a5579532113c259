//! Syslog: what a daemon receives.

use std::{
    io::Read,
    net::{TcpListener, TcpStream, UdpSocket},
    os::unix::net::UnixDatagram,
    thread,
    time::Duration,
};

use notify::{
    Counters, Output, Target,
    syslog::{Facility, Settings},
};

use crate::common::{alert, delivered, end, eventually, numbers, output, run, start};

fn to(place: &str) -> Output {
    let (to, facility) = (place.parse().unwrap(), Facility::default());
    output(Target::Syslog(Settings { to, facility }))
}

/// The text of a message of RFC 5424, whose head is checked.
fn text(message: &[u8]) -> String {
    let message = String::from_utf8(message.to_vec()).unwrap();
    let mut parts = message.splitn(8, ' ');
    let mut next = || parts.next().unwrap_or_default().to_owned();
    assert_eq!(next(), "<28>1", "{message}");
    assert_eq!(next(), "2026-11-23T00:00:00.000000Z");
    assert_eq!(next(), "shop-1");
    assert_eq!(next(), "watchkeeper");
    assert_eq!(next(), std::process::id().to_string());
    assert_eq!(next(), "alert");
    assert_eq!(next(), "[alert@32473");
    let data = next();
    let (data, text) = data.split_once("] ").unwrap();
    assert!(data.starts_with("rule=\"Write below etc\" priority=\"Warning\""), "{data}");
    text.to_owned()
}

fn texts(messages: &[Vec<u8>]) -> Vec<String> {
    messages.iter().map(|message| text(message)).collect()
}

#[test]
fn a_local_daemon_receives_datagrams() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    let daemon = UnixDatagram::bind(&path).unwrap();
    daemon.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    assert_eq!(run(to(path.to_str().unwrap()), 5).0, delivered(5));
    let messages: Vec<_> = (0..5).map(|_| receive(|buffer| daemon.recv(buffer))).collect();
    assert_eq!(texts(&messages), numbers(0..5));
}

#[test]
fn a_local_daemon_that_is_started_anew_is_found_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    let first = UnixDatagram::bind(&path).unwrap();
    let (notifier, _) = start(&[to(path.to_str().unwrap())]);
    notifier.send(alert(0)).unwrap();
    eventually("it is sent", || notifier.reports()[0].counters.delivered == 1);
    drop(first);
    std::fs::remove_file(&path).unwrap();
    let second = UnixDatagram::bind(&path).unwrap();
    second.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    notifier.send(alert(1)).unwrap();
    assert_eq!(end(notifier).delivered, 2);
    assert_eq!(text(&receive(|buffer| second.recv(buffer))), "0001");
}

#[test]
fn a_remote_daemon_receives_datagrams() {
    let daemon = UdpSocket::bind("127.0.0.1:0").unwrap();
    daemon.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let port = daemon.local_addr().unwrap().port();
    assert_eq!(run(to(&format!("udp://127.0.0.1:{port}")), 5).0, delivered(5));
    let messages: Vec<_> = (0..5).map(|_| receive(|buffer| daemon.recv(buffer))).collect();
    assert_eq!(texts(&messages), numbers(0..5));
}

#[test]
fn a_remote_daemon_receives_messages_with_their_length() {
    let daemon = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = daemon.local_addr().unwrap().port();
    let reader = thread::spawn(move || framed(daemon.accept().unwrap().0));
    assert_eq!(run(to(&format!("tcp://127.0.0.1:{port}")), 5).0, delivered(5));
    assert_eq!(texts(&reader.join().unwrap()), numbers(0..5));
}

#[test]
fn a_connection_that_the_daemon_closed_is_opened_anew() {
    let daemon = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = daemon.local_addr().unwrap().port();
    let (notifier, told) = start(&[to(&format!("tcp://127.0.0.1:{port}"))]);
    notifier.send(alert(0)).unwrap();
    eventually("it is sent", || notifier.reports()[0].counters.delivered == 1);
    drop(daemon.accept().unwrap());
    thread::sleep(Duration::from_millis(50));
    notifier.send(alert(1)).unwrap();
    notifier.send(alert(2)).unwrap();
    let reader = thread::spawn(move || framed(daemon.accept().unwrap().0));
    assert_eq!(end(notifier), delivered(3));
    assert_eq!(texts(&reader.join().unwrap()), numbers(1..3));
    assert!(told.all().is_empty(), "{:?}", told.all());
}

#[test]
fn a_daemon_that_is_not_there_is_told_once() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let tcp = format!("tcp://127.0.0.1:{port}");
    for place in ["/no/such/socket", tcp.as_str()] {
        let (counters, told) = run(to(place), 2);
        let want = Counters { retried: 6, not_delivered: 2, ..Counters::default() };
        assert_eq!(counters, want, "{place}");
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].contains("cannot connect"), "{told:?}");
    }
}

fn receive(receive: impl Fn(&mut [u8]) -> std::io::Result<usize>) -> Vec<u8> {
    let mut buffer = vec![0; 70_000];
    let length = receive(&mut buffer).unwrap();
    buffer.truncate(length);
    buffer
}

/// The messages of a stream in which each has its length before it.
fn framed(mut stream: TcpStream) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    stream.read_to_end(&mut all).unwrap();
    let mut left = &all[..];
    let mut messages = Vec::new();
    while let Some(space) = left.iter().position(|&byte| byte == b' ') {
        let length: usize = std::str::from_utf8(&left[..space]).unwrap().parse().unwrap();
        let (message, rest) = left[space + 1..].split_at(length);
        messages.push(message.to_vec());
        left = rest;
    }
    messages
}
