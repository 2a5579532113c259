//! Tables of a ticket: alerts, addresses, changed files.

use std::{
    collections::BTreeMap,
    io::{self, Write},
};

use super::escape::cell;
use crate::{
    model::{Connection, FileActivity, Process, Protocol, Reach, Relevance, Role, Timeline},
    views::{
        fold::{self, FileItem, Kind},
        rules::Rules,
        words,
    },
};

/// Rows of a table at most.
const MOST: usize = 50;

/// One row for each rule.
pub(super) fn alerts(timeline: &Timeline, out: &mut dyn Write) -> io::Result<()> {
    let rules = Rules::of(timeline);
    if rules.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n## Alerts\n")?;
    writeln!(out, "| # | s | priority | rule | times | first by | it says |")?;
    writeln!(out, "|---:|---:|---|---|---:|---|---|")?;
    for (number, of) in rules.iter().take(MOST) {
        let Some(first) = of.alerts.first() else { continue };
        let at = words::relative(timeline.relative_ns(first.at.ts_ns));
        let process = first.process.and_then(|id| timeline.process(id)).map(words::name);
        let (priority, times) = (first.priority.name(), words::count(of.count()));
        let by = cell(&process.unwrap_or_default());
        let rule = cell(&words::plain(&first.rule, 200));
        let says = cell(&words::plain(&first.output, 600));
        writeln!(out, "| {number} | {at} | {priority} | {rule} | {times} | {by} | {says} |")?;
    }
    rest(rules.len(), out)
}

fn rest(rows: usize, out: &mut dyn Write) -> io::Result<()> {
    match rows.checked_sub(MOST) {
        None | Some(0) => Ok(()),
        Some(more) => writeln!(out, "\nand {} more", words::count(more as u64)),
    }
}

/// Other ends that processes which have to do with the alerts spoke to, beyond this machine.
pub(super) fn addresses(timeline: &Timeline, out: &mut dyn Write) -> io::Result<()> {
    let mut ends: BTreeMap<(Reach, String), Exchange> = BTreeMap::new();
    for process in related(timeline) {
        for connection in process.network.iter().filter(|connection| is_told(connection)) {
            let Some(end) = end(connection) else { continue };
            ends.entry((connection.reach, end)).or_default().add(connection, process);
        }
    }
    if ends.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n## Addresses\n")?;
    writeln!(out, "| s | address | name | | sent | received | by |")?;
    writeln!(out, "|---:|---|---|---|---:|---:|---|")?;
    let number = ends.len();
    let mut ends: Vec<_> = ends.into_iter().collect();
    // Outside first, and by time.
    ends.sort_by_key(|((reach, _), exchange)| {
        (std::cmp::Reverse(*reach == Reach::Outside), exchange.first_ns)
    });
    for ((_, end), exchange) in ends.into_iter().take(MOST) {
        let at = words::relative(timeline.relative_ns(exchange.first_ns));
        let (sent, received) = (words::bytes(exchange.sent), words::bytes(exchange.received));
        let (name, by) = (cell(&exchange.name), cell(&words::and_more(&exchange.by, 3)));
        let (end, how) = (cell(&end), exchange.how);
        writeln!(out, "| {at} | {end} | {name} | {how} | {sent} | {received} | {by} |")?;
    }
    rest(number, out)
}

/// What was exchanged with one other end.
#[derive(Default)]
struct Exchange {
    first_ns: u64,
    name: String,
    how: &'static str,
    sent: u64,
    received: u64,
    by: Vec<String>,
}

impl Exchange {
    fn add(&mut self, connection: &Connection, process: &Process) {
        if self.by.is_empty() || connection.first.ts_ns < self.first_ns {
            self.first_ns = connection.first.ts_ns;
            self.how = words::direction(connection);
        }
        self.sent = self.sent.saturating_add(connection.bytes_sent);
        self.received = self.received.saturating_add(connection.bytes_received);
        if let Some(name) = &connection.name {
            self.name = words::clip(name, 100);
        }
        let name = words::name(process);
        if !self.by.contains(&name) && self.by.len() < MOST {
            self.by.push(name);
        }
    }
}

fn is_told(connection: &Connection) -> bool {
    let loopback = connection.remote.is_some_and(|end| end.ip.is_loopback());
    connection.protocol != Protocol::Unix && !loopback && !fold::is_routine(connection)
}

/// `203.0.113.9:443 tcp`; of those who called only the address.
fn end(connection: &Connection) -> Option<String> {
    let end = connection.remote?;
    let protocol = connection.protocol.name();
    Some(match connection.role {
        Role::Accepted => format!("{} {protocol}", end.ip),
        _ => format!("{} {protocol}", words::endpoint(&end)),
    })
}

fn related(timeline: &Timeline) -> impl Iterator<Item = &Process> {
    timeline.processes.iter().filter(|process| process.relevance != Relevance::Background)
}

/// Files that processes which have to do with the alerts changed.
pub(super) fn files(timeline: &Timeline, out: &mut dyn Write) -> io::Result<()> {
    let mut items: Vec<(FileItem<'_>, &Process)> = Vec::new();
    for process in related(timeline) {
        let changes = fold::files(process).into_iter().filter(is_change);
        items.extend(changes.map(|item| (item, process)));
    }
    if items.is_empty() {
        return Ok(());
    }
    items.sort_by_key(|(item, _)| item.first());
    writeln!(out, "\n## Files changed\n")?;
    writeln!(out, "| s | file | what | by |")?;
    writeln!(out, "|---:|---|---|---|")?;
    for (item, process) in items.iter().take(MOST) {
        let at = words::relative(timeline.relative_ns(item.first().ts_ns));
        let (file, what) = match item {
            FileItem::One(file) => (words::path(file), what(file)),
            FileItem::Many(fold) => (fold.words(), String::new()),
        };
        let (file, what, by) = (cell(&file), cell(&what), cell(&words::name(process)));
        writeln!(out, "| {at} | {file} | {what} | {by} |")?;
    }
    rest(items.len(), out)
}

fn is_change(item: &FileItem<'_>) -> bool {
    match item {
        FileItem::One(file) => Kind::of(file).change(),
        FileItem::Many(fold) => fold.kind.change(),
    }
}

fn what(file: &FileActivity) -> String {
    match file.sensitivity {
        Some(why) => format!("{} ({})", words::did(file), words::why_sensitive(why)),
        None => words::did(file),
    }
}
