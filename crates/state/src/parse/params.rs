//! Reading parameters as state needs them.

use event::{Event, Param, print::text::until_nul};

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
    text_of(event.bytes(index).unwrap_or_default())
}

fn text_of(bytes: &[u8]) -> &[u8] {
    if bytes.is_empty() || bytes == OLD_NULL { NOT_AVAILABLE } else { until_nul(bytes) }
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

/// The first parameters of an event, found in one pass: cheaper than one by one where several are
/// read.
pub(super) struct First<'e, const N: usize>([Option<Param<'e>>; N]);

impl<'e, const N: usize> First<'e, N> {
    pub(super) fn of(event: &Event<'e>) -> Self {
        Self(event.first_params())
    }

    fn param(&self, index: usize) -> Option<&Param<'e>> {
        self.0.get(index)?.as_ref()
    }

    pub(super) fn int(&self, index: usize) -> Option<i64> {
        self.param(index)?.int()
    }

    /// As [`u32`]; 0 if there is none.
    pub(super) fn u32_or_0(&self, index: usize) -> u32 {
        self.int(index).map_or(0, |v| v as u32)
    }

    /// As [`u64`]; 0 if there is none.
    pub(super) fn u64_or_0(&self, index: usize) -> u64 {
        self.int(index).map_or(0, |v| v as u64)
    }

    /// As [`text`].
    pub(super) fn text(&self, index: usize) -> &'e [u8] {
        text_of(self.param(index).map_or(&[], |param| param.bytes))
    }
}
