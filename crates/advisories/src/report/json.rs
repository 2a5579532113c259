//! The form of this program.

use scan::{
    FORMAT, Inventory, Package, base_object, distro_object, package_object, problem_objects, purl,
};
use serde::Serialize;

use super::{Report, words};
use crate::{
    Exploited, Likelihood,
    db::{Database, Header},
    matching::{Finding, InUse, Matches, Means, Unscanned, VexNote},
};

/// An object with `findings` and what else is known.
pub(super) fn document<'a>(report: &Report<'a>) -> impl Serialize + 'a {
    let Report { inventory, matches, .. } = *report;
    let package = |finding: &Finding| inventory.packages.get(finding.package);
    Document {
        format: FORMAT,
        target: &report.subject.name,
        distro: inventory.distro.is_some().then(|| distro_object(inventory)),
        base: base_object(inventory),
        ended: report.ended,
        findings: matches
            .findings
            .iter()
            .filter_map(|it| {
                let package = package(it)?;
                Some(FindingOut::of(it, package_object(package, inventory)).placed(it, inventory))
            })
            .collect(),
        suppressed: matches
            .suppressed
            .iter()
            .filter_map(|it| {
                let package = package(&it.finding)?;
                let finding = FindingOut::of(&it.finding, package_object(package, inventory));
                let finding = finding.placed(&it.finding, inventory);
                Some(SuppressedOut { finding, by: ByOut::of(&it.by) })
            })
            .collect(),
        unscanned: matches.unscanned.iter().map(|it| UnscannedOut::of(it, inventory)).collect(),
        feeds: feeds(report.database),
        remarks: report.remarks,
        problems: problem_objects(inventory),
    }
}

/// A finding as documents of this form have it; `None` where the inventory has no such package.
pub fn finding_object<'a>(
    finding: &'a Finding,
    inventory: &'a Inventory,
) -> Option<impl Serialize + 'a> {
    let package = inventory.packages.get(finding.package)?;
    Some(FindingOut::of(finding, package_object(package, inventory)).placed(finding, inventory))
}

/// What nothing is known of, as documents of this form have it.
pub fn unscanned_objects<'a>(
    matches: &'a Matches,
    inventory: &'a Inventory,
) -> impl Serialize + use<'a> {
    matches.unscanned.iter().map(|it| UnscannedOut::of(it, inventory)).collect::<Vec<_>>()
}

pub(super) fn feeds(database: &Database) -> Vec<FeedOut<'_>> {
    database.parts().iter().map(|part| FeedOut::of(part.header())).collect()
}

#[derive(Serialize)]
struct Document<'a, D: Serialize, B: Serialize, P: Serialize, T: Serialize> {
    format: &'a str,
    target: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    distro: Option<D>,
    #[serde(skip_serializing_if = "Option::is_none")]
    base: Option<B>,
    /// `null` where that is not known.
    ended: Option<bool>,
    findings: Vec<FindingOut<'a, P>>,
    suppressed: Vec<SuppressedOut<'a, P>>,
    unscanned: Vec<UnscannedOut<'a>>,
    feeds: Vec<FeedOut<'a>>,
    remarks: &'a [String],
    problems: T,
}

#[derive(Serialize)]
pub(super) struct FindingOut<'a, P: Serialize> {
    id: &'a str,
    aliases: &'a [String],
    package: P,
    space: &'a str,
    fixed_version: Option<&'a str>,
    severity: &'a str,
    status: &'a str,
    nature: &'a str,
    #[serde(skip_serializing_if = "<str>::is_empty")]
    severity_source: &'a str,
    /// `null` where nobody tells a vector.
    cvss: Option<CvssOut<'a>>,
    epss: Option<EpssOut>,
    kev: Option<KevOut<'a>>,
    disputed: bool,
    #[serde(skip_serializing_if = "<str>::is_empty")]
    title: &'a str,
    #[serde(skip_serializing_if = "<str>::is_empty")]
    published: &'a str,
    references: &'a [String],
    feeds: &'a [String],
    /// What a statement of VEX says that leaves the finding.
    #[serde(skip_serializing_if = "Option::is_none")]
    vex: Option<ByOut<'a>>,
    /// Where it was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    in_use: Option<InUseOut<'a>>,
    /// Whose the package is, where it is known what the image was built on.
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<&'static str>,
    /// The layer that makes it so.
    #[serde(skip_serializing_if = "Option::is_none")]
    layer: Option<LayerOut<'a>>,
}

#[derive(Serialize)]
struct InUseOut<'a> {
    state: &'a str,
    /// `null` where it was not seen.
    last_seen: Option<&'a str>,
    paths: &'a [String],
    ports: &'a [String],
    watched_days: u64,
    watched_seconds: u64,
    #[serde(skip_serializing_if = "str::is_empty")]
    reason: &'a str,
}

impl<'a> InUseOut<'a> {
    fn of(in_use: &'a InUse) -> Self {
        const DAY_SECONDS: u64 = 24 * 60 * 60;
        Self {
            state: in_use.state.name(),
            last_seen: Some(in_use.last_seen.as_str()).filter(|it| !it.is_empty()),
            paths: &in_use.paths,
            ports: &in_use.ports,
            watched_days: in_use.watched_s / DAY_SECONDS,
            watched_seconds: in_use.watched_s,
            reason: &in_use.reason,
        }
    }
}

/// A layer of the image.
#[derive(Serialize)]
struct LayerOut<'a> {
    /// From one on, the lowest first.
    number: usize,
    diff_id: &'a str,
}

/// A finding that is none, and why.
#[derive(Serialize)]
struct SuppressedOut<'a, P: Serialize> {
    #[serde(flatten)]
    finding: FindingOut<'a, P>,
    by: ByOut<'a>,
}

#[derive(Serialize)]
pub(super) struct ByOut<'a> {
    /// `vex` or `ignore`.
    means: &'a str,
    source: &'a str,
    /// Where it stands there.
    place: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    author: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    status: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    justification: &'a str,
    reason: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    time: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    expires: &'a str,
}

impl<'a> ByOut<'a> {
    pub(super) fn of(means: &'a Means) -> Self {
        match means {
            Means::Vex(note) => Self::of_vex(note),
            Means::Ignored(note) => Self {
                means: "ignore",
                source: &note.source,
                place: &note.place,
                author: "",
                status: "",
                justification: "",
                reason: &note.reason,
                time: "",
                expires: &note.expires,
            },
        }
    }

    fn of_vex(note: &'a VexNote) -> Self {
        Self {
            means: "vex",
            source: &note.source,
            place: &note.place,
            author: &note.author,
            status: note.status.name(),
            justification: &note.justification,
            reason: &note.detail,
            time: &note.time,
            expires: "",
        }
    }
}

#[derive(Serialize)]
struct CvssOut<'a> {
    score: f64,
    vector: &'a str,
}

#[derive(Serialize)]
struct EpssOut {
    score: f64,
    percentile: f64,
}

#[derive(Serialize)]
struct KevOut<'a> {
    since: &'a str,
    due: &'a str,
    ransomware: bool,
}

impl<'a, P: Serialize> FindingOut<'a, P> {
    pub(super) fn of(finding: &'a Finding, package: P) -> Self {
        let severity = &finding.severity;
        let epss =
            |it: Likelihood| EpssOut { score: e5(it.score_e5), percentile: e5(it.percentile_e5) };
        let kev = |it: &'a Exploited| KevOut {
            since: &it.since,
            due: &it.due,
            ransomware: it.by_ransomware,
        };
        Self {
            id: &finding.id,
            aliases: &finding.aliases,
            package,
            space: finding.space.as_str(),
            fixed_version: finding.fixed_version.as_deref(),
            severity: words::severity(finding),
            status: finding.state.name(),
            nature: finding.nature.name(),
            severity_source: &severity.source,
            cvss: severity.score.as_ref().map(|(score, vector)| CvssOut { score: *score, vector }),
            epss: finding.likelihood.map(epss),
            kev: finding.exploited.as_ref().map(kev),
            disputed: finding.is_disputed,
            title: &finding.summary,
            published: &finding.published,
            references: &finding.references,
            feeds: &finding.feeds,
            vex: finding.notes.vex.as_ref().map(ByOut::of_vex),
            from: None,
            layer: None,
            in_use: finding.notes.in_use.as_ref().map(InUseOut::of),
        }
    }

    /// With what the layers of an image tell of it.
    pub(super) fn placed(mut self, finding: &Finding, inventory: &'a Inventory) -> Self {
        let package = inventory.packages.get(finding.package);
        if let Some((origin, at)) = package.and_then(|package| inventory.origin(package)) {
            let layer = inventory.layers.get(at);
            self.from = Some(origin.name());
            self.layer = layer.map(|it| LayerOut { number: at + 1, diff_id: &it.diff_id });
        }
        self
    }
}

fn e5(parts: u32) -> f64 {
    f64::from(parts) / 1e5
}

#[derive(Serialize)]
struct UnscannedOut<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
    space: Option<&'a str>,
    packages: usize,
    reason: &'a str,
    which: Vec<NamedOut<'a>>,
}

/// A package by its names.
#[derive(Serialize)]
struct NamedOut<'a> {
    name: &'a str,
    version: &'a str,
    purl: String,
}

impl<'a> UnscannedOut<'a> {
    fn of(unscanned: &'a Unscanned, inventory: &'a Inventory) -> Self {
        let packages = unscanned.packages.iter().filter_map(|at| inventory.packages.get(*at));
        let named = |it: &'a Package| NamedOut {
            name: &it.name,
            version: &it.version,
            purl: purl(it, inventory.distro.as_ref()),
        };
        Self {
            kind: unscanned.kind.name(),
            space: unscanned.space.as_ref().map(crate::Space::as_str),
            packages: unscanned.packages.len(),
            reason: unscanned.reason.text(),
            which: packages.map(named).collect(),
        }
    }
}

#[derive(Serialize)]
pub(super) struct FeedOut<'a> {
    name: &'a str,
    newest: Option<&'a str>,
    imported: &'a str,
    advisories: u64,
}

impl<'a> FeedOut<'a> {
    fn of(header: &'a Header) -> Self {
        Self {
            name: &header.feed,
            newest: header.newest(),
            imported: &header.imported,
            advisories: header.advisories,
        }
    }
}
