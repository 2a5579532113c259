//! What a hunt prints.

use std::{
    collections::{BTreeMap, HashSet},
    hash::{BuildHasher, RandomState},
    io::Write,
};

use event::alert::{Alert, Priority};
use rules::format::json_string;

use super::{Args, Recording, compare::Change};
use crate::{
    error::{Error, Outcome},
    output::{Format, Out, Verbosity},
};

/// Most alerts that are remembered so that they are told once; later ones of overlapping windows
/// may be told twice.
const MOST_TOLD: usize = 1 << 20;

/// Prints alerts and counts them.
pub(super) struct Report {
    out: Out,
    format: Format,
    counting: bool,
    /// Whether lines begin with the name of the recording.
    labelled: bool,
    fail_on: Option<Priority>,
    failed: bool,
    /// By rule: priority, how many are the same, added, lost.
    counts: BTreeMap<String, (Priority, [u64; 3])>,
    told: HashSet<u64>,
    hasher: RandomState,
    line: Vec<u8>,
}

impl Report {
    pub(super) fn new(args: &Args, recordings: usize) -> Self {
        Self {
            out: Out::new(),
            format: args.format,
            counting: args.count,
            labelled: recordings > 1,
            fail_on: args.fail_on,
            failed: false,
            counts: BTreeMap::new(),
            told: HashSet::new(),
            hasher: RandomState::new(),
            line: Vec::new(),
        }
    }

    /// Tells alerts of one event.
    pub(super) fn tell(
        &mut self,
        recording: &Recording,
        alerts: impl Iterator<Item = (Change, Alert)>,
    ) -> Result<(), Error> {
        for (change, alert) in alerts {
            if recording.incident.is_some() && self.is_told(change, &alert) {
                continue;
            }
            self.failed |= self.fail_on.is_some_and(|least| alert.priority <= least);
            let row = self.counts.entry(alert.rule.to_string());
            let (_, counts) = row.or_insert((alert.priority, [0; 3]));
            counts[change as usize] += 1;
            if !self.counting {
                self.print(recording, change, &alert)?;
            }
        }
        Ok(())
    }

    /// Whether the alert was told of another window that has the same event.
    fn is_told(&mut self, change: Change, alert: &Alert) -> bool {
        let key = (&alert.hostname, alert.ts_ns, &alert.rule, &alert.output, change as u8);
        let key = self.hasher.hash_one(key);
        if self.told.len() >= MOST_TOLD {
            return self.told.contains(&key);
        }
        !self.told.insert(key)
    }

    fn print(&mut self, recording: &Recording, change: Change, alert: &Alert) -> Result<(), Error> {
        self.line.clear();
        match self.format {
            Format::Text => {
                self.line.extend_from_slice(change.mark().as_bytes());
                if self.labelled {
                    self.line.extend_from_slice(recording.label.as_bytes());
                    self.line.extend_from_slice(b": ");
                }
                alert.text(&mut self.line);
            }
            Format::Json => object(recording, change, alert, &mut self.line),
        }
        Ok(self.out.line(&self.line)?)
    }

    /// Prints the counts, if they are what was asked for; else they are said on stderr.
    pub(super) fn finish(mut self, verbosity: Verbosity) -> Result<Outcome, Error> {
        for (rule, (priority, counts)) in &self.counts {
            let line = count_line(rule, *priority, *counts, self.format);
            if self.counting {
                self.out.line(line.as_bytes())?;
            } else if verbosity != Verbosity::Quiet {
                say_plain!("{}", count_line(rule, *priority, *counts, Format::Text));
            }
        }
        self.out.flush()?;
        Ok(if self.failed { Outcome::Found } else { Outcome::Done })
    }
}

/// Appends an alert, where it was found and what became of it, as a JSON object.
fn object(recording: &Recording, change: Change, alert: &Alert, out: &mut Vec<u8>) {
    out.extend_from_slice(b"{\"alert\":");
    alert.json(out);
    if let Some(name) = change.name() {
        out.extend_from_slice(b",\"change\":");
        json_string(name.as_bytes(), out);
    }
    if let Some((_, id)) = &recording.incident {
        out.extend_from_slice(b",\"incident\":");
        json_string(id.to_string().as_bytes(), out);
    }
    out.extend_from_slice(b",\"recording\":");
    json_string(recording.label.as_bytes(), out);
    out.push(b'}');
}

fn count_line(rule: &str, priority: Priority, counts: [u64; 3], format: Format) -> String {
    let [same, added, lost] = counts;
    match format {
        Format::Text if added + lost > 0 => {
            format!("{:>8} {:>8}  {priority:13}  {rule}", format!("+{added}"), format!("-{lost}"))
        }
        Format::Text => format!("{same:7}  {priority:13}  {rule}"),
        Format::Json => {
            let mut line = Vec::new();
            line.extend_from_slice(b"{\"rule\":");
            json_string(rule.as_bytes(), &mut line);
            let rule = String::from_utf8_lossy(&line);
            match (added, lost) {
                (0, 0) => format!("{rule},\"priority\":\"{priority}\",\"count\":{same}}}"),
                _ => format!(
                    "{rule},\"priority\":\"{priority}\",\"added\":{added},\"lost\":{lost}}}"
                ),
            }
        }
    }
}
