//! Watchkeeper: records what really happens on Linux hosts at the syscall level, and answers
//! questions from that record.

#[macro_use]
mod output;

mod alerts;
mod columns;
mod commands;
mod config;
mod default_rules;
mod detector;
mod error;
mod files;
mod in_use;
mod incidents;
mod input;
mod live;
mod outputs;
mod parallel;
mod rule_files;
mod story;
mod trial;
mod when;
mod yaml;

use std::{
    env,
    process::{ExitCode, exit},
};

use clap::{Parser, Subcommand};

use crate::error::Outcome;

/// Records what really happens on Linux hosts at the syscall level, and answers questions from
/// that record.
#[derive(Parser)]
#[command(
    name = "watchkeeper",
    version,
    arg_required_else_help = true,
    after_help = "Exit code: 0 done; 1 done, and what was asked about was found; 2 the request or its input is wrong; 3 done in part."
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    /// Say nothing on stderr but errors.
    #[arg(short, long, global = true)]
    quiet: bool,
}

#[derive(Subcommand)]
enum Command {
    Run(Box<commands::run::Args>),
    Trace(Box<commands::trace::Args>),
    Replay(Box<commands::replay::Args>),
    Timeline(Box<commands::timeline::Args>),
    Hunt(Box<commands::hunt::Args>),
    #[command(subcommand)]
    Incident(commands::incident::Command),
    #[command(subcommand)]
    Store(commands::store::Command),
    #[command(subcommand)]
    Capture(commands::capture::Command),
    Fields(commands::fields::Args),
    #[command(subcommand)]
    Rules(commands::rules::Command),
    #[command(subcommand)]
    Config(commands::config::Command),
    #[command(subcommand)]
    Scan(Box<commands::scan::Command>),
    #[command(subcommand)]
    Inuse(commands::inuse::Command),
    #[command(subcommand)]
    Db(commands::db::Command),
    Doctor(commands::doctor::Args),
    Selftest(commands::selftest::Args),
    #[command(hide = true)]
    SelftestStage(commands::selftest::stage::Args),
}

fn main() -> ExitCode {
    let cli = Cli::try_parse().unwrap_or_else(|error| refuse(&error));
    let verbosity = if cli.quiet { output::Verbosity::Quiet } else { output::Verbosity::Normal };
    let outcome = match cli.command {
        Command::Trace(args) => return commands::trace::run(&args, verbosity),
        Command::Run(args) => commands::run::run(&args, verbosity),
        Command::Replay(args) => commands::replay::run(&args, verbosity),
        Command::Timeline(args) => commands::timeline::run(&args, verbosity),
        Command::Hunt(args) => commands::hunt::run(&args, verbosity),
        Command::Incident(command) => commands::incident::run(&command, verbosity),
        Command::Store(command) => commands::store::run(&command, verbosity),
        Command::Capture(command) => commands::capture::run(&command, verbosity),
        Command::Rules(command) => commands::rules::run(&command, verbosity),
        Command::Fields(args) => commands::fields::run(&args),
        Command::Config(command) => commands::config::run(&command),
        Command::Scan(command) => commands::scan::run(&command, verbosity),
        Command::Inuse(command) => commands::inuse::run(&command, verbosity),
        Command::Db(command) => commands::db::run(&command, verbosity),
        Command::Doctor(args) => commands::doctor::run(&args, verbosity),
        Command::Selftest(args) => commands::selftest::run(&args, verbosity),
        Command::SelftestStage(args) => commands::selftest::stage::run(&args),
    };
    match outcome {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::Found) => ExitCode::from(1),
        Ok(Outcome::Wrong) => ExitCode::from(2),
        Ok(Outcome::InPart) => ExitCode::from(3),
        Err(error) if error.is_broken_pipe() => ExitCode::SUCCESS,
        Err(error) => {
            say!("{error}");
            ExitCode::from(2)
        }
    }
}

/// Says what is wrong with the command line, or the help that it asks for.
fn refuse(error: &clap::Error) -> ! {
    let _ = error.print();
    // A command's own code 2 is not to be mistaken for ours.
    let verb = env::args_os().skip(1).find(|word| !word.as_encoded_bytes().starts_with(b"-"));
    let is_trace = verb.is_some_and(|verb| verb == "trace");
    match error.exit_code() {
        0 => exit(0),
        _ if is_trace => exit(commands::trace::REFUSED.into()),
        code => exit(code),
    }
}
