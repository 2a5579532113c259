//! `bun.lock`: JSON with comments and commas after last values (bun.sh/docs, lockfile). Before bun 1.2 the
//! lock file was a dump of bun's own memory, `bun.lockb`, which is told as not read.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::split_at;
use crate::{
    Error, Extractor, Found, Input, Kind, Package, Pattern, Setting,
    project::reached,
    text::formats::{Loose, json_with_comments},
};

/// Most folders that a package is within.
const DEEPEST: usize = 16;
/// Longest path of a package that is within others.
const LONGEST_PATH_BYTES: usize = 1024;

/// Lock files.
pub(in super::super) const LOCK: Extractor = Extractor {
    name: "bun-lock",
    about: "lock files of bun",
    setting: Setting::Declared,
    files: &[Pattern::Name("bun.lock")],
    extract: lock,
};

/// Binary lock files.
pub(in super::super) const BINARY: Extractor = Extractor {
    name: "bun-lockb",
    about: "binary lock files of bun before 1.2, which are told as not read",
    setting: Setting::Declared,
    files: &[Pattern::Name("bun.lockb")],
    extract: binary,
};

fn binary(_: &mut Input<'_>, _: &mut Found) -> Result<(), Error> {
    let why = "it is binary, and is not read: 'bun install --save-text-lockfile --lockfile-only' writes \
               bun.lock, which is";
    Err(Error::Unsupported(why.to_owned()))
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Lock {
    workspaces: BTreeMap<String, Loose<Workspace>>,
    /// By where they would be installed: `a`, `a/b` for one that is within `a`.
    packages: BTreeMap<String, Loose<Vec<Value>>>,
}

/// A project, and what it asks for.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Workspace {
    name: String,
    version: String,
    dependencies: Loose<BTreeMap<String, Value>>,
    #[serde(rename = "optionalDependencies")]
    optional: Loose<BTreeMap<String, Value>>,
    #[serde(rename = "peerDependencies")]
    peers: Loose<BTreeMap<String, Value>>,
}

fn lock(input: &mut Input<'_>, found: &mut Found) -> Result<(), Error> {
    let lock: Lock = json_with_comments(input)?;
    let paths: Vec<&str> = lock.packages.keys().map(String::as_str).collect();
    let needs: Vec<Vec<usize>> = lock
        .packages
        .iter()
        .map(|(path, entry)| needs(entry).filter_map(|name| find(&paths, path, name)).collect())
        .collect();
    let asked = lock.workspaces.values().flat_map(|it| {
        let names = it.dependencies.keys().chain(it.optional.keys()).chain(it.peers.keys());
        names.filter_map(|name| find(&paths, &it.name, name))
    });
    let wanted = reached(&needs, asked.collect());
    for (entry, wanted) in lock.packages.values().zip(wanted) {
        let (name, version) = split_at(entry.first().and_then(Value::as_str).unwrap_or_default());
        let version = match workspace(entry) {
            Some(folder) => lock.workspaces.get(folder).map_or("", |it| &it.version),
            None => version,
        };
        if !name.is_empty() {
            let mut package = Package::new(Kind::Npm, name, version);
            package.is_dev = !wanted && workspace(entry).is_none();
            found.packages.push(package);
        }
    }
    Ok(())
}

/// The folder of a package that is one of the projects.
fn workspace(entry: &[Value]) -> Option<&str> {
    split_at(entry.first()?.as_str()?).1.strip_prefix("workspace:")
}

/// Names of what a package needs. Its description follows on what names it; the registry stands between
/// those where it has one.
fn needs(entry: &[Value]) -> impl Iterator<Item = &str> {
    let about = entry.iter().skip(1).find(|value| value.is_object());
    let kinds = ["dependencies", "optionalDependencies"].into_iter();
    let needs = kinds.filter_map(move |kind| about?.get(kind)?.as_object());
    needs.flat_map(|needs| needs.keys().map(String::as_str))
}

/// The place of what a package finds by a name: within itself, or within one that it is in.
fn find(paths: &[&str], path: &str, name: &str) -> Option<usize> {
    // A scope, which is no package, is looked into in vain.
    let path = Some(path).filter(|path| !path.is_empty() && path.len() <= LONGEST_PATH_BYTES);
    let outer = std::iter::successors(path, |path| path.rsplit_once('/').map(|(outer, _)| outer));
    let mut within = outer.take(DEEPEST).map(|path| format!("{path}/{name}"));
    let found = within.find_map(|path| paths.binary_search(&path.as_str()).ok());
    found.or_else(|| paths.binary_search(&name).ok())
}

#[cfg(test)]
mod tests {
    use image::{Entry, Kind, Visitor, Want};

    use super::*;
    use crate::{
        Collector,
        extractors::{listed, survives},
    };

    const LOCKED: &str = r#"{
  "lockfileVersion": 1,
  "workspaces": {
    "": {
      "name": "shop",
      "dependencies": { "debug": "4.3.4", "tool": "workspace:*", },
      "devDependencies": { "eslint": "9" },
    },
    "packages/tool": { "name": "tool", "version": "0.1.0", "devDependencies": { "ms": "2.1.3" }, },
  },
  "packages": {
    "@types/node": ["@types/node@22.15.21", "", { "dependencies": { "undici-types": "~6.21.0" } }, "sha512-x"],

    "debug": ["debug@4.3.4", "", { "dependencies": { "ms": "2.1.2" } }, "sha512-y"],

    "debug/ms": ["ms@2.1.2", "", {}, "sha512-z"],

    "eslint": ["eslint@9.0.0", "", { "dependencies": { "@types/node": "*", "debug": "4" } }, "sha512-w"],

    "ms": ["ms@2.1.3", "", {}, "sha512-v"],

    "tool": ["tool@workspace:packages/tool"],

    "undici-types": ["undici-types@6.21.0", "", {}, "sha512-u"],
  }
}
"#;

    #[test]
    fn binary_lock_files_are_told_with_what_to_do() {
        let mut collector = Collector::new(vec![&BINARY]);
        let (kind, size_bytes) = (Kind::File, 4);
        let entry = Entry { path: b"web/bun.lockb", kind, mode: 0o644, size_bytes };
        assert_eq!(collector.entry(&entry), Want::Content);
        collector.content(&entry, &mut std::io::Cursor::new(b"#!/u"));
        let [trouble] = &collector.finish().troubles[..] else { panic!("one trouble is told") };
        assert_eq!(trouble.path, "web/bun.lockb");
        assert!(trouble.reason.contains("bun install --save-text-lockfile"), "{}", trouble.reason);
    }

    #[test]
    fn packages_are_listed_with_who_needs_them() {
        let expected = [
            "@types/node 22.15.21 dev",
            "debug 4.3.4",
            "ms 2.1.2",
            "eslint 9.0.0 dev",
            "ms 2.1.3 dev",
            "tool 0.1.0",
            "undici-types 6.21.0 dev",
        ];
        assert_eq!(listed(&LOCK, "bun.lock", LOCKED), expected);
    }

    #[test]
    fn damaged_files_do_no_harm() {
        survives(&LOCK, "bun.lock", LOCKED);
    }
}
