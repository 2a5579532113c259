//! Alerts in their places.

use std::sync::Arc;

use event::alert;

use super::{
    draft::Map,
    limits::{Budget, Row},
};
use crate::model::{Alert, AlertId, Moment, ProcessId};

/// Alerts by time; one that repeats is one.
#[derive(Debug, Default)]
pub(super) struct Alerts {
    pub(super) list: Vec<Alert>,
    by_rule: Map<(Arc<str>, Option<ProcessId>), AlertId>,
}

impl Alerts {
    /// Adds an alert that the event at this place caused. Its id, if it is the first of its kind.
    pub(super) fn add(
        &mut self,
        alert: &alert::Alert,
        (at, process): (Moment, Option<ProcessId>),
        (count, last_ns): (u64, u64),
        budget: &mut Budget,
    ) -> Option<AlertId> {
        let count = count.max(1);
        let key = (alert.rule.clone(), process);
        if let Some(known) = self.by_rule.get(&key).and_then(|id| self.list.get_mut(id.index())) {
            known.count = known.count.saturating_add(count);
            known.last_ns = known.last_ns.max(last_ns).max(alert.ts_ns);
            return None;
        }
        let id = AlertId(u32::try_from(self.list.len()).ok()?);
        if !budget.admit(Row::Alert, alert.output.len()) {
            return None;
        }
        self.by_rule.insert(key, id);
        self.list.push(Alert {
            at: Moment { ts_ns: alert.ts_ns, ..at },
            rule: alert.rule.to_string(),
            priority: alert.priority,
            output: output(alert),
            tags: alert.tags.iter().map(|tag| tag.to_string()).collect(),
            process,
            count,
            last_ns: last_ns.max(alert.ts_ns),
        });
        Some(id)
    }
}

/// What the rule says: the alert's output without the time and the priority before it, on one line.
fn output(alert: &alert::Alert) -> String {
    let text = alert.output.as_str();
    let said = text.split_once(": ").filter(|(time, _)| is_time(time)).map_or(text, |(_, rest)| {
        rest.strip_prefix(alert.priority.name()).map_or(rest, str::trim_start)
    });
    said.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

fn is_time(text: &str) -> bool {
    !text.is_empty()
        && text
            .chars()
            .all(|c| c.is_ascii_digit() || matches!(c, ':' | '.' | '-' | 'T' | 'Z' | '+'))
}
