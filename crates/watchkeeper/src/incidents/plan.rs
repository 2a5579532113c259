//! How much is kept around an alert, and where.
//!
//! For one rule the first of these counts that says something: its `capture_duration`, its tags
//! `before:90s` and `after:5m`, a window of the configuration that names it or one of its tags; for
//! all others the command line, then the configuration, then what is usual.

use std::{path::PathBuf, time::Duration};

use clap::Parser;
use event::alert::Priority;
use recorder::{Ask, Limits, Settings};

use crate::{
    config::{self, Incidents, Keep, Window},
    detector::Known,
    error::Error,
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
    #[arg(long, value_name = "DIR")]
    store: Option<PathBuf>,
    /// How much of the time before the first alert an incident has [default: 30s].
    #[arg(long, value_name = "DURATION")]
    before: Option<when::Duration>,
    /// How much of the time after the last alert an incident has [default: 30s].
    #[arg(long, value_name = "DURATION")]
    after: Option<when::Duration>,
}

impl Args {
    /// The folder that incidents are kept in, if they are.
    pub(crate) fn store(&self, config: &Incidents) -> Option<PathBuf> {
        self.store.clone().or_else(|| config.store.clone())
    }
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
    /// What command line and configuration ask for together, for these rules; `None` if no incidents
    /// are asked for.
    ///
    /// # Errors
    /// If a time is asked for, but no store.
    pub(crate) fn of(
        args: &Args,
        config: &Incidents,
        rules: &[Known],
    ) -> Result<Option<Self>, Error> {
        let Some(store) = args.store(config) else {
            return match args.before.or(args.after) {
                None => Ok(None),
                Some(_) => Err(Error::Usage(
                    "--before and --after are for incidents, which need a place; give --store DIR"
                        .to_owned(),
                )),
            };
        };
        let either = |given: Option<when::Duration>, configured: Option<Duration>| {
            given.map_or_else(|| ns(configured.unwrap_or(USUAL)), when::Duration::ns)
        };
        let usual = Ask {
            before_ns: either(args.before, config.before),
            after_ns: either(args.after, config.after),
        };
        let mut plan = Self {
            store,
            settings: settings(config),
            keep: config.keep,
            least: config.min_priority.unwrap_or(Priority::Debug),
            usual,
            windows: config.windows.clone(),
        };
        plan.look_back_for(rules);
        Ok(Some(plan))
    }

    /// The look-back is as long as the longest window of these rules asks for.
    pub(super) fn look_back_for(&mut self, rules: &[Known]) {
        let asked = rules.iter().filter_map(|rule| self.ask(rule)).map(|ask| ask.before_ns);
        self.settings.before_ns = asked.max().unwrap_or(0);
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
        let tagged = |what: &str| {
            let texts = rule.tags.iter().filter_map(|tag| tag.strip_prefix(what));
            texts.filter_map(|text| config::span(text).ok()).map(ns).next()
        };
        ask.before_ns = tagged("before:").unwrap_or(ask.before_ns);
        ask.after_ns = tagged("after:").unwrap_or(ask.after_ns);
        if rule.capture_duration_ms > 0 {
            ask.after_ns = u64::from(rule.capture_duration_ms) * 1_000_000;
        }
        Some(ask)
    }
}

/// What the configuration says of bounds.
fn settings(config: &Incidents) -> Settings {
    let usual = Settings::default();
    let limits = Limits {
        alerts: config.max_alerts.unwrap_or(usual.limits.alerts),
        duration_ns: config.max_duration.map_or(usual.limits.duration_ns, ns),
        event_bytes: config.max_size.unwrap_or(usual.limits.event_bytes),
        ..usual.limits
    };
    let look_back = config.look_back.and_then(|bytes| usize::try_from(bytes).ok());
    let look_back_bytes = look_back.unwrap_or(usual.look_back_bytes);
    Settings { look_back_bytes, limits, ..usual }
}

fn ns(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use std::{path::Path, sync::Arc};

    use super::*;

    const SECOND: u64 = 1_000_000_000;

    fn rule(name: &str, tags: &[&str], capture_duration_ms: u32) -> Known {
        let tags: Arc<[Box<str>]> = tags.iter().map(|&tag| tag.into()).collect();
        Known { name: name.to_owned(), priority: Priority::Notice, tags, capture_duration_ms }
    }

    #[test]
    fn what_says_most_about_a_rule_counts() {
        let seconds = |n| Some(Duration::from_secs(n));
        let window = |tag: Option<&str>, rule: Option<&str>, before, after| Window {
            tag: tag.map(str::to_owned),
            rule: rule.map(str::to_owned),
            before,
            after,
        };
        let config = Incidents {
            before: seconds(10),
            windows: vec![
                window(Some("web"), None, seconds(60), None),
                window(None, Some("r"), seconds(90), seconds(90)),
            ],
            ..Incidents::default()
        };
        let args = Args { store: Some("s".into()), before: None, after: "7s".parse().ok() };
        let rules = [rule("x", &["web"], 0), rule("r", &[], 0), rule("x", &["before:50s"], 0)];
        let plan = Plan::of(&args, &config, &rules).unwrap_or_default().expect("there is a store");
        assert_eq!(plan.store, Path::new("s"));
        for (rule, before, after) in [
            (rule("x", &[], 0), 10, 7),
            (rule("x", &["web"], 0), 60, 7),
            (rule("r", &["web"], 0), 60, 7),
            (rule("r", &[], 0), 90, 90),
            (rule("r", &["before:5s", "after:1m"], 0), 5, 60),
            (rule("r", &["before:soon", "after:1m"], 2_000), 90, 2),
        ] {
            let ask = plan.ask(&rule).expect("it makes an incident");
            let (is, want) = ((ask.before_ns, ask.after_ns), (before * SECOND, after * SECOND));
            assert_eq!(is, want, "{rule:?}");
        }
        assert_eq!(plan.settings.before_ns, 90 * SECOND, "the look-back is for the longest");
    }

    #[test]
    fn without_a_store_there_is_no_plan_and_lesser_alerts_make_no_incidents() {
        let args = Args { store: None, before: None, after: None };
        assert!(matches!(Plan::of(&args, &Incidents::default(), &[]), Ok(None)));
        let args = Args { after: "5s".parse().ok(), ..args };
        assert!(Plan::of(&args, &Incidents::default(), &[]).is_err());
        let least = Some(Priority::Warning);
        let config =
            Incidents { store: Some("s".into()), min_priority: least, ..Incidents::default() };
        let plan = Plan::of(&args, &config, &[]).unwrap_or_default().expect("there is a store");
        assert!(plan.ask(&rule("x", &[], 0)).is_none());
    }
}
