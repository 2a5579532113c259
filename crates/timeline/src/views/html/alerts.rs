//! Alerts: as a list at the top, and each in its place.

use std::io;

use event::alert::Priority;

use super::{Page, anchors::Anchors};
use crate::{
    model::{Alert, AlertId},
    views::words,
};

/// Alerts that are listed at the top without asking.
const LISTED: usize = 12;
/// Alerts that are listed at the top at all; every one stands in its place.
const MAX_LISTED: usize = 500;
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
    /// The list of alerts.
    pub(super) fn alerts(&mut self) -> io::Result<()> {
        let alerts = &self.timeline.alerts;
        let (first, more) = alerts.split_at(alerts.len().min(LISTED));
        if first.is_empty() {
            return Ok(());
        }
        self.html.raw("<section aria-labelledby=\"alerts\"><h2 id=\"alerts\">Alerts</h2>\n")?;
        self.table(first, 0)?;
        if !more.is_empty() {
            let number = words::plural(more.len() as u64, "more alert", "more alerts");
            self.html.within(
                "<details class=\"more\"><summary class=\"turn\">",
                number,
                "</summary>",
            )?;
            let listed = more.get(..MAX_LISTED).unwrap_or(more);
            self.table(listed, LISTED)?;
            if listed.len() < more.len() {
                self.html.raw("<p class=\"refs\">The others stand only in their places.</p>")?;
            }
            self.html.raw("</details>\n")?;
        }
        self.html.raw("</section>\n")
    }

    fn table(&mut self, alerts: &[Alert], from: usize) -> io::Result<()> {
        self.html.raw("<table><thead><tr><th scope=\"col\">Time<th scope=\"col\">Priority")?;
        self.html.raw("<th scope=\"col\">Rule<th scope=\"col\">Process</thead>\n<tbody>")?;
        for (index, alert) in (from..).zip(alerts) {
            self.listed(AlertId(u32::try_from(index).unwrap_or(u32::MAX)), alert)?;
        }
        self.html.raw("</table>\n")
    }

    fn listed(&mut self, id: AlertId, alert: &Alert) -> io::Result<()> {
        let home = self.anchors.home(id);
        let process = home.or(alert.process).and_then(|id| Some((id, self.timeline.process(id)?)));
        let placed = home.is_some();
        self.html.raw("<tr")?;
        if !placed {
            self.html.within(" id=\"", Anchors::alert(id), "\"")?;
        }
        self.html.raw("><td>")?;
        self.time(alert.at.ts_ns)?;
        self.html.within("<td><span class=\"priority ", tone(alert.priority), "\">")?;
        self.html.within("", alert.priority.name(), "</span><td>")?;
        let (says, _) = words::alert(alert);
        if placed {
            self.html.within("<a class=\"says\" href=\"#", Anchors::alert(id), "\">")?;
            self.html.apart_within("", &says, "</a>")?;
        } else {
            self.html.apart_within("<b class=\"says\">", &says, "</b>")?;
        }
        self.repeats(alert)?;
        if !placed {
            self.output(alert)?;
        }
        self.html.raw("<td>")?;
        if let Some((id, process)) = process {
            self.html.within("<a href=\"#", self.anchors.process(id), "\">")?;
            self.html.apart_within("", &words::name(process), "</a>")?;
        }
        self.html.raw("\n")
    }

    /// An alert in its place.
    pub(super) fn alert(&mut self, id: AlertId, alert: &Alert) -> io::Result<()> {
        self.html.within("<li class=\"a ", tone(alert.priority), "\" id=\"")?;
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

    fn repeats(&mut self, alert: &Alert) -> io::Result<()> {
        if alert.count < 2 {
            return Ok(());
        }
        self.html.within(" <small>", words::count(alert.count), " times, last at ")?;
        self.time(alert.last_ns)?;
        self.html.raw("</small>")
    }

    /// All that the rule says, folded.
    fn output(&mut self, alert: &Alert) -> io::Result<()> {
        let output = words::plain(&alert.output, MAX_OUTPUT_BYTES);
        if output.is_empty() {
            return Ok(());
        }
        self.html.raw(" <details class=\"output\"><summary>output</summary>")?;
        self.html.apart_within("<p>", &output, "</p></details>")
    }
}
