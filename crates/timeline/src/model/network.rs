//! Connections: with whom a process spoke.

use std::net::IpAddr;

use serde::Serialize;

use super::{Moment, Recorded};

/// A connection, a listening socket, or an exchange of datagrams with one other end.
#[derive(Clone, Debug, Serialize)]
pub struct Connection {
    /// What this end did.
    pub role: Role,
    /// Transport.
    pub protocol: Protocol,
    /// The fd that it was first seen on.
    pub fd: i64,
    /// This end.
    pub local: Option<Endpoint>,
    /// The other end.
    pub remote: Option<Endpoint>,
    /// Path of a unix socket; empty if it has none.
    pub path: Recorded,
    /// Name that a DNS answer gave the other end's address.
    pub name: Option<Recorded>,
    /// First use in the window.
    pub first: Moment,
    /// Last use in the window.
    pub last: Moment,
    /// Whether it was open before the window.
    pub before: bool,
    /// When this process closed it; `None`: open when it ended, or when the window did.
    pub closed: Option<Moment>,
    /// Whether it came about.
    pub outcome: Outcome,
    /// Bytes that this process sent.
    pub bytes_sent: u64,
    /// Bytes that this process received.
    pub bytes_received: u64,
    /// How far away the other end is.
    pub reach: Reach,
}

/// An address and a port.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
pub struct Endpoint {
    /// Address.
    pub ip: IpAddr,
    /// Port; 0 if there is none.
    pub port: u16,
}

/// What this end of a connection did.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Connected.
    Connected,
    /// Accepted.
    Accepted,
    /// Waits for others.
    Listening,
    /// Sent or received datagrams without a connection.
    Datagrams,
    /// Uses a connection that another process opened.
    Inherited,
}

/// Transport of a connection.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum Protocol {
    Tcp,
    Udp,
    Icmp,
    Raw,
    Unix,
    Unknown,
}

impl Protocol {
    /// As people write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Udp => "udp",
            Self::Icmp => "icmp",
            Self::Raw => "raw",
            Self::Unix => "unix",
            Self::Unknown => "ip",
        }
    }
}

/// Whether a connection came about.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// It did.
    Established,
    /// Begun without waiting, and its end was not seen.
    Pending,
    /// It did not.
    Failed {
        /// The error's number, positive.
        errno: i64,
    },
}

/// How far away the other end is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reach {
    /// On this machine: loopback, unix sockets, its own addresses.
    Machine,
    /// In a private or link-local network.
    Private,
    /// Anywhere else.
    Outside,
    /// There is no other end, or it is not known.
    Unknown,
}
