//! Changes of rights in words, and which of them matter.

use std::collections::BTreeSet;

use super::{MAX_TEXT_BYTES, clip, error, list, plain, user};
use crate::model::{Change, PrivilegeChange, Process, Recorded};

/// How much a change of rights matters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Weight {
    /// Programs do it all day: rights given up, a session of its own, a signal.
    Usual,
    /// Worth a line.
    Notable,
    /// Power that was not there before.
    Gain,
}

/// A change in words: `www-data → root`, `gained CAP_SYS_ADMIN`, `attached to 812 with ptrace`.
pub fn change(change: &PrivilegeChange) -> String {
    let said = said(&change.change);
    match change.error {
        Some(errno) => format!("✗ {said}: {}", error(errno)),
        None => said,
    }
}

fn said(change: &Change) -> String {
    match change {
        Change::User { from, to, by } => format!("{} → {} ({})", user(from), user(to), how(by)),
        Change::Group { from, to } => format!("group {from} → {to}"),
        Change::Capabilities { gained, lost } => capabilities(gained, lost),
        Change::Namespaces { by, kinds } => namespaces(by, kinds),
        Change::Ptrace { request, pid } => ptrace(request, *pid),
        Change::Memory { by, pid } => {
            let act = if by.contains("write") { "wrote to" } else { "read" };
            format!("{act} the memory of {pid}")
        }
        Change::Module { by: "delete_module", name } => format!("removed module {}", what(name)),
        Change::Module { name, .. } => format!("loaded module {}", what(name)),
        Change::Mount { by, source, target, kind } => mount(by, source, target, kind),
        Change::Chroot { path } => format!("took {} as its root directory", what(path)),
        Change::Bpf { command } => format!("called bpf: {}", plain(command, 64)),
        Change::Signal { signal, pid } => format!("sent {} to {pid}", plain(signal, 64)),
        Change::Session => "began a session of its own".to_owned(),
    }
}

fn how(by: &str) -> &str {
    if by.starts_with("exec") { "setuid program" } else { by }
}

fn capabilities(gained: &[&str], lost: &[&str]) -> String {
    let names = |names: &[&str]| {
        list::and_more(&names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>(), 4)
    };
    match (gained, lost) {
        ([], lost) => format!("gave up {}", names(lost)),
        (gained, []) => format!("gained {}", names(gained)),
        (gained, lost) => format!("gained {}, gave up {}", names(gained), names(lost)),
    }
}

fn namespaces(by: &str, kinds: &[&str]) -> String {
    let act = if by == "setns" { "entered" } else { "made new" };
    match kinds {
        [] if by == "setns" => "entered another namespace".to_owned(),
        [] => "made a new namespace".to_owned(),
        [one] => format!("{act} {one} namespace ({by})"),
        many => format!("{act} {} namespaces ({by})", many.join(", ")),
    }
}

fn ptrace(request: &str, pid: i64) -> String {
    match request.strip_prefix("PTRACE_") {
        Some("ATTACH" | "SEIZE") => format!("attached to {pid} with ptrace"),
        Some("TRACEME") => "lets its parent trace it".to_owned(),
        Some("POKETEXT" | "POKEDATA") => format!("wrote to the memory of {pid} with ptrace"),
        Some("SETREGS" | "SETREGSET") => format!("set the registers of {pid} with ptrace"),
        _ => format!("used ptrace on {pid} ({})", plain(request, 64)),
    }
}

fn mount(by: &str, source: &Recorded, target: &Recorded, kind: &Recorded) -> String {
    if by.starts_with("umount") {
        return format!("unmounted {}", what(target));
    }
    let kind = match kind.is_empty() {
        true => String::new(),
        false => format!(" ({})", clip(kind, 64)),
    };
    match (by, source.is_empty()) {
        ("pivot_root", _) => format!("took {} as its root directory", what(source)),
        (_, true) => format!("mounted {}{kind}", what(target)),
        (_, false) => format!("mounted {} on {}{kind}", what(source), what(target)),
    }
}

fn what(recorded: &Recorded) -> String {
    match recorded.is_empty() {
        true => "(not recorded)".to_owned(),
        false => clip(recorded, MAX_TEXT_BYTES),
    }
}

/// How much a change matters.
pub fn weight(change: &PrivilegeChange) -> Weight {
    let weight = match &change.change {
        Change::User { from, to, .. } if to.uid == 0 && from.uid != 0 => Weight::Gain,
        Change::User { from, .. } if from.uid == 0 => Weight::Usual,
        Change::Capabilities { gained, .. } if !gained.is_empty() => Weight::Gain,
        Change::Memory { .. } | Change::Module { .. } | Change::Bpf { .. } => Weight::Gain,
        Change::Ptrace { request, .. } if request != "PTRACE_TRACEME" => Weight::Gain,
        Change::Namespaces { by: "setns", .. } => Weight::Gain,
        Change::User { .. }
        | Change::Namespaces { .. }
        | Change::Mount { .. }
        | Change::Chroot { .. }
        | Change::Ptrace { .. } => Weight::Notable,
        Change::Group { .. }
        | Change::Capabilities { .. }
        | Change::Signal { .. }
        | Change::Session => Weight::Usual,
    };
    if change.error.is_some() { weight.min(Weight::Notable) } else { weight }
}

/// How much each change of a process matters, given the others: one that gives rights up for a
/// while and takes them back, or tries to, gains nothing, but by a setuid program it does; and a new
/// user brings other capabilities along.
pub fn weights(process: &Process) -> Vec<Weight> {
    let of_user = |change: &&PrivilegeChange| matches!(change.change, Change::User { .. });
    let new_users: BTreeSet<u64> =
        process.privileges.iter().filter(of_user).map(|change| change.at.event).collect();
    let mut given_up: BTreeSet<u32> = BTreeSet::new();
    let mut weigh = |change: &PrivilegeChange| match &change.change {
        Change::User { from, to, by } => {
            let taken_back = given_up.contains(&to.uid) && !by.starts_with("exec");
            if change.error.is_none() {
                given_up.insert(from.uid);
            }
            if taken_back { Weight::Usual } else { weight(change) }
        }
        Change::Capabilities { .. } if new_users.contains(&change.at.event) => Weight::Usual,
        _ => weight(change),
    };
    process.privileges.iter().map(&mut weigh).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Moment, User};

    fn did(change: Change) -> PrivilegeChange {
        PrivilegeChange { at: Moment::default(), change, error: None }
    }

    fn named(uid: u32, name: &str) -> User {
        User { uid, name: name.into() }
    }

    #[test]
    fn changes_of_rights_read_as_words_and_weigh_what_they_give() {
        let user = |from, to, by| Change::User { from, to, by };
        let cases = [
            (
                user(named(33, "www-data"), named(0, "root"), "execve"),
                "www-data → root (setuid program)",
                Weight::Gain,
            ),
            (
                user(named(0, "root"), named(1000, ""), "setresuid"),
                "root → uid 1000 (setresuid)",
                Weight::Usual,
            ),
            (
                Change::Capabilities { gained: vec!["CAP_SYS_ADMIN"], lost: vec![] },
                "gained CAP_SYS_ADMIN",
                Weight::Gain,
            ),
            (
                Change::Capabilities { gained: vec![], lost: vec!["CAP_KILL", "CAP_CHOWN"] },
                "gave up CAP_KILL and CAP_CHOWN",
                Weight::Usual,
            ),
            (
                Change::Namespaces { by: "setns", kinds: vec!["mnt", "pid"] },
                "entered mnt, pid namespaces (setns)",
                Weight::Gain,
            ),
            (
                Change::Namespaces { by: "unshare", kinds: vec![] },
                "made a new namespace",
                Weight::Notable,
            ),
            (
                Change::Ptrace { request: "PTRACE_ATTACH".to_owned(), pid: 812 },
                "attached to 812 with ptrace",
                Weight::Gain,
            ),
            (
                Change::Memory { by: "process_vm_writev", pid: 812 },
                "wrote to the memory of 812",
                Weight::Gain,
            ),
            (
                Change::Module { by: "init_module", name: Recorded::default() },
                "loaded module (not recorded)",
                Weight::Gain,
            ),
            (
                Change::Mount {
                    by: "mount",
                    source: "/dev/sda1".into(),
                    target: "/mnt".into(),
                    kind: "ext4".into(),
                },
                "mounted /dev/sda1 on /mnt (ext4)",
                Weight::Notable,
            ),
            (
                Change::Signal { signal: "SIGKILL".to_owned(), pid: 4 },
                "sent SIGKILL to 4",
                Weight::Usual,
            ),
            (Change::Session, "began a session of its own", Weight::Usual),
        ];
        for (case, words, weighs) in cases {
            let case = did(case);
            assert_eq!((change(&case).as_str(), weight(&case)), (words, weighs));
        }
    }

    #[test]
    fn rights_that_are_taken_back_are_no_gain() {
        let mut process = crate::testing::process(1);
        let (root, other) = (named(0, "root"), named(33, "www-data"));
        let changes = [
            (root.clone(), other.clone()),
            (other.clone(), root.clone()),
            (named(7, "lp"), root.clone()),
        ];
        for (event, (from, to)) in (1..).zip(changes) {
            let mut change = did(Change::User { from, to, by: "setresuid" });
            change.at = Moment { ts_ns: event, event };
            process.privileges.push(change);
        }
        assert_eq!(weights(&process), [Weight::Usual; 3]);
        process.privileges.remove(0);
        assert_eq!(weights(&process), [Weight::Gain, Weight::Gain]);
    }

    #[test]
    fn what_failed_says_so_and_gains_nothing() {
        let mut failed = did(Change::Module { by: "init_module", name: "rk".into() });
        failed.error = Some(1);
        assert_eq!(change(&failed), "✗ loaded module rk: not permitted");
        assert_eq!(weight(&failed), Weight::Notable);
    }
}
