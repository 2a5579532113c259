//! What an entry says of a version.

use std::collections::BTreeMap;

use versions::{Scheme, Version};

use super::{
    ask::{Question, Role},
    line,
};
use crate::{Affected, Interval, Status, db::Statement};

/// What an entry says of a version.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Verdict {
    /// It has the flaw; where a version mends it, that is told.
    Has { fixed: Option<String> },
    /// Whoever makes the package says that it has not.
    HasNot,
    /// It is not below the version that mends it.
    Mended,
}

/// How an entry comes to say what it says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reading {
    /// It is for another stream of a module, or for packages that are of none.
    OtherModule,
    /// It is for other processors.
    OtherProcessor,
    /// It is for another variant of the package, which has versions of its own.
    OtherVariant,
    /// It says of other versions that they have not the flaw.
    OtherVersions,
    /// Whoever makes the package says that it has not the flaw.
    NotAffected,
    /// The version is within this one of its intervals.
    Within(usize),
    /// The version is one of those that it lists.
    Listed,
    /// The version is in none of its intervals, and not below one that mends the flaw.
    Mended,
    /// Its erratum has a build for the stream that the version is of, and the version is not below that.
    MendedInStream,
    /// The version is above what its erratum has for another stream.
    OtherStream,
    /// The version is in none of its intervals, and no version is told that mends the flaw.
    Outside,
}

/// An entry, and what it says of a version.
#[derive(Debug)]
pub(super) struct Judged {
    pub(super) entry: Statement,
    pub(super) reading: Reading,
    /// None where that is nothing that counts.
    pub(super) verdict: Option<Verdict>,
}

/// What entries on one package say.
pub(super) fn of_errata(entries: Vec<Statement>, question: &Question<'_>) -> Vec<Judged> {
    // An erratum lists the builds of several streams, where the stream is not told: whoever has one of them,
    // or a later one of the same version, has what it mends.
    let mut mended: BTreeMap<u32, bool> = BTreeMap::new();
    for entry in entries.iter().filter(|entry| is_of_a_stream(&entry.affected)) {
        let is_mended = entry.affected.intervals.iter().any(|it| is_mended_by(it, question));
        *mended.entry(entry.advisory).or_default() |= is_mended;
    }
    let mended: Vec<u32> =
        mended.into_iter().filter(|(_, is)| *is).map(|(advisory, _)| advisory).collect();
    let judged = entries.into_iter().map(|entry| {
        let read = read(&entry.affected, question);
        let verdict = read.verdict(&entry.affected, question);
        let (reading, verdict) = match (verdict, is_of_a_stream(&entry.affected)) {
            (Some(_), true) if mended.contains(&entry.advisory) => {
                (Reading::MendedInStream, Some(Verdict::Mended))
            }
            // It is above what another stream has.
            (Some(Verdict::Mended), true) => (Reading::OtherStream, None),
            (verdict, _) => (read, verdict),
        };
        let verdict = verdict.filter(|verdict| counts(verdict, &entry.affected, question));
        Judged { entry, reading, verdict }
    });
    judged.collect()
}

fn counts(verdict: &Verdict, affected: &Affected, question: &Question<'_>) -> bool {
    match question.role {
        // Where there are no errata, what is mended needs no more words.
        Role::Own => *verdict != Verdict::Mended || has_errata(question),
        Role::Backport => *verdict == Verdict::Mended && is_its_line(affected, question),
    }
}

/// Whether errata of the space may repeat what another mended: each release of Red Hat's, and of what is
/// built from it, has its own.
fn has_errata(question: &Question<'_>) -> bool {
    matches!(question.scheme, Scheme::Rpm | Scheme::Dpkg)
}

/// Whether a fix for others is one that the package can have: those of Red Hat are marked in versions.
fn is_its_line(affected: &Affected, question: &Question<'_>) -> bool {
    let own = line::mark(question.version.as_str());
    let mut fixes = affected.intervals.iter().filter_map(Interval::fixed);
    question.scheme != Scheme::Rpm || fixes.any(|fixed| line::mark(fixed) == own)
}

/// What one entry says.
pub(super) fn read(affected: &Affected, question: &Question<'_>) -> Reading {
    if !is_of_its_module(affected, question) {
        return Reading::OtherModule;
    }
    if !is_for_its_processor(affected, question) {
        return Reading::OtherProcessor;
    }
    if !is_of_its_variant(affected, question) {
        return Reading::OtherVariant;
    }
    if affected.status == Status::NotAffected {
        // Some say so of single versions alone.
        let is_told = affected.versions.is_empty() || is_listed(affected, question);
        return if is_told { Reading::NotAffected } else { Reading::OtherVersions };
    }
    match affected.intervals.iter().position(|interval| has(interval, question)) {
        Some(at) => Reading::Within(at),
        None if is_listed(affected, question) => Reading::Listed,
        None if affected.intervals.iter().any(|it| it.fixed().is_some()) => Reading::Mended,
        None => Reading::Outside,
    }
}

impl Reading {
    /// What follows of it; `None` where that is nothing.
    fn verdict(self, affected: &Affected, question: &Question<'_>) -> Option<Verdict> {
        match self {
            Self::OtherModule | Self::OtherProcessor | Self::OtherVariant => None,
            Self::OtherVersions | Self::OtherStream | Self::Outside => None,
            Self::NotAffected => Some(Verdict::HasNot),
            Self::Within(at) => {
                let fixed = affected.intervals.get(at).and_then(Interval::fixed);
                Some(Verdict::Has { fixed: fixed.map(str::to_owned) })
            }
            Self::Listed => Some(Verdict::Has { fixed: next_fix(affected, question) }),
            Self::Mended | Self::MendedInStream => Some(Verdict::Mended),
        }
    }
}

fn has(interval: &Interval, question: &Question<'_>) -> bool {
    let span = interval.read(question.scheme);
    span.is_some_and(|span| match without_epoch(interval, question) {
        Some(version) => span.contains(&version),
        None => span.contains(&question.version),
    })
}

/// The version without its epoch, where that is what it has to be compared as: Amazon's pages leave epochs out.
pub(super) fn without_epoch(interval: &Interval, question: &Question<'_>) -> Option<Version> {
    let is_left_out = interval.fixed().is_some_and(|fixed| !fixed.contains(':'))
        && question.space.ecosystem() == "Amazon Linux";
    let (_, rest) = question.version.as_str().split_once(':').filter(|_| is_left_out)?;
    Version::parse(question.scheme, rest).ok()
}

fn is_for_its_processor(affected: &Affected, question: &Question<'_>) -> bool {
    affected.processors.is_empty()
        || ["", "noarch"].contains(&question.processor)
        || affected.processors.iter().any(|it| it == question.processor)
}

/// Oracle builds some packages in several variants, which have versions of their own.
fn is_of_its_variant(affected: &Affected, question: &Question<'_>) -> bool {
    const VARIANTS: [&str; 2] = [".ksplice", "_fips"];
    let mut fixes = affected.intervals.iter().filter_map(Interval::fixed);
    question.space.ecosystem() != "Oracle Linux"
        || fixes.all(|fixed| {
            let own = question.version.as_str();
            VARIANTS.iter().all(|variant| fixed.contains(variant) == own.contains(variant))
        })
}

fn is_listed(affected: &Affected, question: &Question<'_>) -> bool {
    affected.versions.iter().any(|text| {
        text == question.version.as_str()
            || Version::parse(question.scheme, text).is_ok_and(|it| it == question.version)
    })
}

/// The lowest version above it that mends the flaw.
fn next_fix(affected: &Affected, question: &Question<'_>) -> Option<String> {
    let fixes = affected.intervals.iter().filter_map(Interval::fixed);
    let versions = fixes.filter_map(|text| Version::parse(question.scheme, text).ok());
    versions.filter(|it| *it > question.version).min().map(|it| it.as_str().to_owned())
}

/// How the release of a package of a module is marked.
const MARK: &str = ".module";

/// Where entries do not tell their stream, versions show at least whether they are of one.
fn is_of_a_stream(affected: &Affected) -> bool {
    let marked = |it: &Interval| it.fixed().is_some_and(|fixed| fixed.contains(MARK));
    affected.module.is_empty() && affected.intervals.iter().any(marked)
}

fn is_of_its_module(affected: &Affected, question: &Question<'_>) -> bool {
    if question.scheme != Scheme::Rpm {
        return true;
    }
    let is_modular = question.module.is_some_and(|it| !it.is_empty())
        || question.version.as_str().contains(MARK);
    match (affected.module.as_str(), question.module) {
        ("", _) => is_of_a_stream(affected) == is_modular,
        // `nodejs:12` of `nodejs:12:8030020210304194546:229f0a1c`.
        (wanted, Some(module)) => {
            module.strip_prefix(wanted).is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
        }
        (_, None) => false,
    }
}

/// Whether the version is the one that mends, or a later one of the same first number.
fn is_mended_by(interval: &Interval, question: &Question<'_>) -> bool {
    let Some(fixed) = interval.fixed() else { return false };
    let major = |version: &str| {
        let version = version.split_once(':').map_or(version, |(_, version)| version);
        version.split(['.', '-']).next().unwrap_or(version).to_owned()
    };
    Version::parse(question.scheme, fixed).is_ok_and(|it| it <= question.version)
        && major(fixed) == major(question.version.as_str())
}
