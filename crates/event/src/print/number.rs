//! Numbers in the formats of the table.

use super::{Form, flags, sink::Sink};
use crate::{ParamType, schema::Format};

/// Appends a number in decimal.
pub fn decimal(value: i64, out: &mut Vec<u8>) {
    if value < 0 {
        out.push(b'-');
    }
    unsigned(value.unsigned_abs(), out);
}

/// Appends a number in decimal.
pub fn unsigned(value: u64, out: &mut Vec<u8>) {
    digits(value, 10, 1, out);
}

/// Appends a number in decimal, at least nine digits of it (nanoseconds of a second).
pub fn padded(value: u64, out: &mut Vec<u8>) {
    digits(value, 10, 9, out);
}

/// Appends a number in hexadecimal, capital letters, without a prefix.
pub fn hex(value: u64, out: &mut Vec<u8>) {
    digits(value, 16, 1, out);
}

/// Appends a number in hexadecimal, small letters, without a prefix.
pub fn hex_small(value: u64, out: &mut Vec<u8>) {
    let start = out.len();
    hex(value, out);
    out[start..].make_ascii_lowercase();
}

/// Appends a number in octal, with a leading zero.
pub fn octal(value: u64, out: &mut Vec<u8>) {
    if value != 0 {
        out.push(b'0');
    }
    digits(value, 8, 1, out);
}

/// Room for 64 bits in octal.
const MOST_DIGITS: usize = 22;

fn digits(mut value: u64, base: u64, at_least: usize, out: &mut Vec<u8>) {
    let mut room = [b'0'; MOST_DIGITS];
    let mut at = MOST_DIGITS;
    while value != 0 || MOST_DIGITS - at < at_least {
        at -= 1;
        room[at] = b"0123456789ABCDEF"[(value % base) as usize];
        value /= base;
    }
    out.extend_from_slice(&room[at..]);
}

/// Appends a double as C's `%g` does: six significant digits, trailing zeros cut, exponents for
/// very large and very small numbers.
pub fn general(value: f64, out: &mut Vec<u8>) {
    use std::io::Write;
    if !value.is_finite() {
        let _ = write!(out, "{value}");
        return;
    }
    let mut text = [0u8; 32];
    let mut rest = &mut text[..];
    let _ = write!(rest, "{value:.5e}");
    let unused = rest.len();
    let text = &text[..32 - unused];
    let (mantissa, exponent) = match text.iter().position(|&b| b == b'e') {
        Some(at) => (&text[..at], parse_small(&text[at + 1..])),
        None => (text, 0),
    };
    if !(-4..6).contains(&exponent) {
        trim_zeros(out, |out| out.extend_from_slice(mantissa));
        let sign = if exponent < 0 { '-' } else { '+' };
        let _ = write!(out, "e{sign}{:02}", exponent.abs());
    } else {
        let decimals = usize::try_from(5 - exponent).unwrap_or(0);
        trim_zeros(out, |out| drop(write!(out, "{value:.decimals$}")));
    }
}

fn parse_small(digits: &[u8]) -> i32 {
    std::str::from_utf8(digits).ok().and_then(|d| d.parse().ok()).unwrap_or(0)
}

/// Cuts zeros after the point, and the point, from what `write` appends.
fn trim_zeros(out: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
    let start = out.len();
    write(out);
    if out.get(start..).is_some_and(|text| text.contains(&b'.')) {
        while out.last() == Some(&b'0') {
            out.pop();
        }
        if out.last() == Some(&b'.') {
            out.pop();
        }
    }
}

pub(super) fn print(form: &Form<'_>, out: &mut Sink<'_>) -> bool {
    use ParamType as T;
    let bytes = form.param.bytes;
    if form.param.info.ty == T::Double {
        return bytes.try_into().is_ok_and(|b| {
            general(f64::from_le_bytes(b), out.buffer());
            true
        });
    }
    let Some(value) = form.param.int() else {
        return false;
    };
    match form.param.info.ty {
        T::Bool => out.value(if value == 0 { b"false" } else { b"true" }),
        T::Port | T::L4Proto | T::SockFamily => decimal(value, out.buffer()),
        ty => formatted(value, Width::of(ty), form.format, out.buffer()),
    }
    if form.param.info.ty == T::Mode {
        flags::mode_meaning(value as u32, form.symbols, out);
    }
    true
}

/// How many bits a number has once it is printed: small ones count as 32.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Width {
    Bits32,
    Bits64,
}

impl Width {
    fn of(ty: ParamType) -> Self {
        match ty {
            ParamType::Int64 | ParamType::Uint64 => Self::Bits64,
            _ => Self::Bits32,
        }
    }
}

/// Decimal is signed for every type: all ones print as -1, which is what rules compare with.
fn formatted(value: i64, width: Width, format: Format, out: &mut Vec<u8>) {
    let (signed, bits) = match width {
        Width::Bits32 => (i64::from(value as i32), u64::from(value as u32)),
        Width::Bits64 => (value, value as u64),
    };
    match format {
        Format::Oct => octal(bits, out),
        Format::Hex => hex(bits, out),
        Format::PaddedDec if signed >= 0 => padded(bits, out),
        _ => decimal(signed, out),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(write: impl FnOnce(&mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        write(&mut out);
        String::from_utf8(out).expect("text")
    }

    #[test]
    fn numbers_print_in_each_format() {
        let cases: &[(i64, Width, Format, &str)] = &[
            (0, Width::Bits32, Format::Dec, "0"),
            (-1, Width::Bits32, Format::Dec, "-1"),
            (0xffff_ffff, Width::Bits32, Format::Dec, "-1"),
            (-1, Width::Bits64, Format::Dec, "-1"),
            (i64::MIN, Width::Bits64, Format::Dec, "-9223372036854775808"),
            (i64::MAX, Width::Bits64, Format::Id, "9223372036854775807"),
            (0x1f, Width::Bits32, Format::Hex, "1F"),
            (-2, Width::Bits32, Format::Hex, "FFFFFFFE"),
            (-1, Width::Bits64, Format::Hex, "FFFFFFFFFFFFFFFF"),
            (0o755, Width::Bits32, Format::Oct, "0755"),
            (0, Width::Bits32, Format::Oct, "0"),
            (-1, Width::Bits64, Format::Oct, "01777777777777777777777"),
            (42, Width::Bits64, Format::PaddedDec, "000000042"),
            (7, Width::Bits64, Format::Na, "7"),
        ];
        for &(value, width, format, text) in cases {
            assert_eq!(
                printed(|out| formatted(value, width, format, out)),
                text,
                "{value} {format:?}"
            );
        }
    }

    #[test]
    fn doubles_print_as_c_does() {
        let cases = [
            (0.0, "0"),
            (1.0, "1"),
            (0.5, "0.5"),
            (1e-9, "1e-09"),
            (0.0001, "0.0001"),
            (0.00012345678, "0.000123457"),
            (123456.0, "123456"),
            (1234567.0, "1.23457e+06"),
            (999999.5, "1e+06"),
            (18446744073.709551, "1.84467e+10"),
            (-2.50, "-2.5"),
            (f64::INFINITY, "inf"),
        ];
        for (value, text) in cases {
            assert_eq!(printed(|out| general(value, out)), text);
        }
    }
}
