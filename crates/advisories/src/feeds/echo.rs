//! What Echo says of its packages.
//!
//! Source: its `data.json`: source packages, flaws, and the version that mends each where one does.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Draft, Feed, File, Remote, Wanted, json};
use crate::{Advisory, Affected, Interval, Space, Status, db::Repeats};

pub(super) const FEED: Feed = Feed {
    about: "list of Echo",
    is: |file| json::second_key(file.bytes).is_some_and(|key| key.starts_with(b"CVE-")),
    read,
};

const PART: &str = "echo";

#[derive(Deserialize)]
struct Flaw {
    fixed_version: Option<String>,
}

fn read(file: &File<'_>, draft: &mut Draft) -> Result<(), String> {
    let packages: BTreeMap<String, BTreeMap<String, Flaw>> =
        serde_json::from_slice(file.bytes).map_err(|error| error.to_string())?;
    let space = Space::named("Echo");
    draft.covers(PART, Repeats::Add, &space);
    for (package, flaws) in packages {
        for (id, flaw) in flaws {
            let mut affected =
                Affected { space: space.clone(), package: package.clone(), ..Affected::default() };
            match flaw.fixed_version.as_deref() {
                Some("0") => affected.status = Status::NotAffected,
                fixed => {
                    affected.intervals.push(fixed.map_or_else(Interval::default, Interval::below))
                }
            }
            draft.add(
                PART,
                Repeats::Add,
                Advisory { id, affected: vec![affected], ..Advisory::default() },
            );
        }
    }
    Ok(())
}

/// Where Echo publishes it.
pub(super) const REMOTE: Remote = Remote {
    name: "echo",
    files: |_| Ok(vec![Wanted::file("https://advisory.echohq.com/data.json")]),
};
