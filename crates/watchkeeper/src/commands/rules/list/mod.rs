//! `watchkeeper rules list`: what rule files define.
//!
//! - `entry`: what is said about a rule; `table`, `json`: its forms.

mod entry;
mod json;
mod table;

use std::path::PathBuf;

use clap::Parser;
use event::alert::Priority;
use rules::{
    filter::matches_glob,
    load::{Definitions, Rule},
};

use crate::{
    error::{Error, Outcome},
    output::{DocFormat, Out},
    rule_files,
};
use entry::Entry;

/// Lists rules in load order: priority, state, the event types they need, ATT&CK, tags.
#[derive(Parser)]
#[command(after_help = "\
State: on; disabled (by 'enabled: false'); no-source (for a source of events that is not
here); unknown-field (it names one and asks to be skipped then).

Examples:
  watchkeeper rules list rules/
  watchkeeper rules list rules/ --priority warning --tag T1059
  watchkeeper rules list rules/ --name '*shell*' --format json
  watchkeeper rules list rules/ --macros --lists
  watchkeeper rules list rules/ --format markdown > rules.md")]
pub(crate) struct Args {
    /// Rule files and folders of such, in the order in which they are loaded; - is stdin.
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Only rules with this tag, or with a tag that stands for this ATT&CK tactic (TA0002); in
    /// either case. T1059 has T1059.004 in it. May be given again: rules with any of them.
    #[arg(short, long = "tag", value_name = "TAG")]
    tags: Vec<String>,
    /// Only rules that are at least as bad.
    #[arg(short, long, value_name = "PRIORITY")]
    priority: Option<Priority>,
    /// Only rules for this source of events: syscall, k8s_audit.
    #[arg(short, long, value_name = "SOURCE")]
    source: Option<String>,
    /// Only rules, macros and lists whose name matches this shell pattern, in either case.
    #[arg(short, long, value_name = "PATTERN")]
    name: Option<String>,
    /// Macros too.
    #[arg(long)]
    macros: bool,
    /// Lists too.
    #[arg(long)]
    lists: bool,
    /// Form of the output.
    #[arg(long, value_enum, default_value = "text")]
    format: DocFormat,
}

/// What is listed.
struct Listed<'d> {
    definitions: &'d Definitions,
    rules: Vec<Entry<'d>>,
    /// `None` if nobody asked.
    macros: Option<Vec<&'d rules::load::Macro>>,
    /// `None` if nobody asked.
    lists: Option<Vec<&'d rules::load::List>>,
}

/// Runs the command.
pub(crate) fn run(args: &Args) -> Result<Outcome, Error> {
    let definitions = rule_files::load(&args.paths)?.definitions;
    let wanted = definitions.rules.iter().filter(|rule| args.wants(rule));
    let macros = definitions.macros.iter().filter(|of| args.wants_name(&of.name));
    let lists = definitions.lists.iter().filter(|of| args.wants_name(&of.name));
    let listed = Listed {
        definitions: &definitions,
        rules: wanted.map(|rule| Entry::new(rule, &definitions.sources)).collect(),
        macros: args.macros.then(|| macros.collect()),
        lists: args.lists.then(|| lists.collect()),
    };
    let mut out = Out::new();
    match args.format {
        DocFormat::Text => table::text(&listed, &mut out)?,
        DocFormat::Markdown => table::markdown(&listed, &mut out)?,
        DocFormat::Json => json::print(&listed, &mut out)?,
    }
    Ok(Outcome::Done)
}

impl Args {
    fn wants(&self, rule: &Rule) -> bool {
        let has_tag = |wanted: &String| rule.tags.iter().any(|tag| entry::tag_is(tag, wanted));
        (self.tags.is_empty() || self.tags.iter().any(has_tag))
            && self.priority.is_none_or(|least| rule.priority <= least)
            && self.source.as_deref().is_none_or(|source| *rule.source == *source)
            && self.wants_name(&rule.name)
    }

    fn wants_name(&self, name: &str) -> bool {
        self.name.as_deref().is_none_or(|pattern| matches_glob(pattern, name))
    }
}
