//! Where a connection goes that is still being made.
//!
//! `getpeername` does not tell until it stands, and what the program's memory says another thread may
//! have changed. So the kernel is asked whether this socket is the one between these two ends, which
//! is one look-up. If it is not, or nobody can say (another network namespace, no `tcp_diag`), the
//! table of sockets is searched. Without either, the memory counts.

use std::{
    fs::File,
    io::{BufRead, BufReader, Read},
    net::{Ipv4Addr, Ipv6Addr},
};

use super::{address::Address, ends::Sockets};
use crate::ptrace::socket::Copy;

/// Most bytes of a table that are searched: some 50,000 sockets.
const MOST_BYTES: u64 = 8 << 20;

/// Where the connection of a socket goes, which was `given` the address to connect to.
pub(super) fn to(
    sockets: &mut Sockets,
    tid: i32,
    copy: &Copy,
    local: &Address,
    given: Option<Address>,
) -> Option<Address> {
    let given = meant(given?.on(local)?, local);
    let (Some(from), Some(to)) = (local.ip(), given.ip()) else { return Some(given) };
    let Some(inode) = copy.inode() else { return Some(given) };
    if sockets.diagnosis().and_then(|asked| asked.tcp(from, to)) == Some(inode) {
        return Some(given);
    }
    Some(listed(tid, local, inode).unwrap_or(given))
}

/// The kernel takes an unspecified address for the machine's own.
fn meant(given: Address, local: &Address) -> Address {
    match (&given, local) {
        (Address::Inet(to, port), Address::Inet(ip, _)) if to.is_unspecified() => {
            Address::Inet(*ip, *port)
        }
        (Address::Inet6(to, port), Address::Inet6(ip, _)) if to.is_unspecified() => {
            Address::Inet6(*ip, *port)
        }
        _ => given,
    }
}

/// What the table of TCP sockets says (`/proc/PID/net/tcp`, proc_pid_net(5)).
fn listed(tid: i32, local: &Address, inode: u64) -> Option<Address> {
    let table = match local {
        Address::Inet(..) => "tcp",
        Address::Inet6(..) => "tcp6",
        Address::Unix(_) | Address::Other => return None,
    };
    let file = File::open(format!("/proc/{tid}/net/{table}")).ok()?;
    let mut lines = BufReader::new(file.take(MOST_BYTES));
    let mut line = String::new();
    while lines.read_line(&mut line).ok()? > 0 {
        if let Some(address) = remote(&line, inode) {
            return Some(address);
        }
        line.clear();
    }
    None
}

/// The other end in a line of the table, if it is this socket's.
fn remote(line: &str, inode: u64) -> Option<Address> {
    let mut fields = line.split_ascii_whitespace();
    let remote = fields.nth(2)?;
    if fields.nth(6)?.parse() != Ok(inode) {
        return None;
    }
    let (ip, port) = remote.split_once(':')?;
    let port = u16::from_str_radix(port, 16).ok()?;
    // Words of 32 bits, each as this machine has it.
    let word = |at: usize| u32::from_str_radix(ip.get(at..at + 8)?, 16).ok();
    if ip.len() == 8 {
        return Some(Address::Inet(Ipv4Addr::from(word(0)?.to_ne_bytes()), port));
    }
    let mut octets = [0; 16];
    for (at, octets) in octets.chunks_exact_mut(4).enumerate() {
        octets.copy_from_slice(&word(at * 8)?.to_ne_bytes());
    }
    (ip.len() == 32).then_some(Address::Inet6(Ipv6Addr::from(octets), port))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_ends_in_tables_are_found_by_inode() {
        let v4 = "   2: 0100007F:A1B2 4D00007F:01BB 02 00000000:00000000 01:00000063 00000000  \
                  1000        0 98765 2 0000000000000000 800 0 0 1 7";
        let v6 = "   0: 00000000000000000000000001000000:A1B2 B80D0120000000000000000007000000:01BB \
                  02 00000000:00000000 01:00000063 00000000     0        0 98765 2 0 800 0 0 1 7";
        let header = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt";
        let found = Some(Address::Inet(Ipv4Addr::new(127, 0, 0, 77), 443));
        assert_eq!(remote(v4, 98_765), found);
        let ip = "2001:db8::7".parse().unwrap();
        assert_eq!(remote(v6, 98_765), Some(Address::Inet6(ip, 443)));
        for (line, inode) in [(v4, 9876), (header, 0), ("", 0), (&v4[..40], 98_765)] {
            assert_eq!(remote(line, inode), None, "{line}");
        }
        for cut in ["4D00007F:", "4D:01BB", ":01BB", "4D00007G:01BB"] {
            assert_eq!(remote(&v4.replace("4D00007F:01BB", cut), 98_765), None, "{cut}");
        }
    }
}
