//! `draft.jsonl`: the manifest of a draft as it would be if the incident ended now.
//!
//! A line for each flush: the manifest without its alerts, the alerts that are new, and what became
//! of those that were told before: they came again, or more is known of them. Each line is written at once, so a crash costs the last one at
//! most. When the lines have grown to much more than what they say, one line says all of it anew.

use std::{
    fs::File,
    io::{BufRead, BufReader, Read, Write},
    mem,
};

use serde::{Deserialize, Serialize};

use crate::{
    Alert, Error, MAX_MANIFEST_BYTES, Manifest, ManifestError, SCHEMA, dir::Dir, error::found,
};

/// The journal's file in a draft's folder.
pub(crate) const FILE: &str = "draft.jsonl";
/// A journal of fewer bytes is not written anew.
const SMALL_BYTES: u64 = 1 << 20;
/// Most bytes of a journal that are read: more than one ever has.
const MAX_BYTES: u64 = 4 * MAX_MANIFEST_BYTES;

/// What a line says; written by reference, read as owned.
#[derive(Serialize)]
struct LineOut<'a> {
    head: &'a Manifest,
    alerts: &'a [Alert],
    repeats: Vec<(usize, Repeats)>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    completed: Vec<(usize, &'a Alert)>,
}

/// The same, read.
#[derive(Deserialize)]
struct Line {
    /// The manifest without its alerts.
    head: Manifest,
    /// Alerts that are new.
    alerts: Vec<Alert>,
    /// Places of alerts that came again since.
    repeats: Vec<(usize, Repeats)>,
    /// Alerts of which more is known, in their places.
    #[serde(default)]
    completed: Vec<(usize, Alert)>,
}

/// What changes of an alert: count and last time.
type Repeats = (u64, u64);

/// The journal of a draft.
#[derive(Debug)]
pub(super) struct Journal {
    file: File,
    bytes: u64,
    /// Bytes of the line that last said everything.
    whole_bytes: u64,
    /// What was told of each alert.
    told: Vec<Repeats>,
}

impl Journal {
    pub(super) fn create(dir: &Dir) -> Result<Self, Error> {
        Ok(Self { file: dir.create(FILE)?, bytes: 0, whole_bytes: 0, told: Vec::new() })
    }

    /// Writes down what is new in the manifest since the last time.
    pub(super) fn tell(&mut self, dir: &Dir, manifest: &mut Manifest) -> Result<(), Error> {
        if self.bytes > SMALL_BYTES.max(2 * self.whole_bytes) {
            return self.tell_anew(dir, manifest);
        }
        let line = self.line(manifest);
        self.bytes += line.len() as u64;
        self.file.write_all(&line).map_err(|source| dir.io_error("write", FILE, source))
    }

    fn tell_anew(&mut self, dir: &Dir, manifest: &mut Manifest) -> Result<(), Error> {
        self.told.clear();
        let line = self.line(manifest);
        (self.bytes, self.whole_bytes) = (line.len() as u64, line.len() as u64);
        dir.put(FILE, &line)?;
        self.file = dir.append(FILE)?;
        Ok(())
    }

    /// The line that tells what is new.
    fn line(&mut self, manifest: &mut Manifest) -> Vec<u8> {
        // The head is told without them.
        let all = mem::take(&mut manifest.alerts);
        let completed = mem::take(&mut manifest.completed);
        let new = all.get(self.told.len()..).unwrap_or_default();
        let is_told = |index: &usize| *index < self.told.len();
        let completed = completed.into_iter().filter(is_told);
        let completed = completed.filter_map(|index| Some((index, all.get(index)?))).collect();
        let repeats = self.repeats(&all);
        let line = LineOut { head: manifest, alerts: new, repeats, completed };
        // Only values that JSON has no form for can fail, and there are none.
        let mut text = serde_json::to_vec(&line).unwrap_or_default();
        text.push(b'\n');
        manifest.alerts = all;
        text
    }

    /// What came again; takes the new ones for told.
    fn repeats(&mut self, alerts: &[Alert]) -> Vec<(usize, Repeats)> {
        let told = self.told.iter_mut().zip(alerts).enumerate();
        let again = told.filter_map(|(index, (told, alert))| {
            let now = repeats(alert);
            (mem::replace(told, now) != now).then_some((index, now))
        });
        let again = again.collect();
        self.told.extend(alerts.iter().skip(self.told.len()).map(repeats));
        again
    }
}

fn repeats(alert: &Alert) -> Repeats {
    (alert.count, alert.times.last_ns)
}

/// The manifest that a journal tells of; `None` if there is no journal, or no whole line in it.
pub(crate) fn read(dir: &Dir) -> Result<Option<Manifest>, Error> {
    let Some(file) = found(dir.read(FILE))? else { return Ok(None) };
    let mut input = BufReader::new(file.take(MAX_BYTES));
    let (mut manifest, mut text) = (None, Vec::new());
    loop {
        text.clear();
        let read = input.read_until(b'\n', &mut text);
        read.map_err(|source| dir.io_error("read", FILE, source))?;
        // What ends without a line break is half.
        let Some(text) = text.strip_suffix(b"\n") else { return Ok(manifest) };
        match (parse(text), &manifest) {
            (Ok(line), _) => manifest = Some(follow(manifest, line)),
            (Err(_), Some(_)) => return Ok(manifest),
            (Err(source), None) => {
                return Err(Error::Manifest { path: dir.path().join(FILE), source });
            }
        }
    }
}

fn parse(text: &[u8]) -> Result<Line, ManifestError> {
    let line: Line = serde_json::from_slice(text).map_err(ManifestError::form)?;
    match line.head.schema {
        SCHEMA => Ok(line),
        other => Err(ManifestError::Schema(other)),
    }
}

/// The manifest after one more line.
fn follow(before: Option<Manifest>, line: Line) -> Manifest {
    let mut manifest = line.head;
    manifest.alerts = before.map(|before| before.alerts).unwrap_or_default();
    manifest.alerts.extend(line.alerts);
    for (index, (count, last_ns)) in line.repeats {
        manifest.repeat(index, count, last_ns);
    }
    for (index, alert) in line.completed {
        if let Some(known) = manifest.alerts.get_mut(index) {
            *known = alert;
        }
    }
    manifest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Id, manifest::tests::alert};

    fn journal() -> (tempfile::TempDir, Dir, Journal, Manifest) {
        let folder = tempfile::tempdir().expect("a folder");
        let dir = Dir::open(folder.path()).expect("a folder");
        let journal = Journal::create(&dir).expect("a journal");
        (folder, dir, journal, Manifest::new(Id::of(&[])))
    }

    #[test]
    fn after_each_line_the_journal_tells_the_manifest() {
        let (_folder, dir, mut journal, mut manifest) = journal();
        assert_eq!(read(&dir).expect("read"), None);
        let changes: [&dyn Fn(&mut Manifest); 7] = [
            &|manifest| manifest.host.name = "h".into(),
            &|manifest| assert_eq!(manifest.add(alert(10, "first")), Some(0)),
            &|manifest| manifest.repeat(0, 2, 20),
            &|manifest| {
                manifest.repeat(0, 3, 30);
                manifest.add(alert(40, "second"));
                manifest.add(alert(50, "third"));
                manifest.repeat(1, 9, 60);
            },
            &|manifest| {
                let mut completed = alert(40, "second");
                completed.actor.container_name = "web".into();
                manifest.complete(1, completed);
                assert_eq!(manifest.alerts[1].count, 9, "the rest stays");
            },
            &|manifest| manifest.window.asked.end_ns = 70,
            &|_| {},
        ];
        for change in changes {
            change(&mut manifest);
            journal.tell(&dir, &mut manifest).expect("told");
            assert_eq!(without_size(read(&dir)), Some(manifest.alerts.clone()));
            assert_eq!(read(&dir).expect("read").expect("told").window, manifest.window);
        }
    }

    fn without_size(read: Result<Option<Manifest>, Error>) -> Option<Vec<Alert>> {
        read.expect("read").map(|manifest| manifest.alerts)
    }

    #[test]
    fn a_journal_that_has_grown_is_written_anew_and_stays_small() {
        let (folder, dir, mut journal, mut manifest) = journal();
        let bytes = || std::fs::metadata(folder.path().join(FILE)).expect("it").len();
        for ts_ns in 0..100 {
            manifest.add(alert(ts_ns, "rule"));
        }
        let mut most = 0;
        for count in 2..6_000 {
            manifest.repeat(count as usize % 100, count, count);
            journal.tell(&dir, &mut manifest).expect("told");
            most = most.max(bytes());
        }
        assert!((SMALL_BYTES..SMALL_BYTES + 2_000).contains(&most), "{most}");
        assert_eq!(without_size(read(&dir)), Some(manifest.alerts.clone()));
        manifest.add(alert(7, "late"));
        journal.tell(&dir, &mut manifest).expect("told");
        assert_eq!(without_size(read(&dir)), Some(manifest.alerts));
    }
}
