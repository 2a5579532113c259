//! One action after the other, each in its time.

use std::{
    fs,
    io::{self, Write},
    os::unix::process::CommandExt,
    path::Path,
    process::{Child, ExitStatus, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process_group};

use super::{Hindrance, Role, World, again, end_with_parent, spaces};
use crate::commands::selftest::actions::{self, Action, Place};

/// So long an action may take: far longer than any does, also in a slow virtual machine.
const LIMIT: Duration = Duration::from_secs(20);
/// So often it is looked whether it has ended.
const LOOK: Duration = Duration::from_millis(10);

/// What became of an action.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(in super::super) enum Done {
    /// It was done.
    Done,
    /// It was not, or not to its end, for this reason.
    Skipped(String),
}

/// Does the actions with these names; `bare` says why there are no namespaces.
pub(super) fn take(folder: &Path, bare: Option<&str>, names: &[String]) -> io::Result<()> {
    end_with_parent()?;
    for action in names.iter().filter_map(|name| actions::named(name)) {
        match bare {
            Some(why) if action.place != Place::Anywhere => {
                tell(action.name, &Done::Skipped(format!("it takes namespaces: {why}")))?;
            }
            _ => turn(folder, bare, action)?,
        }
    }
    Ok(())
}

/// Has one done by a process of its own, which says itself what became of it.
fn turn(folder: &Path, bare: Option<&str>, action: &Action) -> io::Result<()> {
    let mut actor = again(folder, Role::Act);
    if let Some(why) = bare {
        actor.args(["--bare", why]);
    }
    // In a group, so that what it started ends with it.
    actor.arg(action.name).stdout(Stdio::inherit()).process_group(0);
    let mut actor = actor.spawn()?;
    let status = wait(&mut actor)?;
    let _ = Pid::from_raw(actor.id().cast_signed())
        .map(|group| kill_process_group(group, Signal::KILL));
    match status {
        Some(status) if status.success() => Ok(()),
        Some(status) => tell(action.name, &Done::Skipped(format!("it ended early: {status}"))),
        None => {
            actor.wait()?;
            let seconds = LIMIT.as_secs();
            tell(action.name, &Done::Skipped(format!("it did not end within {seconds} s")))
        }
    }
}

/// Waits for its end, as long as it may take.
fn wait(child: &mut Child) -> io::Result<Option<ExitStatus>> {
    let until = Instant::now() + LIMIT;
    loop {
        match child.try_wait()? {
            None if Instant::now() < until => sleep(LOOK),
            ended => return Ok(ended),
        }
    }
}

/// Does an action, and says what became of it.
pub(super) fn act(folder: &Path, has_spaces: bool, name: Option<&String>) {
    let Some(action) = name.and_then(|name| actions::named(name)) else { return };
    let done = match end_with_parent()
        .map_err(Hindrance::of("the death of a parent"))
        .and_then(|()| perform(folder, has_spaces, action))
    {
        Ok(()) => Done::Done,
        Err(why) => Done::Skipped(why.to_string()),
    };
    // If nobody is there to hear it, nobody asks.
    let _ = tell(action.name, &done);
}

fn perform(folder: &Path, has_spaces: bool, action: &Action) -> Result<(), Hindrance> {
    let covered = match action.place {
        Place::Anywhere => &[],
        Place::Covered(covered) => covered,
    };
    let folder = if has_spaces { folder.to_owned() } else { folder.join(action.name) };
    // Before anything is covered: it finds our own program.
    let world = World::open(&folder)?;
    if has_spaces {
        spaces::cover_all(&folder, covered)?;
    } else {
        fs::create_dir(&folder).map_err(Hindrance::of("a folder"))?;
    }
    (action.run)(&world)
}

/// A line of results: the action, and why it was skipped, if it was.
fn tell(name: &str, done: &Done) -> io::Result<()> {
    let line = match done {
        Done::Done => format!("{name}\n"),
        Done::Skipped(why) => format!("{name}\t{}\n", why.replace(['\n', '\t'], " ")),
    };
    io::stdout().write_all(line.as_bytes())
}

/// What a line of results says.
pub(super) fn parse(line: &str) -> Option<(String, Done)> {
    match line.split_once('\t') {
        Some((name, why)) => Some((name.to_owned(), Done::Skipped(why.to_owned()))),
        None => Some((line.to_owned(), Done::Done)).filter(|_| !line.is_empty()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_read_as_they_were_told() {
        let why = Done::Skipped("not permitted".to_owned());
        assert_eq!(parse("miner"), Some(("miner".to_owned(), Done::Done)));
        assert_eq!(parse("miner\tnot permitted"), Some(("miner".to_owned(), why)));
        assert_eq!(parse(""), None);
    }
}
