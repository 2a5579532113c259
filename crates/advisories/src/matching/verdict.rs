//! What an entry says of a version.

use std::collections::BTreeMap;

use versions::{Scheme, Version};

use super::ask::Question;
use crate::{Affected, Interval, Status, db::Entry};

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

/// What entries on one package say; those that say nothing of its version are left out.
pub(super) fn of_errata(entries: Vec<Entry>, question: &Question<'_>) -> Vec<(Entry, Verdict)> {
    // An erratum lists the builds of several streams, where the stream is not told: whoever has one of them,
    // or a later one of the same version, has what it mends.
    let mut mended: BTreeMap<&str, bool> = BTreeMap::new();
    for entry in entries.iter().filter(|entry| is_of_a_stream(&entry.affected)) {
        let is_mended = entry.affected.intervals.iter().any(|it| is_mended_by(it, question));
        *mended.entry(entry.id.as_str()).or_default() |= is_mended;
    }
    let mended: Vec<String> =
        mended.into_iter().filter(|(_, is)| *is).map(|(id, _)| id.to_owned()).collect();
    let judged = entries.into_iter().filter_map(|entry| {
        let verdict = match is_of_a_stream(&entry.affected) && mended.contains(&entry.id) {
            true => Verdict::Mended,
            false => verdict(&entry.affected, question)?,
        };
        // Where there are no errata, what is mended needs no more words.
        let says = verdict != Verdict::Mended || has_errata(question);
        says.then_some((entry, verdict))
    });
    judged.collect()
}

/// Whether errata of the space may repeat what another mended: each release of Red Hat's, and of what is
/// built from it, has its own.
fn has_errata(question: &Question<'_>) -> bool {
    matches!(question.scheme, Scheme::Rpm | Scheme::Dpkg)
}

/// What one entry says; `None` where that is nothing.
pub(super) fn verdict(affected: &Affected, question: &Question<'_>) -> Option<Verdict> {
    if !is_of_its_module(affected, question) {
        return None;
    }
    if affected.status == Status::NotAffected {
        return Some(Verdict::HasNot);
    }
    let interval = affected.intervals.iter().find(|interval| has(interval, question));
    match interval {
        Some(interval) => Some(Verdict::Has { fixed: interval.fixed().map(str::to_owned) }),
        None if is_listed(affected, question) => {
            Some(Verdict::Has { fixed: next_fix(affected, question) })
        }
        None => {
            let is_mended = affected.intervals.iter().any(|it| it.fixed().is_some());
            is_mended.then_some(Verdict::Mended)
        }
    }
}

fn has(interval: &Interval, question: &Question<'_>) -> bool {
    interval.read(question.scheme).is_some_and(|span| span.contains(&question.version))
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
        ("", _) => {
            let has_fix = affected.intervals.iter().any(|it| it.fixed().is_some());
            !has_fix || is_of_a_stream(affected) == is_modular
        }
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
