//! Of whom the summary speaks, and how it names them.

use std::collections::BTreeSet;

use crate::{
    model::{Command, Moment, Origin, Process, ProcessId, Recorded, Relevance, Timeline},
    views::{fold, words},
};

/// Bytes that are shown of a command.
const COMMAND_BYTES: usize = 160;
/// Bytes that are shown of a path.
const PATH_BYTES: usize = 200;
/// Names that a list has at most before the rest is counted.
const MOST_NAMES: usize = 3;

/// Those of whom is spoken: they caused alerts, or have to do with them and began in the window.
pub(super) struct Cast<'t> {
    pub(super) timeline: &'t Timeline,
    /// By start.
    pub(super) members: Vec<(ProcessId, &'t Process)>,
    /// Programs that they ran.
    programs: BTreeSet<&'t Recorded>,
}

impl<'t> Cast<'t> {
    pub(super) fn of(timeline: &'t Timeline) -> Self {
        let numbered = (0u32..).map(ProcessId).zip(&timeline.processes);
        let members = numbered.filter(|(_, process)| is_member(process)).collect();
        let mut cast = Self { timeline, members, programs: BTreeSet::new() };
        cast.programs = cast.commands().map(|(_, command)| &command.exe).collect();
        cast
    }

    /// Whether one of them ran this program.
    pub(super) fn ran(&self, exe: &Recorded) -> bool {
        self.programs.contains(exe)
    }

    /// Whether this is one of them.
    pub(super) fn has(&self, id: ProcessId) -> bool {
        self.timeline.process(id).is_some_and(is_member)
    }

    /// All commands that they ran by exec, and by whom.
    pub(super) fn commands(&self) -> impl Iterator<Item = (ProcessId, &'t Command)> + '_ {
        self.members.iter().flat_map(|&(id, process)| {
            let ran = process.commands.iter().filter(|command| command.origin == Origin::Exec);
            ran.map(move |command| (id, command))
        })
    }

    /// `curl[1208]`.
    pub(super) fn name(&self, id: ProcessId) -> String {
        self.timeline.process(id).map_or_else(String::new, words::name)
    }

    /// `curl[1208], tar[1209] and 4 more`.
    pub(super) fn names(&self, ids: impl IntoIterator<Item = ProcessId>) -> String {
        let names: Vec<String> = ids.into_iter().map(|id| self.name(id)).collect();
        words::and_more(&names, MOST_NAMES)
    }
}

fn is_member(process: &Process) -> bool {
    match process.relevance {
        Relevance::Alerted => true,
        Relevance::Related => process.start.is_some(),
        Relevance::Background => false,
    }
}

/// Whether a process did something as its own work: a program that makes containers, or one that
/// looks up passwords. What those do is not told.
pub(super) fn is_at_work(process: &Process, at: Moment) -> bool {
    let command = fold::command_at(process, at);
    command.is_some_and(|command| fold::is_runtime(command) || fold::is_keeper(command))
}

/// A command in quotes, its redirections with it.
pub(super) fn quoted(command: &Command) -> String {
    format!("“{}”", words::short(&words::with_redirects(command, COMMAND_BYTES)))
}

/// A path or another name.
pub(super) fn path(path: &Recorded) -> String {
    words::short(&words::clip(path, PATH_BYTES))
}

/// `once`, `twice`, `6 times`.
pub(super) fn times(number: u64) -> String {
    match number {
        1 => "once".to_owned(),
        2 => "twice".to_owned(),
        number => format!("{} times", words::count(number)),
    }
}

/// Whether a command is a shell.
pub(super) fn is_shell(command: &Command) -> bool {
    const SHELLS: [&[u8]; 9] =
        [b"sh", b"bash", b"dash", b"ash", b"zsh", b"ksh", b"mksh", b"fish", b"csh"];
    SHELLS.contains(&program(command))
}

/// The last part of the program's path.
pub(super) fn program(command: &Command) -> &[u8] {
    let path = if command.exe.is_empty() { command.comm.bytes() } else { command.exe.bytes() };
    path.rsplit(|&b| b == b'/').next().unwrap_or(path)
}
