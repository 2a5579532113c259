//! Rows of what a process did, and folds of alike ones.

use std::io;

use super::{Page, items::Item};
use crate::{
    model::{
        Command, Connection, FileActivity, Gap, Moment, PrivilegeChange, Process, ProcessId, Reach,
        Role,
    },
    views::{
        fold::{Child, ConnectionFold, FileFold, Kind},
        words::{self, Weight},
    },
};

/// Programs that a fold of other processes names.
const NAMED_OTHERS: usize = 5;

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

    /// Begins a fold of rows: its time, label, and what they are in one line.
    fn begin_fold(
        &mut self,
        class: &'static str,
        at: Moment,
        label: &'static str,
        words: &str,
    ) -> io::Result<()> {
        self.html.within("<li class=\"g ", class, "\"><details><summary class=\"row\">")?;
        self.time(at.ts_ns)?;
        self.html.within("<b>", label, "</b><code>")?;
        self.html.apart_within("", words, "</code><span>")
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
        self.html
            .text(words::working_dir(command).map_or_else(String::new, |d| format!("in {d}")))?;
        self.html.raw("</span>\n")
    }

    fn tries(&mut self, tries: &[&Command]) -> io::Result<()> {
        let Some(first) = tries.first() else { return Ok(()) };
        let text = format!("{} tries in vain: {}", tries.len(), words::line(first, 80));
        self.begin_fold("x", first.at.unwrap_or_default(), "exec", &text)?;
        self.html.raw("</span></summary><ul>\n")?;
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
        let Some(first) = changes.first() else { return Ok(()) };
        let text = format!("{} usual changes", words::count(changes.len() as u64));
        self.begin_fold("v", first.at, "rights", &text)?;
        self.html.raw("</span></summary><ul>\n")?;
        changes.iter().try_for_each(|change| self.privilege(change))?;
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
        if let Some(why) = file.sensitivity {
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
        self.begin_fold(class, fold.first(), "files", &fold.words())?;
        let (read, written) = fold.bytes();
        let told = [(read, "read"), (written, "written")];
        let told = told.iter().filter(|(bytes, _)| *bytes > 0);
        let told: Vec<_> = told.map(|(n, word)| format!("{} {word}", words::bytes(*n))).collect();
        self.html.within("", told.join(", "), "</span></summary><ul>\n")?;
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
        let Some(first) = fold.connections.first() else { return Ok(()) };
        self.begin_fold("n", first.first, "net", &fold.words())?;
        let (sent, received) = fold.bytes();
        let told = [(sent, "↑"), (received, "↓")].into_iter().filter(|(bytes, _)| *bytes > 0);
        let told = told.map(|(bytes, sign)| format!("{sign} {}", words::bytes(bytes)));
        let told: Vec<_> = words::fate(first).into_iter().chain(told).collect();
        self.html.within("", told.join(", "), "</span></summary><ul>\n")?;
        fold.connections.iter().try_for_each(|connection| self.connection(connection))?;
        self.end_fold()
    }

    /// Connections that nobody need be told of.
    fn routine(&mut self, connections: &[&Connection]) -> io::Result<()> {
        let Some(first) = connections.first() else { return Ok(()) };
        let number = words::plural(connections.len() as u64, "connection", "connections");
        let text = format!("{number} without traffic");
        self.begin_fold("n usual r", first.first, "net", &text)?;
        self.html.raw("</span></summary><ul>\n")?;
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
        self.fold_children(children.ids(), &text, depth)
    }

    /// Children that have nothing to do with the alerts.
    fn others(&mut self, ids: &[ProcessId], depth: usize) -> io::Result<()> {
        let processes = ids.iter().filter_map(|&id| self.timeline.process(id));
        let names = processes.filter_map(|process| process.command());
        let names = words::tally(names.map(|command| words::clip(&command.comm, 32)));
        let number = words::count(ids.len() as u64);
        let text = format!("{number} others: {}", words::and_more(&names, NAMED_OTHERS));
        self.fold_children(ids, &text, depth)
    }

    fn fold_children(&mut self, ids: &[ProcessId], text: &str, depth: usize) -> io::Result<()> {
        let starts = ids.iter().filter_map(|&id| self.timeline.process(id)?.start);
        match starts.min() {
            Some(start) => self.begin_fold("c", start, "", text)?,
            None => {
                self.html.raw("<li class=\"g c\"><details><summary class=\"row\"><i>before</i>")?;
                self.html.apart_within("<b></b><code>", text, "</code><span>")?;
            }
        }
        let processes = ids.iter().filter_map(|&id| self.timeline.process(id));
        let alerts: u64 = processes.map(|process| process.alerts.len() as u64).sum();
        if alerts > 0 {
            self.html.text(words::plural(alerts, "alert", "alerts"))?;
        }
        self.html.within("</span></summary><ul class=\"k d", depth + 1, "\">\n")?;
        ids.iter().try_for_each(|&id| self.process(id, depth + 1))?;
        self.end_fold()
    }

    /// A child that is told with its own session.
    fn elsewhere(&mut self, id: ProcessId) -> io::Result<()> {
        let Some(process) = self.timeline.process(id) else { return Ok(()) };
        self.begin_elsewhere(process)?;
        self.html.within("<b>→</b><code><a href=\"#", self.anchors.process(id), "\">")?;
        self.html.apart_within("", &words::name(process), "</a></code><span>")?;
        let session = self.timeline.session(process.session);
        let session = session.and_then(|session| words::session(session).into_iter().next());
        self.html.text(session.unwrap_or_default())?;
        self.html.raw("</span>\n")
    }

    fn begin_elsewhere(&mut self, process: &Process) -> io::Result<()> {
        self.html.raw("<li class=\"x\">")?;
        match process.start {
            Some(start) => self.time(start.ts_ns),
            None => self.html.raw("<i>before</i>"),
        }
    }
}
