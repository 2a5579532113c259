//! What is known of traced processes.

use std::collections::HashMap;

use crate::proc::parse::Status;

/// A traced process.
#[derive(Debug)]
pub(super) struct Process {
    /// Its threads that live.
    pub(super) threads: usize,
    /// Whose child it is.
    pub(super) maker: Maker,
    /// Whether orphans below it become its children.
    pub(super) subreaper: bool,
}

/// Whose child a process is: the process, and the thread of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Maker {
    pub(super) pid: i32,
    pub(super) tid: i32,
}

impl Maker {
    /// Nobody who is traced.
    pub(super) const NOBODY: Self = Self { pid: 0, tid: 0 };
}

/// All of them, by pid.
#[derive(Debug, Default)]
pub(super) struct Processes(HashMap<i32, Process>);

impl Processes {
    pub(super) fn get_mut(&mut self, pid: i32) -> Option<&mut Process> {
        self.0.get_mut(&pid)
    }

    pub(super) fn get(&self, pid: i32) -> Option<&Process> {
        self.0.get(&pid)
    }

    pub(super) fn pids(&self) -> impl Iterator<Item = i32> {
        self.0.keys().copied()
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// A thread of the process begins.
    pub(super) fn join(&mut self, pid: i32, maker: Maker) {
        let new = Process { threads: 0, maker, subreaper: false };
        self.0.entry(pid).or_insert(new).threads += 1;
    }

    /// A thread of the process has ended. Says whether it was the last.
    pub(super) fn leave(&mut self, pid: i32) -> bool {
        let Some(process) = self.0.get_mut(&pid) else { return false };
        process.threads = process.threads.saturating_sub(1);
        let last = process.threads == 0;
        if last {
            self.0.remove(&pid);
        }
        last
    }

    /// Whether a thread of a process has children among the traced.
    pub(super) fn has_children(&self, (pid, tid): (i32, i32)) -> bool {
        self.0.values().any(|process| process.maker == Maker { pid, tid })
    }

    /// The children of a process among the traced.
    pub(super) fn children(&self, pid: i32) -> Vec<i32> {
        let children = self.0.iter().filter(|(_, process)| process.maker.pid == pid);
        children.map(|(pid, _)| *pid).collect()
    }

    /// The children of a thread are those of another thread of its process now.
    pub(super) fn hand_over(&mut self, from: i32, to: i32) {
        for process in self.0.values_mut().filter(|process| process.maker.tid == from) {
            process.maker.tid = to;
        }
    }

    /// Who takes the children of a process that ends: the nearest one above that asked for orphans,
    /// or init, in whose place `init` stands.
    pub(super) fn reaper_of(&self, parent: i32, init: i32) -> i32 {
        let mut above = parent;
        // No chain is longer than there are processes.
        for _ in 0..=self.0.len() {
            match self.0.get(&above) {
                Some(process) if process.subreaper => return above,
                Some(process) => above = process.maker.pid,
                None => break,
            }
        }
        init
    }

    /// The children of `pid` have another parent now.
    pub(super) fn adopt(&mut self, pid: i32, reaper: i32) {
        for process in self.0.values_mut().filter(|process| process.maker.pid == pid) {
            process.maker = Maker { pid: reaper, tid: reaper };
        }
    }
}

/// The processes that a thread traces, by `/proc`.
pub(super) fn traced_by(tracer: i32) -> impl Iterator<Item = i32> {
    let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    processes.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).filter(move |pid| {
        let mut status = Status::default();
        let text = std::fs::read(format!("/proc/{pid}/status")).unwrap_or_default();
        status.read(&text).is_some() && status.tracer == i64::from(tracer)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orphans_go_to_the_nearest_subreaper_above_or_to_init() {
        let mut all = Processes::default();
        for (pid, parent) in [(10, 0), (20, 10), (30, 20), (40, 30)] {
            all.join(pid, Maker { pid: parent, tid: parent });
        }
        assert_eq!(all.reaper_of(20, 1), 1);
        all.get_mut(10).unwrap().subreaper = true;
        assert_eq!(all.reaper_of(20, 1), 10);
        assert!(all.leave(30));
        all.adopt(30, 10);
        assert_eq!(all.get(40).unwrap().maker.pid, 10);
        assert!(all.has_children((10, 10)) && !all.has_children((30, 30)));
        assert!(all.children(30).is_empty());
        all.hand_over(10, 11);
        assert!(all.has_children((10, 11)) && !all.has_children((10, 10)));
    }
}
