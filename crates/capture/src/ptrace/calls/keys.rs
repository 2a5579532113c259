//! Keys that the kernel keeps: `keyctl(2)`.

use event::syscalls::KEYCTL_X;

use super::{Enter, Exit, Saved};

/// First byte of a dynamic parameter: which encoding follows (`KEYCTL_DYNAMIC_PARAMS`).
const AS_NUMBER: u8 = 0;
const AS_TEXT: u8 = 1;

/// Arguments behind the operation.
const ARGS: usize = 4;

/// What an argument is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    /// Not of this operation: written as zero.
    Unused,
    Number,
    /// The address of a text.
    Text,
}

/// The arguments of an operation.
///
/// Source: keyctl(2) and linux/keyctl.h; which are written as texts, as the schema's recorders do.
fn kinds(operation: u32) -> [Kind; ARGS] {
    use Kind::{Number as N, Text as T, Unused as U};
    match operation {
        // JOIN_SESSION_KEYRING
        1 => [T, U, U, U],
        // REVOKE, CLEAR, SET_REQKEY_KEYRING, ASSUME_AUTHORITY, INVALIDATE
        3 | 7 | 14 | 16 | 21 => [N, U, U, U],
        // GET_KEYRING_ID, SETPERM, LINK, UNLINK, SET_TIMEOUT, GET_PERSISTENT, CAPABILITIES
        0 | 5 | 8 | 9 | 15 | 22 | 31 => [N, N, U, U],
        // UPDATE, CHOWN, DESCRIBE, READ, NEGATE, GET_SECURITY, WATCH_KEY
        2 | 4 | 6 | 11 | 13 | 17 | 32 => [N, N, N, U],
        // SEARCH
        10 => [N, T, T, N],
        // RESTRICT_KEYRING
        29 => [N, T, T, U],
        // PKEY_QUERY
        24 => [N, N, T, U],
        // INSTANTIATE, REJECT, INSTANTIATE_IOV, DH_COMPUTE, MOVE
        12 | 19 | 20 | 23 | 30 => [N, N, N, N],
        // PKEY_ENCRYPT, PKEY_DECRYPT, PKEY_SIGN, PKEY_VERIFY
        25..=28 => [N, T, N, N],
        // SESSION_TO_PARENT, and what is not known
        _ => [U; ARGS],
    }
}

/// Keeps the texts, in the order of the arguments.
pub(super) fn enter(enter: &Enter<'_>, saved: &mut Saved) {
    for (at, kind) in kinds(enter.call.int(0) as u32).into_iter().enumerate() {
        if kind == Kind::Text {
            enter.save_path(at + 1, saved);
        }
    }
}

pub(super) fn keyctl(exit: &mut Exit<'_>) {
    let (result, saved, call) = (exit.result, exit.saved, exit.call);
    let operation = call.int(0) as u32;
    let builder = exit.start(KEYCTL_X).i64(result).u32(operation);
    let mut texts = 0;
    for (at, kind) in kinds(operation).into_iter().enumerate() {
        let number = call.arg(at + 1);
        match kind {
            Kind::Unused => builder.raw_parts(&[&[AS_NUMBER], &[0; 8]]),
            Kind::Number => builder.raw_parts(&[&[AS_NUMBER], &number.to_le_bytes()]),
            Kind::Text => {
                texts += 1;
                match saved.text(texts - 1) {
                    Some(text) => builder.raw_parts(&[&[AS_TEXT], text, &[0]]),
                    None => builder.raw(&[AS_TEXT]),
                }
            }
        };
    }
    exit.end();
}
