//! A connection that one process hands to another is one in the hands of that one, too: a shell on it is
//! told of.

use std::{
    env,
    mem::size_of_val,
    net::{Ipv4Addr, TcpListener, TcpStream},
    os::{
        fd::{AsRawFd, FromRawFd, OwnedFd, RawFd},
        unix::{net::UnixStream, process::CommandExt},
    },
    process::{Command, Stdio},
};

use super::{Left, Step};

pub(super) const STEP: Step = Step {
    name: "handed",
    script: "\
agent
/bin/steps --exact handed::hands_over --ignored >ran 2>&1
wait_for 'A shell speaks' alerts
end INT",
    check,
};

fn check(left: &Left<'_>) {
    left.has("ran", &["1 passed"]);
    left.has("alerts", &["A shell speaks over a network connection", "stdin=127.0.0.1:"]);
    left.has("code", &["code 0"]);
}

/// Has `act` do something with a message of one byte and an fd; says what came of it, and which fd the
/// message has then.
pub(super) fn with_message<T>(fd: RawFd, act: impl FnOnce(&mut libc::msghdr) -> T) -> (T, RawFd) {
    let (mut byte, mut control) = (0u8, [0u64; 3]);
    let mut part = libc::iovec { iov_base: (&raw mut byte).cast(), iov_len: 1 };
    // SAFETY: of numbers and pointers, zero is a valid one.
    let mut header: libc::msghdr = unsafe { std::mem::zeroed() };
    (header.msg_iov, header.msg_iovlen) = (&raw mut part, 1);
    header.msg_control = control.as_mut_ptr().cast();
    header.msg_controllen = size_of_val(&control);
    // SAFETY: there is room for a control message with an fd, which lives until the end of this.
    unsafe {
        let rights = libc::CMSG_FIRSTHDR(&raw const header);
        (*rights).cmsg_level = libc::SOL_SOCKET;
        (*rights).cmsg_type = libc::SCM_RIGHTS;
        (*rights).cmsg_len = libc::CMSG_LEN(4) as usize;
        libc::CMSG_DATA(rights).cast::<RawFd>().write(fd);
    }
    let done = act(&mut header);
    // SAFETY: likewise.
    let fd =
        unsafe { libc::CMSG_DATA(libc::CMSG_FIRSTHDR(&raw const header)).cast::<RawFd>().read() };
    (done, fd)
}

pub(super) fn send(through: &UnixStream, fd: RawFd) {
    // SAFETY: the header points to what lives.
    let sent = |header: &mut _| unsafe { libc::sendmsg(through.as_raw_fd(), header, 0) };
    assert_eq!(with_message(fd, sent).0, 1);
}

#[test]
#[ignore = "what the step runs in a guest"]
fn hands_over() {
    let (ours, theirs) = UnixStream::pair().unwrap();
    let mut other = Command::new(env::current_exe().unwrap())
        .args(["--exact", "handed::takes", "--ignored", "--nocapture"])
        .stdin(OwnedFd::from(theirs))
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    // It is there before the connection is.
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let connection = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    send(&ours, connection.as_raw_fd());
    assert!(other.wait().unwrap().success());
}

#[test]
#[ignore = "what the step runs in a guest"]
fn takes() {
    // SAFETY: the header points to what lives.
    let (received, fd) = with_message(-1, |header| unsafe { libc::recvmsg(0, header, 0) });
    assert!(received == 1 && fd > 2);
    // SAFETY: the kernel just made it, and nobody else knows of it.
    let connection = unsafe { OwnedFd::from_raw_fd(fd) };
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", "exit 0"]).stdin(connection.try_clone().unwrap()).stdout(connection);
    panic!("{}", shell.exec());
}
