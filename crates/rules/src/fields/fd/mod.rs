//! `fd.*`: the file descriptor that an event works on.
//!
//! - [`file`]: numbers, names, directories, devices, inodes.
//! - [`kind`]: types of fds, also of all that a process has open.
//! - [`socket`]: protocols and states of sockets.
//! - [`ends`]: addresses and ports of connections.
//!
//! An event has these fields if its type creates, uses or destroys an fd and its thread is known.
//! The fd itself may still be unknown: the call failed, or it was opened before the recording
//! began and is not in its snapshot. Then most fields have no value, and those about names fall
//! back on the event's own parameters.

pub(super) mod ends;
pub(super) mod file;
pub(super) mod kind;
pub(super) mod socket;
#[cfg(test)]
mod tests;

use event::schema::EventFlags;
use state::{Context, Fd, FdFlags, Thread};

pub(crate) use file::{FileNames, file_names};

use crate::value::Value;

/// Thread and fd of an event.
#[derive(Clone, Copy)]
struct Touched<'v> {
    thread: &'v Thread,
    fd: Option<&'v Fd>,
}

/// `None` if the event's type has nothing to do with fds, or its thread is not known.
fn touched<'v>(context: &Context<'v>) -> Option<Touched<'v>> {
    const ABOUT_FDS: EventFlags =
        EventFlags::CREATES_FD.union(EventFlags::USES_FD).union(EventFlags::DESTROYS_FD);
    if !context.event.info().flags.intersects(ABOUT_FDS) {
        return None;
    }
    let thread = context.thread?;
    let fd = context.fd.or_else(|| context.state.fd(thread, thread.lastevent_fd));
    Some(Touched { thread, fd })
}

fn known<'v>(context: &Context<'v>) -> Option<&'v Fd> {
    touched(context)?.fd
}

/// Name of the event's fd; empty if the fd is not known.
pub(super) fn open_name<'v>(context: &Context<'v>) -> Option<&'v [u8]> {
    Some(touched(context)?.fd.map_or(b"", |fd| &fd.name))
}

fn flag<'v>(context: &Context<'v>, flag: FdFlags) -> Option<Value<'v>> {
    Some(Value::Bool(known(context)?.flags.contains(flag)))
}
