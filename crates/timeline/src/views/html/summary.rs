//! The story in plain words; each sentence leads to what it is about.

use std::io;

use super::Page;
use crate::{
    model::{ProcessId, Sentence, Topic},
    views::words,
};

/// Processes that a sentence is linked to, where it names them.
const MAX_NAMED: usize = 64;
/// Links after a sentence, of each kind.
const MAX_LINKS: usize = 3;

impl Page<'_> {
    /// All sentences, by topic.
    pub(super) fn summary(&mut self) -> io::Result<()> {
        let timeline = self.timeline;
        if timeline.summary.is_empty() {
            return Ok(());
        }
        self.html.raw("<section aria-labelledby=\"summary\"><h2 id=\"summary\">Summary</h2>\n")?;
        self.html.raw("<ul class=\"told\">\n")?;
        for sentences in timeline.summary.chunk_by(|one, next| one.topic == next.topic) {
            let topic = sentences.first().map_or("", |sentence| topic_name(sentence.topic));
            self.html.within("<li><span class=\"topic\">", topic, "</span><div>")?;
            sentences.iter().try_for_each(|sentence| self.sentence(sentence))?;
            self.html.raw("</div>\n")?;
        }
        self.html.raw("</ul></section>\n")
    }

    /// A sentence: links where it names processes; after it, links to those that it does not name
    /// and to events that have rows of their own.
    fn sentence(&mut self, sentence: &Sentence) -> io::Result<()> {
        self.html.raw("<p>")?;
        let named = self.names(sentence);
        let unnamed = self.linked(&sentence.text, &named)?;
        self.html.raw(" <span class=\"refs\">")?;
        for (id, name) in unnamed.iter().take(few(unnamed.len())) {
            self.link(*id, name)?;
        }
        let rows = self.rows_of(sentence, &named);
        for (anchor, ts_ns) in rows.iter().take(few(rows.len())) {
            self.html.within("<a href=\"#", anchor, "\">")?;
            self.time(*ts_ns)?;
            self.html.raw("</a> ")?;
        }
        let more = rows.len() - few(rows.len()) + unnamed.len() - few(unnamed.len());
        if more > 0 {
            self.html.within("and ", words::count(more as u64), " more")?;
        }
        self.html.raw("</span></p>")
    }

    /// The processes of a sentence, as it would name them.
    fn names(&self, sentence: &Sentence) -> Vec<(ProcessId, String)> {
        let ids = sentence.processes.iter().take(MAX_NAMED);
        ids.filter_map(|&id| Some((id, words::name(self.timeline.process(id)?)))).collect()
    }

    /// Writes a sentence with links in it; returns the processes that it does not name.
    fn linked(
        &mut self,
        text: &str,
        named: &[(ProcessId, String)],
    ) -> io::Result<Vec<(ProcessId, String)>> {
        let mut unnamed = named.to_vec();
        let mut rest = text;
        while let Some((at, id, name)) = first(rest, named) {
            let (before, from) = rest.split_at(at);
            self.html.apart(before)?;
            self.link(id, name)?;
            unnamed.retain(|(other, _)| *other != id);
            rest = from.get(name.len()..).unwrap_or_default();
        }
        self.html.apart(rest)?;
        Ok(unnamed)
    }

    fn link(&mut self, id: ProcessId, name: &str) -> io::Result<()> {
        self.html.within("<a href=\"#", self.anchors.process(id), "\">")?;
        self.html.apart_within("", name, "</a>")
    }

    /// Where the events of a sentence can be found, but for the processes that it is linked to.
    fn rows_of(&self, sentence: &Sentence, named: &[(ProcessId, String)]) -> Vec<(String, u64)> {
        let told: Vec<_> = named.iter().map(|(id, _)| self.anchors.process(*id)).collect();
        let events = sentence.events.iter().filter_map(|&event| self.anchors.event(event));
        let mut rows: Vec<_> =
            events.filter(|(anchor, _)| !told.contains(&anchor.as_str())).collect();
        rows.dedup();
        rows
    }
}

/// How many of these are linked; one more would take no more room than to say so.
fn few(all: usize) -> usize {
    if all <= MAX_LINKS + 1 { all } else { MAX_LINKS }
}

/// The first of these names in a text: where, and whose it is.
fn first<'n>(text: &str, named: &'n [(ProcessId, String)]) -> Option<(usize, ProcessId, &'n str)> {
    let found = named.iter().filter(|(_, name)| !name.is_empty());
    let found = found.filter_map(|(id, name)| Some((text.find(name)?, *id, name.as_str())));
    // Of those that begin at one place the longest is meant.
    found.min_by_key(|(at, _, name)| (*at, std::cmp::Reverse(name.len())))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_from_the_left_the_longest_first() {
        let named = [(1, "sh[2]"), (2, "bash[2]"), (3, "x")];
        let named = named.map(|(id, name)| (ProcessId(id), name.to_owned()));
        for (text, want) in [
            ("bash[2] ran sh[2]", Some((0, 2, "bash[2]"))),
            ("ran sh[2]", Some((4, 1, "sh[2]"))),
            ("nobody", None),
        ] {
            let found = first(text, &named).map(|(at, id, name)| (at, id.0, name));
            assert_eq!(found, want);
        }
    }
}
