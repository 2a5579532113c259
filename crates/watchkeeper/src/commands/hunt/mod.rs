//! `watchkeeper hunt`: rules over recordings and kept incidents, long after the fact.
//!
//! - `recordings`: what there is to look through.
//! - `compare`: two versions of rules on the same events.
//! - `report`: what is printed.

mod compare;
mod recordings;
mod report;

use std::path::{Path, PathBuf};

use clap::Parser;
use event::alert::Priority;
use rules::{alert::ContainerFields, engine::Matching};
use state::{Audience, Context, Engines, Limits, State};

use self::{compare::Change, recordings::Recording, report::Report};
use crate::{
    alerts::notes,
    detector::{Detector, Wanted, selection},
    error::{Error, Outcome},
    input::Next,
    output::{self, Verbosity},
    when::{Place, When, Window},
};

/// Runs rules over recordings and kept incidents: what would they have seen?
///
/// Every rule that matches an event gives an alert of it. With --diff, shows what a changed version
/// of the rules would add (+) and lose (-).
#[derive(Parser)]
#[command(
    override_usage = "watchkeeper hunt [OPTIONS] <RULES> <CAPTURE|STORE>...\n       \
                      watchkeeper hunt [OPTIONS] --diff <OLD> <NEW> <CAPTURE|STORE>...",
    after_help = "\
Examples:
  watchkeeper hunt new-rule.yaml /var/lib/watchkeeper
  watchkeeper hunt rules/ *.scap --min-priority warning --count
  watchkeeper hunt new-rule.yaml --with rules/00_macros.yaml /var/lib/watchkeeper
  watchkeeper hunt --diff rules-v1.yaml rules-v2.yaml /var/lib/watchkeeper recordings/
  watchkeeper hunt rules/ /var/lib/watchkeeper --format json | jq -r '[.recording, .alert.rule] | @tsv'

A folder is a store of incidents, or else stands for the captures in it (.scap, .scap.gz,
.scap.zst). Incidents whose windows overlap share events; an alert of such an event is told once.
Exit code: 1 if --fail-on was given and there was such an alert (with --diff: such a change)."
)]
pub(crate) struct Args {
    /// Show what NEW adds to and loses from the alerts of OLD; each is a file or a folder of rules.
    #[arg(long, num_args = 2, value_names = ["OLD", "NEW"])]
    diff: Option<Vec<PathBuf>>,
    /// Rules (a file or a folder; not with --diff), then captures and stores.
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Rule files, and folders of such, that are loaded before: the macros and lists of rules that
    /// stand alone. May be given several times.
    #[arg(long, value_name = "PATH")]
    with: Vec<PathBuf>,
    /// Leave out rules of a lower priority: emergency, alert, critical, error, warning, notice,
    /// info, debug.
    #[arg(long, value_name = "PRIORITY")]
    min_priority: Option<Priority>,
    /// Only rules with this tag, also those that their files disable. May be given several times.
    #[arg(long, value_name = "TAG", conflicts_with_all = ["disable_tag", "disable_rule"])]
    tag: Vec<String>,
    /// No rules with this tag.
    #[arg(long, value_name = "TAG")]
    disable_tag: Vec<String>,
    /// No rules whose name has this in it; with * in it, it is the whole name.
    #[arg(long, value_name = "NAME")]
    disable_rule: Vec<String>,
    /// Rules whose name has this in it, also those that are disabled otherwise.
    #[arg(long, value_name = "NAME")]
    enable_rule: Vec<String>,
    /// Exit with code 1 if there was an alert of at least this priority; with --diff, one more or
    /// one less.
    #[arg(long, value_name = "PRIORITY")]
    fail_on: Option<Priority>,
    /// Only events at or after this time: RFC 3339, 90s after the first event, -30s before the last.
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    from: Option<When>,
    /// Only events before this time.
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    to: Option<When>,
    /// Print only how many alerts of each rule there are.
    #[arg(short, long)]
    count: bool,
    /// Form of the output; json: one object for each alert.
    #[arg(long, value_enum, default_value = "text")]
    format: output::Format,
    /// Container engines, as in replay.
    #[arg(long, value_name = "LIST")]
    engines: Option<Engines>,
}

/// Runs the command.
pub(crate) fn run(args: &Args, verbosity: Verbosity) -> Result<Outcome, Error> {
    let (mut hunters, inputs) = args.hunters(verbosity)?;
    let (recordings, mut outcome) = recordings::find(inputs)?;
    let mut report = Report::new(args, recordings.len());
    for recording in &recordings {
        outcome = outcome.and(search(recording, args, &mut hunters, &mut report, verbosity)?);
    }
    let found = report.finish(verbosity)?;
    Ok(outcome.and(found))
}

/// Who looks at the events.
enum Hunters {
    One(Box<Detector>),
    /// The old rules and the new ones.
    Two(Box<compare::Pair>),
}

impl Args {
    /// The rules that are asked for, and the paths to look through.
    fn hunters(&self, verbosity: Verbosity) -> Result<(Hunters, &[PathBuf]), Error> {
        if let Some([old, new]) = self.diff.as_deref() {
            let pair = compare::Pair::new(self.load(old, verbosity)?, self.load(new, verbosity)?);
            return Ok((Hunters::Two(Box::new(pair)), &self.paths));
        }
        match self.paths.split_first() {
            Some((rules, inputs)) if !inputs.is_empty() => {
                Ok((Hunters::One(Box::new(self.load(rules, verbosity)?)), inputs))
            }
            _ => Err(Error::Usage(
                "nothing to look through; give captures or a store after the rules".to_owned(),
            )),
        }
    }

    /// The time that is asked about.
    fn window(&self, recording: &Recording, verbosity: Verbosity) -> Result<Window, Error> {
        let needs_end = [self.from, self.to].into_iter().flatten().any(When::needs_end);
        if needs_end && recording.incident.is_some() {
            return Err(Error::Usage(
                "a time before the end is for captures, not for stores; give RFC 3339".to_owned(),
            ));
        }
        Window::of(self.from, self.to, &recording.path, verbosity)
    }

    fn load(&self, rules: &Path, verbosity: Verbosity) -> Result<Detector, Error> {
        let (without, with) = (&self.disable_rule, &self.enable_rule);
        let selection = selection(&self.tag, &self.disable_tag, without, with, self.min_priority);
        let wanted = Wanted {
            selection,
            matching: Matching::All,
            container: ContainerFields::Appended,
            append: Vec::new(),
        };
        let paths = [&self.with[..], &[rules.to_owned()]].concat();
        let (detector, loaded) = Detector::load(&paths, &wanted)?;
        if verbosity != Verbosity::Quiet {
            notes::idle(&loaded.definitions.rules, &wanted.selection, detector.rules.len());
        }
        Ok(detector)
    }
}

/// Looks through one recording.
fn search(
    recording: &Recording,
    args: &Args,
    hunters: &mut Hunters,
    report: &mut Report,
    verbosity: Verbosity,
) -> Result<Outcome, Error> {
    let mut window = args.window(recording, verbosity)?;
    let mut input = recording.open(verbosity)?;
    let mut state = State::new(Limits::default());
    state.set_engines(args.engines.unwrap_or_default());
    let mut found = Vec::new();
    input.contexts(&mut state, |context: &Context<'_>| {
        if window.place(&context.event) == Place::Within && context.audience == Audience::Readers {
            match hunters {
                Hunters::One(detector) => {
                    detector.alerts(context, &mut found);
                    let alerts = found.drain(..).map(|(_, alert)| (Change::Same, alert));
                    report.tell(recording, alerts)?;
                }
                Hunters::Two(pair) => {
                    pair.changes(context);
                    report.tell(recording, pair.found.drain(..))?;
                }
            }
        }
        Ok(Next::Continue)
    })
}
