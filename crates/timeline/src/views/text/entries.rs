//! What stands below a process: what it did and its children, in the order of time.

use std::collections::BTreeSet;

use super::{children::Folding, story::Story};
use crate::{
    model::{
        Acts, Alert, Change, Command, Connection, FileActivity, Moment, Origin, PipelineId,
        PrivilegeChange, Process, ProcessId, Recorded, Role, Target,
    },
    views::fold::{self, ConnectionItem, FileItem, Kind, Lineage, PrivilegeItem, TerminalItem},
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
    /// What it did to its own or to others' rights.
    Privilege(PrivilegeItem<'t>),
    Connection(ConnectionItem<'t>),
    File(FileItem<'t>),
    /// What it showed on a terminal.
    Terminal(TerminalItem<'t>),
    Child(Node),
    /// Children that have nothing to do with the alerts.
    Others(Vec<ProcessId>),
}

impl Item<'_> {
    fn rank(&self) -> u8 {
        match self {
            Self::Alert(_) => 0,
            Self::Exec(_) => 1,
            Self::Privilege(_) => 2,
            Self::Connection(_) => 3,
            Self::File(_) => 4,
            Self::Terminal(_) => 5,
            Self::Child(_) => 6,
            Self::Others(_) => 7,
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
    /// Ancestors that did nothing.
    Lineage(Lineage),
}

impl Node {
    pub(super) fn ids(&self) -> &[ProcessId] {
        match self {
            Self::One(id) => std::slice::from_ref(id),
            Self::Pipeline(_, ids) | Self::Repeats(ids) | Self::Alike(ids) | Self::Same(ids) => ids,
            Self::Lineage(lineage) => &lineage.ancestors,
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
            Node::Lineage(lineage) => return self.below(lineage),
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
        items.extend(privileges.into_iter().map(|item| (item.first(), Item::Privilege(item))));
        let connections = self.connections(process);
        items.extend(connections.into_iter().map(|c| (c.first(), Item::Connection(c))));
        items.extend(self.files(process).into_iter().map(|f| (f.first(), Item::File(f))));
        let lines = self.terminal(process).into_iter();
        items.extend(lines.map(|item| (item.first(), Item::Terminal(item))));
        let folding = if self.is_expanded(process) { Folding::None } else { Folding::Alike };
        let here = |id: &&ProcessId| !self.is_root_elsewhere(process, **id);
        let children: Vec<ProcessId> = process.children.iter().filter(here).copied().collect();
        items.extend(self.children(&children, folding));
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
        let parent = |process: &&'t Process| self.timeline.process(process.parent?);
        let first = process.parent.and_then(|id| self.timeline.process(id));
        file.acts == Acts::WRITTEN
            && !is_output(process, file)
            && std::iter::successors(first, parent).take(MOST).any(|above| is_output(above, file))
    }

    /// Changes of rights, but that which the row of the process tells.
    fn privileges(&self, process: &'t Process) -> Vec<PrivilegeItem<'t>> {
        if self.is_expanded(process) {
            return process.privileges.iter().map(|change| PrivilegeItem::One(change, 1)).collect();
        }
        let noted = main_command(process).and_then(|(_, command)| change_by_exec(process, command));
        let is_noted = |item: &PrivilegeItem<'_>| match item {
            PrivilegeItem::One(change, _) => {
                noted.is_some_and(|noted| std::ptr::eq(noted, *change))
            }
            PrivilegeItem::Many(_) => false,
        };
        fold::privileges(process).into_iter().filter(|item| !is_noted(item)).collect()
    }

    fn terminal(&self, process: &'t Process) -> Vec<TerminalItem<'t>> {
        if self.is_expanded(process) {
            return process.terminal.iter().map(TerminalItem::One).collect();
        }
        fold::terminal(process)
    }

    /// What a process ran or tried to run after the command that its line shows; what it then found
    /// elsewhere, as a search along a path does, only if asked for.
    fn later_commands(&self, process: &'t Process) -> Vec<&'t Command> {
        let shown = main_command(process).map_or(0, |(at, _)| at);
        let all = self.is_expanded(process);
        let mut found: BTreeSet<&[Recorded]> = BTreeSet::new();
        let mut told: Vec<&Command> = Vec::new();
        for (at, command) in process.commands.iter().enumerate().rev() {
            let is_told = match command.origin {
                Origin::Failed { .. } => !found.contains(command.argv.as_slice()),
                Origin::Exec => at > shown,
                Origin::Before | Origin::Forked => false,
            };
            found.insert(&command.argv);
            if at != shown && (all || is_told) {
                told.push(command);
            }
        }
        told.reverse();
        told
    }
}

/// Whether one of a process's first outputs was turned to a file.
fn is_output(process: &Process, file: &FileActivity) -> bool {
    const MOST: usize = 16;
    let redirects = process.commands.iter().take(MOST).flat_map(|command| &command.redirects);
    redirects.into_iter().any(|redirect| match &redirect.to {
        Target::Write(to) | Target::Append(to) => *to == file.path,
        _ => false,
    })
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
