//! What is asked, and how it is written.

use std::{
    net::{IpAddr, SocketAddr},
    str::FromStr,
};

use thiserror::Error;

use crate::model::{Connection, Endpoint, Process, Recorded};

/// Why a part of a filter cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum FilterError {
    /// A kind that there is not.
    #[error("'{0}' is no kind; kinds are commands files network privileges terminal alerts")]
    Kind(String),
    /// Nothing to look for.
    #[error("an empty {0} matches nothing; leave the filter out to match all")]
    Empty(&'static str),
    /// Neither address nor network, port or name.
    #[error(
        "'{0}' is no address; write an address, a network (10.0.0.0/8), a port (:443), an address \
         and a port (192.0.2.1:443, [2001:db8::1]:443), or a name"
    )]
    Address(String),
    /// A network whose length is too long or no number.
    #[error("'{0}' is no network: the number behind the slash is 0 to {1}")]
    Prefix(String, u8),
    /// A port that is no port.
    #[error("'{0}' is no port; ports are 0 to 65535")]
    Port(String),
}

/// Text in which `*` stands for any characters and `?` for any one.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Glob(String);

impl Glob {
    fn is_plain(&self) -> bool {
        !self.0.contains(['*', '?'])
    }

    fn matches(&self, text: &[u8]) -> bool {
        let pattern = self.0.as_bytes();
        let (mut at, mut place) = (0, 0);
        // Where the last star stands, and how much of the text it stands for so far.
        let mut star: Option<(usize, usize)> = None;
        while let Some(byte) = text.get(place) {
            match pattern.get(at) {
                Some(b'*') => {
                    star = Some((at, place));
                    at += 1;
                }
                Some(wanted) if *wanted == b'?' || wanted == byte => {
                    (at, place) = (at + 1, place + 1)
                }
                _ => {
                    let Some((star_at, upto)) = star else { return false };
                    star = Some((star_at, upto + 1));
                    (at, place) = (star_at + 1, upto + 1);
                }
            }
        }
        pattern.get(at..).is_some_and(|rest| rest.iter().all(|&b| b == b'*'))
    }
}

fn glob(text: &str, what: &'static str) -> Result<Glob, FilterError> {
    if text.is_empty() { Err(FilterError::Empty(what)) } else { Ok(Glob(text.to_owned())) }
}

/// Which path: one that the whole pattern matches, with `*` for any characters and `?` for any one;
/// or without these, one that it is part of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathPattern(Glob);

impl FromStr for PathPattern {
    type Err = FilterError;

    fn from_str(text: &str) -> Result<Self, FilterError> {
        glob(text, "path").map(Self)
    }
}

impl PathPattern {
    pub(super) fn is(&self, path: &[u8]) -> bool {
        let Self(glob) = self;
        if glob.is_plain() {
            let part = glob.0.as_bytes();
            return path.windows(part.len()).any(|window| window == part);
        }
        glob.matches(path)
    }
}

/// Which process: by its id, or by a name that it had: of the command, of the program's file, of the
/// script. In names, `*` stands for any characters and `?` for any one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProcessPattern(ByProcess);

#[derive(Clone, Debug, PartialEq, Eq)]
enum ByProcess {
    Pid(i64),
    Name(Glob),
}

impl FromStr for ProcessPattern {
    type Err = FilterError;

    fn from_str(text: &str) -> Result<Self, FilterError> {
        match text.parse() {
            Ok(pid) => Ok(Self(ByProcess::Pid(pid))),
            Err(_) => glob(text, "process").map(|name| Self(ByProcess::Name(name))),
        }
    }
}

impl ProcessPattern {
    pub(super) fn is(&self, process: &Process) -> bool {
        match &self.0 {
            ByProcess::Pid(pid) => process.pid == *pid,
            ByProcess::Name(name) => process.commands.iter().any(|command| {
                let paths = [Some(&command.exe), command.argv.first(), command.script.as_ref()];
                let named = |path: &Recorded| name.matches(base(path.bytes()));
                name.matches(command.comm.bytes()) || paths.into_iter().flatten().any(named)
            }),
        }
    }
}

/// A path's last part.
fn base(path: &[u8]) -> &[u8] {
    path.rsplit(|&b| b == b'/').next().unwrap_or(path)
}

/// Which user: by number or by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserPattern(ByUser);

#[derive(Clone, Debug, PartialEq, Eq)]
enum ByUser {
    Uid(u32),
    Name(String),
}

impl FromStr for UserPattern {
    type Err = FilterError;

    fn from_str(text: &str) -> Result<Self, FilterError> {
        match text.parse() {
            Ok(uid) => Ok(Self(ByUser::Uid(uid))),
            Err(_) if text.is_empty() => Err(FilterError::Empty("user")),
            Err(_) => Ok(Self(ByUser::Name(text.to_owned()))),
        }
    }
}

impl UserPattern {
    pub(super) fn is(&self, process: &Process) -> bool {
        let users = process.commands.iter().flat_map(|c| std::iter::once(&c.user).chain(&c.login));
        users.into_iter().any(|user| match &self.0 {
            ByUser::Uid(uid) => user.uid == *uid,
            ByUser::Name(name) => user.name.bytes() == name.as_bytes(),
        })
    }
}

/// Which end of a connection, its own or the other: by address, network, port, address and port, or
/// by the name that the other end has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddressPattern {
    network: Option<(IpAddr, u8)>,
    port: Option<u16>,
    name: Option<Glob>,
}

impl FromStr for AddressPattern {
    type Err = FilterError;

    fn from_str(text: &str) -> Result<Self, FilterError> {
        let none = Self { network: None, port: None, name: None };
        if text.is_empty() {
            return Err(FilterError::Empty("address"));
        }
        if let Ok(end) = text.parse::<SocketAddr>() {
            let network = Some((end.ip().to_canonical(), bits(end.ip().to_canonical())));
            return Ok(Self { network, port: Some(end.port()), ..none });
        }
        if let Some(network) = network(text)? {
            return Ok(Self { network: Some(network), ..none });
        }
        let port = |port: &str| port.parse().map_err(|_| FilterError::Port(port.to_owned()));
        match text.split_once(':') {
            Some((_, rest)) if rest.contains(':') => Err(FilterError::Address(text.to_owned())),
            Some(("", number)) => Ok(Self { port: Some(port(number)?), ..none }),
            Some((name, number)) if is_name(name) => {
                Ok(Self { name: Some(Glob(name.to_owned())), port: Some(port(number)?), ..none })
            }
            None if is_name(text) => Ok(Self { name: Some(Glob(text.to_owned())), ..none }),
            _ => Err(FilterError::Address(text.to_owned())),
        }
    }
}

/// An address, or a network; `None` if it is neither.
fn network(text: &str) -> Result<Option<(IpAddr, u8)>, FilterError> {
    let (ip, length) = match text.split_once('/') {
        Some((ip, length)) => (ip, Some(length)),
        None => (text, None),
    };
    let Ok(ip) = ip.parse::<IpAddr>() else { return Ok(None) };
    let ip = ip.to_canonical();
    let Some(length) = length else { return Ok(Some((ip, bits(ip)))) };
    match length.parse() {
        Ok(length) if length <= bits(ip) => Ok(Some((ip, length))),
        _ => Err(FilterError::Prefix(text.to_owned(), bits(ip))),
    }
}

/// Bits of an address.
fn bits(ip: IpAddr) -> u8 {
    if ip.is_ipv4() { 32 } else { 128 }
}

/// A name has a letter, and nothing that names have not.
fn is_name(text: &str) -> bool {
    text.contains(|c: char| c.is_ascii_alphabetic() || c == '*')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || ".-_*?".contains(c))
}

impl AddressPattern {
    pub(super) fn is(&self, row: &Connection) -> bool {
        let is_named = self
            .name
            .as_ref()
            .is_none_or(|name| row.name.as_ref().is_some_and(|own| name.matches(own.bytes())));
        let is_end = |end: &Endpoint| {
            self.port.is_none_or(|port| port == end.port)
                && self.network.is_none_or(|network| is_within(end.ip, network))
        };
        is_named && [row.local, row.remote].iter().flatten().any(is_end)
    }
}

fn is_within(ip: IpAddr, (network, length): (IpAddr, u8)) -> bool {
    let (own, theirs, bits) = match (ip, network) {
        (IpAddr::V4(own), IpAddr::V4(theirs)) => {
            (u128::from(own.to_bits()), u128::from(theirs.to_bits()), 32)
        }
        (IpAddr::V6(own), IpAddr::V6(theirs)) => (own.to_bits(), theirs.to_bits(), 128),
        _ => return false,
    };
    let behind = u32::from(u8::saturating_sub(bits, length));
    (own ^ theirs).checked_shr(behind).unwrap_or(0) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_and_question_marks_stand_for_characters() {
        let cases = [
            ("*", "", true),
            ("/etc/*", "/etc/a/b", true),
            ("/etc/*", "/var/etc/a", false),
            ("*.so.?", "libc.so.6", true),
            ("*.so.?", "libc.so", false),
            ("a*b*c", "a-b-b-c", true),
            ("a*b*c", "a-c-b", false),
            ("abc", "abcd", false),
        ];
        for (pattern, text, want) in cases {
            assert_eq!(Glob(pattern.to_owned()).matches(text.as_bytes()), want, "{pattern} {text}");
        }
        let path = |text: &str| text.parse::<PathPattern>().unwrap();
        assert!(path("shadow").is(b"/etc/shadow-") && !path("/etc/sh?").is(b"/etc/shadow"));
    }

    #[test]
    fn networks_hold_their_addresses() {
        let cases = [
            ("10.0.0.0/8", "10.255.0.1", true),
            ("10.0.0.0/8", "11.0.0.1", false),
            ("0.0.0.0/0", "203.0.113.9", true),
            ("0.0.0.0/0", "2001:db8::1", false),
            ("203.0.113.9", "203.0.113.9", true),
            ("203.0.113.9", "203.0.113.8", false),
            ("2001:db8::/32", "2001:db8:1::2", true),
            ("::/0", "2001:db8::1", true),
            ("::ffff:10.0.0.1", "10.0.0.1", true),
        ];
        for (pattern, ip, want) in cases {
            let found = network(pattern).unwrap().unwrap();
            assert_eq!(is_within(ip.parse().unwrap(), found), want, "{pattern} {ip}");
        }
    }

    #[test]
    fn addresses_are_read_in_every_form() {
        let read = |text: &str| text.parse::<AddressPattern>().map(|a| (a.network, a.port, a.name));
        let v4 = |text: &str| Some((text.parse().unwrap(), 32));
        let name = |text: &str| Some(Glob(text.to_owned()));
        assert_eq!(read("203.0.113.9"), Ok((v4("203.0.113.9"), None, None)));
        assert_eq!(read("203.0.113.9:4444"), Ok((v4("203.0.113.9"), Some(4444), None)));
        assert_eq!(read(":443"), Ok((None, Some(443), None)));
        assert_eq!(read("*.example.net:80"), Ok((None, Some(80), name("*.example.net"))));
        let v6 = Some(("2001:db8::1".parse().unwrap(), 128));
        assert_eq!(read("[2001:db8::1]:443"), Ok((v6, Some(443), None)));
        let wrong = [
            ("", FilterError::Empty("address")),
            ("10.0.0.300", FilterError::Address("10.0.0.300".to_owned())),
            ("10.0.0.0/33", FilterError::Prefix("10.0.0.0/33".to_owned(), 32)),
            (":70000", FilterError::Port("70000".to_owned())),
            ("fe80::zz", FilterError::Address("fe80::zz".to_owned())),
        ];
        for (text, error) in wrong {
            assert_eq!(read(text), Err(error), "{text}");
        }
    }
}
