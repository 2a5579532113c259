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

/// The parameters of an event one after the other, of types that are known: cheaper than one by one where
/// several are read. What the event lacks is empty.
pub(super) struct InOrder<P>(P);

/// Those of an event.
pub(super) fn in_order<'e>(
    event: &Event<'e>,
) -> InOrder<impl Iterator<Item = Param<'e>> + use<'e>> {
    InOrder(event.params())
}

impl<'e, P: Iterator<Item = Param<'e>>> InOrder<P> {
    #[inline]
    pub(super) fn bytes(&mut self) -> &'e [u8] {
        self.0.next().map_or(&[], |param| param.bytes)
    }

    /// As [`text`].
    #[inline]
    pub(super) fn text(&mut self) -> &'e [u8] {
        text_of(self.bytes())
    }

    /// A number of 64 bits, if there is one.
    #[inline]
    pub(super) fn i64(&mut self) -> Option<i64> {
        self.bytes().try_into().ok().map(i64::from_le_bytes)
    }

    /// The same; 0 if there is none.
    #[inline]
    pub(super) fn u64_or_0(&mut self) -> u64 {
        self.i64().unwrap_or_default() as u64
    }

    /// A number of 32 bits; 0 if there is none.
    #[inline]
    pub(super) fn u32_or_0(&mut self) -> u32 {
        self.bytes().try_into().map_or(0, u32::from_le_bytes)
    }

    /// A number of 16 bits; 0 if there is none.
    #[inline]
    pub(super) fn u16_or_0(&mut self) -> u16 {
        self.bytes().try_into().map_or(0, u16::from_le_bytes)
    }
}
