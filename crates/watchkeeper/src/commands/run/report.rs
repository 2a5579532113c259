//! What is told at the start, when rules were loaded again, and at the end.

use capture::ebpf::{Figures, Live, Options, Path, Refused, Terminals};
use rules::load::Loaded;

use crate::{
    alerts::notes,
    detector::Recipe,
    input,
    live::{Containers, Pipeline},
    output::plural,
};

/// Programs that the kernel refused, of which the reason is told; of others there are the names.
const REASONS: usize = 1;

/// What is recorded, and by which rules it is judged.
pub(super) fn started(live: &Live, options: &Options, recipe: &Recipe, rules: usize) {
    let programs = plural(live.programs() as u64, "program");
    let which = match options.calls {
        Some(_) => "what rules and timelines need",
        None => "all calls",
    };
    let rules = plural(rules as u64, "rule");
    say!(
        "recording this host: {which}, by {programs} in the kernel; {rules} of {}",
        recipe.sources
    );
    if options.terminals == Terminals::Recorded {
        terminals(live);
    }
    refused(live.refused());
}

/// Terminals are recorded, which somebody who is recorded would want to know.
fn terminals(live: &Live) {
    match live.path() {
        Path::Trampolines => say!("recording what terminals show, and what is typed and shown"),
        Path::Dispatcher => {
            say!("what terminals show is not recorded: this kernel has no trampolines");
        }
    }
}

/// Other rules count from here on.
pub(super) fn reloaded(recipe: &Recipe, loaded: &Loaded, rules: usize) {
    say!("loaded again: {} of {}", plural(rules as u64, "rule"), recipe.sources);
    notes::doubts(loaded, &recipe.wanted.selection, rules);
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
    live: &Live,
    containers: Option<&Containers>,
    shortened: u64,
) {
    let cut = (shortened > 0).then(|| {
        format!("{} cut in the recording, too long for other readers", plural(shortened, "string"))
    });
    let forgotten = input::evictions(pipeline.state.counters());
    let asked = containers.and_then(Containers::summary);
    let unknown = live.unknown_groups();
    let groups = (unknown > 0).then(|| {
        format!("{}, whose paths nobody told, count as /", plural(unknown, "control group"))
    });
    for text in lost(live).into_iter().chain(groups).chain(forgotten).chain(asked).chain(cut) {
        say!("{text}");
    }
    pipeline.pointers();
}

/// What was lost, and why; none if nothing was.
fn lost(live: &Live) -> Option<String> {
    let Figures { made, lost } = live.figures();
    let causes: Vec<String> =
        live.losses().map(|(cause, events)| format!("{events}: {cause}")).collect();
    (lost > 0).then(|| {
        let causes = causes.join("; ");
        format!("{lost} of {made} events were lost, as what was recorded tells too ({causes})")
    })
}
