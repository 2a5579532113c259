//! `watchkeeper fields`: every field of the rule language.

use std::io::Write;

use clap::Parser;
use rules::fields::{self, CLASSES, Field, FieldClass};
use serde_json::json;

use crate::{
    error::{Error, Outcome},
    output::{DocFormat, Out},
};

/// Lists the fields of filters, rules and output formats: type, meaning, argument, example.
#[derive(Parser)]
#[command(after_help = "\
Examples:
  watchkeeper fields
  watchkeeper fields fd.
  watchkeeper fields proc.aname --format json
  watchkeeper fields --format markdown > fields.md")]
pub(crate) struct Args {
    /// Only fields whose name or meaning contains this.
    #[arg(value_name = "TEXT")]
    text: Option<String>,
    /// Form of the output.
    #[arg(long, value_enum, default_value = "text")]
    format: DocFormat,
}

/// Runs the command.
pub(crate) fn run(args: &Args) -> Result<Outcome, Error> {
    let text = args.text.as_deref().unwrap_or_default().to_lowercase();
    let wanted =
        |field: &&Field| field.name.contains(&text) || field.doc.to_lowercase().contains(&text);
    let mut out = Out::new();
    if args.format == DocFormat::Markdown {
        write!(out, "# Fields\n\nWhat filters, rules and output formats can name.\n")?;
    }
    let mut found = 0;
    for class in CLASSES {
        let fields: Vec<&Field> = class.fields.iter().copied().flatten().filter(wanted).collect();
        found += fields.len();
        if !fields.is_empty() {
            print_class(&mut out, class, &fields, args.format)?;
        }
    }
    out.flush()?;
    if found == 0 {
        let names = fields::all().map(|field| field.name);
        let near = fields::nearest(&text, names)
            .map_or_else(String::new, |name| format!("; did you mean '{name}'?"));
        return Err(Error::Usage(format!("no field has '{text}' in its name or meaning{near}")));
    }
    Ok(Outcome::Done)
}

fn print_class(
    out: &mut Out,
    class: &FieldClass,
    fields: &[&Field],
    format: DocFormat,
) -> Result<(), Error> {
    match format {
        DocFormat::Text => writeln!(out, "\n{}: {}\n", class.name, class.doc)?,
        DocFormat::Markdown => writeln!(out, "\n## {}\n\n{}\n", class.name, class.doc)?,
        DocFormat::Json => {}
    }
    for field in fields {
        match format {
            DocFormat::Text => print_text(out, field)?,
            DocFormat::Markdown => print_markdown(out, field)?,
            DocFormat::Json => print_json(out, class, field)?,
        }
    }
    Ok(())
}

fn print_text(out: &mut Out, field: &Field) -> Result<(), Error> {
    let name = format!("{}{}", field.name, field.argument);
    writeln!(out, "  {name:<44} {}", field.ty.name())?;
    writeln!(out, "      {}", field.doc)?;
    writeln!(out, "      example: {}", field.example)?;
    Ok(())
}

fn print_markdown(out: &mut Out, field: &Field) -> Result<(), Error> {
    writeln!(out, "### `{}{}`\n", field.name, field.argument)?;
    writeln!(out, "{} Type: {}.\n", field.doc, field.ty.name())?;
    writeln!(out, "Example: `{}`\n", field.example)?;
    Ok(())
}

fn print_json(out: &mut Out, class: &FieldClass, field: &Field) -> Result<(), Error> {
    let line = json!({
        "class": class.name,
        "name": field.name,
        "type": field.ty.name(),
        "is_list": field.is_list(),
        "argument": field.argument.to_string(),
        "doc": field.doc,
        "example": field.example,
    });
    writeln!(out, "{line}")?;
    Ok(())
}
