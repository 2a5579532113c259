//! What Debian's security tracker says of each flaw in each release.
//!
//! Source: the tracker's JSON, and its documentation: source packages, flaws, releases by their names. Version
//! `0` says that the package of that release never had the flaw. What is `undetermined` is looked at. What
//! has `nodsa` gets no update of its own: it is mended with the next release of all, or left as it is.

use std::{borrow::Cow, collections::BTreeMap};

use serde::{Deserialize, de::IgnoredAny};

use super::{Draft, Feed, File, Remote, Wanted, json};
use crate::{Advisory, Affected, Interval, Level, Space, Status, codenames, db::Repeats};

pub(super) const FEED: Feed = Feed { about: "list of Debian's security tracker", is, read };

const PART: &str = "debian";

#[derive(Deserialize)]
struct Flaw<'a> {
    #[serde(default, borrow)]
    description: Cow<'a, str>,
    #[serde(default, borrow, deserialize_with = "json::object")]
    releases: BTreeMap<String, OfRelease<'a>>,
}

#[derive(Deserialize)]
struct OfRelease<'a> {
    #[serde(default, borrow)]
    status: Cow<'a, str>,
    #[serde(borrow)]
    fixed_version: Option<Cow<'a, str>>,
    #[serde(default, borrow)]
    urgency: Cow<'a, str>,
    #[serde(borrow)]
    nodsa_reason: Option<Cow<'a, str>>,
    nodsa: Option<IgnoredAny>,
}

fn is(file: &File<'_>) -> bool {
    let is_flaw = |key: &[u8]| key.starts_with(b"CVE-") || key.starts_with(b"TEMP-");
    json::second_key(file.bytes).is_some_and(is_flaw) && file.begins_with(64 << 10, "\"releases\"")
}

fn read(file: &File<'_>, draft: &mut Draft) -> Result<(), String> {
    json::each_of_two(file.bytes, |package, id, flaw: Flaw<'_>| {
        draft.add(PART, Repeats::Add, advisory(package, id, &flaw));
    })
    .map_err(|error| error.to_string())
}

fn advisory(package: &str, id: &str, flaw: &Flaw<'_>) -> Advisory {
    let affected = flaw.releases.iter().filter_map(|(release, told)| {
        let space = Space::release("Debian", codenames::debian(release));
        let package = package.to_owned();
        let level = Level::parse(&told.urgency);
        let (status, intervals) = status(told)?;
        Some(Affected { space, package, status, intervals, level, ..Affected::default() })
    });
    let affected = affected.collect();
    let is_disputed = flaw.description.contains("DISPUTED");
    let (id, summary) = (id.to_owned(), flaw.description.to_string());
    Advisory { id, is_disputed, affected, summary, ..Advisory::default() }
}

/// `None` where nothing is known.
fn status(told: &OfRelease<'_>) -> Option<(Status, Vec<Interval>)> {
    let all = || vec![Interval::default()];
    Some(match (told.status.as_ref(), told.fixed_version.as_deref()) {
        ("resolved", Some("0")) => (Status::NotAffected, Vec::new()),
        ("resolved", Some(fixed)) => (Status::Affected, vec![Interval::below(fixed)]),
        ("undetermined", _) => (Status::UnderInvestigation, all()),
        ("open", _) if told.urgency == "end-of-life" => (Status::EndOfLife, all()),
        ("open", _) => match (told.nodsa_reason.as_deref(), &told.nodsa) {
            (Some("ignored"), _) => (Status::WillNotFix, all()),
            (Some("postponed"), _) | (_, Some(_)) => (Status::Deferred, all()),
            _ => (Status::Affected, all()),
        },
        _ => return None,
    })
}

/// Where the tracker hands it out.
pub(super) const REMOTE: Remote = Remote {
    name: "debian",
    files: |_| Ok(vec![Wanted::file("https://security-tracker.debian.org/tracker/data/json")]),
};
