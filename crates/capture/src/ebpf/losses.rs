//! What the programs could not hand on: counted by them, for each cause and CPU; and what came from
//! them and is no event.

use std::{collections::BTreeMap, mem};

use super::counters::SLOTS;

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
    /// When it was looked for last before, ns since boot.
    pub(super) from_ns: u64,
}

impl Loss {
    /// Whether beginnings of threads and programs may be among what was lost.
    pub(super) fn hides_beginnings(&self) -> bool {
        let of_files_and_network = CAUSES[1].1;
        self.cause != of_files_and_network
    }
}

/// Whether programs are asked how often they did not run, each by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asking {
    /// They are.
    Programs,
    /// What they count is enough.
    Nobody,
}

/// After so long, ns, or so many events they are asked again: there are hundreds, and hardly one is ever wanted
/// while it is interrupted where little happens.
const ASK_NS: u64 = 4_000_000_000;
const ASK_EVENTS: u64 = 20_000;

/// What was counted when it was last looked.
#[derive(Debug, Default)]
pub(super) struct Losses {
    before: Vec<u64>,
    /// When that was, ns since boot.
    looked_ns: u64,
    /// How often programs did not run, and when they were asked.
    missed: u64,
    asked: Asked,
    made: u64,
    /// All that was lost so far, by cause.
    by_cause: BTreeMap<&'static str, u64>,
    /// What was no event since it was last looked, by CPU.
    malformed: BTreeMap<u16, u64>,
}

/// When programs were asked last.
#[derive(Clone, Copy, Debug, Default)]
struct Asked {
    /// ns since boot.
    ns: u64,
    /// How many events there were.
    made: u64,
}

impl Losses {
    /// Nothing was lost before `now_ns`, since boot.
    pub(super) fn since(now_ns: u64) -> Self {
        let asked = Asked { ns: now_ns, made: 0 };
        Self { looked_ns: now_ns, asked, ..Self::default() }
    }

    /// When it was last looked, ns since boot.
    pub(super) fn looked_ns(&self) -> u64 {
        self.looked_ns
    }

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

    /// Whether programs are to be asked when it is looked next.
    pub(super) fn asking(&self) -> Asking {
        let is_long_ago = self.looked_ns.saturating_sub(self.asked.ns) >= ASK_NS;
        let are_many = self.made.saturating_sub(self.asked.made) >= ASK_EVENTS;
        if is_long_ago || are_many { Asking::Programs } else { Asking::Nobody }
    }

    /// Compares the counters of all CPUs, and how often programs did not run if they were asked, with those of
    /// the last time. It is `now_ns`, since boot.
    pub(super) fn look(
        &mut self,
        now_ns: u64,
        counts: impl Iterator<Item = u64>,
        missed: Option<u64>,
    ) -> Vec<Loss> {
        let now: Vec<u64> = counts.collect();
        self.before.resize(now.len(), 0);
        let from_ns = mem::replace(&mut self.looked_ns, now_ns);
        let mut losses: Vec<Loss> = mem::take(&mut self.malformed)
            .into_iter()
            .map(|(cpu, events)| Loss { events, cause: MALFORMED, cpu: Some(cpu), from_ns })
            .collect();
        for (cpu, (now, before)) in now.chunks(SLOTS).zip(self.before.chunks(SLOTS)).enumerate() {
            let cpu = u16::try_from(cpu).ok();
            losses.extend(CAUSES.into_iter().filter_map(|(slot, cause)| {
                let events = now.get(slot)?.wrapping_sub(*before.get(slot)?);
                (events > 0).then_some(Loss { events, cause, cpu, from_ns })
            }));
        }
        losses.extend(missed.and_then(|missed| self.interrupted(missed)));
        for loss in &losses {
            *self.by_cause.entry(loss.cause).or_default() += loss.events;
        }
        let made: u64 = now.chunks(SLOTS).filter_map(|counters| counters.get(MADE)).sum();
        self.made = made + self.missed;
        if missed.is_some() {
            self.asked = Asked { ns: now_ns, made: self.made };
        }
        self.before = now;
        losses
    }

    /// What programs did not tell because they did not run, if they were not so often when they were asked last.
    fn interrupted(&mut self, missed: u64) -> Option<Loss> {
        let events = missed.saturating_sub(self.missed);
        self.missed = self.missed.max(missed);
        let loss = Loss { events, cause: INTERRUPTED, cpu: None, from_ns: self.asked.ns };
        (events > 0).then_some(loss)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Looks at a time.
    fn look(losses: &mut Losses, ns: u64, counts: &[u64], missed: Option<u64>) -> Vec<Loss> {
        losses.look(ns, counts.iter().copied(), missed)
    }

    #[test]
    fn losses_are_told_once_by_cause_and_cpu() {
        let mut losses = Losses::since(1);
        let mut counts = vec![0; 3 * SLOTS];
        assert_eq!(look(&mut losses, 2, &counts, Some(0)), []);
        counts[SLOTS] = 10;
        counts[SLOTS + 1] = 3;
        counts[2 * SLOTS + 2] = 1;
        let [first, second, _] = CAUSES.map(|(_, cause)| cause);
        let expected = [(3, first, 1), (1, second, 2)].map(|(events, cause, cpu)| Loss {
            events,
            cause,
            cpu: Some(cpu),
            from_ns: 2,
        });
        assert_eq!(look(&mut losses, 3, &counts, Some(0)), expected);
        assert_eq!(losses.figures(), Figures { made: 10, lost: 4 });
        assert_eq!(look(&mut losses, 4, &counts, Some(0)), []);
        losses.malformed(7);
        let malformed = Loss { events: 1, cause: MALFORMED, cpu: Some(7), from_ns: 4 };
        assert_eq!(look(&mut losses, 5, &counts, Some(0)), [malformed]);
        counts[2 * SLOTS + 2] = 3;
        look(&mut losses, 6, &counts, Some(0));
        let by_cause: Vec<_> = losses.by_cause().collect();
        assert_eq!(by_cause, [(MALFORMED, 1), (second, 3), (first, 3)]);
        assert_eq!(losses.figures(), Figures { made: 10, lost: 7 });
    }

    #[test]
    fn what_did_not_run_is_told_since_programs_were_asked_last() {
        let mut losses = Losses::since(1);
        let mut counts = vec![0; SLOTS];
        counts[MADE] = 10;
        assert_eq!(look(&mut losses, 2, &counts, None), []);
        let told = [Loss { events: 5, cause: INTERRUPTED, cpu: None, from_ns: 1 }];
        assert_eq!(look(&mut losses, 3, &counts, Some(5)), told);
        assert_eq!(look(&mut losses, 4, &counts, Some(5)), []);
        assert_eq!(look(&mut losses, 5, &counts, None), []);
        assert_eq!(losses.figures(), Figures { made: 15, lost: 5 });
    }

    #[test]
    fn programs_are_asked_after_some_time_or_many_events() {
        let mut losses = Losses::since(1);
        let mut counts = vec![0; SLOTS];
        look(&mut losses, ASK_NS, &counts, None);
        assert_eq!(losses.asking(), Asking::Nobody);
        look(&mut losses, ASK_NS + 1, &counts, None);
        assert_eq!(losses.asking(), Asking::Programs);
        look(&mut losses, ASK_NS + 2, &counts, Some(0));
        assert_eq!(losses.asking(), Asking::Nobody);
        counts[MADE] = ASK_EVENTS;
        look(&mut losses, ASK_NS + 3, &counts, None);
        assert_eq!(losses.asking(), Asking::Programs);
    }
}
