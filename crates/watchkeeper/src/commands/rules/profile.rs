//! `watchkeeper rules profile`: time and matches of each rule.

mod measure;

use std::{
    cmp::Reverse,
    io::Write,
    path::{Path, PathBuf},
};

use clap::{Parser, ValueEnum};
use rules::{
    explain::safe,
    load::{Definitions, Rule},
};
use serde_json::{Value, json};
use state::Engines;

use self::measure::{Measured, Pass};
use super::subject;
use crate::{
    error::{Error, Outcome},
    output::{self, Out, Verbosity},
    rule_files,
};

/// Measures each rule on captures: the events that it looks at, its matches, its time.
#[derive(Parser)]
#[command(after_help = "\
Examples:
  watchkeeper rules profile busy.scap --rules rules/
  watchkeeper rules profile *.scap -r rules/ --sort matches
  watchkeeper rules profile busy.scap -r rules/ --format json | jq '.rules[0]'

Every rule is evaluated by itself on every event that its types admit, with a reading of the clock
between one rule and the next; the clock's own cost is measured and taken off. Of several passes
the shortest time counts for each rule. A damaged capture is read once. Rules that are disabled or inactive are left out.")]
pub(crate) struct Args {
    /// Capture files (.scap; plain, gzip or zstd); - reads stdin.
    #[arg(required = true, value_name = "CAPTURE")]
    captures: Vec<PathBuf>,
    /// Rule files and folders of such, in the order in which they are loaded.
    #[arg(short, long, required = true, value_name = "PATH")]
    rules: Vec<PathBuf>,
    /// Which rules stand first.
    #[arg(long, value_enum, default_value = "time")]
    sort: Sort,
    /// How often the captures are read; stdin once.
    #[arg(long, value_name = "N", default_value = "3", value_parser = clap::value_parser!(u32).range(1..=1000))]
    passes: u32,
    /// Form of the output.
    #[arg(long, value_enum, default_value = "text")]
    format: output::Format,
    /// Container engines, as in replay.
    #[arg(long, value_name = "LIST")]
    engines: Option<Engines>,
}

/// An order of rules.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum Sort {
    /// The slowest first.
    Time,
    /// Those with the most matches first.
    Matches,
}

/// Runs the command.
pub(crate) fn run(args: &Args, verbosity: Verbosity) -> Result<Outcome, Error> {
    let definitions = rule_files::load(&args.rules)?.definitions;
    let rules: Vec<&Rule> = definitions.rules.iter().filter(|rule| rule.is_on()).collect();
    if rules.is_empty() {
        return Err(Error::Usage("none of the rules is enabled and active".to_owned()));
    }
    let stdin = args.captures.iter().any(|path| path == Path::new("-"));
    let passes = if stdin { 1 } else { args.passes };
    let mut outcome = Outcome::Done;
    let mut best: Option<Measured> = None;
    for _ in 0..passes {
        let mut pass = Pass::new(&rules)?;
        for path in &args.captures {
            outcome = outcome.and(pass.capture(path, args.engines, verbosity)?);
        }
        let measured = pass.measured();
        best = Some(best.map_or(measured.clone(), |best| best.shorter_of(&measured)));
        // What is wrong with a capture is said once.
        if outcome == Outcome::InPart {
            break;
        }
    }
    let measured = best.unwrap_or_default();
    let profile = Profile { rules: sorted(&rules, &measured, args.sort), measured: &measured };
    let mut out = Out::new();
    match args.format {
        output::Format::Text => profile.text(&mut out)?,
        output::Format::Json => writeln!(out, "{}", profile.json(&definitions))?,
    }
    out.flush()?;
    Ok(outcome)
}

/// Rules with their places in what was measured.
fn sorted<'r>(rules: &[&'r Rule], measured: &Measured, sort: Sort) -> Vec<(usize, &'r Rule)> {
    let mut sorted: Vec<_> = rules.iter().copied().enumerate().collect();
    sorted.sort_by_key(|&(index, _)| {
        let one = &measured.rules[index];
        Reverse(match sort {
            Sort::Time => (one.ns, one.matches),
            Sort::Matches => (one.matches, one.ns),
        })
    });
    sorted
}

struct Profile<'p> {
    rules: Vec<(usize, &'p Rule)>,
    measured: &'p Measured,
}

/// Widest column of names, characters.
const WIDEST: usize = 60;

impl Profile<'_> {
    fn alone_ns(&self) -> u64 {
        self.measured.rules.iter().map(|one| one.ns).sum()
    }

    fn share(&self, ns: u64) -> f64 {
        ns as f64 / self.alone_ns().max(1) as f64
    }

    fn text(&self, out: &mut Out) -> Result<(), Error> {
        let names: Vec<String> = self.rules.iter().map(|(_, rule)| safe(&rule.name)).collect();
        let longest = names.iter().map(|name| name.chars().count()).max().unwrap_or(0);
        let width = longest.clamp(20, WIDEST);
        writeln!(
            out,
            "{:<width$} {:>10} {:>8} {:>10} {:>8} {:>6}",
            "rule", "events", "matches", "ms", "ns/event", "share"
        )?;
        for ((index, _), name) in self.rules.iter().zip(&names) {
            let one = &self.measured.rules[*index];
            writeln!(
                out,
                "{name:<width$} {:>10} {:>8} {:>10.3} {:>8.0} {:>5.1}%",
                one.events,
                one.matches,
                one.ns as f64 / 1e6,
                one.ns as f64 / one.events.max(1) as f64,
                self.share(one.ns) * 100.0
            )?;
        }
        self.totals(out)
    }

    fn totals(&self, out: &mut Out) -> Result<(), Error> {
        let Measured { events, together_ns, matched, reading_ns, .. } = *self.measured;
        let ms = |ns: u64| ns as f64 / 1e6;
        writeln!(out, "\n{} rules, {events} events", self.rules.len())?;
        writeln!(out, "each rule alone, together   {:>10.3} ms", ms(self.alone_ns()))?;
        writeln!(
            out,
            "all rules as replay runs    {:>10.3} ms, {matched} events matched",
            ms(together_ns)
        )?;
        writeln!(out, "reading the captures        {:>10.3} ms", ms(reading_ns))?;
        Ok(())
    }

    fn json(&self, definitions: &Definitions) -> Value {
        let rules: Vec<Value> = self
            .rules
            .iter()
            .map(|(index, rule)| {
                let one = &self.measured.rules[*index];
                json!({
                    "rule": &*rule.name,
                    "place": subject::place_json(definitions, rule.span),
                    "events": one.events,
                    "matches": one.matches,
                    "ns": one.ns,
                    "share": self.share(one.ns),
                })
            })
            .collect();
        let measured = self.measured;
        json!({
            "events": measured.events,
            "rules": rules,
            "alone_ns": self.alone_ns(),
            "together_ns": measured.together_ns,
            "matched_events": measured.matched,
            "reading_ns": measured.reading_ns,
        })
    }
}
