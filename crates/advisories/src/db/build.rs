//! A part in the making: advisories come in whichever order, and what is made of them is the same to the byte.
//!
//! A list (secdb, Debian's tracker) takes the place of what was there. Errata (updateinfo) are added to what was
//! there, since no list has them all. Records (OSV, CSAF) have ids: of several
//! of one id the one that was changed last counts, so that what comes is put together with what was there.
//! Where all that a feed has comes, records that it has no more go, but for those that came alone.

use std::{collections::BTreeSet, env, fs::File, io, path::PathBuf};

use super::{
    merge::{self, Kept},
    part::{Header, Part, Writer},
    rows::{Came, Details, Moment, write_statement},
    runs::{BEFORE, Sorter},
    sample::Sample,
};
use crate::{Advisory, pages};

/// Most references that are kept of an advisory whose id leads nowhere.
const MOST_REFERENCES: usize = 1;
/// Longest line for people, in bytes.
const LONGEST_SUMMARY_BYTES: usize = 120;
/// A day, as times begin with it.
const DAY_BYTES: usize = "2026-01-02".len();

/// What advisories of the same id are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Repeats {
    /// Each tells a part, as a list by packages does, which takes the place of the one before.
    Add,
    /// Each tells a part, and what was there does, too: errata, which several repositories list, each with its own
    /// packages and times.
    Unite,
    /// The one that was changed last counts.
    Replace,
}

/// What is gathered of a feed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Extent {
    /// All that it has.
    All,
    /// Records of it, which are put together with what was there.
    Records,
}

/// A part in the making.
#[derive(Debug)]
pub struct Builder {
    repeats: Repeats,
    extent: Extent,
    /// Whether a folder or an archive had a part in it.
    is_of_collection: bool,
    /// How many advisories it was told of.
    count: u32,
    /// By packages.
    entries: Sorter,
    /// By ids.
    details: Sorter,
    /// What many lines for people have in common.
    sample: Sample,
    newest: String,
    /// Spaces that all is told of.
    whole: BTreeSet<String>,
}

impl Builder {
    /// One that has nothing yet, of all that a feed has.
    pub fn new(repeats: Repeats) -> Self {
        Self::in_folder(repeats, Extent::All, env::temp_dir())
    }

    /// One that has nothing yet. What is too much for memory is kept in this folder.
    pub fn in_folder(repeats: Repeats, extent: Extent, folder: PathBuf) -> Self {
        Self {
            repeats,
            extent,
            is_of_collection: false,
            count: 0,
            entries: Sorter::new(folder.clone()),
            details: Sorter::new(folder),
            sample: Sample::default(),
            newest: String::new(),
            whole: BTreeSet::new(),
        }
    }

    /// How many advisories it was told of.
    pub fn count(&self) -> usize {
        self.count as usize
    }

    /// What is gathered of the feed.
    pub fn extent(&self) -> Extent {
        self.extent
    }

    /// What comes is of a folder or an archive.
    pub fn comes_of_collection(&mut self) {
        self.is_of_collection = true;
    }

    /// Whether what came is more than single records, so that it can do without a part that is damaged.
    pub fn is_of_collection(&self) -> bool {
        self.is_of_collection || self.extent == Extent::All
    }

    /// What comes is all that the feed has.
    pub fn is_of_all(&mut self) {
        self.extent = Extent::All;
    }

    /// What comes is a list, which takes the place of the one before.
    pub fn is_a_list(&mut self) {
        if self.repeats == Repeats::Unite {
            (self.repeats, self.extent) = (Repeats::Add, Extent::All);
        }
    }

    /// Takes an advisory of a feed that tells all of the spaces that this is of.
    pub fn add(&mut self, advisory: Advisory) {
        self.whole.extend(advisory.affected.iter().map(|it| it.space.as_str().to_owned()));
        self.take(advisory, Came::Whole);
    }

    /// Takes an advisory that came so. Of one that was taken back only that is kept.
    pub fn take(&mut self, advisory: Advisory, came: Came) {
        self.count = self.count.saturating_add(1);
        let of = self.count;
        if advisory.modified > self.newest {
            self.newest.clone_from(&advisory.modified);
        }
        let is_withdrawn = advisory.withdrawn.is_some();
        let (id, affected, mut details) = taken_apart(advisory);
        self.sample.offer(&details.summary);
        if self.repeats == Repeats::Replace {
            details.came = came;
        } else {
            details.modified = Moment::default();
        }
        let group = self.details.group(&[]);
        self.details.add(group, id.as_bytes(), of, |out| details.write(out));
        let mut end = Vec::new();
        // A zero in a name would put it beside others that it does not belong to.
        let has_zero =
            |it: &crate::Affected| it.space.as_str().contains('\0') || it.package.contains('\0');
        for affected in affected.iter().filter(|it| !is_withdrawn && !has_zero(it)) {
            end.clear();
            end.push(0);
            end.extend_from_slice(affected.space.as_str().as_bytes());
            let group = self.entries.group(&end);
            let package = affected.space.tidy(&affected.package);
            self.entries.add(group, package.as_bytes(), of, |out| write_statement(affected, out));
        }
    }

    /// Writes the part, put together with what is there already. Of the header, what is counted is filled in.
    ///
    /// # Errors
    /// If the file can't be written, or what is there can't be read.
    pub fn write(self, mut header: Header, old: Option<&Part>, file: File) -> io::Result<File> {
        let Self { repeats, extent, count, entries, details, sample, newest, whole, .. } = self;
        if count >= BEFORE {
            return Err(io::Error::other("has more advisories than can be kept"));
        }
        // A list has the place of the one before.
        let old = old.filter(|_| repeats != Repeats::Add);
        header.whole.extend(whole);
        let mut header = put_together(header, old.map(Part::header), extent);
        header.newest = header.newest.max(newest);
        let mut out = Writer::new(file)?;
        let mut kept = Kept::new(repeats, extent);
        let own = sample.finish();
        let before = old.map(Part::dictionary).transpose()?.unwrap_or_default();
        // A few records that changed tell less than what was there.
        let dictionary = if own.len() >= before.len() { &own } else { before };
        let ids = merge::ids(details.finish()?, old, &mut kept, dictionary, &mut out)?;
        let told = merge::packages(entries.finish()?, old, &kept, &mut out)?;
        (header.advisories, header.entries) = (ids.rows, told.entries);
        let spaces: BTreeSet<String> = told
            .spaces
            .into_iter()
            .chain(header.whole.iter().chain(&header.gathered).cloned())
            .collect();
        header.spaces = spaces.into_iter().collect();
        out.finish(&header, &told.index, &ids.index, dictionary)
    }
}

/// What a part says of itself where it has what was there, too.
fn put_together(mut header: Header, old: Option<&Header>, extent: Extent) -> Header {
    for list in [&mut header.whole, &mut header.gathered] {
        list.sort();
        list.dedup();
    }
    let Some(old) = old else { return header };
    let union = |own: &mut Vec<String>, other: &[String]| {
        own.extend_from_slice(other);
        own.sort();
        own.dedup();
    };
    union(&mut header.gathered, &old.gathered);
    if extent == Extent::Records {
        union(&mut header.whole, &old.whole);
        header.newest = header.newest.max(old.newest.clone());
        header.source = sources(&old.source, &header.source);
    }
    header
}

/// Longest list of sources, bytes.
const LONGEST_SOURCES: usize = 400;

/// Where both are from, each once; where that is too much, not all of it.
fn sources(old: &str, new: &str) -> String {
    let all: BTreeSet<&str> = old.split(", ").chain(new.split(", ")).collect();
    let mut told = String::new();
    for source in all.iter().filter(|it| !it.is_empty() && **it != "…") {
        if told.len() + source.len() > LONGEST_SOURCES {
            told += ", …";
            break;
        }
        told += if told.is_empty() { "" } else { ", " };
        told += source;
    }
    told
}

fn taken_apart(advisory: Advisory) -> (String, Vec<crate::Affected>, Details) {
    let Advisory { mut aliases, mut covers, mut ratings, mut references, .. } = advisory;
    for names in [&mut aliases, &mut covers] {
        names.retain(|name| !name.is_empty() && *name != advisory.id);
        names.sort();
        names.dedup();
    }
    ratings.sort();
    ratings.dedup();
    let most = if pages::has(&advisory.id) { 0 } else { MOST_REFERENCES };
    references.truncate(most);
    let mut published = advisory.published;
    if published.is_char_boundary(DAY_BYTES) {
        published.truncate(DAY_BYTES);
    }
    let details = Details {
        aliases,
        covers,
        ratings,
        references,
        nature: advisory.nature,
        is_disputed: advisory.is_disputed,
        withdrawn: advisory.withdrawn.unwrap_or_default(),
        summary: shortened(advisory.summary),
        published,
        exploited: advisory.exploited,
        likelihood: advisory.likelihood,
        modified: Moment::of(&advisory.modified),
        came: Came::Whole,
    };
    (advisory.id, advisory.affected, details)
}

fn shortened(mut summary: String) -> String {
    if summary.len() > LONGEST_SUMMARY_BYTES {
        summary.truncate(summary.floor_char_boundary(LONGEST_SUMMARY_BYTES));
        summary.push('…');
    }
    summary
}
