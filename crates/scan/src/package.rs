//! What is known of a package.

use std::borrow::Cow;

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
    /// One of which nothing is known but its name.
    Other(TypeName),
}

/// The name of a type of package URLs: letters, digits, dots and dashes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct TypeName {
    /// Behind the name are zeros, so that the order of names is that of texts.
    bytes: [u8; Self::LONGEST_BYTES],
}

impl TypeName {
    const LONGEST_BYTES: usize = 32;

    /// In small letters; `None` where it is none, or too long.
    fn parse(name: &str) -> Option<Self> {
        let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b".+-".contains(&byte);
        if !name.starts_with(|first: char| first.is_ascii_alphabetic())
            || !name.bytes().all(is_part)
        {
            return None;
        }
        let mut bytes = [0; Self::LONGEST_BYTES];
        bytes.get_mut(..name.len())?.copy_from_slice(name.to_ascii_lowercase().as_bytes());
        Some(Self { bytes })
    }

    fn as_str(&self) -> &str {
        let end = self.bytes.iter().position(|byte| *byte == 0).unwrap_or(self.bytes.len());
        self.bytes.get(..end).and_then(|name| str::from_utf8(name).ok()).unwrap_or_default()
    }
}

impl Kind {
    /// All that are known.
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

    /// The one that package URLs call so, in any letters; `None` where nothing can be called so.
    pub fn parse(name: &str) -> Option<Self> {
        let known = Self::ALL.into_iter().find(|kind| kind.name().eq_ignore_ascii_case(name));
        known.or_else(|| TypeName::parse(name).map(Self::Other))
    }

    /// As package URLs have it.
    pub fn name(&self) -> &str {
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
            Self::Other(name) => name.as_str(),
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
    pub qualifiers: Vec<(Cow<'static, str>, String)>,
    /// Its package URL as a document has it, where that is another than the rest would give.
    pub purl: Option<String>,
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
            purl: None,
            locations: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_known_by_their_names() {
        for kind in Kind::ALL {
            assert_eq!(Kind::parse(&kind.name().to_uppercase()), Some(kind));
        }
        let other = Kind::parse("Chrome-Extension").unwrap();
        assert_eq!((other.name(), other.is_of_system()), ("chrome-extension", false));
        for name in ["", "1a", "a b", "a/b", "ä", &"x".repeat(33)] {
            assert_eq!(Kind::parse(name), None, "{name}");
        }
        assert_eq!(Kind::parse(&"x".repeat(32)).unwrap().name(), "x".repeat(32));
    }
}
