//! Definitions in the Open Vulnerability and Assessment Language (OVAL 5), of those who still publish them and
//! nothing better: SUSE and openSUSE, Oracle, Azure Linux (and CBL-Mariner before it).
//!
//! Source: the OVAL language 5.11, and files of these three. A definition is a tree of criteria; its leaves are
//! tests, which name an object (a package) and a state (what its version is compared with). Which release is
//! meant stands in the comment of a criterion; for Azure Linux, in versions (`1.20.7-1.cm2`).
//!
//! - `document`: the document, read piece by piece.
//! - `criteria`: what a tree of criteria says of packages.

mod criteria;
mod document;

use std::collections::BTreeSet;

use self::{
    criteria::affected,
    document::{Definition, Document},
};
use super::{Draft, Feed, File, Remote, Wanted, between};
use crate::{Advisory, Affected, Level, Rating, db::Repeats};

pub(super) const FEED: Feed = Feed {
    about: "document of OVAL",
    is: |file| file.first() == Some(b'<') && file.begins_with(4096, "oval_definitions"),
    read,
};

fn read(file: &File<'_>, draft: &mut Draft) -> Result<(), String> {
    let text = str::from_utf8(file.bytes).map_err(|_| "is not all UTF-8".to_owned())?;
    let document = Document::parse(text)?;
    for definition in &document.definitions {
        let affected = affected(definition, &document);
        let spaces: BTreeSet<String> =
            affected.iter().map(|it| it.space.as_str().to_owned()).collect();
        // Files are of one release each.
        for space in spaces {
            let of = affected.iter().filter(|it| it.space.as_str() == space).cloned().collect();
            let part = space.replace([':', ' '], "-").to_ascii_lowercase();
            draft.add(&part, Repeats::Add, advisory(definition, of));
        }
    }
    Ok(())
}

fn advisory(definition: &Definition, affected: Vec<Affected>) -> Advisory {
    let source = affected.first().map_or("", |it| it.space.ecosystem()).to_lowercase();
    let source = source.split(' ').next().unwrap_or_default();
    let level = Level::parse(&definition.severity);
    let (id, covers) = names(definition);
    let rated = |it| Affected { level, ..it };
    Advisory {
        id,
        covers,
        summary: definition.title.trim().to_owned(),
        ratings: definition.vectors.iter().filter_map(|it| Rating::vector(source, it)).collect(),
        published: definition.issued.clone(),
        affected: affected.into_iter().map(rated).collect(),
        ..Advisory::default()
    }
}

/// Of a vulnerability the flaw itself, of a patch the erratum and the flaws that it mends.
fn names(definition: &Definition) -> (String, Vec<String>) {
    let flaws: BTreeSet<&str> = definition
        .references
        .iter()
        .map(String::as_str)
        .map(|id| id.trim_start_matches("Mitre ").trim_start_matches("SUSE "))
        .filter(|id| id.starts_with("CVE-"))
        .collect();
    let owned = |id: &str| id.to_owned();
    if let (Some(only), true) = (flaws.first().filter(|_| flaws.len() == 1), definition.is_of_flaw)
    {
        return (owned(only), Vec::new());
    }
    let erratum = definition.references.iter().find(|id| !id.contains("CVE-"));
    let id = erratum.unwrap_or(&definition.id).clone();
    (id, flaws.into_iter().map(owned).collect())
}

/// SUSE's, of each release: what is mended, what is not, and what is not there.
pub(super) const SUSE: Remote = Remote {
    name: "suse",
    files: |ask| {
        let base = "https://ftp.suse.com/pub/projects/security/oval";
        let page = ask(&format!("{base}/"))?;
        let mut files = Vec::new();
        for product in ["suse.linux.enterprise.server", "opensuse.leap", "opensuse.tumbleweed"] {
            let names = between(&page, &format!("href=\"{product}"), "-affected.xml.bz2\"");
            // Files of a version as a whole have all its service packs, which have files of their own.
            let is_of_release = |it: &&&str| {
                product != "suse.linux.enterprise.server"
                    || it.contains("-sp")
                    || it.starts_with(".1") && it.contains(".0")
            };
            let file = |it: &&str| Wanted::file(format!("{base}/{product}{it}-affected.xml.bz2"));
            files.extend(names.iter().filter(is_of_release).map(file));
            if page.contains(&format!("href=\"{product}-affected.xml.bz2\"")) {
                files.push(Wanted::file(format!("{base}/{product}-affected.xml.bz2")));
            }
        }
        if files.is_empty() { Err(format!("{base}/ lists no files")) } else { Ok(files) }
    },
};

/// Oracle's: all errata in one file.
pub(super) const ORACLE: Remote = Remote {
    name: "oracle",
    files: |_| {
        Ok(vec![Wanted::file("https://linux.oracle.com/security/oval/com.oracle.elsa-all.xml.bz2")])
    },
};

/// Azure Linux's, and those of CBL-Mariner: the repository, packed.
pub(super) const AZURE: Remote = Remote {
    name: "azure",
    files: |_| {
        let base = "https://github.com/microsoft/AzureLinuxVulnerabilityData/archive/refs/heads";
        Ok(vec![Wanted::file(format!("{base}/main.tar.gz"))])
    },
};
