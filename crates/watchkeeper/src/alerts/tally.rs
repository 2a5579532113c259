//! How often each rule matched.

use std::io::{self, Write};

use event::alert::Priority;
use rules::format::json_string;

use crate::{detector::Known, output::Format};

/// How often each rule matched.
pub(crate) struct Tally {
    /// Events that rules saw.
    pub(crate) events: u64,
    /// For each rule: name, priority, count.
    pub(crate) rules: Vec<(String, Priority, u64)>,
}

impl Tally {
    /// Nothing matched yet.
    pub(crate) fn new(rules: &[Known]) -> Self {
        let row = |rule: &Known| (rule.name.clone(), rule.priority, 0);
        Self { events: 0, rules: rules.iter().map(row).collect() }
    }

    pub(super) fn matched(&mut self, rule: usize) {
        if let Some((_, _, count)) = self.rules.get_mut(rule) {
            *count += 1;
        }
    }

    /// Rules that matched.
    pub(crate) fn met(&self) -> impl Iterator<Item = &(String, Priority, u64)> {
        self.rules.iter().filter(|(_, _, count)| *count > 0)
    }

    /// Whether there was an alert of at least this priority.
    pub(super) fn has(&self, least: Priority) -> bool {
        self.met().any(|(_, priority, _)| *priority <= least)
    }

    /// Hands on a line for each rule that matched.
    pub(super) fn lines(
        &self,
        form: Format,
        mut each: impl FnMut(&[u8]) -> io::Result<()>,
    ) -> io::Result<()> {
        let mut line = Vec::new();
        for (name, priority, count) in self.met() {
            line.clear();
            match form {
                Format::Text => write!(line, "{count:7}  {priority:13}  {name}")?,
                Format::Json => {
                    write!(line, "{{\"count\":{count},\"priority\":\"{priority}\",\"rule\":")?;
                    json_string(name.as_bytes(), &mut line);
                    line.push(b'}');
                }
            }
            each(&line)?;
        }
        Ok(())
    }
}
