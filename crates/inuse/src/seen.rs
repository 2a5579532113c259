//! What is known of one path.

use crate::Span;

/// In which way a file is used, the weakest first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Kind {
    /// Opened for reading.
    Read,
    /// Mapped to be executed, as libraries are.
    Loaded,
    /// A program that ran, or a script that was.
    Executed,
    /// Executed or loaded by a process that listens on the network.
    Listening,
}

impl Kind {
    /// All, the weakest first.
    pub const ALL: [Self; 4] = [Self::Read, Self::Loaded, Self::Executed, Self::Listening];

    /// Its name in documents.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Loaded => "loaded",
            Self::Executed => "executed",
            Self::Listening => "listening",
        }
    }
}

/// What an exec told beside the path.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Facts {
    /// It was in memory alone (memfd).
    pub is_memfd: bool,
    /// It was deleted already when it began.
    pub is_deleted: bool,
}

/// What is listened with.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Protocol {
    Tcp,
    Udp,
    Other,
}

impl Protocol {
    /// Its name in documents.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Udp => "udp",
            Self::Other => "other",
        }
    }
}

/// From where it can be reached.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Reach {
    /// From this machine, or this container, alone.
    Loopback,
    /// From elsewhere too.
    Network,
}

/// A port that is listened on.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Port {
    /// With what.
    pub protocol: Protocol,
    /// Its number; 0 where the kernel chose one, which is not told.
    pub number: u16,
    /// From where.
    pub reach: Reach,
}

/// Most ports of one file.
const MOST_PORTS: usize = 32;

/// What is known of one path.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Seen {
    times: [Option<Span>; Kind::ALL.len()],
    /// What execs told of it.
    pub facts: Facts,
    ports: Vec<Port>,
}

impl Seen {
    /// First and last time of this use.
    pub fn times(&self, kind: Kind) -> Option<Span> {
        self.times.get(kind as usize).copied().flatten()
    }

    /// The strongest use.
    pub fn strongest(&self) -> Option<Kind> {
        Kind::ALL.into_iter().rev().find(|kind| self.times(*kind).is_some())
    }

    /// First and last time of any use.
    pub fn bounds(&self) -> Option<Span> {
        self.times.iter().flatten().copied().reduce(Span::with)
    }

    /// The ports on which processes listen that have it, in order.
    pub fn ports(&self) -> &[Port] {
        &self.ports
    }

    /// It is used in this way then.
    pub(crate) fn note(&mut self, kind: Kind, span: Span) {
        if let Some(times) = self.times.get_mut(kind as usize) {
            *times = Some(times.map_or(span, |known| known.with(span)));
        }
    }

    /// Whether it is known already that it is used in this way at this time.
    pub(crate) fn knows(&self, kind: Kind, s: u32) -> bool {
        self.times(kind).is_some_and(|it| it.from_s <= s && s <= it.to_s)
    }

    pub(crate) fn add_port(&mut self, port: Port) {
        if let Err(at) = self.ports.binary_search(&port)
            && self.ports.len() < MOST_PORTS
        {
            self.ports.insert(at, port);
        }
    }

    /// Takes in what is known of the same path elsewhere.
    pub fn join(&mut self, other: &Self) {
        for kind in Kind::ALL {
            if let Some(span) = other.times(kind) {
                self.note(kind, span);
            }
        }
        self.facts.is_memfd |= other.facts.is_memfd;
        self.facts.is_deleted |= other.facts.is_deleted;
        other.ports.iter().for_each(|port| self.add_port(*port));
    }

    /// Forgets uses that ended before a time. Says whether any is left.
    pub(crate) fn forget_before(&mut self, s: u32) -> bool {
        for times in &mut self.times {
            *times = times.filter(|it| it.to_s >= s);
        }
        if self.times(Kind::Listening).is_none() {
            self.ports.clear();
        }
        self.strongest().is_some()
    }
}
