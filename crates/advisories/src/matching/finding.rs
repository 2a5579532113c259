//! What is told of a flaw in a package.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Notes,
    join::{Claim, Group},
};
use crate::{
    Exploited, Generation, Level, Likelihood, Nature, Rating, Says, Space, Status,
    db::{Database, Details},
    pages,
};

/// A flaw in a package.
#[derive(Clone, PartialEq, Debug, Default)]
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

impl Finding {
    /// Whether it should be known beside flaws, and nobody says how bad it is: that a package is unmaintained.
    pub fn is_notice(&self) -> bool {
        self.nature.is_informational() && self.severity.level.is_none()
    }
}

/// What can be done about a flaw.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum State {
    /// A version mends it.
    Fixed,
    /// No version mends it.
    #[default]
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
    // An epoch of zero is left out everywhere else.
    let fixed_version = group.fixed().map(|version| {
        let text = version.as_str();
        text.strip_prefix("0:").unwrap_or(text).to_owned()
    });
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
        references: references(group, &id, all()),
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

fn state(claims: &[Claim], fixed: Option<&str>) -> State {
    match fixed {
        Some(_) => State::Fixed,
        None => claims.iter().map(|claim| State::of(claim.status)).max().unwrap_or(State::Affected),
    }
}

/// Whoever makes the package first, then who says in which versions the flaw is, then others: of each their scores
/// of CVSS 4, 3, 2, else their words.
fn severity(claims: &[Claim], known: &[&Details]) -> Severity {
    let own: Vec<&Rating> = claims.iter().flat_map(|claim| &claim.details.ratings).collect();
    let others: Vec<&Rating> = known.iter().flat_map(|details| &details.ratings).collect();
    let said = of_maker(claims, &others).or_else(|| said(&own)).or_else(|| said(&others));
    let scored = best(&own).or_else(|| best(&others));
    Severity {
        level: said.map(|(level, _)| level),
        source: said.map_or_else(String::new, |(_, source)| source.to_owned()),
        score: scored.map(|(_, value, rating)| (value, vector(rating))),
    }
}

/// What who makes the package says: of the flaw, before what is said of all that an erratum mends.
fn of_maker<'a>(claims: &'a [Claim], others: &[&'a Rating]) -> Option<(Level, &'a str)> {
    let space = &claims.first()?.space;
    let of =
        |is_of_erratum: bool| claims.iter().filter(move |it| it.is_of_erratum == is_of_erratum);
    let level = of(false).chain(of(true)).find_map(|claim| claim.level);
    let word = || {
        let mut own = others.iter().filter(|rating| space.is_of(&rating.source));
        own.find_map(|rating| word(rating))
    };
    Some((level.or_else(word)?, space.ecosystem()))
}

/// What a score is called, else a word.
fn said<'a>(ratings: &[&'a Rating]) -> Option<(Level, &'a str)> {
    let scored = best(ratings);
    let scored = scored.and_then(|(_, value, rating)| Some((Level::of_score(value)?, rating)));
    let spoken = || ratings.iter().find_map(|rating| Some((word(rating)?, *rating)));
    scored.or_else(spoken).map(|(level, rating)| (level, rating.source.as_str()))
}

fn word(rating: &Rating) -> Option<Level> {
    match rating.says {
        Says::Level(level) => Some(level),
        Says::Vector(_) => None,
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

/// Where whoever says that the flaw is there tells of it, then where it is told of by its name, then others.
fn references<'a>(group: &Group, id: &str, all: impl Iterator<Item = &'a Details>) -> Vec<String> {
    let ids = group.claims.iter().map(|claim| claim.advisory.as_str()).chain([id]);
    let kept = all.flat_map(|details| details.references.iter().cloned());
    let mut references: Vec<String> = Vec::new();
    for reference in ids.filter_map(pages::of).chain(kept) {
        if !references.contains(&reference) {
            references.push(reference);
        }
    }
    references
}
