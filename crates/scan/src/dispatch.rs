//! Which extractors read a file, told by its name.

use foldhash::{HashMap, HashMapExt};
use image::Entry;

use crate::{Extractor, Pattern, extractor::is_like};

/// Finds the extractors of a file by its name.
#[derive(Debug)]
pub(crate) struct Dispatch {
    extractors: Vec<&'static Extractor>,
    paths: HashMap<&'static [u8], Vec<usize>>,
    names: HashMap<&'static [u8], Vec<usize>>,
    /// By what a name has from its last dot on.
    extensions: HashMap<&'static [u8], Vec<(&'static [u8], usize)>>,
    /// Ends without a dot, which are few.
    ends: Vec<(&'static [u8], usize)>,
    folders: HashMap<&'static [u8], Vec<(&'static [u8], usize)>>,
    /// By the last part, or by what that has from its last dot on.
    like: HashMap<&'static [u8], Vec<(&'static str, usize)>>,
    /// By the folder whose entries they are.
    entries: HashMap<&'static [u8], Vec<usize>>,
    /// By the names of folders alone.
    named_folders: HashMap<&'static [u8], Vec<(&'static [u8], usize)>>,
    /// Beginnings and ends of names.
    affixes: Vec<(&'static [u8], &'static [u8], usize)>,
    executables: Vec<usize>,
}

impl Dispatch {
    pub(crate) fn new(extractors: Vec<&'static Extractor>) -> Self {
        let mut dispatch = Self {
            extractors: Vec::new(),
            paths: HashMap::new(),
            names: HashMap::new(),
            extensions: HashMap::new(),
            ends: Vec::new(),
            folders: HashMap::new(),
            like: HashMap::new(),
            entries: HashMap::new(),
            named_folders: HashMap::new(),
            affixes: Vec::new(),
            executables: Vec::new(),
        };
        for (at, extractor) in extractors.iter().enumerate() {
            extractor.files.iter().for_each(|pattern| dispatch.add(*pattern, at));
        }
        dispatch.extractors = extractors;
        dispatch
    }

    fn add(&mut self, pattern: Pattern, at: usize) {
        match pattern {
            Pattern::Path(path) => self.paths.entry(path.as_bytes()).or_default().push(at),
            Pattern::Name(name) => self.names.entry(name.as_bytes()).or_default().push(at),
            Pattern::Suffix(end) | Pattern::PathEnd(end) => match extension(end.as_bytes()) {
                Some(dotted) => {
                    self.extensions.entry(dotted).or_default().push((end.as_bytes(), at));
                }
                None => self.ends.push((end.as_bytes(), at)),
            },
            Pattern::In(folder, end) => {
                self.folders.entry(folder.as_bytes()).or_default().push((end.as_bytes(), at));
            }
            Pattern::Like(like) => {
                let last = like.rsplit('/').next().unwrap_or(like).as_bytes();
                let key = extension(last).filter(|_| last.contains(&b'*')).unwrap_or(last);
                self.like.entry(key).or_default().push((like, at));
            }
            Pattern::EntryOf(folder) => {
                self.entries.entry(folder.as_bytes()).or_default().push(at);
            }
            Pattern::Within(folder, end) => {
                let ends = self.named_folders.entry(folder.as_bytes()).or_default();
                ends.push((end.as_bytes(), at));
            }
            Pattern::Affixes(start, end) => {
                self.affixes.push((start.as_bytes(), end.as_bytes(), at));
            }
            Pattern::Executable => self.executables.push(at),
        }
    }

    /// The places of those that read a file of this name.
    fn by_name(&self, entry: &Entry<'_>) -> impl Iterator<Item = usize> {
        let (path, name) = (entry.path, entry.name());
        let folder = folder(entry);
        let ends = extension(name).and_then(|dotted| self.extensions.get(dotted));
        let ends = ends.into_iter().flatten().chain(&self.ends);
        let exact = self.paths.get(path).into_iter().chain(self.names.get(name)).flatten().copied();
        let within = self.folders.get(folder).into_iter().flatten();
        let like = extension(name).and_then(|dotted| self.like.get(dotted));
        let like = like.into_iter().chain(self.like.get(name)).flatten();
        let like = like.filter(|(like, _)| is_like(path, like)).map(|(_, at)| *at);
        let folder_name = folder.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
        let within = within.chain(self.named_folders.get(folder_name).into_iter().flatten());
        let ends = ends.chain(within).filter(|(end, _)| path.ends_with(end)).map(|(_, at)| *at);
        let affixes = self
            .affixes
            .iter()
            .filter(|(start, end, _)| name.starts_with(start) && name.ends_with(end))
            .map(|(_, _, at)| *at);
        exact.chain(ends).chain(affixes).chain(like)
    }

    /// Those that read nothing but this name.
    pub(crate) fn of_name(&self, entry: &Entry<'_>) -> Vec<(usize, &'static Extractor)> {
        let places = self.entries.get(folder(entry)).into_iter().flatten();
        places.filter_map(|at| Some((*at, *self.extractors.get(*at)?))).collect()
    }

    pub(crate) fn wants_by_name(&self, entry: &Entry<'_>) -> bool {
        self.by_name(entry).next().is_some()
    }

    pub(crate) fn wants(&self, entry: &Entry<'_>) -> bool {
        self.wants_by_name(entry) || (entry.is_executable() && !self.executables.is_empty())
    }

    /// The extractors of a file, each once, in their order.
    pub(crate) fn of(&self, entry: &Entry<'_>) -> Vec<(usize, &'static Extractor)> {
        let executable = self.executables.iter().filter(|_| entry.is_executable()).copied();
        let mut places: Vec<usize> = self.by_name(entry).chain(executable).collect();
        places.sort_unstable();
        places.dedup();
        places.into_iter().filter_map(|at| Some((at, *self.extractors.get(at)?))).collect()
    }
}

/// The name of the folder that an entry is in.
fn folder<'a>(entry: &Entry<'a>) -> &'a [u8] {
    let folder = entry.path.strip_suffix(entry.name()).unwrap_or_default();
    folder.strip_suffix(b"/").unwrap_or(folder)
}

/// What a name has from its last dot on.
fn extension(name: &[u8]) -> Option<&[u8]> {
    name.get(name.iter().rposition(|byte| *byte == b'.')?..)
}
