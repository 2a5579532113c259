//! CycloneDX 1.6 (ECMA-424): packages, and what is wrong with them as `vulnerabilities`.

use std::collections::BTreeMap;

use scan::{More, Origin, Package};
use serde_json::{Map, Value, json};

use super::{Report, words};
use crate::{
    Generation,
    matching::{Finding, State},
    vex::Status,
};

pub(super) fn more(report: &Report<'_>) -> More {
    More { vulnerabilities: vulnerabilities(report), properties: properties(report) }
}

/// Findings that are alike in all but their packages are one.
fn vulnerabilities(report: &Report<'_>) -> Vec<Value> {
    let references = scan::references(report.inventory);
    // Each with what it affects and what mends it.
    type Joined = (Value, Vec<Value>, Vec<String>);
    let mut all: BTreeMap<(String, String), Joined> = BTreeMap::new();
    for (finding, package) in words::with_packages(&report.matches.findings, report.inventory) {
        let origin = report.inventory.origin(package).map(|(origin, _)| origin);
        let object = object(finding, origin);
        let key = (finding.id.clone(), object.to_string());
        let (_, affects, remedies) = all.entry(key).or_insert((object, vec![], vec![]));
        affects.push(affected(package, references.get(finding.package)));
        let remedy = format!("{}: {}", words::package(package), words::remedy(finding));
        if !remedies.contains(&remedy) {
            remedies.push(remedy);
        }
    }
    let finished = all.into_values().map(|(mut object, affects, remedies)| {
        if let Some(object) = object.as_object_mut() {
            object.insert("recommendation".to_owned(), remedies.join("; ").into());
            object.insert("affects".to_owned(), affects.into());
        }
        object
    });
    finished.collect()
}

fn affected(package: &Package, reference: Option<&String>) -> Value {
    let mut affected = json!({"ref": reference});
    if let Some(object) = affected.as_object_mut().filter(|_| !package.version.is_empty()) {
        let version = json!([{"version": package.version, "status": "affected"}]);
        object.insert("versions".to_owned(), version);
    }
    affected
}

fn object(finding: &Finding, origin: Option<Origin>) -> Value {
    let mut object = Map::new();
    let mut put = |key: &str, value: Option<Value>| {
        value.map(|value| object.insert(key.to_owned(), value));
    };
    put("id", Some(finding.id.as_str().into()));
    put("source", finding.feeds.first().map(|feed| json!({"name": feed})));
    let others: Vec<Value> = finding
        .aliases
        .iter()
        .map(|id| json!({"id": id, "source": {"name": issuer(id)}}))
        .collect();
    put("references", some(others));
    put("ratings", some(ratings(finding)));
    put(
        "description",
        Some(finding.summary.as_str().into()).filter(|_| !finding.summary.is_empty()),
    );
    put("advisories", some(finding.references.iter().map(|url| json!({"url": url})).collect()));
    put("published", instant(&finding.published));
    put("analysis", analysis(finding));
    put("properties", some(facts(finding, origin)));
    Value::Object(object)
}

fn some(list: Vec<Value>) -> Option<Value> {
    (!list.is_empty()).then(|| list.into())
}

/// Who gives names that begin so.
fn issuer(id: &str) -> &str {
    id.split(['-', ':']).next().unwrap_or(id)
}

/// The level that counts, and the score that was computed.
fn ratings(finding: &Finding) -> Vec<Value> {
    let severity = &finding.severity;
    let word = match words::severity(finding) {
        "negligible" => "info",
        word => word,
    };
    let mut rating = json!({"severity": word});
    let Some(object) = rating.as_object_mut() else { return Vec::new() };
    if !severity.source.is_empty() {
        object.insert("source".to_owned(), json!({"name": severity.source}));
    }
    if let Some((score, vector)) = &severity.score {
        object.insert("score".to_owned(), (*score).into());
        object.insert("method".to_owned(), method(vector).into());
        object.insert("vector".to_owned(), vector.as_str().into());
    }
    vec![rating]
}

fn method(vector: &str) -> &'static str {
    match crate::score(vector).map(|score| score.generation) {
        Some(Generation::V4) => "CVSSv4",
        Some(Generation::V3) if vector.starts_with("CVSS:3.1") => "CVSSv31",
        Some(Generation::V3) => "CVSSv3",
        Some(Generation::V2) => "CVSSv2",
        None => "other",
    }
}

/// In UTC, where it is an instant or a day.
fn instant(text: &str) -> Option<Value> {
    let parsed: Option<jiff::Timestamp> =
        text.parse().ok().or_else(|| format!("{text}T00:00:00Z").parse().ok());
    parsed.map(|time| time.to_string().into())
}

/// What a statement of VEX says, else what whoever makes the package does.
fn analysis(finding: &Finding) -> Option<Value> {
    if let Some(note) = &finding.notes.vex {
        let state = if note.status == Status::Affected { "exploitable" } else { "in_triage" };
        let detail = format!("{} ({})", note.reason(), note.source);
        return Some(json!({"state": state, "detail": detail.trim()}));
    }
    match finding.state {
        State::UnderInvestigation => Some(json!({"state": "in_triage"})),
        State::WillNotFix | State::EndOfLife => Some(json!({"response": ["will_not_fix"]})),
        State::Fixed => Some(json!({"response": ["update"]})),
        State::Affected | State::FixDeferred => None,
    }
}

fn facts(finding: &Finding, origin: Option<Origin>) -> Vec<Value> {
    let mut facts = vec![("status", finding.state.name().to_owned())];
    facts.extend(finding.fixed_version.clone().map(|version| ("fixed_version", version)));
    facts.extend(finding.exploited.as_ref().map(|it| ("kev", it.since.clone())));
    facts.extend(finding.likelihood.map(|it| ("epss", (f64::from(it.score_e5) / 1e5).to_string())));
    if finding.nature != crate::Nature::Flaw {
        facts.push(("nature", finding.nature.name().to_owned()));
    }
    facts.extend(origin.map(|it| ("from", it.name().to_owned())));
    if let Some(in_use) = &finding.notes.in_use {
        facts.push(("in_use", in_use.state.name().to_owned()));
        facts.push(("in_use_words", words::in_use(finding).unwrap_or_default()));
    }
    let one = |(name, value)| json!({"name": format!("watchkeeper:{name}"), "value": value});
    facts.into_iter().map(one).collect()
}

/// What has no place in CycloneDX.
fn properties(report: &Report<'_>) -> Vec<(String, String)> {
    let ended = report.ended.map_or("unknown".to_owned(), |ended| ended.to_string());
    let mut all = vec![("summary".to_owned(), words::summary(report.matches))];
    all.extend(words::uses_summary(report.matches).map(|it| ("in_use".to_owned(), it)));
    if report.inventory.distro.is_some() {
        all.push(("ended".to_owned(), ended));
    }
    all.extend(
        report
            .matches
            .unscanned
            .iter()
            .map(|it| ("unscanned".to_owned(), words::unscanned(it, report.inventory))),
    );
    all.push(("suppressed".to_owned(), report.matches.suppressed.len().to_string()));
    all
}
