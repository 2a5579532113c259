//! Parameters of events from YAML values: numbers, names of flags, errors, signals, processes and
//! users, paths, addresses.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use event::{
    EventType, ParamInfo, ParamType,
    decode::addr::family,
    names::{errno_name, signal_name},
    schema::{Detail, EventFlags, EventInfo, Symbol},
};

use super::stage::{Stage, inode, nul_separated};
use crate::yaml::{Node, Value, Wrong};

/// Working directory, for paths that are relative to it (in the schema's numbering).
const AT_FDCWD: i64 = -100;
/// Device of every file.
const DEVICE: i64 = 0x801;
/// Parameters that say most about an event, where they don't come first.
const MAIN: [(&str, &str); 5] = [
    ("ptrace", "request"),
    ("connect", "addr"),
    ("sendmmsg", "data"),
    ("recvmsg", "data"),
    ("fsconfig", "key"),
];
/// An `eventfd`-like call for whose result a fd is made, though the schema doesn't say so.
const DUPLICATES: &str = "dup";

/// The event types that a story may name, current ones.
pub(super) fn kind(name: &str) -> Option<EventType> {
    let is_it = |kind: &EventType| kind.info().name == name && is_current(*kind);
    let exit = EventType::all().filter(|kind| kind.is_exit()).find(is_it);
    exit.or_else(|| EventType::all().find(is_it))
}

/// Their names.
pub(super) fn kinds() -> impl Iterator<Item = &'static str> {
    EventType::all().filter(|kind| is_current(*kind)).map(|kind| kind.info().name)
}

fn is_current(kind: EventType) -> bool {
    let info = kind.info();
    !info.flags.intersects(EventFlags::OLD_VERSION | EventFlags::UNUSED) && !info.params.is_empty()
}

/// The parameter that the value behind the event's name is for.
pub(super) fn main_param(info: &'static EventInfo) -> Option<&'static ParamInfo> {
    if let Some((_, name)) = MAIN.iter().find(|(event, _)| *event == info.name) {
        return info.param(name).map(|(_, param)| param);
    }
    let skipped = usize::from(has_result(info));
    info.params.iter().skip(skipped).find(|param| !is_directory(param))
}

fn has_result(info: &EventInfo) -> bool {
    let opens = info.flags.contains(EventFlags::CREATES_FD);
    info.params.first().is_some_and(|param| param.name == "res" || (param.name == "fd" && opens))
}

fn is_directory(param: &ParamInfo) -> bool {
    param.ty == ParamType::Fd && param.name.contains("dir")
}

/// What a story says about an event: its parameters by name, and its result.
pub(super) struct Said<'n> {
    pub(super) params: Vec<(&'static str, &'n Node)>,
    pub(super) result: Option<&'n Node>,
}

impl<'n> Said<'n> {
    fn of(&self, name: &str) -> Option<&'n Node> {
        self.params.iter().find(|(known, _)| *known == name).map(|(_, node)| *node)
    }
}

/// Every parameter of an event as it is encoded, and the fd that it opens.
pub(super) fn encode(
    kind: EventType,
    said: &Said<'_>,
    who: usize,
    stage: &mut Stage,
) -> Result<(Vec<Vec<u8>>, Option<i64>), Wrong> {
    let info = kind.info();
    let result = result(info, said, who, stage)?;
    let mut encoded = Vec::new();
    for (index, param) in info.params.iter().enumerate() {
        let bytes = match said.of(param.name) {
            Some(node) => value(param, node, who, stage)?,
            None if index == 0 && has_result(info) => number_bytes(param, result),
            None => default(info, param, said, (who, result), stage),
        };
        encoded.push(bytes);
    }
    let opens = info.flags.contains(EventFlags::CREATES_FD) || info.name.starts_with(DUPLICATES);
    Ok((encoded, Some(result).filter(|fd| opens && *fd >= 0)))
}

fn result(info: &EventInfo, said: &Said<'_>, who: usize, stage: &mut Stage) -> Result<i64, Wrong> {
    let first = info.params.first().filter(|_| has_result(info));
    match (said.result, first) {
        (Some(node), None) => Err(node.wrong(format!("'{}' has no result", info.name))),
        (Some(node), Some(param)) => number(param, node, who, stage),
        (None, _) => match said.of("newfd") {
            Some(node) if info.name.starts_with(DUPLICATES) => {
                Ok(node.count()?.try_into().unwrap_or(0))
            }
            _ => Ok(success(info, said, who, stage)),
        },
    }
}

/// What the call returns if nothing goes wrong.
fn success(info: &EventInfo, said: &Said<'_>, who: usize, stage: &Stage) -> i64 {
    let opens = info.flags.contains(EventFlags::CREATES_FD) || info.name.starts_with(DUPLICATES);
    if opens {
        return stage.processes[who].next_fd();
    }
    match said.of("data").map(|node| &node.value) {
        Some(Value::Text(text)) => text.len() as i64,
        _ => 0,
    }
}

fn default(
    info: &EventInfo,
    param: &ParamInfo,
    said: &Said<'_>,
    (who, result): (usize, i64),
    stage: &Stage,
) -> Vec<u8> {
    let process = &stage.processes[who];
    let last_fd = process.fds.last().map_or(-1, |(fd, _)| *fd);
    let opens = info.flags.contains(EventFlags::CREATES_FD) && result >= 0;
    let number = match (param.name, param.ty) {
        _ if is_directory(param) => AT_FDCWD,
        ("fd1", ParamType::Fd) => process.next_fd(),
        ("fd2", ParamType::Fd) => process.next_fd() + 1,
        (_, ParamType::Fd) => last_fd,
        ("dev", ParamType::Uint32) if opens => DEVICE,
        ("ino", ParamType::Uint64) if opens => {
            let path = said.of("name").and_then(|node| node.text().ok()).unwrap_or_default();
            inode(&path) as i64
        }
        ("size", _) => success(info, said, who, stage),
        ("pid" | "tid", ParamType::Pid) => process.pid,
        _ => 0,
    };
    match param.ty.integer() {
        Some(_) => number_bytes(param, number),
        None => Vec::new(),
    }
}

fn number_bytes(param: &ParamInfo, number: i64) -> Vec<u8> {
    let bytes = param.ty.integer().map_or(0, |(bytes, _)| usize::from(bytes));
    number.to_le_bytes()[..bytes].to_vec()
}

fn value(param: &ParamInfo, node: &Node, who: usize, stage: &mut Stage) -> Result<Vec<u8>, Wrong> {
    use ParamType as T;
    if param.ty.integer().is_some() {
        return Ok(number_bytes(param, number(param, node, who, stage)?));
    }
    match param.ty {
        T::CharBuf | T::FsPath | T::FsRelPath => Ok(nul_separated(&[node.text()?])),
        T::ByteBuf => match &node.value {
            Value::List(_) => Ok(nul_separated(&node.texts()?)),
            _ => Ok(node.text()?.into_bytes()),
        },
        T::SockAddr => Ok(Address::read(node)?.encode()),
        T::SockTuple => tuple(node),
        _ => Err(node.wrong(format!("'{}' cannot be given in a story", param.name))),
    }
}

fn number(param: &ParamInfo, node: &Node, who: usize, stage: &mut Stage) -> Result<i64, Wrong> {
    let number = match &node.value {
        Value::Int(number) => *number,
        Value::Bool(truth) => i64::from(*truth),
        Value::List(names) => {
            let numbers = names.iter().map(|name| number(param, name, who, stage));
            numbers.collect::<Result<Vec<_>, _>>()?.into_iter().fold(0, |all, one| all | one)
        }
        _ => named(param, node, &node.text()?, who, stage)?,
    };
    let (bytes, signed) = param.ty.integer().unwrap_or((8, true));
    let bits = u32::from(bytes) * 8;
    let fits = bits >= 64 || {
        let (least, most) =
            if signed { (-(1 << (bits - 1)), 1 << (bits - 1)) } else { (-1, 1 << bits) };
        (least..most).contains(&number)
    };
    if !fits {
        return Err(
            node.wrong(format!("{number} does not fit into '{}' ({bits} bits)", param.name))
        );
    }
    Ok(number)
}

/// The number that a name stands for, by the parameter's kind.
fn named(
    param: &ParamInfo,
    node: &Node,
    text: &str,
    who: usize,
    stage: &mut Stage,
) -> Result<i64, Wrong> {
    if let Some(number) = digits(text) {
        return Ok(number);
    }
    match (param.ty, param.detail) {
        (_, Detail::Symbols(table)) => symbols(table, node, text),
        (ParamType::Pid | ParamType::Pid32, _) => process(node, text, stage),
        (ParamType::Uid | ParamType::Gid, _) => Ok(stage.uid(text).into()),
        (ParamType::Uint32, _) if matches!(param.name, "uid" | "gid") => Ok(stage.uid(text).into()),
        (ParamType::SigType, _) => (0..65)
            .find(|&signal| signal_name(signal) == Some(text))
            .map(i64::from)
            .ok_or_else(|| node.wrong(format!("unknown signal '{text}'"))),
        (ParamType::Errno, _) => errno(node, text),
        (ParamType::Fd, _) if text == "AT_FDCWD" => Ok(AT_FDCWD),
        (ParamType::Fd, _) => fd(text, who, stage)
            .map_or_else(|| errno(node, text), Ok)
            .map_err(|_| node.wrong(format!("no open file is called '{text}', nor an error"))),
        _ => Err(node.wrong(format!("'{}' is a number, not '{text}'", param.name))),
    }
}

/// A number in text: `0644` is octal, `0x1f` hexadecimal.
fn digits(text: &str) -> Option<i64> {
    if let Some(hex) = text.strip_prefix("0x") {
        return u64::from_str_radix(hex, 16).ok().map(u64::cast_signed);
    }
    match text.strip_prefix('0').filter(|rest| !rest.is_empty()) {
        Some(octal) => i64::from_str_radix(octal.trim_start_matches('o'), 8).ok(),
        None => text.parse().ok().or_else(|| text.parse::<u64>().ok().map(u64::cast_signed)),
    }
}

fn symbols(table: &[Symbol], node: &Node, text: &str) -> Result<i64, Wrong> {
    let mut all = 0;
    for name in text.split('|').map(str::trim) {
        let known = table.iter().find(|symbol| symbol.name == name);
        let names: Vec<&str> = table.iter().map(|symbol| symbol.name).collect();
        all |= i64::from(known.ok_or_else(|| node.unknown("flag", name, &names))?.value);
    }
    Ok(all)
}

fn process(node: &Node, name: &str, stage: &Stage) -> Result<i64, Wrong> {
    let names: Vec<&str> = stage.processes.iter().map(|process| &*process.name).collect();
    let found = stage.find(name).ok_or_else(|| node.unknown("process", name, &names))?;
    Ok(stage.processes[found].pid)
}

fn errno(node: &Node, name: &str) -> Result<i64, Wrong> {
    let number = (1..134).find(|&number| errno_name(number) == Some(name));
    number.map(|n| -i64::from(n)).ok_or_else(|| node.wrong(format!("unknown error '{name}'")))
}

fn fd(name: &str, who: usize, stage: &Stage) -> Option<i64> {
    let fds = &stage.processes[who].fds;
    fds.iter().rev().find(|(_, known)| known == name).map(|(fd, _)| *fd)
}

/// What a call returned: a number, or the name of an error.
pub(super) fn errno_or_count(node: &Node) -> Result<i64, Wrong> {
    match node.value {
        Value::Int(number) => Ok(number),
        _ => errno(node, &node.text()?),
    }
}

/// The fd that a call closed.
pub(super) fn closed(kind: EventType, encoded: &[Vec<u8>]) -> Option<i64> {
    let (index, _) = kind.info().param("fd").filter(|_| kind.info().name == "close")?;
    Some(i64::from_le_bytes(encoded.get(index)?.as_slice().try_into().ok()?))
}

/// The user that a process is after a call of the `setuid` family that succeeded.
pub(super) fn new_uid(kind: EventType, encoded: &[Vec<u8>]) -> Option<u32> {
    let param = match kind.info().name {
        "setuid" => "uid",
        "setresuid" | "setreuid" => "euid",
        _ => return None,
    };
    let (index, _) = kind.info().param(param)?;
    let failed = encoded.first()?.iter().any(|&byte| byte != 0);
    let uid = u32::from_le_bytes(encoded.get(index)?.as_slice().try_into().ok()?);
    Some(uid).filter(|&uid| !failed && uid != u32::MAX)
}

/// One end of a connection.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Address {
    /// `203.0.113.5:443`, `[2001:db8::1]:443`.
    Ip(SocketAddr),
    /// `/run/docker.sock`.
    Unix(String),
}

impl Address {
    pub(super) fn read(node: &Node) -> Result<Self, Wrong> {
        Self::parse(&node.text()?).ok_or_else(|| {
            let text = node.text().unwrap_or_default();
            node.wrong(format!(
                "'{text}' is no address; write 203.0.113.5:443, [2001:db8::1]:443 or /run/a.sock"
            ))
        })
    }

    fn parse(text: &str) -> Option<Self> {
        match text.strip_prefix("unix:").unwrap_or(text) {
            path if path.starts_with(['/', '@']) => Some(Self::Unix(path.to_owned())),
            text => text.parse().ok().map(Self::Ip),
        }
    }

    pub(super) fn family(&self) -> u8 {
        match self {
            Self::Ip(SocketAddr::V4(_)) => family::INET,
            Self::Ip(SocketAddr::V6(_)) => family::INET6,
            Self::Unix(_) => family::UNIX,
        }
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        let mut bytes = vec![self.family()];
        match self {
            Self::Ip(address) => end(*address, &mut bytes),
            Self::Unix(path) => bytes.extend(path.bytes().chain([0])),
        }
        bytes
    }

    /// A connection from `from`, which has to be of the same family, to here.
    pub(super) fn tuple_from(&self, from: SocketAddr) -> Vec<u8> {
        let mut bytes = vec![self.family()];
        match self {
            Self::Ip(to) => {
                end(from, &mut bytes);
                end(*to, &mut bytes);
            }
            Self::Unix(path) => {
                bytes.extend(0xffff_8000_0000_1000_u64.to_le_bytes());
                bytes.extend(0xffff_8000_0000_2000_u64.to_le_bytes());
                bytes.extend(path.bytes().chain([0]));
            }
        }
        bytes
    }

    /// An address of ours from which it can be reached.
    pub(super) fn ours(&self, ours: Ipv4Addr, port: u16) -> SocketAddr {
        let ip: IpAddr = match self {
            Self::Ip(to) if to.ip().is_loopback() => to.ip(),
            Self::Ip(SocketAddr::V6(_)) => [0xfd00, 0, 0, 0, 0, 0, 0, 0x10].into(),
            _ => ours.into(),
        };
        SocketAddr::new(ip, port)
    }
}

fn end(address: SocketAddr, bytes: &mut Vec<u8>) {
    match address.ip() {
        IpAddr::V4(ip) => bytes.extend(ip.octets()),
        IpAddr::V6(ip) => bytes.extend(ip.octets()),
    }
    bytes.extend(address.port().to_le_bytes());
}

/// `FROM->TO`.
fn tuple(node: &Node) -> Result<Vec<u8>, Wrong> {
    let text = node.text()?;
    let wrong =
        || node.wrong(format!("'{text}' is no connection; write 10.0.0.1:40000->10.0.0.2:22"));
    let (from, to) = text.split_once("->").ok_or_else(wrong)?;
    let (from, to) = (Address::parse(from.trim()), Address::parse(to.trim()));
    match (from, to) {
        (Some(Address::Ip(from)), Some(to @ Address::Ip(_)))
            if to.ours(Ipv4Addr::LOCALHOST, 0).is_ipv4() == from.is_ipv4() =>
        {
            Ok(to.tuple_from(from))
        }
        _ => Err(wrong()),
    }
}
