//! Parts in the making, while files of feeds are read.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use super::Import;
use crate::{
    Advisory, Error, Space,
    db::{Builder, Header, Repeats},
};

/// Most troubles that are kept word for word.
const MOST_TROUBLES: usize = 1000;

/// Parts in the making.
#[derive(Debug, Default)]
pub struct Draft {
    parts: BTreeMap<String, InMaking>,
    /// What is read just now.
    path: PathBuf,
    /// The parts that it has something for.
    touched: BTreeSet<String>,
    abandoned: BTreeSet<String>,
    troubles: Vec<String>,
    unknown: u64,
}

#[derive(Debug)]
struct InMaking {
    builder: Builder,
    sources: BTreeSet<String>,
    spaces: BTreeSet<String>,
    newest: String,
}

/// What one part is made of.
#[derive(Debug)]
pub struct Gathered {
    /// Its advisories.
    pub builder: Builder,
    /// What it says of itself, without what is counted, and the time.
    pub header: Header,
}

impl Draft {
    /// Goes on with the files of a path.
    pub(super) fn begin(&mut self, path: &Path) {
        self.path = path.to_owned();
        self.touched.clear();
    }

    /// What is read just now cannot be read to its end: what it had a part in is not to be used.
    pub(super) fn abandon(&mut self) {
        self.abandoned.append(&mut self.touched);
    }

    /// Whether there is nothing of what is read just now.
    pub(super) fn is_empty(&self) -> bool {
        self.touched.is_empty()
    }

    /// A file is of no feed.
    pub(super) fn unknown(&mut self) {
        self.unknown += 1;
    }

    /// Something was left out.
    pub(super) fn trouble(&mut self, place: &str, why: impl std::fmt::Display) {
        if self.troubles.len() < MOST_TROUBLES {
            self.troubles.push(format!("{}: {place}: {why}", self.path.display()));
        }
    }

    /// Takes an advisory for a part.
    pub(super) fn add(&mut self, part: &str, repeats: Repeats, advisory: Advisory) {
        self.part(part, repeats).builder.add(advisory);
    }

    /// A part tells of a space, even if it should have nothing to say of it.
    pub(super) fn covers(&mut self, part: &str, repeats: Repeats, space: &Space) {
        self.part(part, repeats).spaces.insert(space.as_str().to_owned());
    }

    /// What a part has is of this time, or later.
    pub(super) fn dated(&mut self, part: &str, repeats: Repeats, time: &str) {
        let part = self.part(part, repeats);
        if *time > *part.newest {
            time.clone_into(&mut part.newest);
        }
    }

    fn part(&mut self, name: &str, repeats: Repeats) -> &mut InMaking {
        if !self.touched.contains(name) {
            self.touched.insert(name.to_owned());
        }
        let source = &self.path;
        let part = self.parts.entry(name.to_owned()).or_insert_with(|| InMaking {
            builder: Builder::new(repeats),
            sources: BTreeSet::new(),
            spaces: BTreeSet::new(),
            newest: String::new(),
        });
        if part.sources.is_empty() || part.builder.count() == 0 {
            part.sources.insert(source.display().to_string());
        }
        part
    }

    /// Everything that was read to its end.
    pub(super) fn finish(self, failed: Vec<Error>) -> Import {
        let Self { parts, abandoned, troubles, unknown, .. } = self;
        let whole = parts.into_iter().filter(|(name, _)| !abandoned.contains(name));
        let gathered = whole.map(|(feed, part)| {
            let source = part.sources.into_iter().collect::<Vec<_>>().join(", ");
            let spaces = part.spaces.into_iter().collect();
            let header = Header { feed, source, spaces, newest: part.newest, ..Header::default() };
            Gathered { builder: part.builder, header }
        });
        Import { gathered: gathered.collect(), troubles, failed, unknown }
    }
}
