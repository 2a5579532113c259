//! How it ended.

use event::{Event, print, schema::Origin, syscalls::GENERIC_X};

use super::EventNames;
use crate::{
    fields::{Field, FieldTraits},
    value::{FieldType, Value},
};

pub(super) const FIELDS: &[Field] = &[
    Field::text(
        "evt.res",
        "`SUCCESS`, or the name of the error; nothing for events without a result.",
        "evt.res = ENOENT",
        |context, _, scratch| {
            if returned(&context.event)? >= 0 {
                return Some(Value::Text(b"SUCCESS"));
            }
            scratch.text.clear();
            print::arg(&context.event, 0, &EventNames(context), &mut scratch.text);
            Some(Value::Text(&scratch.text))
        },
    ),
    Field::one(
        "evt.rawres",
        FieldType::Int64,
        "The result as a number; negative for errors.",
        "evt.rawres < 0",
        |context, _, _| returned(&context.event).map(Value::I64),
    )
    .with_traits(FieldTraits::FEW_VALUES),
    Field::one(
        "evt.failed",
        FieldType::Bool,
        "Whether it ended in an error; nothing for events without a result.",
        "evt.failed = true",
        |context, _, _| Some(Value::Bool(returned(&context.event)? < 0)),
    ),
];

/// What the syscall returned: its first parameter. `None` for events that are not a syscall's
/// return, and for syscalls without parameters of their own. 0 for a value of another length.
pub(super) fn returned(event: &Event<'_>) -> Option<i64> {
    let ends_syscall =
        event.kind != GENERIC_X && event.kind.is_exit() && event.info().origin == Origin::Syscall;
    let bytes = event.bytes(0).filter(|_| ends_syscall && !event.info().params.is_empty())?;
    Some(match *bytes {
        [a, b, c, d] => i64::from(i32::from_le_bytes([a, b, c, d])),
        [a, b, c, d, e, f, g, h] => i64::from_le_bytes([a, b, c, d, e, f, g, h]),
        _ => 0,
    })
}
