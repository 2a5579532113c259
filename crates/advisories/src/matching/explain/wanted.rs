//! Which packages are asked about.

use std::collections::BTreeSet;

use scan::{Inventory, Kind, Package, Subject, Url};

use crate::{
    Space,
    vex::{Named, Scanned},
};

/// How like a name has to be to be named: from 0 to 1.
const NEAR: f64 = 0.85;
/// Most names that are like one that is not there.
const MOST_NEAR: usize = 5;

/// Packages by a package URL, a name, or a name and a version.
#[derive(Clone, PartialEq, Debug)]
pub struct Wanted {
    text: String,
    /// Where it is a package URL.
    purl: Option<Named>,
}

impl Wanted {
    /// Reads one: `libssl3`, `left@1.2.0`, `pkg:npm/left@1.2.0`.
    ///
    /// # Errors
    /// In words why it is none.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let purl = match text.strip_prefix("pkg:") {
            Some(_) => match Url::parse(text) {
                Ok(_) => Named::of_purl(text),
                Err(why) => return Err(format!("{text}: is no package URL: {why}")),
            },
            None => None,
        };
        match text.is_empty() {
            true => Err("the name of the package is empty".to_owned()),
            false => Ok(Self { text: text.to_owned(), purl }),
        }
    }

    /// The places of what is meant. A name is that of a package, or of what it was built from.
    pub fn of(&self, inventory: &Inventory, subject: &Subject) -> Vec<usize> {
        let all = || inventory.packages.iter().enumerate();
        if let Some(purl) = &self.purl {
            let scanned = Scanned::new(inventory, subject);
            return all()
                .filter(|(at, it)| scanned.is_package(purl, *at, it))
                .map(|it| it.0)
                .collect();
        }
        let by_name: Vec<usize> =
            all().filter(|(_, it)| is_named(it, &self.text)).map(|it| it.0).collect();
        let Some((name, version)) = self.parts().filter(|_| by_name.is_empty()) else {
            return by_name;
        };
        let is = |package: &Package| is_named(package, name) && is_of_version(package, version);
        all().filter(|(_, it)| is(it)).map(|it| it.0).collect()
    }

    /// What is installed in its place: the same name in other versions, else names that are like it.
    pub fn near(&self, inventory: &Inventory) -> Vec<String> {
        let url = Url::parse(&self.text).ok();
        let whole = url.as_ref().map(Url::whole_name);
        let name = whole.as_deref().or_else(|| Some(self.parts()?.0)).unwrap_or(&self.text);
        let same = inventory.packages.iter().filter(|it| is_named(it, name));
        let same: BTreeSet<String> = same.map(|it| format!("{} {}", it.name, it.version)).collect();
        if !same.is_empty() {
            return same.into_iter().take(MOST_NEAR).collect();
        }
        let names: BTreeSet<&str> = inventory.packages.iter().flat_map(names).collect();
        let mut like: Vec<(f64, &str)> = names
            .into_iter()
            .map(|it| (likeness(it, name), it))
            .filter(|(likeness, _)| *likeness >= NEAR)
            .collect();
        like.sort_by(|(a, _), (b, _)| b.total_cmp(a));
        like.into_iter().take(MOST_NEAR).map(|(_, name)| name.to_owned()).collect()
    }

    /// Name and version; an at sign may begin a name, as npm has them.
    fn parts(&self) -> Option<(&str, &str)> {
        let parts = self.text.rsplit_once('@');
        parts.filter(|(name, version)| !name.is_empty() && !version.is_empty())
    }
}

fn likeness(name: &str, wanted: &str) -> f64 {
    let (name, wanted) = (name.to_lowercase(), wanted.to_lowercase());
    let likeness = strsim::jaro_winkler(&name, &wanted);
    // `openssl` of `libopenssl3`, `ssl` of `openssl`: whoever asks may know a part alone.
    let is_part = wanted.len() > 2 && name.contains(&wanted);
    if is_part { likeness.max(NEAR) } else { likeness }
}

fn names(package: &Package) -> impl Iterator<Item = &str> {
    let source = package.source.iter().map(|it| it.name.as_str());
    std::iter::once(package.name.as_str()).chain(source)
}

/// Whether that is its name, or that of what it was built from, however its ecosystem lets it be spelled.
fn is_named(package: &Package, name: &str) -> bool {
    let tidy = |name: &str| tidy(package.kind, name);
    let wanted = tidy(name);
    names(package).any(|it| it == name || tidy(it) == wanted)
}

fn tidy(kind: Kind, name: &str) -> String {
    Space::of_kind(kind).map_or_else(|| name.to_owned(), |space| space.tidy(name).into_owned())
}

fn is_of_version(package: &Package, version: &str) -> bool {
    let versions = std::iter::once(&package.version);
    versions.chain(package.source.as_ref().map(|it| &it.version)).any(|it| it == version)
}

#[cfg(test)]
mod tests {
    use scan::Source;

    use super::*;

    fn inventory() -> Inventory {
        let mut ssl = Package::new(Kind::Deb, "libssl3", "3.0.11-1");
        ssl.source = Some(Source { name: "openssl".into(), version: "3.0.11-1".into() });
        let packages = vec![
            ssl,
            Package::new(Kind::Npm, "@babel/core", "7.0.0"),
            Package::new(Kind::Npm, "left", "1.2.0"),
            Package::new(Kind::Npm, "left", "1.3.0"),
            Package::new(Kind::Pypi, "Zope.Interface", "5.0"),
        ];
        Inventory { packages, ..Inventory::default() }
    }

    #[test]
    fn packages_are_named_by_name_version_source_or_url() {
        let inventory = inventory();
        let subject = Subject {
            name: "app".into(),
            purpose: scan::Purpose::Source,
            version: None,
            ids: vec![],
            created: None,
            tool_version: String::new(),
        };
        let of = |text: &str| Wanted::parse(text).unwrap().of(&inventory, &subject);
        for (text, expected) in [
            ("libssl3", &[0][..]),
            ("openssl", &[0]),
            ("openssl@3.0.11-1", &[0]),
            ("@babel/core", &[1]),
            ("@babel/core@7.0.0", &[1]),
            ("left", &[2, 3]),
            ("left@1.3.0", &[3]),
            ("left@2", &[]),
            ("zope-interface", &[4]),
            ("pkg:npm/left", &[2, 3]),
            ("pkg:npm/left@1.2.0", &[2]),
            ("pkg:npm/%40babel/core@7.0.0", &[1]),
            ("pkg:pypi/left", &[]),
        ] {
            assert_eq!(of(text), expected, "{text}");
        }
        assert!(Wanted::parse(" ").is_err() && Wanted::parse("pkg:npm").is_err());
    }

    #[test]
    fn what_is_installed_in_its_place_is_named() {
        let inventory = inventory();
        let near = |text: &str| Wanted::parse(text).unwrap().near(&inventory);
        assert_eq!(near("left@2"), ["left 1.2.0", "left 1.3.0"]);
        assert_eq!(near("pkg:npm/left@9"), ["left 1.2.0", "left 1.3.0"]);
        assert_eq!(near("opensl"), ["openssl"]);
        assert_eq!(near("core"), ["@babel/core"]);
        assert_eq!(near("nothing"), [""; 0]);
    }
}
