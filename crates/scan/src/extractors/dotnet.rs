//! Packages of .NET: what NuGet locked or was told to restore, and what a program was published with.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::{Error, Extractor, Found, Input, Kind, Package, Pattern, Setting, text::xml::Element};

/// What NuGet locked.
pub(super) const LOCK: Extractor = Extractor {
    name: "nuget-lock",
    about: "packages that NuGet locked",
    setting: Setting::Shipped,
    files: &[Pattern::Name("packages.lock.json")],
    extract: lock,
};

/// What NuGet is told to restore, in the form before package references.
pub(super) const CONFIG: Extractor = Extractor {
    name: "nuget-config",
    about: "packages that NuGet restores for a project",
    setting: Setting::Shipped,
    files: &[Pattern::Name("packages.config")],
    extract: config,
};

/// Versions that are kept for many projects in one place.
pub(super) const PROPS: Extractor = Extractor {
    name: "packages-props",
    about: "packages whose versions are kept for many projects of .NET",
    setting: Setting::Shipped,
    files: &[Pattern::Suffix("packages.props"), Pattern::Suffix("Packages.props")],
    extract: props,
};

/// What a program was published with.
pub(super) const DEPS: Extractor = Extractor {
    name: "dotnet-deps",
    about: "packages that a program of .NET was published with",
    setting: Setting::Shipped,
    files: &[Pattern::Suffix(".deps.json")],
    extract: deps,
};

fn json<'a, T: Deserialize<'a>>(bytes: &'a [u8], format: &'static str) -> Result<T, Error> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    serde_json::from_slice(bytes).map_err(|error| Error::malformed(format, error))
}

#[derive(Deserialize)]
struct Lock {
    /// By frameworks, then by packages.
    #[serde(default)]
    dependencies: BTreeMap<String, BTreeMap<String, Locked>>,
}

#[derive(Deserialize)]
struct Locked {
    #[serde(rename = "type", default)]
    kind: String,
    #[serde(default)]
    resolved: String,
}

fn lock(input: &mut Input<'_>, found: &mut Found) -> Result<(), Error> {
    let bytes = input.bytes()?;
    let lock: Lock = json(&bytes, "lock file of NuGet")?;
    let all = lock.dependencies.into_values().flatten();
    let packages = all.filter(|(_, locked)| !locked.kind.eq_ignore_ascii_case("project"));
    // A package may be there for several frameworks.
    let packages: BTreeSet<_> = packages.map(|(name, locked)| (name, locked.resolved)).collect();
    packages.iter().for_each(|(name, version)| add(found, name, version));
    Ok(())
}

fn config(input: &mut Input<'_>, found: &mut Found) -> Result<(), Error> {
    let root = Element::parse(&input.text()?)?;
    for package in root.all("package") {
        let is_dev = package.attribute("developmentDependency") == Some("true");
        if let Some(name) = package.attribute("id").filter(|name| !name.is_empty() && !is_dev) {
            add(found, name, package.attribute("version").unwrap_or_default());
        }
    }
    Ok(())
}

fn props(input: &mut Input<'_>, found: &mut Found) -> Result<(), Error> {
    let root = Element::parse(&input.text()?)?;
    let items = root.all("ItemGroup").flat_map(|group| &group.children);
    for item in items.filter(|it| matches!(it.name.as_str(), "PackageReference" | "PackageVersion"))
    {
        let name = item.attribute("Include").filter(|name| !name.is_empty());
        let name = name.or_else(|| item.attribute("Update")).unwrap_or_default();
        let version = item.attribute("Version").unwrap_or_default();
        // What variables stand for is told elsewhere.
        let is_variable = |text: &str| text.starts_with("$(") && text.ends_with(')');
        let is_told = |text: &str| !text.is_empty() && !is_variable(text);
        if is_told(name) && is_told(version) {
            add(found, name, version);
        }
    }
    Ok(())
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Deps {
    #[serde(default)]
    libraries: BTreeMap<String, Library>,
    #[serde(default)]
    runtime_target: RuntimeTarget,
    /// By platforms, then by `name/version`.
    #[serde(default)]
    targets: BTreeMap<String, BTreeMap<String, Assets>>,
}

#[derive(Deserialize, Default)]
struct RuntimeTarget {
    #[serde(default)]
    name: String,
}

#[derive(Deserialize)]
struct Library {
    #[serde(rename = "type", default)]
    kind: String,
}

/// What a library has for a platform.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Assets {
    runtime: Option<serde::de::IgnoredAny>,
    runtime_targets: Option<serde::de::IgnoredAny>,
    native: Option<serde::de::IgnoredAny>,
}

fn deps(input: &mut Input<'_>, found: &mut Found) -> Result<(), Error> {
    let bytes = input.bytes()?;
    let deps: Deps = json(&bytes, "list of what a program of .NET needs")?;
    let target = deps.targets.get(&deps.runtime_target.name);
    for (library, Library { kind }) in &deps.libraries {
        let assets = target.and_then(|target| target.get(library));
        // Those that have nothing for the platform were needed to build.
        let is_there = assets.is_none_or(|it| {
            it.runtime.is_some() || it.runtime_targets.is_some() || it.native.is_some()
        });
        match library.split_once('/') {
            Some((name, version)) if is_there && kind.eq_ignore_ascii_case("package") => {
                add(found, name, version);
            }
            _ => {}
        }
    }
    Ok(())
}

fn add(found: &mut Found, name: &str, version: &str) {
    found.packages.push(Package::new(Kind::Nuget, name, version));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extractors::{found, listed};

    #[test]
    fn locked_packages_are_listed_once() {
        let text = r#"{"version":1,"dependencies":{
            ".NETCoreApp,Version=v5.0":{
                "Newtonsoft.Json":{"type":"Direct","requested":"[12.0.3, )","resolved":"12.0.3"},
                "own":{"type":"Project"}},
            "net6.0":{"Newtonsoft.Json":{"type":"Transitive","resolved":"12.0.3"},"B":{"type":"Transitive","resolved":"1"}}}}"#;
        assert_eq!(listed(&LOCK, "packages.lock.json", text), ["B 1", "Newtonsoft.Json 12.0.3"]);
    }

    #[test]
    fn restored_packages_are_listed_without_those_for_developers() {
        let text = "\u{feff}<?xml version=\"1.0\"?><packages><package id=\"A\" version=\"1.0\" targetFramework=\"net45\"/>
            <package id=\"B\" version=\"2\" developmentDependency=\"true\"/><package version=\"3\"/></packages>";
        assert_eq!(listed(&CONFIG, "packages.config", text), ["A 1.0"]);
    }

    #[test]
    fn central_versions_are_listed_where_they_are_told() {
        let text = "<Project><ItemGroup><PackageVersion Include=\"A\" Version=\" 1 \"/>
            <PackageReference Update=\"B\" Version=\"2\"/><PackageVersion Include=\"C\" Version=\"$(C)\"/>
            <PackageVersion Include=\"D\"/></ItemGroup><PackageVersion Include=\"E\" Version=\"5\"/></Project>";
        assert_eq!(listed(&PROPS, "Directory.Packages.props", text), ["A 1", "B 2"]);
    }

    #[test]
    fn published_packages_are_listed_that_have_something_for_the_platform() {
        let text = r#"{"runtimeTarget":{"name":".NETCoreApp,Version=v6.0"},
            "targets":{".NETCoreApp,Version=v6.0":{
                "app/1.0.0":{"runtime":{"app.dll":{}}},
                "A/1":{"runtime":{"lib/a.dll":{}}},
                "B/2":{"dependencies":{"A":"1"}},
                "C/3":{"native":{"c.so":{}}}}},
            "libraries":{"app/1.0.0":{"type":"project"},"A/1":{"type":"package"},"B/2":{"type":"package"},
                "C/3":{"type":"Package"},"D/4":{"type":"package"},"nothing":{"type":"package"}}}"#;
        assert_eq!(listed(&DEPS, "app/app.deps.json", text), ["A 1", "C 3", "D 4"]);
        let text = r#"{"libraries":{"A/1":{"type":"package"}}}"#;
        assert_eq!(listed(&DEPS, "app/app.deps.json", text), ["A 1"]);
    }

    #[test]
    fn what_is_malformed_is_told_of() {
        for (extractor, why) in [
            (&LOCK, "is no lock file of NuGet: EOF"),
            (&DEPS, "is no list of what a program of .NET needs: EOF"),
            (&CONFIG, "is no XML: it has no element"),
            (&PROPS, "is no XML: it has no element"),
        ] {
            let error = found(extractor, "a", "").unwrap_err().to_string();
            assert!(error.starts_with(why), "{error}");
        }
    }
}
