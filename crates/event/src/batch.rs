//! Events one behind the other in memory, as their bytes: what is read ahead, and what is looked
//! back at.
//!
//! Layout of each: time u64, tid u64, length of the parameters u32, type u16, CPU u16, length of
//! the lengths u8, flags u8, the lengths, the parameters. All little-endian, nothing aligned.

use crate::{Event, EventType, raw::LenWidth};

/// Bytes of an event before its lengths.
const HEAD_BYTES: usize = 26;
/// Flag: lengths have 32 bits.
const WIDE: u8 = 1;
/// Flag: [`Event::state_only`].
const STATE_ONLY: u8 = 2;

/// A row of events.
///
/// ```
/// use event::{EventBuilder, batch::Batch, syscalls::CLOSE_X};
/// let (mut batch, mut builder) = (Batch::default(), EventBuilder::default());
/// builder.start(CLOSE_X, 1_000, 42, 0).i64(0).i64(3);
/// batch.push(&builder.event()?);
/// let mut at = 0;
/// assert!(matches!(batch.next(&mut at), Some(event) if event.int(1) == Some(3)));
/// assert!(batch.next(&mut at).is_none());
/// # Ok::<(), event::builder::BuildError>(())
/// ```
#[derive(Debug, Default)]
pub struct Batch {
    bytes: Vec<u8>,
}

impl Batch {
    /// An empty one with room for so much.
    pub fn with_capacity(bytes: usize) -> Self {
        Self { bytes: Vec::with_capacity(bytes) }
    }

    /// Bytes that the events take.
    #[inline]
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Whether there is no event.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Bytes of memory that it holds.
    #[inline]
    pub fn capacity(&self) -> usize {
        self.bytes.capacity()
    }

    /// Forgets all events and keeps the memory.
    pub fn clear(&mut self) {
        self.bytes.clear();
    }

    /// Appends an event; one whose parameters have 4 GiB or more, which no source hands on, is left
    /// out.
    #[inline]
    pub fn push(&mut self, event: &Event<'_>) {
        let (lens, data) = (event.len_bytes(), event.data());
        let (Ok(lens_bytes), Ok(data_bytes)) =
            (u8::try_from(lens.len()), u32::try_from(data.len()))
        else {
            return;
        };
        let wide = if event.len_width() == LenWidth::U32 { WIDE } else { 0 };
        let state_only = if event.state_only { STATE_ONLY } else { 0 };
        let mut head = [0; HEAD_BYTES];
        head[..8].copy_from_slice(&event.ts_ns.to_le_bytes());
        head[8..16].copy_from_slice(&event.tid.to_le_bytes());
        head[16..20].copy_from_slice(&data_bytes.to_le_bytes());
        head[20..22].copy_from_slice(&event.kind.number().to_le_bytes());
        head[22..24].copy_from_slice(&event.cpu.to_le_bytes());
        head[24] = lens_bytes;
        head[25] = wide | state_only;
        self.bytes.reserve(HEAD_BYTES + lens.len() + data.len());
        self.bytes.extend_from_slice(&head);
        self.bytes.extend_from_slice(lens);
        self.bytes.extend_from_slice(data);
    }

    /// The event at this place, which then becomes the place of the next one. Begin with 0.
    #[inline]
    pub fn next(&self, at: &mut usize) -> Option<Event<'_>> {
        let (head, rest) = self.bytes.get(*at..)?.split_first_chunk::<HEAD_BYTES>()?;
        let [a, b, c, d, e, f, g, h, tid @ .., lens_bytes, flags] = *head;
        let ts_ns = u64::from_le_bytes([a, b, c, d, e, f, g, h]);
        let [a, b, c, d, e, f, g, h, size @ ..] = tid;
        let tid = i64::from_le_bytes([a, b, c, d, e, f, g, h]);
        let [a, b, c, d, kind, kind_high, cpu, cpu_high] = size;
        let data_bytes = u32::from_le_bytes([a, b, c, d]) as usize;
        let kind = EventType::new(u16::from_le_bytes([kind, kind_high]))?;
        let cpu = u16::from_le_bytes([cpu, cpu_high]);
        let (lens, rest) = rest.split_at_checked(usize::from(lens_bytes))?;
        let data = rest.get(..data_bytes)?;
        *at += HEAD_BYTES + lens.len() + data.len();
        let width = if flags & WIDE == 0 { LenWidth::U16 } else { LenWidth::U32 };
        let mut event = Event::of_parts(cpu, ts_ns, tid, kind, width, lens, data);
        event.state_only = flags & STATE_ONLY != 0;
        Some(event)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        EventBuilder,
        syscalls::{CONTAINER_JSON_2_E, GETUID_X, READ_X},
    };

    #[test]
    fn events_come_out_as_they_went_in() {
        let mut batch = Batch::default();
        let mut builder = EventBuilder::default();
        let kinds = [READ_X, CONTAINER_JSON_2_E, GETUID_X];
        for round in 0..2u8 {
            let mut places = Vec::new();
            for (index, kind) in kinds.into_iter().enumerate() {
                builder.start(kind, u64::MAX - index as u64, -(index as i64), index as u16);
                builder.raw(&vec![round; 40 * index]).raw(b"");
                let mut event = builder.event().unwrap();
                event.state_only = index == 1;
                places.push(batch.len());
                batch.push(&event);
            }
            let mut at = 0;
            for (index, kind) in kinds.into_iter().enumerate() {
                assert_eq!(at, places[index]);
                let event = batch.next(&mut at).unwrap();
                assert_eq!((event.kind, event.cpu), (kind, index as u16));
                assert_eq!((event.ts_ns, event.tid), (u64::MAX - index as u64, -(index as i64)));
                assert_eq!(event.bytes(0), Some(&vec![round; 40 * index][..]));
                assert_eq!((event.param_count(), event.state_only), (2, index == 1));
            }
            assert_eq!((at, batch.next(&mut at)), (batch.len(), None));
            batch.clear();
            assert!(batch.is_empty() && batch.capacity() > 0);
        }
    }
}
