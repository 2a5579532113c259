//! The database of advisories on crates of RustSec: Markdown, with TOML at its begin.
//!
//! Source: `HOWTO_UNMAINTAINED.md`, `EXAMPLE_ADVISORY.md` and the readme of that database. What is not patched
//! and not unaffected is vulnerable; prereleases stand where they stand in the order, so that one of a version
//! that is patched is vulnerable.

use serde::Deserialize;
use versions::{Range, Scheme, Spans};

use super::{Draft, Feed, File, Remote, Wanted};
use crate::{Advisory, Affected, Interval, Nature, Rating, Space, db::Repeats};

pub(super) const FEED: Feed = Feed { about: "advisory of RustSec", is, read };

const PART: &str = "rustsec";
const FENCE: &str = "```";

#[derive(Deserialize)]
struct Front {
    advisory: Told,
    #[serde(default)]
    versions: Versions,
}

#[derive(Deserialize)]
struct Told {
    id: String,
    package: String,
    /// Crates have none; other parts of the language have.
    collection: Option<String>,
    #[serde(default)]
    aliases: Vec<String>,
    #[serde(default)]
    date: String,
    url: Option<String>,
    #[serde(default)]
    references: Vec<String>,
    cvss: Option<String>,
    informational: Option<String>,
    withdrawn: Option<String>,
    #[serde(default)]
    categories: Vec<String>,
}

#[derive(Deserialize, Default)]
struct Versions {
    #[serde(default)]
    patched: Vec<String>,
    #[serde(default)]
    unaffected: Vec<String>,
}

fn is(file: &File<'_>) -> bool {
    file.base().ends_with(".md")
        && file.begins_with(64, "```toml")
        && file.begins_with(4096, "[advisory]")
}

fn read(file: &File<'_>, draft: &mut Draft) -> Result<(), String> {
    let space = Space::named("crates.io");
    draft.has_all_of(PART);
    draft.covers(PART, Repeats::Replace, &space);
    match advisory(file, &space) {
        Ok(Some(advisory)) => draft.add(PART, Repeats::Replace, advisory),
        Ok(None) => {}
        Err(why) => draft.trouble(file.name, format!("is no advisory of RustSec: {why}")),
    }
    Ok(())
}

/// `None` where it is not of a crate.
fn advisory(file: &File<'_>, space: &Space) -> Result<Option<Advisory>, String> {
    let text = str::from_utf8(file.bytes).map_err(|_| "is not all UTF-8".to_owned())?;
    let (front, rest) = parts(text).ok_or("has no TOML at its begin")?;
    let Front { advisory: told, versions } = toml::from_str(front).map_err(|it| it.to_string())?;
    if told.collection.is_some_and(|name| name != "crates") {
        return Ok(None);
    }
    let title = rest.lines().find_map(|line| line.strip_prefix("# "));
    let nature = nature(told.informational.as_deref(), &told.categories);
    let affected = Affected {
        space: space.clone(),
        package: told.package,
        intervals: vulnerable(&versions)?,
        ..Affected::default()
    };
    Ok(Some(Advisory {
        id: told.id,
        aliases: told.aliases,
        nature,
        withdrawn: told.withdrawn,
        summary: title.unwrap_or_default().trim().to_owned(),
        ratings: told.cvss.iter().filter_map(|it| Rating::vector(PART, it)).collect(),
        references: told.url.into_iter().chain(told.references).collect(),
        modified: told.date.clone(),
        published: told.date,
        affected: vec![affected],
        ..Advisory::default()
    }))
}

fn parts(text: &str) -> Option<(&str, &str)> {
    let (_, rest) = text.split_once("```toml")?;
    rest.split_once(FENCE)
}

fn nature(informational: Option<&str>, categories: &[String]) -> Nature {
    match informational {
        Some("unmaintained") => Nature::Unmaintained,
        Some("unsound") => Nature::Unsound,
        Some(_) => Nature::Notice,
        None if categories.iter().any(|it| it == "malicious") => Nature::Malicious,
        None => Nature::Flaw,
    }
}

/// All versions but those that are told to be safe.
fn vulnerable(versions: &Versions) -> Result<Vec<Interval>, String> {
    let mut safe = Spans::NONE;
    for text in versions.patched.iter().chain(&versions.unaffected) {
        let range = Range::parse(Scheme::Cargo, text).map_err(|error| error.to_string())?;
        safe = safe.union(range.spans());
    }
    Ok(Interval::of_spans(&safe.complement()))
}

/// Its repository, packed.
pub(super) const REMOTE: Remote = Remote {
    name: "rustsec",
    files: |_| {
        Ok(vec![Wanted::file(
            "https://github.com/RustSec/advisory-db/archive/refs/heads/main.tar.gz",
        )])
    },
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_neither_patched_nor_unaffected_is_vulnerable() {
        let versions = |patched: &[&str], unaffected: &[&str]| Versions {
            patched: patched.iter().copied().map(str::to_owned).collect(),
            unaffected: unaffected.iter().copied().map(str::to_owned).collect(),
        };
        for (patched, unaffected, expected) in [
            (
                &["^0.12.3", ">= 0.13.1"][..],
                &["< 0.12"][..],
                "0.12.0-0 ..0.12.3, 0.13.0-0 ..0.13.1",
            ),
            (&[], &[], " .."),
            (&[">= 1.0"], &[], " ..1.0.0"),
        ] {
            let intervals = vulnerable(&versions(patched, unaffected)).unwrap();
            let version =
                |it: &Option<crate::Bound>| it.clone().map(|it| it.version).unwrap_or_default();
            let told =
                intervals.iter().map(|it| format!("{} ..{}", version(&it.low), version(&it.high)));
            assert_eq!(told.collect::<Vec<_>>().join(", "), expected);
        }
    }
}
