//! Opening files: how, and which ones.

use event::{
    Event,
    print::path::{self, AT_FDCWD},
    syscalls::{
        CREAT_X, FCHMODAT_X, FCHOWNAT_X, LINKAT_2_X, MKDIRAT_X, OPEN_BY_HANDLE_AT_X, OPEN_X,
        OPENAT_2_X, OPENAT2_X, RENAMEAT_X, RENAMEAT2_X, SYMLINKAT_X, UNLINKAT_2_X,
    },
};
use state::Context;

use super::result::returned;
use crate::{
    fields::{Field, Scratch},
    value::Value,
};

/// Open flags in the schema's numbering.
mod flags {
    pub(super) const READ: i64 = 1 << 0;
    pub(super) const WRITE: i64 = 1 << 1;
    pub(super) const CREATE: i64 = 1 << 2;
    pub(super) const TMPFILE: i64 = 1 << 13;
    pub(super) const CREATED: i64 = 1 << 14;
}

/// Mode bits by which anyone may execute.
const EXECUTE: i64 = 0o111;

pub(super) const FIELDS: &[Field] = &[
    Field::flag(
        "evt.is_open_read",
        "Whether it opens a file for reading.",
        "evt.is_open_read = true",
        |context, _, _| Some(Value::Bool(opened_with(&context.event, flags::READ))),
    ),
    Field::flag(
        "evt.is_open_write",
        "Whether it opens a file for writing.",
        "evt.is_open_write = true and fd.name startswith /etc",
        |context, _, _| Some(Value::Bool(opened_with(&context.event, flags::WRITE))),
    ),
    Field::flag(
        "evt.is_open_exec",
        "Whether it creates a file that may be executed.",
        "evt.is_open_exec = true",
        |context, _, _| Some(Value::Bool(creates_executable(&context.event))),
    ),
    Field::flag(
        "evt.is_open_create",
        "Whether opening it created the file.",
        "evt.is_open_create = true",
        |context, _, _| Some(Value::Bool(creates(&context.event))),
    ),
    Field::text(
        "evt.abspath",
        "Absolute path that a syscall with a directory fd works on (renameat, symlinkat and so \
         on); of two, the first.",
        "evt.abspath startswith /etc",
        |context, _, scratch| absolute(context, Which::First, scratch),
    ),
    Field::text(
        "evt.abspath.src",
        "Absolute path that something is moved, linked or otherwise taken from.",
        "evt.abspath.src startswith /etc",
        |context, _, scratch| absolute(context, Which::First, scratch),
    ),
    Field::text(
        "evt.abspath.dst",
        "Absolute path that something is moved or linked to.",
        "evt.abspath.dst startswith /etc",
        |context, _, scratch| absolute(context, Which::Second, scratch),
    ),
];

/// The flags that a file was opened with, and where its mode stands. `None`: nothing was opened.
fn opened(event: &Event<'_>) -> Option<(i64, usize)> {
    let flags = match event.kind {
        OPEN_X | OPEN_BY_HANDLE_AT_X => 2,
        OPENAT_2_X | OPENAT2_X => 3,
        _ => return None,
    };
    // All these have flags of 32 bits; which type they are of need not be looked up for each event.
    let bits = event.bytes(flags).and_then(|bytes| bytes.try_into().ok());
    Some((bits.map_or(0, |bits| u32::from_le_bytes(bits).into()), flags + 1))
}

fn opened_with(event: &Event<'_>, flag: i64) -> bool {
    opened(event).is_some_and(|(flags, _)| flags & flag != 0)
}

fn creates(event: &Event<'_>) -> bool {
    opened_with(event, flags::CREATED)
        || (opened_with(event, flags::TMPFILE) && returned(event).is_some_and(|fd| fd >= 0))
}

fn creates_executable(event: &Event<'_>) -> bool {
    let mode = match (event.kind, opened(event)) {
        (CREAT_X, _) => event.int(2),
        (OPEN_BY_HANDLE_AT_X, _) => None,
        (_, Some((flags, mode))) if flags & (flags::CREATE | flags::TMPFILE) != 0 => {
            event.int(mode)
        }
        _ => None,
    };
    mode.is_some_and(|mode| mode & EXECUTE != 0)
}

/// Which of two paths.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Which {
    First,
    Second,
}

/// Names of the parameters with the directory fd and the path.
fn parameters(event: &Event<'_>, which: Which) -> Option<(&'static str, &'static str)> {
    use Which::{First, Second};
    Some(match (event.kind, which) {
        (RENAMEAT_X | RENAMEAT2_X, First) => ("olddirfd", "oldpath"),
        (RENAMEAT_X | RENAMEAT2_X, Second) => ("newdirfd", "newpath"),
        (LINKAT_2_X, First) => ("olddir", "oldpath"),
        (LINKAT_2_X, Second) => ("newdir", "newpath"),
        (SYMLINKAT_X, _) => ("linkdirfd", "linkpath"),
        (OPENAT_2_X | OPENAT2_X | UNLINKAT_2_X, _) => ("dirfd", "name"),
        (MKDIRAT_X, _) => ("dirfd", "path"),
        (FCHMODAT_X, _) => ("dirfd", "filename"),
        (FCHOWNAT_X, _) => ("dirfd", "pathname"),
        _ => return None,
    })
}

fn absolute<'v>(
    context: &Context<'v>,
    which: Which,
    scratch: &'v mut Scratch,
) -> Option<Value<'v>> {
    let thread = context.thread?;
    let event = &context.event;
    scratch.text.clear();
    if event.kind == OPEN_BY_HANDLE_AT_X {
        let path = event.text(3).filter(|_| returned(event).is_some_and(|fd| fd > 0))?;
        path::join(&[], path, &mut scratch.text);
        return Some(Value::Text(&scratch.text));
    }
    let (dir, path) = parameters(event, which)?;
    let dir = event.param_named(dir)?.int()?;
    let path = event.param_named(path)?.text()?;
    if dir == AT_FDCWD {
        path::join(&[context.state.cwd(thread)], path, &mut scratch.text);
    } else {
        let dir = context.state.fd(thread, dir).map_or(&b"<UNKNOWN>"[..], |fd| &fd.name);
        path::join(&[dir, b"/"], path, &mut scratch.text);
    }
    Some(Value::Text(&scratch.text))
}

#[cfg(test)]
mod tests {
    use event::schema::ParamType;

    use super::*;

    #[test]
    fn flags_are_where_they_are_read_and_of_32_bits() {
        for kind in [OPEN_X, OPEN_BY_HANDLE_AT_X, OPENAT_2_X, OPENAT2_X] {
            let mut builder = event::EventBuilder::default();
            builder.start(kind, 1, 1, 0);
            for param in kind.info().params {
                match param.ty {
                    ParamType::Flags32 => builder.u32(0x8000_0001),
                    _ => builder.raw(b""),
                };
            }
            let (flags, mode) = opened(&builder.event().unwrap()).unwrap();
            assert_eq!(flags, 0x8000_0001, "{kind:?}");
            assert_eq!(kind.info().params[mode - 1].name, "flags");
        }
    }
}
