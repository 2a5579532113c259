//! Notices that very old recorders took from Docker: a description of `Key: value` pairs,
//! separated by semicolons.

use event::{Event, syscalls::INFRASTRUCTURE_EVENT_E};

use crate::{
    fields::{ExtractOne, Field},
    value::Value,
};

const fn docker(
    name: &'static str,
    doc: &'static str,
    example: &'static str,
    one: ExtractOne,
) -> Field {
    Field::text(name, doc, example, one)
}

/// Bytes of a container's short id.
const SHORT_ID_BYTES: usize = 12;

pub(super) const FIELDS: &[Field] = &[
    docker(
        "evt.infra.docker.name",
        "What happened to the container.",
        "evt.infra.docker.name = start",
        |context, _, _| described(&context.event, b"Event").map(Value::Text),
    ),
    docker(
        "evt.infra.docker.container.id",
        "Short id of the container.",
        "evt.infra.docker.container.id exists",
        |context, _, _| {
            let id = described(&context.event, b"ID")?;
            Some(Value::Text(id.get(..SHORT_ID_BYTES).unwrap_or(id)))
        },
    ),
    docker(
        "evt.infra.docker.container.name",
        "Name of the container.",
        "evt.infra.docker.container.name = web",
        |context, _, _| described(&context.event, b"name").map(Value::Text),
    ),
    docker(
        "evt.infra.docker.container.image",
        "Image of the container, without its digest.",
        "evt.infra.docker.container.image = nginx",
        |context, _, _| {
            let image = described(&context.event, b"Image")?;
            Some(Value::Text(image.split(|&b| b == b'@').next()?.trim_ascii()))
        },
    ),
];

/// What the description says under this key.
fn described<'v>(event: &Event<'v>, key: &[u8]) -> Option<&'v [u8]> {
    if event.kind != INFRASTRUCTURE_EVENT_E {
        return None;
    }
    let pair = event
        .text(2)?
        .split(|&b| b == b';')
        .map(<[u8]>::trim_ascii)
        .find(|pair| pair.starts_with(key))?;
    let colon = pair.iter().position(|&b| b == b':')?;
    Some(pair.get(colon + 1..)?.trim_ascii())
}
