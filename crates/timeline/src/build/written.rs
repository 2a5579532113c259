//! How much was written to what is about to be closed, as recorders tell in notices.

use event::{
    Event, syscalls as ev,
    written::{self, Written},
};
use serde_json::Value;

/// Longer notices are not read.
const MOST_NOTICE_BYTES: usize = 1024;

/// What a notice says; `None` of any other event.
pub(super) fn of(event: &Event<'_>) -> Option<Written> {
    if event.kind != ev::ASYNCEVENT_E || event.text(1)? != written::NOTICE.as_bytes() {
        return None;
    }
    let data = event.bytes(2).filter(|data| data.len() <= MOST_NOTICE_BYTES)?;
    let told: Value = serde_json::from_slice(data).ok()?;
    Some(Written {
        fd: told.get("fd")?.as_i64()?,
        written: told.get("written")?.as_u64()?,
        read: told.get("read").and_then(Value::as_u64),
    })
}
