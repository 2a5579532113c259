//! Reading parameters as state needs them.

use event::Event;

use crate::text::NOT_AVAILABLE;

/// What old recorders wrote for text that they could not read.
const OLD_NULL: &[u8] = b"(NULL)\0";

/// What an event returned. `None` for events that return nothing.
pub(super) fn result(event: &Event<'_>) -> Option<i64> {
    event.int(0)
}

/// What an event returned, if it did not fail.
pub(super) fn success(event: &Event<'_>) -> Option<i64> {
    result(event).filter(|&result| result >= 0)
}

/// Parameter as text; `<NA>` if the recorder could not read it.
pub(super) fn text<'e>(event: &Event<'e>, index: usize) -> &'e [u8] {
    match event.bytes(index) {
        None | Some(b"" | OLD_NULL) => NOT_AVAILABLE,
        Some(bytes) => bytes.split(|&b| b == 0).next().unwrap_or(bytes),
    }
}

/// Parameter as text, if the recorder wrote any.
pub(super) fn text_if_any<'e>(event: &Event<'e>, index: usize) -> Option<&'e [u8]> {
    event.bytes(index).filter(|b| !b.is_empty()).map(|_| text(event, index))
}

/// Parameter of raw bytes, if there are any.
pub(super) fn bytes<'e>(event: &Event<'e>, index: usize) -> Option<&'e [u8]> {
    event.bytes(index).filter(|b| !b.is_empty())
}

/// Unsigned 64-bit parameter.
pub(super) fn u64(event: &Event<'_>, index: usize) -> Option<u64> {
    event.int(index).map(|v| v as u64)
}

/// Unsigned 32-bit parameter (or narrower); of a wider one the lower bits.
pub(super) fn u32(event: &Event<'_>, index: usize) -> Option<u32> {
    event.int(index).map(|v| v as u32)
}
