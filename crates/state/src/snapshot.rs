//! The state as the entries that a recording begins with, so that one can begin in the middle of
//! another.

use std::collections::BTreeSet;

use event::snapshot::{FdEntry, FdKind, FdTarget, Record, ThreadEntry};

use crate::{Fd, FdFlags, SockInfo, State, Thread};

impl State {
    /// Hands out the state as entries of a snapshot: the machine, its interfaces, users and groups,
    /// then threads by id and their fds by number.
    ///
    /// What the latest event ended (an exited thread, a closed fd) is left out. Entries have no place
    /// for when a thread was cloned or what it did last.
    pub fn snapshot(&self, out: &mut dyn FnMut(Record<'_>)) {
        out(Record::Machine(self.machine.entry()));
        self.interfaces.iter().for_each(|interface| out(Record::Interface(interface)));
        self.users.snapshot(out);
        let mut threads: Vec<&Thread> = self.threads.iter().filter(|t| self.stays(t)).collect();
        threads.sort_unstable_by_key(|thread| thread.tid);
        for thread in &threads {
            out(Record::Thread(self.thread_entry_of(thread)));
        }
        let ports = self.listening_ports();
        for thread in &threads {
            let closing = self.closing_fd(thread);
            let mut fds: Vec<&Fd> =
                thread.fds.values().filter(|fd| fd.num >= 0 && Some(fd.num) != closing).collect();
            fds.sort_unstable_by_key(|fd| fd.num);
            for target in fds.iter().filter_map(|fd| fd_entry(fd, &ports)) {
                out(Record::Fd(thread.tid, target));
            }
        }
    }

    /// Whether a thread is known and alive, or holds what other threads of its process share.
    fn stays(&self, thread: &Thread) -> bool {
        let needed = thread.is_main() && self.threads.alive_in_group(thread) > 0;
        !thread.is_unknown() && (!thread.is_dead() || needed)
    }

    /// The fd of this thread that the latest event closed.
    fn closing_fd(&self, thread: &Thread) -> Option<i64> {
        let (tid, num) = self.deferred.close?;
        let owner = self.main_thread(self.thread(tid)?)?;
        (owner.tid == thread.tid).then_some(num)
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
            comm: &thread.comm,
            exe: &thread.exe,
            exepath: &thread.exepath,
            args: &thread.args,
            cwd: self.cwd(thread),
            root: &thread.root,
            env: &thread.env,
            cgroups: &thread.cgroups,
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

/// An fd as an entry; `None` for one of which not even the kind is known.
fn fd_entry<'a>(fd: &'a Fd, listening_ports: &BTreeSet<u16>) -> Option<FdEntry<'a>> {
    let name = &*fd.name;
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
        SockInfo::None => match fd.kind {
            FdKind::Unknown | FdKind::Nothing => return None,
            FdKind::FileV2 => FdTarget::File { open_flags: fd.open_flags, name, dev: fd.dev },
            kind => FdTarget::Named(kind, name),
        },
    };
    Some(FdEntry { fd: fd.num, ino: fd.ino, target })
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

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use event::snapshot::{Interface, L4Proto, Machine, User};

    use super::*;
    use crate::Limits;

    fn state() -> State {
        let mut state = State::new(Limits::default());
        let (server, client) = (Ipv4Addr::new(10, 0, 0, 1), Ipv4Addr::new(10, 0, 0, 9));
        let thread = ThreadEntry {
            tid: 7,
            pid: 7,
            ptid: 1,
            comm: b"web",
            args: b"-d\0",
            cwd: b"/srv/",
            env: b"A=1\0",
            cgroups: b"cpu=/x\0",
            ..ThreadEntry::default()
        };
        let init =
            ThreadEntry { tid: 1, pid: 1, comm: b"init", cwd: b"/", ..ThreadEntry::default() };
        let l4 = L4Proto::Tcp;
        let listening = FdTarget::Ipv4Server { ip: server, port: 80, l4 };
        let accepted = FdTarget::Ipv4 { sip: server, dip: client, sport: 80, dport: 999, l4 };
        for record in [
            Record::Machine(Machine { cpus: 2, hostname: b"web01", ..Machine::default() }),
            Record::Interface(Interface::V4 {
                name: b"eth0",
                address: server,
                netmask: Ipv4Addr::new(255, 0, 0, 0),
                broadcast: Ipv4Addr::BROADCAST,
                speed: 10,
            }),
            Record::User(User { uid: 5, gid: 6, name: b"ann", home: b"/home", shell: b"/bin/sh" }),
            Record::Thread(init),
            Record::Thread(thread),
            Record::Fd(7, FdEntry { fd: 3, ino: 1, target: listening }),
            Record::Fd(7, FdEntry { fd: 4, ino: 2, target: accepted }),
            Record::Fd(
                7,
                FdEntry {
                    fd: 5,
                    ino: 3,
                    target: FdTarget::File { open_flags: 1, name: b"/etc/hosts", dev: 8 },
                },
            ),
        ] {
            state.record(&record);
        }
        state.end_snapshot();
        state
    }

    fn printed(state: &State) -> Vec<String> {
        let mut lines = Vec::new();
        state.snapshot(&mut |record| lines.push(format!("{record:?}")));
        lines
    }

    #[test]
    fn a_state_read_from_a_snapshot_is_the_state_that_was_written() {
        let state = state();
        let mut copy = State::new(Limits::default());
        state.snapshot(&mut |record| copy.record(&record));
        copy.end_snapshot();
        assert_eq!(printed(&copy), printed(&state));
        let fd = copy.fd(copy.thread(7).unwrap(), 4).unwrap();
        assert_eq!(&*fd.name, b"10.0.0.9:999->10.0.0.1:80");
        assert!(fd.flags.contains(FdFlags::ROLE_SERVER));
    }
}
