//! `Package.resolved` of Swift, versions 1 to 3, and `Podfile.lock` of CocoaPods.

use std::collections::BTreeMap;

use serde::{Deserialize, de::IgnoredAny};

use crate::{
    Error, Extractor, Found, Input, Kind, Package, Pattern, Setting,
    text::formats::{Loose, json, yaml},
};

/// Resolved packages of Swift.
pub(super) const RESOLVED: Extractor = Extractor {
    name: "swift-resolved",
    about: "resolved packages of Swift",
    setting: Setting::Declared,
    files: &[Pattern::Name("Package.resolved")],
    extract: resolved,
};

/// Lock files of CocoaPods.
pub(super) const PODS: Extractor = Extractor {
    name: "cocoapods-lock",
    about: "lock files of CocoaPods",
    setting: Setting::Declared,
    files: &[Pattern::Name("Podfile.lock")],
    extract: pods,
};

#[derive(Deserialize, Default)]
#[serde(default)]
struct Resolved {
    /// In version 1.
    object: Loose<Pins>,
    pins: Loose<Vec<Loose<Pin>>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Pins {
    pins: Vec<Loose<Pin>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Pin {
    /// In version 1.
    #[serde(rename = "repositoryURL")]
    repository: Loose<String>,
    location: Loose<String>,
    state: Loose<State>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct State {
    version: Loose<String>,
    branch: Loose<String>,
}

fn resolved(input: &mut Input<'_>, found: &mut Found) -> Result<(), Error> {
    let resolved: Resolved = json(input)?;
    for pin in resolved.object.pins.iter().chain(resolved.pins.iter()) {
        let location = if pin.location.is_empty() { &*pin.repository } else { &*pin.location };
        let name = location.strip_prefix("https://").unwrap_or(location);
        let name = name.strip_suffix(".git").unwrap_or(name);
        let version =
            [&*pin.state.version, &*pin.state.branch].into_iter().find(|it| !it.is_empty());
        // What is pinned to a commit alone has no version.
        if let Some(version) = version.filter(|_| !name.is_empty()) {
            found.packages.push(Package::new(Kind::Swift, name, &**version));
        }
    }
    Ok(())
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Pods {
    #[serde(rename = "PODS")]
    pods: Option<Vec<Pod>>,
}

/// `name (version)`, alone or with what it needs.
#[derive(Deserialize)]
#[serde(untagged)]
enum Pod {
    Alone(String),
    Needing(BTreeMap<String, IgnoredAny>),
    Else(IgnoredAny),
}

fn pods(input: &mut Input<'_>, found: &mut Found) -> Result<(), Error> {
    let pods: Pods = yaml(input)?;
    let names = pods.pods.into_iter().flatten().flat_map(|pod| match pod {
        Pod::Alone(name) => vec![name],
        Pod::Needing(pods) => pods.into_keys().collect(),
        Pod::Else(_) => Vec::new(),
    });
    for name in names {
        if let Some((name, version)) = name.split_once(" (") {
            let version = version.trim().trim_end_matches(')');
            found.packages.push(Package::new(Kind::Cocoapods, name, version));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extractors::{listed, survives};

    const FIRST: &str = r#"{"object": {"pins": [
        {"package": "Nimble", "repositoryURL": "https://github.com/Quick/Nimble.git", "state": {"branch": null, "revision": "0", "version": "9.2.1"}},
        {"package": "Odd", "repositoryURL": "https://github.com/a/b", "state": {"branch": null, "revision": "0", "version": null}}
    ]}, "version": 1}"#;

    const THIRD: &str = r#"{"originHash": "x", "pins": [
        {"identity": "quick", "kind": "remoteSourceControl", "location": "https://github.com/Quick/Quick.git", "state": {"revision": "0", "version": "7.0.0"}},
        {"identity": "c", "location": "https://github.com/b/c", "state": {"branch": "main", "revision": "0"}}, 3
    ], "version": 3}"#;

    const PODFILE: &str = "\
PODS:
  - Moya (13.0.1):
    - Moya/Core (= 13.0.1)
  - \"GoogleUtilities/NSData+zlib (7.5.2)\"
  - Moya/Core (13.0.1)
  - nothing
  - 7

DEPENDENCIES:
  - Moya (= 13.0.1)

COCOAPODS: 1.12.1
";

    #[test]
    fn packages_are_listed() {
        assert_eq!(listed(&RESOLVED, "Package.resolved", FIRST), ["github.com/Quick/Nimble 9.2.1"]);
        let third = ["github.com/Quick/Quick 7.0.0", "github.com/b/c main"];
        assert_eq!(listed(&RESOLVED, "Package.resolved", THIRD), third);
        let pods = ["Moya 13.0.1", "GoogleUtilities/NSData+zlib 7.5.2", "Moya/Core 13.0.1"];
        assert_eq!(listed(&PODS, "Podfile.lock", PODFILE), pods);
    }

    #[test]
    fn damaged_files_do_no_harm() {
        survives(&RESOLVED, "Package.resolved", FIRST);
        survives(&RESOLVED, "Package.resolved", THIRD);
        survives(&PODS, "Podfile.lock", PODFILE);
    }
}
