//! The stage: processes in which actions are done, and where.
//!
//! All of them are this program, called by a hidden command. The first has no terminal, and starts one
//! in namespaces of its own, or says why there can be none; that starts a process for each action,
//! one after the other, and kills what takes too long. Who started a process of these takes it along
//! when it ends, and the last one's end takes along all within its namespaces: nothing is left.
//!
//! - `hindrance`: why an action could not be done.
//! - `spaces`: namespaces, and folders that cover others.
//! - `turns`: one action after the other, each in its time.
//! - `world`: what actions make use of.

mod hindrance;
mod spaces;
mod turns;
mod world;

use std::{
    ffi::OsString,
    fs::OpenOptions,
    io::{self, Write},
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::{Command, ExitStatus, Stdio},
};

use clap::{Parser, ValueEnum};
use rustix::process::{Signal, set_parent_process_death_signal, setsid};

pub(super) use self::{
    hindrance::Hindrance,
    turns::Done,
    world::{World, idle_at},
};
use super::actions::{self, Action};
use crate::error::{Error, Outcome};

/// The file in the stage's folder to which what was done is written, a line for each action.
const RESULTS: &str = "results";
/// By this name this program does actions: rules take a recorder for what it does itself.
const ACTOR: &str = "rehearsal";
/// The name of the hidden command.
const COMMAND: &str = "selftest-stage";

/// A part of the self-test, which starts it by itself.
#[derive(Parser)]
pub(crate) struct Args {
    #[arg(value_enum)]
    role: Role,
    /// The stage's folder.
    folder: PathBuf,
    /// Why there are no namespaces.
    #[arg(long)]
    bare: Option<String>,
    /// Actions, or what a part of one is called with.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    words: Vec<String>,
}

/// What a process of the stage does.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum Role {
    /// Is the first.
    Begin,
    /// Is the first within namespaces.
    Spaces,
    /// Starts one action after the other.
    Turns,
    /// Does an action.
    Act,
    /// Runs a command.
    Run,
    /// Opens a socket for whole packets.
    Packets,
    /// Waits until its input ends.
    Wait,
}

/// Command line of the first process, with the file that it is to be run by.
pub(super) fn command(folder: &Path, names: &[&str]) -> Vec<OsString> {
    let mut command: Vec<OsString> =
        vec![folder.join(ACTOR).into(), COMMAND.into(), "begin".into(), folder.into()];
    command.extend(names.iter().map(OsString::from));
    command
}

/// Makes the folder ready: the name that actions are done by.
///
/// # Errors
/// If that cannot be made there.
pub(super) fn prepare(folder: &Path) -> io::Result<()> {
    symlink(std::env::current_exe()?, folder.join(ACTOR))
}

/// What was done so far.
pub(super) fn results(folder: &Path) -> Vec<(String, Done)> {
    let text = std::fs::read_to_string(folder.join(RESULTS)).unwrap_or_default();
    text.lines().filter_map(turns::parse).collect()
}

/// Which action this command line, without the program's own name, is the process of.
pub(super) fn action_of<'a>(
    mut words: impl Iterator<Item = &'a [u8]>,
    folder: &Path,
) -> Option<&'static Action> {
    let begins = words.next()? == COMMAND.as_bytes() && words.next()? == b"act";
    let is_here = words.next()? == folder.as_os_str().as_encoded_bytes();
    let name = words.last().filter(|_| begins && is_here)?;
    actions::named(str::from_utf8(name).ok()?)
}

/// Runs the command.
pub(crate) fn run(args: &Args) -> Result<Outcome, Error> {
    match args.role {
        Role::Begin => begin(args),
        Role::Spaces => within_spaces(args),
        Role::Turns => turns::take(&args.folder, args.bare.as_deref(), &args.words),
        Role::Act => {
            turns::act(&args.folder, args.bare.is_none(), args.words.first());
            Ok(())
        }
        Role::Run => run_words(&args.words),
        Role::Packets => actions::send_nothing().map_err(io::Error::other),
        Role::Wait => io::copy(&mut io::stdin(), &mut io::sink()).map(drop),
    }
    .map(|()| Outcome::Done)
    .map_err(Error::Output)
}

/// Exit code where there can be no namespaces; standard output says why.
const REFUSED: i32 = 2;

fn begin(args: &Args) -> io::Result<()> {
    end_with_parent()?;
    // A terminal makes a difference to rules. Whoever leads a session has to do with it.
    let _ = setsid();
    let results = || {
        let path = args.folder.join(RESULTS);
        OpenOptions::new().create(true).append(true).open(path)
    };
    let mut spaces = again(&args.folder, Role::Spaces);
    spaces.args(&args.words).stdout(results()?).stderr(Stdio::piped());
    let output = spaces.spawn()?.wait_with_output()?;
    if output.status.code() != Some(REFUSED) {
        return ended(output.status);
    }
    let why = String::from_utf8_lossy(&output.stderr);
    let mut turns = again(&args.folder, Role::Turns);
    turns.args(["--bare", why.trim()]).args(&args.words).stdout(results()?);
    ended(turns.status()?)
}

fn within_spaces(args: &Args) -> io::Result<()> {
    end_with_parent()?;
    let ourselves = std::env::current_exe()?;
    if let Err(why) = spaces::enter(&args.folder) {
        let _ = write!(io::stderr(), "{why}");
        std::process::exit(REFUSED);
    }
    symlink(ourselves, args.folder.join(ACTOR))?;
    let mut turns = again(&args.folder, Role::Turns);
    // Results go where ours do.
    turns.args(&args.words).stdout(Stdio::inherit());
    ended(turns.status()?)
}

fn ended(status: ExitStatus) -> io::Result<()> {
    if status.success() { Ok(()) } else { Err(io::Error::other(status.to_string())) }
}

fn run_words(words: &[String]) -> io::Result<()> {
    let Some((program, rest)) = words.split_first() else { return Ok(()) };
    Command::new(program).args(rest).status().map(drop)
}

/// This program once more, in another role, with nothing to read or to say.
fn again(folder: &Path, role: Role) -> Command {
    let mut command = Command::new(folder.join(ACTOR));
    command.arg(COMMAND).arg(role.word()).arg(folder);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

impl Role {
    fn word(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }
}

/// When who started us ends, so do we.
fn end_with_parent() -> io::Result<()> {
    Ok(set_parent_process_death_signal(Some(Signal::KILL))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_action_is_known_by_the_command_line_of_its_process() {
        let of = |words: &[&str]| {
            action_of(words.iter().map(|word| word.as_bytes()), Path::new("/tmp/here"))
        };
        let known = |words: &[&str]| of(words).map(|action| action.name);
        assert_eq!(known(&[COMMAND, "act", "/tmp/here", "miner"]), Some("miner"));
        let bare = [COMMAND, "act", "/tmp/here", "--bare", "why", "miner"];
        assert_eq!(known(&bare), Some("miner"));
        for words in [
            &[][..],
            &[COMMAND, "act", "/tmp/here"],
            &[COMMAND, "act", "/tmp/there", "miner"],
            &[COMMAND, "turns", "/tmp/here", "miner"],
            &["sh", "act", "/tmp/here", "miner"],
            &[COMMAND, "act", "/tmp/here", "nothing"],
        ] {
            assert_eq!(known(words), None, "{words:?}");
        }
    }

    #[test]
    fn each_role_has_the_word_that_it_is_called_by() {
        for role in Role::value_variants() {
            assert_eq!(Role::from_str(&role.word(), false), Ok(*role));
        }
    }
}
