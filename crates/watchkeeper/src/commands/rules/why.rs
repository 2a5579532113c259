//! `watchkeeper rules why`: why an event matches a rule, or does not.

mod report;

use std::path::PathBuf;

use clap::Parser;
use rules::{
    engine::{Engine, EngineMemory, Matching},
    explain::{Distance, Trace, Tree},
    filter::{Filter, Memory},
    format::{Format, Missing},
    load::{Definitions, Rule},
};
use state::{Audience, Context, Engines, Limits, State};

use super::subject;
use crate::{
    commands::replay,
    error::{Error, Outcome},
    input::{Input, Next},
    output::{self, Verbosity},
    rule_files,
};

/// Says why an event matches a rule, or what keeps it from matching.
///
/// Each part of the rule's condition with its result, each comparison with the value that it was
/// given. Without --event and --filter, of the first event that matches, or else of the one that
/// came nearest.
#[derive(Parser)]
#[command(after_help = "\
Examples:
  watchkeeper rules why 'Shell in container' --rules rules/ --capture incident.scap --event 4711
  watchkeeper rules why shell -r rules/ -c incident.scap --filter 'proc.name = bash'
  watchkeeper rules why shell -r rules/ -c incident.scap

Event numbers are those that replay prints (evt.num).")]
pub(crate) struct Args {
    #[command(flatten)]
    subject: subject::Subject,
    /// Capture file (.scap; plain, gzip or zstd); - reads stdin.
    #[arg(short, long, value_name = "FILE")]
    capture: PathBuf,
    /// Number of the event, as replay prints it.
    #[arg(short, long, value_name = "N")]
    event: Option<u64>,
    /// The first event that this condition picks.
    #[arg(short, long, value_name = "EXPR", conflicts_with = "event")]
    filter: Option<String>,
    /// Form of the output.
    #[arg(long, value_enum, default_value = "text")]
    format: output::Format,
    /// Container engines, as in replay.
    #[arg(long, value_name = "LIST")]
    engines: Option<Engines>,
}

/// Runs the command.
pub(crate) fn run(args: &Args, verbosity: Verbosity) -> Result<Outcome, Error> {
    let definitions = rule_files::load(&args.subject.rules)?.definitions;
    let index = subject::find(&definitions, &args.subject.rule)?;
    let rule = &definitions.rules[index];
    if let Some(reason) = subject::inactive(rule) {
        let name = rules::explain::safe(&rule.name);
        return Err(Error::Usage(format!("rule '{name}' is inactive: {reason}")));
    }
    let wanted = match (args.event, &args.filter) {
        (Some(number), _) => Wanted::Number(number),
        (None, Some(text)) => Wanted::Picked(replay::filter(text, verbosity)?),
        (None, None) => Wanted::Nearest,
    };
    let mut search = Search::new(&definitions, index, wanted)?;
    let mut input = Input::open(&args.capture, verbosity)?;
    let mut state = State::new(Limits::default());
    state.set_engines(args.engines.unwrap_or_default());
    let outcome = input.contexts(&mut state, |context| search.event(context))?;
    // Its progress bar goes first.
    drop(input);
    let found = search.found.take().ok_or_else(|| search.not_found(args))?;
    report::print(&definitions, rule, &found, args.format)?;
    Ok(outcome)
}

/// Which event.
enum Wanted {
    Number(u64),
    Picked(Filter),
    Nearest,
}

/// The event, and everything that is to be said about it.
struct Found {
    /// As text and as JSON.
    event: (Vec<u8>, Vec<u8>),
    trace: Trace,
    distance: Distance,
    /// Whether it was looked for because nothing in particular was asked for.
    is_nearest: bool,
    /// The first rule in load order that takes the event before this one.
    earlier: Option<String>,
}

/// Looks for the event.
struct Search<'d> {
    definitions: &'d Definitions,
    wanted: Wanted,
    tree: Tree,
    /// Tells which events can match at all.
    alone: Engine,
    /// The rules before this one that take part, and their places.
    earlier: Engine,
    places: Vec<usize>,
    line: Format,
    memory: Memory,
    engine_memory: EngineMemory,
    found: Option<Found>,
    /// Number of the last event read.
    last: u64,
}

const EVENT_TEXT: &str = "%evt.time %proc.name (%proc.pid) %evt.type %evt.args";

impl<'d> Search<'d> {
    fn new(definitions: &'d Definitions, index: usize, wanted: Wanted) -> Result<Self, Error> {
        let rule = &definitions.rules[index];
        let broken = || subject::broken(rule);
        let places: Vec<usize> =
            (0..index).filter(|&earlier| definitions.rules[earlier].is_on()).collect();
        let rules = places.iter().map(|&place| &definitions.rules[place]);
        Ok(Self {
            definitions,
            wanted,
            tree: Tree::of(&rule.condition).map_err(broken())?,
            alone: Engine::new([rule], Matching::First).map_err(broken())?,
            earlier: Engine::new(rules, Matching::First).map_err(broken())?,
            places,
            line: event_format(EVENT_TEXT)?,
            memory: Memory::default(),
            engine_memory: EngineMemory::default(),
            found: None,
            last: 0,
        })
    }

    fn event(&mut self, context: &Context<'_>) -> Result<Next, Error> {
        self.last = context.num;
        let is_wanted = match &self.wanted {
            Wanted::Number(number) if context.num == *number => {
                if context.audience != Audience::Readers {
                    return Err(Error::Usage(format!(
                        "event {number} is not for rules: it stands in the recording only to \
                         bring what is known of the machine up to date"
                    )));
                }
                true
            }
            Wanted::Number(_) => false,
            _ if context.audience != Audience::Readers => false,
            Wanted::Picked(filter) => filter.matches(context, &mut self.memory),
            Wanted::Nearest => return self.compare(context),
        };
        if !is_wanted {
            return Ok(Next::Continue);
        }
        let distance = self.tree.distance(context, &mut self.memory);
        self.keep(context, distance)?;
        Ok(Next::Stop)
    }

    /// Keeps the event if it is nearer than all before it.
    fn compare(&mut self, context: &Context<'_>) -> Result<Next, Error> {
        if !self.alone.may_match(context.event.kind) {
            return Ok(Next::Continue);
        }
        let distance = self.tree.distance(context, &mut self.memory);
        let best = self.found.as_ref().map_or(usize::MAX, |found| found.distance.checks);
        if distance.holds || distance.checks < best {
            self.keep(context, distance)?;
        }
        Ok(if distance.holds { Next::Stop } else { Next::Continue })
    }

    fn keep(&mut self, context: &Context<'_>, distance: Distance) -> Result<(), Error> {
        let mut text = Vec::new();
        self.line.text(context, &mut self.memory, &mut text);
        let mut json = Vec::new();
        event_format("%evt.num %evt.time %evt.type %proc.name %proc.pid %proc.cmdline")?.json(
            context,
            &mut self.memory,
            &mut json,
        );
        let head = format!("event {}: ", context.num);
        text.splice(..0, head.into_bytes());
        let earlier = self.earlier.matches(context, &mut self.engine_memory).first();
        let earlier = earlier.and_then(|&first| self.places.get(first));
        self.found = Some(Found {
            event: (text, json),
            trace: self.tree.trace(context, &mut self.memory),
            distance,
            is_nearest: matches!(self.wanted, Wanted::Nearest),
            earlier: earlier.map(|&place| self.definitions.rules[place].name.to_string()),
        });
        Ok(())
    }

    fn not_found(&self, args: &Args) -> Error {
        let file = args.capture.display();
        let last = self.last;
        Error::Usage(match &self.wanted {
            _ if last == 0 => format!("{file}: has no events"),
            Wanted::Number(number) => {
                format!("{file}: has no event {number}; its events are 1 to {last}")
            }
            Wanted::Picked(_) => format!("{file}: none of its {last} events fits the filter"),
            Wanted::Nearest => format!(
                "{file}: none of its {last} events is of a type that the rule needs: {}",
                super::explain::event_names(&self.alone)
            ),
        })
    }
}

fn event_format(text: &str) -> Result<Format, Error> {
    let format = Format::compile(text).map_err(|report| Error::Usage(report.to_string()))?;
    Ok(format.with_missing(Missing::IsMarked))
}

/// What keeps an event that matches from setting off an alert of this rule.
fn note(rule: &Rule, found: &Found) -> Option<String> {
    if !rule.enabled {
        return Some("the rule is disabled: it sets off no alert until it is enabled".to_owned());
    }
    let earlier = found.earlier.as_ref().filter(|_| found.trace.holds)?;
    Some(format!(
        "rule '{}' stands before it and matches too; unless all rules that match count \
         (--rule-matching all), the alert is of that rule",
        rules::explain::safe(earlier)
    ))
}
