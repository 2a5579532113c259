//! Which rules, and what is done with their alerts.

use std::path::PathBuf;

use clap::{Arg, Parser, ValueEnum};
use event::alert::Priority;
use notify::Target;
use rules::{alert::ContainerFields, engine::Matching};

use crate::{
    config::Config,
    detector::{Recipe, Wanted, selection},
    error::Error,
    incidents, outputs,
    rule_files::Sources,
    when::Duration,
};

/// What to do with which rules.
#[derive(Parser)]
#[group(skip)]
#[command(next_help_heading = "Alerts")]
pub(crate) struct Args {
    /// Rule files, and folders of such; print the alerts that their rules give of the events.
    /// May be given several times; the files are loaded in order.
    #[arg(id = "rules", long = "rules", value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Which rules give an alert of an event that several match.
    #[arg(long, value_enum, default_value = "first")]
    rule_matching: RuleMatching,
    /// Exit with code 1 if there was an alert of at least this priority: emergency, alert,
    /// critical, error, warning, notice, info, debug.
    #[arg(long, value_name = "PRIORITY")]
    pub(super) fail_on: Option<Priority>,
    /// Leave out rules of a lower priority.
    #[arg(long, value_name = "PRIORITY")]
    min_priority: Option<Priority>,
    /// Only rules with this tag, also those that their files disable. May be given several times.
    #[arg(long, value_name = "TAG", conflicts_with_all = ["disable_tag", "disable_rule"])]
    tag: Vec<String>,
    /// No rules with this tag.
    #[arg(long, value_name = "TAG")]
    disable_tag: Vec<String>,
    /// No rules whose name has this in it; with * in it, it is the whole name.
    #[arg(long, value_name = "NAME")]
    disable_rule: Vec<String>,
    /// Rules whose name has this in it, also those that are disabled otherwise.
    #[arg(long, value_name = "NAME")]
    enable_rule: Vec<String>,
    /// Behind the output of every rule: text with %field in it.
    #[arg(long, value_name = "FORMAT")]
    append_output: Vec<String>,
    /// Don't say the container and the pod behind every rule's output.
    #[arg(long)]
    no_container_fields: bool,
    /// Make one alert of repeats of the same rule by the same process and target within this time
    /// (60s, 5m): the first at once, then one with the count.
    #[arg(long, value_name = "DURATION")]
    pub(super) fold: Option<Duration>,
    #[command(flatten)]
    pub(super) outputs: outputs::Args,
    #[command(flatten)]
    pub(super) incidents: incidents::Args,
}

/// Which rules give an alert of an event that several match.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum RuleMatching {
    /// The first in the order in which they were loaded.
    First,
    /// All.
    All,
}

/// What is written to and run for alerts.
#[derive(Clone, Debug)]
pub(crate) struct Places {
    /// Files, and the folder of incidents.
    pub(crate) writes: Vec<PathBuf>,
    /// Whether alerts go to programs.
    pub(crate) has_programs: bool,
}

/// Options that mean nothing without rules.
const OF_RULES: [&str; 14] = [
    "rule_matching",
    "fail_on",
    "min_priority",
    "tag",
    "disable_tag",
    "disable_rule",
    "enable_rule",
    "append_output",
    "no_container_fields",
    "fold",
    "alert_output",
    "config",
    "before",
    "after",
];

/// For commands that do something else where no rules are named: options that are about alerts ask
/// for rules.
pub(crate) fn ask_for_rules(arg: Arg) -> Arg {
    if OF_RULES.iter().any(|name| arg.get_id() == name) { arg.requires("rules") } else { arg }
}

impl Args {
    /// Whether there are rules at all.
    pub(crate) fn are_asked_for(&self) -> bool {
        !self.paths.is_empty()
    }

    /// The configuration; an empty one if no file was named.
    pub(crate) fn config(&self) -> Result<Config, Error> {
        self.outputs.config()
    }

    /// How the rules are loaded: the default ones if none are named.
    pub(crate) fn recipe(&self) -> Recipe {
        let sources = match self.paths.as_slice() {
            [] => Sources::Default,
            paths => Sources::Paths(paths.to_vec()),
        };
        Recipe { sources, wanted: self.wanted() }
    }

    /// The store's folder, by the command line and the configuration.
    ///
    /// # Errors
    /// If the configuration cannot be read.
    pub(crate) fn store(&self) -> Result<Option<PathBuf>, Error> {
        Ok(self.incidents.store(&self.config()?.incidents))
    }

    /// What is written to and run for alerts, by the command line and the configuration.
    ///
    /// # Errors
    /// If the configuration cannot be read.
    pub(crate) fn places(&self) -> Result<Places, Error> {
        let config = self.outputs.config()?;
        let store = self.incidents.store(&config.incidents).into_iter();
        let mut places = Places { writes: store.collect(), has_programs: false };
        for target in self.outputs.targets(&config) {
            match target {
                Target::File(file) => places.writes.push(file.path.clone()),
                Target::Program(_) => places.has_programs = true,
                Target::Stdout | Target::Syslog(_) | Target::Http(_) => {}
            }
        }
        Ok(places)
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
