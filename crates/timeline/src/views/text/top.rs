//! What stands above the sessions, and what names them.

use super::{
    details::{priority_style, priority_word},
    paint::{Line, Style, glued, plain, span},
    rows::Row,
    story::Story,
};
use crate::{
    model::{Alert, Session, Timeline},
    views::{
        heading::{Heading, figures},
        rules::OfRule,
        words,
    },
};

/// Rules whose alerts are listed above the sessions, at most.
const MAX_RULES: usize = 20;

/// What it is, when and where.
pub(super) fn title(timeline: &Timeline, heading: &Heading) -> Line {
    let mut line = Vec::new();
    for part in [&heading.id, &heading.title] {
        if !part.is_empty() {
            line.push(span(Style::Strong, format!("{}  ", words::plain(part, 200))));
        }
    }
    line.push(plain(words::absolute(timeline.window.zero_ns)));
    if !timeline.host.name.is_empty() {
        line.push(plain(format!("  host {}", words::clip(&timeline.host.name, 64))));
    }
    line
}

/// The figures, and what the caller has to say.
pub(super) fn figures_line(timeline: &Timeline, heading: &Heading) -> Line {
    let mut parts = figures(timeline);
    parts.extend(heading.notes.iter().map(|note| words::plain(note, 200)));
    vec![span(Style::Faint, parts.join(" · "))]
}

/// What names a session.
pub(super) fn session(session: &Session) -> Line {
    let mut parts = words::session(session).into_iter();
    let mut line = vec![span(Style::Strong, parts.next().unwrap_or_default())];
    line.extend(parts.map(|part| plain(format!(" · {part}"))));
    if let Some(source) = &session.source {
        line.push(plain(" · reached from "));
        line.push(span(Style::Outside, words::source(source)));
    }
    line
}

/// A session that is only named.
pub(super) fn background(session: &Session) -> Line {
    let processes = words::plural(session.processes, "process", "processes");
    let events = words::plural(session.events, "event", "events");
    let text = format!("{}  {processes}, {events}", words::session(session).join(" · "));
    vec![span(Style::Faint, text)]
}

impl Story<'_, '_> {
    /// One row for each rule, by the first alert of each.
    pub(super) fn alerts(&self) -> Vec<Row> {
        let first = self.rules.iter().take(MAX_RULES);
        let mut rows: Vec<Row> = first.filter_map(|(number, of)| self.listed(number, of)).collect();
        let more = self.rules.len().saturating_sub(MAX_RULES) as u64;
        if more > 0 {
            let text = format!("and {} below", words::plural(more, "more rule", "more rules"));
            rows.push(Row::of(vec![span(Style::Faint, text)]));
        }
        rows
    }

    fn listed(&self, number: usize, of: &OfRule<'_>) -> Option<Row> {
        let first = of.alerts.first()?;
        let style = priority_style(first.priority);
        let (says, _) = words::alert(first);
        let mut body = vec![
            span(Style::Faint, format!("{number:>2}  ")),
            span(style, format!("{:<8}  ", priority_word(first.priority))),
            span(Style::Strong, says),
        ];
        if of.count() > 1 {
            let last = words::relative(self.timeline.relative_ns(of.last_ns()));
            let text = format!("×{}, last at {last}", words::count(of.count()));
            body.push(span(Style::Faint, format!("  {}", glued(&text))));
        }
        Some(Row {
            mark: Some(('▲', style)),
            time_ns: Some(self.timeline.relative_ns(first.at.ts_ns)),
            body,
            right: (vec![span(Style::Faint, self.causes(of))], String::new()),
            ..Row::default()
        })
    }

    /// `sh[1204] and 2 more`.
    fn causes(&self, of: &OfRule<'_>) -> String {
        let process = |alert: &&Alert| self.timeline.process(alert.process?).map(words::name);
        let mut by: Vec<String> = of.alerts.iter().filter_map(process).collect();
        by.dedup();
        match by.as_slice() {
            [] => String::new(),
            [one] => one.clone(),
            [one, more @ ..] => format!("{one} and {} more", words::count(more.len() as u64)),
        }
    }
}
