//! What is missing in the record.

use super::{cast::Cast, proof::Proof};
use crate::{
    model::{Gap, Moment, Process, Sentence, Timeline, Topic},
    views::words,
};

/// Gaps that are told at most.
const MOST: usize = 3;

pub(super) fn sentences(cast: &Cast<'_>) -> Vec<Sentence> {
    let timeline = cast.timeline;
    let mut told: Vec<Sentence> =
        timeline.gaps.iter().take(MOST).filter_map(|gap| sentence(timeline, gap)).collect();
    if let Some(more @ [first, ..]) = timeline.gaps.get(MOST..) {
        let mut proof = Proof::default();
        around(timeline, first.from_ns, &mut proof);
        let more = words::plural(more.len() as u64, "more gap", "more gaps");
        told.extend(proof.say(Topic::Missing, format!("The record has {more}.")));
    }
    told.extend(cuts(timeline));
    told
}

/// `At 4.100, 12 events were lost in 250 ms.`
fn sentence(timeline: &Timeline, gap: &Gap) -> Option<Sentence> {
    let mut proof = Proof::default();
    around(timeline, gap.from_ns, &mut proof);
    let at = words::relative(timeline.relative_ns(gap.from_ns));
    proof.say(Topic::Missing, format!("The record has a gap at {at}: {}.", words::gap(gap)))
}

fn cuts(timeline: &Timeline) -> Option<Sentence> {
    let cuts = words::cuts(&timeline.cuts);
    let mut proof = Proof::default();
    if !cuts.is_empty() {
        around(timeline, timeline.window.last_ns, &mut proof);
    }
    let text = format!("There was too much to keep all: {} are left out.", words::and(&cuts));
    proof.say(Topic::Missing, text)
}

/// The last event that is known before a time, or else the first after it.
fn around(timeline: &Timeline, ts_ns: u64, proof: &mut Proof) {
    let before = moments(timeline).filter(|at| at.ts_ns <= ts_ns).max();
    let found = before.or_else(|| moments(timeline).min());
    found.into_iter().for_each(|at| proof.at(at));
}

fn moments(timeline: &Timeline) -> impl Iterator<Item = Moment> + '_ {
    let alerts = timeline.alerts.iter().map(|alert| alert.at);
    alerts.chain(timeline.processes.iter().flat_map(of)).filter(|at| at.event > 0)
}

fn of(process: &Process) -> impl Iterator<Item = Moment> + '_ {
    let files = process.files.iter().flat_map(|file| [file.first, file.last]);
    let network = process.network.iter().flat_map(|connection| [connection.first, connection.last]);
    let begun = process.start.into_iter().chain(process.end.map(|end| end.at));
    let commands = process.commands.iter().filter_map(|command| command.at);
    files.chain(network).chain(begun).chain(commands)
}
