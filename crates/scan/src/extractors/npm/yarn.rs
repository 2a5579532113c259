//! `yarn.lock`: the form of version 1, and the YAML of later ones, which differ in quotes and colons alone.

use crate::{
    Error, Extractor, Found, Graph, Input, Kind, Package, Pattern, Scope, Setting,
    extractors::npm::{alias, is_in_modules, split_at},
    project::Role,
};

/// Lock files.
pub(in super::super) const LOCK: Extractor = Extractor {
    name: "yarn-lock",
    about: "lock files of yarn",
    setting: Setting::Declared,
    files: &[Pattern::Name("yarn.lock")],
    extract: |input, found| if is_kept_apart(input) { Ok(()) } else { lock(input, found) },
};

/// Whether a file came with a package.
fn is_kept_apart(input: &Input<'_>) -> bool {
    is_in_modules(input.entry.path)
        || input.entry.path.split(|byte| *byte == b'/').any(|part| part == b".yarn")
}

/// An entry: requests that are met by the same package.
#[derive(Default)]
struct Entry {
    requests: Vec<String>,
    version: String,
    /// Its name and where it comes from, in later versions.
    resolution: String,
    /// Requests for what it needs.
    needs: Vec<String>,
}

/// Which part of an entry lines belong to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Fields,
    Needs,
    Other,
}

fn lock(input: &mut Input<'_>, found: &mut Found) -> Result<(), Error> {
    let mut entries: Vec<Entry> = Vec::new();
    let mut part = Part::Other;
    input.lines(|_, line| {
        let text = line.trim();
        if text.is_empty() || text.starts_with('#') {
            return Ok(());
        }
        match line.len() - line.trim_start().len() {
            // After a key that is too long for a line of YAML: `? "…"`.
            0 if text == ":" => {}
            0 => {
                entries.push(Entry { requests: requests(text), ..Entry::default() });
                part = Part::Fields;
            }
            1..=3 => part = field(text, entries.last_mut()),
            _ if part == Part::Needs => {
                let (name, range) = pair(text);
                let entry = entries.last_mut();
                entry.into_iter().for_each(|entry| entry.needs.push(request(&name, &range)));
            }
            _ => {}
        }
        Ok(())
    })?;
    put(&entries, found);
    Ok(())
}

/// A field of an entry, or the beginning of a part of it.
fn field(text: &str, entry: Option<&mut Entry>) -> Part {
    let (name, value) = pair(text);
    match (name.as_str(), entry) {
        ("dependencies" | "optionalDependencies", _) => return Part::Needs,
        ("version", Some(entry)) => entry.version = value,
        ("resolution", Some(entry)) => entry.resolution = value,
        _ => return Part::Other,
    }
    Part::Fields
}

/// `name "value"` or `name: value`.
fn pair(text: &str) -> (String, String) {
    let quoted = text.strip_prefix('"').and_then(|rest| rest.split_once('"'));
    let end = text.find([' ', ':']).unwrap_or(text.len());
    let (name, value) = quoted.unwrap_or_else(|| text.split_at(end));
    let value = value.trim_start_matches([':', ' ']).trim();
    (name.to_owned(), value.trim_matches('"').to_owned())
}

/// The requests before an entry: `"a@npm:^1, a@npm:^2":`, `"@a/b@^1", "@a/b@^2":`.
fn requests(text: &str) -> Vec<String> {
    let text = text.strip_prefix("? ").unwrap_or(text).trim_end_matches(':').replace('"', "");
    text.split(", ").map(str::to_owned).collect()
}

/// A request in one form for all versions.
fn request(name: &str, range: &str) -> String {
    format!("{name}@{}", range.strip_prefix("npm:").unwrap_or(range))
}

fn put(entries: &[Entry], found: &mut Found) {
    let mut graph = Graph::new("package.json", Scope::Members, Vec::new());
    graph.project = Some(Kind::Npm);
    let mut needs = Vec::new();
    for entry in entries {
        let Some(name) = entry.name() else { continue };
        let place = found.packages.len();
        for asked in &entry.requests {
            let (asked, range) = split_at(asked);
            graph.answer(request(asked, range), place);
            graph.answer(asked, place);
        }
        needs.push(&entry.needs);
        found.packages.push(Package::new(Kind::Npm, name, &*entry.version));
    }
    let requests = graph.requests(found.packages.len());
    let place = |asked: &String| {
        let exact = requests.get(asked.as_str());
        exact.or_else(|| requests.get(split_at(asked).0)).copied()
    };
    graph.needs = needs.iter().map(|needs| needs.iter().filter_map(place).collect()).collect();
    if !found.packages.is_empty() {
        found.role = Some(Role::Lock(graph));
    }
}

impl Entry {
    /// Its package's name, if it comes from a registry.
    fn name(&self) -> Option<&str> {
        let (asked, range) = split_at(self.requests.first()?);
        let protocol = range.split_once(':').map_or("", |(protocol, _)| protocol);
        if self.version.is_empty() || asked == "__metadata" || !matches!(protocol, "" | "npm") {
            return None;
        }
        let (resolved, from) = split_at(&self.resolution);
        let name =
            if from.starts_with("npm:") { resolved } else { alias(range).map_or(asked, |it| it.0) };
        Some(name).filter(|name| !name.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extractors::{joined, listed, npm::package_json, survives};

    const FIRST: &str = r#"# THIS IS AN AUTOGENERATED FILE. DO NOT EDIT THIS FILE DIRECTLY.
# yarn lockfile v1


"@babel/core@^7.0.0", "@babel/core@^7.1.0":
  version "7.4.5"
  resolved "https://registry.yarnpkg.com/@babel/core/-/core-7.4.5.tgz#081f97e8ffca65a9b4b0fdc7e274e703f000c06a"
  integrity sha512-OvjIh6aqXtlsA8ujtGKfC7LYWksYSX8yQcM8Ay3LuvVeQ63lcOKgoZWVqcpFwkd29aYU9rVx7jxhfhiEDV9MZA==
  dependencies:
    debug "^4.1.0"

debug@^4.1.0:
  version "4.1.1"
  dependencies:
    ms "^2.1.1"
    "@babel/core" "^7.9.9"

from-git@git+ssh://git@example.org/a/b.git:
  version "1.0.0"

ms@2.0.0:
  version "2.0.0"

ms@^2.1.1:
  version "2.1.1"

other@npm:real@^3.0.0:
  version "3.0.1"
"#;

    const LATER: &str = r#"# This file is generated by running "yarn install" inside your project.

__metadata:
  version: 6
  cacheKey: 8

"asap@npm:~2.0.6":
  version: 2.0.6
  resolution: "asap@npm:2.0.6"
  checksum: b296c92c4b969e973260e47523207cd5769abd27c245a68c26dc7a0fe8053c55bb04360237cb51cab1df52be939da77150ace99ad331fb7fb13b3423ed73ff3d
  languageName: node
  linkType: hard

? "promise@npm:^8.0.3, promise@npm:^8.0.4"
:
  version: 8.3.0
  resolution: "promise@npm:8.3.0"
  dependencies:
    asap: ~2.0.6
  peerDependencies:
    unseen: 1
  linkType: hard

"shop@workspace:.":
  version: 0.0.0-use.local
  resolution: "shop@workspace:."
  dependencies:
    promise: ^8.0.3
    typescript: ^4.0.0
  linkType: soft

"typescript@npm:^4.0.0":
  version: 4.9.5
  resolution: "typescript@npm:4.9.5"
  linkType: hard

"typescript@patch:typescript@^4.0.0#~builtin<compat/typescript>":
  version: 4.9.5
  resolution: "typescript@patch:typescript@npm%3A4.9.5#~builtin<compat/typescript>::version=4.9.5"
  linkType: hard

"wide-cjs@npm:wide@^4.2.0":
  version: 4.2.3
  resolution: "wide@npm:4.2.3"
  linkType: hard
"#;

    #[test]
    fn all_versions_are_read() {
        let first = ["@babel/core 7.4.5", "debug 4.1.1", "ms 2.0.0", "ms 2.1.1", "real 3.0.1"];
        assert_eq!(listed(&LOCK, "yarn.lock", FIRST), first);
        let later = ["asap 2.0.6", "promise 8.3.0", "typescript 4.9.5", "wide 4.2.3"];
        assert_eq!(listed(&LOCK, "yarn.lock", LATER), later);
        assert!(listed(&LOCK, "node_modules/a/yarn.lock", FIRST).is_empty());
    }

    #[test]
    fn projects_and_their_members_tell_what_only_developers_need() {
        let root = r#"{"name": "shop", "version": "1.0.0", "license": "MIT", "workspaces": ["packages/*"],
            "dependencies": {"other": "npm:real@^3.0.0"}, "devDependencies": {"ms": "2.0.0"}}"#;
        let files = [
            ("package.json", root),
            ("packages/a/package.json", r#"{"dependencies": {"debug": "^4.1.0"}}"#),
            ("elsewhere/package.json", r#"{"dependencies": {"ms": "2.0.0"}}"#),
            ("yarn.lock", FIRST),
        ];
        let expected = [
            "@babel/core 7.4.5",
            "debug 4.1.1",
            "ms 2.0.0 dev",
            "ms 2.1.1",
            "real 3.0.1",
            "shop 1.0.0 MIT",
        ];
        assert_eq!(joined(&[&LOCK, &package_json::MANIFEST], &files), expected);

        let files = [
            ("package.json", r#"{"dependencies": {"promise": "^8.0.3"}, "devDependencies": {}}"#),
            ("yarn.lock", LATER),
        ];
        let expected = ["asap 2.0.6", "promise 8.3.0", "typescript 4.9.5 dev", "wide 4.2.3 dev"];
        assert_eq!(joined(&[&LOCK, &package_json::MANIFEST], &files), expected);
    }

    #[test]
    fn damaged_files_do_no_harm() {
        survives(&LOCK, "yarn.lock", FIRST);
        survives(&LOCK, "yarn.lock", LATER);
    }
}
