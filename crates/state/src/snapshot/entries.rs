//! The state as the entries of a recording's lists. Strings are cut as other readers want it, so that
//! what is written reads back as it was handed out.

use std::collections::BTreeSet;

use event::snapshot::{
    FdEntry, FdKind, FdTarget, Group, MAX_ACCOUNT_BYTES, MAX_LIST_BYTES, MAX_PATH_BYTES, Record,
    ThreadEntry, User,
};

use crate::{Fd, FdFlags, SockInfo, State, Thread};

impl State {
    /// Hands out the machine, its interfaces, users and groups, then threads by id and their fds by
    /// number.
    pub(super) fn entries(&self, out: &mut dyn FnMut(Record<'_>)) {
        out(Record::Machine(self.machine.entry()));
        self.interfaces.iter().for_each(|interface| out(Record::Interface(interface)));
        self.accounts(out);
        let mut threads: Vec<&Thread> = self.threads.iter().filter(|t| has_entry(t)).collect();
        threads.sort_unstable_by_key(|thread| thread.tid);
        for thread in &threads {
            out(Record::Thread(self.thread_entry_of(thread)));
        }
        let ports = self.listening_ports();
        for thread in &threads {
            for entry in thread.fds.sorted().into_iter().filter_map(|fd| fd_entry(fd, &ports)) {
                out(Record::Fd(thread.tid, entry));
            }
        }
    }

    /// The host's users and groups, by number.
    fn accounts(&self, out: &mut dyn FnMut(Record<'_>)) {
        for (uid, user) in self.users.of_host() {
            let [name, home, shell] = [&user.name, &user.home, &user.shell].map(|t| account(t));
            out(Record::User(User { uid, gid: user.gid, name, home, shell }));
        }
        for (gid, name) in self.users.groups_of_host() {
            out(Record::Group(Group { gid, name: account(name) }));
        }
    }

    /// Ports that some process listens on.
    fn listening_ports(&self) -> BTreeSet<u16> {
        let fds = self.threads.iter().flat_map(|thread| thread.fds.values());
        fds.filter_map(crate::fds::server_port).collect()
    }

    fn thread_entry_of<'a>(&'a self, thread: &'a Thread) -> ThreadEntry<'a> {
        ThreadEntry {
            tid: thread.tid,
            pid: thread.pid,
            ptid: thread.ptid,
            sid: thread.sid,
            vpgid: thread.vpgid,
            pgid: thread.pgid,
            vtid: thread.vtid,
            vpid: thread.vpid,
            comm: path(&thread.comm),
            exe: path(&thread.exe),
            exepath: path(&thread.exepath),
            args: list(&thread.args),
            cwd: path(self.cwd(thread)),
            root: path(&thread.root),
            env: list(&thread.env),
            cgroups: list(&thread.cgroups),
            fd_limit: thread.fd_limit,
            flags: thread.flags.bits(),
            uid: thread.uid,
            gid: thread.gid,
            vmsize_kb: thread.vmsize_kb,
            vmrss_kb: thread.vmrss_kb,
            vmswap_kb: thread.vmswap_kb,
            pfmajor: thread.pfmajor,
            pfminor: thread.pfminor,
            pidns_init_start_ts_ns: thread.pidns_init_start_ts_ns,
            tty: thread.tty,
            loginuid: thread.loginuid,
            exe_writable: thread.exe_writable,
            exe_upper_layer: thread.exe_upper_layer,
            exe_lower_layer: thread.exe_lower_layer,
            exe_from_memfd: thread.exe_from_memfd,
            cap_inheritable: thread.cap_inheritable,
            cap_permitted: thread.cap_permitted,
            cap_effective: thread.cap_effective,
            exe_ino: thread.exe_ino,
            exe_ino_ctime_ns: thread.exe_ino_ctime_ns,
            exe_ino_mtime_ns: thread.exe_ino_mtime_ns,
        }
    }
}

/// Whether an entry can tell of a thread: more than its id is known, and it has its place in a
/// process, as a reader gives it to all that it finds.
fn has_entry(thread: &Thread) -> bool {
    !thread.is_unknown() && thread.group.is_some()
}

fn path(text: &[u8]) -> &[u8] {
    cut(text, MAX_PATH_BYTES)
}

fn list(text: &[u8]) -> &[u8] {
    cut(text, MAX_LIST_BYTES)
}

fn account(text: &[u8]) -> &[u8] {
    cut(text, MAX_ACCOUNT_BYTES)
}

fn cut(text: &[u8], most: usize) -> &[u8] {
    text.get(..most).unwrap_or(text)
}

/// An fd as an entry; `None` for one of which not even the kind is known, and for one that is none.
fn fd_entry<'a>(fd: &'a Fd, listening_ports: &BTreeSet<u16>) -> Option<FdEntry<'a>> {
    let name = path(&fd.name);
    let target = match own_end_first(fd, listening_ports) {
        SockInfo::Ipv4 { sip, dip, sport, dport, l4 } => {
            FdTarget::Ipv4 { sip, dip, sport, dport, l4 }
        }
        SockInfo::Ipv6 { sip, dip, sport, dport, l4 } => {
            FdTarget::Ipv6 { sip, dip, sport, dport, l4 }
        }
        SockInfo::Ipv4Server { ip, port, l4 } => FdTarget::Ipv4Server { ip, port, l4 },
        SockInfo::Ipv6Server { ip, port, l4 } => FdTarget::Ipv6Server { ip, port, l4 },
        SockInfo::Unix { source, destination } => FdTarget::Unix { source, destination, name },
        SockInfo::None => named(fd, name)?,
    };
    (fd.num >= 0).then_some(FdEntry { fd: fd.num, ino: fd.ino, target })
}

fn named<'a>(fd: &Fd, name: &'a [u8]) -> Option<FdTarget<'a>> {
    use FdKind as K;
    Some(match fd.kind {
        K::Unknown | K::Nothing => return None,
        K::FileV2 => FdTarget::File { open_flags: fd.open_flags, name, dev: fd.dev },
        // Sockets whose addresses are not known have no entry of their own kind.
        K::Ipv4Sock | K::Ipv6Sock | K::Ipv4ServSock | K::Ipv6ServSock | K::UnixSock => {
            FdTarget::Named(K::Unsupported, name)
        }
        kind => FdTarget::Named(kind, name),
    })
}

/// Entries tell this machine's end first, and a reader turns those round that it takes for a
/// server's; the state has the client first.
fn own_end_first(fd: &Fd, listening_ports: &BTreeSet<u16>) -> SockInfo {
    let mut sock = fd.sock;
    if let SockInfo::Ipv4 { dport, .. } = sock
        && fd.flags.contains(FdFlags::ROLE_SERVER)
        && listening_ports.contains(&dport)
    {
        sock.swap();
    }
    sock
}
