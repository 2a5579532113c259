//! Rows of what a process did, and folds of alike ones.

use std::io;

use super::{Page, items::Item};
use crate::{
    model::{
        Command, Connection, FileActivity, Gap, Moment, PrivilegeChange, Process, ProcessId, Reach,
        Role, TerminalLine,
    },
    views::{
        fold::{Child, ConnectionFold, FileFold, Kind, TerminalItem},
        words::{self, Weight},
    },
};

/// Programs that a fold of other processes names.
const NAMED_OTHERS: usize = 5;

/// The row of a fold.
pub(super) struct Fold {
    pub(super) class: &'static str,
    /// When the first of them happened; `None`: before the window.
    pub(super) at: Option<Moment>,
    pub(super) label: &'static str,
    /// What they are.
    pub(super) words: String,
    pub(super) figures: String,
}

impl Page<'_> {
    /// A row or a fold of rows below a process; `depth` is that of the list.
    pub(super) fn item(&mut self, item: Item<'_>, depth: usize) -> io::Result<()> {
        match item {
            Item::Command(command) => self.exec(command),
            Item::Tries(tries) => self.tries(&tries),
            Item::Privilege(change) => self.privilege(change),
            Item::Privileges(changes) => self.privileges(&changes),
            Item::File(file) => self.file(file),
            Item::Files(fold) => self.files(&fold),
            Item::Connection(connection) => self.connection(connection),
            Item::Connections(fold) => self.connections(&fold),
            Item::Terminal(line) => self.terminal_line(line),
            Item::Terminals(lines) => self.terminal_lines(lines),
            Item::Alert(id, alert) => self.alert(id, alert),
            Item::Routine(connections) => self.routine(&connections),
            Item::Gap(gap) => self.gap(gap),
            Item::Child(id) => self.process(id, depth),
            Item::Children(children) => self.children(&children, depth),
            Item::Others(ids) => self.others(&ids, depth),
            Item::Elsewhere(id) => self.elsewhere(id),
        }
    }

    /// Begins a row, of a class if its fold does not say it already, with its anchor if it is the
    /// first of its event, and its time.
    fn begin(&mut self, class: &'static str, at: Moment) -> io::Result<()> {
        self.html.raw("<li")?;
        if !class.is_empty() {
            self.html.within(" class=\"", class, "\"")?;
        }
        if self.anchors.take(at.event) {
            self.html.within(" id=e", at.event, "")?;
        }
        self.html.raw(">")?;
        self.time(at.ts_ns)
    }

    /// Begins a fold: all of its row.
    pub(super) fn begin_fold(&mut self, fold: &Fold) -> io::Result<()> {
        self.html.within("<li class=\"g ", fold.class, "\"><details><summary class=\"row\">")?;
        self.when(fold.at)?;
        self.html.within("<b>", fold.label, "</b><code>")?;
        self.html.apart_within("", &fold.words, "</code><span>")?;
        self.html.within("", &fold.figures, "</span></summary>")
    }

    fn end_fold(&mut self) -> io::Result<()> {
        self.html.raw("</ul></details>\n")
    }

    /// A program that the process went on as, or could not run.
    fn exec(&mut self, command: &Command) -> io::Result<()> {
        self.begin("x", command.at.unwrap_or_default())?;
        self.html.raw("<b>exec</b><code>")?;
        self.command(command)?;
        self.badges(command.facts)?;
        self.html.raw("</code><span>")?;
        if let Some(dir) = words::working_dir(command) {
            self.html.apart_within("in ", &dir, "")?;
        }
        self.html.raw("</span>\n")
    }

    fn tries(&mut self, tries: &[&Command]) -> io::Result<()> {
        let Some(first) = tries.first() else { return Ok(()) };
        let words = format!("{} tries in vain: {}", tries.len(), words::line(first, 80));
        let figures = String::new();
        self.begin_fold(&Fold { class: "x", at: first.at, label: "exec", words, figures })?;
        self.html.raw("<ul>\n")?;
        tries.iter().try_for_each(|command| self.exec(command))?;
        self.end_fold()
    }

    fn privilege(&mut self, change: &PrivilegeChange) -> io::Result<()> {
        let class = match words::weight(change) {
            Weight::Gain => "v gain",
            Weight::Notable => "v",
            Weight::Usual => "v usual",
        };
        self.begin(class, change.at)?;
        self.html.raw("<b>rights</b><code>")?;
        self.html.apart_within("", &words::change(change), "</code><span></span>\n")
    }

    fn privileges(&mut self, changes: &[&PrivilegeChange]) -> io::Result<()> {
        let at = changes.first().map(|change| change.at);
        let words = format!("{} usual changes", words::count(changes.len() as u64));
        let figures = String::new();
        self.begin_fold(&Fold { class: "v usual", at, label: "rights", words, figures })?;
        self.html.raw("<ul>\n")?;
        changes.iter().try_for_each(|change| self.privilege(change))?;
        self.end_fold()
    }

    fn terminal_line(&mut self, line: &TerminalLine) -> io::Result<()> {
        self.begin("t", line.at)?;
        self.html.raw("<b>terminal</b><code>")?;
        self.html.apart_within("", &words::terminal_line(line), "</code><span>")?;
        self.html.apart_within("", &words::terminal(line.tty).unwrap_or_default(), "</span>\n")
    }

    fn terminal_lines(&mut self, lines: &[TerminalLine]) -> io::Result<()> {
        let item = TerminalItem::Many(lines);
        let (at, words, figures) = (Some(item.first()), item.words(), String::new());
        self.begin_fold(&Fold { class: "t", at, label: "terminal", words, figures })?;
        self.html.raw("<ul>\n")?;
        lines.iter().try_for_each(|line| self.terminal_line(line))?;
        self.end_fold()
    }

    fn file(&mut self, file: &FileActivity) -> io::Result<()> {
        self.begin("f", file.first)?;
        self.html.within("<b>file ", words::glyph(file), "</b><code>")?;
        self.file_told(file)
    }

    /// A file within a fold, which says what these are.
    fn folded_file(&mut self, file: &FileActivity) -> io::Result<()> {
        self.begin("", file.first)?;
        self.html.within("<b>", words::glyph(file), "</b><code>")?;
        self.file_told(file)
    }

    fn file_told(&mut self, file: &FileActivity) -> io::Result<()> {
        self.html.apart(&words::path(file))?;
        let kind = Kind::of(file);
        if let Some(why) = file.sensitivity.filter(|&why| kind.stands_out(why)) {
            self.html.within(" <q>", words::why_sensitive(why), "</q>")?;
        }
        self.html.within("</code><span>", words::did(file), "</span>\n")
    }

    fn files(&mut self, fold: &FileFold<'_>) -> io::Result<()> {
        let class = match fold.kind {
            Kind::Routine => "f usual r",
            kind if kind.change() => "f",
            _ => "f usual",
        };
        let (read, written) = fold.bytes();
        let told = [(read, "read"), (written, "written")];
        let told = told.iter().filter(|(bytes, _)| *bytes > 0);
        let told: Vec<_> = told.map(|(n, word)| format!("{} {word}", words::bytes(*n))).collect();
        let (words, figures) = (fold.words(), told.join(", "));
        self.begin_fold(&Fold { class, at: Some(fold.first()), label: "files", words, figures })?;
        self.html.raw("<ul>\n")?;
        fold.files.iter().try_for_each(|file| self.folded_file(file))?;
        self.end_fold()
    }

    fn connection(&mut self, connection: &Connection) -> io::Result<()> {
        let class = match (connection.role, connection.reach) {
            (Role::Inherited, _) => "n usual r",
            (_, Reach::Outside) => "n out",
            _ => "n",
        };
        self.begin(class, connection.first)?;
        self.html.raw("<b>net</b><code>")?;
        self.html.apart_within("", &words::connection(connection), "</code><span>")?;
        let lasted_ns =
            connection.closed.map(|end| end.ts_ns.saturating_sub(connection.first.ts_ns));
        let lasted = lasted_ns.filter(|_| !connection.before).map(words::duration);
        let traffic = Some(words::traffic(connection)).filter(|traffic| !traffic.is_empty());
        let told: Vec<_> =
            words::fate(connection).into_iter().chain(traffic).chain(lasted).collect();
        self.html.within("", told.join(", "), "</span>\n")
    }

    fn connections(&mut self, fold: &ConnectionFold<'_>) -> io::Result<()> {
        let first = fold.connections.first();
        let (sent, received) = fold.bytes();
        let told = [(sent, "↑"), (received, "↓")].into_iter().filter(|(bytes, _)| *bytes > 0);
        let told = told.map(|(bytes, sign)| format!("{sign} {}", words::bytes(bytes)));
        let told: Vec<_> = first.and_then(|c| words::fate(c)).into_iter().chain(told).collect();
        self.many_connections(&fold.connections, "n", fold.words(), told.join(", "))
    }

    /// Connections that nobody need be told of.
    fn routine(&mut self, connections: &[&Connection]) -> io::Result<()> {
        let number = words::plural(connections.len() as u64, "connection", "connections");
        let words = format!("{number} without traffic");
        self.many_connections(connections, "n usual r", words, String::new())
    }

    fn many_connections(
        &mut self,
        connections: &[&Connection],
        class: &'static str,
        words: String,
        figures: String,
    ) -> io::Result<()> {
        let at = connections.first().map(|connection| connection.first);
        self.begin_fold(&Fold { class, at, label: "net", words, figures })?;
        self.html.raw("<ul>\n")?;
        connections.iter().try_for_each(|connection| self.connection(connection))?;
        self.end_fold()
    }

    /// A gap within what a process did.
    fn gap(&mut self, gap: &Gap) -> io::Result<()> {
        self.html.raw("<li class=\"gap\">")?;
        self.time(gap.from_ns)?;
        self.html.raw("<b>gap</b><code>")?;
        self.html.within("", words::gap(gap), "</code><span></span>\n")
    }

    /// Several children that ran the same program.
    fn children(&mut self, children: &Child, depth: usize) -> io::Result<()> {
        let first = children.ids().first().and_then(|&id| self.timeline.process(id));
        let command = first.and_then(Process::command);
        let line = command.map_or_else(String::new, |command| words::line(command, 200));
        let number = children.ids().len() as u64;
        let text = match children {
            Child::Repeats(_) | Child::One(_) => format!("{line}  ×{}", words::count(number)),
            Child::Alike(_) => format!("{line} and {} like it", words::count(number - 1)),
            Child::Same(_) => format!("{} more did the same: {line}", words::count(number)),
        };
        self.fold_children(children.ids(), text, depth)
    }

    /// Children that have nothing to do with the alerts.
    fn others(&mut self, ids: &[ProcessId], depth: usize) -> io::Result<()> {
        let processes = ids.iter().filter_map(|&id| self.timeline.process(id));
        let names = processes.filter_map(|process| process.command());
        let names = words::tally(names.map(|command| words::clip(&command.comm, 32)));
        let number = words::count(ids.len() as u64);
        let text = format!("{number} others: {}", words::and_more(&names, NAMED_OTHERS));
        self.fold_children(ids, text, depth)
    }

    fn fold_children(&mut self, ids: &[ProcessId], words: String, depth: usize) -> io::Result<()> {
        let processes = || ids.iter().filter_map(|&id| self.timeline.process(id));
        let figures = match processes().map(|process| process.alerts.len() as u64).sum() {
            0 => String::new(),
            alerts => words::plural(alerts, "alert", "alerts"),
        };
        let at = processes().filter_map(|process| process.start).min();
        self.begin_fold(&Fold { class: "c", at, label: "", words, figures })?;
        self.html.within("<ul class=\"k d", depth + 1, "\">\n")?;
        ids.iter().try_for_each(|&id| self.process(id, depth + 1))?;
        self.end_fold()
    }

    /// A child that is told with its own session.
    fn elsewhere(&mut self, id: ProcessId) -> io::Result<()> {
        let Some(process) = self.timeline.process(id) else { return Ok(()) };
        self.html.raw("<li class=\"x\">")?;
        self.when(process.start)?;
        self.html.within("<b>→</b><code><a href=\"#", self.anchors.process(id), "\">")?;
        self.html.apart_within("", &words::name(process), "</a></code><span>")?;
        let session = self.timeline.session(process.session);
        let session = session.and_then(|session| words::session(session).into_iter().next());
        self.html.within("", session.unwrap_or_default(), "</span>\n")
    }
}
