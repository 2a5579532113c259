//! What is told at the start and at the end.

use std::collections::BTreeSet;

use capture::ebpf::{Live, Refused};

use crate::{
    detector::Recipe,
    input,
    live::{Containers, Pipeline},
    output::{Verbosity, plural},
};

/// Programs that the kernel refused, of which the reason is told; of others there are the names.
const REASONS: usize = 1;

/// What is recorded, and by which rules it is judged.
pub(super) fn started(
    live: &Live,
    calls: Option<&BTreeSet<String>>,
    recipe: &Recipe,
    rules: usize,
) {
    let programs = plural(live.programs() as u64, "program");
    let which = if calls.is_some() { "those that rules and timelines need" } else { "all calls" };
    let rules = plural(rules as u64, "rule");
    say!(
        "recording this host with {programs} in the kernel ({which}), judging by {}: {rules}",
        recipe.sources
    );
    refused(live.refused());
}

/// What the kernel would not have, for that is missing in what is recorded.
fn refused(refused: &[Refused]) {
    if refused.is_empty() {
        return;
    }
    let names: Vec<&str> = refused.iter().map(|refused| &*refused.name).collect();
    say!("not recorded, for the kernel refuses it: {}", names.join(", "));
    for Refused { name, why } in refused.iter().take(REASONS) {
        let last = why.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default();
        say!("of {name} it says: {}", last.trim());
    }
}

/// What was not recorded, and where more is to be found. How many alerts there were has been told.
pub(super) fn ended(
    pipeline: &Pipeline,
    containers: Option<&Containers>,
    shortened: u64,
    verbosity: Verbosity,
) {
    if verbosity == Verbosity::Quiet {
        return;
    }
    let cut = (shortened > 0).then(|| {
        format!("{} cut in the recording, too long for other readers", plural(shortened, "string"))
    });
    for text in containers.and_then(Containers::summary) {
        say!("{text}");
    }
    for text in input::evictions(pipeline.state.counters()).into_iter().chain(cut) {
        say!("{text}");
    }
    pipeline.pointers();
}
