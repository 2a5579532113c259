//! What the programs could not hand on: counted by them, for each cause and CPU; and what came from
//! them and is no event.

use std::{collections::BTreeMap, mem};

/// Counters of a CPU, as the programs have them.
const SLOTS: usize = 8;

/// Places of the counters.
const MADE: usize = 0;

/// Why events are lost, each with the place of its counter. The numbers are those of `enum cause` in
/// `bpf/record.h`.
const CAUSES: [(usize, &str); 3] = [
    (1, "the buffer of processes and privileges was full"),
    (2, "the buffer of files and network was full"),
    (3, "longer than any event may be"),
];

/// Why programs do not run: a kernel that takes the processor from a program in the middle of it does not
/// run the same program for who has the processor next. What they would have told is not known; so they
/// count as an event each.
const INTERRUPTED: &str = "a program in the kernel was wanted while it was interrupted";

/// Why the reader itself loses some: the schema of the events is another one.
const MALFORMED: &str = "not of the schema";

/// How many events there were.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Events that were made, lost ones included.
    pub made: u64,
    /// Events that were lost.
    pub lost: u64,
}

/// Events that were lost since they were looked for last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Loss {
    pub(super) events: u64,
    pub(super) cause: &'static str,
    /// Where, if that is known.
    pub(super) cpu: Option<u16>,
}

impl Loss {
    /// Whether beginnings of threads and programs may be among what was lost.
    pub(super) fn hides_beginnings(&self) -> bool {
        let of_files_and_network = CAUSES[1].1;
        self.cause != of_files_and_network
    }
}

/// What was counted when it was last looked.
#[derive(Debug, Default)]
pub(super) struct Losses {
    before: Vec<u64>,
    /// How often programs did not run.
    missed: u64,
    made: u64,
    /// All that was lost so far, by cause.
    by_cause: BTreeMap<&'static str, u64>,
    /// What was no event since it was last looked, by CPU.
    malformed: BTreeMap<u16, u64>,
}

impl Losses {
    /// How many events there were when it was last looked.
    pub(super) fn figures(&self) -> Figures {
        Figures { made: self.made, lost: self.by_cause.values().sum() }
    }

    /// How many events were lost for each cause when it was last looked.
    pub(super) fn by_cause(&self) -> impl Iterator<Item = (&'static str, u64)> {
        self.by_cause.iter().map(|(cause, events)| (*cause, *events))
    }

    /// What came from a CPU is no event.
    pub(super) fn malformed(&mut self, cpu: u16) {
        *self.malformed.entry(cpu).or_default() += 1;
    }

    /// Compares the counters of all CPUs, and how often programs did not run, with those of the last time.
    pub(super) fn look(&mut self, counts: &[u8], missed: u64) -> Vec<Loss> {
        let (words, _) = counts.as_chunks::<8>();
        let now: Vec<u64> = words.iter().map(|word| u64::from_le_bytes(*word)).collect();
        self.before.resize(now.len(), 0);
        let malformed = mem::take(&mut self.malformed);
        let mut losses: Vec<Loss> = malformed
            .into_iter()
            .map(|(cpu, events)| Loss { events, cause: MALFORMED, cpu: Some(cpu) })
            .collect();
        let interrupted = missed.saturating_sub(self.missed);
        if interrupted > 0 {
            losses.push(Loss { events: interrupted, cause: INTERRUPTED, cpu: None });
        }
        self.missed = self.missed.max(missed);
        let made: u64 = now.chunks(SLOTS).filter_map(|counters| counters.get(MADE)).sum();
        self.made = made + self.missed;
        for (cpu, (now, before)) in now.chunks(SLOTS).zip(self.before.chunks(SLOTS)).enumerate() {
            let cpu = u16::try_from(cpu).unwrap_or(u16::MAX);
            losses.extend(CAUSES.into_iter().filter_map(|(slot, cause)| {
                let events = now.get(slot)?.wrapping_sub(*before.get(slot)?);
                (events > 0).then_some(Loss { events, cause, cpu: Some(cpu) })
            }));
        }
        for loss in &losses {
            *self.by_cause.entry(loss.cause).or_default() += loss.events;
        }
        self.before = now;
        losses
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SLOT_BYTES: usize = SLOTS * 8;

    #[test]
    fn losses_are_told_once_by_cause_and_cpu() {
        let mut losses = Losses::default();
        let mut counts = vec![0u8; 3 * SLOT_BYTES];
        assert_eq!(losses.look(&counts, 0), []);
        counts[SLOT_BYTES] = 10;
        counts[SLOT_BYTES + 8] = 3;
        counts[2 * SLOT_BYTES + 16] = 1;
        let [first, second, _] = CAUSES.map(|(_, cause)| cause);
        let expected = [(3, first, 1), (1, second, 2)].map(|(events, cause, cpu)| Loss {
            events,
            cause,
            cpu: Some(cpu),
        });
        assert_eq!(losses.look(&counts, 0), expected);
        assert_eq!(losses.figures(), Figures { made: 10, lost: 4 });
        assert_eq!(losses.look(&counts, 0), []);
        losses.malformed(7);
        assert_eq!(losses.look(&counts, 0), [Loss { events: 1, cause: MALFORMED, cpu: Some(7) }]);
        counts[2 * SLOT_BYTES + 16] = 3;
        losses.look(&counts, 0);
        let by_cause: Vec<_> = losses.by_cause().collect();
        assert_eq!(by_cause, [(MALFORMED, 1), (second, 3), (first, 3)]);
        assert_eq!(losses.figures(), Figures { made: 10, lost: 7 });
        let interrupted = [Loss { events: 5, cause: INTERRUPTED, cpu: None }];
        assert_eq!(losses.look(&counts, 5), interrupted);
        assert_eq!(losses.look(&counts, 5), []);
        assert_eq!(losses.figures(), Figures { made: 15, lost: 12 });
    }
}
