//! `pyproject.toml`: what a project asks for (packaging.python.org, and python-poetry.org).

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::normal;
use crate::{
    Ask, Error, Extractor, Found, Input, Manifest, Pattern, Role, Setting,
    text::formats::{Loose, if_well_formed, toml},
};

/// What projects ask for.
pub(in super::super) const MANIFEST: Extractor = Extractor {
    name: "python-project",
    about: "what projects ask of the Python Package Index",
    setting: Setting::Declared,
    files: &[Pattern::Name("pyproject.toml")],
    extract: manifest,
};

#[derive(Deserialize, Default)]
#[serde(default)]
struct File {
    project: Option<Loose<Project>>,
    tool: Loose<Tool>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Project {
    name: Loose<String>,
    version: Loose<String>,
    dependencies: Loose<Vec<String>>,
    #[serde(rename = "optional-dependencies")]
    optional: Loose<BTreeMap<String, Loose<Vec<String>>>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Tool {
    poetry: Option<Loose<Poetry>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Poetry {
    dependencies: Loose<BTreeMap<String, Value>>,
}

fn manifest(input: &mut Input<'_>, found: &mut Found) -> Result<(), Error> {
    let Some(file) = if_well_formed(toml::<File>(input))? else { return Ok(()) };
    // A file that is there for other tools says nothing.
    if file.project.is_none() && file.tool.poetry.is_none() {
        return Ok(());
    }
    let project = file.project.unwrap_or_default();
    let optional = project.optional.values().flat_map(|group| group.iter());
    let asked = project.dependencies.iter().chain(optional).map(|asked| name(asked));
    let poetry = file.tool.0.poetry.unwrap_or_default();
    let asked = asked.chain(poetry.dependencies.keys().map(String::as_str));
    found.role = Some(Role::Manifest(Manifest {
        asks: asked.map(|name| Ask { name: normal(name), range: String::new() }).collect(),
        name: project.name.to_string(),
        version: project.version.to_string(),
        ..Manifest::default()
    }));
    Ok(())
}

/// The name that a requirement begins with (PEP 508).
fn name(asked: &str) -> &str {
    let asked = asked.trim();
    let end = asked.find(|it: char| !it.is_ascii_alphanumeric() && !"._-".contains(it));
    asked.get(..end.unwrap_or(asked.len())).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extractors::found;

    #[test]
    fn what_is_asked_for_is_read_in_both_forms() {
        for (text, expected) in [
            (
                "[project]\nname = \"a\"\ndependencies = [\"Click>=8\", \"uvicorn[standard] ; x\"]\n[project.optional-dependencies]\nx = [\"zope.interface\"]\n",
                Some(&["click", "uvicorn", "zope-interface"][..]),
            ),
            (
                "[tool.poetry.dependencies]\npython = \"^3.9\"\nFlask = {version = \"2\"}\n[tool.poetry.group.dev.dependencies]\npytest = \"7\"\n",
                Some(&["flask", "python"]),
            ),
            ("[{{ name }}]\n", None),
            ("[tool.ruff]\n[build-system]\nrequires = [\"setuptools\"]\n", None),
        ] {
            let role = found(&MANIFEST, "pyproject.toml", text).unwrap().role;
            let names = role.map(|role| match role {
                Role::Manifest(manifest) => manifest.asks.into_iter().map(|ask| ask.name).collect(),
                _ => Vec::new(),
            });
            assert_eq!(
                names.as_deref(),
                expected
                    .map(|it| it.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>())
                    .as_deref(),
                "{text}"
            );
        }
    }
}
