//! Event blocks: header, lengths and parameters, in place.

use std::ops::Range;

use event::{
    Event, EventType,
    raw::LenWidth,
    syscalls::{INFRASTRUCTURE_EVENT_E, NOTIFICATION_E},
};

use super::block::{EventBlock, EventVersion};
use super::cursor::Cursor;

/// V1 headers of two types say this much too many bytes.
const V1_SURPLUS_BYTES: usize = 3;
/// Flag of an event that is there for the sake of state alone.
pub(super) const STATE_ONLY: u32 = 1;

/// What the body of an event block holds.
#[derive(Debug)]
pub(super) enum Body {
    /// An event of the schema.
    Event(Parts),
    /// An event of a type that the schema does not have.
    Unknown,
    /// Not an event of this type.
    Damaged(u16),
}

/// An event as places in its block's body, to be viewed again without another check.
#[derive(Clone, Debug)]
pub(super) struct Parts {
    cpu: u16,
    ts_ns: u64,
    tid: i64,
    kind: EventType,
    state_only: bool,
    width: LenWidth,
    // A block has at most 16 MiB.
    lens: Range<u32>,
    data: Range<u32>,
    /// Whether it has parameters that the schema does not know, which the view leaves out.
    pub(super) surplus: bool,
}

impl Parts {
    /// The event in `body`, from which these parts were made.
    #[inline]
    pub(super) fn view<'a>(&self, body: &'a [u8]) -> Event<'a> {
        let lens = body.get(span(&self.lens)).unwrap_or_default();
        let data = body.get(span(&self.data)).unwrap_or_default();
        let mut event =
            Event::of_parts(self.cpu, self.ts_ns, self.tid, self.kind, self.width, lens, data);
        event.state_only = self.state_only;
        event
    }
}

#[inline]
fn span(range: &Range<u32>) -> Range<usize> {
    range.start as usize..range.end as usize
}

/// Finds the event in a block's body; every bound is checked here. `None` if the body is shorter
/// than a header.
#[inline]
pub(super) fn parse(layout: EventBlock, body: &[u8]) -> Option<Body> {
    let mut cursor = Cursor::new(body);
    let cpu = cursor.u16()?;
    let flags = if layout.flags { cursor.u32()? } else { 0 };
    let event_at = body.len() - cursor.left();
    let ts_ns = cursor.u64()?;
    let tid = cursor.i64()?;
    let said = cursor.u32()? as usize;
    let number = cursor.u16()?;
    let counted = layout.version != EventVersion::V1;
    let count = if counted { cursor.u32()? } else { 0 };
    let Some(kind) = EventType::new(number) else { return Some(Body::Unknown) };

    let lens_at = body.len() - cursor.left();
    let said = if counted { said } else { said.saturating_sub(v1_surplus(kind)) };
    let there = body.get(..event_at.saturating_add(said)).and_then(|event| event.get(lens_at..));
    let shape = if counted {
        there.and_then(|rest| shape_v2(kind, count, rest))
    } else {
        there.and_then(|rest| shape_v1(kind, rest))
    };
    let Some(shape) = shape else { return Some(Body::Damaged(number)) };
    let lens = lens_at as u32..(lens_at + shape.count * shape.width.bytes()) as u32;
    let data_at = lens_at + shape.lens_bytes;
    Some(Body::Event(Parts {
        cpu,
        ts_ns,
        tid,
        kind,
        state_only: flags & STATE_ONLY != 0,
        width: shape.width,
        lens,
        data: data_at as u32..(data_at + shape.data_bytes) as u32,
        surplus: shape.surplus,
    }))
}

fn v1_surplus(kind: EventType) -> usize {
    match kind {
        NOTIFICATION_E | INFRASTRUCTURE_EVENT_E => V1_SURPLUS_BYTES,
        _ => 0,
    }
}

/// How lengths and parameters lie behind a header.
struct Shape {
    width: LenWidth,
    /// Parameters that are there and known.
    count: usize,
    /// Bytes of all lengths, also of unknown parameters.
    lens_bytes: usize,
    /// Bytes of the known parameters.
    data_bytes: usize,
    surplus: bool,
}

fn shape_v2(kind: EventType, count: u32, rest: &[u8]) -> Option<Shape> {
    let width = LenWidth::of(kind);
    let lens_bytes = (count as usize).checked_mul(width.bytes())?;
    let (lens, data) = rest.split_at_checked(lens_bytes)?;
    let count = count as usize;
    let known = count.min(kind.info().params.len());
    let (known_lens, other_lens) = lens.split_at_checked(known * width.bytes())?;
    let data_bytes = sum(known_lens, width);
    let all_bytes = data_bytes + sum(other_lens, width);
    let surplus = known < count;
    (all_bytes <= data.len()).then_some(Shape {
        width,
        count: known,
        lens_bytes,
        data_bytes,
        surplus,
    })
}

/// V1 does not say how many parameters there are: the largest number that the schema allows and
/// with which the lengths add up to the event's own.
fn shape_v1(kind: EventType, rest: &[u8]) -> Option<Shape> {
    for count in (0..=kind.info().params.len()).rev() {
        let Some((lens, data)) = rest.split_at_checked(count * 2) else { continue };
        let data_bytes = sum(lens, LenWidth::U16);
        if data_bytes < data.len() {
            return None;
        }
        if data_bytes == data.len() {
            let lens_bytes = count * 2;
            return Some(Shape {
                width: LenWidth::U16,
                count,
                lens_bytes,
                data_bytes,
                surplus: false,
            });
        }
    }
    None
}

#[inline]
fn sum(lens: &[u8], width: LenWidth) -> usize {
    match width {
        LenWidth::U16 => {
            lens.chunks_exact(2).map(|b| usize::from(u16::from_le_bytes([b[0], b[1]]))).sum()
        }
        LenWidth::U32 => lens
            .chunks_exact(4)
            .map(|b| u32::from_le_bytes([b[0], b[1], b[2], b[3]]) as usize)
            .sum(),
    }
}
