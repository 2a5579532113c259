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
//! - `explain`: why something is a finding, or is none; `compare`: what becomes of findings from one inventory to
//!   another.
//! - `finding`: what is told; `notes`: what others say of that; `in_use`: whether it is in use; `upgrade`: what mends most
//!   of it.

mod ask;
mod compare;
mod explain;
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

pub use ask::{Reason, Role, Sought, Unscanned};
pub use compare::{Compared, Gone, New, Side, Why, compare};
pub use explain::{
    Comparison, Explanation, Known, Line, OfFlaw, OfPackage, Spoken, Wanted, Weight, explain,
    spoken,
};
pub use finding::{Finding, Severity, State};
pub use in_use::{InUse, Use, urgency, uses};
pub use notes::{IgnoreNote, Means, Notes, Suppressed, VexNote};
use scan::Inventory;
pub use upgrade::{Upgrade, upgrades};
pub use verdict::Reading;

use self::{
    ask::Question,
    join::{Claim, Group},
    verdict::{Judged, Verdict},
};
use crate::{
    Error, Space,
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

/// An entry that was read for a question, with what its advisory says beside.
#[derive(Debug)]
struct Read<'q, 'a> {
    question: &'q Question<'a>,
    /// The place of its part.
    part: usize,
    judged: Judged,
    /// The advisory's.
    id: String,
    details: Details,
}

/// Looks every package up.
///
/// # Errors
/// If the database can't be read, or is damaged: [`Database::ask`] goes on with the rest of it.
pub fn find(database: &Database, inventory: &Inventory) -> Result<Matches, Error> {
    let (questions, unscanned) = ask::of(database, inventory);
    let mut claims = Vec::new();
    for (at, part) in database.parts().iter().enumerate() {
        let read = of_part(part, at, &questions, |it| it.verdict.is_some())?;
        claims.extend(read.iter().enumerate().flat_map(|(line, it)| Claim::of(line, it)));
    }
    let groups = join::groups(claims).into_iter().filter_map(Group::of_what_counts).collect();
    let mut findings = findings(database, groups)?;
    findings.sort_by(|a, b| (a.package, &a.id).cmp(&(b.package, &b.id)));
    Ok(Matches { findings, unscanned, suppressed: Vec::new() })
}

/// The parts of a database that are asked about an inventory: those that tell of its packages, and those that tell
/// of flaws alone.
pub fn asked<'a>(database: &'a Database, inventory: &Inventory) -> Vec<&'a Part> {
    let (questions, _) = ask::of(database, inventory);
    let spaces: BTreeSet<&Space> = questions.iter().map(|it| &it.space).collect();
    let is_asked = |part: &&Part| {
        part.header().spaces.is_empty() || spaces.iter().any(|space| part.has(space))
    };
    database.parts().iter().filter(is_asked).collect()
}

/// What is told of groups, one for each.
fn findings(database: &Database, groups: Vec<Group>) -> Result<Vec<Finding>, Error> {
    let flaws: BTreeSet<&str> =
        groups.iter().flat_map(|group| &group.ids).map(String::as_str).collect();
    let known = known(database, &flaws)?;
    Ok(groups.iter().map(|group| finding::of(group, database, &known)).collect())
}

/// What a part says of the packages that are asked for, as far as that is wanted.
fn of_part<'q, 'a>(
    part: &Part,
    at: usize,
    questions: &'q [Question<'a>],
    is_wanted: fn(&Judged) -> bool,
) -> Result<Vec<Read<'q, 'a>>, Error> {
    let asked: Vec<&Question<'_>> = questions.iter().filter(|it| part.has(&it.space)).collect();
    let found = part.statements(asked.iter().map(|it| (&it.space, &*it.name)))?;
    let mut all = Vec::new();
    for (question, entries) in asked.iter().zip(found) {
        let judged = verdict::of_errata(entries, question).into_iter().filter(is_wanted);
        all.extend(judged.map(|judged| (*question, judged)));
    }
    let places = all.iter().map(|(_, judged)| judged.entry.advisory).collect();
    let named = part.named(&places)?;
    let read = all.into_iter().filter_map(|(question, judged)| {
        let (id, details) = named.get(&judged.entry.advisory).cloned()?;
        Some(Read { question, part: at, judged, id, details })
    });
    Ok(read.collect())
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
