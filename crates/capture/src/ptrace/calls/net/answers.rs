//! What name servers say, told in notices ([`event::dns`]), so that later connections have names.
//!
//! An answer is a datagram from port 53, whatever call reads it: glibc's `recvfrom` and `recvmmsg`,
//! musl's `recvmsg`, Go's `read`. Answers over TCP come in pieces, and are not looked at.

use std::net::SocketAddr;

use event::{dns, syscalls::ASYNCEVENT_E};

use super::{
    super::Exit,
    ends::{Act, Ends},
};

/// Tells of an answer, if there is one in what was received.
pub(super) fn tell_answer(exit: &mut Exit<'_>, ends: Option<&Ends>, data: &[u8]) {
    if let Some(server) = ends.and_then(Ends::name_server) {
        tell(exit, server, data);
    }
}

/// Tells of what `read` or one of its kin has taken from the fd that is its first argument, if that
/// came from a name server.
pub(in crate::ptrace::calls) fn read_answer(exit: &mut Exit<'_>, data: &[u8]) {
    let ends = Ends::of(exit, exit.call.int(0), None, Act::Traffic);
    tell_answer(exit, ends.as_ref(), data);
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
