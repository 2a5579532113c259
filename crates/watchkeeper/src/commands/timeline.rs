//! `watchkeeper timeline`: the story of a recording.

use std::{
    io::Write,
    path::{Path, PathBuf},
};

use clap::Parser;
use event::alert::Priority;
use rules::alert::select::Selection;
use state::{Audience, Context, Engines, Limits, State};
use timeline::{
    build::{self, Builder},
    summary,
    views::heading::Heading,
};

use crate::{
    detector::{Detector, Wanted},
    error::{Error, Outcome},
    incidents::{Story, show},
    input::{Input, Next},
    output::{Out, Verbosity},
    when::{Place, When, Window},
};

/// Tells the story of a recording: who ran what, which files were touched, who spoke to whom.
#[derive(Parser)]
#[command(after_help = "\
Examples:
  watchkeeper timeline incident.scap
  watchkeeper timeline incident.scap --rules rules/ --min-priority warning
  watchkeeper timeline incident.scap --from 60s --to 90s --format html > part.html
  watchkeeper timeline - --format json < trace.scap | jq -r '.summary[].text'

With rules, the alerts that they give stand in their places, and what has to do with them is told
first. For incidents in a store see: watchkeeper incident show.")]
pub(crate) struct Args {
    /// Capture file (.scap; plain, gzip or zstd); - reads stdin.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Rule files, and folders of such. May be given several times.
    #[arg(long, value_name = "PATH")]
    rules: Vec<PathBuf>,
    /// Leave out rules of a lower priority: emergency, alert, critical, error, warning, notice,
    /// info, debug.
    #[arg(long, value_name = "PRIORITY", requires = "rules")]
    min_priority: Option<Priority>,
    /// Only what happened at or after this time: RFC 3339, 90s after the first event, -30s before
    /// the last.
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    from: Option<When>,
    /// Only what happened before this time.
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    to: Option<When>,
    /// Form of the output.
    #[arg(long, value_enum, default_value = "text")]
    format: show::Form,
    #[command(flatten)]
    how: show::Args,
    /// Container engines, as in replay.
    #[arg(long, value_name = "LIST")]
    engines: Option<Engines>,
}

/// Runs the command.
pub(crate) fn run(args: &Args, verbosity: Verbosity) -> Result<Outcome, Error> {
    let mut detector = args.detector()?;
    let mut window = Window::of(args.from, args.to, &args.file, verbosity)?;
    let mut input = Input::open(&args.file, verbosity)?;
    let mut state = State::new(Limits::default());
    state.set_engines(args.engines.unwrap_or_default());
    let mut builder = Builder::new(build::Limits::default());
    let mut alerts = Vec::new();
    let outcome = input.contexts(&mut state, |context: &Context<'_>| {
        if window.place(&context.event) != Place::Within {
            return Ok(Next::Continue);
        }
        builder.event(context);
        if let Some(detector) = detector.as_mut().filter(|_| context.audience == Audience::Readers)
        {
            detector.alerts(context, &mut alerts);
            for (_, alert) in alerts.drain(..) {
                builder.alert(&alert, 1, alert.ts_ns);
            }
        }
        Ok(Next::Continue)
    })?;
    // Its progress bar goes first.
    drop(input);
    let mut timeline = builder.finish(&state);
    timeline.summary = summary::sentences(&timeline);
    let story = Story { timeline, heading: heading(&args.file), outcome };
    let mut out = Out::new();
    args.how.write(&story, args.format, &mut out)?;
    out.flush()?;
    Ok(outcome)
}

impl Args {
    fn detector(&self) -> Result<Option<Detector>, Error> {
        if self.rules.is_empty() {
            return Ok(None);
        }
        let selection = Selection { least: self.min_priority, ..Selection::default() };
        let wanted = Wanted { selection, ..Wanted::default() };
        Ok(Some(Detector::load(&self.rules, &wanted)?.0))
    }
}

fn heading(file: &Path) -> Heading {
    let name = file.file_name().unwrap_or_default().as_encoded_bytes();
    let name = if file.as_os_str() == "-" { b"stdin" } else { name };
    let title = event::visible::visible(name).into_owned();
    Heading { id: "recording".to_owned(), title, notes: Vec::new() }
}
