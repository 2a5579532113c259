//! Data that a call moved: from which fd, to which, how much.

use event::{schema::EventFlags, syscalls as ev};
use state::{Context, Fd};

/// Data that a call moved.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moved<'a> {
    pub(super) from: Option<&'a Fd>,
    pub(super) to: Option<&'a Fd>,
    pub(super) bytes: u64,
}

/// What an event moved; `None` if it moves nothing or failed.
pub(super) fn of<'a>(context: &Context<'a>) -> Option<Moved<'a>> {
    let event = &context.event;
    let bytes = || event.int(0).and_then(|bytes| u64::try_from(bytes).ok());
    let fd = |index| context.state.fd(context.thread?, event.int(index)?);
    let (from, to) = match event.kind {
        ev::SENDFILE_X => (fd(3), fd(2)),
        ev::COPY_FILE_RANGE_X => (fd(3), fd(1)),
        ev::SPLICE_X => (fd(1), fd(2)),
        ev::FINIT_MODULE_X => return None,
        kind => {
            let flags = kind.info().flags;
            if flags.contains(EventFlags::READS_FROM_FD) {
                (context.fd, None)
            } else if flags.contains(EventFlags::WRITES_TO_FD) {
                (None, context.fd)
            } else {
                return None;
            }
        }
    };
    Some(Moved { from, to, bytes: bytes()? })
}
