//! What is told of findings in words, the same in every form.

use scan::{EndOfLife, How, Inventory, Kind, Origin, Package};

use super::Report;
use crate::{
    Level, Nature,
    matching::{Finding, Matches, State, Unscanned, uses},
};

/// What a severity that nobody tells is called.
pub(super) const UNKNOWN: &str = "unknown";

/// How bad it is, in a word.
pub(super) fn severity(finding: &Finding) -> &'static str {
    level(finding.severity.level)
}

/// A level in a word.
pub(super) fn level(level: Option<Level>) -> &'static str {
    level.map_or(UNKNOWN, Level::name)
}

/// So many of something: `1 finding`, `2 findings`.
pub(super) fn plural(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

/// `12 findings: 1 critical, 4 high, 7 unknown; 2 suppressed`.
pub fn summary(matches: &Matches) -> String {
    let count = |level: Option<Level>| {
        matches.findings.iter().filter(|it| it.severity.level == level).count()
    };
    let levels = Level::ALL.into_iter().rev().map(Some).chain([None]);
    let told = levels.map(|it| (count(it), level(it))).filter(|(count, _)| *count > 0);
    let told: Vec<String> = told.map(|(count, name)| format!("{count} {name}")).collect();
    let all = plural(matches.findings.len(), "finding");
    let all = if told.is_empty() { all } else { format!("{all}: {}", told.join(", ")) };
    match matches.suppressed.len() {
        0 => all,
        suppressed => format!("{all}; {suppressed} suppressed"),
    }
}

/// What of the findings is of the image that another was built on, what of own layers, and what to do; nothing
/// where it is not known what that was built on.
pub fn by_origin(matches: &Matches, inventory: &Inventory) -> Vec<String> {
    let Some(base) = &inventory.base else { return Vec::new() };
    let name = match (base.name.as_str(), base.digest.as_str()) {
        ("", "") => "the base".to_owned(),
        ("", name) | (name, _) => format!("the base {name}"),
    };
    let Some(below) = base.layers else {
        return vec![format!(
            "{name}: which layers are its own is not known, for no store of this machine has it; name it with --base"
        )];
    };
    let how = match base.how {
        How::Guessed => "a guess by the instructions that made the image",
        How::Annotated => "as the image says",
        How::Named | How::Unknown => "as was named",
    };
    let line = |origin: Origin| {
        let is = |it: &&Finding| {
            let package = inventory.packages.get(it.package);
            package.and_then(|it| inventory.origin(it)).is_some_and(|(own, _)| own == origin)
        };
        let count = matches.findings.iter().filter(is).count();
        let fixable = matches.findings.iter().filter(is).filter(|it| it.state == State::Fixed);
        let told = format!("{}, {} with a fix", plural(count, "finding"), fixable.count());
        let all = inventory.layers.len();
        match origin {
            Origin::Base => {
                let todo =
                    if count > 0 { "; take a newer one, or upgrade in an own layer" } else { "" };
                format!("from {name} (layers 1 to {below} of {all}, {how}): {told}{todo}")
            }
            Origin::Own => {
                let todo = if count > 0 { "; upgrade these packages" } else { "" };
                format!("from own layers: {told}{todo}")
            }
        }
    };
    vec![line(Origin::Base), line(Origin::Own)]
}

/// `3 listening, 40 not seen, 2 not watched`; `None` where nobody asked what is in use.
pub fn uses_summary(matches: &Matches) -> Option<String> {
    let uses = uses(matches).into_iter();
    let told: Vec<String> =
        uses.map(|(state, count)| format!("{count} {}", state.name().replace('_', " "))).collect();
    (!told.is_empty()).then(|| format!("in use: {}", told.join(", ")))
}

/// Whether a package is of the image's base, with the layer; none where that is not known.
pub(super) fn origin(package: &Package, inventory: &Inventory) -> Option<String> {
    let (origin, layer) = inventory.origin(package)?;
    let of = match origin {
        Origin::Base => "of the base",
        Origin::Own => "own",
    };
    Some(format!("{of}, layer {}", layer + 1))
}

/// Whether it is in use, and by what that is known; `None` where nobody asked.
pub(super) fn in_use(finding: &Finding) -> Option<String> {
    let it = finding.notes.in_use.as_ref()?;
    let mut parts = vec![it.words()];
    parts.extend(Some(format!("last {}", it.last_seen)).filter(|_| !it.last_seen.is_empty()));
    parts.extend(it.paths.first().cloned());
    parts.extend(Some(it.reason.clone()).filter(|reason| !reason.is_empty()));
    Some(parts.join("; "))
}

/// `3 packages of deb (Debian:12): the database has nothing of that`.
pub fn unscanned(unscanned: &Unscanned) -> String {
    let space = unscanned.space.as_ref().map_or_else(String::new, |it| format!(" ({it})"));
    let packages = plural(unscanned.count, "package");
    format!("{packages} of {}{space}: {}", unscanned.kind.name(), unscanned.reason.text())
}

/// What to do: `upgrade to 1.10.0`, or why nothing can be done yet.
pub(super) fn remedy(finding: &Finding) -> String {
    match (&finding.fixed_version, finding.state) {
        (Some(version), _) if finding.nature != Nature::Malicious => {
            format!("upgrade to {version}")
        }
        _ if finding.nature == Nature::Malicious => "remove it: it does harm".to_owned(),
        (_, State::Fixed | State::Affected) => "no version mends it yet".to_owned(),
        (_, State::WillNotFix) => "whoever makes it will not mend it".to_owned(),
        (_, State::FixDeferred) => "whoever makes it will mend it some day".to_owned(),
        (_, State::EndOfLife) => "whoever makes it looks after it no more".to_owned(),
        (_, State::UnderInvestigation) => "whoever makes it looks whether it is there".to_owned(),
    }
}

/// What it is, in one line: what should be known first.
pub(super) fn about(finding: &Finding) -> String {
    let mut parts = Vec::new();
    if finding.exploited.is_some() {
        parts.push("exploited".to_owned());
    }
    if finding.nature != Nature::Flaw {
        parts.push(finding.nature.name().to_owned());
    }
    if finding.is_disputed {
        parts.push("disputed".to_owned());
    }
    if let Some(note) = &finding.notes.vex {
        parts.push(format!("{} by {}", note.status.name().replace('_', " "), note.source));
    }
    if !finding.summary.is_empty() {
        parts.push(finding.summary.clone());
    }
    parts.join(": ")
}

/// `left 1.2.0`.
pub(super) fn package(package: &Package) -> String {
    format!("{} {}", package.name, package.version).trim_end().to_owned()
}

/// `CVE-2026-1 in left 1.2.0 (npm), critical: upgrade to 1.10.0`.
pub(super) fn sentence(finding: &Finding, of: &Package) -> String {
    let severity = severity(finding);
    let (kind, remedy) = (of.kind.name(), remedy(finding));
    format!("{} in {} ({kind}), {severity}: {remedy}", finding.id, package(of))
}

/// The files that tell of a package, from the root; the name of the target where none do.
pub(super) fn files<'a>(package: &'a Package, target: &'a str) -> Vec<&'a str> {
    let mut files: Vec<&str> = package.locations.iter().map(|it| it.path.as_str()).collect();
    files.retain(|file| !file.is_empty());
    if files.is_empty() { vec![target] } else { files }
}

/// Whether the distribution is supported, without today's day, so that it is the same tomorrow; `None` where
/// there is no distribution.
pub(super) fn support(report: &Report<'_>) -> Option<String> {
    let distro = report.inventory.distro.as_ref()?;
    let name = match distro.name.as_str() {
        "" => format!("{} {}", distro.id, distro.full_version()),
        name => name.to_owned(),
    };
    let told = match (&report.inventory.end_of_life, report.ended) {
        (None, _) => "nobody said here until when it is supported".to_owned(),
        (Some(EndOfLife::Rolling), _) => "a rolling release, without an end".to_owned(),
        (Some(EndOfLife::Until(support)), ended) => {
            // Where all is over, each of them is.
            let (warning, word) =
                if ended == Some(true) { ("END OF LIFE, ", "ended") } else { ("", "until") };
            let mut parts = vec![format!("{warning}support {word} {}", support.until.as_str())];
            parts.extend(
                support
                    .extended
                    .iter()
                    .map(|it| format!("{} {word} {}", it.name, it.until.as_str())),
            );
            parts.join("; ")
        }
    };
    Some(format!("{}: {told}", name.trim()))
}

/// What has to be said beside findings, in every form: that the distribution has ended, and what is unscanned.
pub(super) fn warnings(report: &Report<'_>) -> Vec<String> {
    let ended = report.ended.filter(|ended| *ended).and_then(|_| support(report));
    let unscanned =
        report.matches.unscanned.iter().map(|it| format!("unscanned: {}", unscanned(it)));
    let unread = match report.inventory.troubles.len() {
        0 => None,
        count => Some(format!("{} could not be read", plural(count, "part"))),
    };
    ended.into_iter().chain(unscanned).chain(unread).collect()
}

/// Whether a package is of the distribution.
pub(super) fn is_of_system(kind: Kind) -> bool {
    kind.is_of_system()
}

/// A finding with its package.
pub(super) fn with_packages<'a>(
    findings: &'a [Finding],
    inventory: &'a Inventory,
) -> impl Iterator<Item = (&'a Finding, &'a Package)> {
    findings.iter().filter_map(|it| Some((it, inventory.packages.get(it.package)?)))
}
