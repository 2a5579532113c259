//! `watchkeeper incident show`.

use std::io::Write;

use clap::Parser;
use store::Access;
use timeline::summary;

use crate::{
    error::{Error, Outcome},
    incidents::{Part, Place, Span, of_incident, show},
    output::{Out, Verbosity},
};

/// Shows what happened: the timeline of an incident.
#[derive(Parser)]
#[command(after_help = "\
Examples:
  watchkeeper incident show 7f3c --store /var/lib/watchkeeper
  watchkeeper incident show latest --all | less -R
  watchkeeper incident show 7f3c --expand 5.990 --expand 911
  watchkeeper incident show 7f3c --kind network --address 198.51.100.0/24
  watchkeeper incident show 7f3c --path '/etc/*' --from -5s --to 30s
  watchkeeper incident show 7f3c --format html > incident.html
  watchkeeper incident show 7f3c --format json | jq -r '.summary[].text'

Times are relative to the first alert. A part that a filter picks is shown with the processes that it
hangs on.")]
pub(crate) struct Args {
    /// The incident's id, or its beginning where this is not that of another; latest: the newest.
    #[arg(value_name = "ID")]
    id: String,
    #[command(flatten)]
    place: Place,
    /// Form of the output.
    #[arg(long, value_enum, default_value = "text")]
    format: show::Form,
    #[command(flatten)]
    how: show::Args,
    #[command(flatten)]
    part: Part,
    #[command(flatten)]
    span: Span,
}

/// Runs the command.
pub(super) fn run(args: &Args, verbosity: Verbosity) -> Result<Outcome, Error> {
    let store = args.place.open(Access::Read, verbosity)?;
    let mut story = of_incident(&mut super::find(&store, &args.id)?, verbosity)?;
    if let Some(filter) = args.part.filter(&args.span, &story.timeline)? {
        let (alerts, span) = (story.timeline.alerts.len(), &filter);
        if span.from_ns.zip(span.to_ns).is_some_and(|(from, to)| from >= to) {
            return Err(Error::Usage(
                "--from is not before --to, so nothing is asked for".to_owned(),
            ));
        }
        story.timeline = filter.apply(&story.timeline);
        let processes = story.timeline.processes.len();
        story.heading.notes.push(match processes {
            0 => format!("nothing in it passes the filters; it has {alerts} alerts"),
            _ => format!("only a part of it, by the filters; it has {alerts} alerts"),
        });
        // What is told is only what is shown.
        story.timeline.summary = summary::sentences(&story.timeline);
    }
    let mut out = Out::new();
    args.how.write(&story, args.format, &mut out)?;
    out.flush()?;
    Ok(story.outcome)
}
