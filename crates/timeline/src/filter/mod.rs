//! A part of a timeline.
//!
//! A [`Filter`] asks of each thing in a timeline (a command, a file, a connection, a change of
//! rights, a line of a terminal) whether it stays; it does if it passes all that is asked:
//!
//! - `kinds`: that it is of one of these kinds;
//! - `process`, `user`, `container`: that its process is such a one;
//! - `from_ns`, `to_ns`: that some of it was in this time;
//! - `path`: of commands, that program or script is there; of files, that one of their paths is; of
//!   unix sockets, that theirs is;
//! - `address`: of connections, that one of their ends is there.
//!
//! What has neither path nor address goes if either is asked for; if both are, one is enough.
//!
//! A process stays if something of it does, and so do its ancestors, with the last that they ran, so
//! that there is something to hang it on. Alerts stay with their process, if their kind is asked
//! for. The window, its gaps and its density stay as they are.
//!
//! - `pattern`: what is asked, and how it is written; `keep`: what is left put together anew.

mod keep;
mod pattern;
#[cfg(test)]
mod tests;

pub use pattern::{AddressPattern, FilterError, PathPattern, ProcessPattern, UserPattern};

use std::str::FromStr;

use crate::model::{Command, Connection, FileActivity, Moment, Process, SessionKind, Timeline};

bitflags::bitflags! {
    /// Kinds of things in a timeline.
    #[derive(Clone, Copy, PartialEq, Eq, Debug)]
    pub struct Kinds: u8 {
        /// Commands.
        const COMMANDS = 1 << 0;
        /// Files.
        const FILES = 1 << 1;
        /// Connections.
        const NETWORK = 1 << 2;
        /// Changes of rights.
        const PRIVILEGES = 1 << 3;
        /// Alerts.
        const ALERTS = 1 << 4;
        /// Lines of terminals.
        const TERMINAL = 1 << 5;
    }
}

impl Default for Kinds {
    fn default() -> Self {
        Self::all()
    }
}

impl FromStr for Kinds {
    type Err = FilterError;

    /// Names with commas between: `files,network`.
    fn from_str(text: &str) -> Result<Self, FilterError> {
        text.split(',').map(str::trim).try_fold(Self::empty(), |kinds, name| {
            let kind = match name {
                "commands" => Self::COMMANDS,
                "files" => Self::FILES,
                "network" => Self::NETWORK,
                "privileges" => Self::PRIVILEGES,
                "alerts" => Self::ALERTS,
                "terminal" => Self::TERMINAL,
                _ => return Err(FilterError::Kind(name.to_owned())),
            };
            Ok(kinds | kind)
        })
    }
}

/// What to keep of a timeline; see the module. What is not given is not asked.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Which kinds of things.
    pub kinds: Kinds,
    /// Of which process.
    pub process: Option<ProcessPattern>,
    /// At which path.
    pub path: Option<PathPattern>,
    /// With which address.
    pub address: Option<AddressPattern>,
    /// Of which user: one that a command of the process ran as, or who logged in.
    pub user: Option<UserPattern>,
    /// In which container: its name, or the beginning of its id.
    pub container: Option<String>,
    /// From this time on, ns since 1970.
    pub from_ns: Option<u64>,
    /// Before this time.
    pub to_ns: Option<u64>,
}

impl Filter {
    /// The part of a timeline that passes.
    pub fn apply(&self, timeline: &Timeline) -> Timeline {
        let kept = timeline.processes.iter().map(|process| self.process(timeline, process));
        keep::only(timeline, kept.collect(), self)
    }

    /// What is left of a process; nothing if nothing is.
    fn process(&self, timeline: &Timeline, process: &Process) -> Option<Process> {
        if !self.is_meant(timeline, process) {
            return None;
        }
        let mut left = Process {
            commands: self.commands(timeline, process),
            files: self.of_kind(Kinds::FILES, &process.files, |row| self.file(row)),
            network: self.of_kind(Kinds::NETWORK, &process.network, |row| self.connection(row)),
            privileges: self
                .of_kind(Kinds::PRIVILEGES, &process.privileges, |row| self.moment(row.at)),
            terminal: self.of_kind(Kinds::TERMINAL, &process.terminal, |row| self.moment(row.at)),
            ..process.clone()
        };
        let is_empty = left.commands.is_empty()
            && left.files.is_empty()
            && left.network.is_empty()
            && left.privileges.is_empty()
            && left.terminal.is_empty();
        let has_alert = process.alerts.iter().any(|alert| {
            timeline.alert(*alert).is_some_and(|alert| self.alert(alert.at.ts_ns, alert.last_ns))
        });
        if is_empty && !has_alert {
            return None;
        }
        keep::frame(&mut left, process);
        Some(left)
    }

    fn of_kind<T: Clone>(&self, kind: Kinds, rows: &[T], passes: impl Fn(&T) -> bool) -> Vec<T> {
        if !self.kinds.contains(kind) {
            return Vec::new();
        }
        rows.iter().filter(|row| passes(row)).cloned().collect()
    }

    /// Whether process, user and container are those that are asked for.
    fn is_meant(&self, timeline: &Timeline, process: &Process) -> bool {
        self.process.as_ref().is_none_or(|pattern| pattern.is(process))
            && self.user.as_ref().is_none_or(|pattern| pattern.is(process))
            && self.container.as_ref().is_none_or(|name| is_in(timeline, process, name))
    }

    /// Commands last until the next one that was not in vain, or until the process ended.
    fn commands(&self, timeline: &Timeline, process: &Process) -> Vec<Command> {
        if !self.kinds.contains(Kinds::COMMANDS) {
            return Vec::new();
        }
        let window = &timeline.window;
        let start_ns = process.start.map_or(window.first_ns, |start| start.ts_ns);
        let mut until_ns = process.end.map_or(window.last_ns, |end| end.at.ts_ns);
        let mut left = Vec::new();
        for command in process.commands.iter().rev() {
            let from_ns = command.at.map_or(start_ns, |at| at.ts_ns);
            if self.is_then(from_ns, if command.failed() { from_ns } else { until_ns })
                && self.command(command)
            {
                left.push(command.clone());
            }
            if !command.failed() {
                until_ns = from_ns;
            }
        }
        left.reverse();
        left
    }

    fn command(&self, command: &Command) -> bool {
        let mut paths = std::iter::once(&command.exe).chain(&command.script);
        match (&self.path, &self.address) {
            (Some(pattern), _) => paths.any(|path| pattern.is(path.bytes())),
            (None, address) => address.is_none(),
        }
    }

    fn file(&self, row: &FileActivity) -> bool {
        let mut paths = std::iter::once(&row.path).chain(&row.other);
        let is_there = match (&self.path, &self.address) {
            (Some(pattern), _) => paths.any(|path| pattern.is(path.bytes())),
            (None, address) => address.is_none(),
        };
        is_there && self.is_then(row.first.ts_ns, row.last.ts_ns)
    }

    fn connection(&self, row: &Connection) -> bool {
        let at_path = self.path.as_ref().map(|path| path.is(row.path.bytes()));
        let at_address = self.address.as_ref().map(|address| address.is(row));
        let is_there = match (at_path, at_address) {
            (None, None) => true,
            (path, address) => path.unwrap_or(false) || address.unwrap_or(false),
        };
        is_there && self.is_then(row.first.ts_ns, row.last.ts_ns)
    }

    /// What has neither path nor address.
    fn moment(&self, at: Moment) -> bool {
        self.path.is_none() && self.address.is_none() && self.is_then(at.ts_ns, at.ts_ns)
    }

    /// Whether an alert is asked for on its own account.
    fn alert(&self, first_ns: u64, last_ns: u64) -> bool {
        self.kinds.contains(Kinds::ALERTS)
            && self.path.is_none()
            && self.address.is_none()
            && self.is_then(first_ns, last_ns)
    }

    /// Whether what belongs to no process passes.
    fn asks_no_process(&self) -> bool {
        self.process.is_none()
            && self.user.is_none()
            && self.container.is_none()
            && self.path.is_none()
            && self.address.is_none()
    }

    /// Whether some of this time is asked for.
    fn is_then(&self, first_ns: u64, last_ns: u64) -> bool {
        self.from_ns.is_none_or(|from_ns| last_ns >= from_ns)
            && self.to_ns.is_none_or(|to_ns| first_ns < to_ns)
    }
}

fn is_in(timeline: &Timeline, process: &Process, name: &str) -> bool {
    let session = timeline.session(process.session);
    let Some(SessionKind::Container(facts)) = session.map(|session| &session.kind) else {
        return false;
    };
    let is_id = |id: &[u8]| {
        !id.is_empty() && (id.starts_with(name.as_bytes()) || name.as_bytes().starts_with(id))
    };
    !name.is_empty() && (facts.name.bytes() == name.as_bytes() || is_id(facts.id.bytes()))
}
