//! How much is kept around an alert, and where: the command line, then the rule, then the
//! configuration, then what is usual.

use std::{path::PathBuf, time::Duration};

use clap::Parser;
use event::alert::Priority;
use recorder::{Ask, Limits, Settings};

use crate::{
    config::{Incidents, Keep, Window},
    detector::Known,
    when,
};

/// What an incident has of the time before and after, unless something else is said.
const USUAL: Duration = Duration::from_secs(30);

/// What the command line says of incidents.
#[derive(Parser)]
#[group(skip)]
#[command(next_help_heading = "Incidents")]
pub(crate) struct Args {
    /// Keep an incident for each group of related alerts in this folder, made if it is not there:
    /// the events around them, for `watchkeeper incident`.
    #[arg(long, value_name = "DIR", requires = "rules")]
    store: Option<PathBuf>,
    /// How much of the time before the first alert an incident has [default: 30s].
    #[arg(long, value_name = "DURATION", requires = "rules")]
    before: Option<when::Duration>,
    /// How much of the time after the last alert an incident has [default: 30s].
    #[arg(long, value_name = "DURATION", requires = "rules")]
    after: Option<when::Duration>,
}

/// What is to be done.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    /// The store's folder.
    pub(crate) store: PathBuf,
    /// For the recorder.
    pub(crate) settings: Settings,
    /// What is kept at most.
    pub(crate) keep: Keep,
    /// Rules of a lesser priority make no incidents.
    least: Priority,
    usual: Ask,
    windows: Vec<Window>,
}

impl Plan {
    /// What command line and configuration ask for together; `None` if no store is named.
    pub(crate) fn of(args: &Args, config: &Incidents) -> Option<Self> {
        let store = args.store.clone().or_else(|| config.store.clone())?;
        let either = |given: Option<when::Duration>, configured: Option<Duration>| {
            given.map_or_else(|| ns(configured.unwrap_or(USUAL)), when::Duration::ns)
        };
        let usual = Ask {
            before_ns: either(args.before, config.before),
            after_ns: either(args.after, config.after),
        };
        let windows = config.windows.iter().filter_map(|window| window.before).map(ns);
        let most_before_ns = windows.fold(usual.before_ns, u64::max);
        Some(Self {
            store,
            settings: settings(config, most_before_ns),
            keep: config.keep,
            least: config.min_priority.unwrap_or(Priority::Debug),
            usual,
            windows: config.windows.clone(),
        })
    }

    /// What an alert of this rule asks for; `None` if it makes no incident.
    pub(crate) fn ask(&self, rule: &Known) -> Option<Ask> {
        if rule.priority > self.least {
            return None;
        }
        let mut ask = self.usual;
        let names = |window: &&Window| {
            window.rule.as_deref() == Some(&*rule.name)
                || window.tag.as_ref().is_some_and(|tag| rule.tags.iter().any(|t| **t == **tag))
        };
        if let Some(window) = self.windows.iter().find(names) {
            ask.before_ns = window.before.map_or(ask.before_ns, ns);
            ask.after_ns = window.after.map_or(ask.after_ns, ns);
        }
        if rule.capture_duration_ms > 0 {
            ask.after_ns = u64::from(rule.capture_duration_ms) * 1_000_000;
        }
        Some(ask)
    }
}

/// What the configuration says of bounds.
fn settings(config: &Incidents, most_before_ns: u64) -> Settings {
    let usual = Settings::default();
    let limits = Limits {
        alerts: config.max_alerts.unwrap_or(usual.limits.alerts),
        duration_ns: config.max_duration.map_or(usual.limits.duration_ns, ns),
        event_bytes: config.max_size.unwrap_or(usual.limits.event_bytes),
        ..usual.limits
    };
    let look_back = config.look_back.and_then(|bytes| usize::try_from(bytes).ok());
    Settings {
        look_back_bytes: look_back.unwrap_or(usual.look_back_bytes),
        before_ns: most_before_ns,
        limits,
    }
}

fn ns(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
