//! Files of a walk, as layers leave them.

use std::collections::{BTreeMap, BTreeSet};

use image::{Content, Entry, Kind, Problem, Visitor, Want, Whiteout};

use crate::{
    Executable, Extractor, Found, Input, Inventory, LayerInfo, Setting, Trouble,
    dispatch::Dispatch,
    inventory,
    owners::{self, Links},
    project,
};

/// Most executables that are listed.
const MOST_EXECUTABLES: usize = 1_000_000;
/// Most links that are remembered.
const MOST_LINKS: usize = 100;
/// Most packages that are kept of all files, those of layers below too.
const MOST_PACKAGES: usize = 1_000_000;
/// Most bytes of names of files that belong to packages.
const MOST_OWNED_BYTES: usize = 512 << 20;
/// Most troubles that are told.
const MOST_TROUBLES: usize = 10_000;

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
    /// Folders of the layer in which nothing of those below is left.
    hidden: BTreeSet<Vec<u8>>,
    troubles: Vec<Trouble>,
    left: Left,
    /// Folders that are not looked into, and files that are not read.
    skipped: Vec<Vec<u8>>,
    /// Paths whose owners are asked for, and links by which these may be known.
    asked: Option<(Vec<Vec<u8>>, Links)>,
}

/// How much more may be kept.
#[derive(Debug)]
struct Left {
    packages: usize,
    owned_bytes: usize,
    troubles: usize,
}

impl Default for Left {
    fn default() -> Self {
        Self { packages: MOST_PACKAGES, owned_bytes: MOST_OWNED_BYTES, troubles: MOST_TROUBLES }
    }
}

impl Left {
    /// Whether there is room for what was found, which takes it.
    fn take(&mut self, found: &Found) -> bool {
        let owned = found.owned.iter().chain(&found.owned_by_others).chain(&found.files);
        let owned_bytes = owned.map(|path| path.len() + size_of::<Vec<u8>>()).sum();
        // A file takes some room itself.
        let packages = self.packages.checked_sub(found.packages.len() + found.licences.len() + 1);
        let owned_bytes = self.owned_bytes.checked_sub(owned_bytes);
        let Some((packages, owned_bytes)) = packages.zip(owned_bytes) else { return false };
        (self.packages, self.owned_bytes) = (packages, owned_bytes);
        true
    }
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
            hidden: BTreeSet::new(),
            troubles: Vec::new(),
            left: Left::default(),
            skipped: Vec::new(),
            asked: None,
        }
    }

    /// Leaves out these files and folders, from the root of the tree.
    pub fn skip(&mut self, paths: impl IntoIterator<Item = Vec<u8>>) {
        self.skipped.extend(paths);
    }

    /// Asks whose files these paths are, which is told in [`Inventory::owners`]. Before the walk.
    pub fn ask_owners(&mut self, paths: Vec<Vec<u8>>) {
        self.asked = Some((paths, Links::default()));
    }

    /// What comes next is of this layer, which is above those before.
    pub fn begin(&mut self, layer: LayerInfo) {
        self.layers.push(layer);
        self.hidden.clear();
    }

    /// Something could not be read as a whole.
    pub fn trouble(&mut self, trouble: Trouble) {
        let Some(left) = self.left.troubles.checked_sub(1) else { return };
        self.left.troubles = left;
        self.troubles.push(match left {
            0 => Trouble {
                path: String::new(),
                layer: trouble.layer,
                reason: format!("there are more than {MOST_TROUBLES} problems; no others are told"),
            },
            _ => trouble,
        });
    }

    /// Puts together what is left.
    pub fn finish(mut self) -> Inventory {
        let unlocked: Vec<Trouble> = project::unlocked(&self.files).map(unlocked).collect();
        unlocked.into_iter().for_each(|trouble| self.trouble(trouble));
        let Self { mut files, executables, links, layers, troubles, asked, .. } = self;
        inventory::finish(&mut files);
        project::join(&mut files);
        let mut inventory = inventory::of(&files, &executables, &links, layers, troubles);
        inventory.owners =
            asked.map(|(paths, links)| owners::of_tree(&inventory, &files, &links, &paths));
        inventory
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
        // What was looked through once has nothing of other layers any more.
        if self.hidden.contains(&prefix) {
            return;
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
        if self.has_some_within(&prefix) {
            self.hidden.insert(prefix);
        }
    }

    fn has_some_within(&self, prefix: &[u8]) -> bool {
        let file = self.files.range((prefix.to_vec(), 0)..).next();
        let executable = self.executables.range(prefix.to_vec()..).next();
        file.is_some_and(|((path, _), _)| path.starts_with(prefix))
            || executable.is_some_and(|(path, _)| path.starts_with(prefix))
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
        if !found.is_empty() && !self.left.take(&found) {
            let reason = format!(
                "what it has is left out: more than {MOST_PACKAGES} packages or {MOST_OWNED_BYTES} \
                 bytes of names of their files are not kept"
            );
            self.trouble_at(path, reason);
            return;
        }
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
                self.trouble_at(entry.path, format!("{}: {error}", extractor.name));
            }
            self.keep(entry.path, at, extractor.setting, found);
        }
    }

    fn trouble_at(&mut self, path: &[u8], reason: String) {
        let path = String::from_utf8_lossy(path).into_owned();
        let layer = (!self.layers.is_empty()).then(|| self.layer());
        self.trouble(Trouble { path, layer, reason });
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
        if let Some((_, links)) = &mut self.asked {
            let target = if let Kind::Symlink(target) = entry.kind { Some(target) } else { None };
            links.set(entry.path, target);
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
        self.trouble_at(&problem.path, problem.error.to_string());
    }
}

/// What a manifest asks for is in use, and not known.
fn unlocked((path, asks): (&[u8], usize)) -> Trouble {
    let packages = if asks == 1 { "a package" } else { "packages" };
    let count = if asks == 1 { String::new() } else { format!("{asks} ") };
    let reason = format!(
        "asks for {count}{packages}, and no lock file says in which versions: not listed; make a lock file, or \
         scan what is installed"
    );
    Trouble { path: String::from_utf8_lossy(path).into_owned(), layer: None, reason }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;
    use crate::{Ask, Manifest, Package, Role, extractors};

    fn layered() -> Collector {
        let mut collector = Collector::new(extractors::of(&[Setting::Installed]));
        for layer in 0..2 {
            collector.begin(LayerInfo { diff_id: layer.to_string(), ..LayerInfo::default() });
            let path = format!("srv/{layer}/package.json");
            let json = br#"{"name": "a", "version": "1"}"#;
            let mode = 0o755;
            let size_bytes = json.len() as u64;
            let entry = Entry { path: path.as_bytes(), kind: Kind::File, mode, size_bytes };
            assert_eq!(collector.entry(&entry), Want::Content);
            collector.content(&entry, &mut Cursor::new(json));
        }
        collector
    }

    #[test]
    fn what_a_layer_hides_is_looked_through_once() {
        let mut collector = layered();
        collector.whiteout(Whiteout::Within(b"srv"));
        let kept: Vec<_> = collector.files.keys().map(|(path, _)| path.clone()).collect();
        assert_eq!(kept, [b"srv/1/package.json"]);
        assert_eq!(collector.executables.len(), 1);
        assert!(collector.hidden.contains(&b"srv/"[..]));
        // In the next layer it is looked through anew.
        collector.begin(LayerInfo::default());
        collector.whiteout(Whiteout::Within(b"srv"));
        assert!(collector.files.is_empty() && collector.executables.is_empty());
    }

    #[test]
    fn manifests_without_lock_files_are_told() {
        let asks = |count: usize| {
            let ask = |at| Ask { name: format!("p{at}"), range: String::new() };
            let manifest = Manifest { asks: (0..count).map(ask).collect(), ..Manifest::default() };
            Found { role: Some(Role::Manifest(manifest)), ..Found::default() }
        };
        let locked = || Found {
            packages: vec![Package::new(crate::Kind::Npm, "a", "1")],
            ..Found::default()
        };
        let mut collector = Collector::new(extractors::of(&[Setting::Declared]));
        for (path, found) in [
            (&b"package.json"[..], asks(2)),
            (b"web/package.json", asks(2)),
            (b"web/yarn.lock", locked()),
            (b"web/part/inner/package.json", asks(1)),
            (b"webs/package.json", asks(1)),
            (b"tool/Cargo.toml", asks(0)),
            (b"py/requirements.txt", asks(3)),
            (b"py/pyproject.toml", asks(3)),
        ] {
            collector.keep(path, 0, Setting::Declared, found);
        }
        let told = collector.finish().troubles;
        let paths: Vec<_> = told.iter().map(|it| it.path.as_str()).collect();
        assert_eq!(paths, ["package.json", "py/requirements.txt", "webs/package.json"]);
        assert!(told[0].reason.starts_with("asks for 2 packages, and no lock file"), "{told:?}");
        assert!(told[2].reason.starts_with("asks for a package, and no lock file"), "{told:?}");
    }

    #[test]
    fn what_is_beyond_bounds_is_told_and_left_out() {
        let mut collector = layered();
        collector.left = Left { packages: 3, owned_bytes: 60, troubles: 3 };
        let owned = |bytes: usize| Found { owned: vec![vec![b'a'; bytes]], ..Found::default() };
        collector.keep(b"one", 0, Setting::System, owned(20));
        collector.keep(b"two", 0, Setting::System, owned(20));
        collector.left.owned_bytes = usize::MAX;
        (0..9).for_each(|_| collector.keep(b"three", 0, Setting::System, owned(1)));
        assert_eq!(collector.files.keys().filter(|(path, _)| path == b"two").count(), 0);
        let told: Vec<_> = collector.troubles.iter().map(|it| it.reason.as_str()).collect();
        assert!(told[0].starts_with("what it has is left out"), "{told:?}");
        assert_eq!(told[2], "there are more than 10000 problems; no others are told");
        assert_eq!(told.len(), 3);
    }
}
