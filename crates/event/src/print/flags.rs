//! Flags, choices and file modes: a number and the names of its bits.

use super::{Form, number, sink::Sink};
use crate::schema::{Detail, Symbol};

/// The number and the names of its bits: `4097(O_RDONLY|O_CLOEXEC)`. A bit named once is not
/// named again by a symbol that covers it too.
pub(super) fn print(form: &Form<'_>, out: &mut Sink<'_>) -> bool {
    let Some(value) = write_number(form, out) else {
        return false;
    };
    out.meaning(|out| {
        let mut left = value;
        let mut separator = "";
        for symbol in symbols(form.symbols) {
            if take(symbol, value, &mut left) {
                write(symbol, &mut separator, out);
                if symbol.value == value {
                    break;
                }
            }
        }
    });
    true
}

/// The number and every name that it has: `2(AF_INET)`.
pub(super) fn print_enum(form: &Form<'_>, out: &mut Sink<'_>) -> bool {
    let Some(value) = write_number(form, out) else {
        return false;
    };
    out.meaning(|out| {
        let mut separator = "";
        for symbol in symbols(form.symbols).iter().filter(|s| s.value == value) {
            write(symbol, &mut separator, out);
        }
    });
    true
}

/// The names of a mode's bits, in the order of the table until one names all of them.
pub(super) fn mode_meaning(value: u32, detail: &Detail, out: &mut Sink<'_>) {
    out.meaning(|out| {
        let mut left = value;
        let mut separator = "";
        for symbol in symbols(detail) {
            if symbol.value == value {
                write(symbol, &mut separator, out);
                break;
            }
            if take(symbol, value, &mut left) {
                write(symbol, &mut separator, out);
            }
        }
    });
}

fn write_number(form: &Form<'_>, out: &mut Sink<'_>) -> Option<u32> {
    let value = form.param.int()?;
    number::decimal(value, out.buffer());
    u32::try_from(value).ok()
}

fn symbols(detail: &Detail) -> &'static [Symbol] {
    match *detail {
        Detail::Symbols(symbols) => symbols,
        _ => &[],
    }
}

/// Whether a symbol names bits of the value that no earlier one named; those are then gone.
fn take(symbol: &Symbol, value: u32, left: &mut u32) -> bool {
    if symbol.value == 0 {
        return value == 0;
    }
    let all = *left & symbol.value == symbol.value;
    if all {
        *left &= !symbol.value;
    }
    all
}

fn write(symbol: &Symbol, separator: &mut &'static str, out: &mut Vec<u8>) {
    out.extend_from_slice(separator.as_bytes());
    out.extend_from_slice(symbol.name.as_bytes());
    *separator = "|";
}
