//! What the database knows of the name of a flaw, whatever it is in.

use std::collections::BTreeSet;

use crate::{
    Error, Nature, Space,
    db::{Database, Details, Entry, Part},
};

/// What a feed says of a name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Known {
    /// The feed.
    pub feed: String,
    /// The name, as the feed has it.
    pub id: String,
    /// Whether the feed tells of flaws alone, and not of packages.
    pub is_of_flaws: bool,
    /// When it was taken back; empty where it was not.
    pub withdrawn: String,
    /// What it is of.
    pub nature: Nature,
    /// Whether somebody with a say doubts that it is a flaw.
    pub is_disputed: bool,
    /// Whether it is known to be used by attackers.
    pub is_exploited: bool,
    /// One line for people.
    pub summary: String,
    /// Other names of the same.
    pub aliases: Vec<String>,
    /// Flaws that it mends, where it is an erratum.
    pub covers: Vec<String>,
}

/// What a feed says something of by one of some names.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Spoken {
    /// Where packages of that name are.
    pub space: Space,
    /// The package.
    pub package: String,
    /// The name.
    pub id: String,
    /// The feed.
    pub feed: String,
}

/// Names that are asked about, whatever the case of their letters.
#[derive(Debug, Default)]
pub(super) struct Names(BTreeSet<String>);

impl Names {
    pub(super) fn has(&self, name: &str) -> bool {
        self.0.contains(&name.to_ascii_uppercase())
    }

    pub(super) fn has_any<'a>(&self, names: impl IntoIterator<Item = &'a String>) -> bool {
        names.into_iter().any(|name| self.has(name))
    }
}

/// What feeds say of a name, and all names that this gives.
pub(super) fn of(database: &Database, id: &str) -> Result<(Vec<Known>, Names), Error> {
    let mut known: Vec<Known> = Vec::new();
    for part in database.parts() {
        let ids = spelled(id);
        for (id, details) in ids.iter().zip(part.details(ids.iter().map(String::as_str))?) {
            known.extend(details.map(|details| Known::of(part, id, details)));
        }
    }
    let told = known.iter().flat_map(|it| it.aliases.iter().chain(&it.covers));
    let names = told.map(String::as_str).chain([id]).map(str::to_ascii_uppercase).collect();
    Ok((known, Names(names)))
}

/// A name as it was typed, and as feeds have it, in order.
fn spelled(id: &str) -> BTreeSet<String> {
    let upper = id.to_ascii_uppercase();
    // Only GitHub has small letters.
    let github =
        upper.strip_prefix("GHSA-").map(|rest| format!("GHSA-{}", rest.to_ascii_lowercase()));
    [id.to_owned(), upper.clone()].into_iter().chain(github).collect()
}

impl Known {
    fn of(part: &Part, id: &str, details: Details) -> Self {
        Self {
            feed: part.header().feed.clone(),
            id: id.to_owned(),
            is_of_flaws: part.header().spaces.is_empty(),
            withdrawn: details.withdrawn,
            nature: details.nature,
            is_disputed: details.is_disputed,
            is_exploited: details.exploited.is_some(),
            summary: details.summary,
            aliases: details.aliases,
            covers: details.covers,
        }
    }
}

/// All packages of which something is said by this name, or by another of the same flaw. The whole database is
/// read.
///
/// # Errors
/// If the database can't be read, or is damaged.
pub fn spoken(database: &Database, id: &str) -> Result<BTreeSet<Spoken>, Error> {
    let (_, names) = of(database, id)?;
    let mut all = BTreeSet::new();
    for part in database.parts() {
        let meant = meant(part, &names)?;
        part.each_entry(|Entry { id, affected }| {
            if meant.contains(&id) {
                let feed = part.header().feed.clone();
                all.insert(Spoken { space: affected.space, package: affected.package, id, feed });
            }
        })?;
    }
    Ok(all)
}

/// The advisories of a part that have one of the names.
fn meant(part: &Part, names: &Names) -> Result<BTreeSet<String>, Error> {
    let mut ids = BTreeSet::new();
    part.each_advisory(|id, details| {
        if names.has(&id) || names.has_any(details.aliases.iter().chain(&details.covers)) {
            ids.insert(id);
        }
    })?;
    Ok(ids)
}
