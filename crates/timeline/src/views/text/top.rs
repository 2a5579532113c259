//! What stands above the sessions, and what names them.

use std::collections::BTreeMap;

use event::alert::Priority;

use super::{
    details::priority_style,
    paint::{Line, Style, glued, plain, span},
    rows::Row,
    story::Story,
};
use crate::{
    model::{Alert, Session, Timeline, Topic},
    views::{
        heading::{Heading, figures},
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

/// Alerts of one rule.
struct OfRule<'t> {
    alerts: Vec<&'t Alert>,
}

impl Story<'_> {
    /// One row for each rule, by the first alert of each.
    pub(super) fn alerts(&self) -> Vec<Row> {
        let mut rules: BTreeMap<(Priority, &str), OfRule<'_>> = BTreeMap::new();
        for alert in &self.timeline.alerts {
            let key = (alert.priority, alert.rule.as_str());
            rules.entry(key).or_insert_with(|| OfRule { alerts: Vec::new() }).alerts.push(alert);
        }
        let mut rules: Vec<OfRule<'_>> = rules.into_values().collect();
        rules.sort_by_key(|of| of.alerts.first().map(|alert| alert.at));
        let mut rows: Vec<Row> =
            rules.iter().take(MAX_RULES).filter_map(|of| self.listed(of)).collect();
        let more = rules.len().saturating_sub(MAX_RULES) as u64;
        if more > 0 {
            let text = format!("and {} below", words::plural(more, "more rule", "more rules"));
            rows.push(Row::of(vec![span(Style::Faint, text)]));
        }
        rows
    }

    fn listed(&self, of: &OfRule<'_>) -> Option<Row> {
        let first = of.alerts.first()?;
        let style = priority_style(first.priority);
        let (says, _) = words::alert(first);
        let times = of.alerts.iter().map(|alert| alert.count).fold(0, u64::saturating_add);
        let last_ns = of.alerts.iter().map(|alert| alert.last_ns).max()?;
        let mut body = vec![
            span(style, format!("{:<9} ", first.priority.name().to_uppercase())),
            span(Style::Strong, says),
        ];
        if times > 1 {
            let last = words::relative(self.timeline.relative_ns(last_ns));
            let text = format!("×{}, last at {last}", words::count(times));
            body.push(span(Style::Faint, format!("  {}", glued(&text))));
        }
        let process = |alert: &&Alert| self.timeline.process(alert.process?).map(words::name);
        let mut by: Vec<String> = of.alerts.iter().filter_map(process).collect();
        by.dedup();
        let by = match by.as_slice() {
            [] => String::new(),
            [one] => one.clone(),
            [one, more @ ..] => format!("{one} and {} more", words::count(more.len() as u64)),
        };
        Some(Row {
            mark: Some(('▲', style)),
            time_ns: Some(self.timeline.relative_ns(first.at.ts_ns)),
            body,
            right: (vec![span(Style::Faint, by)], String::new()),
            ..Row::default()
        })
    }
}
