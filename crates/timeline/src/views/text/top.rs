//! What stands above the sessions, and what names them.

use super::{
    details::priority_style,
    paint::{Line, Style, plain, span},
    rows::Row,
    story::Story,
};
use crate::{
    model::{Process, Session, Timeline, Topic},
    views::{
        heading::{Heading, figures},
        words,
    },
};

/// Alerts that are listed above the sessions at most.
const MAX_ALERTS: usize = 20;

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

/// The summary in paragraphs: what happened, what was left behind, what is missing.
pub(super) fn paragraphs(timeline: &Timeline) -> Vec<Line> {
    let mut paragraphs: Vec<(u8, Vec<String>)> = Vec::new();
    for sentence in &timeline.summary {
        let part = match sentence.topic {
            Topic::Left => 1,
            Topic::Missing => 2,
            _ => 0,
        };
        let text = words::plain(&sentence.text, 4000);
        match paragraphs.last_mut().filter(|(last, _)| *last == part) {
            Some((_, sentences)) => sentences.push(text),
            None => paragraphs.push((part, vec![text])),
        }
    }
    paragraphs.into_iter().map(|(_, sentences)| vec![plain(sentences.join(" "))]).collect()
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

impl Story<'_> {
    /// One row for each alert.
    pub(super) fn alerts(&self) -> Vec<Row> {
        let mut rows: Vec<Row> =
            self.timeline.alerts.iter().take(MAX_ALERTS).map(|alert| self.listed(alert)).collect();
        let more = self.timeline.alerts.len().saturating_sub(MAX_ALERTS) as u64;
        if more > 0 {
            let text = format!("and {} below", words::plural(more, "more alert", "more alerts"));
            rows.push(Row::of(vec![span(Style::Faint, text)]));
        }
        rows
    }

    fn listed(&self, alert: &crate::model::Alert) -> Row {
        let style = priority_style(alert.priority);
        let (says, _) = words::alert(alert);
        let mut body = vec![
            span(style, format!("{:<9} ", alert.priority.name().to_uppercase())),
            span(Style::Strong, says),
        ];
        body.extend(self.repeats(alert));
        let process = alert.process.and_then(|id| self.timeline.process(id));
        let by: &dyn Fn(&Process) -> _ = &|process| span(Style::Faint, words::name(process));
        Row {
            mark: Some(('▲', style)),
            time_ns: Some(self.timeline.relative_ns(alert.at.ts_ns)),
            body,
            right: (process.map(by).into_iter().collect(), String::new()),
            ..Row::default()
        }
    }
}
