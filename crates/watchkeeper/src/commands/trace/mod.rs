//! `watchkeeper trace`: runs a command, or attaches to what runs, and records and judges what it
//! does while it does it.
//!
//! - `target`: what is traced, and why it can't be.
//! - `signals`: who gets which signal; the command's end is ours.
//! - `session`: from the start to the end.
//! - `notes`: what the user ought to know about the trace, in words.
//! - `report`: what is told at the end.

mod notes;
mod report;
mod session;
mod signals;
mod target;

use std::{
    ffi::OsString,
    path::PathBuf,
    process::{ExitCode, exit},
};

use capture::ptrace::{Ended, ExitStatus, Options, Trace};
use clap::Parser;
use state::Engines;

use self::{session::Session, signals::Signals, target::Refusal};
use crate::{
    alerts,
    error::Outcome,
    files::Method,
    output::{Format, Verbosity},
};

/// Exit code for what went wrong before the command ran, as env(1), nice(1) and timeout(1) have it.
pub(crate) const REFUSED: u8 = 125;

/// Runs a command and records all that it and its children do; with rules, alerts come as it
/// happens.
///
/// The command has stdin, stdout and the terminal to itself; what watchkeeper says goes to stderr.
/// No privilege is needed.
#[derive(Parser)]
#[command(
    override_usage = "watchkeeper trace [OPTIONS] [--] <COMMAND> [ARG]...\n       watchkeeper trace [OPTIONS] --pid <PID>",
    after_help = "\
Examples:
  watchkeeper trace --rules rules/ -- ./install.sh
  watchkeeper trace --output install.scap --html install.html -- ./install.sh
  watchkeeper trace --rules rules/ --store incidents/ --before 60s -- make test
  watchkeeper trace --rules rules/ --fail-on warning --quiet -- npm ci
  watchkeeper trace --timeline -- sh -c 'curl -s example.com | sh'
  watchkeeper trace --pid 4711 --output nginx.scap

Exit code: the command's own; if a signal killed it, the same one kills watchkeeper. Where the
command succeeded: 1 if there was an alert that --fail-on asks about, 3 if something could not be
written or delivered. Before the command ran: 125 the request is wrong or tracing is not possible,
126 the command cannot be run, 127 there is no such command.",
    mut_args(alerts::ask_for_rules),
    mut_arg("alert_output", |arg| arg
        .long("alert-output")
        .help("Where alerts go, in place of stderr: file:PATH, syslog:, syslog:udp://HOST:PORT, \
            syslog:tcp://HOST:PORT, http://... or https://..., program:COMMAND, or stdout, among \
            what the command prints. May be given several times")),
    mut_arg("rules", |arg| arg
        .help("Rule files, and folders of such, whose alerts are told as they happen. May be given \
            several times; the files are loaded in order")),
)]
pub(crate) struct Args {
    /// Command to run, with its arguments.
    #[arg(
        value_name = "COMMAND",
        required_unless_present = "pid",
        conflicts_with = "pid",
        trailing_var_arg = true
    )]
    command: Vec<OsString>,
    /// Attach to this process, with its threads, in place of running a command; ^C lets it go. May
    /// be given several times.
    #[arg(short, long, value_name = "PID", value_parser = clap::value_parser!(i32).range(1..))]
    pid: Vec<i32>,
    /// Recording to write (.scap), whole at any time up to a second ago.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Compression of the recording; by its name if not given (.gz, .zst, else none).
    #[arg(long, value_enum, requires = "output")]
    compression: Option<Method>,
    /// Page for a browser with the whole story, written at the end.
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Tell the whole story at the end: on stderr, or in a file (.html, .md, .json, else text).
    #[arg(long, value_name = "FILE", num_args = 0..=1, require_equals = true)]
    timeline: Option<Option<PathBuf>>,
    /// Form of alerts on stderr; json: one object each, with the keys that Falco gives it.
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// System calls not to record, with commas between: what they do is then missing. Makes a
    /// command faster that makes many of them.
    #[arg(long, value_name = "CALLS", value_delimiter = ',')]
    skip: Vec<String>,
    /// When the command has ended, kill what it left running. Otherwise that is followed to its own
    /// end; ^C twice, or SIGTERM, kills it.
    #[arg(long, conflicts_with = "pid")]
    kill_leftovers: bool,
    /// Container engines, as in replay.
    #[arg(long, value_name = "LIST")]
    engines: Option<Engines>,
    /// Name of the host, in place of its own.
    #[arg(long, value_name = "NAME")]
    hostname: Option<String>,
    #[command(flatten)]
    alerts: alerts::Args,
}

/// Runs the command.
pub(crate) fn run(args: &Args, verbosity: Verbosity) -> ExitCode {
    match trace(args, verbosity) {
        Ok(End { status: Some(ExitStatus::Signal(signal)), .. }) => signals::die_of(signal),
        // What is no more than a byte long in any case.
        Ok(End { status: Some(ExitStatus::Code(code)), .. }) if code != 0 => exit(code),
        Ok(End { outcome, .. }) => match outcome {
            Outcome::Done => ExitCode::SUCCESS,
            Outcome::Found => ExitCode::from(1),
            Outcome::Wrong | Outcome::InPart => ExitCode::from(3),
        },
        Err(refusal) => {
            say!("{refusal}");
            ExitCode::from(refusal.code())
        }
    }
}

/// How it ended.
struct End {
    /// The command; `None` if there was none, or it goes on.
    status: Option<ExitStatus>,
    /// We.
    outcome: Outcome,
}

fn trace(args: &Args, verbosity: Verbosity) -> Result<End, Refusal> {
    let target = target::of(args)?;
    let options = Options { skip: args.skip.clone(), ..Options::default() };
    // Before there is another thread, for they are to leave signals alone too.
    let signals = Signals::hold().map_err(Refusal::Signals)?;
    let mut session = Session::new(args, verbosity)?;
    let mut trace = Trace::start(target, options, signals.original()).map_err(target::refused)?;
    if args.pid.is_empty() {
        signals.started(trace.handle());
    } else {
        signals.attached(trace.handle());
    }
    session.begin();
    let ended = session.follow(&mut trace, &signals);
    signals.ended();
    let status = ended.as_ref().and_then(|ended: &Ended| ended.status);
    Ok(End { status, outcome: session.finish(ended.as_ref()) })
}
