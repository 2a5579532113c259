//! Alerts of an agent that runs: those that are in its store some time after the actions.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    thread::sleep,
    time::{Duration, Instant},
};

use store::{Access, Id, Query, Store};
use timeline::model::{Process, Timeline};

use super::{
    Findings, Theatre,
    actions::Action,
    findings::Fate,
    recording::{WHOLE, raise},
    stage,
};
use crate::{error::Error, incidents::of_incident, output::Verbosity, when::now_ns};

/// So often it is looked whether there is more.
const LOOK: Duration = Duration::from_millis(500);

/// Does the actions, and looks for incidents about them, as long as they may take.
///
/// # Errors
/// If there is no such store, or it cannot be read.
pub(super) fn find(
    folder: &Path,
    chosen: &[&'static Action],
    wait: Duration,
) -> Result<Findings, Error> {
    // Before anything is done: a store that is not there would be looked at in vain.
    Store::open(folder, Access::Read)?;
    let mut findings = Findings::of(chosen);
    findings.source = "store";
    let theatre = Theatre::open()?;
    let mut kept = Kept { folder, from_ns: now_ns(), known: BTreeSet::new() };
    play(&theatre, chosen)?;
    findings.done(stage::results(theatre.folder()));
    let until = Instant::now() + wait;
    let mut seen: BTreeMap<&'static str, BTreeSet<String>> = BTreeMap::new();
    loop {
        kept.look(theatre.folder(), &mut seen)?;
        seen.iter().for_each(|(action, rules)| findings.seen(action, rules));
        let is_left = findings.all.iter().any(|finding| finding.fate == Fate::Missed);
        if !is_left || Instant::now() >= until || theatre.is_to_end() {
            return Ok(findings);
        }
        sleep(LOOK);
    }
}

/// Has them done.
fn play(theatre: &Theatre, chosen: &[&'static Action]) -> Result<(), Error> {
    let names: Vec<&str> = chosen.iter().map(|action| action.name).collect();
    let mut stage = raise(theatre, &names)?;
    let until = Instant::now() + WHOLE;
    while stage.try_wait()?.is_none() {
        if theatre.is_to_end() || Instant::now() >= until {
            let _ = stage.kill();
        }
        sleep(LOOK / 10);
    }
    Ok(())
}

/// A store that fills.
struct Kept<'a> {
    folder: &'a Path,
    from_ns: u64,
    /// Incidents that were looked at: once they are in the store they do not change.
    known: BTreeSet<Id>,
}

impl Kept<'_> {
    /// Looks for actions in incidents that are new.
    fn look(
        &mut self,
        stage: &Path,
        seen: &mut BTreeMap<&'static str, BTreeSet<String>>,
    ) -> Result<(), Error> {
        let store = Store::open(self.folder, Access::Read)?;
        let since = Query { from_ns: Some(self.from_ns), ..Query::default() };
        for incident in store.list(&since)?.incidents {
            if self.known.insert(incident.id) {
                let mut kept = store.get(&incident.id.to_string())?;
                let timeline = of_incident(&mut kept, Verbosity::Quiet)?.timeline;
                for (action, rule) in sightings(&timeline, stage) {
                    seen.entry(action.name).or_default().insert(rule);
                }
            }
        }
        Ok(())
    }
}

/// Actions that alerts of a timeline are about, each with its rule.
fn sightings<'t>(
    timeline: &'t Timeline,
    stage: &'t Path,
) -> impl Iterator<Item = (&'static Action, String)> + 't {
    timeline.alerts.iter().filter_map(move |alert| {
        let process = timeline.process(alert.process?)?;
        let action = lineage(timeline, process).find_map(|process| action(process, stage))?;
        Some((action, alert.rule.clone()))
    })
}

/// A process, its parent and so on.
fn lineage<'t>(timeline: &'t Timeline, process: &'t Process) -> impl Iterator<Item = &'t Process> {
    let parent = |process: &&'t Process| process.parent.and_then(|id| timeline.process(id));
    // A damaged window may have a lineage that goes in a circle.
    std::iter::successors(Some(process), parent).take(timeline.processes.len())
}

fn action(process: &Process, folder: &Path) -> Option<&'static Action> {
    process.commands.iter().find_map(|command| {
        stage::action_of(command.argv.iter().skip(1).map(|word| word.bytes()), folder)
    })
}
