//! What a process did, as rows in the order of time: further commands, rights, files, network,
//! alerts, children, and the gaps in which more may have happened.

use std::collections::BTreeSet;

use super::process::leading;
use crate::{
    model::{
        Alert, AlertId, Command, Connection, FileActivity, Gap, Moment, Origin, Pipeline,
        PrivilegeChange, Process, ProcessId, Reach, Relevance, Role, TerminalLine, Timeline,
    },
    views::{
        fold::{
            self, Child, ConnectionFold, ConnectionItem, FileFold, FileItem, Kind, TerminalItem,
        },
        words::{self, Weight},
    },
};

/// Usual changes of rights that each stand alone; more of them fold.
const ALONE_USUAL: usize = 3;

/// One row, or one fold of rows.
pub(super) enum Item<'t> {
    /// A program that the process went on as, or tried to.
    Command(&'t Command),
    /// Several tries in vain, as when a name is looked for in one folder after another.
    Tries(Vec<&'t Command>),
    Privilege(&'t PrivilegeChange),
    /// Several changes that programs make all day.
    Privileges(Vec<&'t PrivilegeChange>),
    File(&'t FileActivity),
    Files(FileFold<'t>),
    Connection(&'t Connection),
    Connections(ConnectionFold<'t>),
    /// Connections that nobody need be told of.
    Routine(Vec<&'t Connection>),
    Terminal(&'t TerminalLine),
    /// Lines behind others.
    Terminals(&'t [TerminalLine]),
    Alert(AlertId, &'t Alert),
    Gap(&'t Gap),
    Child(ProcessId),
    /// Several that ran the same program.
    Children(Child),
    /// Children that have nothing to do with the alerts.
    Others(Vec<ProcessId>),
    /// A child that is told with another session.
    Elsewhere(ProcessId),
}

impl Item<'_> {
    /// Whether it is worth being seen without asking: what programs do all day is not.
    pub(super) fn tells(&self) -> bool {
        match self {
            Self::Privileges(_)
            | Self::Tries(_)
            | Self::Routine(_)
            | Self::Gap(_)
            | Self::Others(_) => false,
            Self::Privilege(change) => words::weight(change) > Weight::Usual,
            Self::File(file) => stands_out(file),
            Self::Files(fold) => fold.kind.change() || fold.files.iter().any(|f| stands_out(f)),
            Self::Connection(connection) => tells(connection),
            Self::Connections(fold) => fold.connections.iter().any(|c| tells(c)),
            Self::Command(_)
            | Self::Terminal(_)
            | Self::Terminals(_)
            | Self::Alert(..)
            | Self::Child(_)
            | Self::Children(_)
            | Self::Elsewhere(_) => true,
        }
    }
}

fn tells(connection: &Connection) -> bool {
    connection.reach != Reach::Machine && connection.role != Role::Inherited
}

fn stands_out(file: &FileActivity) -> bool {
    let kind = Kind::of(file);
    kind.change() || file.sensitivity.is_some_and(|why| kind.stands_out(why))
}

/// Where an item stands: time, number of the event, and what goes first within one event.
type Place = (u64, u64, u8);

/// The items of a process, in order; `alerts` are those that stand with it.
pub(super) fn items<'t>(
    timeline: &'t Timeline,
    process: &'t Process,
    alerts: &BTreeSet<AlertId>,
    eventful: &[bool],
) -> Vec<Item<'t>> {
    let mut items: Vec<(Place, Item<'t>)> = Vec::new();
    commands(process, &mut items);
    privileges(process, &mut items);
    files(process, &mut items);
    connections(process, &mut items);
    items.extend(fold::terminal(process).into_iter().map(|item| {
        let at = place(item.first(), 4);
        match item {
            TerminalItem::One(line) => (at, Item::Terminal(line)),
            TerminalItem::Many(lines) => (at, Item::Terminals(lines)),
        }
    }));
    let alerts = alerts.iter().filter_map(|&id| Some((id, timeline.alert(id)?)));
    items.extend(alerts.map(|(id, alert)| (place(alert.at, 4), Item::Alert(id, alert))));
    children(timeline, process, eventful, &mut items);
    items.sort_by_key(|(place, _)| *place);
    gaps(timeline, process, &mut items);
    items.into_iter().map(|(_, item)| item).collect()
}

fn place(at: Moment, rank: u8) -> Place {
    (at.ts_ns, at.event, rank)
}

fn commands<'t>(process: &'t Process, items: &mut Vec<(Place, Item<'t>)>) {
    let mut tries: Vec<&Command> = Vec::new();
    for (_, command) in
        process.commands.iter().enumerate().filter(|(at, _)| *at != leading(process))
    {
        match command.origin {
            Origin::Failed { .. } => tries.push(command),
            Origin::Forked => {}
            Origin::Exec | Origin::Before => {
                flush(&mut tries, items);
                items.push((place(command.at.unwrap_or_default(), 0), Item::Command(command)));
            }
        }
    }
    flush(&mut tries, items);
}

fn flush<'t>(tries: &mut Vec<&'t Command>, items: &mut Vec<(Place, Item<'t>)>) {
    let Some(first) = tries.first() else { return };
    let at = place(first.at.unwrap_or_default(), 0);
    items.push(match tries.as_slice() {
        [one] => (at, Item::Command(one)),
        _ => (at, Item::Tries(std::mem::take(tries))),
    });
    tries.clear();
}

fn privileges<'t>(process: &'t Process, items: &mut Vec<(Place, Item<'t>)>) {
    let (usual, notable): (Vec<_>, Vec<_>) =
        process.privileges.iter().partition(|change| words::weight(change) == Weight::Usual);
    items.extend(notable.into_iter().map(|change| (place(change.at, 1), Item::Privilege(change))));
    match usual.first() {
        Some(first) if usual.len() > ALONE_USUAL => {
            items.push((place(first.at, 1), Item::Privileges(usual)));
        }
        _ => items.extend(usual.into_iter().map(|c| (place(c.at, 1), Item::Privilege(c)))),
    }
}

fn files<'t>(process: &'t Process, items: &mut Vec<(Place, Item<'t>)>) {
    items.extend(fold::files(process).into_iter().map(|item| {
        let at = place(item.first(), 2);
        match item {
            FileItem::One(file) => (at, Item::File(file)),
            FileItem::Many(fold) => (at, Item::Files(fold)),
        }
    }));
}

fn connections<'t>(process: &'t Process, items: &mut Vec<(Place, Item<'t>)>) {
    let routine: Vec<_> = process.network.iter().filter(|c| fold::is_routine(c)).collect();
    if let Some(first) = routine.first() {
        items.push((place(first.first, 3), Item::Routine(routine)));
    }
    items.extend(fold::connections(process).into_iter().map(|item| {
        let at = place(item.first(), 3);
        match item {
            ConnectionItem::One(connection) => (at, Item::Connection(connection)),
            ConnectionItem::Many(fold) => (at, Item::Connections(fold)),
        }
    }));
}

fn children<'t>(
    timeline: &'t Timeline,
    process: &'t Process,
    eventful: &[bool],
    items: &mut Vec<(Place, Item<'t>)>,
) {
    let (here, elsewhere): (Vec<ProcessId>, Vec<ProcessId>) = process
        .children
        .iter()
        .partition(|&&id| timeline.process(id).is_none_or(|c| c.session == process.session));
    items.extend(elsewhere.into_iter().map(|id| (start(timeline, id), Item::Elsewhere(id))));
    let (others, told): (Vec<ProcessId>, Vec<ProcessId>) =
        here.into_iter().partition(|&id| is_other(timeline, process, id));
    match others.as_slice() {
        [first, _, ..] => items.push((start(timeline, *first), Item::Others(others))),
        _ => items.extend(others.into_iter().map(|id| (start(timeline, id), Item::Child(id)))),
    }
    for child in fold::children(timeline, &told, eventful) {
        items.push(match child {
            Child::One(id) => (in_pipeline(timeline, id), Item::Child(id)),
            many => {
                let first = many.ids().first().map(|&id| start(timeline, id));
                (first.unwrap_or_default(), Item::Children(many))
            }
        });
    }
}

/// Whether a child has nothing to do with the alerts, unlike its parent.
pub(super) fn is_other(timeline: &Timeline, parent: &Process, child: ProcessId) -> bool {
    let background = |process: &Process| process.relevance == Relevance::Background;
    !background(parent) && timeline.process(child).is_some_and(background)
}

/// Where a child stands.
fn start(timeline: &Timeline, id: ProcessId) -> Place {
    place(timeline.process(id).and_then(|process| process.start).unwrap_or_default(), 5)
}

/// Where a child stands that may be part of a pipeline: its members stand together, in the order of
/// the data.
fn in_pipeline(timeline: &Timeline, id: ProcessId) -> Place {
    let Some((pipeline, at)) = pipeline(timeline, id) else { return start(timeline, id) };
    let first = pipeline.members.iter().map(|&member| start(timeline, member)).min();
    let (ts_ns, event, _) = first.unwrap_or_default();
    (ts_ns, event, u8::try_from(at + 6).unwrap_or(u8::MAX))
}

/// The pipeline that a process is part of, and its place therein.
pub(super) fn pipeline(timeline: &Timeline, id: ProcessId) -> Option<(&Pipeline, usize)> {
    let command = timeline.process(id)?.command()?;
    let pipeline = timeline.pipelines.get(command.pipeline?.index())?;
    let at = pipeline.members.iter().position(|&member| member == id)?;
    Some((pipeline, at))
}

/// Puts gaps between items before and after them; only where it matters.
fn gaps<'t>(timeline: &'t Timeline, process: &Process, items: &mut Vec<(Place, Item<'t>)>) {
    if process.relevance == Relevance::Background {
        return;
    }
    for gap in &timeline.gaps {
        let at = items.partition_point(|((ts_ns, ..), _)| *ts_ns < gap.from_ns);
        if at > 0 && at < items.len() {
            items.insert(at, ((gap.from_ns, 0, 0), Item::Gap(gap)));
        }
    }
}
