//! `fdlist.*`: the fds that a poll call waits for, as lists separated by commas.
//!
//! An fd that is not known, or has no such value, is left out; only `fdlist.names` keeps its place
//! with `<NA>`.

use event::{
    decode::FdList,
    print::{addr, number},
    syscalls::{POLL_X, PPOLL_X},
};
use state::{Context, Fd, SockInfo};

use super::{ArgumentSpec, Extract, ExtractOne, Field, FieldTraits, Scratch};
use crate::value::{FieldType, Value};

const fn field(
    name: &'static str,
    doc: &'static str,
    example: &'static str,
    extract: ExtractOne,
) -> Field {
    Field {
        name,
        ty: FieldType::CharBuf,
        doc,
        example,
        argument: ArgumentSpec::None,
        traits: FieldTraits::NONE,
        extract: Extract::One(extract),
    }
}

/// The class.
pub(super) const FIELDS: &[Field] = &[
    field(
        "fdlist.nums",
        "Numbers of the polled fds.",
        "fdlist.nums contains 3",
        |context, _, scratch| list(context, scratch, |num, _, out| number::decimal(num, out)),
    ),
    field(
        "fdlist.names",
        "Names of the polled fds; <NA> for those that are not known or have none.",
        "fdlist.names contains /dev/tty",
        |context, _, scratch| {
            list(context, scratch, |_, fd, out| {
                let name = fd.map(|fd| &*fd.name).filter(|name| !name.is_empty());
                out.extend_from_slice(name.unwrap_or(b"<NA>"));
            })
        },
    ),
    field(
        "fdlist.cips",
        "Addresses of the clients of polled connections.",
        "fdlist.cips contains 10.0.0.1",
        |context, _, scratch| list(context, scratch, |_, fd, out| client_ip(fd, out)),
    ),
    field(
        "fdlist.sips",
        "Addresses of the servers of polled connections, and of polled listening sockets.",
        "fdlist.sips contains 127.0.0.1",
        |context, _, scratch| list(context, scratch, |_, fd, out| server_ip(fd, out)),
    ),
    field(
        "fdlist.cports",
        "Ports of the clients of polled connections.",
        "fdlist.cports contains 80",
        |context, _, scratch| {
            list(context, scratch, |_, fd, out| port(fd, |client, _| client, out))
        },
    ),
    field(
        "fdlist.sports",
        "Ports of the servers of polled connections.",
        "fdlist.sports contains 443",
        |context, _, scratch| {
            list(context, scratch, |_, fd, out| port(fd, |_, server| server, out))
        },
    ),
];

/// What `print` appends for each fd of the list, with its number and what is known of it.
fn list<'v>(
    context: &Context<'v>,
    scratch: &'v mut Scratch,
    print: impl Fn(i64, Option<&Fd>, &mut Vec<u8>),
) -> Option<Value<'v>> {
    if !matches!(context.event.kind, POLL_X | PPOLL_X) {
        return None;
    }
    let thread = context.thread?;
    let out = &mut scratch.text;
    out.clear();
    for polled in FdList::parse(context.event.bytes(1)?)?.iter() {
        let before = out.len();
        print(polled.fd, context.state.fd(thread, polled.fd), out);
        if out.len() > before {
            out.push(b',');
        }
    }
    out.pop()?;
    Some(Value::Text(out))
}

fn client_ip(fd: Option<&Fd>, out: &mut Vec<u8>) {
    match fd.map(|fd| fd.sock) {
        Some(SockInfo::Ipv4 { sip, .. }) => addr::ipv4(sip, out),
        Some(SockInfo::Ipv6 { sip, .. }) => addr::ipv6(sip, out),
        _ => {}
    }
}

fn server_ip(fd: Option<&Fd>, out: &mut Vec<u8>) {
    match fd.map(|fd| fd.sock) {
        Some(SockInfo::Ipv4 { dip, .. }) => addr::ipv4(dip, out),
        Some(SockInfo::Ipv6 { dip, .. }) => addr::ipv6(dip, out),
        Some(SockInfo::Ipv4Server { ip, .. }) => addr::ipv4(ip, out),
        Some(SockInfo::Ipv6Server { ip, .. }) => addr::ipv6(ip, out),
        _ => {}
    }
}

fn port(fd: Option<&Fd>, pick: impl Fn(u16, u16) -> u16, out: &mut Vec<u8>) {
    if let Some(SockInfo::Ipv4 { sport, dport, .. } | SockInfo::Ipv6 { sport, dport, .. }) =
        fd.map(|fd| fd.sock)
    {
        number::unsigned(pick(sport, dport).into(), out);
    }
}
