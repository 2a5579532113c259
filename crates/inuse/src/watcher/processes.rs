//! What processes have in memory, for who listens has it too.

use std::sync::Arc;

use foldhash::{HashMap, HashMapExt};
use state::{State, Thread};

use crate::Port;

/// Most processes of which that is known.
const MOST: usize = 32_768;
/// Most files of one.
const MOST_FILES: usize = 2048;

/// What a process has.
#[derive(Clone, Debug, Default)]
pub(super) struct Process {
    /// The place that it is in.
    pub(super) place: usize,
    /// Its program and what that loaded, in order.
    pub(super) files: Arc<Vec<Arc<[u8]>>>,
    /// Where it listens, and when that was noted last, seconds since 1970.
    pub(super) ports: Vec<(Port, u32)>,
    exe: Arc<[u8]>,
}

impl Process {
    pub(super) fn new(place: usize, exe: Arc<[u8]>) -> Self {
        let files = Arc::new(if exe.is_empty() { Vec::new() } else { vec![exe.clone()] });
        Self { place, files, ports: Vec::new(), exe }
    }

    /// It has this file too.
    pub(super) fn add(&mut self, path: &Arc<[u8]>) {
        if let Err(at) = self.files.binary_search(path)
            && self.files.len() < MOST_FILES
        {
            Arc::make_mut(&mut self.files).insert(at, path.clone());
        }
    }
}

/// Processes by their ids.
#[derive(Debug, Default)]
pub(super) struct Processes {
    by_pid: HashMap<i64, Process>,
}

impl Processes {
    /// What is known of the thread's process. One that is not known has what its parent has, if it did not
    /// begin another program since.
    pub(super) fn of(&mut self, place: usize, thread: &Thread, state: &State) -> &mut Process {
        if !self.by_pid.contains_key(&thread.pid) {
            let process = self.inherited(place, thread, state);
            self.put(thread.pid, process);
        }
        self.by_pid.entry(thread.pid).or_default()
    }

    fn inherited(&self, place: usize, thread: &Thread, state: &State) -> Process {
        let exe = &thread.exepath;
        let parent = state.thread(thread.ptid).and_then(|parent| self.by_pid.get(&parent.pid));
        match parent.filter(|parent| parent.exe == *exe && parent.place == place) {
            Some(parent) => Process { ports: Vec::new(), ..parent.clone() },
            None => Process::new(place, exe.clone()),
        }
    }

    /// The process begins a program.
    pub(super) fn put(&mut self, pid: i64, process: Process) {
        if self.by_pid.len() >= MOST {
            // Ends were lost. What is needed is learned again, but for libraries of who listens later.
            self.by_pid = HashMap::new();
        }
        self.by_pid.insert(pid, process);
    }

    pub(super) fn ended(&mut self, pid: i64) {
        self.by_pid.remove(&pid);
    }

    /// A place is another one now.
    pub(super) fn moved(&mut self, from: usize, to: usize) {
        self.by_pid.values_mut().filter(|it| it.place == from).for_each(|it| it.place = to);
    }

    pub(super) fn clear(&mut self) {
        self.by_pid.clear();
    }
}
