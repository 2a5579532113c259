//! Names of fds, and where their files are.

use std::io::Write;

use event::{
    print::path::is_resolved,
    snapshot::FdKind,
    syscalls::{
        CREAT_X, OPEN_BY_HANDLE_AT_X, OPEN_X, OPENAT_2_X, OPENAT2_X, SOCKET_ACCEPT_5_X,
        SOCKET_ACCEPT4_6_X, SOCKET_CONNECT_X,
    },
};
use state::{Context, Fd, FdFlags, Text, Thread, path};

use super::{Touched, flag, known, touched};
use crate::{
    fields::{Argument, Field, FieldTraits, Scratch, evt::EventNames, param::path_param},
    value::{
        FieldType::{Bool, Int32, Int64},
        Value,
    },
};

/// The fields.
pub(in crate::fields) const FIELDS: &[Field] = &[
    Field::one(
        "fd.num",
        Int64,
        "Number of the fd, as the process knows it; -1 if the event does not say it.",
        "fd.num = 0",
        |context, _, _| Some(Value::I64(touched(context)?.thread.lastevent_fd)),
    ),
    Field::text(
        "fd.uid",
        "Names the fd uniquely: thread id and fd number, one behind the other.",
        "fd.uid = 12343",
        uid,
    ),
    Field::text(
        "fd.name",
        "Full name of the fd: absolute path of a file, both ends of a connection, path of a UNIX \
         socket. If the call failed, the name that was asked for.",
        "fd.name startswith /etc/",
        name,
    )
    .with_traits(FieldTraits::OF_FILE),
    Field::text(
        "fd.nameraw",
        "Path of the file as the process gave it: perhaps relative, only doubled slashes removed.",
        "fd.nameraw contains ../",
        name_raw,
    )
    .with_traits(FieldTraits::OF_FILE),
    Field::one(
        "fd.name_changed",
        Bool,
        "Whether this event gave the fd another name: it was opened, or a socket has a new peer.",
        "fd.name_changed = true",
        |context, _, _| {
            let fd = known(context)?;
            Some(Value::Bool(fd.name != fd.old_name))
        },
    ),
    Field::text(
        "fd.directory",
        "Directory that the file is in; of a directory, itself.",
        "fd.directory = /etc",
        directory,
    )
    .with_traits(FieldTraits::OF_FILE),
    Field::text(
        "fd.filename",
        "Last component of the file's path.",
        "fd.filename = passwd",
        filename,
    )
    .with_traits(FieldTraits::OF_FILE),
    Field::text(
        "fd.containername",
        "Container id, a colon and the name of the fd.",
        "fd.containername endswith :/etc/passwd",
        container_name,
    ),
    Field::text(
        "fd.containerdirectory",
        "Container id, a colon and the directory of the file.",
        "fd.containerdirectory endswith :/etc",
        container_directory,
    ),
    Field::one(
        "fd.dev",
        Int32,
        "Number of the device that holds the file, major and minor in one.",
        "fd.dev != 0",
        |context, _, _| Some(Value::I64(i64::from(known(context)?.dev as i32))),
    )
    .with_traits(FieldTraits::HEX),
    Field::one(
        "fd.dev.major",
        Int32,
        "Major number of the device that holds the file.",
        "fd.dev.major = 8",
        |context, _, _| Some(Value::I64(device_major(known(context)?.dev))),
    ),
    Field::one(
        "fd.dev.minor",
        Int32,
        "Minor number of the device that holds the file.",
        "fd.dev.minor = 1",
        |context, _, _| Some(Value::I64(device_minor(known(context)?.dev))),
    ),
    Field::one("fd.ino", Int64, "Inode number of the file.", "fd.ino = 131", |context, _, _| {
        Some(Value::I64(known(context)?.ino as i64))
    }),
    Field::one(
        "fd.is_upper_layer",
        Bool,
        "Whether the file is on the upper layer of an overlay: written since the container began.",
        "fd.is_upper_layer = true",
        |context, _, _| flag(context, FdFlags::OVERLAY_UPPER),
    ),
    Field::one(
        "fd.is_lower_layer",
        Bool,
        "Whether the file is on the lower layer of an overlay: part of the container's image.",
        "fd.is_lower_layer = true",
        |context, _, _| flag(context, FdFlags::OVERLAY_LOWER),
    ),
];

/// What the values of fields with [`FieldTraits::OF_FILE`] depend on: the same texts, the same values.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FileNames<'v> {
    /// See [`Fd::name`].
    pub name: &'v Text,
    /// See [`Fd::name_raw`].
    pub raw: &'v Text,
}

/// The names of the file that the event works on; `None` if it works on no file, or on one that is not
/// known.
#[inline]
pub(crate) fn file_names<'v>(context: &Context<'v>) -> Option<FileNames<'v>> {
    let fd = known(context).filter(|fd| is_file(fd))?;
    Some(FileNames { name: &fd.name, raw: &fd.name_raw })
}

/// `fd.name`.
fn name<'v>(context: &Context<'v>, _: &Argument, scratch: &'v mut Scratch) -> Option<Value<'v>> {
    match touched(context)? {
        Touched { fd: Some(fd), .. } => Some(Value::Text(&fd.name)),
        Touched { thread, .. } => {
            asked_for(context, thread, Wanted::Resolved, &mut scratch.text)?;
            Some(Value::Text(&scratch.text))
        }
    }
}

/// `fd.containername`.
fn container_name<'v>(
    context: &Context<'v>,
    _: &Argument,
    scratch: &'v mut Scratch,
) -> Option<Value<'v>> {
    let text = &mut scratch.text;
    let Touched { thread, fd } = touched(context)?;
    full_name(context, thread, fd, text)?;
    in_container(thread, text);
    Some(Value::Text(text))
}

/// `fd.directory`.
fn directory<'v>(
    context: &Context<'v>,
    _: &Argument,
    scratch: &'v mut Scratch,
) -> Option<Value<'v>> {
    directory_into(context, &mut scratch.text)?;
    Some(Value::Text(&scratch.text))
}

/// `fd.containerdirectory`.
fn container_directory<'v>(
    context: &Context<'v>,
    _: &Argument,
    scratch: &'v mut Scratch,
) -> Option<Value<'v>> {
    let text = &mut scratch.text;
    let thread = directory_into(context, text)?;
    in_container(thread, text);
    Some(Value::Text(text))
}

/// `fd.filename`. A path without slash gives `/`, one that ends in a slash itself.
fn filename<'v>(context: &Context<'v>, _: &Argument, _: &'v mut Scratch) -> Option<Value<'v>> {
    let fd = touched(context)?.fd.filter(|fd| is_file(fd))?;
    let name: &[u8] = &fd.name;
    Some(Value::Text(match name.iter().rposition(|&b| b == b'/') {
        None => b"/",
        Some(slash) if slash + 1 < name.len() => &name[slash + 1..],
        Some(_) => name,
    }))
}

/// `fd.nameraw`.
fn name_raw<'v>(
    context: &Context<'v>,
    _: &Argument,
    scratch: &'v mut Scratch,
) -> Option<Value<'v>> {
    let text = &mut scratch.text;
    let Touched { thread, fd } = touched(context)?;
    match fd {
        Some(fd) if is_resolved(&fd.name_raw) => {
            return Some(Value::Text(&fd.name_raw));
        }
        Some(fd) => {
            text.clear();
            text.extend_from_slice(&fd.name_raw);
        }
        None => asked_for(context, thread, Wanted::Raw, text)?,
    }
    text.dedup_by(|next, last| *next == b'/' && *last == b'/');
    Some(Value::Text(text))
}

/// `fd.uid`.
fn uid<'v>(context: &Context<'v>, _: &Argument, scratch: &'v mut Scratch) -> Option<Value<'v>> {
    let thread = touched(context)?.thread;
    scratch.text.clear();
    // Writing to a Vec cannot fail.
    let _ = write!(scratch.text, "{}{}", thread.tid, thread.lastevent_fd);
    Some(Value::Text(&scratch.text))
}

/// Major number, as the kernel encodes devices for old system calls (`new_encode_dev`).
fn device_major(dev: u32) -> i64 {
    i64::from((dev & 0xf_ff00) >> 8)
}

/// Minor number, as above: its upper bits stand above the major number.
fn device_minor(dev: u32) -> i64 {
    i64::from((dev & 0xff) | ((dev >> 12) & 0xf_ff00))
}

fn is_file(fd: &Fd) -> bool {
    matches!(fd.kind, FdKind::File | FdKind::FileV2)
}

fn in_container(thread: &Thread, text: &mut Vec<u8>) {
    let id = thread.container_id.iter().copied();
    text.splice(0..0, id.chain([b':']));
}

fn full_name(
    context: &Context<'_>,
    thread: &Thread,
    fd: Option<&Fd>,
    out: &mut Vec<u8>,
) -> Option<()> {
    let Some(fd) = fd else {
        return asked_for(context, thread, Wanted::Resolved, out);
    };
    out.clear();
    out.extend_from_slice(&fd.name);
    Some(())
}

fn directory_into<'v>(context: &Context<'v>, out: &mut Vec<u8>) -> Option<&'v Thread> {
    let Touched { thread, fd } = touched(context)?;
    let is_directory = fd.is_some_and(|fd| fd.kind == FdKind::Directory);
    if fd.is_some_and(|fd| !is_file(fd) && !is_directory) {
        return None;
    }
    full_name(context, thread, fd, out)?;
    if !is_directory {
        match out.iter().rposition(|&b| b == b'/') {
            None | Some(0) => {
                out.clear();
                out.push(b'/');
            }
            Some(slash) if slash + 1 < out.len() => out.truncate(slash),
            Some(_) => {}
        }
    }
    Some(thread)
}

/// Which form of a path is wanted.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wanted {
    /// Absolute.
    Resolved,
    /// As the process gave it, where the fallback has that at all: `open` and `creat` give the
    /// absolute path either way.
    Raw,
}

/// The name that the event itself says, for fds that are not known. Empty for events that say
/// none; `None` if the parameter is missing.
fn asked_for(
    context: &Context<'_>,
    thread: &Thread,
    wanted: Wanted,
    out: &mut Vec<u8>,
) -> Option<()> {
    let event = &context.event;
    out.clear();
    match event.kind {
        kind if kind.is_enter() => return None,
        OPEN_X | CREAT_X | SOCKET_ACCEPT_5_X | SOCKET_ACCEPT4_6_X | SOCKET_CONNECT_X => {
            event::print::arg(event, 1, &EventNames(context), out).then_some(())?;
        }
        OPENAT_2_X | OPENAT2_X => opened_at(context, thread, wanted, out)?,
        OPEN_BY_HANDLE_AT_X => out.extend_from_slice(path_param(event, 3)?),
        _ => {}
    }
    Some(())
}

fn opened_at(
    context: &Context<'_>,
    thread: &Thread,
    wanted: Wanted,
    out: &mut Vec<u8>,
) -> Option<()> {
    let event = &context.event;
    event.bytes(2).filter(|bytes| !bytes.is_empty())?;
    let path = path_param(event, 2)?;
    if wanted == Wanted::Raw {
        out.extend_from_slice(path);
    } else {
        let base = context.state.directory(thread, event.int(1)?, path);
        path::join(base, path, out);
    }
    Some(())
}
