//! `watchkeeper selftest`: does harmless versions of well-known attack actions, and says which of them
//! were seen.
//!
//! - `actions`: what is done, and by which rule it has to be seen.
//! - `stage`: where it is done: a folder and namespaces that are gone afterwards.
//! - `recording`: what is done is recorded, as by `run`, or as by `trace` where that cannot be.
//! - `sightings`: which action an alert is about.
//! - `kept`: alerts of an agent that runs, from its store.
//! - `findings`: what became of each action; `report`: the same for people and programs.

mod actions;
mod findings;
mod kept;
mod recording;
mod report;
mod sightings;
pub(crate) mod stage;

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use clap::{Parser, ValueEnum};
use rules::fields::nearest;
use signal_hook::{
    consts::{SIGHUP, SIGINT, SIGTERM},
    flag,
};
use tempfile::TempDir;

use self::{actions::Action, findings::Findings, sightings::Sightings};
use crate::{
    detector::{Detector, Wanted},
    error::{Error, Outcome},
    output::{Format, Verbosity},
    rule_files::Sources,
    when,
};

/// Does harmless versions of well-known attack actions, and says which of them were seen.
///
/// They are done in a temporary folder and, where the kernel allows it, in namespaces of their own:
/// nothing of the host is changed, nothing goes out to the network, nothing is left behind. As root the
/// whole host is recorded meanwhile, as by watchkeeper run; where that cannot be, the actions are
/// traced.
#[derive(Parser)]
#[command(after_help = "\
Examples:
  sudo watchkeeper selftest
  watchkeeper selftest --source trace
  watchkeeper selftest --list
  watchkeeper selftest --only cron-job --only memory-program
  sudo watchkeeper selftest --rules rules/ --rules mine.yaml
  sudo watchkeeper selftest --store /var/lib/watchkeeper --wait 2m

Exit code: 0 all of them were seen; 1 one was missed; 2 the request is wrong, or nothing can be recorded
here; 3 done in part: all that were done were seen, and others could not be done, which is said.")]
pub(crate) struct Args {
    /// Say which actions there are, and do none.
    #[arg(long)]
    list: bool,
    /// Only this action. May be given several times.
    #[arg(long, value_name = "NAME")]
    only: Vec<String>,
    /// Rule files, and folders of such, in place of the default rules. May be given several times.
    #[arg(long, value_name = "PATH", conflicts_with = "store")]
    rules: Vec<PathBuf>,
    /// How the actions are recorded.
    #[arg(long, value_enum, default_value = "auto", conflicts_with = "store")]
    source: Source,
    /// Record nothing, but look for alerts in this store of an agent that runs (watchkeeper run --store
    /// DIR).
    #[arg(long, value_name = "DIR")]
    store: Option<PathBuf>,
    /// So long at most the agent may take until its incidents are in the store; it keeps an incident
    /// when the time after its last alert is over.
    #[arg(long, value_name = "DURATION", default_value = "2m", requires = "store")]
    wait: when::Duration,
    /// Form of the output.
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

/// How the actions are recorded.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum Source {
    /// With programs in the kernel where that can be, else traced.
    Auto,
    /// With programs in the kernel (eBPF), as by watchkeeper run.
    Ebpf,
    /// Traced, as by watchkeeper trace.
    Trace,
}

/// Runs the command.
pub(crate) fn run(args: &Args, verbosity: Verbosity) -> Result<Outcome, Error> {
    let chosen = chosen(&args.only)?;
    if args.list {
        report::list(&chosen, args.format)?;
        return Ok(Outcome::Done);
    }
    let findings = match &args.store {
        Some(store) => kept::find(store, &chosen, Duration::from_nanos(args.wait.ns()))?,
        None => recorded(args, &chosen, verbosity)?,
    };
    report::print(&findings, args.format)?;
    Ok(findings.outcome())
}

/// Does what the rules can see, while it is recorded.
fn recorded(
    args: &Args,
    chosen: &[&'static Action],
    verbosity: Verbosity,
) -> Result<Findings, Error> {
    let sources = match args.rules.as_slice() {
        [] => Sources::Default,
        paths => Sources::Paths(paths.to_vec()),
    };
    let detector = Detector::of(&sources.load()?, &Wanted::every_match())?;
    let mut findings = Findings::of(chosen);
    findings.skip_without_rule(&detector.rules, &sources);
    let theatre = Theatre::open()?;
    let mut sightings = Sightings::new(detector, theatre.folder());
    if findings.todo().next().is_some() {
        let names: Vec<&str> = findings.todo().map(|action| action.name).collect();
        findings.source = recording::of(&theatre, &names, args.source, &mut sightings, verbosity)?;
    }
    findings.done(stage::results(theatre.folder()));
    sightings.seen().for_each(|(action, rules)| findings.seen(action, rules));
    Ok(findings)
}

/// The actions with these names, each once and in their order; all of them if there are none.
fn chosen(names: &[String]) -> Result<Vec<&'static Action>, Error> {
    if let Some(name) = names.iter().find(|name| actions::named(name).is_none()) {
        return Err(unknown(name));
    }
    let is_chosen = |action: &&Action| names.is_empty() || names.iter().any(|it| it == action.name);
    Ok(actions::all().filter(is_chosen).collect())
}

fn unknown(name: &str) -> Error {
    let hint = nearest(name, actions::all().map(|action| action.name))
        .map_or_else(String::new, |near| format!("; did you mean '{near}'?"));
    let name = event::visible::visible(name.as_bytes());
    Error::Usage(format!("--only: there is no action '{name}'{hint}; --list shows all"))
}

/// Removing a folder in which somebody who was killed had just begun to write may take several tries.
const REMOVALS: u32 = 50;
const BETWEEN_REMOVALS: Duration = Duration::from_millis(20);

/// The folder of the stage, and whether it is to end.
struct Theatre {
    /// It is removed when this is dropped.
    folder: TempDir,
    is_to_end: Arc<AtomicBool>,
}

impl Theatre {
    /// Heeds signals from here on, and makes the folder.
    fn open() -> Result<Self, Error> {
        let is_to_end = Arc::new(AtomicBool::new(false));
        for signal in [SIGINT, SIGTERM, SIGHUP] {
            // However often they come: it ends soon, and in order.
            flag::register(signal, Arc::clone(&is_to_end))?;
        }
        let place = std::env::temp_dir();
        let at = |source| Error::File { path: place.clone(), source };
        // As the kernel has it: the actions are found by this path.
        let place = place.canonicalize().map_err(at)?;
        let folder = tempfile::Builder::new()
            .prefix("watchkeeper-selftest-")
            .tempdir_in(&place)
            .map_err(at)?;
        stage::prepare(folder.path()).map_err(at)?;
        Ok(Self { folder, is_to_end })
    }

    fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Whether somebody wants it to end.
    fn is_to_end(&self) -> bool {
        self.is_to_end.load(Ordering::Relaxed)
    }
}

impl Drop for Theatre {
    fn drop(&mut self) {
        let is_gone = || {
            let removed = fs::remove_dir_all(self.folder.path());
            removed.is_ok() || removed.is_err_and(|error| error.kind() == io::ErrorKind::NotFound)
        };
        // What is left then, the folder itself tries once more.
        for _ in 0..REMOVALS {
            if is_gone() {
                return;
            }
            thread::sleep(BETWEEN_REMOVALS);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_are_chosen_once_and_in_their_order() {
        let names = |names: &[&str]| {
            let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
            chosen(&names).map(|actions| actions.iter().map(|it| it.name).collect::<Vec<_>>())
        };
        assert_eq!(names(&["attach", "miner", "attach"]).unwrap(), ["miner", "attach"]);
        assert_eq!(names(&[]).unwrap().len(), actions::all().count());
        let wrong = names(&["miner", "minor"]).unwrap_err().to_string();
        assert_eq!(
            wrong,
            "--only: there is no action 'minor'; did you mean 'miner'?; --list shows all"
        );
    }
}
