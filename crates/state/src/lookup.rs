//! Questions about a thread whose answers its process holds.

use std::net::IpAddr;

use crate::{
    Fd, FdTable, MachineInfo, State, Text, Thread,
    path::{self, BaseDir},
};

impl State {
    /// The open fds of this thread's process.
    pub fn fds<'a>(&'a self, thread: &'a Thread) -> &'a FdTable {
        if !thread.shares_fds() {
            return &thread.fds;
        }
        self.main_thread(thread).map_or(&NO_FDS, |main| &main.fds)
    }

    /// The open fd with this number.
    pub fn fd<'a>(&'a self, thread: &'a Thread, num: i64) -> Option<&'a Fd> {
        self.fds(thread).get(&num).filter(|_| num >= 0)
    }

    /// Working directory of this thread's process; ends in a slash. `./` if the process is not
    /// known.
    pub fn cwd<'a>(&'a self, thread: &'a Thread) -> &'a [u8] {
        self.main_thread(thread).map_or(b"./", |main| &main.cwd)
    }

    /// As [`State::cwd`], to be kept.
    pub(crate) fn cwd_text(&self, thread: &Thread) -> Text {
        self.main_thread(thread).map_or_else(|| Text::from(&b"./"[..]), |main| main.cwd.clone())
    }

    /// Directory that a path relative to this directory fd begins at: `.` for an absolute path,
    /// the working directory for `AT_FDCWD` (-100), `<UNKNOWN>` for an fd that is not known.
    pub fn directory<'a>(&'a self, thread: &'a Thread, dirfd: i64, path: &[u8]) -> BaseDir<'a> {
        if path.first() == Some(&b'/') {
            return b".".as_slice().into();
        }
        if dirfd == AT_FDCWD {
            return self.cwd(thread).into();
        }
        self.fd(thread, dirfd).map_or(path::UNKNOWN.into(), BaseDir::of)
    }

    /// Whether an interface of the host has exactly this address.
    pub fn has_address(&self, address: IpAddr) -> bool {
        self.interfaces.has(address)
    }

    /// Whether the address is the machine's own, as far as this thread is concerned: that of an
    /// interface of the host or, for a thread in a container, of its container. If that is not
    /// known, another container's counts, but not the host's; nor does an IPv6 address.
    pub fn is_own_address(&self, thread: &Thread, address: IpAddr) -> bool {
        if thread.container_id.is_empty() {
            return self.interfaces.is_own(address);
        }
        let IpAddr::V4(v4) = address else { return false };
        match self.containers.get(&thread.container_id) {
            Some(own) if !own.ip.is_empty() => own.has_ip(v4) || self.interfaces.is_own(address),
            _ => self.containers.any_has_ip(v4),
        }
    }
}

static NO_FDS: FdTable = FdTable::new();

/// `dirfd` of the `*at` calls for "relative to the working directory", in the schema's numbering.
const AT_FDCWD: i64 = -100;

impl State {
    /// The machine that was recorded.
    pub fn machine(&self) -> &MachineInfo {
        &self.machine
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use event::{
        EventBuilder,
        snapshot::{Interface, Record},
        syscalls::ASYNCEVENT_E,
    };

    use super::*;

    fn in_container(id: &[u8]) -> Thread {
        Thread { container_id: id.into(), ..Thread::default() }
    }

    #[test]
    fn a_container_has_its_own_addresses() {
        let mut state = State::default();
        state.record(&Record::Interface(Interface::V4 {
            name: b"eth0",
            address: Ipv4Addr::new(10, 0, 2, 15),
            netmask: Ipv4Addr::BROADCAST,
            broadcast: Ipv4Addr::BROADCAST,
            speed: 0,
        }));
        let mut builder = EventBuilder::default();
        for (id, ip) in [("aaaaaaaaaaaa", "172.17.0.2"), ("bbbbbbbbbbbb", "")] {
            let json = format!(r#"{{"container":{{"id":"{id}","ip":"{ip}"}}}}"#);
            builder.start(ASYNCEVENT_E, 1, -1, 0).u32(0).text("container").text(json);
            state.event(builder.event().unwrap());
        }
        let cases: [(&[u8], _, _); 10] = [
            (b"", "10.0.2.15", true),
            (b"", "172.17.0.2", false),
            (b"aaaaaaaaaaaa", "172.17.0.2", true),
            (b"aaaaaaaaaaaa", "10.0.2.15", true),
            (b"aaaaaaaaaaaa", "172.17.0.3", false),
            (b"aaaaaaaaaaaa", "::1", false),
            (b"bbbbbbbbbbbb", "172.17.0.2", true),
            (b"bbbbbbbbbbbb", "10.0.2.15", false),
            (b"cccccccccccc", "172.17.0.2", true),
            (b"cccccccccccc", "10.0.2.15", false),
        ];
        for (id, address, own) in cases {
            let thread = in_container(id);
            assert_eq!(state.is_own_address(&thread, address.parse().unwrap()), own, "{address}");
        }
    }
}
