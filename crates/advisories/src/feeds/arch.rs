//! What Arch Linux says of groups of its packages (`AVG-…`).
//!
//! Source: the JSON of its security tracker, `all.json`.

use serde::Deserialize;

use super::{Draft, Feed, File, Remote, Wanted};
use crate::{Advisory, Affected, Interval, Level, Rating, Space, Status, db::Repeats};

pub(super) const FEED: Feed = Feed {
    about: "list of Arch Linux's security tracker",
    is: |file| file.first() == Some(b'[') && file.begins_with(4096, "\"AVG-"),
    read,
};

const PART: &str = "arch";

#[derive(Deserialize)]
struct Group {
    name: String,
    #[serde(default)]
    packages: Vec<String>,
    #[serde(default)]
    status: String,
    #[serde(default)]
    severity: String,
    #[serde(rename = "type", default)]
    kind: String,
    fixed: Option<String>,
    #[serde(default)]
    issues: Vec<String>,
    #[serde(default)]
    advisories: Vec<String>,
}

fn read(file: &File<'_>, draft: &mut Draft) -> Result<(), String> {
    let groups: Vec<Group> = serde_json::from_slice(file.bytes).map_err(|it| it.to_string())?;
    let space = Space::named("Arch Linux");
    draft.covers(PART, Repeats::Add, &space);
    for group in groups {
        draft.add(PART, Repeats::Add, advisory(group, &space));
    }
    Ok(())
}

fn advisory(group: Group, space: &Space) -> Advisory {
    // The version that is told as affected is the one that was looked at; later ones have it as well, until
    // somebody says that they have not.
    let interval = group.fixed.as_deref().map_or_else(Interval::default, Interval::below);
    let status = match group.status.as_str() {
        "Not affected" => Status::NotAffected,
        "Unknown" => Status::UnderInvestigation,
        _ => Status::Affected,
    };
    let of = |package: String| Affected {
        space: space.clone(),
        package,
        status,
        intervals: vec![interval.clone()],
        level: Level::parse(&group.severity),
        ..Affected::default()
    };
    let link = |id: &String| format!("https://security.archlinux.org/{id}");
    Advisory {
        references: group.advisories.iter().map(link).collect(),
        covers: group.issues,
        ratings: Rating::level(PART, &group.severity).into_iter().collect(),
        summary: group.kind,
        affected: group.packages.into_iter().map(of).collect(),
        id: group.name,
        ..Advisory::default()
    }
}

/// Where the tracker hands it out.
pub(super) const REMOTE: Remote = Remote {
    name: "arch",
    files: |_| Ok(vec![Wanted::file("https://security.archlinux.org/all.json")]),
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Bound, Ends};

    #[test]
    fn what_is_not_mended_is_in_all_versions() {
        let group = |fixed: &str| -> Group {
            let json = format!(
                r#"{{"name": "AVG-1", "packages": ["pam"], "affected": "1-1", "fixed": {fixed}, "status": "Vulnerable"}}"#
            );
            serde_json::from_str(&json).unwrap()
        };
        let intervals = |fixed: &str| {
            let mut one = advisory(group(fixed), &Space::named("Arch Linux"));
            one.affected.remove(0).intervals
        };
        assert_eq!(intervals("null"), [Interval::default()]);
        let below = Interval {
            low: None,
            high: Some(Bound { version: "1-2".into(), ends: Ends::Without }),
        };
        assert_eq!(intervals("\"1-2\""), [below]);
    }
}
