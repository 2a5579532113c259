//! Which findings entries are of.

use scan::{Inventory, Package, Subject};

use super::{Entry, IgnoreFile, glob};
use crate::{
    matching::{Finding, IgnoreNote, Matches, Means, Suppressed},
    vex::Scanned,
};

/// What entries did.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Ignored {
    /// Entries that count no longer, each with its place.
    pub expired: Vec<String>,
    /// Entries that nothing was found of, each with its place.
    pub unused: Vec<String>,
}

/// Takes out of the findings what is ignored today (`2026-11-27`).
pub fn apply(
    file: &IgnoreFile,
    inventory: &Inventory,
    subject: &Subject,
    today: &str,
    matches: &mut Matches,
) -> Ignored {
    let scanned = Scanned::new(inventory, subject);
    let is_over = |entry: &Entry| !entry.expires.is_empty() && entry.expires.as_str() < today;
    let mut used = vec![false; file.entries.len()];
    for finding in std::mem::take(&mut matches.findings) {
        let mut of =
            file.entries.iter().enumerate().filter(|(_, entry)| {
                !is_over(entry) && is_of(entry, &finding, inventory, &scanned)
            });
        let Some((at, entry)) = of.next() else {
            matches.findings.push(finding);
            continue;
        };
        let others = of.map(|(at, _)| at).collect::<Vec<_>>();
        for at in others.into_iter().chain([at]) {
            used.get_mut(at).into_iter().for_each(|it| *it = true);
        }
        let by = Means::Ignored(note(file, entry));
        matches.suppressed.push(Suppressed { finding, by });
    }
    matches.suppressed.sort_by(|a, b| {
        (a.finding.package, &a.finding.id).cmp(&(b.finding.package, &b.finding.id))
    });
    let told = |entry: &Entry| {
        format!("{}:{}:{}: {}", file.name, entry.place.0, entry.place.1, label(entry))
    };
    let expired = file.entries.iter().filter(|entry| is_over(entry));
    let unused = file.entries.iter().zip(used).filter(|(entry, used)| !used && !is_over(entry));
    Ignored {
        expired: expired
            .map(|it| format!("{} expired {}, and counts again", told(it), it.expires))
            .collect(),
        unused: unused
            .map(|(it, _)| format!("{} is of nothing that was found", told(it)))
            .collect(),
    }
}

fn is_of(entry: &Entry, finding: &Finding, inventory: &Inventory, scanned: &Scanned<'_>) -> bool {
    let Some(package) = inventory.packages.get(finding.package) else { return false };
    let named = |id: &String| {
        finding.id.eq_ignore_ascii_case(id)
            || finding.aliases.iter().any(|it| it.eq_ignore_ascii_case(id))
    };
    (entry.ids.is_empty() || entry.ids.iter().any(named))
        && (entry.package.is_empty() || is_named(package, &entry.package))
        && entry.purl.as_ref().is_none_or(|it| scanned.is_package(it, finding.package, package))
        && (entry.path.is_empty() || is_within(package, &entry.path))
}

/// By its own name, or that of what it was built from.
fn is_named(package: &Package, name: &str) -> bool {
    package.name == name || package.source.as_ref().is_some_and(|it| it.name == name)
}

/// Whether all its places are.
fn is_within(package: &Package, pattern: &str) -> bool {
    !package.locations.is_empty()
        && package.locations.iter().all(|it| glob::matches(pattern, &it.path))
}

fn label(entry: &Entry) -> String {
    let purl = entry.purl.as_ref().map(ToString::to_string).unwrap_or_default();
    let parts = [entry.ids.join(", "), entry.package.clone(), purl, entry.path.clone()];
    let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join(" in ")
}

fn note(file: &IgnoreFile, entry: &Entry) -> IgnoreNote {
    IgnoreNote {
        source: file.name.clone(),
        place: format!("{}:{}", entry.place.0, entry.place.1),
        reason: entry.reason.clone(),
        expires: entry.expires.clone(),
    }
}
