//! The threads of each process, as they are told in a snapshot.

use super::{
    Table,
    groups::{Group, GroupKey},
};

/// Most processes beyond one for each known thread that are taken from a snapshot.
const MOST_EMPTY: usize = 65_536;

/// The threads of a process.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) struct GroupFacts {
    /// The process id that it is found by, if the process is not over.
    pub(crate) listed: Option<i64>,
    /// Threads alive, as counted.
    pub(crate) alive: u64,
    /// Whether it takes the children of dying descendants.
    pub(crate) reaper: bool,
    /// Ids of its threads, in the group's order.
    pub(crate) members: Vec<i64>,
}

impl Table {
    /// All groups, sorted.
    pub(crate) fn group_facts(&self) -> Vec<GroupFacts> {
        let mut listed = vec![None; self.groups.len()];
        for (&pid, &at) in &self.groups.by_pid {
            if let Some(place) = listed.get_mut(at as usize) {
                *place = Some(pid);
            }
        }
        let facts = |(key, group): (GroupKey, &Group)| GroupFacts {
            listed: listed.get(key.index()).copied().flatten(),
            alive: group.alive,
            reaper: group.reaper,
            members: self.live_members(key, group).collect(),
        };
        let mut all: Vec<GroupFacts> = self.groups.iter().map(facts).collect();
        all.sort_unstable();
        all
    }

    fn live_members(&self, key: GroupKey, group: &Group) -> impl Iterator<Item = i64> {
        let members = group.members.iter().filter_map(|&member| self.get(member));
        members.filter(move |thread| thread.group == Some(key)).map(|thread| thread.tid)
    }

    /// Makes a group of threads that are known; they leave the ones that they were in. It is found
    /// by its process id only if not too many others are.
    pub(crate) fn restore_group(&mut self, facts: &GroupFacts) {
        let GroupFacts { listed, alive, reaper, ref members } = *facts;
        let has_room = self.groups.by_pid.len() < self.len() + MOST_EMPTY;
        let listed = listed.filter(|&pid| has_room || self.groups.of_pid(pid).is_some());
        let Some(key) = self.groups.add(Group { alive, reaper, ..Group::default() }) else {
            return;
        };
        if let Some(pid) = listed {
            self.groups.list(key, pid);
        }
        members.iter().for_each(|&tid| self.move_to_group(tid, key));
        self.groups.drop_unused(key);
    }

    fn move_to_group(&mut self, tid: i64, to: GroupKey) {
        let Some(key) = self.find(tid) else { return };
        let Some(thread) = self.get_mut(key).filter(|thread| thread.group != Some(to)) else {
            return;
        };
        let (from, pid) = (thread.group.replace(to), thread.pid);
        if let Some(group) = self.groups.get_mut(to) {
            group.members.push_back(key);
            group.holders += 1;
        }
        if let Some(from) = from {
            self.leave_for_another(from, pid);
        }
    }

    fn leave_for_another(&mut self, from: GroupKey, pid: i64) {
        self.groups.leave(from);
        let Some(group) = self.groups.get(from) else { return };
        if group.holders == 0 && self.groups.of_pid(pid) == Some(from) {
            self.groups.unlist(pid);
        } else if group.has_many_gone() {
            self.sweep_group(from);
        }
    }
}
