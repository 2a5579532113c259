//! How one value is printed, as text and as JSON.

use std::io::Write as _;

use event::{json::string as json_string, print, schema::Format};
use state::Context;

use super::sanitize::{is_plain, sanitize};
use crate::{
    fields::{Argument, Extract, FieldRef, FieldTraits, Scratch},
    value::{FieldType, Value},
};

/// What stands for a network: such fields are made for comparisons only, but may be printed.
const NETWORK: &[u8] = b"<IPNET>";

/// Longest printed form of raw bytes and of lists; what is longer is cut, as the language does.
const LONGEST_BYTES: usize = 1022;
const LONGEST_LIST: usize = 1023;

/// Appends the field's value as text; returns whether it has one.
pub fn field_text(
    field: &FieldRef,
    context: &Context<'_>,
    scratch: &mut Scratch,
    out: &mut Vec<u8>,
) -> bool {
    let traits = traits_of(field, context);
    match field.field.extract {
        Extract::One(one) | Extract::Searched { one, .. } => {
            match one(context, &field.argument, scratch) {
                Some(_) if field.field.ty == FieldType::IpNet => {
                    out.extend_from_slice(NETWORK);
                    true
                }
                Some(value) => {
                    text(value, traits, out);
                    true
                }
                None => false,
            }
        }
        Extract::List(each) => {
            let start = out.len();
            out.push(b'(');
            let there = each(context, &field.argument, scratch, &mut |value| {
                if out.len() > start + 1 {
                    out.push(b',');
                }
                text(value, traits, out);
                std::ops::ControlFlow::Continue(())
            });
            out.push(b')');
            out.truncate(if there { out.len().min(start + LONGEST_LIST) } else { start });
            there
        }
        Extract::Ends(_) => false,
    }
}

/// Appends the field's value as JSON; `null` if it has none.
pub fn field_json(
    field: &FieldRef,
    context: &Context<'_>,
    scratch: &mut Scratch,
    out: &mut Vec<u8>,
) {
    let traits = traits_of(field, context);
    if traits.contains(FieldTraits::JSON_EVENT_TIME) {
        let _ = write!(out, "{}", context.event.ts_ns as i64);
        return;
    }
    match field.field.extract {
        Extract::One(one) | Extract::Searched { one, .. } => {
            match one(context, &field.argument, scratch) {
                Some(_) if field.field.ty == FieldType::IpNet => json_string(NETWORK, out),
                Some(value) => json(value, traits, out),
                None => out.extend_from_slice(b"null"),
            }
        }
        Extract::List(each) => {
            let start = out.len();
            out.push(b'[');
            let there = each(context, &field.argument, scratch, &mut |value| {
                if out.len() > start + 1 {
                    out.push(b',');
                }
                json(value, traits, out);
                std::ops::ControlFlow::Continue(())
            });
            if there && out.len() > start + 1 {
                out.push(b']');
            } else {
                out.truncate(start);
                out.extend_from_slice(b"null");
            }
        }
        Extract::Ends(_) => out.extend_from_slice(b"null"),
    }
}

/// What is unusual about the field; a raw parameter prints in its own format.
fn traits_of(field: &FieldRef, context: &Context<'_>) -> FieldTraits {
    let traits = field.field.traits;
    match (&field.argument, field.field.ty) {
        (Argument::Key(name), FieldType::Dynamic) => {
            match context.event.info().param(name).map(|(_, param)| param.format) {
                Some(Format::Hex) => traits | FieldTraits::HEX,
                _ => traits,
            }
        }
        _ => traits,
    }
}

/// Appends one value as text, as it is: control characters too.
pub fn text(value: Value<'_>, traits: FieldTraits, out: &mut Vec<u8>) {
    // Writing to a Vec cannot fail.
    let _ = match value {
        Value::Bool(bool) => write!(out, "{bool}"),
        // fd.dev alone is printed so, and has 32 bits.
        Value::I64(number) if traits.contains(FieldTraits::HEX) => {
            write!(out, "{:X}", number as u32)
        }
        Value::U64(number) if traits.contains(FieldTraits::HEX) => write!(out, "{number:X}"),
        Value::U64(number) if traits.contains(FieldTraits::NINE_DIGITS) => {
            write!(out, "{number:09}")
        }
        Value::I64(number) => write!(out, "{number}"),
        Value::U64(number) => write!(out, "{number}"),
        Value::F64(number) => write!(out, "{number:.1}"),
        Value::Ip(address) => {
            print::addr::ip(address, out);
            Ok(())
        }
        Value::Text(text) => {
            out.extend_from_slice(text);
            Ok(())
        }
        Value::Bytes(bytes) => {
            out.extend(printable(bytes));
            Ok(())
        }
    };
}

/// Appends one value as JSON.
pub fn json(value: Value<'_>, traits: FieldTraits, out: &mut Vec<u8>) {
    match value {
        Value::I64(_) | Value::U64(_) if traits.contains(FieldTraits::HEX) => {
            out.push(b'"');
            text(value, traits, out);
            out.push(b'"');
        }
        Value::Bool(_) | Value::I64(_) => text(value, traits, out),
        Value::U64(_) => text(value, traits - FieldTraits::NINE_DIGITS, out),
        Value::F64(number) if number.is_finite() => {
            let _ = write!(out, "{number:?}");
        }
        Value::F64(_) => out.extend_from_slice(b"null"),
        Value::Ip(address) => {
            out.push(b'"');
            print::addr::ip(address, out);
            out.push(b'"');
        }
        Value::Text(text) if is_plain(text) => json_string(text, out),
        Value::Text(text) => {
            let mut safe = Vec::new();
            sanitize(text, &mut safe);
            json_string(&safe, out);
        }
        Value::Bytes(bytes) => {
            out.push(b'"');
            for byte in printable(bytes) {
                if matches!(byte, b'"' | b'\\') {
                    out.push(b'\\');
                }
                out.push(byte);
            }
            out.push(b'"');
        }
    }
}

/// Raw bytes with a dot for each that is not printable ASCII.
fn printable(bytes: &[u8]) -> impl Iterator<Item = u8> {
    let shown = if bytes.len() > LONGEST_BYTES { LONGEST_BYTES - 1 } else { bytes.len() };
    bytes.iter().take(shown).map(|&b| if b == b' ' || b.is_ascii_graphic() { b } else { b'.' })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv6Addr;

    #[test]
    fn values_print_as_the_language_prints_them() {
        let plain = FieldTraits::NONE;
        let cases: &[(Value<'_>, FieldTraits, &str, &str)] = &[
            (Value::Bool(true), plain, "true", "true"),
            (Value::I64(-2), plain, "-2", "-2"),
            (Value::U64(7), FieldTraits::NINE_DIGITS, "000000007", "7"),
            (Value::I64(0xfd01), FieldTraits::HEX, "FD01", "\"FD01\""),
            (Value::F64(0.054_931_640_625), plain, "0.1", "0.054931640625"),
            (Value::F64(0.0), plain, "0.0", "0.0"),
            (Value::F64(f64::NAN), plain, "NaN", "null"),
            (Value::Ip([127, 0, 0, 1].into()), plain, "127.0.0.1", "\"127.0.0.1\""),
            (Value::Ip(Ipv6Addr::from(0x0102_0304).into()), plain, "::1.2.3.4", "\"::1.2.3.4\""),
            (Value::Text(b"a\"b\\\n\x01"), plain, "a\"b\\\n\x01", "\"a\\\"b\\\\\u{fffd}\u{fffd}\""),
            (Value::Bytes(b"GET /\r\n\"\xff"), plain, "GET /..\".", r#""GET /..\".""#),
        ];
        for (value, traits, as_text, as_json) in cases {
            let mut out = Vec::new();
            text(*value, *traits, &mut out);
            assert_eq!(String::from_utf8_lossy(&out), *as_text);
            out.clear();
            json(*value, *traits, &mut out);
            assert_eq!(String::from_utf8_lossy(&out), *as_json);
        }
    }

    #[test]
    fn long_bytes_are_cut() {
        for (len, shown) in [(1022, 1022), (1023, 1021), (9000, 1021)] {
            let mut out = Vec::new();
            text(Value::Bytes(&vec![b'x'; len]), FieldTraits::NONE, &mut out);
            assert_eq!(out.len(), shown);
        }
    }
}
