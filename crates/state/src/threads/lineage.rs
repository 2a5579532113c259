//! Parents, children, and who takes the children of the dead.

use std::collections::{HashMap, VecDeque};

use foldhash::fast::RandomState;

use super::{Key, Table};
use crate::Thread;

/// A parent's list is swept when this many of its children left, and half of those in it.
const SWEEP_AT: u32 = 10;

/// A longer list is swept each time that its length doubles, whatever the counts say.
const SWEEP_ANYWAY_AT: usize = 1024;

/// No lineage is followed further up than this; only a damaged recording has a longer one.
const MAX_DEPTH: usize = 4096;

impl Table {
    /// Adds a thread with all that its arrival means for its process and its parent. One that had
    /// the same id is gone.
    pub(crate) fn add(&mut self, thread: Thread) -> Option<Key> {
        let key = self.store(thread)?;
        self.relate(key);
        self.publish(key);
        Some(key)
    }

    /// Adds a thread of the snapshot; [`Table::relate_all`] follows when all are there.
    pub(crate) fn add_unrelated(&mut self, thread: Thread) -> Option<Key> {
        let key = self.store(thread)?;
        self.publish(key);
        Some(key)
    }

    /// Relates every thread of the snapshot.
    pub(crate) fn relate_all(&mut self) {
        let mut keys: Vec<Key> = self.keys().collect();
        keys.sort_unstable_by_key(|&key| self.get(key).map(|t| t.tid));
        for key in keys {
            self.relate(key);
        }
    }

    /// Puts a thread into its process and under its parent. A parent that is not known becomes 0.
    /// Nothing happens to a thread of which only the id is known, or that has its place.
    pub(crate) fn relate(&mut self, key: Key) {
        if self.get(key).is_none_or(|t| t.is_unknown() || t.group.is_some()) {
            return;
        }
        self.join_group(key);
        let Some(thread) = self.get(key) else { return };
        if thread.pid == 1 {
            return;
        }
        let parent = self.find(thread.ptid);
        match parent.filter(|&p| self.get(p).is_some_and(|t| !t.is_unknown())) {
            Some(parent) => self.adopt(parent, key),
            None => self.set_parent(key, 0),
        }
    }

    /// For every thread that is counted as another's child: whose.
    pub(crate) fn holders(&self) -> HashMap<i64, i64> {
        let kids = self.iter().flat_map(|parent| parent.kids.iter().map(|&kid| (kid, parent.tid)));
        kids.filter_map(|(kid, parent)| Some((self.get(kid)?.tid, parent))).collect()
    }

    /// Counts threads as the children of these others, or as nobody's. What the others have as their
    /// number of children stays as it is.
    pub(crate) fn hold(&mut self, holders: &HashMap<i64, Option<i64>>) {
        let of_tid = |(&tid, &holder): (&i64, &Option<i64>)| Some((self.find(tid)?, holder));
        let mut kids: Vec<(Key, Option<i64>)> = holders.iter().filter_map(of_tid).collect();
        kids.sort_unstable_by_key(|&(kid, _)| kid);
        if kids.is_empty() {
            return;
        }
        let parents: Vec<Key> = self.keys().collect();
        for key in parents {
            let Some(parent) = self.get_mut(key) else { continue };
            let is_listed = |kid: &Key| kids.binary_search_by_key(kid, |&(kid, _)| kid).is_ok();
            parent.kids.retain(|kid| !is_listed(kid));
        }
        for (kid, holder) in kids {
            if let Some(parent) = holder.and_then(|tid| self.find(tid))
                && let Some(parent) = self.get_mut(parent)
            {
                parent.kids.push(kid);
            }
        }
    }

    fn set_parent(&mut self, key: Key, ptid: i64) {
        if let Some(thread) = self.get_mut(key) {
            thread.ptid = ptid;
        }
    }

    fn adopt(&mut self, parent: Key, child: Key) {
        let Some(thread) = self.get_mut(parent) else { return };
        let tid = thread.tid;
        thread.kids.push(child);
        thread.children = thread.children.wrapping_add(1);
        let len = thread.kids.len();
        self.set_parent(child, tid);
        if len >= SWEEP_ANYWAY_AT && len.is_power_of_two() {
            self.sweep_children(parent);
        }
    }

    /// Whether any child is left.
    pub(crate) fn has_children(&self, key: Key) -> bool {
        self.get(key).is_some_and(|t| t.kids.iter().any(|&kid| self.get(kid).is_some()))
    }

    fn sweep_children(&mut self, key: Key) {
        let Some(thread) = self.get_mut(key) else { return };
        let mut kids = std::mem::take(&mut thread.kids);
        kids.retain(|&kid| self.get(kid).is_some());
        if let Some(thread) = self.get_mut(key) {
            thread.kids = kids;
            thread.kids_left = 0;
        }
    }

    fn child_left(&mut self, ptid: i64) {
        let Some(key) = self.find(ptid) else { return };
        let Some(parent) = self.get_mut(key) else { return };
        parent.children = parent.children.wrapping_sub(1);
        parent.kids_left = parent.kids_left.saturating_add(1);
        // The number of children has no say: it may come from a snapshot, where it may be anything.
        if parent.kids_left >= SWEEP_AT && parent.kids_left as usize >= parent.kids.len() / 2 {
            self.sweep_children(key);
        }
    }

    /// Removes a thread: its children go to their reaper, and with the last thread of a process
    /// goes its main thread, which stays until then for what the others share with it.
    pub(crate) fn remove(&mut self, tid: i64) {
        let Some(key) = self.find(tid) else { return };
        let Some(thread) = self.get(key) else { return };
        let (ptid, pid) = (thread.ptid, thread.pid);
        if thread.is_unknown() || thread.group.is_none() {
            self.child_left(ptid);
            self.erase(tid);
            return;
        }
        self.mark_dead(key);
        self.give_children_away(key);
        let Some(thread) = self.get(key) else { return };
        let is_main = thread.is_main();
        if self.alive_in_group(thread) == 0 {
            self.child_left(ptid);
            self.end_group(pid);
            self.erase(pid);
        }
        if !is_main {
            self.child_left(ptid);
            self.erase(tid);
        }
    }

    /// Removes a thread that there is no room for, its exit seen or not, with no regard to what its
    /// process shares with it.
    pub(crate) fn evict(&mut self, tid: i64) {
        if self.thread(tid).is_some_and(|t| t.group.is_none()) {
            self.erase(tid);
            return;
        }
        self.remove(tid);
        if let Some(pid) = self.thread(tid).map(|t| t.pid) {
            // A main thread that others of its process still refer to.
            if self.thread(tid).is_some_and(|t| self.alive_in_group(t) == 0) {
                self.end_group(pid);
            }
            self.erase(tid);
        }
    }

    fn give_children_away(&mut self, key: Key) {
        if !self.has_children(key) {
            return;
        }
        let Some(pid) = self.get(key).map(|thread| thread.pid) else { return };
        let reaper = self.reaper_of(key);
        if let Some(reaper) = reaper
            && let Some(taker) = self.get(reaper)
        {
            let (tid, other_process) = (taker.tid, taker.pid != pid);
            if other_process {
                self.set_reaper(reaper, true);
            }
            if let Some(thread) = self.get_mut(key) {
                thread.reaper_tid = tid;
            }
        }
        let Some(thread) = self.get_mut(key) else { return };
        thread.children = 0;
        for kid in std::mem::take(&mut thread.kids) {
            if self.get(kid).is_none() {
                continue;
            }
            match reaper {
                Some(reaper) => self.adopt(reaper, kid),
                None => self.set_parent(kid, 0),
            }
        }
    }

    /// Who takes this thread's children: the thread that the kernel named if it is known, else one
    /// that is found by the kernel's rules.
    fn reaper_of(&self, key: Key) -> Option<Key> {
        let named = Some(self.get(key)?.reaper_tid).filter(|&tid| tid > 0);
        let named = named.and_then(|tid| self.find(tid)).filter(|&reaper| reaper != key);
        let known = named.filter(|&reaper| self.get(reaper).is_some_and(|t| !t.is_unknown()));
        known.or_else(|| self.find_reaper(key))
    }

    /// The kernel's rules: a live thread of the same process, else the nearest ancestor process
    /// that declared itself reaper or is the first of its pid namespace.
    fn find_reaper(&self, key: Key) -> Option<Key> {
        let thread = self.get(key)?;
        if self.alive_in_group(thread) > 0
            && let Some(sibling) = self.alive_member(thread, Some(key))
        {
            return Some(sibling);
        }
        let in_namespace = thread.is_in_pid_namespace();
        let mut parent = self.find(thread.ptid);
        for _ in 0..MAX_DEPTH {
            let ancestor = self.get(parent?)?;
            if parent == Some(key) || ancestor.is_in_pid_namespace() != in_namespace {
                return None;
            }
            if self.is_reaper(ancestor)
                && self.alive_in_group(ancestor) > 0
                && let Some(member) = self.alive_member(ancestor, None)
            {
                return Some(member);
            }
            parent = self.find(ancestor.ptid);
        }
        None
    }
}

/// How long an exit is remembered, ns.
const EXIT_AGE_NS: u64 = 2_000_000_000;

/// How many exits are remembered.
const EXITS: usize = 8192;

/// Exits just seen: a parent may learn of its child after the child is gone, and must not bring it
/// back.
#[derive(Clone, Debug, Default)]
pub(crate) struct RecentExits {
    /// When a thread (its id, its parent's) last exited, ns.
    by_ids: HashMap<(i64, i64), u64, RandomState>,
    /// In the order of the events.
    order: VecDeque<((i64, i64), u64)>,
}

impl RecentExits {
    pub(crate) fn record(&mut self, tid: i64, ptid: i64, ts_ns: u64) {
        let ids = (tid, ptid);
        self.by_ids.insert(ids, ts_ns);
        self.order.push_back((ids, ts_ns));
        if self.order.len() > EXITS
            && let Some((ids, ts_ns)) = self.order.pop_front()
            && self.by_ids.get(&ids) == Some(&ts_ns)
        {
            self.by_ids.remove(&ids);
        }
    }

    /// Thread, parent and time of each, the oldest first.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (i64, i64, u64)> {
        self.order.iter().map(|&((tid, ptid), ts_ns)| (tid, ptid, ts_ns))
    }

    /// About how many bytes they take.
    pub(crate) fn approx_bytes(&self) -> usize {
        const ENTRY: usize = 80;
        self.order.len() * ENTRY
    }

    pub(crate) fn contains(&self, tid: i64, ptid: i64, ts_ns: u64) -> bool {
        let exit_ns = self.by_ids.get(&(tid, ptid));
        let age = exit_ns.and_then(|&exit_ns| ts_ns.checked_sub(exit_ns));
        age.is_some_and(|age| age < EXIT_AGE_NS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn thread(tid: i64, pid: i64, ptid: i64) -> Thread {
        Thread { tid, pid, ptid, vtid: tid, vpid: pid, ..Thread::default() }
    }

    fn table(threads: &[(i64, i64, i64)]) -> Table {
        let mut table = Table::default();
        for &(tid, pid, ptid) in threads {
            table.add(thread(tid, pid, ptid)).unwrap();
        }
        table
    }

    fn parent(table: &Table, tid: i64) -> i64 {
        table.thread(tid).unwrap().ptid
    }

    #[test]
    fn children_of_the_dead_go_to_their_reaper() {
        // threads, who dies, whose parent is looked at, the parent then
        type Threads = &'static [(i64, i64, i64)];
        let cases: [(Threads, i64, i64, i64); 4] = [
            // another thread of the process
            (&[(1, 1, 0), (10, 10, 1), (11, 10, 1), (20, 20, 10)], 10, 20, 11),
            // init
            (&[(1, 1, 0), (10, 10, 1), (20, 20, 10)], 10, 20, 1),
            // init, past an ancestor that is none
            (&[(1, 1, 0), (5, 5, 1), (10, 10, 5), (20, 20, 10)], 10, 20, 1),
            // nobody is known
            (&[(10, 10, 7), (20, 20, 10)], 10, 20, 0),
        ];
        for (threads, dies, looked_at, want) in cases {
            let mut table = table(threads);
            table.remove(dies);
            assert_eq!(parent(&table, looked_at), want, "{threads:?}");
        }
    }

    #[test]
    fn a_subreaper_comes_before_init() {
        let mut table = table(&[(1, 1, 0), (5, 5, 1), (10, 10, 5), (20, 20, 10)]);
        let subreaper = table.find(5).unwrap();
        table.set_reaper(subreaper, true);
        table.remove(10);
        assert_eq!(parent(&table, 20), 5);
    }

    #[test]
    fn the_reaper_that_the_kernel_names_is_taken() {
        let mut table = table(&[(1, 1, 0), (5, 5, 1), (10, 10, 1), (20, 20, 10)]);
        let key = table.find(10).unwrap();
        table.get_mut(key).unwrap().reaper_tid = 5;
        table.remove(10);
        assert_eq!(parent(&table, 20), 5);
    }

    #[test]
    fn a_named_reaper_that_nobody_knows_is_not_brought_in() {
        let mut table = table(&[(1, 1, 0), (10, 10, 1), (20, 20, 10)]);
        let key = table.find(10).unwrap();
        table.get_mut(key).unwrap().reaper_tid = 77;
        table.remove(10);
        assert_eq!((table.len(), parent(&table, 20)), (2, 1));
    }

    #[test]
    fn a_main_thread_stays_until_its_last_thread_is_gone() {
        let mut table = table(&[(1, 1, 0), (10, 10, 1), (11, 10, 1)]);
        table.remove(10);
        assert!(table.thread(10).is_some_and(Thread::is_dead));
        assert_eq!(table.alive_in_group(table.thread(11).unwrap()), 1);
        table.remove(11);
        assert!(table.thread(10).is_none() && table.thread(11).is_none());
    }

    #[test]
    fn lists_are_swept_when_half_is_gone_whatever_the_counts_say() {
        for count in [0, 1, 1 << 60, u64::MAX] {
            // A parent of a hundred processes, and a process of a hundred threads.
            let processes = (0..100).map(|at| (1000 + at, 1000 + at, 10));
            let threads = (0..100).map(|at| (2000 + at, 20, 10));
            let all: Vec<_> = [(10, 10, 0), (20, 20, 10)].into_iter().collect();
            let mut table =
                table(&all.into_iter().chain(processes).chain(threads).collect::<Vec<_>>());
            let (parent, main) = (table.find(10).unwrap(), table.find(20).unwrap());
            let lens = |table: &Table| {
                let group = table.get(main).unwrap().group.unwrap();
                (
                    table.get(parent).unwrap().kids.len(),
                    table.groups.get(group).unwrap().members.len(),
                )
            };
            let whole = lens(&table);
            for at in 0..90 {
                table.get_mut(parent).unwrap().children = count;
                let group = table.get(main).unwrap().group.unwrap();
                table.groups.get_mut(group).unwrap().alive = count.max(2);
                table.remove(2000 + at);
                if at < 15 {
                    assert_eq!(lens(&table), whole, "{count} {at}: few are gone");
                }
            }
            (0..90).for_each(|at| table.remove(1000 + at));
            let (kids, members) = lens(&table);
            assert!(kids <= 60 && members <= 40, "{count}: {kids} {members}");
        }
    }

    #[test]
    fn a_lineage_that_bites_its_tail_ends() {
        let mut table = table(&[(10, 10, 0), (20, 20, 10)]);
        let key = table.find(10).unwrap();
        table.get_mut(key).unwrap().ptid = 20;
        table.remove(10);
        assert_eq!(parent(&table, 20), 0);
    }

    #[test]
    fn exits_are_remembered_for_a_while() {
        let mut exits = RecentExits::default();
        exits.record(5, 1, 1_000);
        for (tid, ptid, ts_ns, want) in [
            (5, 1, 1_000, true),
            (5, 1, 1_000 + EXIT_AGE_NS, false),
            (5, 1, 999, false),
            (5, 2, 1_000, false),
            (6, 1, 1_000, false),
        ] {
            assert_eq!(exits.contains(tid, ptid, ts_ns), want, "{tid} {ptid} {ts_ns}");
        }
    }
}
