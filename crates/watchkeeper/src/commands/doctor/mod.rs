//! `watchkeeper doctor`: whether and how this host can be recorded, and what is missing.
//!
//! - `facts`: what the system says of itself.
//! - `checks`: what follows from it, in plain words.

mod checks;
mod facts;

use std::{
    io::{self, Write},
    path::Path,
};

use clap::Parser;
use serde::Serialize;

use self::{
    checks::{Check, Verdict},
    facts::Facts,
};
use crate::{
    error::{Error, Outcome},
    output::{Format, Verbosity, beside_code},
};

/// Says whether and how this host can be recorded, and what is missing.
///
/// Nothing is attached and nothing is changed.
#[derive(Parser)]
#[command(after_help = "\
Examples:
  watchkeeper doctor
  sudo watchkeeper doctor --load
  watchkeeper doctor --quiet && sudo watchkeeper run

Exit code: 0 this host can be recorded; 1 it cannot, as things are.")]
pub(crate) struct Args {
    /// Have the kernel check all programs, too, and say which it refuses; takes root. They are
    /// attached to nothing.
    #[arg(long)]
    load: bool,
    /// Form of the output.
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

/// What the doctor says.
#[derive(Serialize)]
struct Report {
    can_record: bool,
    checks: Vec<Check>,
}

/// Runs the command.
pub(crate) fn run(args: &Args, verbosity: Verbosity) -> Result<Outcome, Error> {
    let mut checks = checks::all(&Facts::read(Path::new("/")));
    if args.load && can_record(&checks) {
        checks.push(checks::loaded(capture::ebpf::try_load()));
    }
    let report = Report { can_record: can_record(&checks), checks };
    if verbosity != Verbosity::Quiet {
        beside_code(match args.format {
            Format::Text => print(&report),
            Format::Json => print_json(&report),
        })?;
    }
    Ok(if report.can_record { Outcome::Done } else { Outcome::Found })
}

/// What is missing for this host to be recorded; `None` if nothing is.
pub(crate) fn obstacle() -> Option<String> {
    let checks = checks::all(&Facts::read(Path::new("/")));
    checks.into_iter().find(|check| check.verdict == Verdict::Missing).map(|check| check.text)
}

fn can_record(checks: &[Check]) -> bool {
    checks.iter().all(|check| check.verdict != Verdict::Missing)
}

fn print(report: &Report) -> io::Result<()> {
    let mut out = io::stdout().lock();
    for Check { name, verdict, text, mend } in &report.checks {
        writeln!(out, "{:8} {name:12} {text}", verdict.word())?;
        if let Some(mend) = mend {
            writeln!(out, "{:21} to mend it: {mend}", "")?;
        }
    }
    let last = if report.can_record {
        "this host can be recorded: watchkeeper run"
    } else {
        "this host cannot be recorded as things are; one command can: watchkeeper trace -- COMMAND"
    };
    writeln!(out, "\n{last}")
}

fn print_json(report: &Report) -> io::Result<()> {
    let mut out = io::stdout().lock();
    serde_json::to_writer(&mut out, report)?;
    writeln!(out)
}
