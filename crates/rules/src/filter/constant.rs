//! Constants on the right side of a comparison, parsed as the type of the left side wants them.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

use super::services;
use crate::value::FieldType;

/// A parsed constant.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Constant {
    Bytes(Box<[u8]>),
    Bool(bool),
    Int(i128),
    Float(f64),
    Ip(IpAddr),
    Net(Net),
}

/// An IP network.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Net {
    V4 { base: u32, mask: u32, prefix: u8 },
    V6 { base: u128, mask: u128, prefix: u8 },
}

impl Net {
    /// Whether the address is in it; an address of the other family is not.
    pub(super) fn contains(self, address: IpAddr) -> bool {
        match (self, address) {
            (Self::V4 { base, mask, .. }, IpAddr::V4(address)) => u32::from(address) & mask == base,
            (Self::V6 { base, mask, .. }, IpAddr::V6(address)) => {
                u128::from(address) & mask == base
            }
            _ => false,
        }
    }

    fn parse(text: &str) -> Result<Self, String> {
        let wrong = || format!("'{text}' is not a network such as 10.0.0.0/8 or fd00::/8");
        let (address, prefix) = text.split_once('/').ok_or_else(wrong)?;
        let prefix: u8 = prefix.parse().map_err(|_| wrong())?;
        let too_long = |most| format!("the prefix of '{text}' is longer than {most} bits");
        match parse_ip(address).map_err(|_| wrong())? {
            IpAddr::V4(_) if prefix > 32 => Err(too_long(32)),
            IpAddr::V4(address) => {
                let mask = u32::MAX.checked_shl(32 - u32::from(prefix)).unwrap_or(0);
                Ok(Self::V4 { base: u32::from(address) & mask, mask, prefix })
            }
            IpAddr::V6(_) if prefix > 128 => Err(too_long(128)),
            IpAddr::V6(_) if prefix == 0 => {
                Err(format!("the prefix of '{text}' cannot be 0 for IPv6"))
            }
            IpAddr::V6(address) => {
                let mask = u128::MAX.checked_shl(128 - u32::from(prefix)).unwrap_or(0);
                Ok(Self::V6 { base: u128::from(address) & mask, mask, prefix })
            }
        }
    }
}

impl fmt::Display for Net {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::V4 { base, prefix, .. } => write!(f, "{}/{prefix}", Ipv4Addr::from(*base)),
            Self::V6 { base, prefix, .. } => write!(f, "{}/{prefix}", Ipv6Addr::from(*base)),
        }
    }
}

/// Parses a constant for a field of this type. The error says what it should have been.
pub(super) fn parse(ty: FieldType, bytes: &[u8]) -> Result<Constant, String> {
    if ty == FieldType::ByteBuf {
        return Ok(Constant::Bytes(bytes.into()));
    }
    if bytes.contains(&0) {
        return Err("a value cannot contain a NUL byte".to_owned());
    }
    if ty == FieldType::CharBuf {
        return Ok(Constant::Bytes(bytes.into()));
    }
    let text = String::from_utf8_lossy(bytes);
    let text = text.as_ref();
    match ty {
        FieldType::Bool => match text {
            "true" => Ok(Constant::Bool(true)),
            "false" => Ok(Constant::Bool(false)),
            _ => Err(format!("'{text}' is neither true nor false")),
        },
        FieldType::Int16 => signed(text, 16),
        FieldType::Int32 => signed(text, 32),
        FieldType::Int64 => signed(text, 64),
        FieldType::Uint32 => unsigned(text, 32),
        FieldType::Uint64 | FieldType::RelTime | FieldType::AbsTime => unsigned(text, 64),
        FieldType::Double => match text.parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(Constant::Float(number)),
            _ => Err(format!("'{text}' is not a number")),
        },
        FieldType::Port => port(text),
        FieldType::IpAddr => parse_ip(text).map(Constant::Ip),
        FieldType::IpNet => Net::parse(text).map(Constant::Net),
        // Resolved to the parameter's own type before.
        FieldType::Dynamic | FieldType::CharBuf | FieldType::ByteBuf => {
            Ok(Constant::Bytes(bytes.into()))
        }
    }
}

fn signed(text: &str, bits: u32) -> Result<Constant, String> {
    let half = 1i128 << (bits - 1);
    integer(text, -half, half - 1).map(Constant::Int)
}

/// A negative number stands for the unsigned one of the same bits: `user.uid = -1`.
fn unsigned(text: &str, bits: u32) -> Result<Constant, String> {
    let range = 1i128 << bits;
    let number = integer(text, -(range >> 1), range - 1)?;
    Ok(Constant::Int(if number < 0 { number + range } else { number }))
}

fn integer(text: &str, least: i128, most: i128) -> Result<i128, String> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let parsed = match digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
        Some(hex) if hex.bytes().all(|b| b.is_ascii_hexdigit()) => i128::from_str_radix(hex, 16),
        None if digits.bytes().all(|b| b.is_ascii_digit()) => digits.parse(),
        _ => return Err(format!("'{text}' is not a whole number")),
    };
    let too_large = || format!("{text} is not between {least} and {most}");
    let number = match parsed {
        Ok(number) if text.starts_with('-') => -number,
        Ok(number) => number,
        Err(error) if *error.kind() == std::num::IntErrorKind::PosOverflow => {
            return Err(too_large());
        }
        Err(_) => return Err(format!("'{text}' is not a whole number")),
    };
    if (least..=most).contains(&number) { Ok(number) } else { Err(too_large()) }
}

fn port(text: &str) -> Result<Constant, String> {
    if text.is_empty() {
        return Ok(Constant::Int(0));
    }
    if text.starts_with(|c: char| c.is_ascii_digit()) {
        return integer(text, 0, 65535).map(Constant::Int);
    }
    match services::port(text) {
        Some(port) => Ok(Constant::Int(port.into())),
        None => Err(format!("'{text}' is neither a port nor the name of a service")),
    }
}

fn parse_ip(text: &str) -> Result<IpAddr, String> {
    text.parse().map_err(|_| format!("'{text}' is not an IP address"))
}

/// Bytes written as pairs of hexadecimal digits.
pub(super) fn unhex(text: &[u8]) -> Option<Box<[u8]>> {
    let digit = |byte: &u8| char::from(*byte).to_digit(16);
    let pairs = text.chunks_exact(2);
    if !pairs.remainder().is_empty() {
        return None;
    }
    pairs.map(|pair| Some((digit(&pair[0])? * 16 + digit(&pair[1])?) as u8)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constants_parse_as_the_type_wants_them() {
        use FieldType as T;
        let int = |n: i128| Some(Constant::Int(n));
        let ip = |text: &str| Some(Constant::Ip(text.parse().unwrap()));
        let cases: &[(T, &str, Option<Constant>)] = &[
            (T::CharBuf, "a b", Some(Constant::Bytes(b"a b".as_slice().into()))),
            (T::CharBuf, "a\0", None),
            (T::ByteBuf, "a\0", Some(Constant::Bytes(b"a\0".as_slice().into()))),
            (T::Bool, "true", Some(Constant::Bool(true))),
            (T::Bool, "1", None),
            (T::Int64, "-9223372036854775808", int(i64::MIN.into())),
            (T::Int64, "9223372036854775808", None),
            (T::Int64, "+7", int(7)),
            (T::Int64, "0x1F", int(31)),
            (T::Int64, "--7", None),
            (T::Int64, "1.5", None),
            (T::Int64, "", None),
            (T::Int64, "-", None),
            (T::Int16, "40000", None),
            (T::Uint32, "-1", int(4_294_967_295)),
            (T::Uint32, "4294967296", None),
            (T::Uint64, "18446744073709551615", int(u64::MAX.into())),
            (T::Uint64, "99999999999999999999999999999999999999999999", None),
            (T::RelTime, "1000", int(1000)),
            (T::Double, "50.5", Some(Constant::Float(50.5))),
            (T::Double, "nan", None),
            (T::Port, "80", int(80)),
            (T::Port, "http", int(80)),
            (T::Port, "", int(0)),
            (T::Port, "70000", None),
            (T::Port, "nosuchthing", None),
            (T::IpAddr, "127.0.0.1", ip("127.0.0.1")),
            (T::IpAddr, "127.0.0.01", None),
            (T::IpAddr, "::1", ip("::1")),
            (T::IpAddr, "10.0.0.0/8", None),
            (T::IpNet, "10.0.0.1", None),
            (T::IpNet, "10.0.0.0/33", None),
            (T::IpNet, "::/0", None),
            (T::IpNet, "x/8", None),
        ];
        for (ty, text, expected) in cases {
            assert_eq!(parse(*ty, text.as_bytes()).ok(), *expected, "{ty:?} {text}");
        }
    }

    #[test]
    fn networks_contain_addresses_of_their_family() {
        let cases = [
            ("10.0.0.0/8", "10.255.0.1", true),
            ("10.9.9.9/8", "10.0.0.1", true),
            ("10.0.0.0/8", "11.0.0.1", false),
            ("0.0.0.0/0", "200.1.1.1", true),
            ("0.0.0.0/0", "::1", false),
            ("1.2.3.4/32", "1.2.3.4", true),
            ("1.2.3.4/32", "1.2.3.5", false),
            ("fd00::/9", "fd7f::1", true),
            ("fd00::/9", "fd80::1", false),
            ("::1/128", "::1", true),
        ];
        for (net, address, expected) in cases {
            let net = Net::parse(net).unwrap();
            assert_eq!(net.contains(address.parse().unwrap()), expected, "{net} {address}");
        }
    }

    #[test]
    fn hexadecimal_bytes() {
        let cases: &[(&str, Option<&[u8]>)] = &[
            ("474554", Some(b"GET")),
            ("fF00", Some(b"\xff\0")),
            ("", Some(b"")),
            ("4", None),
            ("4g", None),
            ("+1", None),
        ];
        for (text, expected) in cases {
            assert_eq!(unhex(text.as_bytes()).as_deref(), *expected, "{text}");
        }
    }
}
