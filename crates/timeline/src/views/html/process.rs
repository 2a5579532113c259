//! A process in the tree: its row, what is notable about it, and what it did.

use std::io;

use super::{
    Page,
    facts::Fact,
    items::{self, Item},
};
use crate::{
    model::{Change, Command, ExeFacts, How, Origin, Process, ProcessId, Relevance, Role, User},
    views::words,
};

/// How deep the tree is drawn; what lies deeper stands on the last level, one after the other.
/// Browsers limit how deep a document may be nested.
pub(super) const MAX_DEPTH: usize = 24;
/// Bytes of arguments in a row.
pub(super) const MAX_ARGUMENT_BYTES: usize = words::MAX_TEXT_BYTES;
/// Connections from its parent that the row of a process tells of.
const MAX_INHERITED: usize = 3;

/// What is so notable about an executable that it stands in the row.
pub(super) const BADGES: [(ExeFacts, &str); 4] = [
    (ExeFacts::NEW, "written in this window"),
    (ExeFacts::MEMFD, "in memory only"),
    (ExeFacts::UPPER_LAYER, "not in the image"),
    (ExeFacts::SETUID, "setuid"),
];

/// The place of the command that stands for a process: the first that it ran by itself, else what
/// it was forked as, or what it ran when the window began.
pub(super) fn leading(process: &Process) -> usize {
    let first = process.commands.first().map(|command| command.origin);
    match first {
        Some(Origin::Forked) => {
            let exec = process.commands.iter().position(|command| command.origin == Origin::Exec);
            exec.unwrap_or(0)
        }
        _ => 0,
    }
}

impl Page<'_> {
    /// A process and, below it, all that it did, at a depth of the tree.
    pub(super) fn process(&mut self, id: ProcessId, depth: usize) -> io::Result<()> {
        match self.idle_ancestors(id, depth) {
            Some(lineage) => self.lineage(&lineage, depth),
            None => self.process_without(id, None, depth),
        }
    }

    /// A process and, below it, all that it did, but one of its children.
    pub(super) fn process_without(
        &mut self,
        id: ProcessId,
        elsewhere: Option<ProcessId>,
        depth: usize,
    ) -> io::Result<()> {
        let mut waiting = vec![id];
        while let Some(id) = waiting.pop() {
            waiting.extend(self.one(id, elsewhere, depth)?.into_iter().rev());
        }
        Ok(())
    }

    /// One process with what is below it; returns the children that lie too deep to be nested.
    fn one(
        &mut self,
        id: ProcessId,
        elsewhere: Option<ProcessId>,
        depth: usize,
    ) -> io::Result<Vec<ProcessId>> {
        let timeline = self.timeline;
        let Some(process) = timeline.process(id) else { return Ok(Vec::new()) };
        // A damaged timeline may name a process twice, or as its own ancestor.
        match self.written.get_mut(id.index()) {
            Some(written) if !*written => *written = true,
            _ => return Ok(Vec::new()),
        }
        let alerts = process.alerts.iter().copied();
        let alerts = alerts.filter(|&alert| self.anchors.home(alert) == Some(id)).collect();
        let mut items = items::items(timeline, process, &alerts, &self.eventful);
        items.retain(|item| !matches!(item, Item::Child(child) if Some(*child) == elsewhere));
        let facts = self.facts(process, depth);
        let open = is_open(process, &items);
        let (nested, deeper) = split(items, depth);
        let folds = !(nested.is_empty() && facts.is_empty());
        self.begin_process(id, process)?;
        self.html.raw(match (folds, open) {
            (false, _) => "<div class=\"row\">",
            (true, true) => "<details open><summary class=\"row\">",
            (true, false) => "<details><summary class=\"row\">",
        })?;
        self.row(id, process)?;
        if !folds {
            self.html.raw("</div>\n")?;
            return Ok(deeper);
        }
        self.html.raw("</summary>")?;
        self.below(&facts, nested, depth)?;
        self.html.raw("</details>\n")?;
        Ok(deeper)
    }

    fn begin_process(&mut self, id: ProcessId, process: &Process) -> io::Result<()> {
        self.html.raw(match process.relevance {
            Relevance::Alerted => "<li class=\"p alerted\" id=\"",
            Relevance::Related => "<li class=\"p\" id=\"",
            Relevance::Background => "<li class=\"p by\" id=\"",
        })?;
        self.html.within("", self.anchors.process(id), "\">")
    }

    /// The row: when, what, as whom, with what result, for how long.
    fn row(&mut self, id: ProcessId, process: &Process) -> io::Result<()> {
        self.when(process.start)?;
        self.html.raw("<code>")?;
        if items::pipeline(self.timeline, id).is_some_and(|(_, at)| at > 0) {
            self.html.raw("<em>| </em>")?;
        }
        if let Some(command) = process.commands.get(leading(process)) {
            let copied = process.is_fork();
            match copied {
                true => self.html.apart(&words::copy(process))?,
                false => self.command(command)?,
            }
            self.pid(process)?;
            self.badges(if copied { ExeFacts::empty() } else { command.facts })?;
        }
        self.inherited(process)?;
        self.html.raw("</code>")?;
        self.user(process)?;
        self.html.raw(match process.end.map(|end| end.how) {
            None => "<span class=\"runs\">",
            Some(How::Exited { code: 0 } | How::Unknown) => "<span>",
            Some(How::Exited { .. } | How::Killed { .. }) => "<span class=\"fails\">",
        })?;
        self.html.within("", words::exit(process), "</span><span>")?;
        let took = words::duration_ns(process).map_or_else(String::new, words::duration);
        self.html.within("", took, "</span>")
    }

    /// Its id, and what it is in its container, if that is another.
    fn pid(&mut self, process: &Process) -> io::Result<()> {
        self.html.within(" <small>", process.pid, "")?;
        if let Some(vpid) = process.vpid {
            self.html.within(" · ", vpid, " inside")?;
        }
        self.html.raw(if process.is_fork() {
            " · a copy of its parent</small>"
        } else {
            "</small>"
        })
    }

    /// What is below the row: further facts, and what the process did.
    fn below(&mut self, facts: &[Fact], items: Vec<Item<'_>>, depth: usize) -> io::Result<()> {
        if !facts.is_empty() {
            self.html.raw("<dl>")?;
            facts.iter().try_for_each(|fact| self.fact(fact))?;
            self.html.raw("</dl>")?;
        }
        if !items.is_empty() {
            self.html.within("<ul class=\"k d", depth + 1, "\">\n")?;
            items.into_iter().try_for_each(|item| self.item(item, depth + 1))?;
            self.html.raw("</ul>")?;
        }
        Ok(())
    }

    /// A command as it would be typed, its program apart.
    pub(super) fn command(&mut self, command: &Command) -> io::Result<()> {
        let text = words::with_redirects(command, MAX_ARGUMENT_BYTES);
        let quoted = text.starts_with(['\'', '"', '$', '[']);
        match text.split_once(' ').filter(|_| !quoted) {
            Some((program, arguments)) => {
                self.html.apart_within("<strong>", program, "</strong> ")?;
                self.html.apart(arguments)
            }
            None => self.html.apart_within("<strong>", &text, "</strong>"),
        }
    }

    pub(super) fn badges(&mut self, facts: ExeFacts) -> io::Result<()> {
        for (_, word) in BADGES.iter().filter(|(fact, _)| facts.contains(*fact)) {
            self.html.within(" <q>", word, "</q>")?;
        }
        Ok(())
    }

    /// What it sent and received by connections that it has from its parent.
    fn inherited(&mut self, process: &Process) -> io::Result<()> {
        let inherited = process.network.iter().filter(|c| c.role == Role::Inherited);
        let spoke = inherited.filter(|c| c.bytes_sent > 0 || c.bytes_received > 0);
        let apart = spoke.filter_map(|c| Some((c, c.remote.filter(|end| !end.ip.is_loopback())?)));
        for (connection, end) in apart.take(MAX_INHERITED) {
            self.html.within(" <q class=\"n\">↔ ", words::endpoint(&end), " ")?;
            self.html.within("", words::traffic(connection), "</q>")?;
        }
        Ok(())
    }

    /// As whom it ran, and whom it became.
    fn user(&mut self, process: &Process) -> io::Result<()> {
        let (from, to) = users(process);
        let Some(from) = from else { return self.html.raw("<span></span>") };
        match to.filter(|to| to.uid != from.uid) {
            None => self.html.apart_within("<span>", &words::user(from), "</span>"),
            Some(to) => {
                let gained = if to.uid == 0 { "<span class=\"gain\">" } else { "<span>" };
                self.html.apart_within(gained, &words::user(from), " → ")?;
                self.html.apart_within("", &words::user(to), "</span>")
            }
        }
    }
}

/// Items that are nested below a process, and children that lie too deep for that.
fn split(items: Vec<Item<'_>>, depth: usize) -> (Vec<Item<'_>>, Vec<ProcessId>) {
    if depth < MAX_DEPTH {
        return (items, Vec::new());
    }
    let mut deeper = Vec::new();
    let mut nested = Vec::new();
    for item in items {
        match item {
            Item::Child(child) => deeper.push(child),
            Item::Children(children) => deeper.extend(children.ids()),
            Item::Others(ids) => deeper.extend(ids),
            item => nested.push(item),
        }
    }
    (nested, deeper)
}

/// Whether a process is unfolded at first: if it has to do with the alerts and there is something
/// to tell, or if there are others below it.
fn is_open(process: &Process, items: &[Item<'_>]) -> bool {
    match process.relevance {
        Relevance::Background => items.iter().any(|item| matches!(item, Item::Child(_))),
        Relevance::Alerted | Relevance::Related => items.iter().any(Item::tells),
    }
}

/// As whom a process began, and whom it became last.
fn users(process: &Process) -> (Option<&User>, Option<&User>) {
    let first = process.commands.get(leading(process)).map(|command| &command.user);
    let mut changes = process.privileges.iter().filter(|change| change.error.is_none());
    let became = changes.clone().rev().find_map(|change| match &change.change {
        Change::User { to, .. } => Some(to),
        _ => None,
    });
    let was = changes.find_map(|change| match &change.change {
        Change::User { from, .. } => Some(from),
        _ => None,
    });
    (was.or(first), became)
}
