//! Reading, writing and waiting.

use event::{
    schema::{Category, EventFlags},
    snapshot::FdKind,
};
use state::{Context, Fd};

use super::result::returned;
use crate::{
    fields::{ExtractOne, Field},
    value::{FieldType, Value},
};

const fn length(
    name: &'static str,
    doc: &'static str,
    example: &'static str,
    one: ExtractOne,
) -> Field {
    Field::one(name, FieldType::Uint64, doc, example, one)
}

pub(super) const FIELDS: &[Field] = &[
    Field::flag(
        "evt.is_io",
        "Whether it reads from or writes to an fd.",
        "evt.is_io = true",
        |context, _, _| {
            let io = EventFlags::READS_FROM_FD.union(EventFlags::WRITES_TO_FD);
            Some(Value::Bool(context.event.info().flags.intersects(io)))
        },
    ),
    Field::flag(
        "evt.is_io_read",
        "Whether it reads from an fd.",
        "evt.is_io_read = true",
        |context, _, _| has(context, EventFlags::READS_FROM_FD),
    ),
    Field::flag(
        "evt.is_io_write",
        "Whether it writes to an fd.",
        "evt.is_io_write = true",
        |context, _, _| has(context, EventFlags::WRITES_TO_FD),
    ),
    Field::flag(
        "evt.is_wait",
        "Whether it makes the thread wait: sleeping, polling.",
        "evt.is_wait = true",
        |context, _, _| has(context, EventFlags::WAITS),
    ),
    Field::flag(
        "evt.is_syslog",
        "Whether it writes to /dev/log.",
        "evt.is_syslog = true",
        |context, _, _| {
            let writes = context.event.info().flags.contains(EventFlags::WRITES_TO_FD);
            let syslog = context.fd.is_some_and(|fd| contains(&fd.name, b"/dev/log"));
            Some(Value::Bool(writes && syslog))
        },
    ),
    Field::text(
        "evt.io_dir",
        "`read` or `write`, for events that do.",
        "evt.io_dir = write",
        |context, _, _| {
            let flags = context.event.info().flags;
            if flags.contains(EventFlags::WRITES_TO_FD) {
                Some(Value::Text(b"write"))
            } else {
                flags.contains(EventFlags::READS_FROM_FD).then_some(Value::Text(b"read"))
            }
        },
    ),
    length(
        "evt.buflen",
        "Bytes that were read or written.",
        "evt.buflen > 1024",
        |context, _, _| bytes(context, Direction::Any, |_| true),
    ),
    length("evt.buflen.in", "Bytes that were read.", "evt.buflen.in > 1024", |context, _, _| {
        bytes(context, Direction::In, |_| true)
    }),
    length(
        "evt.buflen.out",
        "Bytes that were written.",
        "evt.buflen.out > 1024",
        |context, _, _| bytes(context, Direction::Out, |_| true),
    ),
    length(
        "evt.buflen.file",
        "Bytes that were read from or written to a file.",
        "evt.buflen.file > 1024",
        |context, _, _| bytes(context, Direction::Any, is_file),
    ),
    length(
        "evt.buflen.file.in",
        "Bytes that were read from a file.",
        "evt.buflen.file.in > 1024",
        |context, _, _| bytes(context, Direction::In, is_file),
    ),
    length(
        "evt.buflen.file.out",
        "Bytes that were written to a file.",
        "evt.buflen.file.out > 1024",
        |context, _, _| bytes(context, Direction::Out, is_file),
    ),
    length(
        "evt.buflen.net",
        "Bytes that were received or sent over a network socket.",
        "evt.buflen.net > 1024",
        |context, _, _| bytes(context, Direction::Any, |fd| fd.kind.is_ip()),
    ),
    length(
        "evt.buflen.net.in",
        "Bytes that were received over a network socket.",
        "evt.buflen.net.in > 1024",
        |context, _, _| bytes(context, Direction::In, |fd| fd.kind.is_ip()),
    ),
    length(
        "evt.buflen.net.out",
        "Bytes that were sent over a network socket.",
        "evt.buflen.net.out > 1024",
        |context, _, _| bytes(context, Direction::Out, |fd| fd.kind.is_ip()),
    ),
];

fn has<'v>(context: &Context<'v>, flag: EventFlags) -> Option<Value<'v>> {
    Some(Value::Bool(context.event.info().flags.contains(flag)))
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}

fn is_file(fd: &Fd) -> bool {
    matches!(fd.kind, FdKind::File | FdKind::FileV2)
}

/// Which way the data goes.
#[derive(Clone, Copy)]
enum Direction {
    In,
    Out,
    Any,
}

impl Direction {
    fn has(self, category: Category) -> bool {
        match self {
            Self::In => category == Category::IoRead,
            Self::Out => category == Category::IoWrite,
            Self::Any => {
                matches!(category, Category::IoRead | Category::IoWrite | Category::IoOther)
            }
        }
    }
}

/// What an I/O event on a known fd of the wanted kind returned, unless it failed.
fn bytes<'v>(
    context: &Context<'v>,
    direction: Direction,
    wanted: impl FnOnce(&Fd) -> bool,
) -> Option<Value<'v>> {
    let fd = context.fd.filter(|_| direction.has(context.event.info().category))?;
    let bytes = returned(&context.event).filter(|_| wanted(fd))?;
    u64::try_from(bytes).ok().map(Value::U64)
}
