//! The changes of rights of a process, folded: equal ones in a row, and many of one kind.

use std::collections::BTreeMap;

use super::work;
use crate::{
    model::{Change, Moment, PrivilegeChange, Process},
    views::words::{self, Weight},
};

/// Changes of one kind that each stand alone; more of them fold.
const ALONE: usize = 5;

/// One line's worth of changes of rights.
#[derive(Clone, Debug)]
pub enum PrivilegeItem<'t> {
    /// A change, and how often in a row.
    One(&'t PrivilegeChange, u64),
    /// Many of one kind.
    Many(Vec<&'t PrivilegeChange>),
}

impl PrivilegeItem<'_> {
    /// When the first of them was.
    pub fn first(&self) -> Moment {
        match self {
            Self::One(change, _) => change.at,
            Self::Many(changes) => changes.first().map_or_else(Moment::default, |first| first.at),
        }
    }

    /// All of it in a line: `17 mounts, first: mounted proc on /proc (proc)`.
    pub fn words(&self) -> String {
        match self {
            Self::One(change, 1) => words::change(change),
            Self::One(change, times) => {
                format!("{}  ×{}", words::change(change), words::count(*times))
            }
            Self::Many(changes) => {
                let Some(first) = changes.first() else { return String::new() };
                let number = words::count(changes.len() as u64);
                format!("{number} {}, first: {}", kind(&first.change).1, words::change(first))
            }
        }
    }
}

/// The changes of a process as items, by time, without those that go without saying: rights that
/// programs give up and take back all day, capabilities that a new user brings along.
pub fn privileges(process: &Process) -> Vec<PrivilegeItem<'_>> {
    let mut kinds: BTreeMap<(u8, bool, bool), Vec<&PrivilegeChange>> = BTreeMap::new();
    let weighed = process.privileges.iter().zip(words::weights(process));
    for (change, _) in weighed.filter(|(_, weight)| *weight > Weight::Usual) {
        let by_runtime = work::command_at(process, change.at).is_some_and(work::is_runtime);
        let kind = (kind(&change.change).0, change.error.is_some(), by_runtime);
        kinds.entry(kind).or_default().push(change);
    }
    let folded = |((_, _, by_runtime), changes)| fold(changes, if by_runtime { 1 } else { ALONE });
    let mut items: Vec<PrivilegeItem<'_>> = kinds.into_iter().flat_map(folded).collect();
    items.sort_by_key(PrivilegeItem::first);
    items
}

fn fold(changes: Vec<&PrivilegeChange>, alone: usize) -> Vec<PrivilegeItem<'_>> {
    let mut items: Vec<(&PrivilegeChange, u64)> = Vec::new();
    for change in &changes {
        match items.last_mut() {
            Some((last, times)) if last.change == change.change && last.error == change.error => {
                *times += 1;
            }
            _ => items.push((change, 1)),
        }
    }
    if items.len() > alone {
        return vec![PrivilegeItem::Many(changes)];
    }
    items.into_iter().map(|(change, times)| PrivilegeItem::One(change, times)).collect()
}

/// A number for each kind, and what many of it are called.
fn kind(change: &Change) -> (u8, &'static str) {
    match change {
        Change::User { .. } => (0, "changes of user"),
        Change::Group { .. } => (1, "changes of group"),
        Change::Capabilities { .. } => (2, "changes of capabilities"),
        Change::Namespaces { .. } => (3, "changes of namespaces"),
        Change::Ptrace { .. } => (4, "uses of ptrace"),
        Change::Memory { .. } => (5, "uses of others' memory"),
        Change::Module { .. } => (6, "kernel modules"),
        Change::Mount { .. } => (7, "mounts"),
        Change::Chroot { .. } => (8, "changes of root directory"),
        Change::Bpf { .. } => (9, "calls of bpf"),
        Change::Signal { .. } => (10, "signals"),
        Change::Session => (11, "sessions"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{model::User, testing};

    fn shown(changes: Vec<Change>) -> Vec<String> {
        let mut process = testing::process(1);
        for (event, change) in (1..).zip(changes) {
            let at = Moment { ts_ns: event, event };
            process.privileges.push(PrivilegeChange { at, change, error: None });
        }
        privileges(&process).iter().map(PrivilegeItem::words).collect()
    }

    fn mount(target: &str) -> Change {
        Change::Mount {
            by: "mount",
            source: "a".into(),
            target: target.into(),
            kind: Default::default(),
        }
    }

    #[test]
    fn equal_ones_in_a_row_are_one_and_many_of_a_kind_fold() {
        assert_eq!(shown(vec![mount("/b"); 9]), ["mounted a on /b  ×9"]);
        let many = (0..17).map(|n| mount(&format!("/{n}"))).collect();
        assert_eq!(shown(many), ["17 mounts, first: mounted a on /0"]);
    }

    #[test]
    fn what_goes_without_saying_is_not_told() {
        let user = |uid, name| User { uid, name: testing::user(uid, name).name };
        let signal = Change::Signal { signal: "SIGCHLD".to_owned(), pid: 1 };
        let mut process = testing::process(1);
        let at = Moment { ts_ns: 1, event: 1 };
        for change in [
            Change::User { from: user(33, "www"), to: user(0, "root"), by: "execve" },
            Change::Capabilities { gained: vec!["CAP_KILL"], lost: vec![] },
            signal,
        ] {
            process.privileges.push(PrivilegeChange { at, change, error: None });
        }
        let told: Vec<String> = privileges(&process).iter().map(PrivilegeItem::words).collect();
        assert_eq!(told, ["www → root (setuid program)"]);
    }
}
