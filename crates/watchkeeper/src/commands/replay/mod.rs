//! `watchkeeper replay`: prints the events of recordings, or the alerts that rules give of them.

mod events;

use std::{
    io::{self, IsTerminal},
    path::{Path, PathBuf},
};

use clap::Parser;
use event::snapshot::Record;
use inuse::Scope;
use rules::filter::Filter;
use state::{Audience, Context, Engines, Limits, State};

use crate::{
    alerts::{self, Lines, Printing, Watch},
    config::InUse,
    error::{Error, Outcome},
    in_use::Uses,
    incidents::Keeping,
    input::{Follow, Input, Next},
    output::{self, Verbosity},
    when::{Place, When, Window},
};

/// Prints the events of recordings: all, or those that a filter picks; or the alerts that rules
/// give of them.
#[derive(Parser)]
#[command(
    mut_args(alerts::ask_for_rules),
    mut_arg("store", |arg| arg.requires("rules")),
    after_help = "\
Examples:
  watchkeeper replay incident.scap
  watchkeeper replay incident.scap --filter 'evt.type = execve' --print '%evt.time %proc.cmdline'
  watchkeeper replay incident.scap -f 'fd.sport = 443 and proc.name != nginx' --count
  watchkeeper replay incident.scap --from -30s --format json | jq .
  zstd -dc old.scap.zst | watchkeeper replay - -f 'fd.name startswith /etc'
  watchkeeper replay incident.scap --rules rules/ --format json
  watchkeeper replay *.scap --rules rules/ --rules mine.yaml --fail-on warning --fold 60s
  watchkeeper replay trace.scap --rules rules/ --store incidents/ --before 60s --after 30s

Fields: watchkeeper fields. Several recordings are read one after the other, each with its own
state and event numbers."
)]
pub(crate) struct Args {
    /// Capture files (.scap; plain, gzip or zstd); - reads stdin.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Only events that this condition picks, in the rule language; with --rules, only these are
    /// shown to the rules.
    #[arg(short, long, value_name = "EXPR")]
    filter: Option<String>,
    /// What to print of each event: text with %field in it [default: number, time, CPU, process,
    /// type and parameters].
    #[arg(short, long = "print", value_name = "FORMAT", conflicts_with = "rules")]
    print: Option<String>,
    /// Form of the output; json: one object for each event, with the fields of --print as keys, or
    /// for each alert, with the keys that Falco gives it.
    #[arg(long, value_enum, default_value = "text")]
    format: output::Format,
    /// Print only how many events there are; with --rules, how many alerts of each rule.
    #[arg(short, long)]
    count: bool,
    /// Stop after this many events; with --rules, after this many alerts.
    #[arg(short = 'n', long, value_name = "N")]
    limit: Option<u64>,
    /// Only events at or after this time: RFC 3339, 90s after the first event, -30s before the last.
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    from: Option<When>,
    /// Only events before this time.
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    to: Option<When>,
    /// Container engines whose control groups are looked for, with commas between: podman, docker,
    /// cri, containerd, lxc, libvirt-lxc, bpm, nspawn; or none. All, unless given.
    #[arg(long, value_name = "LIST")]
    engines: Option<Engines>,
    /// Name of the host, in place of the one that the recording tells.
    #[arg(long, value_name = "NAME")]
    hostname: Option<String>,
    #[command(flatten)]
    alerts: alerts::Args,
}

/// Runs the command.
pub(crate) fn run(args: &Args, verbosity: Verbosity) -> Result<Outcome, Error> {
    let mut reader = Reader::new(args, verbosity)?;
    check_files(&args.files)?;
    let mut uses = uses(args, &mut reader)?;
    let mut outcome = Outcome::Done;
    let verbosity = match verbosity {
        Verbosity::Normal if !args.count && io::stdout().is_terminal() => Verbosity::NoProgress,
        other => other,
    };
    for path in &args.files {
        if reader.is_done() {
            break;
        }
        outcome = outcome.and(read(path, args, (&mut reader, uses.as_mut()), verbosity)?);
        reader.end_of(path)?;
    }
    let kept = uses.map_or(Outcome::Done, Uses::finish);
    Ok(outcome.and(kept).and(reader.finish(verbosity)?))
}

/// Where it is kept what is in use: where incidents are.
fn uses(args: &Args, reader: &mut Reader) -> Result<Option<Uses>, Error> {
    match reader.keeping() {
        Some(keeping) if args.alerts.config()?.in_use == InUse::Keep => {
            Uses::start(keeping.store(), Scope::AsTold).map(Some)
        }
        _ => Ok(None),
    }
}

/// Hands the events of one recording that were asked for to the reader.
fn read(
    path: &Path,
    args: &Args,
    (reader, mut uses): (&mut Reader, Option<&mut Uses>),
    verbosity: Verbosity,
) -> Result<Outcome, Error> {
    let window = Window::of(args.from, args.to, path, verbosity)?;
    let mut input = Input::open(path, verbosity)?;
    if let Some(name) = &args.hostname {
        input.rename_host(name);
    }
    let mut state = State::new(Limits::default());
    state.set_engines(args.engines.unwrap_or_default());
    reader.begin(path)?;
    if let Some(uses) = &mut uses {
        uses.begin(Scope::AsTold);
    }
    let read =
        input.follow(&mut state, &mut Windowed { window, reader, uses: uses.as_deref_mut() })?;
    if let Some(uses) = uses {
        uses.end(&state);
    }
    Ok(read)
}

/// A reader, and the part of the recording that it is asked about.
struct Windowed<'r> {
    window: Window,
    reader: &'r mut Reader,
    uses: Option<&'r mut Uses>,
}

impl Follow for Windowed<'_> {
    fn entry(&mut self, record: &Record<'_>) {
        self.reader.entry(record);
    }

    fn before(&mut self, state: &State) {
        self.reader.before(state);
    }

    fn event(&mut self, context: &Context<'_>) -> Result<Next, Error> {
        self.reader.keep(context);
        let place = self.window.place(&context.event);
        if let Some(uses) = self.uses.as_mut().filter(|_| place == Place::Within) {
            uses.event(context);
        }
        match place {
            Place::Within if context.audience == Audience::Readers => self.reader.event(context),
            _ => Ok(Next::Continue),
        }
    }
}

/// Who reads the events.
#[expect(clippy::large_enum_variant, reason = "there is one")]
enum Reader {
    Events(events::Printer),
    Rules(Watch),
}

impl Reader {
    fn new(args: &Args, verbosity: Verbosity) -> Result<Self, Error> {
        Ok(if args.alerts.are_asked_for() {
            let (form, counting, limit) = (args.format, args.count, args.limit);
            let printing = Printing { form, counting, limit, lines: Lines::Stdout };
            let filter = filter_of(args, verbosity)?;
            Self::Rules(Watch::new(&args.alerts, filter, printing, verbosity)?)
        } else {
            Self::Events(events::Printer::new(args, verbosity)?)
        })
    }

    fn is_done(&self) -> bool {
        match self {
            Self::Events(printer) => printer.is_done(),
            Self::Rules(watch) => watch.is_done(),
        }
    }

    /// Where incidents are kept, if they are.
    fn keeping(&mut self) -> Option<&mut Keeping> {
        match self {
            Self::Events(_) => None,
            Self::Rules(watch) => watch.keeping.as_mut(),
        }
    }

    fn begin(&mut self, path: &Path) -> Result<(), Error> {
        self.keeping().map_or(Ok(()), |keeping| keeping.begin(path))
    }

    fn entry(&mut self, record: &Record<'_>) {
        if let Some(keeping) = self.keeping() {
            keeping.entry(record);
        }
    }

    fn before(&mut self, state: &State) {
        if let Some(keeping) = self.keeping() {
            keeping.before(state);
        }
    }

    /// An event, asked for or not, for it may be told of later.
    fn keep(&mut self, context: &Context<'_>) {
        if let Some(keeping) = self.keeping() {
            keeping.event(context);
        }
    }

    fn event(&mut self, context: &Context<'_>) -> Result<Next, Error> {
        match self {
            Self::Events(printer) => printer.event(context),
            Self::Rules(watch) => watch.event(context, None),
        }
    }

    fn end_of(&mut self, path: &Path) -> Result<(), Error> {
        match self {
            Self::Events(printer) => printer.end_of(path),
            Self::Rules(watch) => watch.end_of_recording(),
        }
    }

    fn finish(self, verbosity: Verbosity) -> Result<Outcome, Error> {
        match self {
            Self::Events(printer) => printer.finish().map(|()| Outcome::Done),
            Self::Rules(watch) => watch.finish(verbosity),
        }
    }
}

/// Names that are no files, and stdin named twice, are said before anything is printed.
fn check_files(files: &[PathBuf]) -> Result<(), Error> {
    if files.iter().filter(|path| path.as_os_str() == "-").count() > 1 {
        return Err(Error::Usage("-: stdin can be read only once; name it once".to_owned()));
    }
    for path in files.iter().filter(|path| path.as_os_str() != "-") {
        let Err(source) = path.metadata() else { continue };
        let looks_like_filter = path.to_string_lossy().contains(['=', ' ', '<', '>', '(']);
        return Err(if looks_like_filter {
            Error::Usage(format!(
                "{}: no such file; if it is a filter, put --filter before it",
                path.display()
            ))
        } else {
            Error::File { path: path.clone(), source }
        });
    }
    Ok(())
}

/// The filter that was asked for.
fn filter_of(args: &Args, verbosity: Verbosity) -> Result<Option<Filter>, Error> {
    args.filter.as_deref().map(|text| filter(text, verbosity)).transpose()
}

/// Compiles a filter; what is only doubtful about it is said on stderr.
pub(crate) fn filter(text: &str, verbosity: Verbosity) -> Result<Filter, Error> {
    let filter = Filter::compile(text).map_err(|report| Error::Usage(report.to_string()))?;
    if verbosity != Verbosity::Quiet {
        for warning in filter.warnings() {
            say!("{}", warning.line("filter", text));
        }
    }
    Ok(filter)
}
