//! `watchkeeper run`: records a whole host and judges what happens on it, until it is told to end.
//!
//! - `calls`: which system calls have to be recorded, for these rules and for timelines.
//! - `sandbox`: what the agent gives up once everything is attached.
//! - `priority`: who comes first when there is more to do than the processors can.
//! - `reload`: rules that are loaded again when their files change.
//! - `session`: from the start to the end.
//! - `signals`: what ends it, and what has rules loaded again.
//! - `report`: what is told at the start and at the end.

mod calls;
mod priority;
mod reload;
mod report;
mod sandbox;
mod session;
mod signals;

use std::path::PathBuf;

use clap::Parser;
use state::Engines;

pub(crate) use self::calls::needed as needed_calls;
use self::session::Session;
use crate::{
    alerts,
    error::{Error, Outcome},
    files::Method,
    output::{Format, Verbosity},
    when,
};

/// Records this whole host and prints the alerts that rules give of what happens on it.
///
/// It needs root, and runs until it gets SIGTERM or SIGINT (^C). Without --rules the default rules
/// are used, which the program carries along.
#[derive(Parser)]
#[command(
    after_help = "\
Examples:
  watchkeeper run
  watchkeeper run --store /var/lib/watchkeeper --before 60s
  watchkeeper run --rules rules/ --rules mine.yaml --format json
  watchkeeper run --rules rules/ --config watchkeeper.yaml
  watchkeeper run --for 60s --fail-on warning --quiet
  watchkeeper run --for 5m --output host.scap.zst --all-calls
  watchkeeper run --store /var/lib/watchkeeper --tty

Signals: SIGTERM and SIGINT end it when all that has happened is told, a second one at once; SIGHUP
loads the rule files again, which also happens when they change.

Exit code: 0 done; 1 done, and there was an alert that --fail-on asks about; 2 the request is wrong, or
this host cannot be recorded (watchkeeper doctor tells why); 3 done in part.",
    mut_arg("alert_output", |arg| arg
        .long("alert-output")
        .help("Where alerts go, in place of stdout: stdout, file:PATH, syslog:, \
            syslog:udp://HOST:PORT, syslog:tcp://HOST:PORT, http://... or https://..., \
            program:COMMAND. May be given several times")),
    mut_arg("rules", |arg| arg
        .help("Rule files, and folders of such, in place of the default rules. May be given several \
            times; the files are loaded in order, and again when they change")),
)]
pub(crate) struct Args {
    /// End after this time (60s, 5m), as if told to.
    #[arg(long = "for", value_name = "DURATION")]
    duration: Option<when::Duration>,
    /// Recording to write (.scap), whole at any time up to a second ago.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Compression of the recording; by its name if not given (.gz, .zst, else none).
    #[arg(long, value_enum, requires = "output")]
    compression: Option<Method>,
    /// Form of alerts on stdout; json: one object each, with the keys that Falco gives it.
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// Record every system call that can be, not only those that the rules and timelines need.
    #[arg(long)]
    all_calls: bool,
    /// Record what terminals show, too, and what is typed and shown; not what is typed unseen, as
    /// passwords are.
    #[arg(long)]
    tty: bool,
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
pub(crate) fn run(args: &Args, verbosity: Verbosity) -> Result<Outcome, Error> {
    sandbox::check()?;
    let mut session = Session::start(args, verbosity)?;
    session.follow();
    Ok(session.finish())
}
