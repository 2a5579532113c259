//! `watchkeeper config check`: whether a configuration file is right.

use std::{io::Write, path::PathBuf};

use clap::Parser;
use notify::Form;
use serde_json::json;

use crate::{
    config::{self, Output},
    error::{Error, Outcome},
    output::{Format, Out},
};

/// Says everything that is wrong with a configuration file; or, if it is right, what it sets up.
/// Nothing is opened or sent.
#[derive(Parser)]
#[command(after_help = "\
Examples:
  watchkeeper config check /etc/watchkeeper.yaml
  watchkeeper config check watchkeeper.yaml --format json | jq '.outputs[].to'

Exit code: 0 it is right; 2 it is not.")]
pub(crate) struct Args {
    /// The file.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Form of the output.
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

/// Runs the command.
pub(crate) fn run(args: &Args) -> Result<Outcome, Error> {
    let config = config::read(&args.file)?;
    let mut out = Out::new();
    match args.format {
        Format::Text => {
            writeln!(out, "{}: right; outputs: {}", args.file.display(), config.outputs.len())?;
            for Output { output, .. } in &config.outputs {
                let (name, form) = (output.to.name(), form(output.form));
                writeln!(out, "  {name}, {form}, {} and worse", output.min_priority)?;
            }
        }
        Format::Json => {
            let outputs: Vec<_> = config.outputs.iter().map(described).collect();
            writeln!(out, "{}", json!({"file": args.file.to_string_lossy(), "outputs": outputs}))?;
        }
    }
    out.flush()?;
    Ok(Outcome::Done)
}

fn described(Output { output, .. }: &Output) -> serde_json::Value {
    json!({
        "to": output.to.name(),
        "format": form(output.form),
        "min_priority": output.min_priority.name(),
    })
}

fn form(form: Form) -> &'static str {
    match form {
        Form::Text => "text",
        Form::Json => "json",
    }
}
