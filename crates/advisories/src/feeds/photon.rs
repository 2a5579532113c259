//! What Photon OS says of its packages: a list for each release, whose number is in the file's name alone.
//!
//! Source: its `cve_data_photon4.0.json` and the like, and the pages of its wiki.

use serde::Deserialize;

use super::{Draft, Feed, File, Remote, Wanted, between};
use crate::{Advisory, Affected, Interval, Rating, Space, Status, db::Repeats};

pub(super) const FEED: Feed = Feed {
    about: "list of Photon OS",
    is: |file| release(file).is_some() && file.first() == Some(b'['),
    read,
};

/// Pages of its wiki, one for each erratum, tell how bad flaws are.
pub(super) const UPDATES: Feed = Feed {
    about: "page on an update of Photon OS",
    is: |file| file.base().ends_with(".md") && file.begins_with(4096, "Photon OS Security Update"),
    read: read_update,
};

/// The part that pages make: of flaws, and of no packages.
const UPDATES_PART: &str = "photon-updates";

#[derive(Deserialize)]
struct Row {
    cve_id: String,
    pkg: String,
    #[serde(default)]
    res_ver: Option<String>,
    #[serde(default)]
    status: String,
}

/// `4.0` of `cve_data_photon4.0.json`.
fn release<'a>(file: &File<'a>) -> Option<&'a str> {
    let name = file.name.rsplit('/').next()?;
    name.strip_prefix("cve_data_photon")?.strip_suffix(".json")
}

fn read(file: &File<'_>, draft: &mut Draft) -> Result<(), String> {
    let rows: Vec<Row> = serde_json::from_slice(file.bytes).map_err(|it| it.to_string())?;
    let release = release(file).unwrap_or_default();
    let (space, part) = (Space::release("Photon OS", release), format!("photon-{release}"));
    draft.covers(&part, Repeats::Add, &space);
    for row in rows {
        draft.add(&part, Repeats::Add, advisory(row, &space));
    }
    Ok(())
}

fn advisory(row: Row, space: &Space) -> Advisory {
    let fixed = row.res_ver.filter(|version| !["", "NA"].contains(&version.trim()));
    let affected = Affected {
        space: space.clone(),
        package: row.pkg,
        status: if row.status == "Not Affected" { Status::NotAffected } else { Status::Affected },
        intervals: vec![fixed.map_or_else(Interval::default, Interval::below)],
        ..Affected::default()
    };
    Advisory { id: row.cve_id, affected: vec![affected], ..Advisory::default() }
}

/// `### Critical`, and below it `curl - ['[CVE-2023-38545](https://…)']`.
fn read_update(file: &File<'_>, draft: &mut Draft) -> Result<(), String> {
    let text = str::from_utf8(file.bytes).map_err(|_| "is not all UTF-8".to_owned())?;
    let mut word = "";
    let published = text.lines().find_map(|line| line.strip_prefix("Issue date"));
    let published = published.map_or("", |rest| rest.trim_start_matches([' ', ':']).trim());
    for line in text.lines() {
        if let Some(heading) = line.strip_prefix("### ") {
            word = heading.trim();
        }
        let Some(rating) = Rating::level("photon", word) else { continue };
        let ids = line.split('[').filter_map(|rest| rest.split_once(']')).map(|(id, _)| id);
        for id in ids.filter(|id| id.starts_with("CVE-")) {
            let (id, published) = (id.to_owned(), published.to_owned());
            let ratings = vec![rating.clone()];
            let flaw = Advisory { id, ratings, published, ..Advisory::default() };
            draft.add(UPDATES_PART, Repeats::Unite, flaw);
        }
    }
    Ok(())
}

/// Its releases are listed beside the lists.
pub(super) const REMOTE: Remote = Remote {
    name: "photon",
    files: |ask| {
        let base = "https://packages.broadcom.com/photon/photon_cve_metadata";
        let releases = ask(&format!("{base}/photon_versions.json"))?;
        let releases = between(&releases, "\"", "\"");
        let releases = releases.iter().filter(|it| it.starts_with(|it: char| it.is_ascii_digit()));
        let file = |it: &&str| Wanted::file(format!("{base}/cve_data_photon{it}.json"));
        Ok(releases.map(file).collect())
    },
};
