//! `package.json`: that of an installed package, and that of a project (npm's documentation, package.json).

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::{is_in_modules, licences};
use crate::{
    Ask, Error, Extractor, Found, Input, Kind, Manifest, Package, Pattern, Role, Setting,
    text::formats::{Loose, if_well_formed, json},
};

/// Most patterns of folders that a project has.
const MOST_MEMBERS: usize = 1_000;

/// Installed packages.
pub(in super::super) const INSTALLED: Extractor = Extractor {
    name: "npm-package",
    about: "installed packages of npm's registry",
    setting: Setting::Installed,
    files: &[Pattern::Name("package.json")],
    extract: installed,
};

/// What projects ask for, and licences of what is installed for them.
pub(in super::super) const MANIFEST: Extractor = Extractor {
    name: "npm-manifest",
    about: "what projects ask of npm's registry",
    setting: Setting::Declared,
    files: &[Pattern::Name("package.json")],
    extract: manifest,
};

#[derive(Deserialize, Default)]
#[serde(default)]
struct File {
    name: Loose<String>,
    version: Loose<String>,
    license: Value,
    licenses: Value,
    dependencies: Loose<BTreeMap<String, Loose<String>>>,
    #[serde(rename = "optionalDependencies")]
    optional: Loose<BTreeMap<String, Loose<String>>>,
    workspaces: Value,
}

impl File {
    fn package(&self) -> Option<Package> {
        if !is_name(&self.name) || self.version.is_empty() {
            return None;
        }
        let mut package = Package::new(Kind::Npm, &**self.name, &**self.version);
        package.licences = self.licences();
        Some(package)
    }

    fn licences(&self) -> Vec<String> {
        let licences = [licences(&self.license), licences(&self.licenses)];
        licences.into_iter().find(|licences| !licences.is_empty()).unwrap_or_default()
    }

    /// Patterns of folders: a list of them, or an object that has it.
    fn members(&self) -> Vec<String> {
        let list = self.workspaces.get("packages").unwrap_or(&self.workspaces);
        let list = list.as_array().into_iter().flatten();
        list.filter_map(|it| it.as_str()).take(MOST_MEMBERS).map(str::to_owned).collect()
    }
}

/// Whether a name is one that the registry takes.
fn is_name(name: &str) -> bool {
    let is_part = |part: &str| {
        !part.is_empty() && part.chars().all(|it| it.is_ascii_alphanumeric() || "-._".contains(it))
    };
    match name.strip_prefix('@').and_then(|name| name.split_once('/')) {
        Some((scope, name)) => is_part(scope) && is_part(name),
        None => is_part(name),
    }
}

/// Packages bring broken files along to test with, which are not their own.
fn installed(input: &mut Input<'_>, found: &mut Found) -> Result<(), Error> {
    let is_own = input.folder(1) == "node_modules"
        || (input.folder(2) == "node_modules" && input.folder(1).starts_with('@'));
    let read = json::<File>(input);
    let file = if is_own { Some(read?) } else { if_well_formed(read)? };
    found.packages.extend(file.and_then(|file| file.package()));
    Ok(())
}

fn manifest(input: &mut Input<'_>, found: &mut Found) -> Result<(), Error> {
    let is_installed = is_in_modules(input.entry.path);
    let Some(file) = if_well_formed(json::<File>(input))? else { return Ok(()) };
    if is_installed {
        found.role = file.package().map(|package| Role::Aside(vec![package]));
        return Ok(());
    }
    let asks = file.dependencies.iter().chain(file.optional.iter());
    let asks = asks.map(|(name, range)| Ask {
        name: name.clone(),
        range: range.strip_prefix("npm:").unwrap_or(range).to_owned(),
    });
    found.role = Some(Role::Manifest(Manifest {
        asks: asks.collect(),
        licences: file.licences(),
        members: file.members(),
        name: file.name.0,
        version: file.version.0,
        shared: Vec::new(),
    }));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extractors::{found, listed, survives};

    const FILE: &str = r#"{"name": "@a/b", "version": "1.0.0", "license": "MIT",
        "dependencies": {"c": "^1", "d": "npm:e@2", "f": 3}, "workspaces": {"packages": ["x/*", 1]}}"#;

    #[test]
    fn installed_packages_are_those_with_a_name_and_a_version() {
        for (text, expected) in [
            (FILE, &["@a/b 1.0.0"][..]),
            (r#"{"name": "a b", "version": "1.0.0"}"#, &[]),
            (r#"{"name": "a"}"#, &[]),
            (r#"{"name": "a", "version": 1}"#, &[]),
            ("{}", &[]),
        ] {
            assert_eq!(listed(&INSTALLED, "node_modules/x/package.json", text), expected, "{text}");
        }
    }

    #[test]
    fn broken_files_are_told_of_where_they_are_a_package_s_own() {
        for (path, is_told) in [
            ("node_modules/a/package.json", true),
            ("srv/node_modules/@a/b/package.json", true),
            ("node_modules/a/test/broken/package.json", false),
            ("package.json", false),
        ] {
            assert_eq!(found(&INSTALLED, path, "{").is_err(), is_told, "{path}");
            assert!(found(&MANIFEST, path, "{").unwrap().is_empty());
        }
    }

    #[test]
    fn licences_are_read_in_all_their_forms() {
        for (told, expected) in [
            (r#""license": "(MIT OR Apache-2.0)""#, &["(MIT OR Apache-2.0)"][..]),
            (r#""license": {"type": "BSD", "url": "x"}"#, &["BSD"]),
            (r#""licenses": [{"type": "MIT"}, {"type": "ISC"}, 3]"#, &["MIT", "ISC"]),
            (r#""license": """#, &[]),
        ] {
            let text = format!("{{\"name\": \"a\", \"version\": \"1\", {told}}}");
            let packages = found(&INSTALLED, "package.json", &text).unwrap().packages;
            assert_eq!(packages[0].licences, expected, "{told}");
        }
    }

    #[test]
    fn what_a_project_asks_for_is_read() {
        let Some(Role::Manifest(manifest)) = found(&MANIFEST, "package.json", FILE).unwrap().role
        else {
            panic!("no manifest");
        };
        let asks: Vec<_> =
            manifest.asks.iter().map(|it| (it.name.as_str(), it.range.as_str())).collect();
        assert_eq!(asks, [("c", "^1"), ("d", "e@2"), ("f", "")]);
        assert_eq!(manifest.members, ["x/*"]);
        survives(&MANIFEST, "package.json", FILE);
    }
}
