//! The row of a process, or of several that share one.

use std::collections::BTreeMap;

use super::{
    details::{hint_of, priority_style},
    entries::{Node, change_by_exec, is_noted, main_command},
    paint::{Line, Style, glued, plain, span},
    rows::{Row, Stem},
    story::Story,
};
use crate::{
    model::{
        Alert, Command, ExeFacts, FileActivity, How, Origin, Process, ProcessId, Reach, Relevance,
    },
    views::{
        fold::{FileFold, Kind},
        words::{self, Weight},
    },
};

/// Bytes of arguments that are shown of a command that caused no alert.
const MAX_PLAIN_BYTES: usize = 400;
/// Bytes of arguments that are shown of a command that is shown in full.
const MAX_FULL_BYTES: usize = 64 * 1024;

impl Story<'_, '_> {
    /// Adds a node's own row.
    pub(super) fn heading(&mut self, node: &Node, stem: Stem) {
        if let Node::Lineage(lineage) = node {
            return self.lineage(lineage, stem);
        }
        let processes: Vec<&Process> =
            node.ids().iter().filter_map(|&id| self.timeline.process(id)).collect();
        let Some(&first) = processes.first() else { return };
        let brief = std::mem::take(&mut self.brief);
        let mut body = match node {
            Node::Pipeline(pipeline, ids) => self.pipeline(*pipeline, ids),
            Node::Same(_) => Vec::new(),
            _ => self.command(first),
        };
        body.extend(match node {
            Node::One(_) => self.notes(first),
            Node::Pipeline(..) => self.pids(&processes),
            Node::Repeats(ids) => vec![span(Style::Strong, format!("  ×{}", ids.len()))],
            Node::Alike(_) => self.alike(first, &processes),
            Node::Same(_) => self.same(first, &processes),
            Node::Lineage(_) => Vec::new(),
        });
        body.extend(processes.iter().flat_map(|process| inherited(process)));
        body.extend(self.brief_alerts(&brief));
        let start = first.start.map(|start| start.ts_ns);
        let row = Row {
            mark: brief.iter().map(|alert| alert.priority).min().map(|p| ('▲', priority_style(p))),
            time_ns: start.map(|ts_ns| self.timeline.relative_ns(ts_ns)),
            pid: Some(first.pid),
            stem,
            body,
            right: ended(&processes),
        };
        self.push(start, row);
    }

    fn pipeline(&self, pipeline: crate::model::PipelineId, ids: &[ProcessId]) -> Line {
        let members = self.timeline.pipelines.get(pipeline.index());
        let members =
            members.cloned().unwrap_or_else(|| crate::model::Pipeline { members: ids.to_vec() });
        let text = words::pipeline(self.timeline, &members, words::MAX_COMMAND_BYTES);
        vec![span(self.emphasis(ids), words::short(&text))]
    }

    /// The ids of all members, if one of them is shown in full.
    fn pids(&self, processes: &[&Process]) -> Line {
        if !processes.iter().any(|process| self.is_expanded(process)) {
            return Vec::new();
        }
        let pids: Vec<String> = processes.iter().map(|process| process.pid.to_string()).collect();
        note(Style::Faint, &format!("pids {}", words::and(&pids)))
    }

    fn emphasis(&self, ids: &[ProcessId]) -> Style {
        let processes = ids.iter().filter_map(|&id| self.timeline.process(id));
        let alerted = processes.map(emphasis_of).find(|&style| style == Style::Strong);
        alerted.unwrap_or(Style::Plain)
    }

    fn command(&self, process: &Process) -> Line {
        let style = emphasis_of(process);
        if process.is_fork() {
            return vec![span(style, words::copy(process))];
        }
        let command = main_command(process).map(|(_, command)| command);
        let text =
            |max_bytes| command.map(|c| words::with_redirects(c, max_bytes)).unwrap_or_default();
        let text = match (self.is_expanded(process), process.relevance) {
            (true, _) => text(MAX_FULL_BYTES),
            (false, Relevance::Alerted) => words::short(&text(words::MAX_COMMAND_BYTES)),
            (false, _) => words::short(&text(MAX_PLAIN_BYTES)),
        };
        vec![span(style, text)]
    }

    /// What is notable about a process beside its command.
    fn notes(&self, process: &Process) -> Line {
        let Some((_, command)) = main_command(process) else { return Vec::new() };
        let mut notes: Vec<(Style, String)> = Vec::new();
        if let Some(change) = change_by_exec(process, command) {
            let style = match words::weight(change) {
                Weight::Gain => Style::Gain,
                _ => Style::Plain,
            };
            notes.push((style, words::change(change)));
        } else if !self.is_users_parent(process, command) && command.user.uid != u32::MAX {
            let style = if command.user.uid == 0 { Style::Gain } else { Style::Plain };
            notes.push((style, format!("as {}", words::user(&command.user))));
        }
        if !process.is_fork() {
            notes.extend(exe_notes(command));
        }
        if is_relative(command) {
            notes
                .extend(words::working_dir(command).map(|dir| (Style::Faint, format!("in {dir}"))));
        }
        if self.options.width < super::rows::PIDS_FROM && (process.end.is_none()) {
            notes.push((Style::Faint, format!("pid {}", process.pid)));
        }
        notes.into_iter().flat_map(|(style, text)| note(style, &text)).collect()
    }

    /// Whether it began as the same user as its parent was, whose row tells that or need not.
    fn is_users_parent(&self, process: &Process, command: &Command) -> bool {
        let parent = process.parent.filter(|id| !self.idle_ancestors.contains(id));
        let parent = parent.and_then(|id| self.timeline.process(id));
        let parent = parent.filter(|parent| parent.session == process.session);
        let user = parent.and_then(Process::command).map(|command| &command.user);
        user.is_some_and(|user| user.uid == command.user.uid)
    }

    /// `⋯ and 199 more like it`.
    fn alike(&self, first: &Process, processes: &[&Process]) -> Line {
        let more = words::count(processes.len().saturating_sub(1) as u64);
        vec![span(Style::Faint, format!("  ⋯ and {more} more like it{}", self.hint_of(first)))]
    }

    /// `⋯ 199 more: shred -u /srv/a … shred -u /srv/z`, and what they did in all.
    fn same(&self, first: &Process, processes: &[&Process]) -> Line {
        let line = |process: &Process| {
            main_command(process).map_or_else(String::new, |(_, c)| words::line(c, 100))
        };
        let last = processes.last().map_or_else(String::new, |last| line(last));
        let number = words::count(processes.len() as u64);
        let mut body = vec![plain(format!("⋯ {number} more: {} … {last}", line(first)))];
        for sum in self.sums(processes) {
            body.extend(note(Style::Strong, &sum));
        }
        body.push(span(Style::Faint, self.hint_of(first)));
        body
    }

    /// What processes did in all: alerts, changes of files, connections.
    fn sums(&self, processes: &[&Process]) -> Vec<String> {
        let mut sums = Vec::new();
        let alerts = processes.iter().flat_map(|p| &p.alerts);
        let alerts = alerts.filter_map(|&id| self.timeline.alert(id)).map(|alert| alert.count);
        match alerts.fold(0, u64::saturating_add) {
            0 => {}
            alerts => sums.push(words::plural(alerts, "alert", "alerts")),
        }
        let mut kinds: BTreeMap<Kind, Vec<&FileActivity>> = BTreeMap::new();
        for file in processes.iter().flat_map(|process| &process.files) {
            kinds.entry(Kind::of(file)).or_default().push(file);
        }
        let changes = kinds.into_iter().filter(|(kind, _)| kind.change());
        sums.extend(changes.map(|(kind, files)| FileFold { kind, files }.words()));
        let connections =
            processes.iter().flat_map(|p| &p.network).filter(|c| !is_noted(c)).count();
        if connections > 0 {
            sums.push(words::plural(connections as u64, "connection", "connections"));
        }
        sums
    }

    /// `▲2 ▲9`: alerts of rules that were told, by their numbers in the list of alerts.
    fn brief_alerts(&self, alerts: &[&Alert]) -> Line {
        let mut rules: BTreeMap<usize, Style> = BTreeMap::new();
        for alert in alerts {
            let number = self.rules.number(alert);
            rules.insert(number, priority_style(alert.priority));
        }
        let mark = |(number, style)| span(style, format!("  ▲{number}"));
        rules.into_iter().map(mark).collect()
    }

    /// How to see all of what was folded among a process and its siblings.
    fn hint_of(&self, child: &Process) -> String {
        let parent = child.parent.and_then(|id| self.timeline.process(id));
        parent.map_or_else(String::new, |parent| hint_of(parent.pid))
    }
}

/// What caused an alert stands out.
fn emphasis_of(process: &Process) -> Style {
    match process.relevance {
        Relevance::Alerted => Style::Strong,
        Relevance::Related | Relevance::Background => Style::Plain,
    }
}

/// A note after a command.
fn note(style: Style, text: &str) -> Line {
    const SHORT: usize = 30;
    let text = if text.len() <= SHORT { glued(text) } else { text.to_owned() };
    vec![span(Style::Faint, format!("  ·{}", glued(" "))), span(style, text)]
}

/// What went over connections that it has from its parent: `↑ 54 B to 203.0.113.20:4444`.
fn inherited(process: &Process) -> Line {
    let connections = process.network.iter().filter(|connection| is_noted(connection));
    let noted = connections.filter_map(|connection| {
        let traffic = words::traffic(connection);
        let style = if connection.reach == Reach::Outside { Style::Outside } else { Style::Plain };
        let other = connection.remote.map(|end| format!(" ↔ {}", words::endpoint(&end)));
        let text = format!("{traffic}{}", other.unwrap_or_default());
        (!traffic.is_empty()).then(|| note(style, &text))
    });
    noted.flatten().collect()
}

/// What is notable about a program file.
fn exe_notes(command: &Command) -> Vec<(Style, String)> {
    let facts = command.facts;
    let odd = facts - ExeFacts::LOWER_LAYER - ExeFacts::WRITABLE - ExeFacts::SETUID;
    let mut notes: Vec<(Style, String)> =
        odd.words().map(|word| (Style::Warning, word.to_owned())).collect();
    if is_elsewhere(command) {
        notes.push((Style::Warning, format!("program {}", words::clip(&command.exe, 200))));
    }
    notes
}

/// Whether the first argument does not tell which program it is.
fn is_elsewhere(command: &Command) -> bool {
    let Some(argument) = command.argv.first() else { return false };
    let (exe, argument) = (command.exe.bytes(), argument.bytes());
    let name = |path: &[u8]| path.rsplit(|&b| b == b'/').next().unwrap_or_default().to_vec();
    let said = name(argument.strip_prefix(b"-").unwrap_or(argument));
    let is_standard = STANDARD.iter().any(|folder| exe.starts_with(folder));
    let is_said = exe.is_empty() || argument.contains(&b'/') || command.script.is_some();
    let many_named = MANY_NAMED.iter().any(|many| name(exe).starts_with(many));
    let contains = |text: &[u8], part: &[u8]| text.windows(part.len().max(1)).any(|w| w == part);
    match is_standard {
        true => !is_said && !many_named && !contains(&name(exe), &said),
        false => !exe.is_empty() && argument != exe,
    }
}

/// Folders in which a program is expected to be.
const STANDARD: [&[u8]; 5] = [b"/usr/", b"/bin/", b"/sbin/", b"/lib", b"/opt/"];
/// Programs that have many names.
const MANY_NAMED: [&[u8]; 6] =
    [b"busybox", b"toybox", b"coreutils", b"systemd", b"kmod", b"xtables"];

/// Whether what the command says depends on the folder that it ran in.
fn is_relative(command: &Command) -> bool {
    let program = command.argv.first().map_or(&b""[..], |argument| argument.bytes());
    command.origin == Origin::Exec && program.contains(&b'/') && !program.starts_with(b"/")
}

/// How they ended, and how long they ran.
fn ended(processes: &[&Process]) -> (Line, String) {
    let mut ways: Vec<String> = processes.iter().map(|process| words::exit(process)).collect();
    ways.dedup();
    let failed = |process: &&Process| match process.end.map(|end| end.how) {
        Some(How::Exited { code }) => code != 0,
        Some(How::Killed { .. }) => true,
        Some(How::Unknown) | None => false,
    };
    let goes_on = processes.iter().any(|p| p.end.is_none() && p.start.is_some());
    let style = match processes {
        _ if goes_on => Style::Warning,
        _ if processes.iter().any(failed) => Style::Failure,
        _ => Style::Plain,
    };
    let begun_before = processes.iter().all(|p| p.end.is_none() && p.start.is_none());
    let style = if begun_before { Style::Faint } else { style };
    let first = processes.iter().filter_map(|p| p.start).min();
    let last = processes.iter().filter_map(|p| p.end).map(|end| end.at).max();
    let all_ended = processes.iter().all(|process| process.end.is_some());
    let took = first.zip(last).filter(|_| all_ended);
    let took = took.map(|(first, last)| words::duration(last.ts_ns.saturating_sub(first.ts_ns)));
    (vec![span(style, ways.join(", "))], took.unwrap_or_default())
}
