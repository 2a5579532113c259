//! What changed, for programs.

use std::io;

use scan::{Change, Diff, Place, What};
use serde::Serialize;

use super::{Judgement, Side, findings};
use crate::output::Out;

/// Version of the JSON: the first number changes where what was there is no longer.
const FORMAT: &str = "1.0";

pub(super) fn write(
    diff: &Diff,
    [from, to]: [&Side; 2],
    judgement: Option<&Judgement<'_>>,
    out: &mut Out,
) -> io::Result<()> {
    let count = |what| diff.count(what);
    let document = Document {
        format: FORMAT,
        from: Target::of(from),
        to: Target::of(to),
        distro_changed: diff.distro.is_some(),
        summary: Summary {
            added: count(What::Added),
            removed: count(What::Removed),
            upgraded: count(What::Upgraded),
            downgraded: count(What::Downgraded),
            changed: count(What::Changed),
            moved: count(What::Moved),
            unchanged: diff.unchanged,
        },
        changes: diff.changes.iter().map(Changed::of).collect(),
        findings: judgement.map(findings::object),
    };
    serde_json::to_writer_pretty(&mut *out, &document)?;
    out.line(b"")
}

#[derive(Serialize)]
struct Document<'a, F: Serialize> {
    format: &'a str,
    from: Target<'a>,
    to: Target<'a>,
    distro_changed: bool,
    summary: Summary,
    changes: Vec<Changed<'a>>,
    /// `null` where they were not compared.
    findings: Option<F>,
}

#[derive(Serialize)]
struct Target<'a> {
    target: &'a str,
    version: Option<&'a str>,
    distro: Option<DistroOut<'a>>,
    packages: usize,
    problems: usize,
}

#[derive(Serialize)]
struct DistroOut<'a> {
    id: &'a str,
    version: &'a str,
}

impl<'a> Target<'a> {
    fn of((inventory, subject): &'a Side) -> Self {
        let distro = inventory.distro.as_ref();
        Self {
            target: &subject.name,
            version: subject.version.as_deref(),
            distro: distro.map(|it| DistroOut { id: &it.id, version: it.full_version() }),
            packages: inventory.packages.len(),
            problems: inventory.troubles.len(),
        }
    }
}

#[derive(Serialize)]
struct Summary {
    added: usize,
    removed: usize,
    upgraded: usize,
    downgraded: usize,
    changed: usize,
    moved: usize,
    unchanged: usize,
}

#[derive(Serialize)]
struct Changed<'a> {
    change: &'static str,
    name: &'a str,
    #[serde(rename = "type")]
    kind: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    architecture: &'a str,
    from: &'a [String],
    to: &'a [String],
    kept: &'a [String],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    locations_from: Vec<Located<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    locations_to: Vec<Located<'a>>,
}

#[derive(Serialize)]
struct Located<'a> {
    path: &'a str,
    layer: Option<&'a str>,
}

impl<'a> Changed<'a> {
    fn of(change: &'a Change) -> Self {
        let located = |places: &'a [Place]| {
            let one = |it: &'a Place| Located { path: &it.path, layer: it.layer.as_deref() };
            places.iter().map(one).collect()
        };
        Self {
            change: change.what.name(),
            name: &change.name,
            kind: change.kind.name(),
            architecture: &change.architecture,
            from: &change.from,
            to: &change.to,
            kept: &change.kept,
            locations_from: located(&change.places_from),
            locations_to: located(&change.places_to),
        }
    }
}
