//! What the programs could not hand on: counted by them, for each cause and CPU.

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
    pub(super) cpu: u16,
}

/// What was counted when it was last looked.
#[derive(Debug, Default)]
pub(super) struct Losses {
    before: Vec<u64>,
    pub(super) figures: Figures,
}

impl Losses {
    /// Compares the counters of all CPUs with those of the last time.
    pub(super) fn look(&mut self, counts: &[u8]) -> Vec<Loss> {
        let (words, _) = counts.as_chunks::<8>();
        let now: Vec<u64> = words.iter().map(|word| u64::from_le_bytes(*word)).collect();
        self.before.resize(now.len(), 0);
        let mut losses = Vec::new();
        self.figures = Figures::default();
        for (cpu, (now, before)) in now.chunks(SLOTS).zip(self.before.chunks(SLOTS)).enumerate() {
            let at = |counters: &[u64], slot: usize| counters.get(slot).copied().unwrap_or(0);
            self.figures.made += at(now, MADE);
            for (slot, cause) in CAUSES {
                self.figures.lost += at(now, slot);
                let events = at(now, slot).wrapping_sub(at(before, slot));
                if events > 0 {
                    losses.push(Loss {
                        events,
                        cause,
                        cpu: u16::try_from(cpu).unwrap_or(u16::MAX),
                    });
                }
            }
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
        assert_eq!(losses.look(&counts), []);
        counts[SLOT_BYTES] = 10;
        counts[SLOT_BYTES + 8] = 3;
        counts[2 * SLOT_BYTES + 16] = 1;
        let [first, second, _] = CAUSES.map(|(_, cause)| cause);
        let expected =
            [Loss { events: 3, cause: first, cpu: 1 }, Loss { events: 1, cause: second, cpu: 2 }];
        assert_eq!(losses.look(&counts), expected);
        assert_eq!(losses.figures, Figures { made: 10, lost: 4 });
        assert_eq!(losses.look(&counts), []);
    }
}
