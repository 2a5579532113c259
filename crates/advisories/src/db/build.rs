//! A part in the making: advisories come in whichever order, and what is made of them is the same to the byte.

use std::{
    cmp::Ordering,
    collections::{BTreeSet, HashMap},
    fs::File,
    io,
};

use super::{
    codec::Bytes,
    part::{self, Header},
    rows::{Details, Entry, package_key},
};
use crate::Advisory;

/// Most references that are kept of an advisory: what its id leads to tells of the others.
const MOST_REFERENCES: usize = 1;
/// Longest line for people, in bytes.
const LONGEST_SUMMARY_BYTES: usize = 120;

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
    /// By ids: which count, where that matters.
    latest: HashMap<Box<str>, Latest, foldhash::fast::RandomState>,
    /// How many advisories it was told of.
    count: u32,
    /// By packages.
    entries: Vec<Row>,
    /// By ids.
    details: Vec<Row>,
    spaces: BTreeSet<String>,
    newest: String,
}

/// A row as it will be written: a part of all feeds has a few hundred thousand.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Row {
    key: Box<[u8]>,
    value: Box<[u8]>,
    /// Which advisory it is of, by the order in which they came.
    of: u32,
}

/// The advisories of one id that were changed last.
#[derive(Debug, Default)]
struct Latest {
    modified: Box<str>,
    which: Vec<u32>,
}

impl Builder {
    /// One that has nothing yet.
    pub fn new(repeats: Repeats) -> Self {
        Self {
            repeats,
            latest: HashMap::default(),
            count: 0,
            entries: Vec::new(),
            details: Vec::new(),
            spaces: BTreeSet::new(),
            newest: String::new(),
        }
    }

    /// How many advisories it was told of.
    pub fn count(&self) -> usize {
        self.count as usize
    }

    /// Takes an advisory. Of one that was taken back only that is kept.
    pub fn add(&mut self, advisory: Advisory) {
        let of = self.count;
        self.count += 1;
        if self.repeats == Repeats::Replace && !self.is_latest(&advisory, of) {
            return;
        }
        if advisory.modified > self.newest {
            self.newest.clone_from(&advisory.modified);
        }
        let (id, is_withdrawn) = (advisory.id.clone(), advisory.withdrawn.is_some());
        let (affected, details) = taken_apart(advisory);
        let (key, value) = (id.as_bytes().into(), written(&details));
        self.details.push(Row { key, value, of });
        for affected in affected.into_iter().filter(|_| !is_withdrawn) {
            if !self.spaces.contains(affected.space.as_str()) {
                self.spaces.insert(affected.space.as_str().to_owned());
            }
            let key = package_key(&affected.space, &affected.package).into();
            let mut value = Vec::new();
            Entry { id: id.clone(), affected }.write(&mut value);
            self.entries.push(Row { key, value: value.into(), of });
        }
    }

    fn is_latest(&mut self, advisory: &Advisory, of: u32) -> bool {
        let latest = match self.latest.get_mut(advisory.id.as_str()) {
            Some(latest) => latest,
            None => self.latest.entry(advisory.id.as_str().into()).or_default(),
        };
        match advisory.modified.as_str().cmp(&latest.modified) {
            Ordering::Less => return false,
            Ordering::Equal => {}
            Ordering::Greater => {
                latest.modified = advisory.modified.as_str().into();
                latest.which.clear();
            }
        }
        latest.which.push(of);
        true
    }

    /// Writes the part. Of the header, what is counted is filled in.
    ///
    /// # Errors
    /// If the file can't be written.
    pub fn write(self, mut header: Header, file: File) -> io::Result<File> {
        let Self { repeats, latest, mut entries, mut details, spaces, newest, .. } = self;
        if repeats == Repeats::Replace {
            let mut count: Vec<u32> = latest.into_values().flat_map(|it| it.which).collect();
            count.sort_unstable();
            entries.retain(|row| count.binary_search(&row.of).is_ok());
            details.retain(|row| count.binary_search(&row.of).is_ok());
        }
        if header.newest.is_empty() {
            header.newest = newest;
        }
        header.spaces.extend(spaces);
        header.spaces.sort();
        header.spaces.dedup();
        let (packages, count) = packages(entries);
        let ids = ids(details)?;
        (header.advisories, header.entries) = (ids.len() as u64, count);
        part::write(&header, packages, ids, file)
    }
}

fn written(details: &Details) -> Box<[u8]> {
    let mut out = Vec::new();
    details.write(&mut out);
    out.into()
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
fn packages(mut entries: Vec<Row>) -> (Rows, u64) {
    entries.sort_unstable();
    entries.dedup_by(|a, b| (&a.key, &a.value) == (&b.key, &b.value));
    let count = entries.len() as u64;
    let mut rows: Rows = Vec::new();
    for Row { key, value, .. } in entries {
        match rows.last_mut() {
            Some((last, all)) if last.as_slice() == &*key => all.extend(value),
            _ => rows.push((key.into(), value.into())),
        }
    }
    (rows, count)
}

/// Rows by ids: what several say of one put together.
fn ids(mut details: Vec<Row>) -> io::Result<Rows> {
    details.sort_unstable();
    details.dedup_by(|a, b| (&a.key, &a.value) == (&b.key, &b.value));
    let mut rows: Rows = Vec::new();
    for Row { key, value, .. } in details {
        match rows.last_mut() {
            Some((last, all)) if last.as_slice() == &*key => *all = joined(all, &value)?,
            _ => rows.push((key.into(), value.into())),
        }
    }
    Ok(rows)
}

fn joined(a: &[u8], b: &[u8]) -> io::Result<Vec<u8>> {
    let read = |bytes| Details::read(&mut Bytes(bytes));
    let (Some(mut joined), Some(other)) = (read(a), read(b)) else {
        return Err(io::Error::other("an advisory cannot be read back"));
    };
    joined.join(other);
    Ok(written(&joined).into())
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
