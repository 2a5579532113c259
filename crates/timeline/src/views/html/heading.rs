//! The top of the page: what this is, where and when it happened, whether anything is missing.

use std::io;

use super::Page;
use crate::views::{heading::Heading, words};

impl Page<'_> {
    /// Title and figures.
    pub(super) fn heading(&mut self, heading: &Heading) -> io::Result<()> {
        self.html.raw("<header>\n<p class=\"kicker\">")?;
        if let Some(worst) = self.timeline.alerts.iter().map(|alert| alert.priority).min() {
            self.html.within("<span class=\"priority ", super::alerts::tone(worst), "\">")?;
            self.html.within("", worst.name(), "</span> ")?;
        }
        self.html.apart_within("<code>", &words::plain(&heading.id, 100), "</code></p>\n")?;
        let title = match heading.title.as_str() {
            "" => "What happened".to_owned(),
            title => words::plain(title, 300),
        };
        self.html.apart_within("<h1>", &title, "</h1>\n")?;
        self.html.raw("<dl class=\"about\">")?;
        self.figures()?;
        for note in &heading.notes {
            self.figure("Note", &words::plain(note, 200))?;
        }
        self.html.raw("</dl>\n</header>\n")
    }

    fn figures(&mut self) -> io::Result<()> {
        let window = self.timeline.window;
        if !self.timeline.host.name.is_empty() {
            self.figure("Host", &words::clip(&self.timeline.host.name, 200))?;
        }
        let zero = if self.timeline.alerts.is_empty() { "First event" } else { "First alert" };
        self.html.within("<div><dt>", zero, "<dd><time datetime=\"")?;
        let absolute = words::absolute(window.zero_ns);
        self.html.within("", &absolute, "\">")?;
        let (date, time) = absolute.trim_end_matches('Z').split_once('T').unwrap_or_default();
        self.html.within("", date, " ")?;
        self.html.within("", time, " UTC</time></div>\n")?;
        let before = words::duration(window.zero_ns.saturating_sub(window.first_ns));
        let after = words::duration(window.last_ns.saturating_sub(window.zero_ns));
        self.figure("Seen", &format!("{before} before, {after} after"))?;
        self.figure("Alerts", &self.alert_count())?;
        self.figure("Processes", &words::count(self.timeline.processes.len() as u64))?;
        self.html.within("<div><dt>Events<dd>", words::count(window.events), ", ")?;
        match window.lost {
            0 => self.html.raw("<span class=\"good\">none lost</span></div>"),
            lost => {
                self.html.within("<span class=\"bad\">", words::count(lost), " lost</span></div>")
            }
        }
    }

    pub(super) fn figure(&mut self, name: &'static str, value: &str) -> io::Result<()> {
        self.html.within("<div><dt>", name, "<dd>")?;
        self.html.apart_within("", value, "</div>\n")
    }

    fn alert_count(&self) -> String {
        let alerts = || self.timeline.alerts.iter();
        let all = alerts().map(|alert| alert.count.max(1)).fold(0, u64::saturating_add);
        let critical = alerts().filter(|alert| super::alerts::tone(alert.priority) == "critical");
        let critical = critical.map(|alert| alert.count.max(1)).fold(0, u64::saturating_add);
        match critical {
            0 => words::count(all),
            some if some == all => format!("{}, critical", words::count(all)),
            some => format!("{}, {} of them critical", words::count(all), words::count(some)),
        }
    }

    /// Where the record is incomplete.
    pub(super) fn missing(&mut self) -> io::Result<()> {
        let timeline = self.timeline;
        let cuts = words::cuts(&timeline.cuts);
        if timeline.gaps.is_empty() && cuts.is_empty() {
            return Ok(());
        }
        self.html.raw("<section class=\"missing\" aria-labelledby=\"missing\">")?;
        self.html.raw("<h2 id=\"missing\">What is missing</h2>\n<ul>")?;
        for gap in &timeline.gaps {
            self.html.raw("<li>")?;
            self.time(gap.from_ns)?;
            self.html.within(" ", words::gap(gap), "\n")?;
        }
        if !cuts.is_empty() {
            self.html.within("<li>Too much to show: ", words::and(&cuts), " left out")?;
        }
        self.html.raw("</ul></section>\n")
    }
}
