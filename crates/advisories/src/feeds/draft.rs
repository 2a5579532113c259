//! Parts in the making, while files of feeds are read.

use std::{
    collections::{BTreeMap, BTreeSet},
    env,
    path::{Path, PathBuf},
};

use super::Import;
use crate::{
    Advisory, Error, Space,
    db::{Builder, Came, Extent, Header, Repeats},
};

/// Most troubles that are kept word for word.
const MOST_TROUBLES: usize = 1000;

/// Parts in the making.
#[derive(Debug, Default)]
pub struct Draft {
    parts: BTreeMap<String, InMaking>,
    /// Where what is too much for memory is kept.
    folder: Option<PathBuf>,
    /// What is read just now.
    path: PathBuf,
    /// How it came.
    scope: Scope,
    /// The part that it has all of.
    all_of: Option<String>,
    /// The parts that it has something for.
    touched: BTreeSet<String>,
    abandoned: BTreeSet<String>,
    troubles: Vec<String>,
    count_troubles: usize,
    unknown: u64,
}

/// How what is read came.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) enum Scope {
    /// As a folder or an archive, which tell of all that they are of.
    #[default]
    Collection,
    /// As a file by itself. A list is whole all the same; a record makes nothing known but itself.
    Single,
    /// As records of a feed that changed since all of it came.
    Changes,
}

#[derive(Debug)]
struct InMaking {
    builder: Builder,
    sources: BTreeSet<String>,
    /// Spaces that the feed tells all of.
    whole: BTreeSet<String>,
    /// Spaces that collections tell of which are not all that the feed has.
    gathered: BTreeSet<String>,
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
    /// One that keeps what is too much for memory in this folder.
    pub(super) fn in_folder(folder: &Path) -> Self {
        Self { folder: Some(folder.to_owned()), ..Self::default() }
    }

    /// Goes on with the files of a path.
    pub(super) fn begin(&mut self, path: &Path, scope: Scope) {
        self.path = path.to_owned();
        self.scope = scope;
        self.all_of = None;
        self.touched.clear();
    }

    /// Whether what is read just now is a collection, so that it may be all of a feed.
    pub(super) fn is_collection(&self) -> bool {
        self.scope == Scope::Collection
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
        self.count_troubles += 1;
        if self.troubles.len() < MOST_TROUBLES {
            self.troubles.push(format!("{}: {why}", told(&self.path, place)));
        }
    }

    /// How often something was left out.
    pub(super) fn count_troubles(&self) -> usize {
        self.count_troubles
    }

    /// What is read just now has all that a feed of records has, so that what it has no more goes. Whether that was
    /// not told of what came last.
    pub(super) fn has_all_of(&mut self, part: &str) -> bool {
        let is_new = self.is_collection() && self.all_of.as_deref() != Some(part);
        if is_new {
            self.all_of = Some(part.to_owned());
            self.part(part, Repeats::Replace).builder.is_of_all();
        }
        is_new
    }

    /// Takes an advisory that tells something beside what is told by others: what has it alone makes nothing known.
    pub(super) fn add_beside(&mut self, part: &str, repeats: Repeats, advisory: Advisory) {
        self.part(part, repeats).builder.take(advisory, Came::Whole);
    }

    /// Takes an advisory for a part.
    pub(super) fn add(&mut self, part: &str, repeats: Repeats, advisory: Advisory) {
        let is_all = repeats == Repeats::Add || self.all_of.as_deref() == Some(part);
        let scope = self.scope;
        let making = self.part(part, repeats);
        let known = match (is_all, scope) {
            (true, _) => Some(&mut making.whole),
            (false, Scope::Collection) => Some(&mut making.gathered),
            (false, Scope::Single | Scope::Changes) => None,
        };
        if let Some(known) = known.filter(|_| advisory.withdrawn.is_none()) {
            for affected in &advisory.affected {
                if !known.contains(affected.space.as_str()) {
                    known.insert(affected.space.as_str().to_owned());
                }
            }
        }
        let is_alone = !is_all && scope != Scope::Changes;
        making.builder.take(advisory, if is_alone { Came::Alone } else { Came::Whole });
    }

    /// A part tells of a space, even if it should have nothing to say of it: all of it, unless it has records.
    pub(super) fn covers(&mut self, part: &str, repeats: Repeats, space: &Space) {
        let is_all = repeats != Repeats::Replace || self.all_of.as_deref() == Some(part);
        let making = self.part(part, repeats);
        if is_all && !making.whole.contains(space.as_str()) {
            making.whole.insert(space.as_str().to_owned());
        }
    }

    /// What a part has is of this time, or later.
    pub(super) fn dated(&mut self, part: &str, repeats: Repeats, time: &str) {
        let part = self.part(part, repeats);
        if *time > *part.newest {
            time.clone_into(&mut part.newest);
        }
    }

    fn part(&mut self, name: &str, repeats: Repeats) -> &mut InMaking {
        let is_new = !self.touched.contains(name);
        if is_new {
            self.touched.insert(name.to_owned());
        }
        let (folder, scope) = (&self.folder, self.scope);
        let part = self.parts.entry(name.to_owned());
        let part = part.or_insert_with(|| InMaking::new(repeats, folder.as_deref()));
        if repeats == Repeats::Add {
            part.builder.is_a_list();
        }
        if is_new {
            part.sources.insert(self.path.display().to_string());
            if scope == Scope::Collection {
                part.builder.comes_of_collection();
            }
        }
        part
    }

    /// Everything that was read to its end.
    pub(super) fn finish(self, failed: Vec<Error>) -> Import {
        let Self { parts, abandoned, troubles, unknown, .. } = self;
        let whole = parts.into_iter().filter(|(name, _)| !abandoned.contains(name));
        let gathered = whole.map(|(feed, part)| {
            let source = part.sources.into_iter().collect::<Vec<_>>().join(", ");
            let [whole, gathered] = [part.whole, part.gathered].map(|it| it.into_iter().collect());
            let newest = part.newest;
            let header = Header { feed, source, whole, gathered, newest, ..Header::default() };
            Gathered { builder: part.builder, header }
        });
        Import { gathered: gathered.collect(), troubles, failed, unknown }
    }
}

impl InMaking {
    fn new(repeats: Repeats, folder: Option<&Path>) -> Self {
        let extent = match repeats {
            Repeats::Add => Extent::All,
            Repeats::Unite | Repeats::Replace => Extent::Records,
        };
        let folder = folder.map_or_else(env::temp_dir, Path::to_owned);
        Self {
            builder: Builder::in_folder(repeats, extent, folder),
            sources: BTreeSet::new(),
            whole: BTreeSet::new(),
            gathered: BTreeSet::new(),
            newest: String::new(),
        }
    }
}

/// Where something is, as it is told: the path that was asked for, and what is within it. Names of files begin with
/// the folder that the path lies in, and its own name.
fn told(path: &Path, place: &str) -> String {
    let shown = path.display().to_string();
    let own = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let own = own.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    let within = place.split_once('/').map_or(place, |(_, rest)| rest);
    match within.strip_prefix(&*own) {
        Some("") => shown,
        Some(rest) if rest.starts_with('/') => format!("{}{rest}", shown.trim_end_matches('/')),
        // It is packed: its name has an ending more.
        _ if own.strip_prefix(within).is_some_and(|ending| ending.starts_with('.')) => shown,
        _ => format!("{shown}: {place}"),
    }
}
