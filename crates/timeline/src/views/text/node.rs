//! The row of a process, or of several that share one.

use super::{
    entries::{Node, main_command},
    paint::{Line, Style, span},
    rows::{Row, Stem},
    story::Story,
};
use crate::{
    model::{Command, ExeFacts, How, Origin, Process, ProcessId, Relevance},
    views::words,
};

/// Bytes of arguments that are shown of a command that is shown in full.
const MAX_FULL_BYTES: usize = 64 * 1024;

impl Story<'_> {
    /// Adds a node's own row.
    pub(super) fn heading(&mut self, node: &Node, stem: Stem) {
        let processes: Vec<&Process> =
            node.ids().iter().filter_map(|&id| self.timeline.process(id)).collect();
        let Some(&first) = processes.first() else { return };
        let mut body = match node {
            Node::Pipeline(pipeline, ids) => self.pipeline(*pipeline, ids),
            _ => self.command(first),
        };
        match node {
            Node::One(_) => body.extend(self.notes(first)),
            Node::Pipeline(..) => {}
            Node::Repeats(ids) => body.push(span(Style::Strong, format!("  ×{}", ids.len()))),
            Node::Alike(ids) => body.extend(self.alike(first, ids)),
        }
        let start = first.start.map(|start| start.ts_ns);
        let row = Row {
            time_ns: start.map(|ts_ns| self.timeline.relative_ns(ts_ns)),
            pid: Some(first.pid),
            stem,
            body,
            right: ended(&processes),
            ..Row::default()
        };
        self.push(start, row);
    }

    fn pipeline(&self, pipeline: crate::model::PipelineId, ids: &[ProcessId]) -> Line {
        let members = self.timeline.pipelines.get(pipeline.index());
        let members =
            members.cloned().unwrap_or_else(|| crate::model::Pipeline { members: ids.to_vec() });
        let text = words::pipeline(self.timeline, &members, words::MAX_COMMAND_BYTES);
        vec![span(self.emphasis(ids), text)]
    }

    fn emphasis(&self, ids: &[ProcessId]) -> Style {
        let alerted = |&id| {
            self.timeline.process(id).is_some_and(|p: &Process| p.relevance == Relevance::Alerted)
        };
        if ids.iter().any(alerted) { Style::Strong } else { Style::Plain }
    }

    fn command(&self, process: &Process) -> Line {
        let max_bytes = match self.is_expanded(process) {
            true => MAX_FULL_BYTES,
            false => words::MAX_COMMAND_BYTES,
        };
        let style = match process.relevance {
            Relevance::Alerted => Style::Strong,
            _ => Style::Plain,
        };
        if process.is_fork() {
            let name = process.command().map(|c| words::clip(&c.comm, 64)).unwrap_or_default();
            return vec![
                span(style, format!("({name})")),
                span(Style::Faint, "  copy of its parent"),
            ];
        }
        let command = main_command(process).map(|(_, command)| command);
        let text = command.map_or_else(String::new, |c| words::with_redirects(c, max_bytes));
        vec![span(style, text)]
    }

    /// What is notable about a process beside its command.
    fn notes(&self, process: &Process) -> Line {
        let Some((_, command)) = main_command(process) else { return Vec::new() };
        let mut notes: Vec<(Style, String)> = Vec::new();
        if !self.is_users_parent(process, command) {
            let style = if command.user.uid == 0 { Style::Gain } else { Style::Plain };
            notes.push((style, format!("as {}", words::user(&command.user))));
        }
        notes.extend(exe_notes(command));
        if is_relative(command) {
            notes
                .extend(words::working_dir(command).map(|dir| (Style::Faint, format!("in {dir}"))));
        }
        if self.options.width < super::rows::PIDS_FROM && (process.end.is_none()) {
            notes.push((Style::Faint, format!("pid {}", process.pid)));
        }
        let mut line = Vec::new();
        for (style, note) in notes {
            line.push(span(Style::Faint, "  · "));
            line.push(span(style, note));
        }
        line
    }

    /// Whether it began as the same user as its parent was, so that that need not be said.
    fn is_users_parent(&self, process: &Process, command: &Command) -> bool {
        let parent = process.parent.and_then(|id| self.timeline.process(id));
        let parent = parent.filter(|parent| parent.session == process.session);
        let user = parent.and_then(Process::command).map(|command| &command.user);
        user.is_some_and(|user| user.uid == command.user.uid)
    }

    /// `×199 in all, as stat /srv/x`.
    fn alike(&self, first: &Process, ids: &[ProcessId]) -> Line {
        let parent = first.parent.and_then(|id| self.timeline.process(id));
        let hint = parent.map_or_else(String::new, |p| format!(" · show all: --expand {}", p.pid));
        let more = ids.len().saturating_sub(1) as u64;
        vec![span(Style::Faint, format!("  ⋯ and {} more like it{hint}", words::count(more)))]
    }
}

/// What is notable about a program file.
fn exe_notes(command: &Command) -> Vec<(Style, String)> {
    let facts = command.facts;
    let odd = facts - ExeFacts::LOWER_LAYER - ExeFacts::WRITABLE;
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
const MANY_NAMED: [&[u8]; 4] = [b"busybox", b"toybox", b"coreutils", b"systemd"];

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
        _ if processes.iter().any(|process| failed(&process)) => Style::Failure,
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
