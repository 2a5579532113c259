//! `watchkeeper capture convert`: writes a capture anew.

use std::{
    fs::File,
    io::{self, BufWriter, Write},
    path::PathBuf,
};

use capture::file::Writer;
use clap::Parser;
use event::{Event, schema::EventFlags, snapshot::Record};
use rules::filter::{Filter, Memory};
use state::{Context, Limits, State};

use crate::{
    commands::replay::filter,
    error::{Error, Outcome},
    files::{Method, beside, is_stream},
    input::{Input, Next},
    output::Verbosity,
    when::{Place, When, Window},
};

/// Writes a capture anew: in the current schema, compressed, cut to a time window, filtered.
#[derive(Parser)]
#[command(after_help = "\
Examples:
  watchkeeper capture convert old.scap new.scap
  watchkeeper capture convert big.scap part.scap --from 2026-11-23T03:10:00Z --to 2026-11-23T03:15:00Z
  watchkeeper capture convert big.scap shells.scap --filter 'proc.name in (sh, bash)'
  watchkeeper capture convert - out.scap.zst --compression zstd < in.scap

The output begins with the processes, fds, users and interfaces as they were at its first event.")]
pub(crate) struct Args {
    /// Capture to read; - is stdin.
    #[arg(value_name = "INPUT")]
    input: PathBuf,
    /// Capture to write, replaced whole or not at all; - is stdout.
    #[arg(value_name = "OUTPUT")]
    output: PathBuf,
    /// Compression of the output; by the output's name if not given (.gz, .zst, else none).
    #[arg(long, value_enum)]
    compression: Option<Method>,
    /// Only events that this condition picks, and those that later events need to be understood.
    #[arg(short, long, value_name = "EXPR")]
    filter: Option<String>,
    /// With --filter: leave out also the events that change state (who runs what, which fd is
    /// which); names in later events may then be wrong or missing.
    #[arg(long, requires = "filter")]
    only_matching: bool,
    /// Only events at or after this time: RFC 3339, 90s after the first event, -30s before the last.
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    from: Option<When>,
    /// Only events before this time.
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    to: Option<When>,
}

/// Runs the command.
pub(crate) fn run(args: &Args, verbosity: Verbosity) -> Result<Outcome, Error> {
    let filter = args.filter.as_deref().map(|text| filter(text, verbosity)).transpose()?;
    let window = Window::of(args.from, args.to, &args.input, verbosity)?;
    let input = Input::open(&args.input, verbosity)?;
    let conversion = Conversion { args, filter, window, memory: Memory::default() };
    let at = |source| Error::File { path: args.output.clone(), source };
    if args.output.as_os_str() == "-" {
        let (outcome, mut stdout) = conversion.run(input, io::stdout().lock())?;
        stdout.flush()?;
        return Ok(outcome);
    }
    // A pipe or device is written to as it is, for there is nothing to replace.
    if is_stream(&args.output) {
        let file = File::options().write(true).open(&args.output).map_err(at)?;
        return Ok(conversion.run(input, file)?.0);
    }
    let (outcome, temporary) = conversion.run(input, beside(&args.output, 0o666).map_err(at)?)?;
    temporary.as_file().sync_all().map_err(at)?;
    temporary.persist(&args.output).map_err(|e| at(e.error))?;
    Ok(outcome)
}

struct Conversion<'a> {
    args: &'a Args,
    filter: Option<Filter>,
    window: Window,
    memory: Memory,
}

impl Conversion<'_> {
    /// Converts, and hands back what was written to.
    fn run<W: Write>(mut self, mut input: Input, output: W) -> Result<(Outcome, W), Error> {
        let named = || Method::by_name(&self.args.output);
        let compression = self.args.compression.unwrap_or_else(named).compression();
        let mut writer = Writer::new(BufWriter::new(output), compression)?;
        let outcome = if self.copies_everything() {
            copy(&mut input, &mut writer)
        } else {
            self.cut(&mut input, &mut writer)
        }?;
        let shortened = writer.shortened();
        if shortened > 0 {
            input.say(&format!("{shortened} strings were cut, too long for other readers"));
        }
        let output = writer.finish()?.into_inner().map_err(io::IntoInnerError::into_error)?;
        Ok((outcome, output))
    }

    fn copies_everything(&self) -> bool {
        self.filter.is_none() && self.args.from.is_none() && self.args.to.is_none()
    }

    /// Follows the state up to the window, writes it down, then the events in the window.
    fn cut<W: Write>(
        &mut self,
        input: &mut Input,
        writer: &mut Writer<W>,
    ) -> Result<Outcome, Error> {
        let mut state = State::new(Limits::default());
        let (mut begun, mut last_ts_ns) = (false, 0);
        let outcome = input.records(|record| {
            let Record::Event(event) = record else {
                state.record(&record);
                // Another recording in the same file: its lists are not in the snapshot.
                if begun {
                    writer.write(&record)?;
                }
                return Ok(Next::Continue);
            };
            let is_within = self.window.place(&event) == Place::Within;
            if is_within && !begun {
                begun = true;
                snapshot(&mut state, event.ts_ns, writer)?;
            }
            last_ts_ns = event.ts_ns;
            let context = state.event(event);
            if is_within && self.wants(&context) {
                writer.write(&record)?;
            }
            Ok(Next::Continue)
        })?;
        input.say_evictions(state.counters());
        if !begun {
            snapshot(&mut state, last_ts_ns, writer)?;
        }
        Ok(outcome)
    }

    fn wants(&mut self, context: &Context<'_>) -> bool {
        let Some(filter) = &self.filter else { return true };
        filter.matches(context, &mut self.memory)
            || (!self.args.only_matching && changes_state(&context.event))
    }
}

fn copy<W: Write>(input: &mut Input, writer: &mut Writer<W>) -> Result<Outcome, Error> {
    input.records(|record| {
        writer.write(&record)?;
        Ok(Next::Continue)
    })
}

fn changes_state(event: &Event<'_>) -> bool {
    event
        .info()
        .flags
        .intersects(EventFlags::MODIFIES_STATE | EventFlags::CREATES_FD | EventFlags::DESTROYS_FD)
}

fn snapshot<W: Write>(state: &mut State, ts_ns: u64, writer: &mut Writer<W>) -> Result<(), Error> {
    let mut result = Ok(());
    state.snapshot(ts_ns, &mut |record| {
        if result.is_ok() {
            result = writer.write(&record);
        }
    });
    Ok(result?)
}
