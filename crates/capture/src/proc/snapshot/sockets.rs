//! The sockets of processes, by inode: what the tables of their network namespaces tell of them.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::File,
    io::{BufRead, BufReader, Write},
};

use event::snapshot::{FdEntry, FdKind, FdTarget, L4Proto};
use rustix::{fd::AsFd, io::Errno};

use super::held::renamed;
use crate::proc::{
    dir::open_at,
    parse::{SocketTable, socket},
};

/// Longest line that is looked at.
const MAX_LINE_BYTES: usize = 1024;

/// The tables. That of unix sockets, whose names may hold anything, comes last.
const TABLES: [(&str, SocketTable); 12] = [
    ("net/tcp", SocketTable::Ipv4(L4Proto::Tcp)),
    ("net/tcp6", SocketTable::Ipv6(L4Proto::Tcp)),
    ("net/udp", SocketTable::Ipv4(L4Proto::Udp)),
    ("net/udp6", SocketTable::Ipv6(L4Proto::Udp)),
    ("net/udplite", SocketTable::Ipv4(L4Proto::Udp)),
    ("net/udplite6", SocketTable::Ipv6(L4Proto::Udp)),
    ("net/raw", SocketTable::Ipv4(L4Proto::Raw)),
    ("net/raw6", SocketTable::Ipv6(L4Proto::Raw)),
    ("net/icmp", SocketTable::Ipv4(L4Proto::Icmp)),
    ("net/icmp6", SocketTable::Ipv6(L4Proto::Icmp)),
    ("net/netlink", SocketTable::Netlink),
    ("net/unix", SocketTable::Unix),
];

/// A socket that is known.
#[derive(Clone, Debug)]
struct Known {
    target: FdTarget<'static>,
    name: Vec<u8>,
}

/// The sockets that were found. Inodes of sockets are unique on a machine.
#[derive(Clone, Debug, Default)]
pub(super) struct Sockets {
    known: BTreeMap<u64, Known>,
}

impl Sockets {
    /// Looks for the sockets with these inodes in the tables of the process whose directory is
    /// `dir`, as far as they are not known yet. Tables are read line by line, and only what is sought
    /// is kept.
    pub(super) fn learn(&mut self, dir: impl AsFd, inodes: impl Iterator<Item = u64>) {
        let mut sought: BTreeSet<u64> = inodes.filter(|i| !self.known.contains_key(i)).collect();
        for (file, table) in TABLES {
            if sought.is_empty() {
                break;
            }
            // A kernel without the protocol has no such table.
            let _ = self.learn_table(&dir, file, table, &sought);
            sought.retain(|ino| !self.known.contains_key(ino));
        }
    }

    fn learn_table(
        &mut self,
        dir: impl AsFd,
        file: &str,
        table: SocketTable,
        sought: &BTreeSet<u64>,
    ) -> Result<(), Errno> {
        let mut reader =
            BufReader::with_capacity(1 << 16, File::from(open_at(dir, file.as_bytes())?));
        let mut line = Vec::new();
        while next_line(&mut reader, &mut line) {
            let Some(found) = socket(table, &line) else { continue };
            if sought.contains(&found.ino) {
                self.add(found.ino, found.target);
            }
        }
        Ok(())
    }

    /// Two unix sockets of one inode: one of them is a part of some socket's name, and there is no
    /// telling which.
    fn add(&mut self, ino: u64, target: FdTarget<'_>) {
        let name = if let FdTarget::Unix { name, .. } = target { name } else { b"" };
        let known = Known { target: renamed(target, b""), name: name.to_vec() };
        let is_unix = matches!(known.target, FdTarget::Unix { .. });
        if self.known.insert(ino, known).is_some() && is_unix {
            let target = FdTarget::Unix { source: 0, destination: 0, name: b"" };
            self.known.insert(ino, Known { target, name: Vec::new() });
        }
    }

    /// The entry of an fd of this socket. One that is in no table (not bound and not connected, or
    /// of another family) is told of by its inode alone.
    pub(super) fn entry<'a>(&'a self, fd: i64, ino: u64, name: &'a mut Vec<u8>) -> FdEntry<'a> {
        let target = match self.known.get(&ino) {
            Some(known) => renamed(known.target, &known.name),
            None => {
                name.clear();
                // Writing to memory does not fail.
                let _ = write!(name, "socket:[{ino}]");
                FdTarget::Named(FdKind::Unsupported, name)
            }
        };
        FdEntry { fd, ino, target }
    }
}

/// Reads the next line, without its end; of a long one only the beginning is kept.
fn next_line(reader: &mut impl BufRead, line: &mut Vec<u8>) -> bool {
    line.clear();
    let mut any = false;
    loop {
        let Ok(bytes) = reader.fill_buf() else { return false };
        if bytes.is_empty() {
            return any;
        }
        any = true;
        let end = bytes.iter().position(|&byte| byte == b'\n');
        let part = bytes.get(..end.unwrap_or(bytes.len())).unwrap_or(bytes);
        let room = MAX_LINE_BYTES.saturating_sub(line.len());
        line.extend_from_slice(part.get(..room).unwrap_or(part));
        let used = end.map_or(bytes.len(), |end| end + 1);
        reader.consume(used);
        if end.is_some() {
            return true;
        }
    }
}
