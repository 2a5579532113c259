//! What can be linked to: `#p812-4411` a process (its id and the event that began it), `#a3` an
//! alert, `#e48211` the row that an event began. The same recording gives the same anchors.

use std::collections::{HashMap, HashSet, hash_map::Entry};

use crate::model::{AlertId, Process, ProcessId, Timeline};

/// The anchors of a page.
pub(super) struct Anchors {
    /// That of each process.
    processes: Vec<String>,
    /// Time of each event that begins a row, or begins or ends a process; and which of both.
    events: HashMap<u64, (u64, Place)>,
    /// The process that each alert stands with; the first that names it.
    homes: HashMap<AlertId, ProcessId>,
    /// Events whose row has been written, so that no anchor is there twice.
    taken: HashSet<u64>,
}

/// Where an event can be found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Place {
    Row,
    Process(ProcessId),
}

impl Anchors {
    pub(super) fn of(timeline: &Timeline) -> Self {
        let mut anchors = Self {
            processes: names(&timeline.processes),
            events: HashMap::new(),
            homes: HashMap::new(),
            taken: HashSet::new(),
        };
        for (index, process) in timeline.processes.iter().enumerate() {
            let id = ProcessId(u32::try_from(index).unwrap_or(u32::MAX));
            anchors.rows(process);
            anchors.span(id, process);
            for &alert in process.alerts.iter().filter(|&&alert| timeline.alert(alert).is_some()) {
                anchors.homes.entry(alert).or_insert(id);
            }
        }
        anchors
    }

    /// Events that begin a row of their own.
    fn rows(&mut self, process: &Process) {
        let commands = process.commands.iter().filter_map(|command| command.at);
        let files = process.files.iter().map(|file| file.first);
        let network = process.network.iter().map(|connection| connection.first);
        let privileges = process.privileges.iter().map(|change| change.at);
        for moment in commands.chain(files).chain(network).chain(privileges) {
            self.events.insert(moment.event, (moment.ts_ns, Place::Row));
        }
    }

    /// Events that are told in the row of a process.
    fn span(&mut self, id: ProcessId, process: &Process) {
        let end = process.end.map(|end| end.at);
        for moment in process.start.into_iter().chain(end) {
            self.events.entry(moment.event).or_insert((moment.ts_ns, Place::Process(id)));
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
        let (ts_ns, place) = *self.events.get(&event)?;
        let anchor = match place {
            Place::Row => format!("e{event}"),
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
