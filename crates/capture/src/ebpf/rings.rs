//! Both rings as one, in the order of the times of what is in them.

use std::{thread, time::Duration};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::{
    clock,
    ring::Ring,
    told::{Told, kind, split, time},
};

/// How long an event may be on its way to memory that is reserved for it: one of the other ring that is
/// later comes first only when so much time has passed.
const SETTLED_NS: u64 = 2_000_000;
/// And how long it may be in the making, if it is seen that one is: whoever makes it may have lost the
/// processor, which may be one that somebody else emulates. So long nobody waits whose own ring fills.
const MAKING_NS: u64 = 5_000_000_000;
/// How often it is looked for events; the kernel wakes us only when there are many.
const LOOK: Duration = Duration::from_millis(10);

/// The ring of life and privileges, and that of all others.
#[derive(Debug)]
pub(super) struct Rings {
    rings: [Ring; 2],
    /// Which one's record was handed on, to be given back.
    held: Option<usize>,
    /// Both were looked at since then, ns since boot.
    peeked_ns: u64,
}

/// The record that comes next.
#[derive(Clone, Copy, Debug)]
pub(super) struct First {
    ring: usize,
    /// The time of its event, ns since boot.
    pub(super) time_ns: u64,
}

impl Rings {
    /// Reads these two. What they have from before `now_ns`, since boot, is given back; says how many records
    /// that were.
    pub(super) fn new(mut rings: [Ring; 2], now_ns: u64) -> (Self, u64) {
        let early = rings.iter_mut().map(|ring| drop_before(ring, now_ns)).sum();
        (Self { rings, held: None, peeked_ns: 0 }, early)
    }

    /// Gives the record that was taken last back to the kernel.
    #[inline]
    pub(super) fn give_back(&mut self) {
        if let Some(ring) = self.held.take() {
            self.rings[ring].advance();
        }
    }

    /// The record that comes next, if it is certain that none comes before it.
    #[inline]
    pub(super) fn first(&mut self) -> Option<First> {
        let [life, main] = self.rings.each_mut().map(|ring| ring.peek().map(time));
        let (ring, time_ns) = match (life, main) {
            (None, None) => return None,
            (Some(life), Some(main)) => (usize::from(main < life), life.min(main)),
            (Some(life), None) => (0, life),
            (None, Some(main)) => (1, main),
        };
        let first = First { ring, time_ns };
        let is_alone = life.is_none() || main.is_none();
        if !is_alone || self.is_settled(first) { Some(first) } else { self.first_later() }
    }

    /// Whether the other ring, where nothing is ready, had nothing that comes first when it was looked at.
    fn is_settled(&self, first: First) -> bool {
        let [one, other] = [&self.rings[first.ring], &self.rings[1 - first.ring]];
        let within_ns =
            if other.is_waiting() && !one.is_filling() { MAKING_NS } else { SETTLED_NS };
        first.time_ns.saturating_add(within_ns) <= self.peeked_ns
    }

    /// As [`Self::first`], where both have to be looked at again from now on.
    #[inline(never)]
    fn first_later(&mut self) -> Option<First> {
        let now_ns = clock::since_boot_ns();
        if now_ns <= self.peeked_ns {
            return None;
        }
        self.peeked_ns = now_ns;
        let times = self.rings.each_mut().map(|ring| ring.peek().map(time));
        let [life, main] = times;
        let ring = usize::from(main.is_some_and(|main| life.is_none_or(|life| main < life)));
        let first = First { ring, time_ns: times[ring]? };
        (times[1 - ring].is_some() || self.is_settled(first)).then_some(first)
    }

    /// Takes the record that comes next; `None` if it is no record of ours.
    #[inline]
    pub(super) fn take(&mut self, first: First) -> Option<Told<'_>> {
        self.held = Some(first.ring);
        self.rings[first.ring].peek().and_then(split)
    }

    /// What kind of record comes next.
    #[inline]
    pub(super) fn kind(&mut self, first: First) -> u16 {
        self.rings[first.ring].peek().map_or(0, kind)
    }

    /// Whether there is nothing that could be taken.
    pub(super) fn is_empty(&mut self) -> bool {
        self.rings.iter_mut().all(|ring| ring.peek().is_none())
    }

    /// Waits until there may be something, or for about so long.
    pub(super) fn wait(&self, within: Duration) {
        if self.rings.iter().any(Ring::is_waiting) {
            thread::sleep(within.min(Duration::from_nanos(SETTLED_NS)));
            return;
        }
        let look = Timespec::try_from(within.min(LOOK)).ok();
        let mut fds = self.rings.each_ref().map(|ring| PollFd::new(ring, PollFlags::IN));
        // A signal may end it early, which is as good as time passing.
        let _ = poll(&mut fds, look.as_ref());
    }
}

/// Gives back what a ring has from before a time, ns since boot; how many records that are.
fn drop_before(ring: &mut Ring, ns: u64) -> u64 {
    let mut dropped = 0;
    while ring.peek().map(time).is_some_and(|time| time < ns) {
        ring.advance();
        dropped += 1;
    }
    dropped
}
