//! What of a database an inventory has.
//!
//! ```text
//! packages ──► ask: spaces and names ──► entries of all parts ──► verdict: is this version among them
//!          ──► join: one group for each flaw in a package ──► Finding
//! ```
//!
//! A distribution's packages are matched by what it says itself, and by nothing else; others by the ecosystem
//! that they are of. What no part tells of is *unscanned*: nothing is known of it, which is not the same as
//! that nothing is wrong with it.
//!
//! - `ask`: where packages are looked for.
//! - `verdict`: what an entry says of a version.
//! - `join`: what several say of the same flaw; `line`: which versions follow each other.
//! - `finding`: what is told; `notes`: what others say of that; `in_use`: whether it is in use; `upgrade`: what mends most of it.

mod ask;
mod finding;
mod in_use;
mod join;
mod line;
mod notes;
#[cfg(test)]
mod tests;
mod upgrade;
mod verdict;

use std::collections::{BTreeMap, BTreeSet};

pub use ask::{Reason, Unscanned};
pub use finding::{Finding, Severity, State};
pub use in_use::{InUse, Use, urgency, uses};
pub use notes::{IgnoreNote, Means, Notes, Suppressed, VexNote};
use scan::Inventory;
pub use upgrade::{Upgrade, upgrades};

use self::{ask::Question, join::Claim, verdict::Verdict};
use crate::{
    Error,
    db::{Database, Details, Part},
};

/// What of a database an inventory has.
#[derive(Debug, Default)]
pub struct Matches {
    /// Flaws in packages, in the order of the packages and of their ids.
    pub findings: Vec<Finding>,
    /// Flaws that are none, as somebody said, in the same order.
    pub suppressed: Vec<Suppressed>,
    /// Packages of which nothing is known.
    pub unscanned: Vec<Unscanned>,
}

/// Looks every package up.
///
/// # Errors
/// If the database can't be read, or is damaged.
pub fn find(database: &Database, inventory: &Inventory) -> Result<Matches, Error> {
    let (questions, unscanned) = ask::of(database, inventory);
    let mut claims = Vec::new();
    for (at, part) in database.parts().iter().enumerate() {
        claims.extend(of_part(part, at, &questions)?);
    }
    let groups = join::groups(claims);
    let flaws: BTreeSet<&str> =
        groups.iter().flat_map(|group| &group.ids).map(String::as_str).collect();
    let known = known(database, &flaws)?;
    let findings = groups.iter().map(|group| finding::of(group, database, &known));
    let mut findings: Vec<Finding> = findings.collect();
    findings.sort_by(|a, b| (a.package, &a.id).cmp(&(b.package, &b.id)));
    Ok(Matches { findings, unscanned, suppressed: Vec::new() })
}

/// What a part claims of the packages that are asked for.
fn of_part(part: &Part, at: usize, questions: &[Question<'_>]) -> Result<Vec<Claim>, Error> {
    let asked: Vec<&Question<'_>> = questions.iter().filter(|it| part.has(&it.space)).collect();
    let found = part.entries(asked.iter().map(|it| (&it.space, &*it.name)))?;
    let mut verdicts = Vec::new();
    for (question, entries) in asked.iter().zip(found) {
        let judged = verdict::of_errata(entries, question);
        verdicts.extend(judged.into_iter().map(|(entry, verdict)| (*question, entry, verdict)));
    }
    let ids: BTreeSet<&str> = verdicts.iter().map(|(_, entry, _)| entry.id.as_str()).collect();
    let details = part.details(ids.iter().copied())?;
    let details: BTreeMap<String, Details> = ids
        .into_iter()
        .map(str::to_owned)
        .zip(details)
        .filter_map(|(id, details)| Some((id, details?)))
        .collect();
    let claims = verdicts.into_iter().flat_map(|(question, entry, verdict)| {
        let details = details.get(&entry.id).cloned().unwrap_or_default();
        Claim::of(question, at, entry, verdict, details)
    });
    Ok(claims.collect())
}

/// What parts that tell of flaws and not of packages say of these.
fn known(
    database: &Database,
    flaws: &BTreeSet<&str>,
) -> Result<BTreeMap<String, Vec<Details>>, Error> {
    let mut known: BTreeMap<String, Vec<Details>> = BTreeMap::new();
    let of_flaws = database.parts().iter().filter(|part| part.header().spaces.is_empty());
    for part in of_flaws {
        for (id, details) in flaws.iter().zip(part.details(flaws.iter().copied())?) {
            if let Some(details) = details.filter(|it| it.withdrawn.is_empty()) {
                known.entry((*id).to_owned()).or_default().push(details);
            }
        }
    }
    Ok(known)
}
