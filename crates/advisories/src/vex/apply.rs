//! Which statement counts for a finding.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::Timestamp;
use scan::{Inventory, Subject};

use super::{Document, Statement, product::Scanned};
use crate::matching::{Finding, Matches, Means, Suppressed, VexNote};

/// What statements did.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Applied {
    /// How many statements of each document are of something that was found.
    pub used: Vec<usize>,
    /// Statements of one time that say different things of one finding.
    pub contradictions: Vec<String>,
}

/// A statement and its place among documents.
type Placed<'a> = (usize, usize, &'a Statement);

/// Takes out of the findings what is said not to be affected, or to be fixed, and notes what else is said.
///
/// Of several statements on a finding the newest counts, in whichever document; of several of one time that
/// say different things, the one that is most careful, and that is told.
pub fn apply(
    documents: &[Document],
    inventory: &Inventory,
    subject: &Subject,
    matches: &mut Matches,
) -> Applied {
    let mut by_flaw: HashMap<String, Vec<Placed<'_>>> = HashMap::new();
    for (of, document) in documents.iter().enumerate() {
        for (at, statement) in document.statements.iter().enumerate() {
            for flaw in &statement.flaws {
                let placed = (of, at, statement);
                by_flaw.entry(flaw.to_ascii_uppercase()).or_default().push(placed);
            }
        }
    }
    let scanned = Scanned::new(inventory, subject);
    let mut used: BTreeSet<(usize, usize)> = BTreeSet::new();
    let mut contradictions = BTreeSet::new();
    for finding in std::mem::take(&mut matches.findings) {
        let said = said(&finding, &by_flaw, &scanned);
        used.extend(said.keys());
        let Some((of, winner)) = newest(&said) else {
            matches.findings.push(finding);
            continue;
        };
        contradictions.extend(contradiction(&finding, &said, winner, documents));
        let is_settled = winner.status.is_settled() && covers(&finding, &said);
        matches.put(finding, note(documents.get(of), winner), is_settled);
    }
    let count = |of: usize| used.iter().filter(|(document, _)| *document == of).count();
    Applied {
        used: (0..documents.len()).map(count).collect(),
        contradictions: contradictions.into_iter().collect(),
    }
}

/// What is said of a finding, by the places of statements.
fn said<'a>(
    finding: &Finding,
    by_flaw: &HashMap<String, Vec<Placed<'a>>>,
    scanned: &Scanned<'_>,
) -> BTreeMap<(usize, usize), &'a Statement> {
    let names = std::iter::once(&finding.id).chain(&finding.aliases);
    let of_flaw = names.filter_map(|name| by_flaw.get(&name.to_ascii_uppercase())).flatten();
    let is_meant = |statement: &Statement| {
        statement.products.iter().any(|it| scanned.has(it, finding.package, &finding.space))
    };
    let of_flaw: BTreeMap<_, _> = of_flaw.map(|(of, at, it)| ((*of, *at), *it)).collect();
    of_flaw.into_iter().filter(|(_, statement)| is_meant(statement)).collect()
}

/// Whether what is said settles all of a finding: where several flaws are one to whoever tells of them, each has to
/// be settled, or that one.
fn covers(finding: &Finding, said: &BTreeMap<(usize, usize), &Statement>) -> bool {
    let settled: BTreeSet<String> = said
        .values()
        .filter(|statement| statement.status.is_settled())
        .flat_map(|statement| statement.flaws.iter().map(|flaw| flaw.to_ascii_uppercase()))
        .collect();
    let names = std::iter::once(&finding.id).chain(&finding.aliases);
    let (flaws, others): (Vec<String>, Vec<String>) =
        names.map(|name| name.to_ascii_uppercase()).partition(|name| name.starts_with("CVE-"));
    flaws.len() < 2
        || flaws.iter().all(|flaw| settled.contains(flaw))
        || others.iter().any(|other| settled.contains(other))
}

/// The newest; the most careful of those of one time; the last of those that say the same.
fn newest<'a>(said: &BTreeMap<(usize, usize), &'a Statement>) -> Option<(usize, &'a Statement)> {
    let rank = |statement: &Statement| (statement.time, statement.status);
    let newest = said.iter().max_by_key(|(_, statement)| rank(statement))?;
    Some((newest.0.0, newest.1))
}

fn contradiction(
    finding: &Finding,
    said: &BTreeMap<(usize, usize), &Statement>,
    winner: &Statement,
    documents: &[Document],
) -> Option<String> {
    let is_other = |it: &Statement| it.time == winner.time && it.status != winner.status;
    let ((of, _), other) = said.iter().find(|(_, statement)| is_other(statement))?;
    let winner_of = said.iter().find(|(_, it)| std::ptr::eq(**it, winner))?.0.0;
    let name = |of: usize| documents.get(of).map_or("", |document| document.name.as_str());
    let told = |of: usize, it: &Statement| format!("{}: {}", name(of), it.place);
    Some(format!(
        "{} says that {} is {}, {} at the same time that it is {}; the first counts",
        told(winner_of, winner),
        finding.id,
        winner.status.name(),
        told(*of, other),
        other.status.name()
    ))
}

fn note(document: Option<&Document>, statement: &Statement) -> VexNote {
    let of = |told: fn(&Document) -> &String| document.map(told).cloned().unwrap_or_default();
    VexNote {
        status: statement.status,
        source: of(|it| &it.name),
        place: statement.place.clone(),
        author: of(|it| &it.author),
        justification: statement.justification.clone(),
        detail: statement.detail.clone(),
        time: statement.time.map(|time: Timestamp| time.to_string()).unwrap_or_default(),
    }
}

impl Matches {
    fn put(&mut self, mut finding: Finding, note: VexNote, is_settled: bool) {
        if is_settled {
            self.suppressed.push(Suppressed { finding, by: Means::Vex(note) });
        } else {
            finding.notes.vex = Some(note);
            self.findings.push(finding);
        }
    }
}
