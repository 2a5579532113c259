//! What happened: type, category, source.

use event::{
    Event, EventType,
    schema::{Category, Origin},
    snapshot::FdKind,
    syscalls::{ASYNCEVENT_E, GENERIC_X, PLUGINEVENT_E, SYSCALL_NAMES, code_of_x86_64},
};
use state::{Context, Fd};

use crate::{
    fields::{Argument, ArgumentSpec, Field, FieldTraits},
    value::{FieldType, Value},
};

pub(super) const FIELDS: &[Field] = &[
    Field::text(
        "evt.type",
        "Name of the event: that of the syscall for syscalls, that of the notice for asynchronous \
         events.",
        "evt.type in (open, openat, openat2)",
        |context, _, _| Some(Value::Text(name(&context.event))),
    )
    .with_traits(FieldTraits::EVENT_TYPE.union(FieldTraits::FEW_VALUES)),
    Field::one(
        "evt.type.is",
        FieldType::Uint32,
        "1 for events of the type that is named (or numbered) behind it, 0 for others.",
        "evt.type.is.openat = 1",
        |context, argument, _| {
            Some(Value::U64(u64::from(is_of_type(context.event.kind, argument))))
        },
    )
    .with(ArgumentSpec::IndexOrKey { required: true })
    .with_traits(FieldTraits::DOTTED.union(FieldTraits::KEY_IS_EVENT_TYPE)),
    Field::text(
        "syscall.type",
        "Name of the syscall; nothing for events that are not syscalls.",
        "syscall.type = execve",
        |context, _, _| {
            let syscall = context.event.info().origin == Origin::Syscall;
            syscall.then(|| Value::Text(name(&context.event)))
        },
    ),
    Field::text(
        "evt.category",
        "What it is about: file, net, IPC, memory, process and so on. Reading and writing count as \
         file, net or ipc by what the fd refers to.",
        "evt.category = net",
        |context, _, _| Some(Value::Text(category(context).as_bytes())),
    )
    .with_traits(FieldTraits::FEW_VALUES),
    Field::text(
        "evt.dir",
        "`>` for events on entry to a syscall, `<` for those on return.",
        "evt.dir = <",
        |context, _, _| Some(Value::Text(if context.event.kind.is_enter() { b">" } else { b"<" })),
    )
    .with_traits(FieldTraits::DEPRECATED.union(FieldTraits::FEW_VALUES)),
    Field::one(
        "evt.cpu",
        FieldType::Int16,
        "Number of the CPU that it happened on.",
        "evt.cpu = 0",
        |context, _, _| Some(Value::I64(i64::from(context.event.cpu as i16))),
    ),
    Field::text(
        "evt.source",
        "Where it comes from: `syscall` for all that the kernel and the recorder tell.",
        "evt.source = syscall",
        |context, _, _| (context.event.kind != PLUGINEVENT_E).then_some(Value::Text(b"syscall")),
    )
    .with_traits(FieldTraits::FEW_VALUES),
    Field::one(
        "evt.is_async",
        FieldType::Bool,
        "Whether it is a notice of the recorder instead of something that a thread did.",
        "evt.is_async = true",
        |context, _, _| Some(Value::Bool(is_notice(&context.event))),
    ),
    Field::text(
        "evt.asynctype",
        "Name of the notice, for asynchronous events.",
        "evt.asynctype = container",
        |context, _, _| is_notice(&context.event).then(|| Value::Text(name(&context.event))),
    ),
    Field::text(
        "evt.hostname",
        "Name of the host that was recorded; nothing if the recording does not say.",
        "evt.hostname startswith web",
        |context, _, _| {
            let name: &[u8] = &context.state.machine().hostname;
            (!name.is_empty()).then_some(Value::Text(name))
        },
    ),
    Field::text(
        "evt.pluginname",
        "Name of the plugin that the event comes from; nothing, as there are none.",
        "evt.pluginname exists",
        |_, _, _| None,
    ),
    Field::text(
        "evt.plugininfo",
        "The event as its plugin describes it; nothing, as there are none.",
        "evt.plugininfo exists",
        |_, _, _| None,
    ),
];

/// Name of the syscall, also of those that have no event type of their own, or of the notice.
fn name<'v>(event: &Event<'v>) -> &'v [u8] {
    match event.kind {
        GENERIC_X => SYSCALL_NAMES.get(syscall_code(event)).unwrap_or(&SYSCALL_NAMES[0]).as_bytes(),
        ASYNCEVENT_E => event.text(1).unwrap_or(b"<NA>"),
        kind => kind.info().name.as_bytes(),
    }
}

/// The code of the syscall of an event of the generic type, its place in [`SYSCALL_NAMES`]; where
/// the recorder did not know it, what the kernel's number tells. 0 for unknown ones.
pub(crate) fn syscall_code(event: &Event<'_>) -> usize {
    let number = |index| event.int(index).and_then(|value| u16::try_from(value).ok());
    let code = match number(0).unwrap_or(0) {
        0 => number(1).and_then(code_of_x86_64).unwrap_or(0),
        code => code,
    };
    let code = usize::from(code);
    if code < SYSCALL_NAMES.len() { code } else { 0 }
}

fn is_of_type(kind: EventType, argument: &Argument) -> bool {
    match argument {
        Argument::Index(number) => u64::from(kind.number()) == *number,
        Argument::Key(name) => kind.info().name == name,
        Argument::None => false,
    }
}

fn is_notice(event: &Event<'_>) -> bool {
    event.info().origin == Origin::Meta
}

fn category(context: &Context<'_>) -> &'static str {
    match context.event.info().category {
        Category::Unknown => "unknown",
        Category::Other => "other",
        Category::File => "file",
        Category::Net => "net",
        Category::Ipc => "IPC",
        Category::Memory => "memory",
        Category::Process => "process",
        Category::Sleep => "sleep",
        Category::System => "system",
        Category::Signal => "signal",
        Category::User => "user",
        Category::Time => "time",
        Category::Processing => "processing",
        Category::IoRead | Category::IoWrite | Category::IoOther => io_category(context.fd),
        Category::Wait => "wait",
        Category::Scheduler => "scheduler",
        Category::Internal => "internal",
    }
}

fn io_category(fd: Option<&Fd>) -> &'static str {
    use FdKind as K;
    let Some(fd) = fd else {
        return "unknown";
    };
    match fd.kind {
        K::File | K::FileV2 | K::Directory => "file",
        K::Ipv4Sock | K::Ipv6Sock | K::Ipv4ServSock | K::Ipv6ServSock => "net",
        K::Fifo | K::UnixSock | K::Event | K::SignalFd | K::Inotify | K::UserFaultFd => "ipc",
        _ => "unknown",
    }
}
