//! Entries that own what they tell.

use event::snapshot::{FdEntry, FdTarget, Group, Interface, Machine, Record, ThreadEntry, User};

/// Where a text stands.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Span {
    begin: usize,
    end: usize,
}

/// All entries. Each is kept without its texts, which stand one behind the other.
#[derive(Clone, Debug, Default)]
pub(super) struct Held {
    texts: Vec<u8>,
    machine: Option<(Machine<'static>, Span)>,
    interfaces: Vec<(Interface<'static>, Span)>,
    users: Vec<(User<'static>, [Span; 3])>,
    groups: Vec<(Group<'static>, Span)>,
    threads: Vec<(ThreadEntry<'static>, [Span; 8])>,
    fds: Vec<(i64, FdEntry<'static>, Span)>,
}

impl Held {
    pub(super) fn set_machine(&mut self, machine: Machine<'static>, hostname: &[u8]) {
        self.machine = Some((machine, self.keep(hostname)));
    }

    pub(super) fn add_interface(&mut self, interface: Interface<'_>) {
        let name = match interface {
            Interface::V4 { name, .. } | Interface::V6 { name, .. } => self.keep(name),
        };
        self.interfaces.push((named_interface(interface, b""), name));
    }

    pub(super) fn add_user(&mut self, user: User<'_>) {
        let texts = [user.name, user.home, user.shell].map(|text| self.keep(text));
        let user = User { uid: user.uid, gid: user.gid, name: b"", home: b"", shell: b"" };
        self.users.push((user, texts));
    }

    pub(super) fn add_group(&mut self, group: Group<'_>) {
        let name = self.keep(group.name);
        self.groups.push((Group { gid: group.gid, name: b"" }, name));
    }

    /// A thread, and its texts in the order of [`with_texts`].
    pub(super) fn add_thread(&mut self, thread: ThreadEntry<'static>, texts: [&[u8]; 8]) {
        let texts = texts.map(|text| self.keep(text));
        self.threads.push((thread, texts));
    }

    /// An fd of the process `pid`.
    pub(super) fn add_fd(&mut self, pid: i64, entry: FdEntry<'_>) {
        let name = match entry.target {
            FdTarget::Unix { name, .. }
            | FdTarget::File { name, .. }
            | FdTarget::Named(_, name) => self.keep(name),
            _ => Span::default(),
        };
        let FdEntry { fd, ino, target } = entry;
        self.fds.push((pid, FdEntry { fd, ino, target: renamed(target, b"") }, name));
    }

    pub(super) fn thread_count(&self) -> usize {
        self.threads.len()
    }

    pub(super) fn fd_count(&self) -> usize {
        self.fds.len()
    }

    /// Puts threads and fds in order, whatever the order was in which they were found.
    pub(super) fn sort(&mut self) {
        self.threads.sort_unstable_by_key(|(thread, _)| thread.tid);
        self.fds.sort_unstable_by_key(|(pid, entry, _)| (*pid, entry.fd));
    }

    pub(super) fn len(&self) -> usize {
        usize::from(self.machine.is_some())
            + self.interfaces.len()
            + self.users.len()
            + self.groups.len()
            + self.threads.len()
            + self.fds.len()
    }

    /// The entry with this number, with its texts.
    pub(super) fn record(&self, index: usize) -> Option<Record<'_>> {
        let mut index = index;
        if let Some((machine, hostname)) = &self.machine {
            match index.checked_sub(1) {
                None => {
                    let hostname = self.text(*hostname);
                    return Some(Record::Machine(Machine { hostname, ..*machine }));
                }
                Some(rest) => index = rest,
            }
        }
        if let Some((interface, name)) = within(&self.interfaces, &mut index) {
            return Some(Record::Interface(named_interface(*interface, self.text(*name))));
        }
        if let Some((user, texts)) = within(&self.users, &mut index) {
            let [name, home, shell] = texts.map(|span| self.text(span));
            return Some(Record::User(User { name, home, shell, ..*user }));
        }
        if let Some((group, name)) = within(&self.groups, &mut index) {
            return Some(Record::Group(Group { name: self.text(*name), ..*group }));
        }
        if let Some((thread, texts)) = within(&self.threads, &mut index) {
            return Some(Record::Thread(with_texts(*thread, texts.map(|span| self.text(span)))));
        }
        let (pid, entry, name) = within(&self.fds, &mut index)?;
        let target = renamed(entry.target, self.text(*name));
        Some(Record::Fd(*pid, FdEntry { target, ..*entry }))
    }

    fn keep(&mut self, text: &[u8]) -> Span {
        let begin = self.texts.len();
        self.texts.extend_from_slice(text);
        Span { begin, end: self.texts.len() }
    }

    fn text(&self, span: Span) -> &[u8] {
        self.texts.get(span.begin..span.end).unwrap_or_default()
    }
}

/// The element with this number; if there are not so many, the number is counted down by those
/// there are.
fn within<'a, T>(all: &'a [T], index: &mut usize) -> Option<&'a T> {
    let found = all.get(*index);
    if found.is_none() {
        *index -= all.len();
    }
    found
}

fn named_interface<'a>(interface: Interface<'_>, name: &'a [u8]) -> Interface<'a> {
    match interface {
        Interface::V4 { address, netmask, broadcast, speed, .. } => {
            Interface::V4 { name, address, netmask, broadcast, speed }
        }
        Interface::V6 { address, netmask, broadcast, speed, .. } => {
            Interface::V6 { name, address, netmask, broadcast, speed }
        }
    }
}

/// The target with another name, if it has one.
pub(super) fn renamed<'a>(target: FdTarget<'_>, name: &'a [u8]) -> FdTarget<'a> {
    match target {
        FdTarget::Unix { source, destination, .. } => FdTarget::Unix { source, destination, name },
        FdTarget::File { open_flags, dev, .. } => FdTarget::File { open_flags, name, dev },
        FdTarget::Named(kind, _) => FdTarget::Named(kind, name),
        FdTarget::Ipv4 { sip, dip, sport, dport, l4 } => {
            FdTarget::Ipv4 { sip, dip, sport, dport, l4 }
        }
        FdTarget::Ipv6 { sip, dip, sport, dport, l4 } => {
            FdTarget::Ipv6 { sip, dip, sport, dport, l4 }
        }
        FdTarget::Ipv4Server { ip, port, l4 } => FdTarget::Ipv4Server { ip, port, l4 },
        FdTarget::Ipv6Server { ip, port, l4 } => FdTarget::Ipv6Server { ip, port, l4 },
    }
}

/// The thread with these texts: command, first argument, path of the executable, arguments, working
/// and root directory, environment, control groups.
fn with_texts<'a>(thread: ThreadEntry<'a>, texts: [&'a [u8]; 8]) -> ThreadEntry<'a> {
    let [comm, exe, exepath, args, cwd, root, env, cgroups] = texts;
    ThreadEntry { comm, exe, exepath, args, cwd, root, env, cgroups, ..thread }
}
