//! What is known of a package.

/// What a package is of: the type of its package URL (purl-spec, types).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[allow(missing_docs, reason = "the names are those of the package managers")]
pub enum Kind {
    Alpm,
    Apk,
    Bitnami,
    Cargo,
    Cocoapods,
    Composer,
    Conan,
    Conda,
    Cran,
    Deb,
    Flatpak,
    Gem,
    Golang,
    Hackage,
    Hex,
    Julia,
    Maven,
    Nix,
    Npm,
    Nuget,
    Portage,
    Pub,
    Pypi,
    Rpm,
    Snap,
    Swift,
    Wordpress,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 27] = [
        Self::Alpm,
        Self::Apk,
        Self::Bitnami,
        Self::Cargo,
        Self::Cocoapods,
        Self::Composer,
        Self::Conan,
        Self::Conda,
        Self::Cran,
        Self::Deb,
        Self::Flatpak,
        Self::Gem,
        Self::Golang,
        Self::Hackage,
        Self::Hex,
        Self::Julia,
        Self::Maven,
        Self::Nix,
        Self::Npm,
        Self::Nuget,
        Self::Portage,
        Self::Pub,
        Self::Pypi,
        Self::Rpm,
        Self::Snap,
        Self::Swift,
        Self::Wordpress,
    ];

    /// As package URLs have it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Alpm => "alpm",
            Self::Apk => "apk",
            Self::Bitnami => "bitnami",
            Self::Cargo => "cargo",
            Self::Cocoapods => "cocoapods",
            Self::Composer => "composer",
            Self::Conan => "conan",
            Self::Conda => "conda",
            Self::Cran => "cran",
            Self::Deb => "deb",
            Self::Flatpak => "flatpak",
            Self::Gem => "gem",
            Self::Golang => "golang",
            Self::Hackage => "hackage",
            Self::Hex => "hex",
            Self::Julia => "julia",
            Self::Maven => "maven",
            Self::Nix => "nix",
            Self::Npm => "npm",
            Self::Nuget => "nuget",
            Self::Portage => "portage",
            Self::Pub => "pub",
            Self::Pypi => "pypi",
            Self::Rpm => "rpm",
            Self::Snap => "snap",
            Self::Swift => "swift",
            Self::Wordpress => "wordpress",
        }
    }

    /// Whether a distribution's own package manager installs it.
    pub fn is_of_system(self) -> bool {
        matches!(self, Self::Alpm | Self::Apk | Self::Deb | Self::Portage | Self::Rpm)
    }
}

/// What a package was built from.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Source {
    /// Name of the source package.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// Where a package is told of.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Location {
    /// The file, from the root of the tree. Files within files follow behind `!/`.
    pub path: String,
    /// The layer that brought it: its place, counted from the lowest.
    pub layer: Option<usize>,
}

/// A package.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Package {
    /// Its name, with what it is below: `@babel/core`, `org.slf4j:slf4j-api`, `symfony/console`.
    pub name: String,
    /// Its version, as it was read.
    pub version: String,
    /// What it is of.
    pub kind: Kind,
    /// For which processor; empty where that is not told.
    pub architecture: String,
    /// Counter before the version of an rpm package.
    pub epoch: Option<u32>,
    /// The module stream that an rpm package is of: `nodejs:12:8030020210304194546:229f0a1c`.
    pub module: Option<String>,
    /// What it was built from.
    pub source: Option<Source>,
    /// Licences: SPDX expressions where they can be, else as they stand there.
    pub licences: Vec<String>,
    /// Only those who develop need it.
    pub is_dev: bool,
    /// What its package URL tells beside its name and version, by its keys: `uuid` of Julia's.
    pub qualifiers: Vec<(&'static str, String)>,
    /// Where it is told of.
    pub locations: Vec<Location>,
}

impl Package {
    /// One of this name and version, of which nothing more is known.
    pub fn new(kind: Kind, name: impl Into<String>, version: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            version: version.into(),
            kind,
            architecture: String::new(),
            epoch: None,
            module: None,
            source: None,
            licences: Vec::new(),
            is_dev: false,
            qualifiers: Vec::new(),
            locations: Vec::new(),
        }
    }
}
