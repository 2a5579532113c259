//! What is told of findings in words, the same in every form.

use std::collections::BTreeSet;

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

/// How bad it is, for people: of a notice, what it is.
pub fn told_severity(finding: &Finding) -> &'static str {
    if finding.is_notice() { finding.nature.name() } else { severity(finding) }
}

/// So many of something: `1 finding`, `2 findings`.
pub(super) fn plural(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

/// `14 findings, 2 exploited: 1 critical, 4 high, 7 unknown, 2 notices (unmaintained); 2 suppressed`.
pub fn summary(matches: &Matches) -> String {
    let findings = &matches.findings;
    let count = |level: Option<Level>| {
        findings.iter().filter(|it| it.severity.level == level && !it.is_notice()).count()
    };
    let levels = Level::ALL.into_iter().rev().map(Some).chain([None]);
    let told = levels.map(|it| (count(it), level(it))).filter(|(count, _)| *count > 0);
    let told = told.map(|(count, name)| format!("{count} {name}"));
    let told: Vec<String> = told.chain(notices(findings)).collect();
    let mut all = vec![plural(findings.len(), "finding")];
    let harm = [
        (findings.iter().filter(|it| it.exploited.is_some()).count(), "exploited"),
        (findings.iter().filter(|it| it.nature == Nature::Malicious).count(), "malicious"),
    ];
    let harm = harm.into_iter().filter(|(count, _)| *count > 0);
    all.extend(harm.map(|(count, what)| format!("{count} {what}")));
    let all = all.join(", ");
    let all = if told.is_empty() { all } else { format!("{all}: {}", told.join(", ")) };
    match matches.suppressed.len() {
        0 => all,
        suppressed => format!("{all}; {suppressed} suppressed"),
    }
}

/// `11 notices (unmaintained, unsound)`; none where there is none.
fn notices(findings: &[Finding]) -> Option<String> {
    let notices: Vec<Nature> =
        findings.iter().filter(|it| it.is_notice()).map(|it| it.nature).collect();
    let kinds: BTreeSet<Nature> = notices.iter().copied().collect();
    let kinds = kinds.into_iter().filter(|it| *it != Nature::Notice);
    let kinds: Vec<&str> = kinds.map(Nature::name).collect();
    let all = plural(notices.len(), "notice");
    match kinds.as_slice() {
        _ if notices.is_empty() => None,
        [] => Some(all),
        kinds => Some(format!("{all} ({})", kinds.join(", "))),
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
                let todo = match count {
                    0 => "",
                    _ => "; take a newer base, or upgrade these packages in a layer of your own",
                };
                let layers = match below {
                    1 => "layer 1".to_owned(),
                    _ => format!("layers 1 to {below}"),
                };
                format!("from {name} ({layers} of {all}, {how}): {told}{todo}")
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

/// Most packages that are named in words; JSON has all.
const MOST_NAMED: usize = 3;

/// `30 packages of deb (Debian:12), such as acl, adduser and apt: the database has nothing of that`.
pub fn unscanned(unscanned: &Unscanned, inventory: &Inventory) -> String {
    let space = unscanned.space.as_ref().map_or_else(String::new, |it| format!(" ({it})"));
    let packages = plural(unscanned.packages.len(), "package");
    let names = unscanned.packages.iter().filter_map(|at| inventory.packages.get(*at));
    let mut names: Vec<&str> = names.map(|it| it.name.as_str()).collect();
    names.dedup();
    let such_as = if names.len() > MOST_NAMED { "such as " } else { "" };
    names.truncate(MOST_NAMED);
    let names = match names.as_slice() {
        [] => String::new(),
        [one] => format!(", {one}"),
        [first @ .., last] => format!(", {such_as}{} and {last}", first.join(", ")),
    };
    format!("{packages} of {}{space}{names}: {}", unscanned.kind.name(), unscanned.reason.text())
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
    let severity = told_severity(finding);
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
    let unscanned = report
        .matches
        .unscanned
        .iter()
        .map(|it| format!("unscanned: {}", unscanned(it, report.inventory)));
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Exploited, Space,
        matching::{Reason, Severity},
    };

    fn finding(level: Option<Level>, nature: Nature) -> Finding {
        let severity = Severity { level, ..Severity::default() };
        Finding { severity, nature, ..Finding::default() }
    }

    #[test]
    fn the_first_line_counts_what_is_exploited_and_tells_notices_apart() {
        let all = [
            finding(Some(Level::High), Nature::Flaw),
            finding(None, Nature::Flaw),
            finding(None, Nature::Malicious),
            finding(None, Nature::Unsound),
            finding(None, Nature::Unmaintained),
            finding(Some(Level::Low), Nature::Unsound),
        ];
        let told = |findings: &[Finding]| {
            summary(&Matches { findings: findings.to_vec(), ..Matches::default() })
        };
        assert_eq!(
            told(&all),
            "6 findings, 1 malicious: 1 high, 1 low, 2 unknown, 2 notices (unmaintained, unsound)"
        );
        let exploited = Finding { exploited: Some(Exploited::default()), ..all[0].clone() };
        assert_eq!(told(&[exploited]), "1 finding, 1 exploited: 1 high");
        assert_eq!(told(&[finding(None, Nature::Notice)]), "1 finding: 1 notice");
        assert_eq!(told(&[]), "0 findings");
        assert_eq!(all.each_ref().map(told_severity)[3..], ["unsound", "unmaintained", "low"]);
    }

    #[test]
    fn unscanned_packages_are_named_as_far_as_there_are_few() {
        let packages = ["a", "b", "b", "c", "d"].map(|it| Package::new(Kind::Npm, it, "1"));
        let inventory = Inventory { packages: packages.to_vec(), ..Inventory::default() };
        for (packages, expected) in [
            (vec![0], "1 package of npm (npm), a: no feed tells of them"),
            (vec![0, 1, 2], "3 packages of npm (npm), a and b: no feed tells of them"),
            (vec![0, 1, 3], "3 packages of npm (npm), a, b and c: no feed tells of them"),
            (
                vec![0, 1, 2, 3, 4],
                "5 packages of npm (npm), such as a, b and c: no feed tells of them",
            ),
            (vec![9], "1 package of npm (npm): no feed tells of them"),
        ] {
            let space = Some(Space::named("npm"));
            let it = Unscanned { kind: Kind::Npm, space, reason: Reason::NoFeed, packages };
            assert_eq!(unscanned(&it, &inventory), expected);
        }
    }
}
