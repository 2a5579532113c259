//! Replay with rules: the alerts that they give of the events.

use std::{io::Write, path::PathBuf};

use clap::{Parser, ValueEnum};
use event::alert::{Alert, Priority};
use rules::{
    alert::{ContainerFields, fold::Fold},
    engine::Matching,
    filter::{Filter, Memory},
    format::json_string,
};
use state::Context;

use super::notes;
use crate::{
    config,
    detector::{Detector, Known, Wanted, selection},
    error::{Error, Outcome},
    incidents::{self, Keeping, Plan},
    input::Next,
    output::{self, Out, Verbosity},
    outputs::{self, Outputs},
    when::Duration,
};

/// What to do with which rules.
#[derive(Parser)]
#[group(skip)]
#[command(next_help_heading = "Alerts")]
pub(super) struct Args {
    /// Rule files, and folders of such; print the alerts that their rules give of the events.
    /// May be given several times; the files are loaded in order.
    #[arg(id = "rules", long = "rules", value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Which rules give an alert of an event that several match.
    #[arg(long, value_enum, default_value = "first", requires = "rules")]
    rule_matching: RuleMatching,
    /// Exit with code 1 if there was an alert of at least this priority: emergency, alert,
    /// critical, error, warning, notice, info, debug.
    #[arg(long, value_name = "PRIORITY", requires = "rules")]
    fail_on: Option<Priority>,
    /// Leave out rules of a lower priority.
    #[arg(long, value_name = "PRIORITY", requires = "rules")]
    min_priority: Option<Priority>,
    /// Only rules with this tag, also those that their files disable. May be given several times.
    #[arg(long, value_name = "TAG", requires = "rules", conflicts_with_all = ["disable_tag", "disable_rule"])]
    tag: Vec<String>,
    /// No rules with this tag.
    #[arg(long, value_name = "TAG", requires = "rules")]
    disable_tag: Vec<String>,
    /// No rules whose name has this in it; with * in it, it is the whole name.
    #[arg(long, value_name = "NAME", requires = "rules")]
    disable_rule: Vec<String>,
    /// Rules whose name has this in it, also those that are disabled otherwise.
    #[arg(long, value_name = "NAME", requires = "rules")]
    enable_rule: Vec<String>,
    /// Behind the output of every rule: text with %field in it.
    #[arg(long, value_name = "FORMAT", requires = "rules")]
    append_output: Vec<String>,
    /// Don't say the container and the pod behind every rule's output.
    #[arg(long, requires = "rules")]
    no_container_fields: bool,
    /// Make one alert of repeats of the same rule by the same process and target within this time
    /// (60s, 5m): the first at once, then one with the count.
    #[arg(long, value_name = "DURATION", requires = "rules")]
    fold: Option<Duration>,
    #[command(flatten)]
    outputs: outputs::Args,
    #[command(flatten)]
    incidents: incidents::Args,
}

/// Which rules give an alert of an event that several match.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum RuleMatching {
    /// The first in the order in which they were loaded.
    First,
    /// All.
    All,
}

impl Args {
    /// Whether there are rules at all.
    pub(super) fn are_asked_for(&self) -> bool {
        !self.paths.is_empty()
    }

    fn matching(&self) -> Matching {
        match self.rule_matching {
            RuleMatching::First => Matching::First,
            RuleMatching::All => Matching::All,
        }
    }

    fn container(&self) -> ContainerFields {
        if self.no_container_fields { ContainerFields::LeftOut } else { ContainerFields::Appended }
    }

    fn wanted(&self) -> Wanted {
        let (without, with) = (&self.disable_rule, &self.enable_rule);
        let selection = selection(&self.tag, &self.disable_tag, without, with, self.min_priority);
        Wanted {
            selection,
            matching: self.matching(),
            container: self.container(),
            append: self.append_output.clone(),
        }
    }
}

/// Shows events to rules and prints the alerts.
pub(super) struct Watch {
    filter: Option<Filter>,
    detector: Detector,
    fold: Option<Fold>,
    /// Where incidents go, if they are kept.
    pub(super) keeping: Option<Keeping>,
    fail_on: Option<Priority>,
    tally: Tally,
    printer: Printer,
    memory: Memory,
    /// Alerts that are to go out.
    due: Vec<Alert>,
}

impl Watch {
    pub(super) fn new(args: &super::Args, verbosity: Verbosity) -> Result<Self, Error> {
        let filter = super::filter_of(args, verbosity)?;
        let options = &args.alerts;
        let config = options.outputs.config()?;
        let wanted = options.wanted();
        let (detector, loaded) = Detector::load(&options.paths, &wanted)?;
        if verbosity != Verbosity::Quiet {
            notes::warnings(&loaded.warnings);
            notes::idle(&loaded.definitions.rules, &wanted.selection, detector.rules.len());
        }
        let plan = Plan::of(&options.incidents, &config.incidents, &detector.rules)?;
        let keeping = plan.map(|plan| Keeping::start(plan, verbosity)).transpose()?;
        Ok(Self {
            filter,
            keeping,
            tally: Tally::new(&detector.rules),
            detector,
            fold: options.fold.map(|window| Fold::new(window.ns())),
            fail_on: options.fail_on,
            printer: Printer::new(args, config.outputs, verbosity)?,
            memory: Memory::default(),
            due: Vec::new(),
        })
    }

    /// Whether enough was printed. Incidents are kept whole all the same.
    pub(super) fn is_done(&self) -> bool {
        self.printer.left == Some(0) && self.keeping.is_none()
    }

    pub(super) fn event(&mut self, context: &Context<'_>) -> Result<Next, Error> {
        if let Some(filter) = &self.filter
            && !filter.matches(context, &mut self.memory)
        {
            return Ok(Next::Continue);
        }
        self.tally.events += 1;
        let Detector { engine, memory, maker, rules } = &mut self.detector;
        for &rule in engine.matches(context, memory) {
            let subject = maker.subject(context);
            let kept = self.keeping.as_mut().zip(rules.get(rule)).and_then(|(keeping, rule_)| {
                let alert = maker.alert(rule, context, subject.clone())?;
                keeping.alert(rule_, context, &alert);
                Some(alert)
            });
            let mut make = |subject| kept.clone().or_else(|| maker.alert(rule, context, subject));
            match &mut self.fold {
                Some(fold) => {
                    fold.matched(rule, subject, context.event.ts_ns, make, &mut self.due);
                }
                None => self.due.extend(make(subject)),
            }
            self.tally.matched(rule);
            self.printer.print(&mut self.due)?;
            if self.printer.left == Some(0) && self.keeping.is_none() {
                return Ok(Next::Stop);
            }
        }
        Ok(Next::Continue)
    }

    /// Repeats do not fold over the end of a recording.
    pub(super) fn end_of_recording(&mut self) -> Result<(), Error> {
        if let Some(fold) = &mut self.fold {
            fold.finish(&mut self.due);
        }
        if let Some(keeping) = &mut self.keeping {
            keeping.end();
        }
        self.printer.print(&mut self.due)
    }

    pub(super) fn finish(mut self, verbosity: Verbosity) -> Result<Outcome, Error> {
        if self.printer.counting {
            self.tally.print(&mut self.printer)?;
        }
        self.printer.out.flush()?;
        let delivered = self.printer.outputs.take().map_or(Ok(Outcome::Done), Outputs::finish)?;
        if verbosity != Verbosity::Quiet {
            notes::summary(&self.tally);
        }
        let kept = self.keeping.as_ref().map_or(Outcome::Done, Keeping::outcome);
        let found = self.fail_on.is_some_and(|least| self.tally.has(least));
        Ok(delivered.and(kept).and(if found { Outcome::Found } else { Outcome::Done }))
    }
}

/// How often each rule matched.
pub(super) struct Tally {
    /// Events that rules saw.
    pub(super) events: u64,
    /// For each rule: name, priority, count.
    pub(super) rules: Vec<(String, Priority, u64)>,
}

impl Tally {
    pub(super) fn new(rules: &[Known]) -> Self {
        let row = |rule: &Known| (rule.name.clone(), rule.priority, 0);
        Self { events: 0, rules: rules.iter().map(row).collect() }
    }

    fn matched(&mut self, rule: usize) {
        if let Some((_, _, count)) = self.rules.get_mut(rule) {
            *count += 1;
        }
    }

    /// Rules that matched.
    pub(super) fn met(&self) -> impl Iterator<Item = &(String, Priority, u64)> {
        self.rules.iter().filter(|(_, _, count)| *count > 0)
    }

    fn has(&self, least: Priority) -> bool {
        self.met().any(|(_, priority, _)| *priority <= least)
    }

    fn print(&self, printer: &mut Printer) -> Result<(), Error> {
        for (name, priority, count) in self.met() {
            let line = &mut printer.line;
            line.clear();
            match printer.form {
                output::Format::Text => write!(line, "{count:7}  {priority:13}  {name}")?,
                output::Format::Json => {
                    write!(line, "{{\"count\":{count},\"priority\":\"{priority}\",\"rule\":")?;
                    json_string(name.as_bytes(), line);
                    line.push(b'}');
                }
            }
            printer.out.line(line)?;
        }
        Ok(())
    }
}

/// Prints alerts, or sends them to the outputs that were asked for.
struct Printer {
    form: output::Format,
    counting: bool,
    left: Option<u64>,
    line: Vec<u8>,
    out: Out,
    outputs: Option<Outputs>,
}

impl Printer {
    fn new(
        args: &super::Args,
        outputs: Vec<config::Output>,
        verbosity: Verbosity,
    ) -> Result<Self, Error> {
        Ok(Self {
            form: args.format,
            counting: args.count,
            left: args.limit,
            line: Vec::new(),
            out: Out::new(),
            outputs: args.alerts.outputs.start(outputs, args.format, verbosity)?,
        })
    }

    /// Prints and removes the alerts, or as many as are still asked for.
    fn print(&mut self, due: &mut Vec<Alert>) -> Result<(), Error> {
        for alert in due.drain(..) {
            if self.left == Some(0) {
                break;
            }
            self.left = self.left.map(|left| left - 1);
            if self.counting {
                continue;
            }
            if let Some(outputs) = &self.outputs {
                outputs.send(alert)?;
                continue;
            }
            self.line.clear();
            match self.form {
                output::Format::Text => alert.text(&mut self.line),
                output::Format::Json => alert.json(&mut self.line),
            }
            self.out.line(&self.line)?;
        }
        Ok(())
    }
}
