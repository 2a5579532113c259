//! `watchkeeper rules score`: how many recorded attacks rules see, and what they make of ordinary
//! work.
//!
//! - [`scenario`] finds recordings, [`truth`] reads what was done in them.
//! - [`verdict`] is what the rules made of one, with [`witness`] to say which steps alerts were
//!   about.
//! - [`report`] prints.

mod report;
mod scenario;
mod truth;
mod verdict;
mod witness;

use std::{io::Write, path::PathBuf};

use clap::{Parser, ValueEnum};
use event::alert::Priority;
use rules::engine::Matching;
use state::Engines;

use crate::{
    error::{Error, Outcome},
    output::{Format, Out},
    parallel, rule_files,
    trial::Trial,
};
use scenario::{Kind, Scenario};
use verdict::Verdict;

/// Says how many recorded attacks rules see, and how many alerts they raise on ordinary work.
#[derive(Parser)]
#[command(after_help = "\
Examples:
  watchkeeper rules score attacks --rules rules
  watchkeeper rules score attacks --rules rules --at-least notice --steps
  watchkeeper rules score attacks --benign captures --rules rules --fail-under 30
  watchkeeper rules score attacks -r rules --format json | jq '.scenarios[] | select(.alerts == 0)'

A folder of scenarios holds captures/NAME.scap and, beside captures or one folder higher,
truth/NAME.json: kind (benign or anything else), title, techniques, and steps with description,
commands, files_written, files_renamed, files_deleted, files_read and network. Without a truth
file, a capture whose name begins with b and a digit is benign. A step counts as seen if an alert
is about its program, its file or its connection. An attack is seen beside what was done if no
alert is about any of its steps.

Exit code: 0 done; 1 less than --fail-under asks; 2 the request or its input is wrong; 3 some
capture could only be read in part.")]
pub(crate) struct Args {
    /// Folders of scenarios.
    #[arg(value_name = "DIR", required_unless_present = "benign")]
    folders: Vec<PathBuf>,
    /// Rule files and folders of such, in the order in which they are loaded.
    #[arg(short, long, required = true, value_name = "PATH")]
    rules: Vec<PathBuf>,
    /// Folders of captures of ordinary work: each alert is a false alarm.
    #[arg(long, value_name = "DIR")]
    benign: Vec<PathBuf>,
    /// Alerts count if they are of this priority or worse.
    #[arg(long, value_name = "PRIORITY", default_value = "warning")]
    at_least: Priority,
    /// Which of several rules that an event matches raise an alert.
    #[arg(long, value_enum, default_value = "first")]
    rule_matching: RuleMatching,
    /// Print the first alert of each rule too, and each step with the rules whose alerts are about it.
    #[arg(long)]
    steps: bool,
    /// Form of the output.
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// Exit with 1 if fewer attacks are seen, or if there are more false alarms than are allowed.
    #[arg(long, value_name = "N")]
    fail_under: Option<usize>,
    /// How many false alarms --fail-under allows.
    #[arg(long, value_name = "N", default_value = "0", requires = "fail_under")]
    allow_false_alarms: u64,
}

/// Which of several rules that an event matches raise an alert.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum RuleMatching {
    /// The first in load order.
    First,
    /// All.
    All,
}

/// How much is printed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Detail {
    Rules,
    Steps,
}

/// Verdicts on scenarios.
struct Score<'r> {
    scenarios: &'r [Scenario],
    /// In the order of the scenarios.
    verdicts: Vec<Verdict<'r>>,
    at_least: Priority,
}

/// A score in numbers.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
struct Totals {
    attacks: usize,
    seen: usize,
    /// By alerts that are about none of the steps.
    seen_beside: usize,
    steps: usize,
    steps_covered: usize,
    benign: usize,
    false_alarms: u64,
}

/// Runs the command.
pub(crate) fn run(args: &Args) -> Result<Outcome, Error> {
    let scenarios = scenarios(args)?;
    let loaded = rule_files::load(&args.rules)?;
    let rules: Vec<_> = loaded.definitions.rules.iter().filter(|rule| rule.is_on()).collect();
    let matching = match args.rule_matching {
        RuleMatching::First => Matching::First,
        RuleMatching::All => Matching::All,
    };
    let trial = Trial::new(rules, matching, Engines::default())?;
    let verdicts = parallel::map(&scenarios, |scenario| Verdict::of(scenario, &trial));
    let verdicts = verdicts.into_iter().collect::<Result<Vec<_>, _>>()?;
    let score = Score { scenarios: &scenarios, verdicts, at_least: args.at_least };
    print(&score, args)?;
    Ok(score.outcome(args))
}

fn scenarios(args: &Args) -> Result<Vec<Scenario>, Error> {
    let mut found = Vec::new();
    for folder in &args.folders {
        found.extend(scenario::find(folder)?);
    }
    for folder in &args.benign {
        found.extend(scenario::find_benign(folder)?);
    }
    Ok(found)
}

fn print(score: &Score<'_>, args: &Args) -> Result<(), Error> {
    let mut out = Out::beside_code();
    let detail = if args.steps { Detail::Steps } else { Detail::Rules };
    match args.format {
        Format::Text => report::text(score, detail, &mut out)?,
        Format::Json => report::json(score, &mut out)?,
    }
    Ok(out.flush()?)
}

impl<'r> Score<'r> {
    fn rows(&self) -> impl Iterator<Item = (&Scenario, &Verdict<'r>)> {
        self.scenarios.iter().zip(&self.verdicts)
    }

    fn totals(&self) -> Totals {
        let mut totals = Totals::default();
        for (scenario, verdict) in self.rows() {
            let alerts = verdict.alerts(self.at_least);
            match scenario.kind {
                Kind::Attack => {
                    let steps = scenario.truth.steps.len();
                    totals.attacks += 1;
                    totals.seen += usize::from(alerts > 0);
                    let is_beside = verdict.is_beside(scenario, self.at_least);
                    totals.seen_beside += usize::from(is_beside);
                    totals.steps += steps;
                    totals.steps_covered += verdict.covered(steps, self.at_least);
                }
                Kind::Benign => {
                    totals.benign += 1;
                    totals.false_alarms += alerts;
                }
            }
        }
        totals
    }

    fn outcome(&self, args: &Args) -> Outcome {
        let read = self.verdicts.iter().fold(Outcome::Done, |all, one| all.and(one.outcome));
        let totals = self.totals();
        let is_under = args.fail_under.is_some_and(|least| {
            totals.seen < least || totals.false_alarms > args.allow_false_alarms
        });
        match read {
            Outcome::Done if is_under => Outcome::Found,
            other => other,
        }
    }
}
