//! What the end of it is: whether something is a finding, and by which line.

use super::Answer;
use crate::matching::{Finding, Line, Means, OfFlaw, OfPackage, Reading, Weight};

/// What the end is for one package.
#[derive(Clone, PartialEq, Debug)]
pub struct End<'a> {
    /// What was read of the package.
    pub package: &'a OfPackage,
    /// What the end is for each flaw, with what was read of it; one without that where nothing was read.
    pub flaws: Vec<(Option<&'a OfFlaw>, Outcome<'a>)>,
}

/// What the end is for one flaw in one package.
#[derive(Clone, PartialEq, Debug)]
pub enum Outcome<'a> {
    /// It is a finding.
    Reported(&'a Finding),
    /// It would be one, but for what others say.
    Suppressed(&'a Finding, &'a Means),
    /// It is none: the version is not below what mends the flaw.
    Fixed,
    /// It is none: whoever makes the package says so.
    NotAffected,
    /// It is none: what is said is of other versions, streams, or processors.
    Elsewhere,
    /// It is none: what was said was taken back.
    Withdrawn,
    /// It is none: nothing is said of this package by that name.
    NotTold,
    /// Nobody knows: the database has nothing of where the package is from.
    Unscanned,
}

impl Outcome<'_> {
    /// Its name in documents.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Reported(_) => "reported",
            Self::Suppressed(..) => "suppressed",
            Self::Fixed => "fixed",
            Self::NotAffected => "not_affected",
            Self::Elsewhere => "elsewhere",
            Self::Withdrawn => "withdrawn",
            Self::NotTold => "not_told",
            Self::Unscanned => "unscanned",
        }
    }
}

pub(super) fn ends<'a>(answer: &Answer<'a>) -> Vec<End<'a>> {
    let of = |package: &'a OfPackage| {
        let flaws = package.flaws.iter().map(|flaw| (Some(flaw), of_flaw(answer, flaw)));
        let mut flaws: Vec<_> = flaws.collect();
        if flaws.is_empty() {
            flaws.push((None, of_nothing(answer, package)));
        }
        End { package, flaws }
    };
    answer.explanation.packages.iter().map(of).collect()
}

fn of_flaw<'a>(answer: &Answer<'a>, flaw: &'a OfFlaw) -> Outcome<'a> {
    let Some(found) = &flaw.finding else { return of_lines(&flaw.lines) };
    let is = |it: &Finding| (it.package, &it.id) == (found.package, &found.id);
    let suppressed = answer.matches.suppressed.iter().find(|it| is(&it.finding));
    match suppressed {
        Some(it) => Outcome::Suppressed(&it.finding, &it.by),
        // With what others say of it.
        None => {
            Outcome::Reported(answer.matches.findings.iter().find(|it| is(it)).unwrap_or(found))
        }
    }
}

fn of_lines<'a>(lines: &[Line]) -> Outcome<'a> {
    let has = |is: fn(&Line) -> bool| lines.iter().any(is);
    let is_mended = |it: &Line| matches!(it.reading, Reading::Mended | Reading::MendedInStream);
    if has(|it| it.weight == Weight::Denies) {
        Outcome::NotAffected
    } else if has(|it| it.weight == Weight::Mends) || has(is_mended) {
        Outcome::Fixed
    } else {
        Outcome::Elsewhere
    }
}

fn of_nothing<'a>(answer: &Answer<'_>, package: &OfPackage) -> Outcome<'a> {
    let of_packages = || answer.explanation.known.iter().filter(|it| !it.is_of_flaws);
    match package.unscanned {
        Some(_) => Outcome::Unscanned,
        None if of_packages()
            .next()
            .is_some_and(|_| of_packages().all(|it| !it.withdrawn.is_empty())) =>
        {
            Outcome::Withdrawn
        }
        None => Outcome::NotTold,
    }
}

/// The lines that the end is made of, from one on: those that count, else those that have the last word, else all.
pub(super) fn because(flaw: &OfFlaw) -> Vec<usize> {
    let of = |is: fn(&Line) -> bool| -> Vec<usize> {
        let lines = flaw.lines.iter().enumerate().filter(|(_, line)| is(line));
        lines.map(|(at, _)| at + 1).collect()
    };
    let steps: [fn(&Line) -> bool; 5] = [
        |it| it.weight == Weight::Counts,
        |it| it.weight == Weight::Denies,
        |it| it.weight == Weight::Mends,
        |it| matches!(it.reading, Reading::Mended | Reading::MendedInStream),
        |_| true,
    ];
    steps.into_iter().map(of).find(|lines| !lines.is_empty()).unwrap_or_default()
}
