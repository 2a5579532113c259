//! The enter events that wait for their exit events: at most one for each thread.

use std::{
    collections::HashMap,
    hash::{BuildHasher, Hasher, RandomState},
};

use event::{Event, EventType, raw::LenWidth};

/// Most threads remembered. Each may have one syscall pending, so this is also how many threads
/// may be blocked at once without loss.
pub(super) const MAX_SLOTS: usize = 32 * 1024;
/// Most bytes held for their events.
pub(super) const MAX_HELD_BYTES: usize = 4 * 1024 * 1024;
/// Slots looked at for one that is not waiting before one that is gives way.
const EVICTION_REACH: usize = 16;

/// Enter events by thread. Slots and their buffers stay with a thread once it has one, so a steady
/// stream allocates nothing.
#[derive(Debug)]
pub(super) struct Enters {
    by_tid: HashMap<u64, u32, SeededHasher>,
    slots: Vec<Slot>,
    /// Where the search for a slot to give up begins.
    hand: usize,
    held_bytes: usize,
}

#[derive(Debug)]
struct Slot {
    tid: u64,
    waiting: bool,
    kind: EventType,
    width: LenWidth,
    lens_bytes: usize,
    /// Lengths, then parameters.
    bytes: Vec<u8>,
}

/// A stored event's place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct SlotId(u32);

impl Default for Enters {
    fn default() -> Self {
        let by_tid = HashMap::with_hasher(SeededHasher::default());
        Self { by_tid, slots: Vec::new(), hand: 0, held_bytes: 0 }
    }
}

impl Enters {
    /// Stores an event in place of its thread's last one; says how many others had to give way.
    pub(super) fn store(&mut self, event: &Event<'_>) -> u64 {
        let tid = event.tid as u64;
        let (at, mut evicted) = match self.by_tid.get(&tid) {
            Some(&at) => (at as usize, 0),
            None => self.new_slot(tid),
        };
        let Some(slot) = self.slots.get_mut(at) else { return evicted };
        let before = slot.bytes.capacity();
        slot.waiting = true;
        slot.kind = event.kind;
        slot.width = event.len_width();
        slot.lens_bytes = event.len_bytes().len();
        slot.bytes.clear();
        slot.bytes.extend_from_slice(event.len_bytes());
        slot.bytes.extend_from_slice(event.data());
        self.held_bytes += slot.bytes.capacity() - before;
        if self.held_bytes > MAX_HELD_BYTES {
            evicted += self.shed(at);
        }
        evicted
    }

    /// The event that waits for this thread, with its type.
    #[inline]
    pub(super) fn find(&self, tid: i64) -> Option<(SlotId, EventType)> {
        let at = *self.by_tid.get(&(tid as u64))?;
        let slot = self.slots.get(at as usize)?;
        slot.waiting.then_some((SlotId(at), slot.kind))
    }

    /// A stored event, also after [`Enters::release`] until the next is stored.
    pub(super) fn view(&self, id: SlotId) -> Option<Event<'_>> {
        let slot = self.slots.get(id.0 as usize)?;
        let (lens, data) = slot.bytes.split_at_checked(slot.lens_bytes)?;
        Some(Event::of_parts(0, 0, slot.tid as i64, slot.kind, slot.width, lens, data))
    }

    /// The event is no longer waited for.
    pub(super) fn release(&mut self, id: SlotId) {
        if let Some(slot) = self.slots.get_mut(id.0 as usize) {
            slot.waiting = false;
        }
    }

    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Bytes held for events.
    pub(super) fn held_bytes(&self) -> usize {
        self.held_bytes
    }

    fn new_slot(&mut self, tid: u64) -> (usize, u64) {
        if self.slots.len() < MAX_SLOTS {
            let at = self.slots.len();
            self.by_tid.insert(tid, at as u32);
            self.slots.push(Slot {
                tid,
                waiting: false,
                kind: event::syscalls::GENERIC_E,
                width: LenWidth::U16,
                lens_bytes: 0,
                bytes: Vec::new(),
            });
            return (at, 0);
        }
        let at = self.give_up();
        let slot = &mut self.slots[at];
        let lost = u64::from(slot.waiting);
        self.by_tid.remove(&slot.tid);
        slot.tid = tid;
        self.by_tid.insert(tid, at as u32);
        (at, lost)
    }

    /// A slot to use for another thread: the next that is not waiting, or else simply the next.
    fn give_up(&mut self) -> usize {
        let count = self.slots.len();
        let reach = (0..EVICTION_REACH.min(count)).map(|step| (self.hand + step) % count);
        let at = { reach }.find(|&at| !self.slots[at].waiting).unwrap_or(self.hand);
        self.hand = (at + 1) % count;
        at
    }

    /// Frees the buffers of other slots until the bound is kept.
    fn shed(&mut self, keep: usize) -> u64 {
        let mut lost = 0;
        for (at, slot) in self.slots.iter_mut().enumerate() {
            if at == keep || slot.bytes.capacity() == 0 {
                continue;
            }
            lost += u64::from(slot.waiting);
            slot.waiting = false;
            self.held_bytes -= slot.bytes.capacity();
            slot.bytes = Vec::new();
            slot.lens_bytes = 0;
            if self.held_bytes <= MAX_HELD_BYTES / 2 {
                break;
            }
        }
        lost
    }
}

/// Hashes thread ids by one multiplication, seeded so that a capture cannot be made to collide.
#[derive(Clone, Debug)]
struct SeededHasher {
    seed: u64,
}

impl Default for SeededHasher {
    fn default() -> Self {
        Self { seed: RandomState::new().build_hasher().finish() }
    }
}

impl BuildHasher for SeededHasher {
    type Hasher = Folded;

    fn build_hasher(&self) -> Folded {
        Folded { state: self.seed }
    }
}

struct Folded {
    state: u64,
}

impl Hasher for Folded {
    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.write_u64(u64::from(byte));
        }
    }

    fn write_u64(&mut self, value: u64) {
        const ODD: u128 = 0x9E37_79B9_7F4A_7C15;
        let product = u128::from(self.state ^ value) * ODD;
        self.state = (product as u64) ^ ((product >> 64) as u64);
    }

    fn finish(&self) -> u64 {
        self.state
    }
}
