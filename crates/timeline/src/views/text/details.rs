//! The rows below a process: alerts, programs, rights, connections, files.

use super::{
    entries::{Entry, Item},
    paint::{Line, Style, glued, plain, span},
    rows::{Row, Stem, TIMES_FROM},
    story::Story,
};
use crate::{
    model::{Alert, Command, Connection, FileActivity, Origin, Outcome, Process, ProcessId, Reach},
    views::{
        fold::{
            ConnectionFold, ConnectionItem, FileFold, FileItem, Kind, PrivilegeItem, TerminalItem,
        },
        words::{self, Weight},
    },
};
use event::alert::Priority;

impl Story<'_, '_> {
    /// Adds the row of what a process did, with its name if `by` is given.
    pub(super) fn detail(&mut self, entry: &Entry<'_>, lead: String, by: Option<&Process>) {
        let hang = if self.options.width < TIMES_FROM { "  " } else { "      " };
        let stem = Stem { rest: format!("{lead}{hang}"), first: lead };
        let mut row = match &entry.item {
            Item::Alert(alert) => self.alert(alert),
            Item::Exec(command) => exec(command),
            Item::Privilege(item) => privilege(item, &self.hint(entry.by)),
            Item::Connection(ConnectionItem::One(one)) => {
                connection(one, self.timeline.process(entry.by))
            }
            Item::Connection(ConnectionItem::Many(fold)) => connections(fold, &self.hint(entry.by)),
            Item::File(FileItem::One(one)) => file(one),
            Item::File(FileItem::Many(fold)) => files(fold, &self.hint(entry.by)),
            Item::Terminal(item) => terminal(item, &self.hint(entry.by)),
            Item::Others(ids) => return self.others(ids, stem),
            Item::Child(_) => return,
        };
        if !self.timeline.process(entry.by).is_some_and(|process| self.is_expanded(process)) {
            row.body.iter_mut().for_each(|span| span.text = words::short(&span.text));
        }
        row.body.extend(by.map(|by| span(Style::Faint, format!("  · {}", words::name(by)))));
        let time_ns = Some(self.timeline.relative_ns(entry.at.ts_ns));
        self.push(Some(entry.at.ts_ns), Row { time_ns, stem, ..row });
    }

    /// How to see all of what was folded.
    fn hint(&self, by: ProcessId) -> String {
        let pid = self.timeline.process(by).map(|process| process.pid);
        pid.map_or_else(String::new, hint_of)
    }

    fn alert(&self, alert: &Alert) -> Row {
        let style = priority_style(alert.priority);
        let (says, rule) = words::alert(alert);
        let mut body = vec![
            span(style, format!("{}  ", priority_word(alert.priority))),
            span(Style::Strong, says),
        ];
        body.extend(self.repeats(alert));
        let rule = rule.map(|rule| span(Style::Faint, format!("rule {rule}")));
        Row {
            mark: Some(('▲', style)),
            body,
            right: (rule.into_iter().collect(), String::new()),
            ..Row::default()
        }
    }

    /// `×12, last at 3.120`.
    pub(super) fn repeats(&self, alert: &Alert) -> Option<super::paint::Span> {
        let last = words::relative(self.timeline.relative_ns(alert.last_ns));
        let text = || format!("  ×{}, last at {last}", words::count(alert.count));
        (alert.count > 1).then(|| span(Style::Faint, text()))
    }

    /// Adds a row that counts processes which have nothing to do with the alerts.
    pub(super) fn others(&mut self, ids: &[ProcessId], stem: Stem) {
        let processes = ids.iter().filter_map(|&id| self.timeline.process(id));
        let names = processes.filter_map(Process::command).map(|c| words::clip(&c.comm, 32));
        let named = words::and_more(&words::tally(names), 6);
        let number = words::plural(ids.len() as u64, "other process", "other processes");
        let text = format!("⋯ {number} beside the alerts ({named}) · show: --all");
        self.push(None, Row { stem, ..Row::of(vec![span(Style::Faint, text)]) });
    }
}

/// How to see all of what was folded at a process.
pub(super) fn hint_of(pid: i64) -> String {
    format!("  {}", glued(&format!("· all: --expand {pid}")))
}

/// A priority in the list and in the tree.
pub(super) fn priority_word(priority: Priority) -> String {
    match priority {
        Priority::Informational => "INFO".to_owned(),
        other => other.name().to_uppercase(),
    }
}

/// How an alert of this priority looks.
pub(super) fn priority_style(priority: Priority) -> Style {
    match priority {
        Priority::Emergency | Priority::Alert | Priority::Critical | Priority::Error => {
            Style::Critical
        }
        Priority::Warning => Style::Warning,
        Priority::Notice | Priority::Informational | Priority::Debug => Style::Strong,
    }
}

fn labelled(label: &str, body: Line) -> Row {
    let mut line = vec![span(Style::Faint, format!("{label:<6}"))];
    line.extend(body);
    Row::of(line)
}

fn exec(command: &Command) -> Row {
    let style = match command.origin {
        Origin::Failed { .. } => Style::Failure,
        _ => Style::Plain,
    };
    labelled("exec", vec![span(style, words::with_redirects(command, words::MAX_COMMAND_BYTES))])
}

fn privilege(item: &PrivilegeItem<'_>, hint: &str) -> Row {
    let (change, hint) = match item {
        PrivilegeItem::One(change, _) => (Some(*change), ""),
        PrivilegeItem::Many(changes) => (changes.first().copied(), hint),
    };
    let style = match change.map(|change| (change.error, words::weight(change))) {
        Some((Some(_), _)) => Style::Failure,
        Some((None, Weight::Gain)) => Style::Gain,
        _ => Style::Plain,
    };
    let fold = if hint.is_empty() { "" } else { "⋯ " };
    let body = vec![span(style, format!("{fold}{}", item.words())), span(Style::Faint, hint)];
    labelled("priv", body)
}

/// What a process that has ended had open is not open any more.
fn connection(connection: &Connection, by: Option<&Process>) -> Row {
    let style = match (connection.outcome, connection.reach) {
        (Outcome::Failed { .. }, _) => Style::Failure,
        (_, Reach::Outside) => Style::Outside,
        _ => Style::Plain,
    };
    let mut body = vec![span(style, words::connection(connection))];
    if connection.before {
        body.push(span(Style::Faint, "  · open before the window"));
    }
    let is_open = connection.outcome == Outcome::Established && connection.closed.is_none();
    let ended = by.is_some_and(|process| process.end.is_some());
    let fate = words::fate(connection).filter(|_| !(ended && is_open));
    let mut right: Vec<String> = fate.into_iter().collect();
    let traffic = words::traffic(connection);
    right.extend((!traffic.is_empty()).then_some(traffic));
    Row { right: (vec![plain(right.join("  "))], String::new()), ..labelled("net", body) }
}

fn connections(fold: &ConnectionFold<'_>, hint: &str) -> Row {
    let failed = fold.connections.first().and_then(|c| match c.outcome {
        Outcome::Failed { errno } => Some(words::error(errno)),
        Outcome::Established | Outcome::Pending => None,
    });
    let outside = fold.connections.iter().any(|c| c.reach == Reach::Outside);
    let style = match failed {
        Some(_) => Style::Failure,
        None if outside => Style::Outside,
        None => Style::Plain,
    };
    let right = failed.unwrap_or_else(|| match fold.bytes() {
        (0, 0) => String::new(),
        (sent, received) => format!("↑ {}  ↓ {}", words::bytes(sent), words::bytes(received)),
    });
    let body = vec![span(style, format!("⋯ {}", fold.words())), span(Style::Faint, hint)];
    Row { right: (vec![plain(right)], String::new()), ..labelled("net", body) }
}

fn file(file: &FileActivity) -> Row {
    let kind = Kind::of(file);
    let why = file.sensitivity.filter(|&why| kind.stands_out(why));
    let style = match (file.error, why) {
        (Some(_), _) => Style::Failure,
        (None, Some(_)) => Style::Warning,
        (None, None) => Style::Plain,
    };
    let mut body = vec![span(style, format!("{} {}", words::glyph(file), words::path(file)))];
    if let Some(why) = why {
        body.push(span(Style::Faint, format!("  · {}", words::why_sensitive(why))));
    }
    Row {
        right: (vec![plain(words::did_beside_sign(file))], String::new()),
        ..labelled("file", body)
    }
}

fn files(fold: &FileFold<'_>, hint: &str) -> Row {
    let span_of = fold.span().map(|span| format!(" ({span})")).unwrap_or_default();
    let body =
        vec![plain(format!("⋯ {}", fold.words())), span(Style::Faint, format!("{span_of}{hint}"))];
    let right = match fold.bytes() {
        (0, 0) => String::new(),
        (read, 0) => format!("{} read", words::bytes(read)),
        (0, written) => format!("{} written", words::bytes(written)),
        (read, written) => {
            format!("{} read, {} written", words::bytes(read), words::bytes(written))
        }
    };
    Row { right: (vec![plain(right)], String::new()), ..labelled("file", body) }
}

fn terminal(item: &TerminalItem<'_>, hint: &str) -> Row {
    let body = match item {
        TerminalItem::One(_) => vec![plain(item.words())],
        TerminalItem::Many(_) => {
            vec![plain(format!("⋯ {}", item.words())), span(Style::Faint, hint)]
        }
    };
    labelled("tty", body)
}
