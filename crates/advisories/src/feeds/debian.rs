//! What Debian's security tracker says of each flaw in each release.
//!
//! Source: the tracker's JSON, and its documentation: source packages, flaws, releases by their names. Version
//! `0` says that the package of that release never had the flaw. What is `undetermined` is looked at. What
//! has `nodsa` gets no update of its own: it is mended with the next release of all, or left as it is.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Draft, Feed, File, Remote, Wanted, json};
use crate::{Advisory, Affected, Interval, Level, Space, Status, codenames, db::Repeats};

pub(super) const FEED: Feed = Feed { about: "list of Debian's security tracker", is, read };

const PART: &str = "debian";

type Packages = BTreeMap<String, BTreeMap<String, Flaw>>;

#[derive(Deserialize)]
struct Flaw {
    #[serde(default)]
    description: String,
    #[serde(default, deserialize_with = "json::object")]
    releases: BTreeMap<String, OfRelease>,
}

#[derive(Deserialize)]
struct OfRelease {
    #[serde(default)]
    status: String,
    fixed_version: Option<String>,
    #[serde(default)]
    urgency: String,
    nodsa_reason: Option<String>,
    nodsa: Option<String>,
}

fn is(file: &File<'_>) -> bool {
    let is_flaw = |key: &[u8]| key.starts_with(b"CVE-") || key.starts_with(b"TEMP-");
    json::second_key(file.bytes).is_some_and(is_flaw) && file.begins_with(64 << 10, "\"releases\"")
}

fn read(file: &File<'_>, draft: &mut Draft) -> Result<(), String> {
    let packages: Packages = serde_json::from_slice(file.bytes).map_err(|it| it.to_string())?;
    for (package, flaws) in packages {
        for (id, flaw) in flaws {
            draft.add(PART, Repeats::Add, advisory(&package, id, flaw));
        }
    }
    Ok(())
}

fn advisory(package: &str, id: String, flaw: Flaw) -> Advisory {
    let affected = flaw.releases.iter().filter_map(|(release, told)| {
        let space = Space::release("Debian", codenames::debian(release));
        let package = package.to_owned();
        let level = Level::parse(&told.urgency);
        let (status, intervals) = status(told)?;
        Some(Affected { space, package, status, intervals, level, ..Affected::default() })
    });
    let affected = affected.collect();
    let is_disputed = flaw.description.contains("DISPUTED");
    Advisory { id, is_disputed, affected, summary: flaw.description, ..Advisory::default() }
}

/// `None` where nothing is known.
fn status(told: &OfRelease) -> Option<(Status, Vec<Interval>)> {
    let all = || vec![Interval::default()];
    Some(match (told.status.as_str(), told.fixed_version.as_deref()) {
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
