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

use super::{Field, Scratch};
use crate::value::Value;

/// The class.
pub(super) const FIELDS: &[Field] = &[
    Field::text(
        "fdlist.nums",
        "Numbers of the polled fds.",
        "fdlist.nums contains 3",
        |context, _, scratch| list(context, scratch, |num, _, out| number::decimal(num, out)),
    ),
    Field::text(
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
    Field::text(
        "fdlist.cips",
        "Addresses of the clients of polled connections.",
        "fdlist.cips contains 10.0.0.1",
        |context, _, scratch| list(context, scratch, |_, fd, out| client_ip(fd, out)),
    ),
    Field::text(
        "fdlist.sips",
        "Addresses of the servers of polled connections, and of polled listening sockets.",
        "fdlist.sips contains 127.0.0.1",
        |context, _, scratch| list(context, scratch, |_, fd, out| server_ip(fd, out)),
    ),
    Field::text(
        "fdlist.cports",
        "Ports of the clients of polled connections.",
        "fdlist.cports contains 80",
        |context, _, scratch| {
            list(context, scratch, |_, fd, out| port(fd, |client, _| client, out))
        },
    ),
    Field::text(
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

#[cfg(test)]
mod tests {
    use event::{
        EventBuilder,
        syscalls::{FSTAT_X, POLL_X, PPOLL_X},
    };

    use crate::fields::testing::{check, event};

    fn polled(fds: &[i64]) -> Vec<u8> {
        let mut list = (fds.len() as u16).to_le_bytes().to_vec();
        for fd in fds {
            list.extend(fd.to_le_bytes());
            list.extend([1, 0]);
        }
        list
    }

    fn poll(fds: &[i64]) -> EventBuilder {
        event(POLL_X, |e| {
            e.i64(1).raw(&polled(fds)).i64(0);
        })
    }

    #[test]
    fn what_is_polled_is_listed() {
        check(
            &poll(&[3, 5, 77, 7, 9, 6]),
            &[
                ("fdlist.nums", Some("3,5,77,7,9,6")),
                (
                    "fdlist.names",
                    Some(
                        "/etc/passwd,10.0.2.15:40000->203.0.113.9:443,<NA>,0.0.0.0:80,<NA>,\
                     ::7:1->2001:db8::1:53",
                    ),
                ),
                ("fdlist.cips", Some("10.0.2.15,::7")),
                ("fdlist.sips", Some("203.0.113.9,0.0.0.0,2001:db8::1")),
                ("fdlist.cports", Some("40000,1")),
                ("fdlist.sports", Some("443,53")),
            ],
        );
        let ppoll = event(PPOLL_X, |e| {
            e.i64(1).raw(&polled(&[3])).u64(0).null();
        });
        check(&ppoll, &[("fdlist.nums", Some("3"))]);
    }

    #[test]
    fn nothing_to_list_is_no_value() {
        check(&poll(&[]), &[("fdlist.nums", None), ("fdlist.names", None)]);
        check(&poll(&[3]), &[("fdlist.cips", None), ("fdlist.sports", None)]);
        let fstat = event(FSTAT_X, |e| {
            e.i64(0).i64(3);
        });
        check(&fstat, &[("fdlist.nums", None)]);
    }
}
