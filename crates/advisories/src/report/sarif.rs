//! SARIF 2.1.0 (OASIS), with what GitHub's code scanning asks for ("SARIF support for code scanning").

use std::collections::BTreeMap;

use scan::{Origin, Package};
use serde_json::{Value, json};

use super::{Report, words};
use crate::{Level, matching::Finding};

/// How exact the names of packages are that rules look for.
const PRECISION: &str = "very-high";
/// Digits of a fingerprint.
const FINGERPRINT_DIGITS: usize = 32;

pub(super) fn document(report: &Report<'_>) -> Value {
    let rules = rules(report);
    let places: BTreeMap<&str, usize> =
        rules.iter().enumerate().map(|(at, (id, _))| (*id, at)).collect();
    let findings = words::with_packages(&report.matches.findings, report.inventory);
    let results: Vec<Value> = findings
        .flat_map(|(finding, package)| {
            let rule = places.get(finding.id.as_str()).copied().unwrap_or_default();
            let origin = report.inventory.origin(package).map(|(origin, _)| origin);
            words::files(package, &report.subject.name)
                .into_iter()
                .map(move |file| result(finding, package, file, rule, origin))
        })
        .collect();
    let rules: Vec<Value> = rules.into_iter().map(|(_, findings)| rule(&findings)).collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "watchkeeper",
                "version": report.subject.tool_version,
                "semanticVersion": report.subject.tool_version,
                "rules": rules,
            }},
            "invocations": [{
                "executionSuccessful": true,
                "toolExecutionNotifications": words::warnings(report)
                    .iter()
                    .map(|text| json!({"level": "warning", "message": {"text": text}}))
                    .collect::<Vec<_>>(),
            }],
            "columnKind": "utf16CodeUnits",
            "results": results,
            "properties": {
                "target": report.subject.name,
                "summary": words::summary(report.matches),
                "suppressed": report.matches.suppressed.len(),
                "inUse": words::uses_summary(report.matches),
                "distribution": words::support(report),
            },
        }],
    })
}

/// Flaws by their names, each with its findings.
fn rules<'a>(report: &Report<'a>) -> Vec<(&'a str, Vec<&'a Finding>)> {
    let mut rules: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
    for finding in &report.matches.findings {
        rules.entry(&finding.id).or_default().push(finding);
    }
    rules.into_iter().collect()
}

/// A flaw, as bad as it is where it is worst.
fn rule(findings: &[&Finding]) -> Value {
    let worst = findings.iter().max_by(|a, b| rank(a).total_cmp(&rank(b)));
    let Some(worst) = worst else { return Value::Null };
    let about = words::about(worst);
    let about = if about.is_empty() { worst.id.clone() } else { about };
    let mut properties = json!({
        "tags": ["security", "vulnerability", words::severity(worst)],
        "precision": PRECISION,
    });
    let mut rule = json!({
        "id": worst.id,
        "name": worst.nature.name(),
        "shortDescription": {"text": about},
        "fullDescription": {"text": about},
        "defaultConfiguration": {"level": level(worst)},
        "help": {"text": help(worst), "markdown": help(worst)},
    });
    if let (Some(properties), Some(score)) = (properties.as_object_mut(), score(worst)) {
        properties.insert("security-severity".to_owned(), format!("{score:.1}").into());
    }
    if let Some(rule) = rule.as_object_mut() {
        rule.insert("properties".to_owned(), properties);
        if let Some(link) = worst.references.iter().find(|it| is_link(it)) {
            rule.insert("helpUri".to_owned(), link.as_str().into());
        }
    }
    rule
}

fn is_link(text: &str) -> bool {
    let begins = text.starts_with("https://") || text.starts_with("http://");
    begins && text.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&byte))
}

fn help(finding: &Finding) -> String {
    let mut lines = vec![words::remedy(finding)];
    if !finding.aliases.is_empty() {
        lines.push(format!("Other names: {}", finding.aliases.join(", ")));
    }
    if let Some((score, vector)) = &finding.severity.score {
        lines.push(format!("CVSS {score:.1}: {vector}"));
    }
    lines.extend(finding.references.iter().filter(|it| is_link(it)).cloned());
    lines.join("\n\n")
}

fn rank(finding: &Finding) -> f64 {
    score(finding).unwrap_or(-1.0)
}

/// The score, where it is of the level that counts; else one of that level: GitHub has its words by scores.
fn score(finding: &Finding) -> Option<f64> {
    let level = finding.severity.level?;
    let told = finding.severity.score.as_ref().map(|(score, _)| *score);
    told.filter(|score| Level::of_score(*score) == Some(level)).or(Some(match level {
        Level::Critical => 9.5,
        Level::High => 8.0,
        Level::Medium => 5.5,
        Level::Low => 2.0,
        Level::Negligible => 0.1,
    }))
}

fn level(finding: &Finding) -> &'static str {
    match finding.severity.level {
        None if finding.is_notice() => "note",
        Some(Level::Critical | Level::High) => "error",
        Some(Level::Medium) | None => "warning",
        Some(Level::Low | Level::Negligible) => "note",
    }
}

fn result(
    finding: &Finding,
    package: &Package,
    file: &str,
    rule: usize,
    origin: Option<Origin>,
) -> Value {
    // It stays the same where another version has the same flaw.
    let same = [finding.id.as_str(), package.kind.name(), &package.name, file].join("\n");
    let fingerprint: String = scan::uuid(&same).replace('-', "");
    json!({
        "ruleId": finding.id,
        "ruleIndex": rule,
        "level": level(finding),
        "message": {"text": message(finding, package)},
        "locations": [{
            "physicalLocation": {
                "artifactLocation": {"uri": uri(file)},
                "region": {"startLine": 1},
            },
            "message": {"text": words::package(package)},
        }],
        "partialFingerprints": {
            "watchkeeperFinding/v1": fingerprint.get(..FINGERPRINT_DIGITS).unwrap_or(&fingerprint),
        },
        "properties": {
            "package": package.name,
            "version": package.version,
            "type": package.kind.name(),
            "fixedVersion": finding.fixed_version,
            "status": finding.state.name(),
            "severity": words::severity(finding),
            "exploited": finding.exploited.is_some(),
            "ofSystem": words::is_of_system(package.kind),
            "from": origin.map(Origin::name),
            "inUse": finding.notes.in_use.as_ref().map(|it| it.state.name()),
        },
    })
}

fn message(finding: &Finding, package: &Package) -> String {
    let sentence = words::sentence(finding, package);
    words::in_use(finding).map_or(sentence.clone(), |in_use| format!("{sentence} ({in_use})"))
}

/// A path as a reference within the tree (RFC 3986).
fn uri(path: &str) -> String {
    let mut out = String::new();
    for byte in path.trim_start_matches('/').bytes() {
        match byte {
            b'/' | b'-' | b'.' | b'_' | b'~' => out.push(byte.into()),
            _ if byte.is_ascii_alphanumeric() => out.push(byte.into()),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    if out.is_empty() { ".".to_owned() } else { out }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_references_within_the_tree() {
        for (path, expected) in [
            ("/usr/lib/a b.jar!/c", "usr/lib/a%20b.jar%21/c"),
            ("app:1.2", "app%3A1.2"),
            ("é", "%C3%A9"),
            ("/", "."),
        ] {
            assert_eq!(uri(path), expected);
        }
    }
}
