//! Of what something is said, and whether that is what was scanned.

use std::{
    cell::OnceCell,
    collections::{HashMap, HashSet},
    fmt,
};

use scan::{Distro, Inventory, Kind, Package, Subject, Url, purl};

use crate::Space;

/// A product, or parts of one.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Product {
    /// The product.
    pub whole: Named,
    /// Which parts of it are meant; all of it where there are none.
    pub parts: Vec<Named>,
}

/// Names of one thing.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Named {
    /// Package URLs. What one does not tell may be anything.
    purls: Vec<Compared>,
    /// Other names, and package URLs as they were written: links, CPE, hashes, names of images.
    texts: Vec<String>,
    /// The release of a distribution that it is.
    pub(super) space: Option<Space>,
}

/// A package URL, which is compared with many.
#[derive(Clone, PartialEq, Debug)]
struct Compared {
    url: Url,
    /// Its name as all write it.
    name: String,
}

impl Compared {
    fn of(url: Url) -> Self {
        let name = match url.kind {
            Kind::Pypi => url.name.to_lowercase().replace(['_', '.'], "-"),
            _ => url.name.to_lowercase(),
        };
        Self { url, name }
    }

    fn parse(text: &str) -> Option<Self> {
        Url::parse(text).ok().map(Self::of)
    }
}

impl Product {
    /// All of it.
    pub fn of(whole: Named) -> Self {
        Self { whole, parts: Vec::new() }
    }
}

impl Named {
    /// What has all these names.
    pub fn of<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        let names = names.into_iter().map(str::trim).filter(|name| !name.is_empty());
        let texts: Vec<String> = names.map(str::to_owned).collect();
        let whole = texts.iter().filter(|text| !ends_without_version(text));
        let purls = whole.filter_map(|text| Compared::parse(text)).collect();
        Self { purls, texts, space: None }
    }

    /// The same of this version alone; what has other names than package URLs has no other versions.
    pub(super) fn of_version(&self, version: &str) -> Self {
        let of = |it: &Compared| {
            let mut it = it.clone();
            version.clone_into(&mut it.url.version);
            it
        };
        Self { purls: self.purls.iter().map(of).collect(), texts: Vec::new(), space: None }
    }

    pub(super) fn has_purl(&self) -> bool {
        !self.purls.is_empty()
    }

    /// What a package URL names; `None` where the text is none.
    pub(crate) fn of_purl(text: &str) -> Option<Self> {
        Some(Self::of([text])).filter(|it| !it.purls.is_empty())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.texts.is_empty() && self.space.is_none()
    }
}

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.texts.first().map_or("", String::as_str))
    }
}

/// What was scanned, as statements may name it.
pub(crate) struct Scanned<'a> {
    inventory: &'a Inventory,
    purls: Vec<Compared>,
    texts: HashSet<String>,
    /// Numbers of its list, where it is one.
    serials: Vec<&'a str>,
    /// Of each package.
    packages: OnceCell<Vec<Option<Compared>>>,
    /// By files: the places of packages that these tell of, each once.
    places: OnceCell<HashMap<&'a str, Vec<usize>, foldhash::fast::RandomState>>,
}

/// Where numbers of lists of packages begin.
const SERIAL: &str = "urn:uuid:";

impl<'a> Scanned<'a> {
    pub(crate) fn new(inventory: &'a Inventory, subject: &'a Subject) -> Self {
        // A version that is no digest is that of many.
        let exact = subject.version.iter().filter(|version| is_digest(version));
        let names = std::iter::once(&subject.name).chain(exact).chain(&subject.ids);
        let texts = names.clone().map(|name| plain(name).to_ascii_lowercase()).collect();
        let serials = subject.ids.iter().map(String::as_str).filter(|id| id.starts_with(SERIAL));
        Self {
            inventory,
            purls: names.filter_map(|name| Compared::parse(name)).collect(),
            texts,
            serials: serials.collect(),
            packages: OnceCell::new(),
            places: OnceCell::new(),
        }
    }

    /// Whether a product is, or has as its part, a package that was found in this space.
    pub(super) fn has(&self, product: &Product, package: usize, space: &Space) -> bool {
        let Some(found) = self.inventory.packages.get(package) else { return false };
        let is = |named: &Named| self.is_package(named, package, found);
        let is_within = || {
            self.is_subject(product)
                || product.whole.space.as_ref() == Some(space)
                || self.is_around(&product.whole, found)
        };
        match product.parts.as_slice() {
            [] => is(&product.whole) || is_within(),
            parts => parts.iter().any(is) && is_within(),
        }
    }

    /// Whether it names all that was scanned, or parts of that.
    fn is_subject(&self, product: &Product) -> bool {
        let named = &product.whole;
        named.purls.iter().any(|it| self.purls.iter().any(|own| is_meant(it, own, None)))
            || named.texts.iter().any(|text| {
                // A link to a component of a list is good for any list that has no number that is known.
                let has_parts = !product.parts.is_empty();
                let is_list = has_parts && text.starts_with(SERIAL) && self.serials.is_empty();
                is_list || self.texts.contains(&plain(text).to_ascii_lowercase())
            })
    }

    pub(crate) fn is_package(&self, named: &Named, at: usize, package: &Package) -> bool {
        let Some(own) = self.packages().get(at).and_then(Option::as_ref) else { return false };
        let distro = self.inventory.distro.as_ref();
        named
            .purls
            .iter()
            .any(|it| is_meant(it, own, distro) || is_source(&it.url, &own.url, package, distro))
    }

    /// Whether it names what the file that tells of the package is of, wherever the package is told of: the
    /// module of Go that asks for it, or the archive of Java that has it. What an archive has of several packages
    /// is not known to be of one of them.
    fn is_around(&self, named: &Named, package: &Package) -> bool {
        if named.purls.is_empty() || package.locations.is_empty() {
            return false;
        }
        let is_named = |at: usize| {
            let other = self.inventory.packages.get(at);
            other.is_some_and(|it| self.is_package(named, at, it) && it != package)
        };
        let of_module = |path: &str| {
            let is_own = |at: usize| self.inventory.packages.get(at).is_some_and(is_own_module);
            self.told_at(path).iter().any(|at| is_own(*at) && is_named(*at))
        };
        let of_archive = |path: &str| {
            let mut archives = path.match_indices("!/").filter_map(|(end, _)| path.get(..end));
            archives.any(|it| matches!(self.told_at(it), [only] if is_named(*only)))
        };
        package.locations.iter().all(|it| of_module(&it.path) || of_archive(&it.path))
    }

    /// The packages that a file tells of.
    fn told_at(&self, path: &str) -> &[usize] {
        let places = self.places.get_or_init(|| {
            let mut places: HashMap<&str, Vec<usize>, _> = HashMap::default();
            for (at, package) in self.inventory.packages.iter().enumerate() {
                for location in &package.locations {
                    let of_path = places.entry(location.path.as_str()).or_default();
                    if of_path.last() != Some(&at) {
                        of_path.push(at);
                    }
                }
            }
            places
        });
        places.get(path).map_or(&[], Vec::as_slice)
    }

    fn packages(&self) -> &[Option<Compared>] {
        let distro = self.inventory.distro.as_ref();
        let url = |package| Compared::parse(&purl(package, distro));
        self.packages.get_or_init(|| self.inventory.packages.iter().map(url).collect())
    }
}

/// Whether it is the module of Go that a file is of, and not one that this asks for.
fn is_own_module(package: &Package) -> bool {
    package.kind == Kind::Golang && matches!(package.version.as_str(), "" | "(devel)")
}

/// Whether a package URL has a mark for a version, and none behind it.
fn ends_without_version(text: &str) -> bool {
    let end = text.find(['?', '#']).unwrap_or(text.len());
    text.get(..end).is_some_and(|text| text.ends_with('@'))
}

/// Whether a version names bytes: the digest of an image.
fn is_digest(version: &str) -> bool {
    let digits = plain(version);
    digits.len() >= 40 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()) || digits != version
}

/// Without what stands before a hash's digits.
fn plain(text: &str) -> &str {
    text.split_once(':')
        .filter(|(name, _)| matches!(*name, "sha256" | "sha512"))
        .map_or(text, |it| it.1)
}

/// Whether a package URL means what another names: what it tells has to be the same.
fn is_meant(wanted: &Compared, own: &Compared, distro: Option<&Distro>) -> bool {
    let is_name = wanted.url.kind == own.url.kind && wanted.name == own.name;
    let (wanted, own) = (&wanted.url, &own.url);
    is_name
        && is_namespace(wanted, own)
        && (wanted.version.is_empty() || is_version(wanted, own))
        && (wanted.subpath.is_empty() || wanted.subpath == own.subpath)
        && wanted.qualifiers.iter().all(|(key, value)| is_qualifier(key, value, own, distro))
}

/// Images of `oci` have no namespace; some write what their repository is in as one. What Docker Hub itself keeps
/// is in `library`, or in nothing.
fn is_namespace(wanted: &Url, own: &Url) -> bool {
    let namespace = |url: &Url| match url.namespace.as_str() {
        "library" if url.kind.name() == "docker" => String::new(),
        other => other.to_ascii_lowercase(),
    };
    wanted.kind.name() == "oci" || namespace(wanted) == namespace(own)
}

/// An epoch may stand before the version, or be told apart.
fn is_version(wanted: &Url, own: &Url) -> bool {
    let with_epoch = |url: &Url| match url.qualifier("epoch").filter(|epoch| *epoch != "0") {
        Some(epoch) if !url.version.contains(':') => format!("{epoch}:{}", url.version),
        _ => url.version.strip_prefix("0:").unwrap_or(&url.version).to_owned(),
    };
    wanted.version == own.version || with_epoch(wanted) == with_epoch(own)
}

fn is_qualifier(key: &str, value: &str, own: &Url, distro: Option<&Distro>) -> bool {
    let its = own.qualifier(key);
    match key {
        "repository_url" => its.is_some_and(|its| repository(its, own) == repository(value, own)),
        // debian-12, bookworm, or 12.
        "distro" => match (its, distro) {
            (Some(its), _) if its == value => true,
            (_, Some(distro)) => is_distro(value, distro),
            (its, None) => its.is_none(),
        },
        // What a document leaves out may be so.
        "arch" | "epoch" | "tag" | "rpmmod" | "os" => its.is_none_or(|its| its == value),
        _ => its == Some(value),
    }
}

fn is_distro(value: &str, distro: &Distro) -> bool {
    let namespace = distro.namespace();
    let version = value.strip_prefix(namespace).and_then(|rest| rest.strip_prefix('-'));
    let version = version.unwrap_or(value);
    let is_part = distro
        .full_version()
        .strip_prefix(version)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
    !version.is_empty() && (is_part || version == distro.codename)
}

/// Where images of a name are, however that is written: with the name or without it, by the names that Docker
/// Hub has.
fn repository(text: &str, url: &Url) -> String {
    let text = text.trim_end_matches('/').to_ascii_lowercase();
    let text = text.split_once("://").map_or(text.as_str(), |(_, rest)| rest);
    let end = format!("/{}", url.name.to_ascii_lowercase());
    let place = text.strip_suffix(end.as_str()).unwrap_or(text);
    let place = place.strip_prefix("index.").unwrap_or(place);
    place.strip_suffix("/library").unwrap_or(place).to_owned()
}

/// Whether a package URL means what a package was built from: `?arch=source`, `?arch=src`.
fn is_source(wanted: &Url, own: &Url, package: &Package, distro: Option<&Distro>) -> bool {
    let Some(source) = &package.source else { return false };
    if wanted.name != source.name || !matches!(wanted.qualifier("arch"), Some("source" | "src")) {
        return false;
    }
    let version = wanted.version.as_str();
    let its = source.version.split_once(':').map_or(source.version.as_str(), |(_, rest)| rest);
    let others = |(key, _): &(&String, &String)| !matches!(key.as_str(), "arch" | "epoch");
    let mut others = wanted.qualifiers.iter().map(|(key, value)| (key, value)).filter(others);
    others.all(|(key, value)| is_qualifier(key, value, own, distro))
        && (wanted.subpath.is_empty() || wanted.subpath == own.subpath)
        && wanted.kind == own.kind
        && wanted.namespace.eq_ignore_ascii_case(&own.namespace)
        && (version.is_empty() || version == source.version || version == its)
}
