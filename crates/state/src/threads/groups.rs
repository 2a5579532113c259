//! The threads of each process.

use std::collections::{HashMap, VecDeque};

use foldhash::fast::RandomState;

use super::{Key, Table};
use crate::{CloneFlags, Thread};

/// Names the threads of a process for as long as any of them, or the process, is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct GroupKey(u32);

impl GroupKey {
    pub(super) fn index(self) -> usize {
        self.0 as usize
    }
}

/// A group's list is swept when more than this and half of its threads are gone.
const SWEEP_AT: usize = 11;

/// A longer list is swept each time that its length doubles, whatever the counts say.
const SWEEP_ANYWAY_AT: usize = 1024;

/// The threads of one process.
#[derive(Clone, Debug, Default)]
pub(super) struct Group {
    /// Threads alive. Follows the events, so after losses it may be off.
    pub(super) alive: u64,
    /// Takes the children of dying descendants.
    pub(super) reaper: bool,
    /// The main thread first, if it is known; some may be gone.
    pub(super) members: VecDeque<Key>,
    /// Threads that refer to the group.
    pub(super) holders: u32,
    /// Whether it is the group of its process id.
    pub(super) listed: bool,
}

impl Group {
    /// Whether a sweep removes so many that it is worth its time. `alive` has no say in it: it may
    /// come from a snapshot, where it may be anything.
    pub(super) fn has_many_gone(&self) -> bool {
        let there = self.holders as usize;
        self.members.len().saturating_sub(there) > there.saturating_add(SWEEP_AT)
    }
}

#[derive(Clone, Debug, Default)]
pub(super) struct Groups {
    groups: Vec<Group>,
    free: Vec<u32>,
    pub(super) by_pid: HashMap<i64, u32, RandomState>,
}

impl Groups {
    pub(super) fn get(&self, key: GroupKey) -> Option<&Group> {
        self.groups.get(key.0 as usize)
    }

    pub(super) fn get_mut(&mut self, key: GroupKey) -> Option<&mut Group> {
        self.groups.get_mut(key.0 as usize)
    }

    pub(super) fn of_pid(&self, pid: i64) -> Option<GroupKey> {
        self.by_pid.get(&pid).map(|&at| GroupKey(at))
    }

    /// How many groups there are, those not in use among them.
    pub(super) fn len(&self) -> usize {
        self.groups.len()
    }

    /// Every group that is in use, with its key.
    pub(super) fn iter(&self) -> impl Iterator<Item = (GroupKey, &Group)> {
        let all = self.groups.iter().enumerate().map(|(at, group)| (GroupKey(at as u32), group));
        all.filter(|(_, group)| group.holders > 0 || group.listed)
    }

    /// Adds a group that is not found by a process id.
    pub(super) fn add(&mut self, group: Group) -> Option<GroupKey> {
        let at = match self.free.pop() {
            Some(at) => {
                *self.groups.get_mut(at as usize)? = group;
                at
            }
            None => {
                self.groups.push(group);
                u32::try_from(self.groups.len() - 1).ok()?
            }
        };
        Some(GroupKey(at))
    }

    /// Lets a group be found by this process id.
    pub(super) fn list(&mut self, key: GroupKey, pid: i64) {
        self.unlist(pid);
        if let Some(group) = self.get_mut(key) {
            group.listed = true;
            self.by_pid.insert(pid, key.0);
        }
    }

    fn create(&mut self, pid: i64, reaper: bool) -> Option<GroupKey> {
        let key = self.add(Group { reaper, ..Group::default() })?;
        self.list(key, pid);
        Some(key)
    }

    /// The process is over; its group stays until the last thread that refers to it is gone.
    pub(super) fn unlist(&mut self, pid: i64) {
        if let Some(at) = self.by_pid.remove(&pid) {
            if let Some(group) = self.groups.get_mut(at as usize) {
                group.listed = false;
            }
            self.drop_unused(GroupKey(at));
        }
    }

    /// A thread that referred to the group is gone.
    pub(super) fn leave(&mut self, key: GroupKey) {
        if let Some(group) = self.get_mut(key) {
            group.holders = group.holders.saturating_sub(1);
        }
        self.drop_unused(key);
    }

    /// Lets a group go that nothing refers to.
    pub(super) fn drop_unused(&mut self, key: GroupKey) {
        let GroupKey(at) = key;
        if let Some(group) = self.groups.get_mut(at as usize)
            && group.holders == 0
            && !group.listed
        {
            group.members = VecDeque::new();
            self.free.push(at);
        }
    }
}

impl Table {
    /// Puts a thread into the group of its process.
    pub(super) fn join_group(&mut self, key: Key) {
        let Some(thread) = self.get(key) else { return };
        let (pid, main) = (thread.pid, thread.is_main());
        let reaper = thread.pid == 1 || thread.vpid == 1;
        let Some(group_key) = self.groups.of_pid(pid).or_else(|| self.groups.create(pid, reaper))
        else {
            return;
        };
        if let Some(group) = self.groups.get_mut(group_key) {
            group.alive = group.alive.wrapping_add(1);
            group.holders += 1;
            if main {
                group.members.push_front(key);
            } else {
                group.members.push_back(key);
            }
            let len = group.members.len();
            if len >= SWEEP_ANYWAY_AT && len.is_power_of_two() {
                self.sweep_group(group_key);
            }
        }
        if let Some(thread) = self.get_mut(key) {
            thread.group = Some(group_key);
        }
    }

    pub(super) fn sweep_group(&mut self, key: GroupKey) {
        let Some(group) = self.groups.get_mut(key) else { return };
        let mut members = std::mem::take(&mut group.members);
        members.retain(|&member| self.get(member).is_some_and(|t| t.group == Some(key)));
        if let Some(group) = self.groups.get_mut(key) {
            group.members = members;
        }
    }

    /// Threads of this thread's process that are alive.
    pub(crate) fn alive_in_group(&self, thread: &Thread) -> u64 {
        self.group_of(thread).map_or(0, |g| g.alive)
    }

    pub(super) fn is_reaper(&self, thread: &Thread) -> bool {
        self.group_of(thread).is_some_and(|g| g.reaper)
    }

    /// Says whether this thread's process takes the children of dying descendants.
    pub(crate) fn set_reaper(&mut self, key: Key, reaper: bool) {
        if let Some(group) = self.get(key).and_then(|t| t.group)
            && let Some(group) = self.groups.get_mut(group)
        {
            group.reaper = reaper;
        }
    }

    /// A thread of the process that is alive and not `except`.
    pub(super) fn alive_member(&self, thread: &Thread, except: Option<Key>) -> Option<Key> {
        let members = &self.group_of(thread)?.members;
        members.iter().copied().find(|&key| {
            Some(key) != except && self.get(key).is_some_and(|member| !member.is_dead())
        })
    }

    /// Every thread of the process that is still in the table.
    pub(crate) fn members(&self, thread: &Thread) -> impl Iterator<Item = &Thread> {
        let members = self.group_of(thread).map(|g| &g.members);
        members.into_iter().flatten().filter_map(|&key| self.get(key))
    }

    /// The thread that leads this one's process, if it is known.
    pub(crate) fn main_of(&self, key: Key) -> Option<Key> {
        let thread = self.get(key)?;
        if thread.is_main() {
            return Some(key);
        }
        let first = *self.group_of(thread)?.members.front()?;
        self.get(first).filter(|t| t.is_main()).map(|_| first)
    }

    /// Takes a thread's death into account, once.
    pub(crate) fn mark_dead(&mut self, key: Key) {
        let Some(thread) = self.get_mut(key) else { return };
        let (was_dead, group) = (thread.is_dead(), thread.group);
        thread.flags |= CloneFlags::CLOSED;
        if was_dead {
            return;
        }
        let Some(key) = group else { return };
        let Some(group) = self.groups.get_mut(key) else { return };
        group.alive = group.alive.wrapping_sub(1);
        if group.has_many_gone() {
            self.sweep_group(key);
        }
    }

    /// A main thread that exited lives again: another thread of the process called exec, and took
    /// its id.
    pub(crate) fn resurrect(&mut self, key: Key) {
        let Some(thread) = self.get_mut(key).filter(|t| t.is_dead()) else { return };
        thread.flags -= CloneFlags::CLOSED;
        if let Some(group) = thread.group
            && let Some(group) = self.groups.get_mut(group)
        {
            group.alive = group.alive.wrapping_add(1);
        }
    }

    /// The process is over.
    pub(super) fn end_group(&mut self, pid: i64) {
        self.groups.unlist(pid);
    }

    fn group_of(&self, thread: &Thread) -> Option<&Group> {
        self.groups.get(thread.group?)
    }
}
