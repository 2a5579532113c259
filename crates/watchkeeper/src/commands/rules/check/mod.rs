//! `watchkeeper rules check`: everything that is wrong with rule files.
//!
//! - `found`: what a check found; `text`, `json`, `github`: its forms.

mod found;
mod github;
mod json;
mod text;

use std::{io::Write, path::PathBuf};

use clap::{Parser, ValueEnum};

use crate::{
    error::{Error, Outcome},
    output::{Verbosity, beside_code},
    rule_files,
};
use found::Found;

/// Says everything that is wrong or doubtful about rule files, all at once.
#[derive(Parser)]
#[command(after_help = "\
Exit code: 0 no errors; 1 warnings, with --strict; 2 errors.

Examples:
  watchkeeper rules check rules/
  watchkeeper rules check base.yaml site.d/ --strict
  watchkeeper rules check rules/ --format github
  cat new.yaml | watchkeeper rules check base.yaml - --format json")]
pub(crate) struct Args {
    /// Rule files and folders of such, in the order in which they are loaded; - is stdin.
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Form of the output.
    #[arg(long, value_enum, default_value = "text")]
    format: Form,
    /// End with exit code 1 if there are warnings.
    #[arg(long)]
    strict: bool,
}

/// Form of the output.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum Form {
    /// For people.
    Text,
    /// For programs: one object.
    Json,
    /// For GitHub Actions: annotations of the files.
    Github,
}

/// Runs the command.
pub(crate) fn run(args: &Args, verbosity: Verbosity) -> Result<Outcome, Error> {
    let found = Found::new(rule_files::check(&args.paths));
    beside_code(match args.format {
        Form::Text => text::print(&found, &mut anstream::stdout().lock()),
        Form::Json => json::print(&found, &mut std::io::stdout().lock()),
        Form::Github => github::print(&found, &mut std::io::stdout().lock()),
    })?;
    if verbosity != Verbosity::Quiet {
        writeln!(std::io::stderr(), "{}", found.summary())?;
    }
    Ok(match () {
        () if found.errors > 0 => Outcome::Wrong,
        () if found.warnings > 0 && args.strict => Outcome::Found,
        () => Outcome::Done,
    })
}
