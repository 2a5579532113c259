//! What Echo says of its packages.
//!
//! Source: its `data.json`: source packages, flaws, and the version that mends each where one does.

use std::borrow::Cow;

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
struct Flaw<'a> {
    #[serde(borrow)]
    fixed_version: Option<Cow<'a, str>>,
}

fn read(file: &File<'_>, draft: &mut Draft) -> Result<(), String> {
    let space = Space::named("Echo");
    draft.covers(PART, Repeats::Add, &space);
    json::each_of_two(file.bytes, |package, id, flaw: Flaw<'_>| {
        let package = package.to_owned();
        let mut affected = Affected { space: space.clone(), package, ..Affected::default() };
        match flaw.fixed_version.as_deref() {
            Some("0") => affected.status = Status::NotAffected,
            fixed => {
                affected.intervals.push(fixed.map_or_else(Interval::default, Interval::below));
            }
        }
        let (id, affected) = (id.to_owned(), vec![affected]);
        draft.add(PART, Repeats::Add, Advisory { id, affected, ..Advisory::default() });
    })
    .map_err(|error| error.to_string())
}

/// Where Echo publishes it.
pub(super) const REMOTE: Remote = Remote {
    name: "echo",
    files: |_| Ok(vec![Wanted::file("https://advisory.echohq.com/data.json")]),
};
