//! A syslog daemon, near or far: RFC 5424 by a local socket, UDP (RFC 5426) or TCP (RFC 6587).
//!
//! - `message`: an alert as a syslog message.
//! - `transport`: how it gets there.

mod message;
mod transport;

use std::{
    fmt,
    path::{Path, PathBuf},
    str::FromStr,
};

use event::alert::Alert;
use thiserror::Error;

use crate::{
    Form,
    sink::{Failure, Sink},
};
use transport::Connection;

/// Where the daemon is, and what it is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Where it is.
    pub to: Place,
    /// As what the messages are filed.
    pub facility: Facility,
}

/// Where a syslog daemon is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A datagram socket on this machine.
    Local(PathBuf),
    /// Host and port; a datagram for each message.
    Udp(String, u16),
    /// Host and port; messages with their length before them (octet counting).
    Tcp(String, u16),
}

/// Where local daemons listen.
const LOCAL: &str = "/dev/log";
/// Where remote ones do.
const PORT: u16 = 514;

impl Default for Place {
    fn default() -> Self {
        Self::Local(LOCAL.into())
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Local(path) if path == Path::new(LOCAL) => f.write_str("syslog:"),
            Self::Local(path) => write!(f, "syslog:{}", path.display()),
            Self::Udp(host, port) => write!(f, "syslog:udp://{}:{port}", Host(host)),
            Self::Tcp(host, port) => write!(f, "syslog:tcp://{}:{port}", Host(host)),
        }
    }
}

/// A host as URLs have it: colons within brackets.
struct Host<'a>(&'a str);

impl fmt::Display for Host<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.contains(':') { write!(f, "[{}]", self.0) } else { f.write_str(self.0) }
    }
}

/// A text that does not say where a syslog daemon is.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "'{0}' is no place of a syslog daemon; it is udp://HOST[:PORT], tcp://HOST[:PORT] or the path of a socket"
)]
pub struct UnknownPlace(String);

impl FromStr for Place {
    type Err = UnknownPlace;

    /// `udp://HOST[:PORT]`, `tcp://HOST[:PORT]`, the path of a socket, or nothing for the usual one.
    fn from_str(text: &str) -> Result<Self, UnknownPlace> {
        let unknown = || UnknownPlace(text.to_owned());
        let remote = |rest| host_and_port(rest).ok_or_else(unknown);
        if text.is_empty() {
            Ok(Self::default())
        } else if text.starts_with('/') {
            Ok(Self::Local(text.into()))
        } else if let Some(rest) = text.strip_prefix("udp://") {
            remote(rest).map(|(host, port)| Self::Udp(host, port))
        } else if let Some(rest) = text.strip_prefix("tcp://") {
            remote(rest).map(|(host, port)| Self::Tcp(host, port))
        } else {
            Err(unknown())
        }
    }
}

fn host_and_port(text: &str) -> Option<(String, u16)> {
    let text = text.strip_suffix('/').unwrap_or(text);
    let (host, port) = match text.strip_prefix('[') {
        Some(rest) => rest.split_once(']').map(|(host, rest)| (host, rest.strip_prefix(':')))?,
        None => text.split_once(':').map_or((text, None), |(host, port)| (host, Some(port))),
    };
    let port = port.map_or(Some(PORT), |port| port.parse().ok())?;
    let is_host = |c: char| c.is_ascii_alphanumeric() || ".-_:%".contains(c);
    (!host.is_empty() && host.chars().all(is_host)).then(|| (host.to_owned(), port))
}

/// As what messages are filed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facility(u8);

impl Facility {
    /// Every facility by the name that syslog.conf has for it, in the order of their numbers.
    pub const NAMES: [&str; 24] = [
        "kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron",
        "authpriv", "ftp", "ntp", "audit", "alert", "clock", "local0", "local1", "local2",
        "local3", "local4", "local5", "local6", "local7",
    ];

    /// With `severity` the number at the start of a message.
    fn with(self, severity: u8) -> u8 {
        self.0 * 8 + severity
    }
}

impl Default for Facility {
    fn default() -> Self {
        Self(3)
    }
}

/// A word that is no facility.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("'{0}' is not a facility; facilities are {names}", names = Facility::NAMES.join(" "))]
pub struct UnknownFacility(String);

impl FromStr for Facility {
    type Err = UnknownFacility;

    fn from_str(text: &str) -> Result<Self, UnknownFacility> {
        let index = Self::NAMES.iter().position(|name| name.eq_ignore_ascii_case(text));
        let number = index.and_then(|index| u8::try_from(index).ok());
        number.map(Self).ok_or_else(|| UnknownFacility(text.to_owned()))
    }
}

/// Sends to a syslog daemon.
pub(crate) struct SyslogSink {
    settings: Settings,
    form: Form,
    connection: Option<Connection>,
}

impl SyslogSink {
    pub(crate) fn new(settings: Settings, form: Form) -> Self {
        Self { settings, form, connection: None }
    }
}

impl Sink for SyslogSink {
    fn deliver(&mut self, alert: &Alert) -> Result<(), Failure> {
        let message = message::of(alert, self.settings.facility, self.form);
        let open = self.connection.take().filter(Connection::is_open);
        let mut connection = match open {
            Some(open) => open,
            None => Connection::open(&self.settings.to)
                .map_err(|error| Failure::retry(format!("cannot connect: {error}")))?,
        };
        connection
            .send(&message)
            .map_err(|error| Failure::retry(format!("cannot send: {error}")))?;
        self.connection = Some(connection);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_read_and_printed() {
        let cases = [
            ("", "syslog:"),
            ("/run/log", "syslog:/run/log"),
            ("udp://logs.example", "syslog:udp://logs.example:514"),
            ("udp://10.0.0.1:5140", "syslog:udp://10.0.0.1:5140"),
            ("tcp://[::1]:601/", "syslog:tcp://[::1]:601"),
            ("tcp://[fe80::1]", "syslog:tcp://[fe80::1]:514"),
        ];
        for (text, printed) in cases {
            assert_eq!(text.parse::<Place>().unwrap().to_string(), printed);
        }
        for wrong in [
            "udp://",
            "tcp://:514",
            "udp://a:b",
            "udp://a:70000",
            "tls://a",
            "log",
            "udp://[::1",
            "udp://a b",
        ] {
            assert!(wrong.parse::<Place>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_facility_and_a_severity_make_the_number() {
        for (name, severity, number) in [("kern", 0, 0), ("daemon", 4, 28), ("LOCAL7", 7, 191)] {
            assert_eq!(name.parse::<Facility>().unwrap().with(severity), number);
        }
        assert!("local8".parse::<Facility>().unwrap_err().to_string().contains("local7"));
    }
}
