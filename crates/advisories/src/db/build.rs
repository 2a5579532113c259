//! A part in the making: advisories come in whichever order, and what is made of them is the same to the byte.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fs::File,
    io,
};

use super::{
    part::{self, Header},
    rows::{Details, Entry, package_key},
};
use crate::Advisory;

/// Most references that are kept of an advisory: what its id leads to tells of the others.
const MOST_REFERENCES: usize = 3;
/// Longest line for people, in bytes.
const LONGEST_SUMMARY_BYTES: usize = 160;

/// What advisories of the same id are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Repeats {
    /// Each tells a part, as a list by packages does.
    Add,
    /// The one that was changed last counts.
    Replace,
}

/// A part in the making.
#[derive(Debug)]
pub struct Builder {
    repeats: Repeats,
    /// When the advisory that counts was last changed, by id, where that matters.
    modified: HashMap<Box<str>, Box<str>, foldhash::fast::RandomState>,
    entries: Vec<Row<Entry>>,
    details: Vec<Row<Details>>,
    newest: String,
}

#[derive(Debug)]
struct Row<T> {
    key: Vec<u8>,
    modified: Box<str>,
    row: T,
}

impl Builder {
    /// One that has nothing yet.
    pub fn new(repeats: Repeats) -> Self {
        Self {
            repeats,
            modified: HashMap::default(),
            entries: Vec::new(),
            details: Vec::new(),
            newest: String::new(),
        }
    }

    /// How many advisories it was told of.
    pub fn count(&self) -> usize {
        self.details.len()
    }

    /// Takes an advisory. Of one that was taken back only that is kept.
    pub fn add(&mut self, advisory: Advisory) {
        let modified: Box<str> = match self.repeats {
            Repeats::Add => "".into(),
            Repeats::Replace => advisory.modified.as_str().into(),
        };
        if self.repeats == Repeats::Replace && !self.is_latest(&advisory.id, &modified) {
            return;
        }
        if advisory.modified > self.newest {
            self.newest.clone_from(&advisory.modified);
        }
        let is_withdrawn = advisory.withdrawn.is_some();
        let (key, id) = (advisory.id.as_bytes().to_vec(), advisory.id.clone());
        let (affected, details) = taken_apart(advisory);
        self.details.push(Row { key, modified: modified.clone(), row: details });
        if is_withdrawn {
            return;
        }
        for affected in affected {
            let key = package_key(&affected.space, &affected.package);
            let entry = Entry { id: id.clone(), affected };
            self.entries.push(Row { key, modified: modified.clone(), row: entry });
        }
    }

    fn is_latest(&mut self, id: &str, modified: &str) -> bool {
        match self.modified.get_mut(id) {
            Some(known) if **known > *modified => false,
            Some(known) => {
                *known = modified.into();
                true
            }
            None => {
                self.modified.insert(id.into(), modified.into());
                true
            }
        }
    }

    /// Writes the part. Of the header, what is counted is filled in.
    ///
    /// # Errors
    /// If the file can't be written.
    pub fn write(self, mut header: Header, file: File) -> io::Result<File> {
        let Self { modified, mut entries, mut details, newest, .. } = self;
        let is_latest = |id: &[u8], of: &str| {
            let known = str::from_utf8(id).ok().and_then(|id| modified.get(id));
            known.is_none_or(|known| **known == *of)
        };
        entries.retain(|row| is_latest(row.row.id.as_bytes(), &row.modified));
        details.retain(|row| is_latest(&row.key, &row.modified));
        if header.newest.is_empty() {
            header.newest = newest;
        }
        let spaces: BTreeSet<&str> =
            entries.iter().map(|row| row.row.affected.space.as_str()).collect();
        header.spaces.extend(spaces.into_iter().map(str::to_owned));
        header.spaces.sort();
        header.spaces.dedup();
        let (packages, count) = packages(entries);
        let ids = ids(details);
        (header.advisories, header.entries) = (ids.len() as u64, count);
        part::write(&header, packages, ids, file)
    }
}

fn taken_apart(advisory: Advisory) -> (Vec<crate::Affected>, Details) {
    let Advisory { mut aliases, mut covers, mut ratings, mut references, .. } = advisory;
    for names in [&mut aliases, &mut covers] {
        names.retain(|name| !name.is_empty() && *name != advisory.id);
        names.sort();
        names.dedup();
    }
    ratings.sort();
    ratings.dedup();
    references.truncate(MOST_REFERENCES);
    let details = Details {
        aliases,
        covers,
        ratings,
        references,
        nature: advisory.nature,
        is_disputed: advisory.is_disputed,
        withdrawn: advisory.withdrawn.unwrap_or_default(),
        summary: shortened(advisory.summary),
        published: advisory.published.get(..10).unwrap_or(&advisory.published).to_owned(),
        exploited: advisory.exploited,
        likelihood: advisory.likelihood,
    };
    (advisory.affected, details)
}

fn shortened(mut summary: String) -> String {
    if summary.len() > LONGEST_SUMMARY_BYTES {
        summary.truncate(summary.floor_char_boundary(LONGEST_SUMMARY_BYTES));
        summary.push('…');
    }
    summary
}

type Rows = Vec<(Vec<u8>, Vec<u8>)>;

/// Rows by packages: each one's entries in their order, each once.
fn packages(mut entries: Vec<Row<Entry>>) -> (Rows, u64) {
    entries.sort_unstable_by(|a, b| (&a.key, &a.row).cmp(&(&b.key, &b.row)));
    entries.dedup_by(|a, b| (&a.key, &a.row) == (&b.key, &b.row));
    let count = entries.len() as u64;
    let mut rows: Rows = Vec::new();
    for Row { key, row, .. } in entries {
        match rows.last_mut() {
            Some((last, value)) if *last == key => row.write(value),
            _ => {
                let mut value = Vec::new();
                row.write(&mut value);
                rows.push((key, value));
            }
        }
    }
    (rows, count)
}

/// Rows by ids: what several say of one put together.
fn ids(details: Vec<Row<Details>>) -> Rows {
    let mut all: BTreeMap<Vec<u8>, Details> = BTreeMap::new();
    for Row { key, row, .. } in details {
        match all.entry(key) {
            std::collections::btree_map::Entry::Vacant(place) => _ = place.insert(row),
            std::collections::btree_map::Entry::Occupied(mut place) => place.get_mut().join(row),
        }
    }
    let written = |details: Details| {
        let mut out = Vec::new();
        details.write(&mut out);
        out
    };
    all.into_iter().map(|(key, details)| (key, written(details))).collect()
}

impl Details {
    /// Takes over what another says of the same, so that it does not matter which came first.
    fn join(&mut self, other: Self) {
        union(&mut self.aliases, other.aliases);
        union(&mut self.covers, other.covers);
        union(&mut self.references, other.references);
        union(&mut self.ratings, other.ratings);
        self.nature = self.nature.max(other.nature);
        self.is_disputed |= other.is_disputed;
        // What one of them still holds was not taken back.
        self.withdrawn = std::mem::take(&mut self.withdrawn).min(other.withdrawn);
        self.summary = std::mem::take(&mut self.summary).max(other.summary);
        self.published = match (self.published.is_empty(), other.published.is_empty()) {
            (true, _) => other.published,
            (_, true) => std::mem::take(&mut self.published),
            _ => std::mem::take(&mut self.published).min(other.published),
        };
        self.exploited = self.exploited.take().or(other.exploited);
        self.likelihood = self.likelihood.or(other.likelihood);
    }
}

fn union<T: Ord>(own: &mut Vec<T>, other: Vec<T>) {
    if other.iter().all(|it| own.contains(it)) && own.is_sorted() {
        return;
    }
    own.extend(other);
    own.sort();
    own.dedup();
}
