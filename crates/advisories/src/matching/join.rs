//! What several say of the same flaw in a package, put together by their names.

use std::collections::{BTreeMap, BTreeSet};

use versions::{Scheme, Version};

use super::{
    Read, Verdict,
    ask::{Question, Role},
    line,
    verdict::Judged,
};
use crate::{Level, Space, Status, db::Details};

/// What an advisory claims of a package.
#[derive(Debug)]
pub(super) struct Claim {
    pub(super) package: usize,
    pub(super) part: usize,
    /// The place of what it is made of among all that was read.
    pub(super) line: usize,
    pub(super) space: Space,
    /// The advisory's own id.
    pub(super) advisory: String,
    /// Names of the flaw.
    pub(super) names: Vec<String>,
    pub(super) verdict: Verdict,
    /// The version that was asked for.
    pub(super) version: Version,
    pub(super) role: Role,
    /// Whether it is of what mends several flaws, and not of one flaw.
    pub(super) is_of_erratum: bool,
    pub(super) status: Status,
    pub(super) level: Option<Level>,
    pub(super) details: Details,
}

/// A flaw in a package.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) package: usize,
    /// All names of it, and of what mends it.
    pub(super) ids: BTreeSet<String>,
    /// The names that are its own.
    pub(super) names: BTreeSet<String>,
    pub(super) claims: Vec<Claim>,
}

impl Claim {
    /// An erratum claims something for each flaw that it mends.
    pub(super) fn of(line: usize, read: &Read<'_, '_>) -> Vec<Self> {
        let Read { question, part, judged: Judged { entry, verdict, .. }, id, details } = read;
        let Some(verdict) = verdict else { return Vec::new() };
        let all: Vec<Vec<String>> = match details.covers.as_slice() {
            // Others may know better than one who says in which versions a flaw is.
            [] if *verdict == Verdict::Mended && !is_final(question) => Vec::new(),
            [] => {
                let mut names = details.aliases.clone();
                names.push(id.clone());
                vec![names]
            }
            covers => covers.iter().map(|flaw| vec![flaw.clone()]).collect(),
        };
        let claim = |names| Self {
            package: question.package,
            part: *part,
            line,
            space: question.space.clone(),
            advisory: id.clone(),
            names,
            verdict: verdict.clone(),
            version: question.version.clone(),
            role: question.role,
            is_of_erratum: !details.covers.is_empty(),
            status: entry.affected.status,
            level: entry.affected.level,
            details: details.clone(),
        };
        all.into_iter().map(claim).collect()
    }
}

/// Whether who says that a package is mended has the last word on it: who makes it, in all lines of it.
fn is_final(question: &Question<'_>) -> bool {
    question.scheme == Scheme::Rpm || question.role == Role::Backport
}

/// What becomes of a claim beside the others of its group. Others are named by their lines.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Fate {
    /// It says that the flaw is there, and that is believed.
    Counts,
    /// It says that the flaw is there, and whoever makes the package denies it.
    Denied { by: usize },
    /// It says that the flaw is there, and another says that it is mended.
    Mended { by: usize },
    /// It says that the flaw is not there.
    Denies,
    /// It says that the flaw is mended.
    Mends,
}

/// Groups of claims on one flaw each, whatever they say.
pub(super) fn groups(claims: Vec<Claim>) -> Vec<Group> {
    let mut by_package: BTreeMap<usize, Vec<Claim>> = BTreeMap::new();
    for claim in claims {
        by_package.entry(claim.package).or_default().push(claim);
    }
    by_package.into_iter().flat_map(|(package, claims)| of_package(package, claims)).collect()
}

fn of_package(package: usize, claims: Vec<Claim>) -> Vec<Group> {
    // Which group a name is of; groups that turn out to be one point to the one that they are part of.
    let mut of_name: BTreeMap<String, usize> = BTreeMap::new();
    let mut parents: Vec<usize> = Vec::new();
    let mut firsts = Vec::with_capacity(claims.len());
    for claim in &claims {
        let group = parents.len();
        parents.push(group);
        for name in &claim.names {
            match of_name.get(name) {
                Some(other) => join(&mut parents, *other, group),
                None => _ = of_name.insert(name.clone(), group),
            }
        }
        firsts.push(group);
    }
    let mut groups: BTreeMap<usize, Group> = BTreeMap::new();
    for (claim, first) in claims.into_iter().zip(firsts) {
        let group = groups.entry(root(&mut parents, first)).or_insert_with(|| Group {
            package,
            ids: BTreeSet::new(),
            names: BTreeSet::new(),
            claims: Vec::new(),
        });
        group.names.extend(claim.names.iter().cloned());
        group.ids.extend(claim.names.iter().cloned());
        group.ids.insert(claim.advisory.clone());
        group.claims.push(claim);
    }
    groups.into_values().collect()
}

fn root(parents: &mut [usize], mut at: usize) -> usize {
    while let Some(parent) = parents.get(at).copied().filter(|parent| *parent != at) {
        let above = parents.get(parent).copied().unwrap_or(parent);
        if let Some(own) = parents.get_mut(at) {
            *own = above;
        }
        at = parent;
    }
    at
}

fn join(parents: &mut [usize], a: usize, b: usize) {
    let (a, b) = (root(parents, a), root(parents, b));
    if let Some(parent) = parents.get_mut(a.max(b)) {
        *parent = a.min(b);
    }
}

impl Group {
    /// What becomes of each claim. A part that says that a package has not what others say that it has is
    /// believed where it does not say both. What one erratum mends is mended, whatever others list again, but for a
    /// later one of the very line that the package is of: that mends what the first left.
    pub(super) fn fates(&self) -> Vec<Fate> {
        let is_had = |claim: &&Claim| matches!(claim.verdict, Verdict::Has { .. });
        let denies = |claim: &&Claim| {
            let says_both = || self.claims.iter().filter(is_had).any(|it| it.part == claim.part);
            claim.verdict == Verdict::HasNot && !says_both()
        };
        let denial = self.claims.iter().find(denies);
        let mended = || self.claims.iter().filter(|claim| claim.verdict == Verdict::Mended);
        let fate = |claim: &Claim| {
            // One erratum may list several builds, each of which mends what it is of.
            let is_itself = |it: &&Claim| it.is_of_erratum && it.advisory == claim.advisory;
            let by_others = || mended().find(|it| it.role == Role::Backport);
            let by_line = || match claim.is_of_its_line(claim.version.as_str()) {
                true => None,
                false => mended().next(),
            };
            match (&claim.verdict, denial) {
                (Verdict::HasNot, _) => Fate::Denies,
                (Verdict::Mended, _) => Fate::Mends,
                (Verdict::Has { .. }, Some(denial)) => Fate::Denied { by: denial.line },
                (Verdict::Has { .. }, None) => {
                    let by = mended().find(is_itself).or_else(by_others).or_else(by_line);
                    by.map_or(Fate::Counts, |by| Fate::Mended { by: by.line })
                }
            }
        };
        self.claims.iter().map(fate).collect()
    }

    /// With the claims alone that count; none where none does.
    pub(super) fn of_what_counts(mut self) -> Option<Self> {
        let mut fates = self.fates().into_iter();
        self.claims.retain(|_| fates.next() == Some(Fate::Counts));
        (!self.claims.is_empty()).then_some(self)
    }

    /// The lowest version that mends all that was told, so that one who has it has no finding.
    pub(super) fn fixed(&self) -> Option<Version> {
        let fixes = self
            .claims
            .iter()
            .filter_map(|claim| Version::parse(claim.space.scheme()?, claim.fixed()?).ok());
        let mut fixes: Vec<Version> = fixes.collect();
        fixes.sort();
        let is_last = |fixed: &&Version| {
            let is_same = |it: &&Claim| it.is_of_erratum && it.fixed() == Some(fixed.as_str());
            let same: Vec<&str> =
                self.claims.iter().filter(is_same).map(|it| it.advisory.as_str()).collect();
            let later = self.claims.iter().filter(|claim| {
                claim.is_of_its_line(fixed.as_str()) && !same.contains(&claim.advisory.as_str())
            });
            let mut later =
                later.filter_map(|claim| Version::parse(fixed.scheme(), claim.fixed()?).ok());
            fixed.scheme() != Scheme::Rpm || later.all(|it| it <= **fixed)
        };
        fixes.iter().find(is_last).cloned()
    }
}

impl Claim {
    /// The version that mends it, where one does.
    fn fixed(&self) -> Option<&str> {
        match &self.verdict {
            Verdict::Has { fixed } => fixed.as_deref(),
            Verdict::HasNot | Verdict::Mended => None,
        }
    }

    /// Whether what mends it is of the line of a version.
    fn is_of_its_line(&self, version: &str) -> bool {
        self.version.scheme() == Scheme::Rpm
            && self.fixed().is_some_and(|fixed| line::of(fixed) == line::of(version))
    }
}
