//! A timeline for a ticket: Markdown as most trackers take it.
//!
//! Summary, alerts, then each session's tree as a block of code, then tables of the addresses and
//! the changed files, which others will want to search for. Nothing that was recorded can become
//! markup, a link or a mention: see `escape`.

mod escape;
mod tables;

#[cfg(test)]
mod tests;

use std::io::{self, Write};

pub use self::escape::cell;

use self::escape::{fenced, prose};
use super::{
    heading::{Heading, figures},
    text, words,
};
use crate::model::{Session, Timeline};

/// Columns of the blocks of code.
const WIDTH: usize = 120;

/// Writes a timeline as Markdown.
pub fn write(
    timeline: &Timeline,
    heading: &Heading,
    scope: text::Scope,
    out: &mut dyn Write,
) -> io::Result<()> {
    top(timeline, heading, out)?;
    tables::alerts(timeline, out)?;
    let options = text::Options { width: WIDTH, scope, ..text::Options::default() };
    let parts = text::sessions(timeline, &options)?;
    for part in &parts {
        title(part.session, out)?;
        out.write_all(fenced(&part.text).as_bytes())?;
    }
    tables::addresses(timeline, out)?;
    tables::files(timeline, out)?;
    background(timeline, &parts, out)
}

fn top(timeline: &Timeline, heading: &Heading, out: &mut dyn Write) -> io::Result<()> {
    let named: Vec<String> = [&heading.id, &heading.title]
        .into_iter()
        .filter(|part| !part.is_empty())
        .map(|part| prose(&words::plain(part, 200)))
        .collect();
    let title = if named.is_empty() { "Timeline".to_owned() } else { named.join(" · ") };
    writeln!(out, "# {title}\n")?;
    let mut facts = vec![words::absolute(timeline.window.zero_ns)];
    if !timeline.host.name.is_empty() {
        facts.push(format!("host {}", words::clip(&timeline.host.name, 64)));
    }
    facts.extend(figures(timeline));
    facts.extend(heading.notes.iter().map(|note| words::plain(note, 200)));
    writeln!(out, "{}", prose(&facts.join(" · ")))?;
    for paragraph in super::heading::paragraphs(timeline) {
        writeln!(out, "\n{}", prose(&paragraph))?;
    }
    let cuts = words::cuts(&timeline.cuts);
    if !cuts.is_empty() {
        writeln!(out, "\nLeft out because there was too much: {}.", words::and(&cuts))?;
    }
    Ok(())
}

/// `## container shop-web-1 · …`.
fn title(session: Option<&Session>, out: &mut dyn Write) -> io::Result<()> {
    let Some(session) = session else { return writeln!(out, "\n## Gaps\n") };
    let mut parts: Vec<String> = words::session(session).iter().map(|part| prose(part)).collect();
    if let Some(source) = &session.source {
        parts.push(prose(&format!("reached from {}", words::source(source))));
    }
    writeln!(out, "\n## {}\n", parts.join(" · "))
}

/// Sessions that have nothing to do with the alerts.
fn background(
    timeline: &Timeline,
    parts: &[text::Part<'_>],
    out: &mut dyn Write,
) -> io::Result<()> {
    const MOST: usize = 20;
    let is_told = |session: &&Session| {
        parts.iter().any(|part| part.session.is_some_and(|told| std::ptr::eq(told, *session)))
    };
    let others: Vec<&Session> = timeline.sessions.iter().filter(|s| !is_told(s)).collect();
    if others.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n## Meanwhile\n")?;
    for session in others.iter().take(MOST) {
        let processes = words::plural(session.processes, "process", "processes");
        writeln!(out, "- {}, {processes}", prose(&words::session(session).join(" · ")))?;
    }
    match others.len().checked_sub(MOST) {
        None | Some(0) => Ok(()),
        Some(more) => {
            writeln!(out, "- and {}", words::plural(more as u64, "more session", "more sessions"))
        }
    }
}
