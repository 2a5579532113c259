//! The top of the page: what this is, where and when it happened, whether anything is missing, and
//! the story in plain words.

use std::io;

use super::Page;
use crate::{
    model::{Sentence, Topic},
    views::{heading::Heading, words},
};

/// Links after a sentence, of each kind.
const MAX_LINKS: usize = 5;

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
        let alerts = &self.timeline.alerts;
        let all = words::count(alerts.len() as u64);
        let critical =
            alerts.iter().filter(|a| super::alerts::tone(a.priority) == "critical").count();
        match critical {
            0 => all,
            some if some == alerts.len() => format!("{all}, critical"),
            some => format!("{all}, {} of them critical", words::count(some as u64)),
        }
    }

    /// The story in plain words; each sentence leads to what it is about.
    pub(super) fn summary(&mut self) -> io::Result<()> {
        let timeline = self.timeline;
        if timeline.summary.is_empty() {
            return Ok(());
        }
        self.html.raw("<section aria-labelledby=\"summary\"><h2 id=\"summary\">Summary</h2>\n")?;
        self.html.raw("<ol class=\"told\">\n")?;
        let mut before = None;
        for sentence in &timeline.summary {
            let topic = (before != Some(sentence.topic)).then_some(sentence.topic);
            self.sentence(sentence, topic)?;
            before = Some(sentence.topic);
        }
        self.html.raw("</ol></section>\n")
    }

    fn sentence(&mut self, sentence: &Sentence, topic: Option<Topic>) -> io::Result<()> {
        self.html.within(
            "<li><span class=\"topic\">",
            topic.map_or("", topic_name),
            "</span><div>",
        )?;
        self.html.apart_within("<p>", &sentence.text, "</p>")?;
        self.references(sentence)?;
        self.html.raw("</div>\n")
    }

    /// Processes by name; by time those events that have rows of their own, or no process here.
    fn references(&mut self, sentence: &Sentence) -> io::Result<()> {
        let timeline = self.timeline;
        self.html.raw("<p class=\"refs\">")?;
        let mut named = Vec::new();
        for &id in sentence.processes.iter().take(MAX_LINKS) {
            let Some(process) = timeline.process(id) else { continue };
            named.push(self.anchors.process(id).to_owned());
            self.html.within("<a href=\"#", self.anchors.process(id), "\">")?;
            self.html.apart_within("", &words::name(process), "</a> ")?;
        }
        let mut rows: Vec<_> =
            sentence.events.iter().filter_map(|&event| self.anchors.event(event)).collect();
        rows.retain(|(anchor, _)| !named.contains(anchor));
        rows.dedup();
        for (anchor, ts_ns) in rows.iter().take(MAX_LINKS) {
            self.html.within("<a href=\"#", anchor, "\">")?;
            self.time(*ts_ns)?;
            self.html.raw("</a> ")?;
        }
        let left = |all: usize| all.saturating_sub(MAX_LINKS);
        let more = left(rows.len()) + left(sentence.processes.len());
        if more > 0 {
            self.html.within("and ", words::count(more as u64), " more")?;
        }
        self.html.raw("</p>")
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

fn topic_name(topic: Topic) -> &'static str {
    match topic {
        Topic::Who => "Who",
        Topic::Ran => "Ran",
        Topic::Became => "Became",
        Topic::Read => "Read",
        Topic::Wrote => "Wrote",
        Topic::Spoke => "Spoke to",
        Topic::Left => "Left",
        Topic::Missing => "Missing",
    }
}
