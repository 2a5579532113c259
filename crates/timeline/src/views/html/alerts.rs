//! Alerts in their places.

use std::io;

use event::alert::Priority;

use super::{Page, anchors::Anchors};
use crate::{
    model::{Alert, AlertId},
    views::words,
};

/// Bytes of what a rule says that are shown.
const MAX_OUTPUT_BYTES: usize = 2000;

/// The class that colours a priority.
pub(super) fn tone(priority: Priority) -> &'static str {
    match priority {
        Priority::Emergency | Priority::Alert | Priority::Critical | Priority::Error => "critical",
        Priority::Warning => "warning",
        Priority::Notice | Priority::Informational | Priority::Debug => "notice",
    }
}

impl Page<'_> {
    /// An alert in its place.
    pub(super) fn alert(&mut self, id: AlertId, alert: &Alert) -> io::Result<()> {
        self.html.within("<li class=\"a ", tone(alert.priority), "")?;
        self.html.raw(if self.is_again(id, alert) { " again\" id=\"" } else { "\" id=\"" })?;
        self.html.within("", Anchors::alert(id), "\">")?;
        self.time(alert.at.ts_ns)?;
        self.html.within("<b>▲ ", alert.priority.name(), "</b><div>")?;
        let (says, rule) = words::alert(alert);
        self.html.apart_within("<strong>", &says, "</strong>")?;
        if let Some(rule) = rule {
            self.html.apart_within(" <small>rule ", &rule, "</small>")?;
        }
        self.repeats(alert)?;
        self.output(alert)?;
        self.html.raw("</div>\n")
    }

    /// Whether a rule that is not among the worst has said so before.
    fn is_again(&self, id: AlertId, alert: &Alert) -> bool {
        let first = self.timeline.alerts.iter().position(|other| other.rule == alert.rule);
        tone(alert.priority) != "critical" && first.is_some_and(|first| first < id.index())
    }

    /// How often, if more than once.
    pub(super) fn repeats(&mut self, alert: &Alert) -> io::Result<()> {
        if alert.count < 2 {
            return Ok(());
        }
        self.html.within(" <small>", words::count(alert.count), " times, last at ")?;
        self.time(alert.last_ns)?;
        self.html.raw("</small>")
    }

    /// All that the rule says, folded.
    pub(super) fn output(&mut self, alert: &Alert) -> io::Result<()> {
        let output = words::plain(&alert.output, MAX_OUTPUT_BYTES);
        if output.is_empty() {
            return Ok(());
        }
        self.html.raw(" <details class=\"output\"><summary>output</summary>")?;
        self.html.apart_within("<p>", &output, "</p></details>")
    }
}
