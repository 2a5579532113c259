//! Processes that stand above the story only as ancestors, folded: a shell in a terminal in a
//! session says where something came from, but did nothing itself.

use std::collections::BTreeSet;

use crate::{
    model::{Command, Process, ProcessId, Recorded, Timeline},
    views::words,
};

/// Ancestors that are all named; of more of them the first and the last are.
const ALL_NAMED: usize = 6;
const FIRST_NAMED: usize = 3;
const LAST_NAMED: usize = 2;
/// Bytes of a name that are shown.
const MAX_NAME_BYTES: usize = 64;
/// A single ancestor folds only if its command is longer than this, in bytes: else it has one line
/// as it is.
const LONG_BYTES: usize = 72;

/// Ancestors of a process that did nothing in the window, each the parent of the next.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Lineage {
    /// The topmost first; there is at least one.
    pub ancestors: Vec<ProcessId>,
    /// The child of the last of them.
    pub child: ProcessId,
}

impl Lineage {
    /// Each ancestor with the one of its children that the line goes on with.
    pub fn links(&self) -> impl Iterator<Item = (ProcessId, ProcessId)> {
        let next = self.ancestors.iter().skip(1).chain([&self.child]);
        self.ancestors.iter().copied().zip(next.copied())
    }

    /// Ids and names: `812 sshd`, `… 4 more`, `911 bash`.
    pub fn parts(&self, timeline: &Timeline) -> Vec<String> {
        let part = |&id: &ProcessId| timeline.process(id).map(part);
        if self.ancestors.len() <= ALL_NAMED {
            return self.ancestors.iter().filter_map(part).collect();
        }
        let (first, rest) = self.ancestors.split_at(FIRST_NAMED);
        let (left_out, last) = rest.split_at(rest.len() - LAST_NAMED);
        let more = format!("… {} more", words::count(left_out.len() as u64));
        let first = first.iter().filter_map(part);
        first.chain([more]).chain(last.iter().filter_map(part)).collect()
    }
}

/// The line of idle ancestors that begins with a process, if it is worth a fold. `is_shown` says
/// whether a view shows a child of a process in its place.
pub fn lineage(
    timeline: &Timeline,
    top: ProcessId,
    is_shown: impl Fn(&Process, ProcessId) -> bool,
) -> Option<Lineage> {
    // A damaged timeline may name a process as its own ancestor.
    let mut met = BTreeSet::from([top]);
    let mut ancestors = Vec::new();
    let mut child = top;
    while let Some(process) = timeline.process(child).filter(|process| is_idle(process)) {
        let mut shown = process.children.iter().filter(|&&id| is_shown(process, id));
        let (Some(&only), None) = (shown.next(), shown.next()) else { break };
        if timeline.process(only).is_none() || !met.insert(only) {
            break;
        }
        ancestors.push(child);
        child = only;
    }
    let saves_lines = match ancestors.as_slice() {
        [] => false,
        [one] => timeline.process(*one).and_then(Process::command).is_some_and(is_long),
        _ => true,
    };
    saves_lines.then_some(Lineage { ancestors, child })
}

/// Whether a process ran before the window and did nothing in it that could be told.
fn is_idle(process: &Process) -> bool {
    process.start.is_none()
        && process.end.is_none()
        && process.events == 0
        && process.commands.len() < 2
        && process.command().is_none_or(|command| command.pipeline.is_none())
        && process.alerts.is_empty()
        && process.files.is_empty()
        && process.network.is_empty()
        && process.privileges.is_empty()
        && process.terminal.is_empty()
}

fn is_long(command: &Command) -> bool {
    words::line(command, words::MAX_TEXT_BYTES).len() > LONG_BYTES
}

fn part(process: &Process) -> String {
    let name = process.command().map(program).filter(|name| !name.is_empty());
    let name = name.map(|name| format!(" {}", words::quoted(&name, MAX_NAME_BYTES)));
    format!("{}{}", process.pid, name.unwrap_or_default())
}

/// What its first argument calls a program, without folders, the hyphen of a login shell, and what
/// a title says of it; its name in the kernel if there are no arguments.
fn program(command: &Command) -> Recorded {
    let argument = command.argv.first().map_or(&b""[..], |argument| argument.bytes());
    let word = argument.split(|&b| b == b' ').next().unwrap_or_default();
    let name = word.rsplit(|&b| b == b'/').next().unwrap_or_default();
    let name = name.strip_prefix(b"-").unwrap_or(name);
    let name = name.strip_suffix(b":").unwrap_or(name);
    if name.is_empty() { command.comm.clone() } else { Recorded::from(name) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    fn of(timeline: &Timeline, top: u32) -> Option<Lineage> {
        lineage(timeline, ProcessId(top), |_, _| true)
    }

    fn parts(timeline: &Timeline) -> String {
        of(timeline, 0).map_or_else(String::new, |lineage| lineage.parts(timeline).join(" › "))
    }

    #[test]
    fn a_line_of_idle_ancestors_folds_down_to_the_first_that_acted() {
        let timeline = testing::descent(&[&["init"], &["-bash"], &["/bin/sh", "run"]]);
        let lineage = of(&timeline, 0).expect("a fold");
        assert_eq!(lineage.ancestors, [0, 1, 2].map(ProcessId));
        assert_eq!(lineage.child, ProcessId(3));
        assert_eq!(parts(&timeline), "100 init › 101 bash › 102 sh");
        let links = lineage.links().map(|(above, below)| (above.0, below.0)).collect::<Vec<_>>();
        assert_eq!(links, [(0, 1), (1, 2), (2, 3)]);
    }

    #[test]
    fn whoever_acted_or_has_other_children_is_not_folded() {
        let acts: [fn(&mut Process); 8] = [
            |p| p.events = 1,
            |p| p.start = Some(Default::default()),
            |p| *p = testing::ended(p.clone()),
            |p| p.alerts.push(crate::model::AlertId(0)),
            |p| p.files.push(testing::file("/x", crate::model::Acts::READ, 1)),
            |p| p.network.push(testing::connection("203.0.113.9:80", 1)),
            |p| p.commands.push(testing::command(&["other"])),
            |p| p.children.push(ProcessId(4)),
        ];
        for (number, act) in acts.into_iter().enumerate() {
            let mut timeline = testing::descent(&[&["a"], &["b"], &["c"], &["d"]]);
            act(&mut timeline.processes[2]);
            assert_eq!(parts(&timeline), "100 a › 101 b", "act {number}");
            assert_eq!(of(&timeline, 2), None, "act {number}");
            assert_eq!(of(&timeline, 3), None, "one alone, act {number}");
        }
    }

    #[test]
    fn one_alone_folds_only_if_its_command_is_long() {
        let long = "x".repeat(80);
        assert_eq!(parts(&testing::descent(&[&["bash", "/dev/fd/3"]])), "");
        assert_eq!(parts(&testing::descent(&[&["bash", "-c", &long]])), "100 bash");
    }

    #[test]
    fn of_many_the_first_and_the_last_are_named() {
        let six = testing::descent(&[&["a"][..]; 6]);
        assert_eq!(parts(&six), "100 a › 101 a › 102 a › 103 a › 104 a › 105 a");
        let seven = testing::descent(&[&["a"][..]; 7]);
        assert_eq!(parts(&seven), "100 a › 101 a › 102 a › … 2 more › 105 a › 106 a");
    }

    #[test]
    fn names_are_what_programs_are_called_and_cannot_pass_for_others() {
        for (argument, want) in [
            ("/usr/sbin/sshd", "100 sshd"),
            ("sshd: ada@pts/1", "100 sshd"),
            ("/opt/x/chrome --type=zygote --dir=/a/b", "100 chrome"),
            ("\u{202e}hs\u{1b}[2J", "100 $'\\u202ehs\\x1b[2J'"),
            ("a\n101", "100 $'a\\n101'"),
            ("a\u{a0}›\u{a0}1\u{a0}init", "100 'a\u{a0}›\u{a0}1\u{a0}init'"),
            ("", "100 'a › 1'"),
        ] {
            let mut timeline = testing::descent(&[&[argument], &["b"]]);
            timeline.processes[0].commands[0].comm = "a › 1".into();
            assert_eq!(parts(&timeline), format!("{want} › 101 b"), "{argument:?}");
        }
    }

    #[test]
    fn ancestors_in_a_circle_end_somewhere() {
        let mut timeline = testing::descent(&[&["a"], &["b"], &["c"]]);
        timeline.processes[2].children = vec![ProcessId(0)];
        let lineage = of(&timeline, 0).expect("a fold");
        assert_eq!((lineage.ancestors.len(), lineage.child), (2, ProcessId(2)));
    }
}
