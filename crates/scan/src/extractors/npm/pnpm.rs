//! `pnpm-lock.yaml`, versions 5 to 9 (github.com/pnpm/spec, lockfile).

use std::collections::{BTreeMap, BTreeSet};

use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, MapAccess, Visitor},
};

use super::is_in_modules;
use crate::{
    Error, Extractor, Found, Input, Kind, Package, Pattern, Setting, project::reached,
    text::formats::yaml,
};

/// Lock files.
pub(in super::super) const LOCK: Extractor = Extractor {
    name: "pnpm-lock",
    about: "lock files of pnpm",
    setting: Setting::Declared,
    files: &[Pattern::Name("pnpm-lock.yaml")],
    extract: |input, found| {
        if is_in_modules(input.entry.path) { Ok(()) } else { lock(input, found) }
    },
};

#[derive(Deserialize, Default)]
#[serde(default)]
struct Lock {
    #[serde(rename = "lockfileVersion")]
    version: String,
    packages: Option<BTreeMap<String, Entry>>,
    importers: Option<BTreeMap<String, Importer>>,
    snapshots: Option<BTreeMap<String, Snapshot>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Entry {
    name: Option<String>,
    version: Option<String>,
    dev: Option<bool>,
}

/// A project of a workspace, and what it asks for whoever uses it.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Importer {
    dependencies: Option<BTreeMap<String, Asked>>,
    #[serde(rename = "optionalDependencies")]
    optional: Option<BTreeMap<String, Asked>>,
}

/// What a package needs, by the name and version of each.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Snapshot {
    dependencies: Option<BTreeMap<String, String>>,
    #[serde(rename = "optionalDependencies")]
    optional: Option<BTreeMap<String, String>>,
}

/// The version that a request is met by: that alone, or beside the range.
#[derive(Default)]
struct Asked(String);

impl<'de> Deserialize<'de> for Asked {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AskedVisitor)
    }
}

struct AskedVisitor;

impl<'de> Visitor<'de> for AskedVisitor {
    type Value = Asked;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a version")
    }

    fn visit_str<E>(self, text: &str) -> Result<Asked, E> {
        Ok(Asked(text.to_owned()))
    }

    // A version of an earlier form that looks like a number says nothing that is used.
    fn visit_f64<E>(self, _: f64) -> Result<Asked, E> {
        Ok(Asked::default())
    }

    fn visit_u64<E>(self, _: u64) -> Result<Asked, E> {
        Ok(Asked::default())
    }

    fn visit_i64<E>(self, _: i64) -> Result<Asked, E> {
        Ok(Asked::default())
    }

    fn visit_unit<E>(self) -> Result<Asked, E> {
        Ok(Asked::default())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut pairs: A) -> Result<Asked, A::Error> {
        let mut version = String::new();
        while let Some(key) = pairs.next_key::<String>()? {
            if key == "version" {
                version = pairs.next_value()?;
            } else {
                pairs.next_value::<IgnoredAny>()?;
            }
        }
        Ok(Asked(version))
    }
}

fn lock(input: &mut Input<'_>, found: &mut Found) -> Result<(), Error> {
    let lock: Lock = yaml(input)?;
    let major = lock.version.split('.').next().unwrap_or_default();
    let Ok(major) = major.parse::<u32>() else {
        let why = format!("lockfileVersion is '{}'", lock.version);
        return Err(Error::malformed("lock file of pnpm", why));
    };
    let wanted = (major >= 9).then(|| wanted(&lock));
    for (path, entry) in lock.packages.iter().flatten() {
        let (name, version) = match &entry.name {
            Some(name) => (name.clone(), entry.version.clone().unwrap_or_default()),
            None => {
                let (name, version) = named(path, major);
                (name, entry.version.clone().unwrap_or(version))
            }
        };
        if !name.is_empty() {
            let mut package = Package::new(Kind::Npm, name, version);
            package.is_dev = match &wanted {
                Some(wanted) => !wanted.contains(path.as_str()),
                None => entry.dev.unwrap_or_default(),
            };
            found.packages.push(package);
        }
    }
    Ok(())
}

/// The name and version that a package's path has. What comes from elsewhere than a registry has no
/// version there.
fn named(path: &str, major: u32) -> (String, String) {
    // Until version 6 the registry comes first, which is mostly left out: `/name@1.0.0`.
    let path = if major < 9 { path.split_once('/').map_or("", |it| it.1) } else { path };
    let scope = path.starts_with('@').then(|| path.find('/')).flatten().map_or(0, |at| at + 1);
    let (between, peers) = if major < 6 { ('/', ['_', '/']) } else { ('@', ['(', '(']) };
    let end = path.get(scope..).and_then(|rest| rest.find(between)).map(|at| at + scope);
    let (name, version) = path.split_at(end.unwrap_or(path.len()));
    let version = version.strip_prefix(between).unwrap_or_default();
    let version = version.split(peers).next().unwrap_or_default();
    let is_version = version.starts_with(|first: char| first.is_ascii_digit());
    (name.to_owned(), if is_version { version.to_owned() } else { String::new() })
}

/// Paths of packages that projects need whoever uses them, from version 9 on.
fn wanted(lock: &Lock) -> BTreeSet<&str> {
    let snapshots = || lock.snapshots.iter().flatten();
    let paths: Vec<&str> = snapshots().map(|(path, _)| path.as_str()).collect();
    // With what else it was resolved: `name@1.0.0(peer@2.0.0)`. Other names stand before `real@1.0.0`.
    let find = |name: &str, version: &str| {
        let path = format!("{name}@{version}");
        let found = paths.binary_search(&path.as_str());
        found.or_else(|_| paths.binary_search(&version)).ok()
    };
    let needs: Vec<Vec<usize>> = snapshots()
        .map(|(_, snapshot)| {
            let needs = snapshot.dependencies.iter().chain(&snapshot.optional).flatten();
            needs.filter_map(|(name, version)| find(name, version)).collect()
        })
        .collect();
    let asked = lock.importers.iter().flatten();
    let asked = asked.flat_map(|(_, it)| it.dependencies.iter().chain(&it.optional).flatten());
    let asked = asked.filter_map(|(name, version)| find(name, &version.0)).collect();
    let reached = reached(&needs, asked);
    let reached = paths.iter().zip(reached).filter(|(_, reached)| *reached);
    reached.map(|(path, _)| path.split('(').next().unwrap_or_default()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extractors::{found, listed, survives};

    const FIFTH: &str = "\
lockfileVersion: 5.4
specifiers:
  debug: 4.3.4
dependencies:
  debug: 4.3.4_supports-color@8.1.1
devDependencies:
  '@babel/generator': 7.21.9
packages:
  /debug/4.3.4_supports-color@8.1.1:
    resolution: {integrity: sha512-x}
    dependencies:
      ms: 2.1.2
    dev: false
  /@babel/generator/7.21.9:
    dev: true
  registry.example.org/ms/2.1.2:
    dev: false
  /old/1.0.0/react@16.0.0:
    dev: false
  '@github.com/a/b/1234':
    name: b
    version: 0.1.0
  file:local.tgz:
    name: local
";

    const SIXTH: &str = "\
lockfileVersion: '6.0'
dependencies:
  debug:
    specifier: 4.3.4
    version: 4.3.4(supports-color@8.1.1)
packages:
  /debug@4.3.4(supports-color@8.1.1):
    dev: false
  /@babel/generator@7.21.9:
    dev: true
";

    const NINTH: &str = "\
lockfileVersion: '9.0'
importers:
  .:
    dependencies:
      debug:
        specifier: 4.3.4
        version: 4.3.4(supports-color@8.1.1)
      shown:
        specifier: npm:hidden@1.0.0
        version: hidden@1.0.0
    devDependencies:
      eslint:
        specifier: ^9
        version: 9.1.0
  packages/a:
    optionalDependencies:
      '@esbuild/linux-x64':
        specifier: 0.20.0
        version: 0.20.0
packages:
  '@esbuild/linux-x64@0.20.0': {}
  debug@4.3.4: {}
  eslint@9.1.0: {}
  hidden@1.0.0: {}
  is-negative@https://codeload.github.com/zkochan/is-negative/tar.gz/2fa0531:
    version: 2.1.0
  ms@2.1.2: {}
  ms@2.1.3: {}
  package1@file:package1: {}
snapshots:
  '@esbuild/linux-x64@0.20.0': {}
  debug@4.3.4(supports-color@8.1.1):
    dependencies:
      ms: 2.1.2
  eslint@9.1.0:
    dependencies:
      ms: 2.1.3
  hidden@1.0.0: {}
  is-negative@https://codeload.github.com/zkochan/is-negative/tar.gz/2fa0531: {}
  ms@2.1.2:
    dependencies:
      debug: 4.3.4(supports-color@8.1.1)
  ms@2.1.3: {}
  package1@file:package1: {}
";

    #[test]
    fn all_versions_are_read() {
        for (text, expected) in [
            (
                FIFTH,
                &[
                    "@babel/generator 7.21.9 dev",
                    "b 0.1.0",
                    "debug 4.3.4",
                    "local ",
                    "ms 2.1.2",
                    "old 1.0.0",
                ][..],
            ),
            (SIXTH, &["@babel/generator 7.21.9 dev", "debug 4.3.4"]),
            (
                NINTH,
                &[
                    "@esbuild/linux-x64 0.20.0",
                    "debug 4.3.4",
                    "eslint 9.1.0 dev",
                    "hidden 1.0.0",
                    "is-negative 2.1.0 dev",
                    "ms 2.1.2",
                    "ms 2.1.3 dev",
                    "package1  dev",
                ],
            ),
            ("lockfileVersion: '9.0'\n", &[]),
        ] {
            let mut read = listed(&LOCK, "pnpm-lock.yaml", text);
            read.sort();
            assert_eq!(read, expected);
        }
        assert!(listed(&LOCK, "node_modules/a/pnpm-lock.yaml", SIXTH).is_empty());
    }

    #[test]
    fn damaged_files_do_no_harm() {
        let error = found(&LOCK, "pnpm-lock.yaml", "lockfileVersion: x\n").unwrap_err();
        assert_eq!(error.to_string(), "is no lock file of pnpm: lockfileVersion is 'x'");
        for text in [FIFTH, SIXTH, NINTH] {
            survives(&LOCK, "pnpm-lock.yaml", text);
        }
    }
}
