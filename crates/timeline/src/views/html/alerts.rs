//! Alerts: as a list at the top, and each in its place.

use std::io;

use event::alert::Priority;

use super::{Page, anchors::Anchors};
use crate::{
    model::{Alert, AlertId},
    views::words,
};

/// Alerts that are listed at the top; all stand in their places.
const MAX_LISTED: usize = 200;
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
        let timeline = self.timeline;
        if timeline.alerts.is_empty() {
            return Ok(());
        }
        self.html
            .raw("<section aria-labelledby=\"alerts\"><h2 id=\"alerts\">Alerts</h2>\n<table>")?;
        self.html.raw("<thead><tr><th scope=\"col\">Time<th scope=\"col\">Priority")?;
        self.html.raw("<th scope=\"col\">Rule, and what it says</thead>\n<tbody>")?;
        for (index, alert) in timeline.alerts.iter().enumerate().take(MAX_LISTED) {
            self.listed(AlertId(u32::try_from(index).unwrap_or(u32::MAX)), alert)?;
        }
        self.html.raw("</table>\n")?;
        if let Some(more) = timeline.alerts.len().checked_sub(MAX_LISTED).filter(|&more| more > 0) {
            let more = words::plural(more as u64, "more alert", "more alerts");
            self.html.within("<p class=\"refs\">", more, " stand in their places below</p>")?;
        }
        self.html.raw("</section>\n")
    }

    fn listed(&mut self, id: AlertId, alert: &Alert) -> io::Result<()> {
        let placed = alert.process.filter(|&process| self.timeline.process(process).is_some());
        self.html.raw("<tr")?;
        if placed.is_none() {
            self.html.within(" id=\"", Anchors::alert(id), "\"")?;
        }
        self.html.raw("><td>")?;
        self.time(alert.at.ts_ns)?;
        self.html.within("<td><span class=\"priority ", tone(alert.priority), "\">")?;
        self.html.within("", alert.priority.name(), "</span><td>")?;
        if placed.is_some() {
            self.html.within("<a class=\"rule\" href=\"#", Anchors::alert(id), "\">")?;
            self.html.apart_within("", &words::plain(&alert.rule, 200), "</a>")?;
        } else {
            self.html.apart_within(
                "<b class=\"rule\">",
                &words::plain(&alert.rule, 200),
                "</b>",
            )?;
        }
        self.repeats(alert)?;
        self.output(alert)?;
        if let Some(process) = placed.and_then(|id| Some((id, self.timeline.process(id)?))) {
            self.html.within(
                "<p class=\"refs\">by <a href=\"#",
                self.anchors.process(process.0),
                "\">",
            )?;
            self.html.apart_within("", &words::name(process.1), "</a></p>")?;
        }
        self.html.raw("\n")
    }

    /// An alert in its place.
    pub(super) fn alert(&mut self, id: AlertId, alert: &Alert) -> io::Result<()> {
        self.html.within("<li class=\"a ", tone(alert.priority), "\" id=\"")?;
        self.html.within("", Anchors::alert(id), "\">")?;
        self.time(alert.at.ts_ns)?;
        self.html.within("<b>▲ ", alert.priority.name(), "</b><div>")?;
        self.html.apart_within("<strong>", &words::plain(&alert.rule, 200), "</strong>")?;
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

    fn output(&mut self, alert: &Alert) -> io::Result<()> {
        let output = words::plain(&alert.output, MAX_OUTPUT_BYTES);
        if output.is_empty() {
            return Ok(());
        }
        self.html.apart_within("<p class=\"output\">", &output, "</p>")
    }
}
