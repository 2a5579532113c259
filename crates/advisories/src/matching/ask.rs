//! Where packages are looked for.

use std::{borrow::Cow, collections::BTreeMap};

use scan::{Inventory, Kind, Package};
use versions::{Scheme, Version};

use crate::{Space, db::Database, ecosystem::By};

/// Packages of which nothing is known.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Unscanned {
    /// What they are of.
    pub kind: Kind,
    /// Where they would be looked for, where that is known.
    pub space: Option<Space>,
    /// Why they are not.
    pub reason: Reason,
    /// Which: their places in the inventory.
    pub packages: Vec<usize>,
}

/// Why packages are not looked for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Reason {
    /// No feed of that ecosystem or distribution is known.
    NoFeed,
    /// The database has nothing of that ecosystem, or that release.
    NotInDatabase,
    /// They tell no version, or one that has no place in the order.
    NoVersion,
    /// With them come packages of a repository of which the database has nothing. Which packages are from there
    /// is not told.
    Brings,
}

impl Reason {
    /// In words.
    pub const fn text(self) -> &'static str {
        match self {
            Self::NoFeed => "no feed tells of them",
            Self::NotInDatabase => "the database has nothing of that",
            Self::NoVersion => "without a version that can be compared",
            Self::Brings => {
                "brings a repository that the database has nothing of; packages from there are not told apart"
            }
        }
    }
}

/// A package by one of the names that advisories may have for it.
#[derive(Debug)]
pub(super) struct Question<'a> {
    /// Its place in the inventory.
    pub(super) package: usize,
    pub(super) space: Space,
    pub(super) scheme: Scheme,
    pub(super) name: Cow<'a, str>,
    pub(super) version: Version,
    /// The stream of a module that it is of.
    pub(super) module: Option<&'a str>,
    /// The processor that it is for; empty where that is not told.
    pub(super) processor: &'a str,
    pub(super) role: Role,
}

/// What an answer is good for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Role {
    /// It is of the very packages that are asked for.
    Own,
    /// It is of others, whose fixes the package may have got: it can only tell that one is mended.
    Backport,
}

/// A space in which a package is looked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sought {
    /// Which.
    pub space: Space,
    /// What is said there is good for that.
    pub role: Role,
    /// Whether the database has anything of it.
    pub is_known: bool,
    /// Whether the database has all of it, so that what it does not tell of is not known to be wrong.
    pub is_whole: bool,
}

/// What sets up the repository of EPEL on a system.
const EPEL_RELEASE: &str = "epel-release";

/// What to look up, in the order that is fastest; and what not to.
pub(super) fn of<'a>(
    database: &Database,
    inventory: &'a Inventory,
) -> (Vec<Question<'a>>, Vec<Unscanned>) {
    let distro = inventory.distro.as_ref().and_then(Space::of_distro);
    let mut questions = Vec::new();
    let mut left_out: BTreeMap<(Kind, Option<Space>, Reason), Vec<usize>> = BTreeMap::new();
    let beside = distro.as_ref().and_then(Space::beside).filter(|space| !database.covers(space));
    for (at, package) in inventory.packages.iter().enumerate() {
        let space = home(package, distro.as_ref());
        if let Some(beside) = beside.as_ref().filter(|_| package.name == EPEL_RELEASE) {
            let key = (package.kind, Some(beside.clone()), Reason::Brings);
            left_out.entry(key).or_default().push(at);
        }
        match of_package(database, at, package, space.as_ref()) {
            Err(Reason::NoVersion) if is_project(package) => {}
            Ok(asked) => {
                // Single records tell of a space that is not known as a whole.
                if !space.as_ref().is_some_and(|space| database.covers(space)) {
                    let key = (package.kind, space, Reason::NotInDatabase);
                    left_out.entry(key).or_default().push(at);
                }
                questions.extend(asked);
            }
            Err(reason) => left_out.entry((package.kind, space, reason)).or_default().push(at),
        }
    }
    questions.sort_by(|a, b| (&a.space, &a.name, a.package).cmp(&(&b.space, &b.name, b.package)));
    let unscanned = left_out.into_iter().map(|((kind, space, reason), packages)| Unscanned {
        kind,
        space,
        reason,
        packages,
    });
    (questions, unscanned.collect())
}

/// Whether it is what a source tree makes, which has no version before it is published: the module that a `go.mod`
/// is of.
fn is_project(package: &Package) -> bool {
    let is_go_mod = |path: &str| path.rsplit('/').next() == Some("go.mod");
    package.kind == Kind::Golang
        && package.version.is_empty()
        && !package.locations.is_empty()
        && package.locations.iter().all(|it| is_go_mod(&it.path))
}

/// Where a package is at home; none where that is not known.
pub(super) fn home(package: &Package, distro: Option<&Space>) -> Option<Space> {
    match package.kind.is_of_system() {
        true => distro.cloned(),
        false => Space::of_kind(package.kind),
    }
}

/// All spaces in which a package may be told of.
pub(super) fn sought(database: &Database, package: &Package, home: &Space) -> Vec<Sought> {
    let own = std::iter::once(home.clone()).chain(home.beside());
    let own = own.map(|space| (space, Role::Own));
    let backports = home.backports(&package.version).into_iter();
    own.chain(backports.map(|space| (space, Role::Backport)))
        .map(|(space, role)| {
            let (is_known, is_whole) = (database.has(&space), database.covers(&space));
            Sought { space, role, is_known, is_whole }
        })
        .collect()
}

pub(super) fn of_package<'a>(
    database: &Database,
    at: usize,
    package: &'a Package,
    space: Option<&Space>,
) -> Result<Vec<Question<'a>>, Reason> {
    let space = space.ok_or(Reason::NoFeed)?;
    let scheme = space.scheme().ok_or(Reason::NoFeed)?;
    if !database.has(space) {
        return Err(Reason::NotInDatabase);
    }
    let mut asked = sought(database, package, space);
    asked.retain(|it| it.is_known);
    let mut questions = Vec::with_capacity(asked.len());
    for (name, version) in names(package, space.by()) {
        let version = Version::parse(scheme, version).map_err(|_| Reason::NoVersion)?;
        questions.extend(asked.iter().map(|it| Question {
            package: at,
            space: it.space.clone(),
            scheme,
            name: name.clone(),
            version: version.clone(),
            module: package.module.as_deref(),
            processor: &package.architecture,
            role: it.role,
        }));
    }
    Ok(questions)
}

/// Names with the versions that count for them.
fn names(package: &Package, by: By) -> Vec<(Cow<'_, str>, &str)> {
    let own = (package.name.as_str().into(), package.version.as_str());
    let source = package.source.as_ref().map(|it| (it.name.as_str(), it.version.as_str()));
    match (by, source) {
        (By::Source, Some((name, version))) => vec![match unsigned(name) {
            Some(unsigned) => (unsigned, own.1),
            None => (name.into(), version),
        }],
        (By::Both, Some((name, version))) if name != own.0 => vec![own, (name.into(), version)],
        (By::Source | By::Both | By::Binary, _) => vec![own],
    }
}

/// What kernels that are signed were built from before: `linux` of Debian's `linux-signed-amd64`, `linux-hwe-6.8` of
/// Ubuntu's `linux-signed-hwe-6.8`. They have the version of that themselves, and not their source.
fn unsigned(source: &str) -> Option<Cow<'static, str>> {
    const PROCESSORS: [&str; 5] = ["", "-amd64", "-arm64", "-i386", "-armhf"];
    let rest = source.strip_prefix("linux-signed")?;
    Some(match PROCESSORS.contains(&rest) {
        true => "linux".into(),
        false => format!("linux{rest}").into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kernels_are_those_that_were_signed() {
        for (source, expected) in [
            ("linux-signed-amd64", Some("linux")),
            ("linux-signed", Some("linux")),
            ("linux-signed-hwe-6.8", Some("linux-hwe-6.8")),
            ("linux", None),
            ("grub2-signed", None),
        ] {
            assert_eq!(unsigned(source).as_deref(), expected, "{source}");
        }
    }
}
