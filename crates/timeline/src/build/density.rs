//! How much happened when.
//!
//! The length of the recording is not known in advance, so events are counted in fine steps that
//! are joined in pairs whenever there are too many; in the end as many as needed are joined to
//! give a strip of about [`STEPS`].

use event::{EventType, schema::Category, syscalls as ev};
use state::Context;

use super::fds::{is_file, is_socket};
use crate::model::Density;

/// About how many steps there are in the end.
const STEPS: usize = 120;
/// Most fine steps.
const FINE_STEPS: usize = 4096;
/// Length of a fine step in the beginning, ns.
const FINE_NS: u64 = 1 << 10;

/// Counts of events in steps from the first one on.
#[derive(Debug)]
pub(super) struct Counts {
    first_ns: u64,
    step_ns: u64,
    steps: Vec<[u32; 4]>,
}

impl Counts {
    pub(super) fn beginning_at(first_ns: u64) -> Self {
        Self { first_ns, step_ns: FINE_NS, steps: Vec::new() }
    }

    /// Counts an event; one that comes from before the first counts at its time.
    pub(super) fn add(&mut self, context: &Context<'_>) {
        let index = self.place(context.event.ts_ns.saturating_sub(self.first_ns));
        if index >= self.steps.len() {
            self.steps.resize(index + 1, [0; 4]);
        }
        if let Some(count) = self.steps.get_mut(index).and_then(|s| s.get_mut(subject(context))) {
            *count = count.saturating_add(1);
        }
    }

    /// The fine step of a time, after joining as many as it takes.
    fn place(&mut self, since_ns: u64) -> usize {
        while since_ns / self.step_ns >= FINE_STEPS as u64 {
            self.join(2);
        }
        (since_ns / self.step_ns) as usize
    }

    fn join(&mut self, count: usize) {
        self.steps = self.steps.chunks(count).map(sum).collect();
        self.step_ns = self.step_ns.saturating_mul(count as u64);
    }

    pub(super) fn finish(mut self) -> Density {
        self.join(self.steps.len().div_ceil(STEPS).max(1));
        Density { step_ns: self.step_ns, steps: self.steps }
    }
}

fn sum(steps: &[[u32; 4]]) -> [u32; 4] {
    steps.iter().fold([0; 4], |mut sum, step| {
        sum.iter_mut().zip(step).for_each(|(sum, count)| *sum = sum.saturating_add(*count));
        sum
    })
}

/// Position in a step: processes, files, network, all others.
fn subject(context: &Context<'_>) -> usize {
    match context.event.kind.info().category {
        Category::Process if is_life(context.event.kind) => 0,
        Category::File => 1,
        Category::Net => 2,
        Category::IoRead | Category::IoWrite => match context.fd {
            Some(fd) if is_file(fd) => 1,
            Some(fd) if is_socket(fd) => 2,
            _ => 3,
        },
        _ => 3,
    }
}

fn is_life(kind: EventType) -> bool {
    matches!(
        kind,
        ev::CLONE_20_X
            | ev::CLONE3_X
            | ev::FORK_20_X
            | ev::VFORK_20_X
            | ev::EXECVE_19_X
            | ev::EXECVEAT_X
            | ev::PROCEXIT_1_E
    )
}
