//! Where packages are looked for.

use std::collections::BTreeMap;

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
    /// How many.
    pub count: usize,
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
}

impl Reason {
    /// In words.
    pub const fn text(self) -> &'static str {
        match self {
            Self::NoFeed => "no feed tells of them",
            Self::NotInDatabase => "the database has nothing of that",
            Self::NoVersion => "without a version that can be compared",
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
    pub(super) name: &'a str,
    pub(super) version: Version,
    /// The stream of a module that it is of.
    pub(super) module: Option<&'a str>,
}

/// What to look up, in the order that is fastest; and what not to.
pub(super) fn of<'a>(
    database: &Database,
    inventory: &'a Inventory,
) -> (Vec<Question<'a>>, Vec<Unscanned>) {
    let distro = inventory.distro.as_ref().and_then(Space::of_distro);
    let mut questions = Vec::new();
    let mut left_out: BTreeMap<(Kind, Option<Space>, Reason), usize> = BTreeMap::new();
    for (at, package) in inventory.packages.iter().enumerate() {
        let space = match package.kind.is_of_system() {
            true => distro.clone(),
            false => Space::of_kind(package.kind),
        };
        match of_package(database, at, package, space.as_ref()) {
            Ok(asked) => {
                // Single records tell of a space that is not known as a whole.
                if !space.as_ref().is_some_and(|space| database.covers(space)) {
                    let key = (package.kind, space, Reason::NotInDatabase);
                    *left_out.entry(key).or_default() += 1;
                }
                questions.extend(asked);
            }
            Err(reason) => *left_out.entry((package.kind, space, reason)).or_default() += 1,
        }
    }
    questions.sort_by(|a, b| (&a.space, a.name, a.package).cmp(&(&b.space, b.name, b.package)));
    let unscanned = left_out.into_iter().map(|((kind, space, reason), count)| Unscanned {
        kind,
        space,
        reason,
        count,
    });
    (questions, unscanned.collect())
}

fn of_package<'a>(
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
    let names: Vec<(&str, &str)> = names(package, space.by());
    let mut questions = Vec::with_capacity(names.len());
    for (name, version) in names {
        let version = Version::parse(scheme, version).map_err(|_| Reason::NoVersion)?;
        let (space, module) = (space.clone(), package.module.as_deref());
        questions.push(Question { package: at, space, scheme, name, version, module });
    }
    Ok(questions)
}

/// Names with the versions that count for them.
fn names(package: &Package, by: By) -> Vec<(&str, &str)> {
    let own = (package.name.as_str(), package.version.as_str());
    let source = package.source.as_ref().map(|it| (it.name.as_str(), it.version.as_str()));
    match by {
        By::Source => vec![source.unwrap_or(own)],
        By::Binary => vec![own],
        By::Both => match source.filter(|source| source.0 != own.0) {
            Some(source) => vec![own, source],
            None => vec![own],
        },
    }
}
