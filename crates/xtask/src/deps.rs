//! Checks that crates depend only on the crates that the map allows.
//!
//! The map is the table in `ARCHITECTURE.md` between `<!-- crates -->` and `<!-- /crates -->`: the
//! first column names a crate, the last one the crates that it may use, `–` for none or `all`.
//! Only what is shipped counts: tests (dev-dependencies) may reach further.

use std::{
    collections::{BTreeMap, BTreeSet},
    process::Command,
};

use serde_json::Value;
use thiserror::Error;

use crate::{Outcome, root};

const MAP: &str = "ARCHITECTURE.md";

/// For each crate, the crates of the workspace that it uses, or may use.
type Arrows = BTreeMap<String, BTreeSet<String>>;

/// What is wrong with the map, or with a crate that departs from it.
#[derive(Debug, Error, PartialEq, Eq)]
enum Fault {
    #[error("{MAP}: no table of crates between '<!-- crates -->' and '<!-- /crates -->'")]
    NoTable,
    #[error("{MAP}: the row of '{row}' allows '{name}', which is no crate of the workspace")]
    UnknownName { row: String, name: String },
    #[error("{MAP}: '{0}' is in the table but not in the workspace; remove its row")]
    Gone(String),
    #[error("{MAP}: '{0}' is in the workspace but not in the table; add a row")]
    Missing(String),
    #[error("crates/{from}: depends on '{to}', which {MAP} does not allow; it may use: {allowed}")]
    Arrow { from: String, to: String, allowed: String },
}

/// Runs the check on this repository.
pub(crate) fn run() -> Outcome {
    let text = std::fs::read_to_string(root().join(MAP)).map_err(|e| format!("{MAP}: {e}"))?;
    let real = arrows_of_metadata(&cargo_metadata()?);
    let faults = faults(&text, &real);
    if faults.is_empty() {
        return Ok(());
    }
    let lines: Vec<String> = faults.iter().map(Fault::to_string).collect();
    Err(lines.join("\n").into())
}

fn faults(map: &str, real: &Arrows) -> Vec<Fault> {
    match parse_map(map, real) {
        Ok(allowed) => compare(&allowed, real),
        Err(fault) => vec![fault],
    }
}

fn compare(allowed: &Arrows, real: &Arrows) -> Vec<Fault> {
    let mut faults = Vec::new();
    faults.extend(allowed.keys().filter(|k| !real.contains_key(*k)).cloned().map(Fault::Gone));
    for (from, uses) in real {
        let Some(may) = allowed.get(from) else {
            faults.push(Fault::Missing(from.clone()));
            continue;
        };
        faults.extend(uses.difference(may).map(|to| Fault::Arrow {
            from: from.clone(),
            to: to.clone(),
            allowed: list(may),
        }));
    }
    faults
}

fn list(names: &BTreeSet<String>) -> String {
    if names.is_empty() {
        return "none".to_owned();
    }
    names.iter().map(String::as_str).collect::<Vec<_>>().join(", ")
}

fn parse_map(text: &str, real: &Arrows) -> Result<Arrows, Fault> {
    let table = text
        .split_once("<!-- crates -->")
        .and_then(|(_, rest)| rest.split_once("<!-- /crates -->"))
        .map(|(table, _)| table)
        .ok_or(Fault::NoTable)?;
    let rows = table.lines().filter_map(cells).filter_map(|cells| {
        let name = cells.first()?.strip_prefix('`')?.strip_suffix('`')?;
        Some((name.to_owned(), *cells.last()?))
    });
    let map: Arrows = rows
        .map(|(row, may)| allowed(&row, may, real).map(|names| (row, names)))
        .collect::<Result<_, _>>()?;
    if map.is_empty() { Err(Fault::NoTable) } else { Ok(map) }
}

/// The cells of a line of a markdown table.
fn cells(line: &str) -> Option<Vec<&str>> {
    let inner = line.trim().strip_prefix('|')?.strip_suffix('|')?;
    Some(inner.split('|').map(str::trim).collect())
}

/// The last column of the row of crate `row`.
fn allowed(row: &str, column: &str, real: &Arrows) -> Result<BTreeSet<String>, Fault> {
    match column {
        "all" => return Ok(real.keys().cloned().collect()),
        "–" | "" => return Ok(BTreeSet::new()),
        _ => {}
    }
    let known = |name: &str| match real.contains_key(name) {
        true => Ok(name.to_owned()),
        false => Err(Fault::UnknownName { row: row.to_owned(), name: name.to_owned() }),
    };
    column.split(',').map(|name| known(name.trim().trim_matches('`'))).collect()
}

fn cargo_metadata() -> Result<Value, Box<dyn std::error::Error>> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["metadata", "--no-deps", "--format-version", "1", "--offline"])
        .current_dir(root())
        .output()
        .map_err(|e| format!("cargo metadata: {e}"))?;
    if !output.status.success() {
        return Err(format!("cargo metadata: {}", String::from_utf8_lossy(&output.stderr)).into());
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// The arrows between the crates of the workspace, without those of tests.
fn arrows_of_metadata(metadata: &Value) -> Arrows {
    let packages = metadata["packages"].as_array().map(Vec::as_slice).unwrap_or_default();
    let names: BTreeSet<&str> = packages.iter().filter_map(|p| p["name"].as_str()).collect();
    let uses = |package: &Value| -> BTreeSet<String> {
        let dependencies = package["dependencies"].as_array().map(Vec::as_slice);
        dependencies
            .unwrap_or_default()
            .iter()
            .filter(|d| d["kind"].as_str() != Some("dev"))
            .filter_map(|d| d["name"].as_str())
            .filter(|name| names.contains(name))
            .map(str::to_owned)
            .collect()
    };
    packages.iter().filter_map(|p| Some((p["name"].as_str()?.to_owned(), uses(p)))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arrows(rows: &[(&str, &[&str])]) -> Arrows {
        let owned = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect();
        rows.iter().map(|(from, to)| ((*from).to_owned(), owned(to))).collect()
    }

    fn table(rows: &str) -> String {
        format!(
            "# Map\n<!-- crates -->\n\n| crate | job | may use |\n|---|---|---|\n{rows}\n<!-- /crates -->\n"
        )
    }

    const GOOD: &str = "| `a` | base | – |\n| `b` | middle | `a` |\n| `top` | everything | all |";

    #[test]
    fn arrows_that_the_map_allows_pass() {
        let real = arrows(&[("a", &[]), ("b", &["a"]), ("top", &["a", "b"])]);
        assert_eq!(faults(&table(GOOD), &real), []);
    }

    #[test]
    fn each_departure_from_the_map_is_named() {
        let arrow = |from: &str, to: &str, allowed: &str| Fault::Arrow {
            from: from.into(),
            to: to.into(),
            allowed: allowed.into(),
        };
        let unknown = Fault::UnknownName { row: "b".into(), name: "x".into() };
        type Rows<'a> = &'a [(&'a str, &'a [&'a str])];
        let cases: [(&str, Rows<'_>, Vec<Fault>); 6] = [
            ("", &[("a", &[])], vec![Fault::NoTable]),
            (GOOD, &[("a", &["b"]), ("b", &[]), ("top", &[])], vec![arrow("a", "b", "none")]),
            (GOOD, &[("a", &[]), ("b", &["top"]), ("top", &[])], vec![arrow("b", "top", "a")]),
            (GOOD, &[("a", &[]), ("b", &[])], vec![Fault::Gone("top".into())]),
            ("| `a` | base | – |", &[("a", &[]), ("b", &[])], vec![Fault::Missing("b".into())]),
            ("| `b` | base | x |", &[("b", &[])], vec![unknown]),
        ];
        for (rows, real, expected) in cases {
            assert_eq!(faults(&table(rows), &arrows(real)), expected, "{rows}");
        }
    }

    #[test]
    fn a_map_without_its_marks_is_refused() {
        assert_eq!(faults("| `a` | base | – |", &arrows(&[("a", &[])])), [Fault::NoTable]);
    }

    #[test]
    fn metadata_gives_the_arrows_that_are_shipped() {
        let metadata = serde_json::json!({"packages": [
            {"name": "a", "dependencies": [{"name": "serde", "kind": null}]},
            {"name": "b", "dependencies": [
                {"name": "a", "kind": null},
                {"name": "c", "kind": "dev"},
            ]},
            {"name": "c", "dependencies": [{"name": "b", "kind": "build"}]},
        ]});
        let expected = arrows(&[("a", &[]), ("b", &["a"]), ("c", &["b"])]);
        assert_eq!(arrows_of_metadata(&metadata), expected);
    }

    #[test]
    fn this_repository_follows_its_map() {
        run().expect("ARCHITECTURE.md and the crates agree");
    }
}
