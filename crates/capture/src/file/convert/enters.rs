//! The enter events that wait for their exit events: at most one for each thread.

use std::{
    collections::HashMap,
    hash::{BuildHasher, Hasher, RandomState},
};

use event::{Event, EventType, raw::LenWidth};

/// Most threads remembered. Each may have one syscall pending, so this is also how many threads
/// may be blocked at once without loss.
const MAX_SLOTS: usize = 32 * 1024;
/// Most bytes held for the events themselves.
const MAX_EVENT_BYTES: usize = 4 * 1024 * 1024;
/// Bytes of an entry of the table of threads: key, value, padding, and the table's own byte.
const TABLE_ENTRY_BYTES: usize = 17;
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
    event_bytes: usize,
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
        Self { by_tid, slots: Vec::new(), hand: 0, event_bytes: 0 }
    }
}

impl Enters {
    /// Most that [`Enters::held_bytes`] says: vectors and tables grow to powers of two.
    pub(super) const MAX_BYTES: usize = MAX_EVENT_BYTES
        + MAX_SLOTS.next_power_of_two() * size_of::<Slot>()
        + 2 * MAX_SLOTS.next_power_of_two() * TABLE_ENTRY_BYTES;

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
        self.event_bytes += slot.bytes.capacity() - before;
        if self.event_bytes > MAX_EVENT_BYTES {
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

    /// The thread is gone: what it entered last, mostly its own exit, is waited for no more.
    pub(super) fn give_back(&mut self, tid: i64) {
        if let Some((id, _)) = self.find(tid) {
            self.release(id);
        }
    }

    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Bytes of memory held.
    pub(super) fn held_bytes(&self) -> usize {
        self.event_bytes
            + self.slots.capacity() * size_of::<Slot>()
            + self.by_tid.capacity() * TABLE_ENTRY_BYTES
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
            self.event_bytes -= slot.bytes.capacity();
            slot.bytes = Vec::new();
            slot.lens_bytes = 0;
            if self.event_bytes <= MAX_EVENT_BYTES / 2 {
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

#[cfg(test)]
mod tests {
    use event::{EventBuilder, syscalls::READ_E};

    use super::*;

    fn store(enters: &mut Enters, tid: i64, bytes: &[u8]) -> u64 {
        let mut builder = EventBuilder::default();
        builder.start(READ_E, 0, tid, 0).raw(bytes);
        enters.store(&builder.event().unwrap())
    }

    fn stored(enters: &Enters, tid: i64) -> Option<Vec<u8>> {
        let (id, kind) = enters.find(tid)?;
        assert_eq!(kind, READ_E);
        enters.view(id)?.bytes(0).map(<[u8]>::to_vec)
    }

    #[test]
    fn a_thread_has_the_event_stored_last() {
        let mut enters = Enters::default();
        store(&mut enters, 1, b"one");
        store(&mut enters, 2, b"two");
        store(&mut enters, 1, b"three");
        assert_eq!(stored(&enters, 1).as_deref(), Some(&b"three"[..]));
        assert_eq!(stored(&enters, 2).as_deref(), Some(&b"two"[..]));
        assert_eq!(stored(&enters, 3), None);
    }

    #[test]
    fn a_released_event_is_found_no_more() {
        let mut enters = Enters::default();
        store(&mut enters, 1, b"one");
        let (id, _) = enters.find(1).unwrap();
        enters.release(id);
        assert_eq!(stored(&enters, 1), None);
        store(&mut enters, 1, b"two");
        assert_eq!(stored(&enters, 1).as_deref(), Some(&b"two"[..]));
    }

    #[test]
    fn threads_that_wait_for_nothing_give_way_first() {
        let mut enters = Enters::default();
        let count = MAX_SLOTS as i64;
        let lost: u64 = (0..count).map(|tid| store(&mut enters, tid, b"x")).sum();
        assert_eq!(lost, 0);
        let (id, _) = enters.find(5).unwrap();
        enters.release(id);
        assert_eq!(store(&mut enters, count, b"y"), 0, "thread 5 waited for nothing");
        assert_eq!(store(&mut enters, count + 1, b"z"), 1, "all others wait");
        assert_eq!(enters.slots.len(), MAX_SLOTS);
        assert_eq!(enters.by_tid.len(), MAX_SLOTS);
        assert!(stored(&enters, count).is_some() && stored(&enters, count + 1).is_some());
    }

    #[test]
    fn bytes_held_stay_under_the_bound() {
        let mut enters = Enters::default();
        let large = vec![0; 60_000];
        let mut lost = 0;
        for tid in 0..500 {
            lost += store(&mut enters, tid, &large);
            assert!(enters.held_bytes() <= Enters::MAX_BYTES);
            assert!(stored(&enters, tid).is_some(), "the one stored last is there");
        }
        let real: usize = enters.slots.iter().map(|slot| slot.bytes.capacity()).sum();
        assert_eq!(enters.event_bytes, real);
        assert!(real <= MAX_EVENT_BYTES);
        assert!(lost > 400);
    }
}
