//! What stands below a process: what it did and its children, in the order of time.

use super::{children::Folding, story::Story};
use crate::{
    model::{
        Acts, Alert, Change, Command, Connection, FileActivity, Moment, Origin, PipelineId,
        PrivilegeChange, Process, ProcessId, Role, Target,
    },
    views::{
        fold::{self, ConnectionItem, FileItem, Kind},
        words::{self, Weight},
    },
};

/// One thing below a process.
pub(super) struct Entry<'t> {
    pub(super) at: Moment,
    /// The process that did it.
    pub(super) by: ProcessId,
    pub(super) item: Item<'t>,
}

/// What it is. Of those at the same time, the first here comes first.
pub(super) enum Item<'t> {
    Alert(&'t Alert),
    /// It ran something else, or could not.
    Exec(&'t Command),
    /// A change of rights, and how often in a row.
    Privilege(&'t PrivilegeChange, u64),
    Connection(ConnectionItem<'t>),
    File(FileItem<'t>),
    Child(Node),
    /// Children that have nothing to do with the alerts.
    Others(Vec<ProcessId>),
}

impl Item<'_> {
    fn rank(&self) -> u8 {
        match self {
            Self::Alert(_) => 0,
            Self::Exec(_) => 1,
            Self::Privilege(..) => 2,
            Self::Connection(_) => 3,
            Self::File(_) => 4,
            Self::Child(_) => 5,
            Self::Others(_) => 6,
        }
    }
}

/// Processes that share a line.
pub(super) enum Node {
    One(ProcessId),
    /// Each one's output is the next one's input.
    Pipeline(PipelineId, Vec<ProcessId>),
    /// They ran the same command.
    Repeats(Vec<ProcessId>),
    /// They ran the same program.
    Alike(Vec<ProcessId>),
    /// They ran the same program and did the same with it as those before them.
    Same(Vec<ProcessId>),
}

impl Node {
    pub(super) fn ids(&self) -> &[ProcessId] {
        match self {
            Self::One(id) => std::slice::from_ref(id),
            Self::Pipeline(_, ids) | Self::Repeats(ids) | Self::Alike(ids) | Self::Same(ids) => ids,
        }
    }
}

impl<'t> Story<'t, '_> {
    /// What stands below processes that share a line, by time.
    pub(super) fn entries(&mut self, node: &Node) -> Vec<Entry<'t>> {
        let members = match node {
            Node::One(_) | Node::Pipeline(..) => node.ids(),
            // What they did is not told, or as sums.
            Node::Repeats(_) | Node::Alike(_) | Node::Same(_) => &[],
        };
        let mut entries: Vec<_> = members.iter().flat_map(|&by| self.entries_of(by)).collect();
        entries.sort_by_key(|entry| (entry.at.ts_ns, entry.item.rank()));
        entries
    }

    fn entries_of(&mut self, by: ProcessId) -> Vec<Entry<'t>> {
        let timeline = self.timeline;
        let Some(process) = timeline.process(by) else { return Vec::new() };
        let mut items: Vec<(Moment, Item<'t>)> = Vec::new();
        for alert in process.alerts.iter().filter_map(|&id| timeline.alert(id)) {
            match self.is_brief(alert) {
                true => self.brief.push(alert),
                false => items.push((alert.at, Item::Alert(alert))),
            }
        }
        let commands = self.later_commands(process);
        items.extend(commands.into_iter().map(|c| (c.at.unwrap_or_default(), Item::Exec(c))));
        let privileges = self.privileges(process);
        items.extend(privileges.into_iter().map(|(p, times)| (p.at, Item::Privilege(p, times))));
        let connections = self.connections(process);
        items.extend(connections.into_iter().map(|c| (c.first(), Item::Connection(c))));
        items.extend(self.files(process).into_iter().map(|f| (f.first(), Item::File(f))));
        let folding = if self.is_expanded(process) { Folding::None } else { Folding::Alike };
        items.extend(self.children(&process.children, folding));
        items.into_iter().map(|(at, item)| Entry { at, by, item }).collect()
    }

    fn connections(&self, process: &'t Process) -> Vec<ConnectionItem<'t>> {
        if self.is_expanded(process) {
            return process.network.iter().map(ConnectionItem::One).collect();
        }
        let items = fold::connections(process).into_iter();
        items.filter(|item| !matches!(item, ConnectionItem::One(one) if is_noted(one))).collect()
    }

    fn files(&self, process: &'t Process) -> Vec<FileItem<'t>> {
        if self.is_expanded(process) {
            return process.files.iter().map(FileItem::One).collect();
        }
        let is_told = |item: &FileItem<'_>| match item {
            FileItem::One(file) => !self.is_inherited_output(process, file),
            FileItem::Many(fold) => fold.kind != Kind::Routine,
        };
        fold::files(process).into_iter().filter(is_told).collect()
    }

    /// Whether a file is only written to because an ancestor's output goes there.
    fn is_inherited_output(&self, process: &Process, file: &FileActivity) -> bool {
        const MOST: usize = 16;
        let output = |ancestor: &Process| {
            let redirects = ancestor.commands.iter().flat_map(|command| &command.redirects);
            redirects.into_iter().any(|redirect| match &redirect.to {
                Target::Write(to) | Target::Append(to) => *to == file.path,
                _ => false,
            })
        };
        let parent = |process: &&Process| self.timeline.process(process.parent?);
        file.acts == Acts::WRITTEN
            && !output(process)
            && std::iter::successors(parent(&process), parent).take(MOST).any(output)
    }

    /// Changes of rights, equal ones in a row once; what goes without saying only if asked for.
    fn privileges(&self, process: &'t Process) -> Vec<(&'t PrivilegeChange, u64)> {
        let all = self.is_expanded(process);
        let mut told: Vec<(&PrivilegeChange, u64)> = Vec::new();
        let noted = main_command(process).and_then(|(_, command)| change_by_exec(process, command));
        for change in &process.privileges {
            let usual =
                words::weight_for(process, change) == Weight::Usual || comes_along(change, process);
            let usual = usual || noted.is_some_and(|noted| std::ptr::eq(noted, change));
            match told.last_mut() {
                _ if usual && !all => {}
                Some((last, times)) if !all && is_equal(last, change) => *times += 1,
                _ => told.push((change, 1)),
            }
        }
        told
    }

    /// What a process ran or tried to run after the command that its line shows; what it then found
    /// elsewhere, as a search along a path does, only if asked for.
    fn later_commands(&self, process: &'t Process) -> Vec<&'t Command> {
        let shown = main_command(process).map_or(0, |(at, _)| at);
        let mut told: Vec<&Command> = Vec::new();
        for (at, command) in process.commands.iter().enumerate().filter(|&(at, _)| at != shown) {
            let told_already = match command.origin {
                Origin::Failed { .. } => {
                    let is_same = |other: &&Command| other.argv == command.argv;
                    let later = process.commands.get(at + 1..).unwrap_or_default();
                    later.iter().any(|other| is_same(&other))
                }
                Origin::Exec => at < shown,
                Origin::Before | Origin::Forked => true,
            };
            if self.is_expanded(process) || !told_already {
                told.push(command);
            }
        }
        told
    }
}

/// Whether the row of the process itself tells of a connection: it has it from its parent.
pub(super) fn is_noted(connection: &Connection) -> bool {
    connection.role == Role::Inherited
}

/// The command that stands for a process, and its place: the first that it ran by exec if it began
/// as a copy of its parent, or tried to run; else what it was when the window began.
pub(super) fn main_command(process: &Process) -> Option<(usize, &Command)> {
    let begun_as_copy = process.commands.first()?.origin == Origin::Forked;
    let exec = process.commands.iter().position(|command| command.origin == Origin::Exec);
    let last = process.commands.len().checked_sub(1);
    let at = exec.or(last).filter(|_| begun_as_copy).unwrap_or(0);
    Some((at, process.commands.get(at)?))
}

/// The change of user that running this command was, which the row of the process tells.
pub(super) fn change_by_exec<'t>(
    process: &'t Process,
    command: &Command,
) -> Option<&'t PrivilegeChange> {
    let at = command.at?;
    process
        .privileges
        .iter()
        .find(|change| change.at.event == at.event && matches!(change.change, Change::User { .. }))
}

fn is_equal(one: &PrivilegeChange, other: &PrivilegeChange) -> bool {
    one.change == other.change && one.error == other.error
}

/// Whether it goes without saying beside another change: a new user has other capabilities.
fn comes_along(change: &PrivilegeChange, process: &Process) -> bool {
    let is_user = |other: &PrivilegeChange| {
        other.at.event == change.at.event && matches!(other.change, Change::User { .. })
    };
    matches!(change.change, Change::Capabilities { .. }) && process.privileges.iter().any(is_user)
}
