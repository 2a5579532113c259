//! The connections of a process, folded: a scan of a thousand ports is one line.

use std::{collections::BTreeMap, net::IpAddr};

use crate::{
    model::{Connection, Moment, Outcome, Process, Protocol, Reach, Role},
    views::words,
};

/// Alike connections that each stand alone; more of them fold.
const ALONE: usize = 6;

/// One line's worth of connections.
#[derive(Clone, Debug)]
pub enum ConnectionItem<'t> {
    /// A connection that stands alone.
    One(&'t Connection),
    /// Several alike ones.
    Many(ConnectionFold<'t>),
}

impl ConnectionItem<'_> {
    /// When the first of them was first used.
    pub fn first(&self) -> Moment {
        match self {
            Self::One(connection) => connection.first,
            Self::Many(fold) => fold.connections.iter().map(|c| c.first).min().unwrap_or_default(),
        }
    }
}

/// Connections of the same kind, to one address or to many; by first use, at least one.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the name says it")]
pub struct ConnectionFold<'t> {
    pub connections: Vec<&'t Connection>,
}

impl ConnectionFold<'_> {
    /// `1,000 connections to 203.0.113.20 tcp, ports 1 … 1024`.
    pub fn words(&self) -> String {
        let Some(first) = self.connections.first() else { return String::new() };
        let number = words::count(self.connections.len() as u64);
        let protocol = first.protocol.name();
        if first.protocol == Protocol::Unix {
            return format!("{number} connections to {}", words::clip(&first.path, 200));
        }
        match first.role {
            Role::Accepted => format!("{number} connections from {} {protocol}", self.others()),
            Role::Listening => {
                format!("{number} listening sockets {protocol}, {}", self.ports(true))
            }
            Role::Datagrams => {
                format!(
                    "{number} exchanges with {} {protocol}, {}",
                    self.others(),
                    self.ports(false)
                )
            }
            Role::Connected | Role::Inherited => {
                format!(
                    "{number} connections to {} {protocol}, {}",
                    self.others(),
                    self.ports(false)
                )
            }
        }
    }

    /// Bytes sent and received, in all.
    pub fn bytes(&self) -> (u64, u64) {
        self.connections.iter().fold((0, 0), |(sent, received), c| {
            (sent.saturating_add(c.bytes_sent), received.saturating_add(c.bytes_received))
        })
    }

    /// The address, or how many.
    fn others(&self) -> String {
        let ends = self.connections.iter().filter_map(|c| c.remote);
        let mut addresses: Vec<IpAddr> = ends.map(|end| end.ip).collect();
        addresses.sort_unstable();
        addresses.dedup();
        match addresses.as_slice() {
            [] => "?".to_owned(),
            [one] => one.to_string(),
            many => format!("{} addresses", words::count(many.len() as u64)),
        }
    }

    /// `port 22`, `ports 1 … 1024`, of this end or of the other.
    fn ports(&self, own: bool) -> String {
        let ends = self.connections.iter().filter_map(|c| if own { c.local } else { c.remote });
        let mut ports: Vec<u16> = ends.map(|end| end.port).collect();
        ports.sort_unstable();
        ports.dedup();
        match ports.as_slice() {
            [] => "no port".to_owned(),
            [one] => format!("port {one}"),
            [one, two] => format!("ports {one} and {two}"),
            [first, .., last] => format!("ports {first} … {last}"),
        }
    }
}

/// Whether nobody need be told: the resolver asks the kernel for routes by connecting without
/// sending, and programs look for services of the machine that are not there.
pub fn is_routine(connection: &Connection) -> bool {
    let silent = connection.bytes_sent == 0 && connection.bytes_received == 0;
    let connected = connection.role == Role::Connected;
    match (connection.protocol, connection.outcome) {
        (Protocol::Udp, _) => silent && connected,
        (Protocol::Unix, Outcome::Failed { .. }) => true,
        _ => false,
    }
}

/// What connections that may fold have in common.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Group<'t> {
    role: Role,
    protocol: Protocol,
    reach: Reach,
    errno: Option<i64>,
    pending: bool,
    path: &'t [u8],
}

fn group(connection: &Connection) -> Group<'_> {
    let errno = match connection.outcome {
        Outcome::Failed { errno } => Some(errno),
        Outcome::Established | Outcome::Pending => None,
    };
    Group {
        role: connection.role,
        protocol: connection.protocol,
        reach: connection.reach,
        errno,
        pending: connection.outcome == Outcome::Pending,
        path: connection.path.bytes(),
    }
}

/// The connections of a process as items, by first use, without routine ones: alike ones fold by
/// their other end, and if there are still many of those, all together.
pub fn connections(process: &Process) -> Vec<ConnectionItem<'_>> {
    let mut groups: BTreeMap<Group<'_>, BTreeMap<Option<IpAddr>, Vec<&Connection>>> =
        BTreeMap::new();
    for connection in process.network.iter().filter(|connection| !is_routine(connection)) {
        let address = connection.remote.map(|end| end.ip);
        groups.entry(group(connection)).or_default().entry(address).or_default().push(connection);
    }
    let mut items: Vec<_> = groups.into_values().flat_map(by_address).collect();
    items.sort_by_key(ConnectionItem::first);
    items
}

fn by_address(addresses: BTreeMap<Option<IpAddr>, Vec<&Connection>>) -> Vec<ConnectionItem<'_>> {
    if addresses.len() > ALONE {
        return fold(addresses.into_values().flatten().collect());
    }
    addresses.into_values().flat_map(fold).collect()
}

fn fold(mut connections: Vec<&Connection>) -> Vec<ConnectionItem<'_>> {
    if connections.len() <= ALONE {
        return connections.into_iter().map(ConnectionItem::One).collect();
    }
    connections.sort_by_key(|connection| connection.first);
    vec![ConnectionItem::Many(ConnectionFold { connections })]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    fn shown(connections_of: Vec<Connection>) -> Vec<String> {
        let mut process = testing::process(1);
        process.network = connections_of;
        let text = |item: &ConnectionItem<'_>| match item {
            ConnectionItem::One(connection) => words::connection(connection),
            ConnectionItem::Many(fold) => fold.words(),
        };
        connections(&process).iter().map(text).collect()
    }

    #[test]
    fn scans_of_ports_and_of_hosts_fold_and_what_answered_stands_alone() {
        let refused = |address: String, at| Connection {
            outcome: Outcome::Failed { errno: 111 },
            ..testing::connection(&address, at)
        };
        let mut ports: Vec<_> =
            (1..=1000).map(|port| refused(format!("203.0.113.20:{port}"), port)).collect();
        ports.push(testing::connection("203.0.113.20:8080", 1001));
        assert_eq!(
            shown(ports),
            ["1,000 connections to 203.0.113.20 tcp, ports 1 … 1000", "→ 203.0.113.20:8080 tcp"]
        );
        let hosts = (1..=254).map(|host| refused(format!("203.0.113.{host}:22"), host)).collect();
        assert_eq!(shown(hosts), ["254 connections to 254 addresses tcp, port 22"]);
    }

    #[test]
    fn questions_for_routes_and_missing_services_are_not_told() {
        let mut probe = testing::connection("203.0.113.20:53", 1);
        probe.protocol = Protocol::Udp;
        let asked = Connection { bytes_sent: 40, ..probe.clone() };
        let mut syslog = testing::connection("203.0.113.20:1", 2);
        (syslog.protocol, syslog.path) = (Protocol::Unix, "/dev/log".into());
        let missing = Connection { outcome: Outcome::Failed { errno: 2 }, ..syslog.clone() };
        assert_eq!(
            shown(vec![probe, asked, syslog, missing]),
            ["→ 203.0.113.20:53 udp", "→ /dev/log"]
        );
    }

    #[test]
    fn few_connections_stand_alone() {
        let few = (1..=6).map(|n| testing::connection("203.0.113.20:80", n)).collect();
        assert_eq!(shown(few).len(), 6);
    }
}
