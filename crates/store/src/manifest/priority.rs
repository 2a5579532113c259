//! Priorities as alerts spell them.

use event::alert::Priority;
use serde::{Deserialize, Deserializer, Serializer, de};

pub(super) fn serialize<S: Serializer>(priority: &Priority, out: S) -> Result<S::Ok, S::Error> {
    out.serialize_str(priority.name())
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(input: D) -> Result<Priority, D::Error> {
    String::deserialize(input)?.parse().map_err(de::Error::custom)
}
