//! Timelines in every form.

use std::io::{self, BufWriter, IsTerminal, Write};

use clap::{Parser, ValueEnum};
use timeline::views::{
    html, json, markdown,
    text::{self, Expand, Palette, Scope},
};

use super::Story;
use crate::{error::Error, output::Out};

/// Columns of text that does not go to a terminal.
const USUAL_WIDTH: usize = 100;

/// Form of a timeline.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(crate) enum Form {
    /// For a terminal.
    Text,
    /// For programs: one object.
    Json,
    /// For a ticket.
    Markdown,
    /// One file for a browser, to be opened offline.
    Html,
}

/// How a timeline is shown.
#[derive(Parser)]
#[group(skip)]
pub(crate) struct Args {
    /// Show in full what is folded: of a process (its id), of a moment (a relative time, as 5.990),
    /// or all. May be given several times. For text.
    #[arg(long, value_name = "WHAT", allow_hyphen_values = true)]
    expand: Vec<Expand>,
    /// Show also sessions and processes that have nothing to do with the alerts. For text and
    /// Markdown.
    #[arg(short, long)]
    all: bool,
    /// Columns [default: those of the terminal, else 100]. For text.
    #[arg(long, value_name = "N")]
    width: Option<u16>,
    /// Whether text has colours.
    #[arg(long, value_enum, value_name = "WHEN", default_value = "auto")]
    color: Color,
}

/// Whether text has colours.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum Color {
    /// On a terminal, unless NO_COLOR is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl Args {
    /// As it is shown where nothing else is asked for.
    pub(crate) fn usual() -> Self {
        Self { expand: Vec::new(), all: false, width: None, color: Color::Auto }
    }

    /// Writes the story to stdout in this form.
    pub(crate) fn write(&self, story: &Story, form: Form, out: &mut Out) -> Result<(), Error> {
        Ok(self.write_to(story, form, io::stdout().is_terminal(), out)?)
    }

    /// Writes the story to a file in this form: without colours and as wide as usual, unless
    /// something else is asked for.
    pub(crate) fn write_file(
        &self,
        story: &Story,
        form: Form,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        self.write_to(story, form, false, out)
    }

    /// Writes the story to stderr as text.
    pub(crate) fn write_stderr(&self, story: &Story) -> io::Result<()> {
        let stderr = io::stderr();
        let is_terminal = stderr.is_terminal();
        let mut out = BufWriter::new(stderr.lock());
        self.write_to(story, Form::Text, is_terminal, &mut out)?;
        out.flush()
    }

    fn write_to(
        &self,
        story: &Story,
        form: Form,
        is_terminal: bool,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let Story { timeline, heading, .. } = story;
        match form {
            Form::Text => text::write(timeline, heading, &self.options(is_terminal), out),
            Form::Json => json::write(timeline, json::Form::Pretty, out),
            Form::Markdown => markdown::write(timeline, heading, self.scope(), out),
            Form::Html => html::write(timeline, heading, out),
        }
    }

    fn options(&self, is_terminal: bool) -> text::Options {
        let terminal = terminal_size::terminal_size().filter(|_| is_terminal);
        let columns = terminal.map(|(width, _)| usize::from(width.0));
        text::Options {
            width: self.width.map(usize::from).or(columns).unwrap_or(USUAL_WIDTH),
            palette: self.palette(is_terminal),
            scope: self.scope(),
            expand: self.expand.clone(),
        }
    }

    fn scope(&self) -> Scope {
        if self.all { Scope::All } else { Scope::Related }
    }

    fn palette(&self, is_terminal: bool) -> Palette {
        let is_asked_for = match self.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => {
                is_terminal
                    && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
                    && std::env::var_os("TERM").is_none_or(|value| value != "dumb")
            }
        };
        if is_asked_for { Palette::Ansi } else { Palette::Plain }
    }
}
