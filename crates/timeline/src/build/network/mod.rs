//! With whom processes speak.
//!
//! A row is one process and one connection, whatever fds it has for it; or a socket that waits for
//! others; or the datagrams that went to and fro between it and one other end.
//!
//! - `reach`: how far away the other end is; `names`: what answers of name servers called it.

pub(super) mod names;
mod reach;

use event::{
    decode::{SockAddr, SockTuple},
    schema::EventFlags,
    snapshot::FdKind,
    syscalls as ev,
    written::Written,
};
use state::{Context, Fd, FdFlags, SockInfo, State, Text, Thread};

use self::names::Names;
use crate::{
    build::{
        draft::{Draft, Map},
        fds,
        files::failure,
        limits::{Budget, Row},
        traffic,
    },
    model::{Connection, Endpoint, Moment, Outcome, Protocol, Recorded, Role},
};

const EISCONN: i64 = 106;
const EALREADY: i64 = 114;
const EINPROGRESS: i64 = 115;

/// Errors with which a connection that was begun without waiting fails.
const CAME_TO_NOTHING: [i64; 5] = [101, 104, 110, 111, 113];

/// `SO_ERROR` in the schema's numbering, and the variant of its value that is an error's number.
const SO_ERROR: i64 = 4;
const ERROR_VALUE: u8 = 1;

/// With more open fds than this, a closed one is taken for the last of its connection.
const MOST_COMPARED: usize = 1_024;

/// Connections that were accepted before the window and are remembered for each process.
const MOST_ACCEPTED: usize = 8;

/// The sockets of one process.
#[derive(Debug, Default)]
pub(crate) struct Sockets {
    /// Rows of what is open.
    rows: Map<Key, u32>,
    /// Other ends of what was accepted before the window and is still open.
    pub(crate) accepted: Vec<Endpoint>,
    /// Rows of unix connections that were made or accepted, in the order of their rows.
    pub(crate) links: Vec<Link>,
}

/// A unix connection: the kernel's addresses of both its ends, the lesser first, which the process
/// that connected and the one that accepted have in common.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Link {
    pub(crate) ends: (u64, u64),
    pub(crate) row: u32,
}

/// What makes a socket itself, whatever its fd.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Key {
    Ip(Protocol, Endpoint, Endpoint),
    Unix(u64, u64),
    Bound(Protocol, Endpoint),
}

impl Sockets {
    /// Takes in what a process has open when it is met; one that was forked just now has what its
    /// parent has.
    pub(crate) fn begin(&mut self, state: &State, thread: &Thread, start: Option<Moment>) {
        if start.is_some() {
            return;
        }
        let accepted = |fd: &&Fd| fds::protocol(fd) == Protocol::Tcp && is_server(fd);
        let ends = state.fds(thread).values().filter(accepted).filter_map(fds::ends);
        self.accepted = ends.map(|(_, remote)| remote).collect();
        self.accepted.sort_unstable();
        self.accepted.dedup();
        self.accepted.truncate(MOST_ACCEPTED);
    }
}

/// Where rows go.
pub(crate) struct Network<'a> {
    pub(crate) at: Moment,
    pub(crate) draft: &'a mut Draft,
    pub(crate) names: &'a mut Names,
    pub(crate) budget: &'a mut Budget,
}

impl Network<'_> {
    /// Takes in an event; what has nothing to do with sockets is passed over.
    pub(crate) fn event(&mut self, context: &Context<'_>) -> Option<()> {
        match context.event.kind {
            ev::SOCKET_CONNECT_X => self.connect(context),
            ev::SOCKET_ACCEPT_5_X | ev::SOCKET_ACCEPT4_6_X => self.accept(context),
            ev::SOCKET_BIND_X => self.bind(context),
            ev::SOCKET_LISTEN_X => self.listen(context),
            ev::SOCKET_GETSOCKOPT_X => self.asked(context),
            ev::CLOSE_X => self.close(context),
            ev::CLOSE_RANGE_X => {
                self.sweep(context);
                Some(())
            }
            _ => self.traffic(context),
        }
    }

    fn connect(&mut self, context: &Context<'_>) -> Option<()> {
        let fd = context.fd?;
        match failure(context) {
            None => self.connected(context, fd, Outcome::Established),
            Some(EISCONN) => self.settle(fd, Outcome::Established),
            Some(EINPROGRESS | EALREADY) => self.connected(context, fd, Outcome::Pending),
            Some(errno) => self.not_connected(context, fd, errno),
        }
    }

    fn connected(&mut self, context: &Context<'_>, fd: &Fd, outcome: Outcome) -> Option<()> {
        let key = key(fd)?;
        if let Some(row) = self.row(key) {
            row.outcome = outcome;
            return Some(());
        }
        let mut row = self.begun(context, fd, Role::Connected)?;
        row.outcome = outcome;
        self.push(Some(key), row)
    }

    /// A connection that did not come about. Trying again the same way adds no row.
    fn not_connected(&mut self, context: &Context<'_>, fd: &Fd, errno: i64) -> Option<()> {
        let (local, remote, path) = wanted(context);
        if is_name_service(&path) || (remote.is_none() && path.is_empty()) {
            return None;
        }
        let (at, outcome) = (self.at, Outcome::Failed { errno });
        let same = self.draft.process.network.iter_mut().rev().take(64).find(|row| {
            row.outcome == outcome && row.remote == remote && row.path.bytes() == &*path
        });
        if let Some(row) = same {
            row.last = at;
            return Some(());
        }
        let mut row = self.empty(context, fd, Role::Connected);
        (row.local, row.remote, row.path, row.outcome) = (local, remote, path.into(), outcome);
        self.name(context, &mut row);
        self.push(None, row)
    }

    fn accept(&mut self, context: &Context<'_>) -> Option<()> {
        let fd = context.fd.filter(|_| failure(context).is_none())?;
        let row = self.begun(context, fd, Role::Accepted)?;
        self.push(key(fd), row)
    }

    /// Who binds a datagram socket waits for whoever sends; others have to listen.
    fn bind(&mut self, context: &Context<'_>) -> Option<()> {
        let fd = context.fd?;
        if let Some(errno) = failure(context) {
            let address = SockAddr::parse(context.event.bytes(1)?).ok()?;
            let mut row = self.empty(context, fd, Role::Listening);
            (row.local, row.outcome) = (Some(endpoint(&address)?), Outcome::Failed { errno });
            return self.push(None, row);
        }
        if fds::protocol(fd) == Protocol::Udp { self.listening(context, fd) } else { None }
    }

    fn listen(&mut self, context: &Context<'_>) -> Option<()> {
        let fd = context.fd.filter(|_| failure(context).is_none())?;
        self.listening(context, fd)
    }

    fn listening(&mut self, context: &Context<'_>, fd: &Fd) -> Option<()> {
        let mut row = self.empty(context, fd, Role::Listening);
        row.local = fds::bound(fd);
        if fd.kind == FdKind::UnixSock {
            row.path = fd.name.clone().into();
        }
        if row.local.is_none() && row.path.is_empty() {
            return None;
        }
        let key = row.local.map(|local| Key::Bound(row.protocol, local));
        if key.is_some_and(|key| self.draft.sockets.rows.contains_key(&key)) {
            return None;
        }
        self.push(key, row)
    }

    /// `getsockopt` says what became of a connection that was begun without waiting.
    fn asked(&mut self, context: &Context<'_>) -> Option<()> {
        let event = &context.event;
        if failure(context).is_some() || event.int(3)? != SO_ERROR {
            return None;
        }
        let (variant, value) = event.bytes(4)?.split_first()?;
        let value = i64::from_le_bytes(value.try_into().ok()?);
        let outcome = match value {
            _ if *variant != ERROR_VALUE => return None,
            0 => Outcome::Established,
            errno => Outcome::Failed { errno: errno.saturating_abs() },
        };
        self.settle(context.fd?, outcome)
    }

    /// What became of a connection that is being made.
    fn settle(&mut self, fd: &Fd, outcome: Outcome) -> Option<()> {
        let row = self.row(key(fd)?)?;
        if row.outcome == Outcome::Pending {
            row.outcome = outcome;
        }
        Some(())
    }

    /// An fd was closed; its connection with it if it was the last one.
    fn close(&mut self, context: &Context<'_>) -> Option<()> {
        let fd = context.fd.filter(|fd| fds::is_socket(fd) && failure(context).is_none())?;
        let key = key(fd)?;
        let open = context.state.fds(context.thread?);
        let is_other = |other: &Fd| other.num != fd.num && other.sock == fd.sock;
        let shared = open.len() <= MOST_COMPARED && open.values().any(is_other);
        if !shared {
            self.row(key)?.closed = Some(self.at);
            self.draft.sockets.rows.remove(&key);
        }
        Some(())
    }

    /// Some fds are gone: connections of which none is left were closed.
    pub(crate) fn sweep(&mut self, context: &Context<'_>) {
        let Some(thread) = context.thread.filter(|_| !self.draft.sockets.rows.is_empty()) else {
            return;
        };
        let open = context.state.fds(thread);
        if open.len() > MOST_COMPARED {
            return;
        }
        let open: Map<Key, ()> = open
            .values()
            .filter(|fd| fds::is_socket(fd))
            .filter_map(key)
            .map(|key| (key, ()))
            .collect();
        let at = self.at;
        let Draft { process, sockets, .. } = &mut *self.draft;
        sockets.rows.retain(|key, place| {
            let is_open = open.contains_key(key);
            if !is_open && let Some(row) = process.network.get_mut(*place as usize) {
                row.closed = Some(at);
            }
            is_open
        });
    }

    /// Data went through a socket, or did not.
    fn traffic(&mut self, context: &Context<'_>) -> Option<()> {
        let flags = context.event.kind.info().flags;
        if flags.intersects(EventFlags::READS_FROM_FD | EventFlags::WRITES_TO_FD)
            && let Some(errno) = failure(context)
        {
            let fd = context.fd.filter(|_| CAME_TO_NOTHING.contains(&errno))?;
            return self.settle(fd, Outcome::Failed { errno });
        }
        let moved = traffic::of(context)?;
        if let Some(fd) = moved.from.filter(|fd| fds::is_socket(fd)) {
            self.names.answer(context, fd);
            let row = self.used(context, fd)?;
            row.bytes_received = row.bytes_received.saturating_add(moved.bytes);
        }
        if let Some(fd) = moved.to.filter(|fd: &&Fd| fds::is_socket(fd)) {
            let row = self.used(context, fd)?;
            row.bytes_sent = row.bytes_sent.saturating_add(moved.bytes);
        }
        Some(())
    }

    /// A socket is closed, and its recorder tells what went through it. That counts where the calls
    /// that moved it are not recorded.
    pub(crate) fn told(&mut self, context: &Context<'_>, fd: &Fd, written: &Written) -> Option<()> {
        let received = written.read.unwrap_or(0);
        if written.written == 0 && received == 0 {
            return None;
        }
        let row = self.used(context, fd)?;
        row.bytes_sent = row.bytes_sent.max(written.written);
        row.bytes_received = row.bytes_received.max(received);
        Some(())
    }

    /// The row of a socket that works; one that was opened elsewhere begins here.
    fn used(&mut self, context: &Context<'_>, fd: &Fd) -> Option<&mut Connection> {
        let key = key(fd)?;
        if !self.draft.sockets.rows.contains_key(&key) {
            let role = self.role_of_found(fd);
            let mut row = self.begun(context, fd, role)?;
            row.before = self.draft.process.start.is_none() && row.role != Role::Datagrams;
            self.push(Some(key), row)?;
        }
        let at = self.at;
        let row = self.row(key)?;
        row.last = row.last.max(at);
        if row.outcome == Outcome::Pending {
            row.outcome = Outcome::Established;
        }
        Some(row)
    }

    /// The role of a connection that this process was not seen to open.
    fn role_of_found(&self, fd: &Fd) -> Role {
        match fds::protocol(fd) {
            Protocol::Udp | Protocol::Icmp | Protocol::Raw => Role::Datagrams,
            _ if self.draft.process.start.is_some() => Role::Inherited,
            _ if is_server(fd) => Role::Accepted,
            _ => Role::Connected,
        }
    }

    /// A row for the connection that the fd is; `None` if it has no other end that could be told.
    fn begun(&mut self, context: &Context<'_>, fd: &Fd, role: Role) -> Option<Connection> {
        let mut row = self.empty(context, fd, role);
        match fds::ends(fd) {
            Some((local, remote)) if remote.port != 0 || !remote.ip.is_unspecified() => {
                row.local = Some(local);
                row.remote = Some(remote);
            }
            Some(_) => return None,
            None => row.path = unix_path(fd).filter(|path| !path.is_empty())?.into(),
        }
        self.name(context, &mut row);
        Some(row)
    }

    fn empty(&self, context: &Context<'_>, fd: &Fd, role: Role) -> Connection {
        let protocol = fds::protocol(fd);
        Connection {
            role,
            protocol,
            fd: fd.num,
            local: None,
            remote: None,
            path: Recorded::default(),
            name: None,
            first: self.at,
            last: self.at,
            before: false,
            closed: None,
            outcome: Outcome::Established,
            bytes_sent: 0,
            bytes_received: 0,
            reach: reach::of(context, protocol, None),
        }
    }

    /// Names the other end, and says how far away it is.
    fn name(&self, context: &Context<'_>, row: &mut Connection) {
        row.reach = reach::of(context, row.protocol, row.remote);
        row.name = row.remote.and_then(|remote| self.names.of(remote.ip)).map(Recorded::from);
    }

    fn row(&mut self, key: Key) -> Option<&mut Connection> {
        let place = *self.draft.sockets.rows.get(&key)?;
        self.draft.process.network.get_mut(place as usize)
    }

    fn push(&mut self, key: Option<Key>, row: Connection) -> Option<()> {
        let place = u32::try_from(self.draft.process.network.len()).ok()?;
        if !self.budget.admit(Row::Connection, row.path.bytes().len()) {
            return None;
        }
        if let Some(Key::Unix(one, other)) = key
            && matches!(row.role, Role::Connected | Role::Accepted)
        {
            let ends = (one.min(other), one.max(other));
            self.draft.sockets.links.push(Link { ends, row: place });
        }
        self.draft.process.network.push(row);
        if let Some(key) = key {
            self.draft.sockets.rows.insert(key, place);
        }
        Some(())
    }
}

/// Whether this end of a connection accepted it. Of IPv6 connections from before the recording that
/// is not known; there, the end with the port of a service did.
fn is_server(fd: &Fd) -> bool {
    const SERVICES_END: u16 = 1024;
    let is_service = |(local, remote): (Endpoint, Endpoint)| {
        local.port < SERVICES_END && remote.port >= SERVICES_END
    };
    let is_open = fd.kind == FdKind::Ipv6Sock && fd.has_no_role();
    fd.flags.contains(FdFlags::ROLE_SERVER) || (is_open && fds::ends(fd).is_some_and(is_service))
}

fn key(fd: &Fd) -> Option<Key> {
    let protocol = fds::protocol(fd);
    match fd.sock {
        SockInfo::Unix { source, destination } => Some(Key::Unix(source, destination)),
        _ => match fds::ends(fd) {
            Some((local, remote)) => Some(Key::Ip(protocol, local, remote)),
            None => fds::bound(fd).map(|local| Key::Bound(protocol, local)),
        },
    }
}

/// Both ends of a connection that was asked for, and the path of one to a unix socket.
fn wanted(context: &Context<'_>) -> (Option<Endpoint>, Option<Endpoint>, Text) {
    let bytes = |index| context.event.bytes(index).unwrap_or_default();
    let tuple = SockTuple::parse(bytes(1)).ok().map(SockTuple::unmapped);
    match (SockAddr::parse(bytes(3)), tuple) {
        (Ok(SockAddr::Unix(path)), _) | (_, Some(SockTuple::Unix { path, .. })) => {
            (None, None, path.into())
        }
        (_, Some(SockTuple::Inet { sip, sport, dip, dport })) => {
            (Some(fds::end(sip, sport)), Some(fds::end(dip, dport)), Text::default())
        }
        (_, Some(SockTuple::Inet6 { sip, sport, dip, dport })) => {
            (Some(fds::end(sip, sport)), Some(fds::end(dip, dport)), Text::default())
        }
        (Ok(address), _) => (None, endpoint(&address), Text::default()),
        _ => (None, None, Text::default()),
    }
}

fn endpoint(address: &SockAddr<'_>) -> Option<Endpoint> {
    match *address {
        SockAddr::Inet(ip, port) => Some(fds::end(ip, port)),
        SockAddr::Inet6(ip, port) => Some(fds::end(ip, port)),
        SockAddr::Unix(_) | SockAddr::Other(_) => None,
    }
}

/// Path of a unix socket: the name of its fd may begin with the kernel's addresses of both ends.
fn unix_path(fd: &Fd) -> Option<Text> {
    if fd.kind != FdKind::UnixSock {
        return None;
    }
    let is_hex = |part: &[u8]| !part.is_empty() && part.iter().all(u8::is_ascii_hexdigit);
    let behind_ends = fd.name.iter().position(|&b| b == b' ').and_then(|space| {
        let (ends, path) = fd.name.split_at_checked(space)?;
        let arrow = ends.windows(2).position(|pair| pair == b"->")?;
        let (from, to) = (ends.get(..arrow)?, ends.get(arrow + 2..)?);
        (is_hex(from) && is_hex(to)).then_some(path.get(1..)?)
    });
    let path = behind_ends.unwrap_or(&fd.name);
    // Old snapshots have the line's end from `/proc/net/unix`.
    Some(path.strip_suffix(b"\n").unwrap_or(path).into())
}

/// Every look-up of a name asks the cache of names first, which mostly is not there.
fn is_name_service(path: &[u8]) -> bool {
    matches!(path, b"/var/run/nscd/socket" | b"/run/nscd/socket")
}
