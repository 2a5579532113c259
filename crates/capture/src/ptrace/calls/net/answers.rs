//! What name servers say, told in notices ([`event::dns`]), so that later connections have names.
//!
//! An answer is a datagram from port 53, whatever call reads it: glibc's `recvfrom` and `recvmmsg`,
//! musl's `recvmsg`, Go's `read`. Answers over TCP come in pieces, and are not looked at.

use std::net::SocketAddr;

use event::{dns, syscalls::ASYNCEVENT_E};

use super::{
    super::Exit,
    ANSWER_BYTES,
    ends::{Act, Ends},
};

/// Tells of an answer, if there is one in what was received.
pub(super) fn tell_answer(exit: &mut Exit<'_>, ends: Option<&Ends>, data: &[u8]) {
    if let Some(server) = ends.and_then(Ends::name_server) {
        tell(exit, server, data);
    }
}

/// Tells of an answer that `read` or one of its kin has taken from an fd, if it has: `address` is
/// where the bytes are that it has written, as many as its result says. For fds that were not
/// connected to a name server this costs nothing.
pub(in crate::ptrace::calls) fn read_answer(exit: &mut Exit<'_>, fd: i32, address: u64) {
    let Ok(bytes) = usize::try_from(exit.result) else { return };
    if bytes == 0 || !exit.emit.sockets.may_be_resolver(exit.pid, fd) {
        return;
    }
    match Ends::of(exit, fd, None, Act::Traffic).and_then(|ends| ends.name_server()) {
        Some(server) => {
            let mut data = Vec::new();
            if exit.memory.bytes(address, bytes.min(ANSWER_BYTES), &mut data).is_ok() {
                tell(exit, server, &data);
            }
        }
        // The fd is another file by now.
        None => exit.emit.sockets.note_resolver(exit.pid, fd, false),
    }
}

fn tell(exit: &mut Exit<'_>, server: SocketAddr, data: &[u8]) {
    let Some(answer) = dns::parse(data).filter(|answer| !answer.addresses.is_empty()) else {
        return;
    };
    let mut notice = std::mem::take(&mut exit.emit.scratch);
    notice.clear();
    answer.write_notice(Some(server), &mut notice);
    exit.start(ASYNCEVENT_E).u32(0).text(dns::NOTICE).raw(&notice);
    exit.end();
    exit.emit.scratch = notice;
}
