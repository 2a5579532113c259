//! `watchkeeper store prune`.

use std::io::Write;

use clap::Parser;
use serde_json::json;
use store::{Access, Mode, Policy, Pruned, Why};

use crate::{
    config::{self, Keep},
    error::{Error, Outcome},
    incidents::Place,
    output::{Format, Out, Verbosity, plural},
    when::{now_ns, rfc3339},
};

/// Deletes the oldest incidents until what is left is within bounds.
///
/// The bounds are those of the command line, and else those of the configuration (incidents.keep).
#[derive(Parser)]
#[command(after_help = "\
Examples:
  watchkeeper store prune --store /var/lib/watchkeeper --max-age 30d --dry-run
  watchkeeper store prune --store /var/lib/watchkeeper --max-size 10GiB --max-count 1000
  watchkeeper store prune --config /etc/watchkeeper.yaml")]
pub(crate) struct Args {
    /// Delete incidents whose last alert is older: 12h, 30d.
    #[arg(long, value_name = "DURATION", value_parser = config::duration)]
    max_age: Option<std::time::Duration>,
    /// Delete the oldest until all take no more: 512MiB, 10GiB.
    #[arg(long, value_name = "SIZE", value_parser = config::size)]
    max_size: Option<u64>,
    /// Delete the oldest until there are no more than so many.
    #[arg(long, value_name = "N")]
    max_count: Option<u64>,
    /// Only tell which would be deleted.
    #[arg(long)]
    dry_run: bool,
    /// Form of the output; json: one object for each incident that goes.
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    #[command(flatten)]
    place: Place,
}

/// Runs the command.
pub(super) fn run(args: &Args, verbosity: Verbosity) -> Result<Outcome, Error> {
    let policy = args.policy()?;
    let (access, mode) = match args.dry_run {
        true => (Access::Read, Mode::DryRun),
        false => (Access::Write, Mode::Do),
    };
    let store = args.place.open_existing(access, verbosity)?;
    let pruned = store.prune(&policy, now_ns(), mode)?;
    print(&pruned, args.format)?;
    if verbosity != Verbosity::Quiet {
        let (kept, bytes) = (pruned.kept, pruned.kept_bytes);
        let gone = plural(pruned.gone.len() as u64, "incident");
        let did = if args.dry_run { "would be deleted" } else { "deleted" };
        say!("{gone} {did}, {kept} kept ({bytes} bytes)");
        for damaged in &pruned.damaged {
            say!("{damaged}; left alone");
        }
    }
    Ok(if pruned.damaged.is_empty() { Outcome::Done } else { Outcome::InPart })
}

impl Args {
    fn policy(&self) -> Result<Policy, Error> {
        let Keep { age, size, count } = self.place.incidents()?.keep;
        let policy = Policy {
            max_age: self.max_age.or(age),
            max_bytes: self.max_size.or(size),
            max_count: self.max_count.or(count),
        };
        if policy == Policy::default() {
            return Err(Error::Usage(
                "nothing says what to keep; give --max-age, --max-size or --max-count, or --config \
                 FILE with incidents.keep in it"
                    .to_owned(),
            ));
        }
        Ok(policy)
    }
}

fn print(pruned: &Pruned, format: Format) -> Result<(), Error> {
    let mut out = Out::new();
    for gone in &pruned.gone {
        let (it, why) = (&gone.incident, why(gone.why));
        let time = rfc3339(it.last_alert_ns);
        match format {
            Format::Text => {
                writeln!(out, "{}  {time}  {:>12}  {}  ({why})", it.id, it.bytes, it.title)?
            }
            Format::Json => writeln!(
                out,
                "{}",
                json!({"id": it.id, "last_alert": time, "bytes": it.bytes, "title": &*it.title, "why": why})
            )?,
        }
    }
    Ok(out.flush()?)
}

fn why(why: Why) -> &'static str {
    match why {
        Why::Age => "too old",
        Why::Count => "too many",
        Why::Bytes => "too large together",
    }
}
