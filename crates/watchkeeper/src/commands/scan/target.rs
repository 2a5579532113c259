//! What can be scanned, and the walk over it.

use std::{
    fmt, fs, io,
    os::unix::ffi::OsStrExt,
    path::{Path, PathBuf},
};

use event::visible::visible;
use image::{
    Bounds, Content, Disk, Entry, Folder, Image, Platform, Problem, Visitor, Want, Whiteout,
};
use indicatif::ProgressBar;
use scan::{Collector, Inventory, LayerInfo, Purpose, Setting, Subject, Trouble, extractors, sbom};

use super::{
    base,
    in_use::{self, Place, Uses},
    names,
    registries::{Registries, RegistryArgs},
    source::Source,
    stores::{self, Wanted},
};
use crate::{
    commands::db::is_artifact,
    error::Error,
    output::{Verbosity, plural, progress},
};

/// Where container engines keep what is not the host's own.
const OF_CONTAINERS: [&str; 8] = [
    "var/lib/containerd",
    "var/lib/containers/storage",
    "var/lib/docker",
    "var/lib/kubelet/pods",
    "var/lib/rancher/k3s/agent/containerd",
    "var/snap/docker/common/var-lib-docker",
    "run/containerd",
    "run/user",
];

/// Stands for stdin where a document is asked for.
pub(super) const STDIN: &str = "-";

/// What is scanned.
pub(super) enum Target<'a> {
    Image {
        source: &'a Source,
        name: Option<&'a str>,
        platform: Option<&'a Platform>,
        root: Option<&'a Path>,
        /// What it was built on, where that is told.
        base: Option<&'a Source>,
        registries: &'a RegistryArgs,
    },
    RootFs(&'a Path),
    Vm(&'a Path),
    Repo(&'a Path),
    Host,
    Sbom(&'a Path),
}

impl Target<'_> {
    /// Says what is installed, and in what.
    pub(super) fn scan(
        &self,
        skip: &[PathBuf],
        verbosity: Verbosity,
    ) -> Result<(Inventory, Subject), Error> {
        self.scan_with(skip, None, verbosity)
    }

    /// As [`Self::scan`], and finds whose files those are that were seen in use.
    pub(super) fn scan_with(
        &self,
        skip: &[PathBuf],
        uses: Option<&Uses>,
        verbosity: Verbosity,
    ) -> Result<(Inventory, Subject), Error> {
        match self {
            Self::Sbom(path) => {
                uses.iter().for_each(|it| drop(it.ask(&Place::Elsewhere)));
                self.read(path)
            }
            _ => self.walk(skip, uses, verbosity),
        }
    }

    /// What should be known where no package was found: of nothing that is installed anything is known then.
    pub(super) fn nothing_found(&self, inventory: &Inventory) -> Option<String> {
        if !inventory.packages.is_empty() {
            return None;
        }
        let why = match self {
            Self::RootFs(_) | Self::Host => {
                "nothing in it says what is installed; is it mounted, and the root of a system?"
            }
            Self::Repo(_) => {
                "nothing in it says in which versions others' code is used; lock files do, and scan rootfs is for what is installed"
            }
            Self::Vm(_) => "nothing on it says what is installed",
            Self::Image { .. } => {
                "nothing in it says what is installed; programs that are linked statically may have anything in them"
            }
            Self::Sbom(_) => "the list is empty",
        };
        let text = format!("{self}: no package was found: {why}");
        Some(visible(text.as_bytes()).into_owned())
    }

    /// Reads a document, and says what it says.
    fn read(&self, path: &Path) -> Result<(Inventory, Subject), Error> {
        let read = match path == Path::new(STDIN) {
            true => sbom::read(&mut io::stdin().lock()),
            false => {
                let path = path.to_owned();
                let opened = fs::File::open(&path);
                sbom::read(&mut opened.map_err(|source| Error::File { path, source })?)
            }
        };
        let document = read.map_err(|error| match error {
            scan::Error::Io(source) => Error::File { path: path.to_owned(), source },
            error => Error::Usage(visible(format!("{self}: {error}").as_bytes()).into_owned()),
        })?;
        let mut subject = self.subject();
        subject.name = document.name.unwrap_or(subject.name);
        subject.purpose = document.purpose.unwrap_or(subject.purpose);
        (subject.version, subject.created) = (document.version, document.created);
        subject.ids = document.ids;
        Ok((document.inventory, subject))
    }

    /// Walks it, and says what is installed, and in what.
    fn walk(
        &self,
        skip: &[PathBuf],
        uses: Option<&Uses>,
        verbosity: Verbosity,
    ) -> Result<(Inventory, Subject), Error> {
        let mut settings = self.settings().to_vec();
        settings.extend(uses.map(|_| Setting::Files));
        let mut collector = Collector::new(extractors::of(&settings));
        if let Some(paths) = uses.zip(self.place()).map(|(it, place)| it.ask(&place)) {
            collector.ask_owners(paths);
        }
        collector.skip(skip.iter().map(|path| within(path)));
        let bar = progress(None, verbosity);
        let mut walk = Shown { collector, bar };
        let mut subject = self.subject();
        let mut of_base = None;
        let result = match self {
            Self::Image { source, name, platform, root, base, registries } => {
                let (platform, root) = (*platform, *root);
                let registries = Registries::new(registries, verbosity);
                let opener = Opener { platform, root, verbosity, registries: &registries };
                let scanned = opener.open(source, *name).and_then(|image| {
                    is_image(&image, source)?;
                    of_base = opener.base(&image, *base)?;
                    if image.source == image::Source::Registry {
                        walk.bar = ProgressBar::hidden();
                    }
                    if let Some(uses) = uses {
                        walk.collector.ask_owners(uses.ask(&Place::Image(&image)));
                    }
                    image_layers(&image, &mut walk, &mut subject);
                    tell_unchecked(&image, verbosity);
                    Ok(())
                });
                registries.finish();
                scanned
            }
            Self::RootFs(path) | Self::Repo(path) => {
                folder(path, Bounds::Everywhere, &mut walk).map_err(|error| at(path, error))
            }
            Self::Vm(path) => Disk::open(path)
                .and_then(|disk| disk.walk(&mut walk))
                .map_err(|error| at(path, error)),
            Self::Host => {
                walk.collector.skip(OF_CONTAINERS.map(|path| path.as_bytes().to_vec()));
                folder(Path::new("/"), Bounds::Disks, &mut walk).map_err(|error| at("/", error))
            }
            Self::Sbom(_) => Ok(()),
        };
        walk.bar.finish_and_clear();
        result.map(|()| (Inventory { base: of_base, ..walk.collector.finish() }, subject))
    }

    fn subject(&self) -> Subject {
        Subject {
            name: self.to_string(),
            purpose: match self {
                Self::Image { .. } => Purpose::Container,
                Self::Repo(_) | Self::Sbom(_) => Purpose::Source,
                Self::RootFs(_) | Self::Vm(_) | Self::Host => Purpose::OperatingSystem,
            },
            version: None,
            ids: Vec::new(),
            created: None,
            tool_version: env!("CARGO_PKG_VERSION").to_owned(),
        }
    }

    /// Where it may have been watched; `None` of an image that is not open yet.
    fn place(&self) -> Option<Place<'static>> {
        match self {
            Self::Image { .. } => None,
            Self::Host => Some(Place::Host),
            Self::RootFs(path) | Self::Repo(path) => Some(in_use::folder(path)),
            Self::Vm(_) | Self::Sbom(_) => Some(Place::Elsewhere),
        }
    }

    /// A tree of sources has what is asked for, other trees have what is installed.
    fn settings(&self) -> &'static [Setting] {
        match self {
            Self::Repo(_) => &[Setting::Declared],
            _ => &[Setting::System, Setting::Installed],
        }
    }
}

impl fmt::Display for Target<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Image { source, .. } => source.fmt(f),
            Self::RootFs(path) | Self::Vm(path) | Self::Repo(path) => path.display().fmt(f),
            Self::Sbom(path) if *path == Path::new(STDIN) => f.write_str("stdin"),
            Self::Sbom(path) => path.display().fmt(f),
            Self::Host => f.write_str("/"),
        }
    }
}

/// Opens images.
struct Opener<'a> {
    platform: Option<&'a Platform>,
    root: Option<&'a Path>,
    verbosity: Verbosity,
    registries: &'a Registries<'a>,
}

impl Opener<'_> {
    /// Opens an image, wherever it is.
    fn open(&self, source: &Source, name: Option<&str>) -> Result<Image, Error> {
        let Self { platform, root, verbosity, registries } = *self;
        let wanted = |name| Wanted { name, platform, root, verbosity };
        match source {
            Source::Path(path) => {
                Image::open(path, name, platform).map_err(|error| at(path, error))
            }
            Source::Store(store, name) => {
                stores::open(*store, wanted(name)).map_err(|error| hinted(error, source))
            }
            Source::Anywhere(name) => match stores::open_any(wanted(name))? {
                Ok(image) => Ok(image),
                // A disk that is mounted has stores alone.
                Err(reasons) if root.is_some() => Err(Error::Usage(nowhere(name, &reasons))),
                Err(reasons) => registries
                    .open_last(name, platform)
                    .map_err(|error| Error::Usage(format!("{}; {error}", nowhere(name, &reasons)))),
            },
            Source::Registry(name) => {
                registries.open(name, platform).map_err(|error| hinted(error, source))
            }
        }
    }

    /// What an image was built on: what is told, or what the image tells itself.
    fn base(&self, image: &Image, told: Option<&Source>) -> Result<Option<scan::Base>, Error> {
        let Some(source) = told else { return Ok(base::of(image, self.root)) };
        let platform = image.config.platform();
        let platform = Some(&platform).filter(|it| !it.os.is_empty());
        let opened = Opener { platform, ..*self }.open(source, None);
        let opened = opened.map_err(|error| Error::Usage(format!("--base {source}: {error}")))?;
        base::of_named(image, &opened, source).map(Some)
    }
}

/// With what may have been meant by the prefix.
fn hinted(error: Error, source: &Source) -> Error {
    match (error, source.hint()) {
        (Error::Usage(why), Some(hint)) => Error::Usage(format!("{why}; {hint}")),
        (error, _) => error,
    }
}

/// That it is no database of advisories, which registries keep as if it were an image.
fn is_image(image: &Image, source: &Source) -> Result<(), Error> {
    match is_artifact(image) {
        false => Ok(()),
        true => Err(Error::Usage(format!(
            "{source}: is a database of advisories, and no image; take it over with watchkeeper db pull"
        ))),
    }
}

fn nowhere(name: &str, reasons: &[String]) -> String {
    let more: String = reasons.iter().map(|reason| format!("; {reason}")).collect();
    format!("{name}: no such file or folder, and no store of this machine has such an image{more}")
}

/// What was unpacked, and has no record of what it was, can't be compared with what was promised.
fn tell_unchecked(image: &Image, verbosity: Verbosity) {
    let unchecked = image.layers.iter().filter(|layer| !layer.is_checked()).count();
    if unchecked > 0 && verbosity != Verbosity::Quiet {
        let layers = plural(unchecked as u64, "layer");
        say!("{layers} could not be checked: unpacked, and without a record of the archive");
    }
}

fn at(path: impl AsRef<Path>, error: image::Error) -> Error {
    let told = match error {
        // They name the file themselves.
        image::Error::File { .. } => error.to_string(),
        error => format!("{}: {error}", path.as_ref().display()),
    };
    Error::Usage(visible(told.as_bytes()).into_owned())
}

/// A path from the root of the tree, as it is written there.
fn within(path: &Path) -> Vec<u8> {
    let mut tidy = Vec::new();
    match image::tidy(path.as_os_str().as_bytes(), &mut tidy) {
        Ok(()) => tidy,
        // It is not of the tree, so nothing is left out.
        Err(_) => path.as_os_str().as_bytes().to_vec(),
    }
}

fn folder(path: &Path, bounds: Bounds, walk: &mut Shown) -> Result<(), image::Error> {
    Folder::open(path, bounds)?.walk(walk)
}

fn image_layers(image: &Image, walk: &mut Shown, subject: &mut Subject) {
    if let Some(name) = image.names.first() {
        subject.name.clone_from(name);
    }
    subject.version = Some(image.manifest.unwrap_or(image.id).to_string());
    subject.created.clone_from(&image.config.created);
    subject.ids = names::of(image);
    for (at, layer) in image.layers.iter().enumerate() {
        walk.collector.begin(LayerInfo {
            diff_id: layer.diff_id.to_string(),
            digest: layer.digest.map(|digest| digest.to_string()),
            instruction: layer.instruction.clone(),
            is_unchecked: !layer.is_checked(),
        });
        // Other layers can be read all the same.
        if let Err(error) = layer.walk(walk) {
            let (path, layer) = (String::new(), Some(at));
            walk.collector.trouble(Trouble { path, layer, reason: error.to_string() });
        }
    }
}

/// A walk that shows how far it is.
struct Shown {
    collector: Collector,
    bar: ProgressBar,
}

impl Visitor for Shown {
    fn entry(&mut self, entry: &Entry<'_>) -> Want {
        self.bar.inc(entry.size_bytes);
        self.collector.entry(entry)
    }

    fn content(&mut self, entry: &Entry<'_>, content: &mut dyn Content) {
        self.collector.content(entry, content);
    }

    fn whiteout(&mut self, whiteout: Whiteout<'_>) {
        self.collector.whiteout(whiteout);
    }

    fn problem(&mut self, problem: Problem) {
        self.collector.problem(problem);
    }
}
