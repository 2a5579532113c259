//! The story: sessions, each with its tree.

use std::io;

use super::Page;
use crate::{
    model::{ContainerFacts, ProcessId, Recorded, Relevance, Session, SessionKind, Source},
    views::words,
};

/// Bytes of a name that a heading shows.
const MAX_NAME_BYTES: usize = 200;

impl Page<'_> {
    /// All sessions; those that have nothing to do with the alerts are folded.
    pub(super) fn story(&mut self) -> io::Result<()> {
        let timeline = self.timeline;
        self.html.raw("<section id=\"story\" aria-labelledby=\"story-h\" tabindex=\"-1\">\n")?;
        self.html.raw("<h2 id=\"story-h\">What happened</h2>\n")?;
        self.html.raw("<div class=\"columns\" aria-hidden=\"true\"><span>seconds</span><span>")?;
        self.html.raw("</span><span>user</span><span>result</span><span>took</span></div>\n")?;
        for session in &timeline.sessions {
            self.session(session)?;
        }
        self.rest()?;
        self.html.raw("</section>\n")
    }

    fn session(&mut self, session: &Session) -> io::Result<()> {
        let background = session.relevance == Relevance::Background;
        self.html.raw(match background {
            true => "<details class=\"session by\"><summary><h3 class=\"turn\">",
            false => "<details class=\"session\" open><summary><h3 class=\"turn\">",
        })?;
        let name = words::session(session).into_iter().next().unwrap_or_default();
        self.html.apart(&capital(&name))?;
        self.html.raw("</h3><p>")?;
        self.html.text(words::plural(session.processes, "process", "processes"))?;
        self.html.within(", ", words::plural(session.events, "event", "events"), "")?;
        if background {
            self.html.raw("; ran at the same time")?;
        }
        self.html.raw("</p></summary>\n<dl class=\"about\">")?;
        self.session_facts(session)?;
        self.html.raw("</dl>\n<ul class=\"k d0\">\n")?;
        for &root in &session.roots {
            self.process(root, 0)?;
        }
        self.html.raw("</ul></details>\n")
    }

    fn session_facts(&mut self, session: &Session) -> io::Result<()> {
        match &session.kind {
            SessionKind::Container(facts) => self.container(facts)?,
            SessionKind::Login { user, sid, tty } => {
                self.figure("User id", &user.uid.to_string())?;
                self.figure("Session id", &sid.to_string())?;
                words::terminal(*tty).map_or(Ok(()), |name| self.figure("Terminal", &name))?;
            }
            SessionKind::Service { .. } => {}
        }
        session.source.as_ref().map_or(Ok(()), |source| self.source(source))
    }

    fn container(&mut self, facts: &ContainerFacts) -> io::Result<()> {
        let pod = match facts.pod_namespace.is_empty() {
            true => facts.pod.clone(),
            false => {
                [facts.pod_namespace.bytes(), b"/", facts.pod.bytes()].concat().as_slice().into()
            }
        };
        let told: [(&str, &Recorded); 4] = [
            ("Image", &facts.image),
            ("Digest", &facts.image_digest),
            ("Pod", &pod),
            ("Id", &facts.id),
        ];
        for (name, value) in told.iter().filter(|(_, value)| !value.is_empty()) {
            self.figure(name, &words::clip(value, MAX_NAME_BYTES))?;
        }
        if !facts.engine.is_empty() {
            self.figure("Engine", facts.engine)?;
        }
        if facts.privileged {
            self.html.raw("<div><dt>Rights<dd class=\"bad\">privileged</div>\n")?;
        }
        Ok(())
    }

    /// Where the session was reached from.
    fn source(&mut self, source: &Source) -> io::Result<()> {
        self.html.raw("<div><dt>Reached from<dd>")?;
        self.html.apart(&words::source(source))?;
        if let Some(process) = self.timeline.process(source.by) {
            self.html.within(
                ", accepted by <a href=\"#",
                self.anchors.process(source.by),
                "\">",
            )?;
            self.html.apart_within("", &words::name(process), "</a>")?;
        }
        if let Some(at) = source.at {
            self.html.raw(" at ")?;
            self.time(at.ts_ns)?;
        }
        self.html.raw("</div>\n")
    }

    /// Processes that no session leads to; there are none unless the timeline is damaged or was
    /// cut.
    fn rest(&mut self) -> io::Result<()> {
        let Some(first) = self.written.iter().position(|written| !written) else { return Ok(()) };
        self.html
            .raw("<details class=\"session by\"><summary><h3 class=\"turn\">Elsewhere</h3>")?;
        self.html.raw("</summary>\n<ul class=\"k d0\">\n")?;
        for index in first..self.written.len() {
            self.process(ProcessId(u32::try_from(index).unwrap_or(u32::MAX)), 0)?;
        }
        self.html.raw("</ul></details>\n")
    }
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
