//! Files of a walk, as layers leave them.

use std::collections::BTreeMap;

use foldhash::{HashMap, HashMapExt};
use image::{Content, Entry, Kind, Problem, Visitor, Want, Whiteout};

use crate::{
    Executable, Extractor, Found, Input, Inventory, LayerInfo, Pattern, Setting, Trouble,
    extractor::is_like, inventory, project,
};

/// Most executables that are listed.
const MOST_EXECUTABLES: usize = 1_000_000;
/// Most links that are remembered.
const MOST_LINKS: usize = 100;

/// What is told of files of which an extractor found something.
#[derive(Debug)]
pub(crate) struct Kept {
    /// The layer that it is of.
    pub(crate) layer: usize,
    pub(crate) setting: Setting,
    pub(crate) found: Found,
    /// What layers below had under the same name, the lowest first.
    pub(crate) before: Vec<(usize, Found)>,
}

/// Reads packages out of the files that it is told of.
#[derive(Debug)]
pub struct Collector {
    dispatch: Dispatch,
    /// By the file, and by the extractor's place among all.
    files: BTreeMap<(Vec<u8>, usize), Kept>,
    executables: BTreeMap<Vec<u8>, Executable>,
    /// Links in the root to folders: `bin` to `usr/bin`, by which packages may know their files.
    links: BTreeMap<Vec<u8>, Vec<u8>>,
    layers: Vec<LayerInfo>,
    troubles: Vec<Trouble>,
    /// Folders that are not looked into, and files that are not read.
    skipped: Vec<Vec<u8>>,
}

impl Collector {
    /// One that these extractors read for.
    pub fn new(extractors: Vec<&'static Extractor>) -> Self {
        Self {
            dispatch: Dispatch::new(extractors),
            files: BTreeMap::new(),
            executables: BTreeMap::new(),
            links: BTreeMap::new(),
            layers: Vec::new(),
            troubles: Vec::new(),
            skipped: Vec::new(),
        }
    }

    /// Leaves out these files and folders, from the root of the tree.
    pub fn skip(&mut self, paths: impl IntoIterator<Item = Vec<u8>>) {
        self.skipped.extend(paths);
    }

    /// What comes next is of this layer, which is above those before.
    pub fn begin(&mut self, layer: LayerInfo) {
        self.layers.push(layer);
    }

    /// Something could not be read as a whole.
    pub fn trouble(&mut self, trouble: Trouble) {
        self.troubles.push(trouble);
    }

    /// Puts together what is left.
    pub fn finish(self) -> Inventory {
        let Self { mut files, executables, links, layers, troubles, .. } = self;
        inventory::finish(&mut files);
        project::join(&mut files);
        inventory::of(&files, &executables, &links, layers, troubles)
    }

    fn layer(&self) -> usize {
        self.layers.len().saturating_sub(1)
    }

    /// A name stands for something else than below, so that what was there is no longer.
    fn replace(&mut self, entry: &Entry<'_>) {
        let layer = self.layer();
        if layer == 0 {
            return;
        }
        if entry.kind != Kind::Folder {
            self.hide_within(entry.path, layer);
        }
        self.executables.remove(entry.path);
        for (_, kept) in of_file_mut(&mut self.files, entry.path) {
            if kept.layer < layer {
                let found = std::mem::take(&mut kept.found);
                kept.before.push((kept.layer, found));
                kept.layer = layer;
            }
        }
    }

    /// Takes away what layers below this one have in a folder.
    fn hide_within(&mut self, folder: &[u8], layer: usize) {
        let mut prefix = folder.to_vec();
        if !prefix.is_empty() {
            prefix.push(b'/');
        }
        let gone: Vec<_> = self
            .files
            .range((prefix.clone(), 0)..)
            .take_while(|((path, _), _)| path.starts_with(&prefix))
            .filter(|(_, kept)| kept.layer < layer)
            .map(|(key, _)| key.clone())
            .collect();
        gone.iter().for_each(|key| drop(self.files.remove(key)));
        let gone: Vec<_> = self
            .executables
            .range(prefix.clone()..)
            .take_while(|(path, _)| path.starts_with(&prefix))
            .filter(|(_, executable)| executable.layer.is_some_and(|it| it < layer))
            .map(|(path, _)| path.clone())
            .collect();
        for path in gone {
            self.executables.remove(&path);
        }
    }

    fn hide(&mut self, path: &[u8], layer: usize) {
        self.hide_within(path, layer);
        let keys: Vec<_> = of_file_mut(&mut self.files, path)
            .filter(|(_, kept)| kept.layer < layer)
            .map(|(key, _)| key.clone())
            .collect();
        keys.iter().for_each(|key| drop(self.files.remove(key)));
        if self.executables.get(path).is_some_and(|it| it.layer.is_some_and(|it| it < layer)) {
            self.executables.remove(path);
        }
    }

    fn keep(&mut self, path: &[u8], extractor: usize, setting: Setting, found: Found) {
        let layer = self.layer();
        let key = (path.to_vec(), extractor);
        match self.files.get_mut(&key) {
            Some(kept) => (kept.layer, kept.found) = (layer, found),
            None if found.is_empty() => {}
            None => {
                self.files.insert(key, Kept { layer, setting, found, before: Vec::new() });
            }
        }
    }

    /// What the name of an entry tells alone.
    fn read_name(&mut self, entry: &Entry<'_>) {
        let extractors = self.dispatch.of_name(entry);
        if !extractors.is_empty() {
            self.read(entry, &mut std::io::Cursor::new([]), extractors);
        }
    }

    fn read(
        &mut self,
        entry: &Entry<'_>,
        content: &mut dyn Content,
        extractors: Vec<(usize, &'static Extractor)>,
    ) {
        for (at, extractor) in extractors {
            let mut found = Found::default();
            let read = Input::new(*entry, content)
                .and_then(|mut input| (extractor.extract)(&mut input, &mut found));
            if let Err(error) = read {
                self.troubles.push(Trouble {
                    path: String::from_utf8_lossy(entry.path).into_owned(),
                    layer: (!self.layers.is_empty()).then(|| self.layer()),
                    reason: format!("{}: {error}", extractor.name),
                });
            }
            self.keep(entry.path, at, extractor.setting, found);
        }
    }

    /// Layers tell of what is in a folder whether that was wanted or not.
    fn is_skipped(&self, path: &[u8]) -> bool {
        let is_within = |rest: &[u8]| rest.is_empty() || rest.starts_with(b"/");
        self.skipped.iter().any(|skipped| path.strip_prefix(&**skipped).is_some_and(is_within))
    }
}

/// What is kept of a file, by each extractor.
fn of_file_mut<'a>(
    files: &'a mut BTreeMap<(Vec<u8>, usize), Kept>,
    path: &[u8],
) -> impl Iterator<Item = (&'a (Vec<u8>, usize), &'a mut Kept)> {
    files.range_mut((path.to_vec(), 0)..=(path.to_vec(), usize::MAX))
}

impl Visitor for Collector {
    fn entry(&mut self, entry: &Entry<'_>) -> Want {
        if self.is_skipped(entry.path) {
            return Want::Skip;
        }
        self.replace(entry);
        if let Kind::Symlink(target) = entry.kind
            && !entry.path.contains(&b'/')
            && self.links.len() < MOST_LINKS
        {
            let target = target.strip_prefix(b"/").unwrap_or(target);
            self.links.insert(entry.path.to_vec(), target.to_vec());
        }
        if entry.is_executable() && self.executables.len() < MOST_EXECUTABLES {
            let layer = (!self.layers.is_empty()).then(|| self.layer());
            let executable = Executable { size_bytes: entry.size_bytes, layer };
            self.executables.insert(entry.path.to_vec(), executable);
        }
        self.read_name(entry);
        match entry.kind {
            Kind::File if self.dispatch.wants(entry) => Want::Content,
            // An executable is read under the name that came first.
            Kind::Hardlink(_) if self.dispatch.wants_by_name(entry) => Want::Content,
            _ => Want::Nothing,
        }
    }

    fn content(&mut self, entry: &Entry<'_>, content: &mut dyn Content) {
        self.read(entry, content, self.dispatch.of(entry));
    }

    fn whiteout(&mut self, whiteout: Whiteout<'_>) {
        let layer = self.layer();
        match whiteout {
            Whiteout::Entry(path) => self.hide(path, layer),
            Whiteout::Within(folder) => self.hide_within(folder, layer),
        }
    }

    fn problem(&mut self, problem: Problem) {
        self.troubles.push(Trouble {
            path: String::from_utf8_lossy(&problem.path).into_owned(),
            layer: (!self.layers.is_empty()).then(|| self.layer()),
            reason: problem.error.to_string(),
        });
    }
}

/// Finds the extractors of a file by its name.
#[derive(Debug)]
struct Dispatch {
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
    fn new(extractors: Vec<&'static Extractor>) -> Self {
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
    fn of_name(&self, entry: &Entry<'_>) -> Vec<(usize, &'static Extractor)> {
        let places = self.entries.get(folder(entry)).into_iter().flatten();
        places.filter_map(|at| Some((*at, *self.extractors.get(*at)?))).collect()
    }

    fn wants_by_name(&self, entry: &Entry<'_>) -> bool {
        self.by_name(entry).next().is_some()
    }

    fn wants(&self, entry: &Entry<'_>) -> bool {
        self.wants_by_name(entry) || (entry.is_executable() && !self.executables.is_empty())
    }

    /// The extractors of a file, each once, in their order.
    fn of(&self, entry: &Entry<'_>) -> Vec<(usize, &'static Extractor)> {
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
