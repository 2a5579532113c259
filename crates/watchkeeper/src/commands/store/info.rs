//! `watchkeeper store info`.

use std::io::Write;

use clap::Parser;
use serde_json::{Map, Value, json};
use store::{Access, IndexUse, Stats};

use crate::{
    error::{Error, Outcome},
    incidents::Place,
    output::{Format, Out, Verbosity},
    when::rfc3339,
};

/// Tells what a store holds, and whether anything in it is not whole.
#[derive(Parser)]
#[command(after_help = "\
Examples:
  watchkeeper store info --store /var/lib/watchkeeper
  watchkeeper store info --format json | jq .bytes")]
pub(crate) struct Args {
    /// Form of the output; json: one object.
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    #[command(flatten)]
    place: Place,
}

/// Runs the command.
pub(super) fn run(args: &Args) -> Result<Outcome, Error> {
    let store = args.place.open(Access::Read, Verbosity::Quiet)?;
    let stats = store.stats()?;
    let mut out = Out::new();
    match args.format {
        Format::Text => text(&mut out, &store.path().display().to_string(), &stats)?,
        Format::Json => writeln!(out, "{}", object(&store.path().to_string_lossy(), &stats))?,
    }
    out.flush()?;
    Ok(if stats.damaged.is_empty() { Outcome::Done } else { Outcome::InPart })
}

fn text(out: &mut Out, path: &str, stats: &Stats) -> Result<(), Error> {
    let Stats { incidents, bytes, events, drafts, .. } = stats;
    writeln!(out, "{path}")?;
    writeln!(out, "  incidents    {incidents}, {bytes} bytes, {events} events")?;
    if let (Some(first), Some(last)) = (stats.first_alert_ns, stats.last_alert_ns) {
        writeln!(out, "  alerts       {} to {}", rfc3339(first), rfc3339(last))?;
    }
    for (priority, count) in &stats.priorities {
        writeln!(out, "  {:<12} {count}", priority.name().to_lowercase())?;
    }
    if *drafts > 0 {
        writeln!(
            out,
            "  drafts       {drafts}: being written, or left by a program that was killed"
        )?;
    }
    writeln!(out, "  index        {}", index(&stats.index))?;
    for damaged in &stats.damaged {
        writeln!(out, "  damaged      {damaged}")?;
    }
    Ok(())
}

fn index(index: &IndexUse) -> String {
    match index {
        IndexUse::Whole => "knows every incident".to_owned(),
        IndexUse::Behind(count) => format!("does not know {count} incidents"),
        IndexUse::Missing => "is not there".to_owned(),
        IndexUse::Unusable(why) => format!("cannot be used: {why}; run watchkeeper store reindex"),
    }
}

fn object(path: &str, stats: &Stats) -> Value {
    let priorities: Map<String, Value> =
        stats.priorities.iter().map(|(p, count)| (p.name().to_owned(), json!(count))).collect();
    let damaged = stats
        .damaged
        .iter()
        .map(|damaged| json!({"incident": &*damaged.name, "fault": damaged.fault.to_string()}));
    json!({
        "store": path,
        "incidents": stats.incidents,
        "bytes": stats.bytes,
        "events": stats.events,
        "first_alert": stats.first_alert_ns.map(rfc3339),
        "last_alert": stats.last_alert_ns.map(rfc3339),
        "priorities": priorities,
        "drafts": stats.drafts,
        "index": index(&stats.index),
        "damaged": damaged.collect::<Vec<_>>(),
    })
}
