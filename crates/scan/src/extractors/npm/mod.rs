//! Packages of the npm registry.
//!
//! - `package_lock`: lock files of npm; `yarn`, `pnpm`, `bun`: those of the others.
//! - `package_json`: what is installed, what a project asks for, and licences for lock files.

pub(super) mod bun;
pub(super) mod package_json;
pub(super) mod package_lock;
pub(super) mod pnpm;
pub(super) mod yarn;

use serde_json::Value;

/// The name and the rest of `name@rest` and `@scope/name@rest`.
fn split_at(text: &str) -> (&str, &str) {
    let after = text.char_indices().skip(1).find(|(_, char)| *char == '@');
    match after {
        Some((at, _)) => {
            let (name, rest) = text.split_at(at);
            (name, rest.get(1..).unwrap_or_default())
        }
        None => (text, ""),
    }
}

/// The package and version that another name stands for: `npm:name@version`.
fn alias(version: &str) -> Option<(&str, &str)> {
    let (name, version) = split_at(version.strip_prefix("npm:")?);
    (!version.is_empty()).then_some((name, version))
}

/// Licences as `package.json` has them: a text, or in its older forms an object with a type, or a list of
/// those.
fn licences(value: &Value) -> Vec<String> {
    let one = |value: &Value| {
        let text = value.as_str().or_else(|| value.get("type")?.as_str());
        text.filter(|text| !text.is_empty()).map(str::to_owned)
    };
    match value {
        Value::Array(values) => values.iter().filter_map(one).collect(),
        value => one(value).into_iter().collect(),
    }
}

/// Whether a file is in a folder that a package manager fills.
fn is_in_modules(path: &[u8]) -> bool {
    path.split(|byte| *byte == b'/').any(|part| part == b"node_modules")
}
