//! Ones to be summed up: how many events, errors, exits.

use event::{
    schema::Category,
    snapshot::FdKind,
    syscalls::{
        CREAT_X, OPEN_BY_HANDLE_AT_X, OPEN_X, OPENAT_2_X, OPENAT2_X, PROCINFO_E, SOCKET_ACCEPT_5_X,
        SOCKET_ACCEPT4_6_X, SOCKET_CONNECT_X,
    },
};
use state::{Context, Fd};

use super::result::returned;
use crate::{
    fields::{ExtractOne, Field},
    value::{FieldType, Value},
};

const fn count(
    name: &'static str,
    doc: &'static str,
    example: &'static str,
    one: ExtractOne,
) -> Field {
    Field::one(name, FieldType::Uint32, doc, example, one)
}

pub(super) const FIELDS: &[Field] = &[
    count("evt.count", "Always 1.", "evt.count = 1", |_, _, _| Some(Value::U64(1))),
    count(
        "evt.count.error",
        "1 if it failed, 0 if not; nothing for events without a result.",
        "evt.count.error = 1",
        |context, _, _| error(context),
    ),
    count(
        "evt.count.error.file",
        "The same, for events on files and directories only.",
        "evt.count.error.file = 1",
        |context, _, _| error(context).filter(|_| subject(context) == Subject::File),
    ),
    count(
        "evt.count.error.net",
        "The same, for events on sockets only.",
        "evt.count.error.net = 1",
        |context, _, _| error(context).filter(|_| subject(context) == Subject::Net),
    ),
    count(
        "evt.count.error.memory",
        "The same, for events on memory only.",
        "evt.count.error.memory = 1",
        |context, _, _| error(context).filter(|_| is_memory(context)),
    ),
    count(
        "evt.count.error.other",
        "The same, for events that are about none of these.",
        "evt.count.error.other = 1",
        |context, _, _| error(context).filter(|_| subject(context) == Subject::Other),
    ),
    count(
        "evt.count.exit",
        "1 for events on return from a syscall.",
        "evt.count.exit = 1",
        |context, _, _| context.event.kind.is_exit().then_some(Value::U64(1)),
    ),
    count(
        "evt.count.procinfo",
        "1 for the recorder's reports on a process.",
        "evt.count.procinfo = 1",
        |context, _, _| {
            let leads = context.thread.is_some_and(|thread| thread.is_main());
            Some(Value::U64(u64::from(leads && context.event.kind == PROCINFO_E)))
        },
    ),
    count(
        "evt.count.threadinfo",
        "1 for the recorder's reports on a thread.",
        "evt.count.threadinfo = 1",
        |context, _, _| Some(Value::U64(u64::from(context.event.kind == PROCINFO_E))),
    ),
];

/// What an error is about.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Subject {
    File,
    Net,
    Memory,
    Other,
}

fn error<'v>(context: &Context<'v>) -> Option<Value<'v>> {
    returned(&context.event).map(|result| Value::U64(u64::from(result < 0)))
}

fn is_memory(context: &Context<'_>) -> bool {
    context.event.info().category == Category::Memory
}

fn subject(context: &Context<'_>) -> Subject {
    match (context.fd, context.event.kind) {
        (Some(fd), _) => subject_of(fd),
        (None, OPEN_X | CREAT_X | OPENAT_2_X | OPENAT2_X | OPEN_BY_HANDLE_AT_X) => Subject::File,
        (None, SOCKET_ACCEPT_5_X | SOCKET_ACCEPT4_6_X | SOCKET_CONNECT_X) => Subject::Net,
        (None, _) if is_memory(context) => Subject::Memory,
        (None, _) => Subject::Other,
    }
}

fn subject_of(fd: &Fd) -> Subject {
    match fd.kind {
        FdKind::File | FdKind::FileV2 | FdKind::Directory => Subject::File,
        FdKind::UnixSock => Subject::Net,
        kind if kind.is_ip() => Subject::Net,
        _ => Subject::Other,
    }
}
