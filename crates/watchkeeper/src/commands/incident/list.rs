//! `watchkeeper incident list`.

use std::io::Write;

use clap::Parser;
use event::alert::Priority;
use serde_json::{Value, json};
use store::{Access, IndexUse, Listing, Query, Store, Summary};

use timeline::views::markdown;

use crate::{
    columns,
    error::{Error, Outcome},
    incidents::{Part, Place, of_incident},
    output::{Out, Verbosity},
    when::{Moment, rfc3339},
};

/// Lists incidents, the newest first.
#[derive(Parser)]
#[command(after_help = "\
Examples:
  watchkeeper incident list --store /var/lib/watchkeeper
  watchkeeper incident list --min-priority critical --since 24h
  watchkeeper incident list --container shop-web-1 --user www-data
  watchkeeper incident list --path '/etc/cron*' --address 198.51.100.0/24
  watchkeeper incident list --format json | jq -r .id

--kind, --path and --address look into the windows: at what the alerted processes and those related
to them did. The other filters look at the processes that caused the alerts.")]
pub(crate) struct Args {
    #[command(flatten)]
    place: Place,
    /// Only incidents at least as bad: emergency, alert, critical, error, warning, notice, info,
    /// debug.
    #[arg(long, value_name = "PRIORITY")]
    min_priority: Option<Priority>,
    /// Only with an alert of a rule that has this in its name.
    #[arg(long, value_name = "TEXT")]
    rule: Option<String>,
    /// Only from this host.
    #[arg(long, value_name = "NAME")]
    host: Option<String>,
    /// Only whose alerts reach to this time or beyond: RFC 3339, or 24h, 30d before now.
    #[arg(long, value_name = "TIME")]
    since: Option<Moment>,
    /// Only whose alerts begin by this time.
    #[arg(long, value_name = "TIME")]
    until: Option<Moment>,
    #[command(flatten)]
    part: Part,
    /// The newest so many.
    #[arg(short = 'n', long, value_name = "N")]
    limit: Option<usize>,
    /// Form of the output; json: one object for each incident.
    #[arg(long, value_enum, default_value = "text")]
    format: Form,
}

/// Form of a list.
#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
enum Form {
    /// A table.
    Text,
    /// One object on each line.
    Json,
    /// A table for a ticket.
    Markdown,
}

/// Runs the command.
pub(super) fn run(args: &Args, verbosity: Verbosity) -> Result<Outcome, Error> {
    let store = args.place.open(Access::Read, verbosity)?;
    let mut listing = store.list(&args.query())?;
    if verbosity != Verbosity::Quiet {
        say_drafts(store.drafts()?);
    }
    let mut outcome = Outcome::Done;
    if args.part.looks_into_windows() {
        outcome = look_into(&store, args, &mut listing)?;
    }
    let mut out = Out::new();
    match args.format {
        Form::Text => table(&listing.incidents, columns::terminal_width(), &mut out)?,
        Form::Json => {
            for incident in &listing.incidents {
                writeln!(out, "{}", object(incident))?;
            }
        }
        Form::Markdown => ticket(&listing.incidents, &mut out)?,
    }
    out.flush()?;
    say(&listing, verbosity);
    Ok(if listing.damaged.is_empty() { outcome } else { Outcome::InPart })
}

impl Args {
    fn query(&self) -> Query {
        let limit = if self.part.looks_into_windows() { None } else { self.limit };
        Query {
            from_ns: self.since.map(Moment::ns),
            to_ns: self.until.map(Moment::ns),
            priority: self.min_priority,
            rule: self.rule.clone(),
            process: self.part.process.clone(),
            user: self.part.user.clone(),
            container: self.part.container.clone(),
            host: self.host.clone(),
            limit,
        }
    }
}

/// Keeps those incidents in whose windows there is something of what was asked for.
fn look_into(store: &Store, args: &Args, listing: &mut Listing) -> Result<Outcome, Error> {
    let mut outcome = Outcome::Done;
    let mut kept = Vec::new();
    for incident in std::mem::take(&mut listing.incidents) {
        let story = of_incident(&mut store.get(&incident.id.to_string())?, Verbosity::Quiet)?;
        outcome = outcome.and(story.outcome);
        if args.part.finds(&story.timeline) {
            kept.push(incident);
        }
        if args.limit.is_some_and(|limit| kept.len() >= limit) {
            break;
        }
    }
    listing.incidents = kept;
    Ok(outcome)
}

/// Incidents that are not listed yet.
fn say_drafts(drafts: u64) {
    if drafts > 0 {
        let are = if drafts == 1 { "is" } else { "are" };
        say!(
            "{drafts} more {are} being written, or left by a program that was killed (watchkeeper store \
             reindex completes those)"
        );
    }
}

/// What is to be said beside the list.
fn say(listing: &Listing, verbosity: Verbosity) {
    for damaged in &listing.damaged {
        say!("{damaged}");
    }
    if verbosity == Verbosity::Quiet {
        return;
    }
    if listing.more > 0 {
        say!("{} more; --limit says how many are shown", listing.more);
    }
    if let IndexUse::Unusable(why) = &listing.index {
        say!("the index cannot be used: {why}; run watchkeeper store reindex");
    }
}

/// A table; titles are cut to the terminal's width.
fn table(incidents: &[Summary], width: Option<usize>, out: &mut Out) -> Result<(), Error> {
    if incidents.is_empty() {
        return Ok(());
    }
    out.line(b"ID            TIME                  PRIORITY       ALERTS  WHAT, WHO, WHERE")?;
    for incident in incidents {
        let time = seconds(incident.first_alert_ns);
        let (id, priority, alerts) = (incident.id, incident.priority, incident.alerts);
        let line = format!(
            "{id}  {time}  {priority:13}  {alerts:>6}  {}; {}",
            incident.title,
            who(incident)
        );
        out.line(columns::cut(&line, width).as_bytes())?;
    }
    Ok(())
}

/// `www-data in shop-web-1 on web-1`.
fn who(incident: &Summary) -> String {
    let mut text = some(incident.users.iter().map(|user| &**user));
    let containers = incident.containers.iter().map(|container| match container.name.is_empty() {
        true => &*container.id,
        false => &*container.name,
    });
    let containers = some(containers);
    for (word, what) in [(" in ", &*containers), (" on ", &*incident.host)] {
        if !what.is_empty() {
            text.push_str(word);
            text.push_str(what);
        }
    }
    text
}

/// The first two, and how many more. Numbers of users are left out where there are names.
fn some<'t>(texts: impl Iterator<Item = &'t str>) -> String {
    let all: Vec<&str> = texts.collect();
    let is_number = |text: &&str| text.bytes().all(|b| b.is_ascii_digit());
    let mut named: Vec<&str> = all.iter().copied().filter(|text| !is_number(text)).collect();
    if named.is_empty() {
        named = all;
    }
    let mut text = named.iter().take(2).copied().collect::<Vec<_>>().join(", ");
    if named.len() > 2 {
        text.push_str(&format!(" and {} more", named.len() - 2));
    }
    text
}

/// RFC 3339 in UTC, to the second.
fn seconds(ts_ns: u64) -> String {
    let text = rfc3339(ts_ns);
    text.split_once('.').map_or(text.clone(), |(seconds, _)| format!("{seconds}Z"))
}

fn ticket(incidents: &[Summary], out: &mut Out) -> Result<(), Error> {
    out.line(
        b"| incident | time | priority | alerts | what | who, where |\n|---|---|---|---|---|---|",
    )?;
    for incident in incidents {
        let cell = markdown::cell;
        let (id, time) = (incident.id, seconds(incident.first_alert_ns));
        let (priority, alerts) = (incident.priority, incident.alerts);
        let (title, who) = (cell(&incident.title), cell(&who(incident)));
        writeln!(out, "| `{id}` | {time} | {priority} | {alerts} | {title} | {who} |")?;
    }
    Ok(())
}

fn object(incident: &Summary) -> Value {
    let texts = |texts: &[store::Shown]| -> Vec<String> {
        texts.iter().map(|text| text.to_string()).collect()
    };
    json!({
        "id": incident.id,
        "host": &*incident.host,
        "title": &*incident.title,
        "priority": incident.priority.name(),
        "ended": incident.ended.name(),
        "first_alert": rfc3339(incident.first_alert_ns),
        "last_alert": rfc3339(incident.last_alert_ns),
        "alerts": incident.alerts,
        "events": incident.events,
        "bytes": incident.bytes,
        "rules": texts(&incident.rules),
        "processes": texts(&incident.processes),
        "users": texts(&incident.users),
        "containers": incident.containers,
    })
}
