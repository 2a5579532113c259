//! `watchkeeper replay`: prints the events of recordings.

use std::{
    io::{self, IsTerminal, Write},
    path::{Path, PathBuf},
};

use clap::Parser;
use rules::{
    filter::{Filter, Memory},
    format::{Format, Missing, json_string},
};
use state::{Audience, Context, Engines, Limits, State};

use crate::{
    error::{Error, Outcome},
    input::{Input, Next},
    output::{self, Out, Verbosity},
    when::{Place, When, Window},
};

const DEFAULT_FORMAT: &str =
    "%evt.num %evt.time %evt.cpu %proc.name (%thread.tid) %evt.type %evt.info";

/// Prints the events of recordings: all, or those that a filter picks.
#[derive(Parser)]
#[command(after_help = "\
Examples:
  watchkeeper replay incident.scap
  watchkeeper replay incident.scap --filter 'evt.type = execve' --print '%evt.time %proc.cmdline'
  watchkeeper replay incident.scap -f 'fd.sport = 443 and proc.name != nginx' --count
  watchkeeper replay incident.scap --from -30s --format json | jq .
  zstd -dc old.scap.zst | watchkeeper replay - -f 'fd.name startswith /etc'

Fields: watchkeeper fields. Several recordings are read one after the other, each with its own
state and event numbers.")]
pub(crate) struct Args {
    /// Capture files (.scap; plain, gzip or zstd); - reads stdin.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Only events that this condition picks, in the rule language.
    #[arg(short, long, value_name = "EXPR")]
    filter: Option<String>,
    /// What to print of each event: text with %field in it.
    #[arg(short, long = "print", value_name = "FORMAT", default_value = DEFAULT_FORMAT)]
    print: String,
    /// Form of the output; json: one object for each event, with the fields of --print as keys.
    #[arg(long, value_enum, default_value = "text")]
    format: output::Format,
    /// Print only how many events there are.
    #[arg(short, long)]
    count: bool,
    /// Stop after this many events.
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
}

/// Runs the command.
pub(crate) fn run(args: &Args, verbosity: Verbosity) -> Result<Outcome, Error> {
    let mut printer = Printer::new(args, verbosity)?;
    check_files(&args.files)?;
    let mut outcome = Outcome::Done;
    let verbosity = match verbosity {
        Verbosity::Normal if !args.count && io::stdout().is_terminal() => Verbosity::NoProgress,
        other => other,
    };
    for path in &args.files {
        if printer.left == Some(0) {
            break;
        }
        let mut window = Window::of(args.from, args.to, path, verbosity)?;
        let mut input = Input::open(path, verbosity)?;
        let mut state = State::new(Limits::default());
        state.set_engines(args.engines.unwrap_or_default());
        let before = printer.matched;
        outcome =
            outcome.and(input.contexts(
                &mut state,
                |context| match window.place(&context.event) {
                    Place::Within if context.audience == Audience::Readers => {
                        printer.event(context)
                    }
                    _ => Ok(Next::Continue),
                },
            )?);
        // Its progress bar goes first.
        drop(input);
        if args.count {
            printer.count(path, printer.matched - before, args.files.len())?;
        }
    }
    printer.out.flush()?;
    Ok(outcome)
}

/// Names that are no files are said before anything is printed.
fn check_files(files: &[PathBuf]) -> Result<(), Error> {
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

/// Compiles a filter; what is only doubtful about it is said on stderr.
pub(crate) fn filter(text: &str, verbosity: Verbosity) -> Result<Filter, Error> {
    let filter = Filter::compile(text).map_err(|report| Error::Usage(report.to_string()))?;
    if verbosity != Verbosity::Quiet {
        for warning in filter.warnings() {
            eprintln!("watchkeeper: {}", warning.line("filter", text));
        }
    }
    Ok(filter)
}

/// Filters, formats, prints and counts.
struct Printer {
    filter: Option<Filter>,
    format: Format,
    form: output::Format,
    counting: bool,
    left: Option<u64>,
    matched: u64,
    memory: Memory,
    line: Vec<u8>,
    out: Out,
}

impl Printer {
    fn new(args: &Args, verbosity: Verbosity) -> Result<Self, Error> {
        let filter = args.filter.as_deref().map(|text| filter(text, verbosity)).transpose()?;
        let format =
            Format::compile(&args.print).map_err(|report| Error::Usage(report.to_string()))?;
        Ok(Self {
            filter,
            format: format.with_missing(Missing::IsMarked),
            form: args.format,
            counting: args.count,
            left: args.limit,
            matched: 0,
            memory: Memory::default(),
            line: Vec::new(),
            out: Out::new(),
        })
    }

    fn event(&mut self, context: &Context<'_>) -> Result<Next, Error> {
        if let Some(filter) = &self.filter
            && !filter.matches(context, &mut self.memory)
        {
            return Ok(Next::Continue);
        }
        self.matched += 1;
        if !self.counting {
            self.line.clear();
            match self.form {
                output::Format::Text => {
                    self.format.text(context, &mut self.memory, &mut self.line);
                }
                output::Format::Json => {
                    self.format.json(context, &mut self.memory, &mut self.line);
                }
            }
            self.out.line(&self.line)?;
        }
        if let Some(left) = &mut self.left {
            *left -= 1;
            if *left == 0 {
                return Ok(Next::Stop);
            }
        }
        Ok(Next::Continue)
    }

    fn count(&mut self, path: &Path, count: u64, files: usize) -> Result<(), Error> {
        let name = path.as_os_str().as_encoded_bytes();
        self.line.clear();
        match self.form {
            output::Format::Json => {
                self.line.extend_from_slice(b"{\"file\":");
                json_string(name, &mut self.line);
                write!(self.line, ",\"count\":{count}}}")?;
            }
            output::Format::Text if files > 1 => {
                self.line.extend_from_slice(name);
                write!(self.line, ": {count}")?;
            }
            output::Format::Text => write!(self.line, "{count}")?,
        }
        self.out.line(&self.line)?;
        Ok(())
    }
}
