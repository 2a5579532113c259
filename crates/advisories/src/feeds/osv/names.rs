//! Which of a record's ids are other names of the flaw, and which are flaws that it mends.

use super::{Record, Text};

/// The first parts of ids of errata: each mends flaws that have ids of their own.
const ERRATA: [&str; 20] = [
    "ALBA", "ALEA", "ALSA", "DLA", "DSA", "ELSA", "LSN", "MGASA", "OESA", "RHBA", "RHEA", "RHSA",
    "RLBA", "RLEA", "RLSA", "RXSA", "SUSE", "USN", "openSUSE", "ALAS",
];

/// Ids beside a record's own.
#[derive(Debug)]
pub(super) struct Names {
    pub(super) aliases: Vec<String>,
    pub(super) covers: Vec<String>,
    pub(super) is_erratum: bool,
}

impl Names {
    pub(super) fn of(record: &Record<'_>) -> Self {
        let owned = |ids: &Option<Vec<_>>| -> Vec<String> {
            ids.iter().flatten().map(|id: &Text<'_>| id.to_string()).collect()
        };
        let is_erratum = record.id.split(['-', ':']).next().is_some_and(|it| ERRATA.contains(&it));
        let (mut aliases, mut covers) = (owned(&record.aliases), owned(&record.upstream));
        if is_erratum {
            covers.extend(owned(&record.related));
            // Some have the flaws as aliases, from before there was a place for them.
            covers.append(&mut aliases);
            covers.retain(|id| id.starts_with("CVE-"));
        } else if covers.len() <= 1 || covers.iter().any(|id| record.id.contains(id.as_str())) {
            // A distribution's word on one flaw.
            covers.retain(|id| covers_one(&record.id, id));
            aliases.append(&mut covers);
        }
        Self { aliases, covers, is_erratum }
    }

    /// An erratum that names no flaw, and whose id says that it is of bugs or enhancements.
    pub(super) fn mends_bugs_alone(&self, id: &str) -> bool {
        let kind = id.split(['-', ':']).next().unwrap_or_default();
        let is_of_bugs = kind.ends_with("BA") || kind.ends_with("EA");
        self.covers.is_empty() && self.aliases.is_empty() && is_of_bugs
    }
}

/// `UBUNTU-CVE-2021-3782` is of `CVE-2021-3782` alone, whatever else is upstream of it.
fn covers_one(own: &str, id: &str) -> bool {
    !own.contains("CVE-") || own.contains(id)
}
