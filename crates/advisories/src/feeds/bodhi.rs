//! Updates of Fedora and EPEL, by Bodhi: one object for each, or a page of them.
//!
//! Source: the interface of Bodhi (`updates/`): builds, by the names of what packages are built from; flaws stand in
//! the titles of bugs, and at times in the notes alone.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::{Draft, Feed, File};
use crate::{Advisory, Affected, Interval, Level, Rating, Space, db::Repeats};

pub(super) const FEED: Feed = Feed {
    about: "update of Fedora",
    is: |file| {
        file.first() == Some(b'{')
            && file.begins_with(64 << 10, "\"FEDORA-")
            && file.begins_with(64 << 10, "\"builds\"")
    },
    read,
};

const PART: &str = "fedora";

#[derive(Deserialize)]
#[serde(untagged)]
enum Answer {
    Page { updates: Vec<Update> },
    One(Box<Update>),
}

#[derive(Deserialize)]
struct Update {
    alias: String,
    #[serde(default)]
    title: String,
    #[serde(default)]
    display_name: String,
    #[serde(default)]
    notes: String,
    #[serde(rename = "type", default)]
    kind: String,
    #[serde(default)]
    status: String,
    severity: Option<String>,
    date_stable: Option<String>,
    date_submitted: Option<String>,
    date_modified: Option<String>,
    release: Release,
    #[serde(default)]
    bugs: Vec<Bug>,
    #[serde(default)]
    builds: Vec<Build>,
}

#[derive(Deserialize)]
struct Release {
    version: String,
    #[serde(default)]
    id_prefix: String,
}

#[derive(Deserialize)]
struct Bug {
    title: Option<String>,
}

#[derive(Deserialize)]
struct Build {
    nvr: String,
    #[serde(rename = "type", default)]
    kind: String,
    epoch: Option<u64>,
}

fn read(file: &File<'_>, draft: &mut Draft) -> Result<(), String> {
    let updates = match serde_json::from_slice(file.bytes) {
        Ok(Answer::Page { updates }) => updates,
        Ok(Answer::One(update)) => vec![*update],
        // Others of a folder are whole.
        Err(error) => {
            draft.trouble(file.name, format!("is no {}: {error}", FEED.about));
            return Ok(());
        }
    };
    for update in updates {
        let space = space(&update.release);
        draft.covers(PART, Repeats::Replace, &space);
        if let Some(advisory) = advisory(update, &space) {
            draft.add(PART, Repeats::Replace, advisory);
        }
    }
    Ok(())
}

fn space(release: &Release) -> Space {
    let name = if release.id_prefix == "FEDORA-EPEL" { "EPEL" } else { "Fedora" };
    Space::release(name, release.version.split('.').next().unwrap_or_default())
}

/// `None` where it mends no flaw that has a name, or is not out.
fn advisory(update: Update, space: &Space) -> Option<Advisory> {
    if update.kind != "security" || !["", "stable"].contains(&update.status.as_str()) {
        return None;
    }
    let titles = update.bugs.iter().filter_map(|bug| bug.title.as_deref());
    let mut covers: BTreeSet<String> = titles.flat_map(flaws).collect();
    if covers.is_empty() {
        let texts = [&update.display_name, &update.title, &update.notes];
        covers.extend(texts.into_iter().flat_map(|text| flaws(text)));
    }
    if covers.is_empty() {
        return None;
    }
    let level = update.severity.as_deref().and_then(Level::parse);
    let builds = update.builds.iter().filter(|it| ["", "rpm"].contains(&it.kind.as_str()));
    let affected = builds.filter_map(|build| {
        let (package, version) = name_and_version(&build.nvr)?;
        let version = match build.epoch.unwrap_or(0) {
            0 => version.to_owned(),
            epoch => format!("{epoch}:{version}"),
        };
        let (space, package) = (space.clone(), package.to_owned());
        let intervals = vec![Interval::below(version)];
        Some(Affected { space, package, intervals, level, ..Affected::default() })
    });
    let named = [update.display_name, update.title].into_iter().find(|it| !it.is_empty());
    Some(Advisory {
        covers: covers.into_iter().collect(),
        summary: named.unwrap_or_default(),
        ratings: update.severity.iter().filter_map(|it| Rating::level(PART, it)).collect(),
        references: vec![format!("https://bodhi.fedoraproject.org/updates/{}", update.alias)],
        affected: affected.collect(),
        modified: update.date_modified.unwrap_or_default(),
        published: update.date_stable.or(update.date_submitted).unwrap_or_default(),
        id: update.alias,
        ..Advisory::default()
    })
}

/// Names of CVE in a text.
fn flaws(text: &str) -> impl Iterator<Item = String> + '_ {
    let words = text.split(|char: char| !char.is_ascii_alphanumeric() && char != '-');
    words.filter(|word| is_flaw(word)).map(str::to_owned)
}

/// `CVE-2024-3094`.
fn is_flaw(word: &str) -> bool {
    let mut parts = word.split('-');
    let is_number = |text: &str, least: usize| {
        text.len() >= least && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    parts.next() == Some("CVE")
        && parts.next().is_some_and(|year| year.len() == 4 && is_number(year, 4))
        && parts.next().is_some_and(|number| is_number(number, 4))
        && parts.next().is_none()
}

/// `python3-docs-3.12.9-1.fc40`.
fn name_and_version(nvr: &str) -> Option<(&str, &str)> {
    let (before, _) = nvr.rsplit_once('-')?;
    let (name, _) = before.rsplit_once('-')?;
    Some((name, nvr.get(name.len() + 1..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flaws_are_read_from_what_is_said() {
        let all: Vec<String> =
            flaws("CVE-2025-1234 expat: bad [fedora-40], also (CVE-2025-99999).CVE-20-1").collect();
        assert_eq!(all, ["CVE-2025-1234", "CVE-2025-99999"]);
        assert_eq!(
            name_and_version("python3-docs-3.12.9-1.fc40"),
            Some(("python3-docs", "3.12.9-1.fc40"))
        );
    }

    #[test]
    fn updates_that_are_not_out_or_mend_bugs_say_nothing() {
        let update = |kind: &str, status: &str| -> Update {
            let text = format!(
                r#"{{"alias": "FEDORA-1", "type": "{kind}", "status": "{status}", "release": {{"version": "40"}},
                "bugs": [{{"title": "CVE-2025-1234 a"}}], "builds": [{{"nvr": "a-1-1.fc40"}}]}}"#
            );
            serde_json::from_str(&text).unwrap()
        };
        let space = Space::release("Fedora", "40");
        assert!(advisory(update("security", "stable"), &space).is_some());
        assert!(advisory(update("bugfix", "stable"), &space).is_none());
        assert!(advisory(update("security", "testing"), &space).is_none());
    }
}
