//! Rows of what a process did, and folds of alike ones.

use std::io;

use super::{Page, items::Item};
use crate::{
    model::{
        Command, Connection, FileActivity, Gap, Moment, PrivilegeChange, Process, ProcessId, Reach,
    },
    views::{
        fold::{Child, FileFold},
        words::{self, Weight},
    },
};

/// Addresses that a fold of connections names.
const NAMED_ENDS: usize = 3;

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
            Item::Connections(connections) => self.connections(&connections),
            Item::Alert(id, alert) => self.alert(id, alert),
            Item::Gap(gap) => self.gap(gap),
            Item::Child(id) => self.process(id, depth),
            Item::Children(children) => self.children(&children, depth),
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
        let class = if fold.kind.change() { "f" } else { "f usual" };
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
        self.begin(
            if connection.reach == Reach::Outside { "n out" } else { "n" },
            connection.first,
        )?;
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

    fn connections(&mut self, connections: &[&Connection]) -> io::Result<()> {
        let Some(first) = connections.first() else { return Ok(()) };
        let mut ends: Vec<_> = connections.iter().filter_map(|c| Some(c.remote?.ip)).collect();
        ends.sort_unstable();
        ends.dedup();
        let ends: Vec<_> = ends.iter().map(ToString::to_string).collect();
        let number = words::plural(connections.len() as u64, "connection", "connections");
        let with = words::and_more(&ends, NAMED_ENDS);
        let text = format!("{number} {} {with}", words::direction(first));
        self.begin_fold("n", first.first, "net", &text)?;
        self.html.text(words::fate(first).unwrap_or_default())?;
        self.html.raw("</span></summary><ul>\n")?;
        connections.iter().try_for_each(|connection| self.connection(connection))?;
        self.end_fold()
    }

    /// A gap within what a process did.
    fn gap(&mut self, gap: &Gap) -> io::Result<()> {
        self.html.raw("<li class=\"gap\">")?;
        self.time(gap.from_ns)?;
        self.html.raw("<b>gap</b><code>")?;
        self.html.within("", super::heading::gap_reason(&gap.kind), "</code><span>")?;
        if gap.to_ns > gap.from_ns {
            self.html.within("for ", words::duration(gap.to_ns - gap.from_ns), "")?;
        }
        self.html.raw("</span>\n")
    }

    /// Several children that ran the same program.
    fn children(&mut self, children: &Child, depth: usize) -> io::Result<()> {
        let timeline = self.timeline;
        let ids = children.ids();
        let Some(first) = ids.first().and_then(|&id| timeline.process(id)) else { return Ok(()) };
        let command = first.command();
        let line = command.map_or_else(String::new, |command| words::line(command, 200));
        let text = match children {
            Child::Repeats(_) | Child::One(_) => {
                format!("{line}  × {}", words::count(ids.len() as u64))
            }
            Child::Alike(_) => format!("{line} and {} like it", words::count(ids.len() as u64 - 1)),
        };
        self.begin_fold("c", first.start.unwrap_or_default(), "", &text)?;
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
        self.html.text(session.map_or_else(String::new, super::session::name))?;
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
