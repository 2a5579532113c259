//! What matters of the files that processes touched: told in the end, when all that was done to each
//! is known.

use super::{changed::Changed, paths, routine, sensitivity};
use crate::{
    build::{
        commands::script,
        draft::{Draft, Map},
        fds,
    },
    model::{Acts, Command, FileActivity, Process, Recorded, Sensitivity},
};

/// With more arguments, or more bytes of them, a command is not searched for the names of files.
const MOST_ARGUMENTS: usize = 256;
const MOST_ARGUMENT_BYTES: usize = 4_096;

/// More commands of a process than this are not searched.
const MOST_COMMANDS: usize = 32;

/// Programs that look at every process there is: what they read of others says nothing.
const OBSERVERS: [&[u8]; 8] =
    [b"ps", b"top", b"htop", b"pgrep", b"pkill", b"pidof", b"w", b"systemd"];

/// Acts of running a program.
const RUN: Acts = Acts::EXECUTED.union(Acts::READ).union(Acts::MAPPED);

/// Judges every file of every process. Code that was made within the window is never routine.
pub(crate) fn files(drafts: &mut [Draft], changed: &Changed) {
    let mut places = Places::default();
    for draft in drafts {
        let mut files = std::mem::take(&mut draft.process.files);
        for row in &mut files {
            judge(row, &draft.process, &mut places);
            if row.routine && row.acts.intersects(Acts::MAPPED | Acts::EXECUTED) {
                let container = &draft.facts.container;
                row.routine = !changed.contains(container, row.path.bytes());
            }
        }
        draft.process.files = files;
    }
}

fn judge(row: &mut FileActivity, process: &Process, places: &mut Places) {
    let is_run = row.acts.contains(Acts::EXECUTED) || is_script(process, row);
    let ends = [Some(&row.path), row.other.as_ref()].into_iter().flatten();
    row.sensitivity = ends.filter_map(|path| places.of(path, row.acts, is_run).sensitivity).min();
    if row.path.bytes().starts_with(b"/proc/") && !row.acts.change() && is_observer(process) {
        row.sensitivity = None;
    }
    let place = places.of(&row.path, row.acts, is_run);
    row.routine = row.sensitivity.is_none() && is_routine(row, process, place.routine);
}

fn is_observer(process: &Process) -> bool {
    process.command().is_some_and(|command| OBSERVERS.contains(&command.comm.bytes()))
}

/// What was found of places so far: programs touch the same few hundred over and over.
#[derive(Default)]
struct Places {
    known: Map<(Recorded, Acts, bool), Place>,
}

#[derive(Clone, Copy)]
struct Place {
    sensitivity: Option<Sensitivity>,
    routine: bool,
}

impl Places {
    fn of(&mut self, path: &Recorded, acts: Acts, is_run: bool) -> Place {
        let key = (path.clone(), acts, is_run);
        *self.known.entry(key).or_insert_with(|| Place {
            sensitivity: sensitivity::of(path.bytes(), acts, is_run),
            routine: routine::is_place(path.bytes(), acts),
        })
    }
}

/// Whether it is a script that the process was given to run.
fn is_script(process: &Process, row: &FileActivity) -> bool {
    row.acts.contains(Acts::READ)
        && commands(process).any(|command| command.script.as_ref() == Some(&row.path))
}

/// What the process ran, as far as it is searched.
fn commands(process: &Process) -> impl Iterator<Item = &Command> {
    process.commands.iter().take(MOST_COMMANDS).filter(|command| !command.failed())
}

fn is_routine(row: &FileActivity, process: &Process, at_routine_place: bool) -> bool {
    if RUN.contains(row.acts) && row.acts.contains(Acts::EXECUTED) {
        // The command tells it already.
        return commands(process)
            .any(|command| fds::program(command.exe.bytes()) == Some(row.path.bytes()));
    }
    let own = format!("/proc/{}/", process.pid);
    let is_own = row.path.bytes().starts_with(own.as_bytes()) && !row.acts.change();
    (is_own || at_routine_place) && !is_asked_for(row, process)
}

/// Whether an argument names the file: what somebody asks for is no routine.
fn is_asked_for(row: &FileActivity, process: &Process) -> bool {
    let path = row.path.bytes();
    commands(process).any(|command| {
        let arguments = command.argv.get(1..).unwrap_or_default();
        let bytes: usize = arguments.iter().take(MOST_ARGUMENTS).map(|arg| arg.bytes().len()).sum();
        arguments.len() <= MOST_ARGUMENTS
            && bytes <= MOST_ARGUMENT_BYTES
            && arguments.iter().any(|arg| names(arg, command.cwd.bytes(), path))
    })
}

fn names(argument: &Recorded, cwd: &[u8], path: &[u8]) -> bool {
    let argument = argument.bytes();
    let name = script::base(path);
    if name.is_empty() || argument.len() < name.len() {
        return false;
    }
    let is_relative = !argument.starts_with(b"/") && script::base(argument) == name;
    argument.windows(path.len()).any(|part| part == path)
        || (is_relative && &*paths::below(cwd, argument) == path)
}
