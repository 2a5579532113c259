//! OpenVEX 0.2.0: a statement for each finding, and for each that a statement of VEX settled, so that what is
//! written says the same when it is read.

use scan::{Package, purl};
use serde_json::{Map, Value, json};

use super::{Report, words};
use crate::matching::{Finding, Means, State, VexNote};

const CONTEXT: &str = "https://openvex.dev/ns/v0.2.0";
/// Of when it is where nothing tells a time.
const NO_TIME: &str = "1970-01-01T00:00:00Z";

pub(super) fn document(report: &Report<'_>) -> Value {
    let of = |it: &Finding| report.inventory.packages.get(it.package);
    let findings = report.matches.findings.iter();
    let findings =
        findings.filter_map(|it| Some(statement(it, of(it)?, it.notes.vex.as_ref(), report)));
    let settled = report.matches.suppressed.iter().filter_map(|it| match &it.by {
        Means::Vex(note) => Some(statement(&it.finding, of(&it.finding)?, Some(note), report)),
        // What one user does not want to hear of is no word on the product.
        Means::Ignored(_) => None,
    });
    let statements: Vec<Value> = findings.chain(settled).collect();
    let number = scan::uuid(&format!("{}{}", report.subject.name, Value::from(statements.clone())));
    let mut tooling = vec![format!("watchkeeper {}", report.subject.tool_version)];
    tooling.extend(words::warnings(report));
    json!({
        "@context": CONTEXT,
        "@id": format!("urn:uuid:{number}"),
        "author": "watchkeeper",
        "role": "scanner",
        "timestamp": time(report),
        "version": 1,
        "tooling": tooling.join("; "),
        "statements": statements,
    })
}

/// As of the newest word of the feeds, or when what was scanned was made, if that is later.
fn time(report: &Report<'_>) -> String {
    let feeds = report
        .database
        .parts()
        .iter()
        .map(|part| part.header().newest().unwrap_or_default().to_owned());
    let instants = feeds.chain(report.subject.created.clone());
    let instants = instants.filter_map(|text| text.parse::<jiff::Timestamp>().ok());
    instants.max().map_or_else(|| NO_TIME.to_owned(), |time| time.to_string())
}

fn statement(
    finding: &Finding,
    package: &Package,
    note: Option<&VexNote>,
    report: &Report<'_>,
) -> Value {
    let mut said = Map::new();
    let mut put = |key: &str, value: Value| said.insert(key.to_owned(), value);
    put("vulnerability", json!({"name": finding.id, "aliases": finding.aliases}));
    put("products", json!([product(package, report)]));
    let found = match finding.state {
        State::UnderInvestigation => "under_investigation",
        _ => "affected",
    };
    let status = note.map_or(found, |note| note.status.name());
    put("status", status.into());
    if let Some(note) = note.filter(|note| !note.time.is_empty()) {
        put("timestamp", note.time.as_str().into());
    }
    match (status, note) {
        ("affected", Some(note)) if !note.detail.is_empty() => {
            put("action_statement", note.detail.as_str().into());
        }
        ("affected", _) => _ = put("action_statement", words::remedy(finding).into()),
        ("not_affected", Some(note)) => {
            // Words of other forms are none of this one's.
            let is_known = JUSTIFICATIONS.contains(&note.justification.as_str());
            if is_known {
                put("justification", note.justification.as_str().into());
            }
            if !is_known || !note.detail.is_empty() {
                let reason = if is_known { note.detail.clone() } else { note.reason() };
                let reason =
                    if reason.is_empty() { format!("as {} says", note.source) } else { reason };
                put("impact_statement", reason.into());
            }
        }
        _ => {}
    }
    Value::Object(said)
}

const JUSTIFICATIONS: [&str; 5] = [
    "component_not_present",
    "vulnerable_code_not_present",
    "vulnerable_code_not_in_execute_path",
    "vulnerable_code_cannot_be_controlled_by_adversary",
    "inline_mitigations_already_exist",
];

/// The package as part of what was scanned, where that has a package URL; else the package alone.
fn product(package: &Package, report: &Report<'_>) -> Value {
    let own = purl(package, report.inventory.distro.as_ref());
    match report.subject.ids.iter().find(|id| id.starts_with("pkg:")) {
        Some(whole) => json!({"@id": whole, "subcomponents": [{"@id": own}]}),
        None => json!({"@id": own}),
    }
}
