//! The children of a process, folded: a shell's repeats are one line.

use std::collections::{BTreeMap, BTreeSet};

use super::files::Kind;
use crate::{
    model::{Connection, FileActivity, Process, ProcessId, Reach, Role, Timeline},
    views::words::{self, Weight},
};

/// Equal commands that each stand alone; more of them fold.
const ALONE_EQUAL: usize = 2;
/// Commands of one program with other arguments that each stand alone; more of them fold.
const ALONE_ALIKE: usize = 9;

/// Commands that did the same, with alerts and changes, that each stand alone; of more of them the
/// first few do.
const ALONE_SAME: usize = 8;
const FIRST_OF_SAME: usize = 3;

/// One line's worth of children.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Child {
    /// A child that stands alone.
    One(ProcessId),
    /// Several that ran the same command.
    Repeats(Vec<ProcessId>),
    /// Several that ran the same program with other arguments.
    Alike(Vec<ProcessId>),
    /// Several that ran the same program and did the same with it, with alerts and changes that must
    /// be told as sums; the first few of them stand alone before.
    Same(Vec<ProcessId>),
}

impl Child {
    /// All that it stands for, by start.
    pub fn ids(&self) -> &[ProcessId] {
        match self {
            Self::One(id) => std::slice::from_ref(id),
            Self::Repeats(ids) | Self::Alike(ids) | Self::Same(ids) => ids,
        }
    }
}

/// Children of one process as items, in the order in which they are given. `eventful` is what
/// [`eventful`] says of the timeline: those stand alone, unless very many did the same.
pub fn children(timeline: &Timeline, children: &[ProcessId], eventful: &[bool]) -> Vec<Child> {
    let mut equal: BTreeMap<Vec<&[u8]>, Vec<usize>> = BTreeMap::new();
    let mut alike: BTreeMap<&[u8], Vec<usize>> = BTreeMap::new();
    let mut same: BTreeMap<Deeds<'_>, Vec<usize>> = BTreeMap::new();
    for (at, id) in children.iter().enumerate() {
        if let Some(deeds) = deeds(timeline, *id, eventful) {
            same.entry(deeds).or_default().push(at);
        }
        let argv = plain_argv(timeline, *id, eventful);
        if let Some(program) = argv.first() {
            alike.entry(program).or_default().push(at);
            equal.entry(argv).or_default().push(at);
        }
    }
    let mut folding = Folding { children, items: BTreeMap::new() };
    equal.values().for_each(|places| folding.fold(places, ALONE_EQUAL, Child::Repeats));
    alike.values().for_each(|places| folding.fold(places, ALONE_ALIKE, Child::Alike));
    for places in same.values().filter(|places| places.len() > ALONE_SAME) {
        folding.fold(places.get(FIRST_OF_SAME..).unwrap_or_default(), 0, Child::Same);
    }
    folding.finish()
}

/// The arguments of a child that may fold; none of one that may not.
fn plain_argv<'t>(timeline: &'t Timeline, id: ProcessId, eventful: &[bool]) -> Vec<&'t [u8]> {
    let may_fold = eventful.get(id.index()) == Some(&false);
    let command = timeline.process(id).filter(|_| may_fold).and_then(Process::command);
    command.into_iter().flat_map(|c| &c.argv).map(|argument| argument.bytes()).collect()
}

/// What a process did, as far as it must be the same for a fold: its program, the rules of its
/// alerts, what it did to files, how far away those were that it spoke to.
type Deeds<'t> = (&'t [u8], BTreeSet<&'t str>, BTreeSet<Kind>, BTreeSet<Reach>);

/// What a child did; none if it may not fold, or has children of its own.
fn deeds<'t>(timeline: &'t Timeline, id: ProcessId, eventful: &[bool]) -> Option<Deeds<'t>> {
    let process = timeline.process(id).filter(|_| eventful.get(id.index()) == Some(&true))?;
    let usual = words::weights(process).iter().all(|&weight| weight == Weight::Usual);
    if !process.children.is_empty() || process.end.is_none() || !usual {
        return None;
    }
    let program = process.command()?.argv.first()?;
    let rules = process.alerts.iter().filter_map(|&id| timeline.alert(id));
    let files = process.files.iter().filter(|file| file_matters(file));
    Some((
        program.bytes(),
        rules.map(|alert| alert.rule.as_str()).collect(),
        files.map(Kind::of).collect(),
        process.network.iter().map(|connection| connection.reach).collect(),
    ))
}

/// Children that are being folded, by their places among them.
struct Folding<'t> {
    children: &'t [ProcessId],
    /// For each place what stands there; `None`: it is part of an item before it.
    items: BTreeMap<usize, Option<Child>>,
}

impl Folding<'_> {
    /// Makes one item of those places that are free, if they are more than `most`.
    fn fold(&mut self, places: &[usize], most: usize, child: fn(Vec<ProcessId>) -> Child) {
        let free: Vec<usize> =
            places.iter().copied().filter(|at| !self.items.contains_key(at)).collect();
        let Some(&first) = free.first().filter(|_| free.len() > most) else { return };
        let ids = free.iter().filter_map(|&at| self.children.get(at).copied()).collect();
        self.items.extend(free.iter().map(|&at| (at, None)));
        self.items.insert(first, Some(child(ids)));
    }

    fn finish(mut self) -> Vec<Child> {
        for (at, &id) in self.children.iter().enumerate() {
            self.items.entry(at).or_insert(Some(Child::One(id)));
        }
        self.items.into_values().flatten().collect()
    }
}

/// For each process, whether it or one that descends from it did something that must not vanish in
/// a fold: it caused an alert, changed files, touched sensitive ones, spoke to another machine,
/// changed rights, or was still running at the end.
pub fn eventful(timeline: &Timeline) -> Vec<bool> {
    upward(timeline, is_eventful)
}

/// Whether a process is a copy of its parent that did nothing that is told, nor did any child of it.
pub fn is_idle_fork(timeline: &Timeline, id: ProcessId, eventful: &[bool]) -> bool {
    let eventful = eventful.get(id.index()).copied().unwrap_or(true);
    let process = timeline.process(id);
    !eventful && process.is_some_and(|p| p.is_fork() && p.children.is_empty())
}

/// For each process, whether this is true of it or of one that descends from it.
pub fn upward(timeline: &Timeline, is_true: impl Fn(&Process) -> bool) -> Vec<bool> {
    let mut found = vec![false; timeline.processes.len()];
    for (at, process) in timeline.processes.iter().enumerate().filter(|(_, p)| is_true(p)) {
        let mut at = Some(at);
        let mut parent = process.parent;
        while let Some(seen) = at.and_then(|at| found.get_mut(at)).filter(|seen| !**seen) {
            *seen = true;
            at = parent.map(ProcessId::index);
            parent = parent.and_then(|id| timeline.process(id)?.parent);
        }
    }
    found
}

fn is_eventful(process: &Process) -> bool {
    !process.alerts.is_empty()
        || process.end.is_none()
        || process.files.iter().any(file_matters)
        || process.network.iter().any(connection_matters)
        || words::weights(process).iter().any(|&weight| weight > Weight::Usual)
}

fn file_matters(file: &FileActivity) -> bool {
    let kind = Kind::of(file);
    kind.change() || file.sensitivity.is_some_and(|why| kind.stands_out(why))
}

fn connection_matters(connection: &Connection) -> bool {
    connection.reach != Reach::Machine && connection.role != Role::Inherited
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        model::{Acts, AlertId, Relevance},
        testing,
    };

    /// A shell with a child for each command.
    fn shell(commands: &[&[&str]]) -> Timeline {
        let mut timeline = Timeline::default();
        timeline.processes.push(testing::process(1));
        for (at, argv) in commands.iter().enumerate() {
            let mut child = testing::ended(testing::process(at as i64 + 2));
            child.parent = Some(ProcessId(0));
            child.commands = vec![testing::command(argv)];
            timeline.processes.push(child);
            timeline.processes[0].children.push(ProcessId(at as u32 + 1));
        }
        timeline
    }

    fn shown(timeline: &Timeline) -> Vec<String> {
        let children = children(timeline, &timeline.processes[0].children, &eventful(timeline));
        let text = |child: &Child| {
            let process = timeline.process(child.ids()[0]).expect("a child");
            let line = words::line(&process.commands[0], 100);
            match child {
                Child::One(_) => line,
                Child::Repeats(ids) => format!("{line} ×{}", ids.len()),
                Child::Alike(ids) => format!("{line} and {} like it", ids.len() - 1),
                Child::Same(ids) => format!("{line} ... {} more", ids.len()),
            }
        };
        children.iter().map(text).collect()
    }

    #[test]
    fn repeats_fold_where_they_first_happened() {
        let timeline =
            shell(&[&["id"], &["sleep", "1"], &["ps"], &["sleep", "1"], &["sleep", "1"]]);
        assert_eq!(shown(&timeline), ["id", "sleep 1 ×3", "ps"]);
    }

    #[test]
    fn many_runs_of_one_program_fold() {
        let numbers: Vec<String> = (0..12).map(|n| n.to_string()).collect();
        let argvs: Vec<[&str; 2]> = numbers.iter().map(|n| ["stat", n.as_str()]).collect();
        let slices: Vec<&[&str]> = argvs.iter().map(|argv| &argv[..]).collect();
        assert_eq!(shown(&shell(&slices)), ["stat 0 and 11 like it"]);
        assert_eq!(shown(&shell(&slices[..9])).len(), 9);
    }

    #[test]
    fn what_did_something_stays_visible_and_so_do_its_ancestors() {
        let mut timeline = shell(&[&["sleep", "1"][..]; 8]);
        timeline.processes[2].alerts = vec![AlertId(0)];
        timeline.processes[3].files = vec![testing::file("/srv/x", Acts::CREATED, 5)];
        timeline.processes[4].network = vec![testing::connection("203.0.113.9:80", 5)];
        timeline.processes[5].end = None;
        let mut grandchild = testing::ended(testing::process(99));
        grandchild.parent = Some(ProcessId(6));
        grandchild.files = vec![testing::file("/srv/y", Acts::DELETED, 6)];
        timeline.processes[6].children = vec![ProcessId(9)];
        timeline.processes.push(grandchild);
        assert_eq!(
            shown(&timeline),
            ["sleep 1 ×3", "sleep 1", "sleep 1", "sleep 1", "sleep 1", "sleep 1"]
        );
    }

    #[test]
    fn very_many_that_did_the_same_fold_after_the_first_few() {
        let mut timeline = shell(&[&["shred", "x"][..]; 12]);
        for (at, child) in timeline.processes.iter_mut().enumerate().skip(1) {
            child.files = vec![testing::file("/srv/x", Acts::WRITTEN, at as u64)];
        }
        timeline.processes[6].alerts = vec![AlertId(0)];
        timeline.alerts = testing::sample().alerts;
        assert_eq!(
            shown(&timeline),
            ["shred x", "shred x", "shred x", "shred x ... 8 more", "shred x"],
            "the one with an alert is another"
        );
    }

    #[test]
    fn parents_in_a_circle_end() {
        let mut timeline = shell(&[&["id"]]);
        timeline.processes[0].parent = Some(ProcessId(1));
        timeline.processes[1].alerts = vec![AlertId(0)];
        timeline.processes[1].relevance = Relevance::Alerted;
        assert_eq!(eventful(&timeline), [true, true]);
    }
}
