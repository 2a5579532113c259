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

    /// Other rules take the place of those that there were. Counts go on by name; those of rules that
    /// are gone are kept.
    pub(super) fn replace(&mut self, rules: &[Known]) {
        let mut before = std::mem::take(&mut self.rules);
        *self = Self { events: self.events, ..Self::new(rules) };
        for (name, _, count) in &mut self.rules {
            if let Some(place) = before.iter().position(|(other, ..)| other == name) {
                *count = before.swap_remove(place).2;
            }
        }
        self.rules.extend(before.into_iter().filter(|(.., count)| *count > 0));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_go_on_when_rules_change() {
        let known = |name: &str| Known {
            name: name.to_owned(),
            priority: Priority::Notice,
            tags: Vec::new().into(),
            capture_duration_ms: 0,
        };
        let mut tally = Tally::new(&[known("a"), known("b"), known("c")]);
        tally.matched(0);
        tally.matched(1);
        tally.matched(1);
        tally.replace(&[known("d"), known("b")]);
        tally.matched(0);
        tally.matched(1);
        let met: Vec<_> = tally.met().map(|(name, _, count)| (&**name, *count)).collect();
        assert_eq!(met, [("d", 1), ("b", 3), ("a", 1)]);
    }
}
