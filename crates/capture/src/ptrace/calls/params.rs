//! Events that are made of what a call was given, parameter by parameter.

use event::{EventBuilder, EventType, syscalls::GENERIC_X};

use super::{Enter, Exit, Row, Saved, When, number};

/// A parameter of an event. Arguments are counted from 0.
#[derive(Clone, Copy, Debug)]
pub(super) enum Param<'a> {
    /// What the call returned.
    Result,
    /// An argument that is an `int`, as 64 bits: an fd, a pid.
    Int(usize),
    /// 32 bits of an argument.
    Arg32(usize),
    /// An argument.
    Arg64(usize),
    /// 32 bits of an argument, in the schema's numbering.
    Flags(usize, fn(u32) -> u32),
    /// A text that was kept before the call; NULL if it could not be read.
    Kept(usize),
    /// A text; NULL if there is none.
    Text(Option<&'a [u8]>),
    /// Bytes.
    Data(&'a [u8]),
    /// Numbers.
    I64(i64),
    U64(u64),
    U32(u32),
    U16(u16),
    U8(u8),
}

impl Exit<'_> {
    /// Makes the event of this call.
    pub(super) fn event(&mut self, kind: EventType, params: &[Param<'_>]) {
        let (call, result, saved) = (self.call, self.result, self.saved);
        let unreadable = |param: &Param<'_>| match param {
            Param::Kept(at) => saved.text(*at).is_none(),
            Param::Text(text) => text.is_none(),
            _ => false,
        };
        // An address that is no memory makes a call fail; one that succeeded could read it.
        if result >= 0 && params.iter().any(unreadable) {
            self.emit.counts.unreadable += 1;
        }
        let builder = self.start(kind);
        for param in params {
            match *param {
                Param::Result => builder.i64(result),
                Param::Int(at) => builder.i64(i64::from(call.int(at))),
                Param::Arg32(at) => builder.u32(call.arg(at) as u32),
                Param::Arg64(at) => builder.u64(call.arg(at)),
                Param::Flags(at, map) => builder.u32(map(call.arg(at) as u32)),
                Param::Kept(at) => text(builder, saved.text(at)),
                Param::Text(value) => text(builder, value),
                Param::Data(bytes) => builder.raw(bytes),
                Param::I64(value) => builder.i64(value),
                Param::U64(value) => builder.u64(value),
                Param::U32(value) => builder.u32(value),
                Param::U16(value) => builder.u16(value),
                Param::U8(value) => builder.u8(value),
            };
        }
        self.end();
    }
}

fn text<'b>(builder: &'b mut EventBuilder, text: Option<&[u8]>) -> &'b mut EventBuilder {
    match text {
        Some(text) => builder.text(text),
        None => builder.null(),
    }
}

/// A row for a call that always stops.
pub(super) const fn row(
    syscall: libc::c_long,
    name: &'static str,
    enter: fn(&Enter<'_>, &mut Saved),
    exit: fn(&mut Exit<'_>),
) -> Row {
    Row { number: number(syscall), name, when: When::Always, enter, exit }
}

/// A row for a call that the schema has no event for: only that it was made is recorded.
pub(super) const fn generic(syscall: libc::c_long, name: &'static str) -> Row {
    row(syscall, name, super::nothing, generic_event)
}

/// The event for calls that have none of their own.
pub(super) fn generic_event(exit: &mut Exit<'_>) {
    let native = exit.call.row.number as u16;
    let code = event::syscalls::code_of_x86_64(native).unwrap_or(0);
    exit.event(GENERIC_X, &[Param::U16(code), Param::U16(native)]);
}

/// Keeps the path that the first argument points to.
pub(super) fn path_0(enter: &Enter<'_>, saved: &mut Saved) {
    enter.save_path(0, saved);
}

/// Keeps the path that the second argument points to.
pub(super) fn path_1(enter: &Enter<'_>, saved: &mut Saved) {
    enter.save_path(1, saved);
}

/// Keeps the paths that the first two arguments point to.
pub(super) fn paths_0_1(enter: &Enter<'_>, saved: &mut Saved) {
    enter.save_path(0, saved);
    enter.save_path(1, saved);
}

/// Keeps the paths that the first and the third argument point to.
pub(super) fn paths_0_2(enter: &Enter<'_>, saved: &mut Saved) {
    enter.save_path(0, saved);
    enter.save_path(2, saved);
}

/// Keeps the paths that the second and the fourth argument point to.
pub(super) fn paths_1_3(enter: &Enter<'_>, saved: &mut Saved) {
    enter.save_path(1, saved);
    enter.save_path(3, saved);
}
