//! Opening and creating files: open, creat, openat, openat2, `open_by_handle_at`.
//!
//! Device and inode are those of the fd that the call made; names are checked against it (see
//! [`super::object`]). Whether the call made the file is known from whether there was one before it;
//! another process that makes or removes it in between goes unnoticed. On which layer of an overlay
//! a file is cannot be known from outside the kernel.

use std::borrow::Cow;

use event::syscalls as ev;

use super::{
    Enter, Exit, Row, Saved, flags, nothing,
    object::{Found, Given},
    params::{
        Param::{Data, Int, Result, Text, U16, U32, U64},
        path_0, row,
    },
};
use crate::ptrace::numbers;

pub(super) const TABLE: &[Row] = &[
    row(
        numbers::SYS_open,
        "open",
        |enter, saved| {
            enter.save_path(0, saved);
            look(enter, saved, libc::AT_FDCWD, enter.call.arg(1) as u32);
        },
        open,
    ),
    row(
        libc::SYS_openat,
        "openat",
        |enter, saved| {
            enter.save_path(1, saved);
            look(enter, saved, enter.call.int(0), enter.call.arg(2) as u32);
        },
        openat,
    ),
    row(
        libc::SYS_openat2,
        "openat2",
        |enter, saved| {
            enter.save_path(1, saved);
            let how = How::read(enter);
            (saved.numbers[1], saved.numbers[2], saved.numbers[3]) =
                (how.flags, how.mode, how.resolve);
            look(enter, saved, enter.call.int(0), how.flags as u32);
        },
        openat2,
    ),
    row(numbers::SYS_creat, "creat", path_0, creat),
    row(libc::SYS_open_by_handle_at, "open_by_handle_at", nothing, open_by_handle_at),
];

/// What is kept in the first number of [`Saved`]: there was no file of this name.
const ABSENT: u64 = 1;

/// Looks before the call whether there is a file that it would make. A call that must make one
/// tells that by its success.
fn look(enter: &Enter<'_>, saved: &mut Saved, dirfd: i32, flags: u32) {
    let (create, exclusive) = (libc::O_CREAT as u32, libc::O_EXCL as u32);
    if flags & (create | exclusive) != create {
        return;
    }
    let found = saved.text(0).map(|name| Given { tid: enter.tid, dirfd, name }.find());
    saved.numbers[0] = if matches!(found, Some(Found::Nothing)) { ABSENT } else { 0 };
}

/// `struct open_how` of linux/openat2.h; nothing of it where it cannot be read.
struct How {
    flags: u64,
    mode: u64,
    resolve: u64,
}

impl How {
    fn read(enter: &Enter<'_>) -> Self {
        let field = |at: u64| enter.memory.u64(enter.call.arg(2).wrapping_add(at)).unwrap_or(0);
        Self { flags: field(0), mode: field(8), resolve: field(16) }
    }
}

/// What a call of this family opened.
struct Opened<'n> {
    name: Option<Cow<'n, [u8]>>,
    /// In the schema's numbering.
    flags: u32,
    dev: u32,
    ino: u64,
}

/// What came of a call with this directory and these flags.
fn opened<'a>(exit: &Exit<'a>, dirfd: i32, asked: u32) -> Opened<'a> {
    let saved = exit.saved;
    let name = saved.text(0);
    let failed =
        Opened { name: name.map(Cow::Borrowed), flags: flags::open(asked), dev: 0, ino: 0 };
    if !exit.succeeded() {
        return failed;
    }
    let (create, exclusive) = (asked & libc::O_CREAT as u32 != 0, asked & libc::O_EXCL as u32 != 0);
    let created = create && (exclusive || saved.numbers[0] == ABSENT);
    let flags = failed.flags | if created { flags::CREATED } else { 0 };
    let Some(object) = exit.file(exit.result) else { return Opened { flags, ..failed } };
    let given = name.map(|name| Given { tid: exit.tid, dirfd, name });
    let name = given.map(|given| exit.true_name(&given, exit.result, &object));
    Opened { name, flags, dev: object.dev, ino: object.ino }
}

fn open(exit: &mut Exit<'_>) {
    let asked = exit.call.arg(1) as u32;
    let Opened { name, flags, dev, ino } = opened(exit, libc::AT_FDCWD, asked);
    let mode = U32(flags::open_mode(asked, exit.call.arg(2) as u32));
    let name = Text(name.as_deref());
    exit.event(ev::OPEN_X, &[Result, name, U32(flags), mode, U32(dev), U64(ino)]);
}

fn openat(exit: &mut Exit<'_>) {
    let asked = exit.call.arg(2) as u32;
    let Opened { name, flags, dev, ino } = opened(exit, exit.call.int(0), asked);
    let mode = U32(flags::open_mode(asked, exit.call.arg(3) as u32));
    let name = Text(name.as_deref());
    exit.event(ev::OPENAT_2_X, &[Result, Int(0), name, U32(flags), mode, U32(dev), U64(ino)]);
}

fn openat2(exit: &mut Exit<'_>) {
    let [_, asked, mode, resolve, ..] = exit.saved.numbers;
    let asked = asked as u32;
    let Opened { name, flags, dev, ino } = opened(exit, exit.call.int(0), asked);
    let (mode, resolve) = (U32(flags::open_mode(asked, mode as u32)), U32(flags::resolve(resolve)));
    let (name, flags) = (Text(name.as_deref()), U32(flags));
    let params = [Result, Int(0), name, flags, mode, resolve, U32(dev), U64(ino)];
    exit.event(ev::OPENAT2_X, &params);
}

/// The schema has no flags of this call but for the layers of overlays.
fn creat(exit: &mut Exit<'_>) {
    let asked = libc::O_CREAT as u32;
    let Opened { name, dev, ino, .. } = opened(exit, libc::AT_FDCWD, asked);
    let mode = U32(flags::mode(exit.call.arg(1) as u32));
    exit.event(ev::CREAT_X, &[Result, Text(name.as_deref()), mode, U32(dev), U64(ino), U16(0)]);
}

/// There is no name in this call; its event has the path of what it opened, and none if it failed.
fn open_by_handle_at(exit: &mut Exit<'_>) {
    let asked = U32(flags::open(exit.call.arg(2) as u32));
    let object = if exit.succeeded() { exit.file(exit.result) } else { None };
    let path = object.and_then(|_| exit.path_of(exit.result));
    let (dev, ino) = object.map_or((0, 0), |object| (object.dev, object.ino));
    let path = if path.is_some() { Text(path.as_deref()) } else { Data(&[]) };
    exit.event(ev::OPEN_BY_HANDLE_AT_X, &[Result, Int(0), asked, path, U32(dev), U64(ino)]);
}
