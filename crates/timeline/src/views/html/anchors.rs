//! What can be linked to: `#p812-4411` a process (its id and the event that began it), `#a3` an
//! alert, `#e48211` the row that an event began. The same recording gives the same anchors.

use std::collections::{HashMap, HashSet, hash_map::Entry};

use super::process::leading;
use crate::{
    model::{AlertId, Origin, Process, ProcessId, Timeline},
    views::fold,
};

/// The anchors of a page.
pub(super) struct Anchors {
    /// That of each process.
    processes: Vec<String>,
    /// Where each event that the summary names can be found, and its time.
    events: HashMap<u64, (Place, u64)>,
    /// The process that each alert stands with; the first that names it.
    homes: HashMap<AlertId, ProcessId>,
    /// Events whose row has been written, so that no anchor is there twice.
    taken: HashSet<u64>,
}

/// Where an event can be found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Place {
    Row,
    Alert(AlertId),
    Process(ProcessId),
}

impl Anchors {
    pub(super) fn of(timeline: &Timeline) -> Self {
        let named = timeline.summary.iter().flat_map(|sentence| sentence.events.iter().copied());
        let named: HashSet<u64> = named.collect();
        let mut anchors = Self {
            processes: names(&timeline.processes),
            events: HashMap::new(),
            homes: HashMap::new(),
            taken: HashSet::new(),
        };
        for (id, process) in (0..).map(ProcessId).zip(&timeline.processes) {
            for &alert in process.alerts.iter().filter(|&&alert| timeline.alert(alert).is_some()) {
                anchors.homes.entry(alert).or_insert(id);
            }
        }
        for (id, alert) in (0..).map(AlertId).zip(&timeline.alerts) {
            if named.contains(&alert.at.event) {
                anchors.events.insert(alert.at.event, (Place::Alert(id), alert.at.ts_ns));
            }
        }
        for (id, process) in (0..).map(ProcessId).zip(&timeline.processes) {
            anchors.find(id, process, &named);
        }
        anchors
    }

    /// Finds the named events of a process: those that begin a row of their own, and those that its
    /// own row tells.
    fn find(&mut self, id: ProcessId, process: &Process, named: &HashSet<u64>) {
        let files = process.files.iter().filter(|file| !fold::is_own_program(file));
        let rows = (process.commands.iter().enumerate())
            .filter(|(at, command)| *at != leading(process) && command.origin != Origin::Forked)
            .filter_map(|(_, command)| command.at)
            .chain(files.map(|file| file.first))
            .chain(process.network.iter().map(|connection| connection.first))
            .chain(process.privileges.iter().map(|change| change.at))
            .chain(process.terminal.iter().map(|line| line.at));
        for at in rows.filter(|at| named.contains(&at.event)) {
            self.events.insert(at.event, (Place::Row, at.ts_ns));
        }
        let commands = process.commands.iter().filter_map(|command| command.at);
        let span = process.start.into_iter().chain(process.end.map(|end| end.at));
        let executed = process.files.iter().map(|file| file.first);
        for at in commands.chain(span).chain(executed).filter(|at| named.contains(&at.event)) {
            self.events.entry(at.event).or_insert((Place::Process(id), at.ts_ns));
        }
    }

    /// The anchor of a process.
    pub(super) fn process(&self, id: ProcessId) -> &str {
        self.processes.get(id.index()).map_or("story", String::as_str)
    }

    /// The anchor of an alert.
    pub(super) fn alert(id: AlertId) -> String {
        format!("a{}", u64::from(id.0) + 1)
    }

    /// The process in whose tree an alert stands; `None`: it stands in the list alone.
    pub(super) fn home(&self, id: AlertId) -> Option<ProcessId> {
        self.homes.get(&id).copied()
    }

    /// Where an event can be found, and its time.
    pub(super) fn event(&self, event: u64) -> Option<(String, u64)> {
        let (place, ts_ns) = *self.events.get(&event)?;
        let anchor = match place {
            Place::Row => format!("e{event}"),
            Place::Alert(id) => Self::alert(id),
            Place::Process(id) => self.process(id).to_owned(),
        };
        Some((anchor, ts_ns))
    }

    /// Whether the row that is about to be written has its event's anchor; several rows may begin
    /// with the same event, and the first has it.
    pub(super) fn take(&mut self, event: u64) -> bool {
        self.taken.insert(event)
    }
}

fn names(processes: &[Process]) -> Vec<String> {
    let mut seen: HashMap<(i64, u64), u64> = HashMap::new();
    let name = |process: &Process| {
        let start = process.start.map_or(0, |start| start.event);
        match seen.entry((process.pid, start)) {
            Entry::Vacant(entry) => {
                entry.insert(1);
                format!("p{}-{start}", process.pid)
            }
            Entry::Occupied(mut entry) => {
                *entry.get_mut() += 1;
                format!("p{}-{start}-{}", process.pid, entry.get())
            }
        }
    };
    processes.iter().map(name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    #[test]
    fn processes_with_one_id_have_anchors_of_their_own() {
        let processes = [7, 8, 7, 7].map(testing::process);
        assert_eq!(names(&processes), ["p7-0", "p8-0", "p7-0-2", "p7-0-3"]);
    }

    #[test]
    fn the_summary_finds_rows_and_what_the_row_of_a_process_tells() {
        let sample = testing::sample();
        let anchors = Anchors::of(&sample);
        for event in sample.summary.iter().flat_map(|sentence| &sentence.events) {
            assert!(anchors.event(*event).is_some(), "event {event}");
        }
    }
}
