//! What is told of a flaw in a package.

use std::collections::{BTreeMap, BTreeSet};

use versions::Version;

use super::{
    Notes, Verdict,
    join::{Claim, Group},
};
use crate::{
    Exploited, Generation, Level, Likelihood, Nature, Rating, Says, Space, Status,
    db::{Database, Details},
};

/// A flaw in a package.
#[derive(Clone, PartialEq, Debug)]
pub struct Finding {
    /// The name of the flaw that most know.
    pub id: String,
    /// All its other names, and those of what mends it.
    pub aliases: Vec<String>,
    /// The place of the package in the inventory.
    pub package: usize,
    /// Where the package was looked for.
    pub space: Space,
    /// The version that mends it.
    pub fixed_version: Option<String>,
    /// What can be done.
    pub state: State,
    /// How bad it is.
    pub severity: Severity,
    /// What it is.
    pub nature: Nature,
    /// Whether somebody with a say doubts that it is a flaw.
    pub is_disputed: bool,
    /// One line for people.
    pub summary: String,
    /// Where more is said.
    pub references: Vec<String>,
    /// When it was published; empty where that is not told.
    pub published: String,
    /// Whether it is known to be used by attackers.
    pub exploited: Option<Exploited>,
    /// How likely it is used by attackers.
    pub likelihood: Option<Likelihood>,
    /// The feeds that say so.
    pub feeds: Vec<String>,
    /// What others say of it.
    pub notes: Notes,
}

/// What can be done about a flaw.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum State {
    /// A version mends it.
    Fixed,
    /// No version mends it.
    Affected,
    /// It stays.
    WillNotFix,
    /// It will be mended some day.
    FixDeferred,
    /// Nobody looks any more.
    EndOfLife,
    /// Somebody looks whether it is there.
    UnderInvestigation,
}

impl State {
    /// Its name in documents.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fixed => "fixed",
            Self::Affected => "affected",
            Self::WillNotFix => "will_not_fix",
            Self::FixDeferred => "fix_deferred",
            Self::EndOfLife => "end_of_life",
            Self::UnderInvestigation => "under_investigation",
        }
    }

    const fn of(status: Status) -> Self {
        match status {
            Status::Affected | Status::NotAffected => Self::Affected,
            Status::WillNotFix => Self::WillNotFix,
            Status::Deferred => Self::FixDeferred,
            Status::EndOfLife => Self::EndOfLife,
            Status::UnderInvestigation => Self::UnderInvestigation,
        }
    }
}

/// How bad a flaw is.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Severity {
    /// In a word; `None` where nobody says.
    pub level: Option<Level>,
    /// Who says so; empty where nobody does.
    pub source: String,
    /// The score that was computed, and the vector that it was computed from.
    pub score: Option<(f64, String)>,
}

/// What is told of a group.
pub(super) fn of(
    group: &Group,
    database: &Database,
    known: &BTreeMap<String, Vec<Details>>,
) -> Finding {
    let known: Vec<&Details> =
        group.names.iter().filter_map(|id| known.get(id)).flatten().collect();
    let own = || group.claims.iter().map(|claim| &claim.details);
    let all = || own().chain(known.iter().copied());
    let id = id(group);
    let aliases = group.ids.iter().filter(|other| **other != id).cloned().collect();
    let fixed_version = fixed(&group.claims);
    let first = |told: fn(&Details) -> &String| {
        all().map(told).find(|text| !text.is_empty()).cloned().unwrap_or_default()
    };
    let feeds: BTreeSet<usize> = group.claims.iter().map(|claim| claim.part).collect();
    let feeds = feeds.into_iter().filter_map(|at| database.parts().get(at));
    Finding {
        state: state(&group.claims, fixed_version.as_deref()),
        severity: severity(&group.claims, &known),
        nature: own().map(|it| it.nature).max().unwrap_or_default(),
        is_disputed: all().any(|it| it.is_disputed),
        summary: first(|it| &it.summary),
        references: references(all()),
        published: first(|it| &it.published),
        exploited: all().find_map(|it| it.exploited.clone()),
        likelihood: all().find_map(|it| it.likelihood),
        feeds: feeds.map(|part| part.header().feed.clone()).collect(),
        notes: Notes::default(),
        package: group.package,
        space: group.claims.first().map(|claim| claim.space.clone()).unwrap_or_default(),
        id,
        aliases,
        fixed_version,
    }
}

/// What most know a flaw by: that it does harm, then CVE, then GitHub's, then others in their order.
fn id(group: &Group) -> String {
    let rank = |id: &str| match id.split('-').next() {
        Some("MAL") => 0,
        Some("CVE") => 1,
        Some("GHSA") => 2,
        _ => 3,
    };
    let best = group.names.iter().min_by_key(|id| (rank(id), id.as_str()));
    best.cloned().unwrap_or_default()
}

/// The lowest version that mends it, of those that are told.
fn fixed(claims: &[Claim]) -> Option<String> {
    let fixes = claims.iter().filter_map(|claim| match &claim.verdict {
        Verdict::Has { fixed } => Some((claim.space.scheme()?, fixed.as_deref()?)),
        Verdict::HasNot | Verdict::Mended => None,
    });
    let parsed = fixes.filter_map(|(scheme, text)| Version::parse(scheme, text).ok());
    let lowest = parsed.min()?;
    // An epoch of zero is left out everywhere else.
    let text = lowest.as_str();
    Some(text.strip_prefix("0:").unwrap_or(text).to_owned())
}

fn state(claims: &[Claim], fixed: Option<&str>) -> State {
    match fixed {
        Some(_) => State::Fixed,
        None => claims.iter().map(|claim| State::of(claim.status)).max().unwrap_or(State::Affected),
    }
}

/// Whoever makes the package first, then scores: CVSS 4, 3, 2; then any word.
fn severity(claims: &[Claim], known: &[&Details]) -> Severity {
    let vendor = claims.iter().find_map(|claim| Some((claim.level?, claim.space.ecosystem())));
    let ratings = claims.iter().flat_map(|claim| &claim.details.ratings);
    let ratings: Vec<&Rating> =
        ratings.chain(known.iter().flat_map(|details| &details.ratings)).collect();
    let scored = best(&ratings);
    let word = ratings.iter().find_map(|rating| match rating.says {
        Says::Level(level) => Some((level, rating.source.as_str())),
        Says::Vector(_) => None,
    });
    let of_score = scored
        .as_ref()
        .and_then(|(_, value, rating)| Some((Level::of_score(*value)?, rating.source.as_str())));
    let said = vendor.or(of_score).or(word);
    Severity {
        level: said.map(|(level, _)| level),
        source: said.map_or_else(String::new, |(_, source)| source.to_owned()),
        score: scored.map(|(_, value, rating)| (value, vector(rating))),
    }
}

/// The score of the latest version of CVSS; of several, that of whoever comes first.
fn best<'a>(ratings: &[&'a Rating]) -> Option<(Generation, f64, &'a Rating)> {
    let mut best: Option<(Generation, f64, &Rating)> = None;
    for rating in ratings {
        let Some(score) = rating.score() else { continue };
        if best.as_ref().is_none_or(|(generation, ..)| *generation < score.generation) {
            best = Some((score.generation, score.value, rating));
        }
    }
    best
}

fn vector(rating: &Rating) -> String {
    match &rating.says {
        Says::Vector(vector) => vector.clone(),
        Says::Level(_) => String::new(),
    }
}

fn references<'a>(all: impl Iterator<Item = &'a Details>) -> Vec<String> {
    let mut references: Vec<String> = Vec::new();
    for reference in all.flat_map(|details| &details.references) {
        if !references.contains(reference) {
            references.push(reference.clone());
        }
    }
    references
}
