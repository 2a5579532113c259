//! `watchkeeper config keys`: every key of the configuration file.

use std::io::Write;

use clap::Parser;
use serde_json::json;

use crate::{
    config::{self, Doc},
    error::{Error, Outcome},
    output::{DocFormat, Out},
};

/// Lists the keys of the configuration file: type, default, meaning, example.
#[derive(Parser)]
#[command(after_help = "\
Examples:
  watchkeeper config keys
  watchkeeper config keys --format json | jq -r .key
  watchkeeper config keys --format markdown > config.md")]
pub(crate) struct Args {
    /// Form of the output.
    #[arg(long, value_enum, default_value = "text")]
    format: DocFormat,
}

const INTRODUCTION: &str = "\
# Configuration

A configuration file is YAML. `watchkeeper config check FILE` says everything that is wrong with \
one. Sizes are bytes, or have a unit (`64MiB`); durations have one (`500ms`, `90s`, `24h`).
";

/// Runs the command.
pub(crate) fn run(args: &Args) -> Result<Outcome, Error> {
    let mut out = Out::new();
    if args.format == DocFormat::Markdown {
        out.write_all(INTRODUCTION.as_bytes())?;
    }
    for (within, doc) in config::keys() {
        match args.format {
            DocFormat::Text => text(&mut out, within, doc)?,
            DocFormat::Markdown => markdown(&mut out, within, doc)?,
            DocFormat::Json => writeln!(out, "{}", object(within, doc))?,
        }
    }
    out.flush()?;
    Ok(Outcome::Done)
}

fn text(out: &mut Out, within: &str, doc: &Doc) -> Result<(), Error> {
    writeln!(out, "{within}{}: {}{}", doc.name, doc.ty, defaults(doc))?;
    writeln!(out, "    {}{}", doc.doc, types(doc))?;
    writeln!(out, "    example: {}", doc.example)?;
    Ok(())
}

fn markdown(out: &mut Out, within: &str, doc: &Doc) -> Result<(), Error> {
    writeln!(out, "\n## `{within}{}`\n", doc.name)?;
    writeln!(out, "{}{}\n", doc.doc, types(doc))?;
    writeln!(out, "Type: {}{}.\n", doc.ty, defaults(doc))?;
    writeln!(out, "Example: `{}`", doc.example)?;
    Ok(())
}

fn defaults(doc: &Doc) -> String {
    if doc.default.is_empty() { String::new() } else { format!("; default: {}", doc.default) }
}

fn types(doc: &Doc) -> String {
    if doc.of.is_empty() { String::new() } else { format!(" For type {}.", doc.of.join(", ")) }
}

fn object(within: &str, doc: &Doc) -> serde_json::Value {
    json!({
        "key": format!("{within}{}", doc.name),
        "type": doc.ty,
        "default": doc.default,
        "of": doc.of,
        "doc": doc.doc,
        "example": doc.example,
    })
}
