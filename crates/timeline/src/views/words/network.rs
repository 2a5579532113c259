//! Connections: with whom, which way, how much, and how it ended.

use std::net::IpAddr;

use super::{MAX_TEXT_BYTES, bytes, clip, error};
use crate::model::{Connection, Endpoint, Outcome, Protocol, Role};

/// Address and port, IPv6 in brackets: `198.51.100.7:443`, `[2001:db8::7]:443`.
pub fn endpoint(endpoint: &Endpoint) -> String {
    match (endpoint.ip, endpoint.port) {
        (ip, 0) => ip.to_string(),
        (IpAddr::V4(ip), port) => format!("{ip}:{port}"),
        (IpAddr::V6(ip), port) => format!("[{ip}]:{port}"),
    }
}

/// Who spoke to whom: `→ 198.51.100.7:8080 tcp (cdn.example.net)`,
/// `← 203.0.113.9:51122 on port 443 tcp`, `listens on 0.0.0.0:4444 tcp`, `→ /run/docker.sock`.
pub fn connection(connection: &Connection) -> String {
    let protocol = match connection.protocol {
        Protocol::Unix => "",
        other => other.name(),
    };
    let mut said = vec![format!("{} {}", direction(connection), ends(connection))];
    if !protocol.is_empty() {
        said.push(protocol.to_owned());
    }
    if let Some(name) = &connection.name {
        said.push(format!("({})", clip(name, MAX_TEXT_BYTES)));
    }
    said.join(" ")
}

/// Which way: `→` this end called, `←` it was called, `↔` datagrams, `listens on`; a connection
/// that another process opened has the way that its ports suggest to nobody, so `↔` too.
pub fn direction(connection: &Connection) -> &'static str {
    match connection.role {
        Role::Connected => "→",
        Role::Accepted => "←",
        Role::Datagrams | Role::Inherited => "↔",
        Role::Listening => "listens on",
    }
}

fn ends(connection: &Connection) -> String {
    if connection.protocol == Protocol::Unix {
        return match connection.path.is_empty() {
            true => "a unix socket".to_owned(),
            false => clip(&connection.path, MAX_TEXT_BYTES),
        };
    }
    let or_unknown = |end: Option<Endpoint>| end.map_or_else(|| "?".to_owned(), |e| endpoint(&e));
    match (connection.role, connection.local) {
        (Role::Listening, local) => or_unknown(local),
        (Role::Accepted, Some(local)) if local.port != 0 => {
            format!("{} on port {}", or_unknown(connection.remote), local.port)
        }
        _ => or_unknown(connection.remote),
    }
}

/// Bytes each way: `↑ 84 B  ↓ 48.2 KiB`; empty if there were none.
pub fn traffic(connection: &Connection) -> String {
    match (connection.bytes_sent, connection.bytes_received) {
        (0, 0) => String::new(),
        (sent, 0) => format!("↑ {}", bytes(sent)),
        (0, received) => format!("↓ {}", bytes(received)),
        (sent, received) => format!("↑ {}  ↓ {}", bytes(sent), bytes(received)),
    }
}

/// What became of it, if that is not the usual: `refused`, `pending`, `open`.
pub fn fate(connection: &Connection) -> Option<String> {
    match connection.outcome {
        Outcome::Failed { errno } => Some(error(errno)),
        Outcome::Pending => Some("pending".to_owned()),
        Outcome::Established if connection.closed.is_none() => Some("open".to_owned()),
        Outcome::Established => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Moment, Reach, Recorded};

    fn end(text: &str) -> Option<Endpoint> {
        let address: std::net::SocketAddr = text.parse().expect("an address");
        Some(Endpoint { ip: address.ip(), port: address.port() })
    }

    fn to(role: Role, local: Option<Endpoint>, remote: Option<Endpoint>) -> Connection {
        Connection {
            role,
            protocol: Protocol::Tcp,
            fd: 3,
            local,
            remote,
            path: Recorded::default(),
            name: None,
            first: Moment::default(),
            last: Moment::default(),
            before: false,
            closed: None,
            outcome: Outcome::Established,
            bytes_sent: 84,
            bytes_received: 49_357,
            reach: Reach::Outside,
        }
    }

    #[test]
    fn connections_say_who_spoke_to_whom() {
        let local = end("10.0.0.2:443");
        let remote = end("203.0.113.9:51122");
        let six = end("[2001:db8::7]:80");
        let mut named = to(Role::Connected, local, remote);
        named.name = Some("cdn.example.net".into());
        let mut unix = to(Role::Connected, None, None);
        unix.protocol = Protocol::Unix;
        unix.path = "/run/docker.sock".into();
        let cases = [
            (named, "→ 203.0.113.9:51122 tcp (cdn.example.net)"),
            (to(Role::Connected, None, six), "→ [2001:db8::7]:80 tcp"),
            (to(Role::Accepted, local, remote), "← 203.0.113.9:51122 on port 443 tcp"),
            (to(Role::Listening, end("[::]:4444"), None), "listens on [::]:4444 tcp"),
            (to(Role::Inherited, local, remote), "↔ 203.0.113.9:51122 tcp"),
            (to(Role::Datagrams, None, None), "↔ ? tcp"),
            (unix, "→ /run/docker.sock"),
        ];
        for (case, want) in cases {
            assert_eq!(connection(&case), want);
        }
    }

    #[test]
    fn traffic_and_fate_are_told_where_there_is_something_to_tell() {
        let mut case = to(Role::Connected, None, end("203.0.113.9:1"));
        assert_eq!(traffic(&case), "↑ 84 B  ↓ 48.2 KiB");
        assert_eq!(fate(&case).as_deref(), Some("open"));
        case.closed = Some(Moment::default());
        assert_eq!(fate(&case), None);
        case.bytes_sent = 0;
        assert_eq!(traffic(&case), "↓ 48.2 KiB");
        case.bytes_received = 0;
        assert_eq!(traffic(&case), "");
        case.outcome = Outcome::Failed { errno: 111 };
        assert_eq!(fate(&case).as_deref(), Some("refused"));
    }
}
