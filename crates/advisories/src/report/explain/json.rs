//! For programs.

use std::cmp::Ordering;

use scan::{Package, distro_object, package_object, problem_objects};
use serde::Serialize;

use super::{Answer, End, Outcome, outcome::because, words};
use crate::{
    Status,
    matching::{Comparison, Finding, Known, Line, OfFlaw, Reading, Role, Sought, Spoken, Weight},
    report::json::{ByOut, FeedOut, FindingOut, feeds},
};

/// Version of the form: the first number changes where what was there is no longer.
const FORMAT: &str = "1.0";

pub(super) fn document<'a>(answer: &Answer<'a>) -> impl Serialize + 'a {
    let Answer { inventory, explanation, .. } = *answer;
    let of = |end: &End<'a>| {
        let package = inventory.packages.get(end.package.package)?;
        Some(PackageOut {
            package: package_object(package, inventory),
            asked: end.package.sought.iter().map(SoughtOut::of).collect(),
            unscanned: end.package.unscanned.map(crate::matching::Reason::text),
            answers: end
                .flaws
                .iter()
                .map(|(flaw, outcome)| {
                    FlawOut::of(*flaw, outcome, package, |it| {
                        FindingOut::of(it, package_object(package, inventory)).placed(it, inventory)
                    })
                })
                .collect(),
        })
    };
    Document {
        format: FORMAT,
        id: &explanation.id,
        target: &answer.subject.name,
        distro: inventory.distro.is_some().then(|| distro_object(inventory)),
        packages: answer.ends().iter().filter_map(of).collect(),
        known: explanation.known.iter().map(KnownOut::of).collect(),
        said_of_others: answer.spoken.iter().map(SpokenOut::of).collect(),
        feeds: feeds(answer.database),
        problems: problem_objects(inventory),
    }
}

#[derive(Serialize)]
struct Document<'a, D: Serialize, P: Serialize, T: Serialize> {
    format: &'a str,
    id: &'a str,
    target: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    distro: Option<D>,
    packages: Vec<PackageOut<'a, P>>,
    known: Vec<KnownOut<'a>>,
    /// Where nothing is said of the packages that were asked about.
    said_of_others: Vec<SpokenOut<'a>>,
    feeds: Vec<FeedOut<'a>>,
    problems: T,
}

#[derive(Serialize)]
struct PackageOut<'a, P: Serialize> {
    package: P,
    asked: Vec<SoughtOut<'a>>,
    unscanned: Option<&'a str>,
    answers: Vec<FlawOut<'a, P>>,
}

#[derive(Serialize)]
struct SoughtOut<'a> {
    space: &'a str,
    /// `own`, or `backport`: only fixes that the package may have count.
    role: &'a str,
    /// Whether the database has anything of it, and whether all of it.
    known: bool,
    whole: bool,
}

impl<'a> SoughtOut<'a> {
    fn of(sought: &'a Sought) -> Self {
        Self {
            space: sought.space.as_str(),
            role: role(sought.role),
            known: sought.is_known,
            whole: sought.is_whole,
        }
    }
}

const fn role(role: Role) -> &'static str {
    match role {
        Role::Own => "own",
        Role::Backport => "backport",
    }
}

#[derive(Serialize)]
struct FlawOut<'a, P: Serialize> {
    outcome: &'a str,
    ids: Vec<&'a str>,
    /// Numbers of the lines that the end is made of, from one on.
    because: Vec<usize>,
    lines: Vec<LineOut<'a>>,
    finding: Option<FindingOut<'a, P>>,
    /// Why it is suppressed.
    by: Option<ByOut<'a>>,
}

impl<'a, P: Serialize> FlawOut<'a, P> {
    fn of(
        flaw: Option<&'a OfFlaw>,
        outcome: &Outcome<'a>,
        package: &'a Package,
        object: impl Fn(&'a Finding) -> FindingOut<'a, P>,
    ) -> Self {
        let (finding, by) = match outcome {
            Outcome::Reported(finding) => (Some(*finding), None),
            Outcome::Suppressed(finding, means) => (Some(*finding), Some(ByOut::of(means))),
            _ => (None, None),
        };
        let lines = flaw.into_iter().flat_map(|flaw| &flaw.lines).enumerate();
        Self {
            outcome: outcome.name(),
            ids: flaw.into_iter().flat_map(|it| &it.ids).map(String::as_str).collect(),
            because: flaw.map(because).unwrap_or_default(),
            lines: lines.map(|(at, line)| LineOut::of(at, line, package)).collect(),
            finding: finding.map(object),
            by,
        }
    }
}

#[derive(Serialize)]
struct LineOut<'a> {
    number: usize,
    feed: &'a str,
    advisory: &'a str,
    names: &'a [String],
    erratum: bool,
    space: &'a str,
    role: &'a str,
    package: &'a str,
    /// The version of the package that was compared.
    version: &'a str,
    order: &'a str,
    status: &'a str,
    ranges: Vec<String>,
    versions: &'a [String],
    #[serde(skip_serializing_if = "str::is_empty")]
    module: &'a str,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    processors: &'a [String],
    severity: Option<&'a str>,
    reading: &'a str,
    comparisons: Vec<ComparisonOut<'a>>,
    fixed_version: Option<&'a str>,
    weight: &'a str,
    /// The line by which it does not count.
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<usize>,
    /// The same in words.
    sentence: String,
}

impl<'a> LineOut<'a> {
    fn of(at: usize, line: &'a Line, package: &Package) -> Self {
        let affected = &line.affected;
        let (weight, by) = weight(line.weight);
        Self {
            number: at + 1,
            feed: &line.feed,
            advisory: &line.advisory,
            names: &line.names,
            erratum: line.is_erratum,
            space: line.space.as_str(),
            role: role(line.role),
            package: &line.package,
            version: &line.version,
            order: line.scheme.name(),
            status: status(affected.status),
            ranges: affected.intervals.iter().map(ToString::to_string).collect(),
            versions: &affected.versions,
            module: &affected.module,
            processors: &affected.processors,
            severity: affected.level.map(crate::Level::name),
            reading: reading(line.reading),
            comparisons: line.comparisons.iter().map(ComparisonOut::of).collect(),
            fixed_version: line.fixed.as_deref(),
            weight,
            by,
            sentence: words::reading(line, &package.architecture),
        }
    }
}

const fn status(status: Status) -> &'static str {
    match status {
        Status::Affected => "affected",
        Status::NotAffected => "not_affected",
        Status::WillNotFix => "will_not_fix",
        Status::Deferred => "fix_deferred",
        Status::EndOfLife => "end_of_life",
        Status::UnderInvestigation => "under_investigation",
    }
}

const fn reading(reading: Reading) -> &'static str {
    match reading {
        Reading::OtherModule => "other_module",
        Reading::OtherProcessor => "other_processor",
        Reading::OtherVariant => "other_variant",
        Reading::OtherVersions => "other_versions",
        Reading::NotAffected => "not_affected",
        Reading::Within(_) => "within",
        Reading::Listed => "listed",
        Reading::Mended => "fixed",
        Reading::MendedInStream => "fixed_in_stream",
        Reading::OtherStream => "other_stream",
        Reading::Outside => "outside",
    }
}

const fn weight(weight: Weight) -> (&'static str, Option<usize>) {
    match weight {
        Weight::Counts => ("counts", None),
        Weight::Silent => ("silent", None),
        Weight::Denies => ("denies", None),
        Weight::Mends => ("fixes", None),
        Weight::DeniedBy(by) => ("denied", Some(by + 1)),
        Weight::MendedBy(by) => ("fixed", Some(by + 1)),
    }
}

#[derive(Serialize)]
struct ComparisonOut<'a> {
    installed: &'a str,
    /// `<`, `=` or `>`; `null` where the other is no version of the order.
    sign: Option<&'a str>,
    told: &'a str,
    /// Whether the installed version is on the side where the flaw is.
    within: bool,
}

impl<'a> ComparisonOut<'a> {
    fn of(it: &'a Comparison) -> Self {
        let sign = it.order.map(|order| match order {
            Ordering::Less => "<",
            Ordering::Equal => "=",
            Ordering::Greater => ">",
        });
        Self { installed: &it.installed, sign, told: &it.told, within: it.is_within }
    }
}

/// What a feed says of the name, whatever it is in.
#[derive(Serialize)]
struct KnownOut<'a> {
    feed: &'a str,
    id: &'a str,
    aliases: &'a [String],
    covers: &'a [String],
    nature: &'a str,
    withdrawn: Option<&'a str>,
    disputed: bool,
    exploited: bool,
    title: &'a str,
}

impl<'a> KnownOut<'a> {
    fn of(it: &'a Known) -> Self {
        Self {
            feed: &it.feed,
            id: &it.id,
            aliases: &it.aliases,
            covers: &it.covers,
            nature: it.nature.name(),
            withdrawn: Some(it.withdrawn.as_str()).filter(|it| !it.is_empty()),
            disputed: it.is_disputed,
            exploited: it.is_exploited,
            title: &it.summary,
        }
    }
}

#[derive(Serialize)]
struct SpokenOut<'a> {
    space: &'a str,
    package: &'a str,
    id: &'a str,
    feed: &'a str,
}

impl<'a> SpokenOut<'a> {
    fn of(it: &'a Spoken) -> Self {
        Self { space: it.space.as_str(), package: &it.package, id: &it.id, feed: &it.feed }
    }
}
