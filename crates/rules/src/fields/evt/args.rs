//! Its arguments: all of them, one of them, as text and as they are.

use event::{Param, ParamType, print};
use state::Context;

use super::EventNames;
use crate::{
    fields::{Argument, ArgumentSpec, Field, FieldTraits, Scratch},
    value::{FieldType, Value},
};

const PARAMETER: FieldTraits = FieldTraits::DOTTED.union(FieldTraits::KEY_IS_PARAMETER);

pub(super) const FIELDS: &[Field] = &[
    Field::text(
        "evt.args",
        "All arguments: `name=value` each, with what the value stands for in parentheses where \
         that is known.",
        "evt.args contains O_CREAT",
        |context, _, scratch| Some(all(context, scratch)),
    ),
    Field::text(
        "evt.info",
        "The same as evt.args.",
        "evt.info contains /etc/shadow",
        |context, _, scratch| Some(all(context, scratch)),
    ),
    Field::text(
        "evt.arg",
        "One argument as text, by name or position: what it stands for, if that is known (the \
         file of an fd, the name of an error), otherwise its value.",
        "evt.arg.flags contains O_CREAT",
        one,
    )
    .with(ArgumentSpec::IndexOrKey { required: true })
    .with_traits(PARAMETER),
    Field::one(
        "evt.rawarg",
        FieldType::Dynamic,
        "One argument as it was recorded, by name: numbers as numbers.",
        "evt.rawarg.res < 0",
        |context, argument, _| {
            let Argument::Key(name) = argument else {
                return None;
            };
            raw(context.event.param_named(name)?)
        },
    )
    .with(ArgumentSpec::Key { required: true })
    .with_traits(PARAMETER.union(FieldTraits::NO_RHS).union(FieldTraits::NO_TRANSFORMER)),
    Field::one(
        "evt.buffer",
        FieldType::ByteBuf,
        "The data that was read or written, as far as it was recorded.",
        "evt.buffer contains HTTP",
        |context, _, _| Some(Value::Bytes(context.event.param_named("data")?.bytes)),
    ),
];

fn all<'v>(context: &Context<'v>, scratch: &'v mut Scratch) -> Value<'v> {
    scratch.text.clear();
    print::args(&context.event, &EventNames(context), &mut scratch.text);
    Value::Text(&scratch.text)
}

fn one<'v>(
    context: &Context<'v>,
    argument: &Argument,
    scratch: &'v mut Scratch,
) -> Option<Value<'v>> {
    let event = &context.event;
    let index = match argument {
        Argument::Index(index) => usize::try_from(*index).ok()?,
        Argument::Key(name) => event.info().param(name)?.0,
        Argument::None => return None,
    };
    scratch.text.clear();
    let there = print::arg(event, index, &EventNames(context), &mut scratch.text);
    there.then_some(Value::Text(&scratch.text))
}

/// A parameter's value in the type that it is compared as. Text that is missing reads `<NA>`, as
/// it does in evt.arg; other types have then no value.
fn raw(param: Param<'_>) -> Option<Value<'_>> {
    use ParamType as T;
    match param.info.ty {
        T::CharBuf | T::FsPath | T::FsRelPath => {
            Some(Value::Text(param.text().filter(|text| *text != b"(NULL)").unwrap_or(b"<NA>")))
        }
        _ if param.bytes.is_empty() => None,
        T::Int8
        | T::Int16
        | T::Int32
        | T::Int64
        | T::Errno
        | T::Fd
        | T::Fd32
        | T::Pid
        | T::Pid32 => param.int().map(Value::I64),
        T::Bool => param.int().map(|value| Value::Bool(value != 0)),
        T::Double => param.bytes.try_into().ok().map(|b| Value::F64(f64::from_le_bytes(b))),
        T::Ipv4Addr | T::Ipv6Addr | T::IpAddr => ip(param.bytes),
        _ => Some(param.int().map_or(Value::Bytes(param.bytes), |value| Value::U64(value as u64))),
    }
}

fn ip(bytes: &[u8]) -> Option<Value<'_>> {
    if let Ok(four) = <[u8; 4]>::try_from(bytes) {
        return Some(Value::Ip(four.into()));
    }
    <[u8; 16]>::try_from(bytes).ok().map(|sixteen| Value::Ip(sixteen.into()))
}
