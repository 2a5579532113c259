//! Lists of what packages of apk mend: Alpine's `secdb`, and those of Wolfi, Chainguard and others in its form.
//!
//! Source: Alpine's `secdb` and its schema: packages by their origin; for each version that mended something
//! what that is. Version `0` says that what stands there never was in the package. Several ids of one flaw
//! stand in one text, with spaces between.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Draft, Feed, File, Remote, Wanted, between};
use crate::{Advisory, Affected, Interval, Space, Status, db::Repeats};

pub(super) const FEED: Feed = Feed { about: "list of mended flaws (secdb)", is, read };

/// Parts of addresses, and whose packages lie there.
const ADDRESSES: [(&str, &str); 9] = [
    ("alpinelinux.org", "Alpine"),
    ("wolfi.dev", "Wolfi"),
    ("chainguard", "Chainguard"),
    ("cgr.dev", "Chainguard"),
    ("mini.dev", "MinimOS"),
    ("minimos", "MinimOS"),
    ("minimal.dev", "MinimOS"),
    ("secureos", "SecureOS"),
    ("cve0.io", "SecureOS"),
];

#[derive(Deserialize)]
struct List {
    #[serde(default)]
    distroversion: String,
    #[serde(default)]
    reponame: String,
    #[serde(default)]
    urlprefix: String,
    packages: Option<Vec<Item>>,
}

#[derive(Deserialize)]
struct Item {
    pkg: Package,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    /// By versions; one that mended nothing has none.
    #[serde(default)]
    secfixes: Option<BTreeMap<String, Option<Vec<Option<String>>>>>,
}

fn is(file: &File<'_>) -> bool {
    let has = |keys: [&str; 3]| keys.into_iter().any(|key| file.begins_with(4096, key));
    match file.first() {
        Some(b'{') => has(["\"apkurl\"", "\"urlprefix\"", "\"distroversion\""]),
        _ => file.base().ends_with(".yaml") && has(["apkurl:", "urlprefix:", "distroversion:"]),
    }
}

fn read(file: &File<'_>, draft: &mut Draft) -> Result<(), String> {
    let list: List = match file.first() {
        Some(b'{') => serde_json::from_slice(file.bytes).map_err(|error| error.to_string())?,
        _ => {
            let text = str::from_utf8(file.bytes).map_err(|_| "is not all UTF-8".to_owned())?;
            serde_saphyr::from_str(text).map_err(|error| error.to_string())?
        }
    };
    let space = space(&list)?;
    let repo = Some(&list.reponame).filter(|name| !name.is_empty() && space.as_str().contains(':'));
    let part = [space.as_str(), repo.map_or("", String::as_str)].join("-");
    let part = part.trim_end_matches('-').replace([':', ' '], "-").to_ascii_lowercase();
    draft.covers(&part, Repeats::Add, &space);
    for Item { pkg } in list.packages.unwrap_or_default() {
        for (version, flaws) in pkg.secfixes.unwrap_or_default() {
            for flaw in flaws.into_iter().flatten().flatten() {
                if let Some(advisory) = advisory(&space, &pkg.name, &version, &flaw) {
                    draft.add(&part, Repeats::Add, advisory);
                }
            }
        }
    }
    Ok(())
}

fn space(list: &List) -> Result<Space, String> {
    let address = list.urlprefix.to_ascii_lowercase();
    let known = ADDRESSES.iter().find(|(part, _)| address.contains(part));
    let (_, name) = known.ok_or_else(|| {
        format!("nothing is known of packages at '{}'", list.urlprefix.escape_debug())
    })?;
    match (*name, list.distroversion.as_str()) {
        ("Alpine", "") => Err("does not tell its distroversion".to_owned()),
        ("Alpine", version) => Ok(Space::release("Alpine", version)),
        _ => Ok(Space::named(*name)),
    }
}

fn advisory(space: &Space, package: &str, version: &str, flaw: &str) -> Option<Advisory> {
    let mut names = flaw.split_whitespace().map(str::to_owned);
    let id = names.next()?;
    // Ids of old lists have brackets around what the package's own people call it.
    let aliases = names.filter(|name| !name.starts_with('(')).collect();
    let mut affected =
        Affected { space: space.clone(), package: package.to_owned(), ..Affected::default() };
    match version.trim() {
        "0" => affected.status = Status::NotAffected,
        // Nothing mends it yet.
        "" | "None" => affected.intervals.push(Interval::default()),
        version => affected.intervals.push(Interval::below(version)),
    }
    Some(Advisory { id, aliases, affected: vec![affected], ..Advisory::default() })
}

/// Alpine's lists: of each release, and of each repository that it has.
pub(super) const ALPINE: Remote = Remote {
    name: "alpine",
    files: |ask| {
        let base = "https://secdb.alpinelinux.org";
        let page = ask(&format!("{base}/"))?;
        let of = |release: String| {
            ["main", "community"]
                .map(|it| Wanted::file(format!("{base}/{release}/{it}.json")).if_there())
        };
        let releases = between(&page, "href=\"v", "/\"").into_iter().map(|it| format!("v{it}"));
        let edge = page.contains("href=\"edge/").then(|| "edge".to_owned());
        let files: Vec<Wanted> = releases.chain(edge).flat_map(of).collect();
        if files.is_empty() { Err(format!("{base}/ lists no releases")) } else { Ok(files) }
    },
};

/// What is built on Wolfi.
pub(super) const WOLFI: Remote = Remote {
    name: "wolfi",
    files: |_| Ok(vec![Wanted::file("https://packages.wolfi.dev/os/security.json")]),
};

/// Chainguard's own packages.
pub(super) const CHAINGUARD: Remote = Remote {
    name: "chainguard",
    files: |_| Ok(vec![Wanted::file("https://packages.cgr.dev/chainguard/security.json")]),
};

/// MinimOS.
pub(super) const MINIMOS: Remote = Remote {
    name: "minimos",
    files: |_| Ok(vec![Wanted::file("https://packages.mini.dev/advisories/secdb/security.json")]),
};
