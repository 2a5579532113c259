//! What an entry says, and the comparisons that were done.

use std::cmp::Ordering;

use versions::{Scheme, Version};

use super::super::{
    Read, Reading, Role,
    join::Fate,
    verdict::{Verdict, without_epoch},
};
use crate::{Affected, Bound, Ends, Interval, Space, db::Database};

/// What an advisory says of a package, and what that is good for.
#[derive(Clone, PartialEq, Debug)]
pub struct Line {
    /// The feed that it is of.
    pub feed: String,
    /// The advisory's own id.
    pub advisory: String,
    /// Other names of the flaw, or the flaws that an erratum mends.
    pub names: Vec<String>,
    /// Whether it is of what mends several flaws.
    pub is_erratum: bool,
    /// Where it was looked for.
    pub space: Space,
    /// Whether what is said there is of these very packages.
    pub role: Role,
    /// The name by which it was looked for.
    pub package: String,
    /// The version that was compared.
    pub version: String,
    /// The stream of a module that the package is of; empty where that is none.
    pub module: String,
    /// By whose order.
    pub scheme: Scheme,
    /// What it says.
    pub affected: Affected,
    /// How that was read.
    pub reading: Reading,
    /// The version that mends it, as this line has it.
    pub fixed: Option<String>,
    /// What was compared, as far as that tells why.
    pub comparisons: Vec<Comparison>,
    /// What became of it.
    pub weight: Weight,
}

/// Two versions, and which is the higher.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Comparison {
    /// The version of the package, as it was compared.
    pub installed: String,
    /// How it stands to the other; none where that is no version of the order.
    pub order: Option<Ordering>,
    /// The version that the advisory tells.
    pub told: String,
    /// Whether the installed one is on the side where the flaw is.
    pub is_within: bool,
}

/// What becomes of what an advisory says. Others are named by their places among the lines of the same flaw.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Weight {
    /// The finding is made of it.
    Counts,
    /// It says nothing of this version.
    Silent,
    /// It says that the flaw is not there, and so who says that it is does not count.
    Denies,
    /// It says that the flaw is mended, and has a say in that.
    Mends,
    /// Whoever makes the package denies it.
    DeniedBy(usize),
    /// Another says that it is mended.
    MendedBy(usize),
}

impl Weight {
    /// Of what became of the claims of a line, which are one but for errata that are told of twice.
    pub(super) fn of(fates: impl Iterator<Item = Fate>, lines: &[usize]) -> Self {
        let place = |line: usize| lines.iter().position(|it| *it == line).unwrap_or(line);
        let weight = |fate| match fate {
            Fate::Counts => Self::Counts,
            Fate::Denied { by } => Self::DeniedBy(place(by)),
            Fate::Mended { by } => Self::MendedBy(place(by)),
            Fate::Denies => Self::Denies,
            Fate::Mends => Self::Mends,
        };
        let mut weights = fates.map(weight);
        let first = weights.next().unwrap_or(Self::Silent);
        weights.find(|it| *it == Self::Counts).unwrap_or(first)
    }
}

/// All names that an advisory has for what it is of, and its own.
pub(super) fn names<'a>(read: &'a Read<'_, '_>) -> impl Iterator<Item = &'a str> {
    let details = &read.details;
    let all = details.aliases.iter().chain(&details.covers);
    all.chain([&read.id]).map(String::as_str)
}

pub(super) fn of(read: &Read<'_, '_>, database: &Database, weight: Weight) -> Line {
    let Read { question, part, judged, id, details } = read;
    let affected = &judged.entry.affected;
    let fixed = match &judged.verdict {
        Some(Verdict::Has { fixed }) => fixed.clone(),
        _ => None,
    };
    let covers = !details.covers.is_empty();
    Line {
        feed: database.parts().get(*part).map_or("", |part| &part.header().feed).to_owned(),
        advisory: id.clone(),
        names: if covers { details.covers.clone() } else { details.aliases.clone() },
        is_erratum: covers,
        space: question.space.clone(),
        role: question.role,
        package: question.name.to_string(),
        version: question.version.as_str().to_owned(),
        module: question.module.unwrap_or_default().to_owned(),
        scheme: question.scheme,
        comparisons: comparisons(judged.reading, affected, read),
        affected: affected.clone(),
        reading: judged.reading,
        fixed,
        weight,
    }
}

/// For the interval that has the version, both its ends; for the others, why they have not.
fn comparisons(reading: Reading, affected: &Affected, read: &Read<'_, '_>) -> Vec<Comparison> {
    let of = |interval: &Interval| -> Vec<Comparison> {
        let version = without_epoch(interval, read.question);
        let version = version.as_ref().unwrap_or(&read.question.version);
        let low = interval.low.iter().map(|it| compared(version, it, Ordering::Greater));
        low.chain(interval.high.iter().map(|it| compared(version, it, Ordering::Less))).collect()
    };
    match reading {
        Reading::Within(at) => affected.intervals.get(at).map(of).unwrap_or_default(),
        Reading::Mended | Reading::MendedInStream | Reading::OtherStream | Reading::Outside => {
            affected.intervals.iter().flat_map(of).filter(|it| !it.is_within).collect()
        }
        _ => Vec::new(),
    }
}

/// Compares a version with an end of an interval, which it has to be on this side of.
fn compared(version: &Version, bound: &Bound, side: Ordering) -> Comparison {
    let told = Version::parse(version.scheme(), &bound.version).ok();
    let order = told.map(|told| version.cmp(&told));
    let is_within =
        order.is_some_and(|it| it == side || (it == Ordering::Equal && bound.ends == Ends::Within));
    let installed = version.as_str().to_owned();
    Comparison { installed, order, told: bound.version.clone(), is_within }
}
