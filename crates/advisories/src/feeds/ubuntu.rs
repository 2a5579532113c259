//! What Ubuntu's tracker of flaws says, as anchore's vunnel writes it down: one object for each flaw.
//!
//! Source: files of vunnel (`normalized-cve-data`), and the tracker's own readme for what states mean. Ubuntu itself
//! publishes records of OSV, which say more.

use serde::Deserialize;

use super::{Draft, Feed, File};
use crate::{Advisory, Affected, Interval, Level, Rating, Space, Status, codenames, db::Repeats};

pub(super) const FEED: Feed = Feed {
    about: "record of Ubuntu's tracker",
    is: |file| {
        let has = |key| file.begins_with(usize::MAX, key);
        file.first() == Some(b'{') && has("\"ignored_patches\"") && has("\"patches\"")
    },
    read,
};

const PART: &str = "ubuntu";

#[derive(Deserialize)]
struct Record {
    name: String,
    priority: Option<String>,
    #[serde(default)]
    description: String,
    patches: Vec<Patch>,
}

#[derive(Deserialize)]
struct Patch {
    distro: String,
    status: String,
    version: Option<String>,
    package: String,
    priority: Option<String>,
}

fn read(file: &File<'_>, draft: &mut Draft) -> Result<(), String> {
    match serde_json::from_slice::<Record>(file.bytes) {
        Ok(record) if draft.is_collection() => draft.add(PART, Repeats::Add, advisory(record)),
        Ok(record) => draft.add_beside(PART, Repeats::Unite, advisory(record)),
        // Others of a folder are whole.
        Err(error) => draft.trouble(file.name, format!("is no {}: {error}", FEED.about)),
    }
    Ok(())
}

fn advisory(record: Record) -> Advisory {
    let own = record.priority.as_deref();
    let affected = record.patches.iter().filter_map(|patch| {
        let (status, intervals) = status(patch)?;
        Some(Affected {
            space: space(&patch.distro)?,
            package: patch.package.clone(),
            status,
            intervals,
            level: patch.priority.as_deref().or(own).and_then(Level::parse),
            ..Affected::default()
        })
    });
    Advisory {
        affected: affected.collect(),
        ratings: own.and_then(|word| Rating::level(PART, word)).into_iter().collect(),
        summary: record.description,
        id: record.name,
        ..Advisory::default()
    }
}

/// `precise`, and `esm-infra/xenial` for who pays for longer.
fn space(distro: &str) -> Option<Space> {
    match distro.split_once('/') {
        Some((line, name)) if line.starts_with("esm") => {
            Some(Space::release("Ubuntu Pro", codenames::ubuntu(name)?))
        }
        Some(_) => None,
        None => Some(Space::release("Ubuntu", codenames::ubuntu(distro)?)),
    }
}

/// `None` where there is no such package, or nothing is known.
fn status(patch: &Patch) -> Option<(Status, Vec<Interval>)> {
    let all = || vec![Interval::default()];
    let note = patch.version.as_deref().unwrap_or_default();
    Some(match patch.status.as_str() {
        "released" if !note.is_empty() => (Status::Affected, vec![Interval::below(note)]),
        "not-affected" => (Status::NotAffected, Vec::new()),
        "needed" | "pending" | "active" => (Status::Affected, all()),
        "needs-triage" => (Status::UnderInvestigation, all()),
        "deferred" => (Status::Deferred, all()),
        "ignored" if note.contains("end of") => (Status::EndOfLife, all()),
        "ignored" => (Status::WillNotFix, all()),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_are_those_of_releases() {
        let told = |distro: &str, state: &str, version: Option<&str>| {
            let patch = Patch {
                distro: distro.into(),
                status: state.into(),
                version: version.map(str::to_owned),
                package: "curl".into(),
                priority: None,
            };
            Some((space(distro)?.as_str().to_owned(), status(&patch)?.0))
        };
        let of = |space: &str, status| Some((space.to_owned(), status));
        assert_eq!(told("jammy", "needed", None), of("Ubuntu:22.04", Status::Affected));
        assert_eq!(
            told("lucid", "ignored", Some("end of life")),
            of("Ubuntu:10.04", Status::EndOfLife)
        );
        assert_eq!(
            told("esm-infra/xenial", "not-affected", None),
            of("Ubuntu Pro:16.04", Status::NotAffected)
        );
        assert_eq!(told("upstream", "released", Some("1")), None);
        assert_eq!(told("jammy", "DNE", None), None);
    }
}
