//! What is explained is what is found: of every target that others scanned.

use std::collections::BTreeSet;

use advisories::{
    Space,
    db::Database,
    matching::{Line, Matches, OfFlaw, Reading, Weight, explain},
};
use scan::{Inventory, Kind, Package};

/// Most findings, and most records that gave none, that are asked about for one target.
const MOST_ASKED: usize = 150;

/// Asks about findings and about records that gave none, spread over all of them. Returns how many of both.
pub(crate) fn agrees(
    database: &Database,
    inventory: &Inventory,
    matches: &Matches,
) -> (usize, usize) {
    let findings = spread(&matches.findings);
    for finding in &findings {
        for id in std::iter::once(&finding.id).chain(finding.aliases.last()) {
            let told = explain(database, inventory, &[finding.package], id).unwrap();
            let flaws = &told.packages[0].flaws;
            let is_told = flaws.iter().any(|flaw| flaw.finding.as_ref() == Some(finding));
            assert!(is_told, "{id}: {finding:?} is not {flaws:?}");
            flaws.iter().for_each(consistent);
        }
    }
    let silent = without_findings(database, inventory, matches);
    let silent = spread(&silent);
    for (package, id) in &silent {
        let told = explain(database, inventory, &[*package], id).unwrap();
        let flaws = &told.packages[0].flaws;
        assert!(!flaws.is_empty(), "{id}: it is said of {:?}", inventory.packages[*package]);
        assert!(flaws.iter().all(|flaw| flaw.finding.is_none()), "{id}: {flaws:?}");
        assert!(flaws.iter().all(|flaw| !flaw.lines.is_empty()), "{id}: {flaws:?}");
        flaws.iter().for_each(consistent);
    }
    (findings.len(), silent.len())
}

fn spread<T>(all: &[T]) -> Vec<&T> {
    all.iter().step_by(all.len() / MOST_ASKED + 1).collect()
}

/// What is told of lines has to give what became of them.
fn consistent(flaw: &OfFlaw) {
    let counts = flaw.lines.iter().filter(|it| it.weight == Weight::Counts);
    assert_eq!(flaw.finding.is_some(), counts.count() > 0, "{flaw:?}");
    for line in &flaw.lines {
        let Line { reading, weight, comparisons, affected, .. } = line;
        let is_within = comparisons.iter().all(|it| it.is_within);
        match reading {
            Reading::Within(_) => assert!(is_within, "{line:?}"),
            Reading::Listed => assert!(!affected.versions.is_empty(), "{line:?}"),
            Reading::Mended => assert!(!comparisons.is_empty() && !is_within, "{line:?}"),
            _ => {}
        }
        let says_so = matches!(reading, Reading::Within(_) | Reading::Listed);
        assert!(*weight != Weight::Counts || says_so, "{line:?}");
        if let Weight::DeniedBy(by) | Weight::MendedBy(by) = weight {
            let by = &flaw.lines[*by].weight;
            assert!(matches!(by, Weight::Denies | Weight::Mends), "{line:?} {by:?}");
        }
    }
}

/// Packages with records that are of them by name, and are of no finding.
fn without_findings(
    database: &Database,
    inventory: &Inventory,
    matches: &Matches,
) -> Vec<(usize, String)> {
    let distro = inventory.distro.as_ref().and_then(Space::of_distro);
    let found: BTreeSet<(usize, &str)> = matches
        .findings
        .iter()
        .flat_map(|it| it.aliases.iter().chain([&it.id]).map(|id| (it.package, id.as_str())))
        .collect();
    let mut all = Vec::new();
    let packages: Vec<(usize, &Package)> = inventory.packages.iter().enumerate().collect();
    for (at, package) in spread(&packages) {
        let space = Space::of_kind(package.kind).or_else(|| distro.clone());
        let Some(space) = space else { continue };
        if matches.unscanned.iter().any(|it| it.kind == package.kind) {
            continue;
        }
        // Names that are certainly asked for.
        let source = package.source.as_ref().map(|it| &it.name);
        let is_of_source = matches!(package.kind, Kind::Deb | Kind::Apk);
        let name = source.filter(|_| is_of_source).unwrap_or(&package.name);
        for part in database.parts() {
            let entries = part.entries(std::iter::once((&space, name.as_str())));
            for entry in entries.unwrap().into_iter().flatten() {
                let details = part.details(std::iter::once(entry.id.as_str())).unwrap();
                let details = details.into_iter().flatten().next().unwrap();
                let names = details.aliases.iter().chain(&details.covers).chain([&entry.id]);
                if names.into_iter().all(|id| !found.contains(&(*at, id.as_str()))) {
                    all.push((*at, entry.id));
                }
            }
        }
    }
    all
}
