//! Definitions in the Open Vulnerability and Assessment Language (OVAL 5), of those who still publish them and
//! nothing better: SUSE and openSUSE, Oracle, Azure Linux (and CBL-Mariner before it).
//!
//! Source: the OVAL language 5.11, and files of these three. A definition is a tree of criteria; its leaves are
//! tests, which name an object (a package) and a state (what its version is compared with). Which release is
//! meant stands in the comment of a criterion; for Azure Linux, in versions (`1.20.7-1.cm2`).
//!
//! Bounds: each release has what is said of it by itself, so that a short definition of many releases and packages
//! says much: [`MOST_BYTES`] at most, and a file [`MOST_TIMES`] as much as it has, of [`MOST_RELEASES`].
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
use crate::{Advisory, Affected, Level, Rating, Space, db::Repeats};

pub(super) const FEED: Feed = Feed {
    about: "document of OVAL",
    is: |file| file.first() == Some(b'<') && file.begins_with(4096, "oval_definitions"),
    read,
};

/// Names of Oracle's files that have all errata, or all of a release; others have some.
const LISTS: [&str; 2] = ["com.oracle.elsa-all", "com.oracle.elsa-ol"];
/// Most bytes that a definition says of packages, where each is told of for each release.
const MOST_BYTES: usize = 8 << 20;
/// So many times as much as it has may a file say, beside what one definition may.
const MOST_TIMES: usize = 64;
/// Most releases that a file tells of: each is a part of the database.
const MOST_RELEASES: usize = 500;

fn read(file: &File<'_>, draft: &mut Draft) -> Result<(), String> {
    let text = str::from_utf8(file.bytes).map_err(|_| "is not all UTF-8".to_owned())?;
    let document = Document::parse(text)?;
    let mut left_of_file = text.len().saturating_mul(MOST_TIMES).saturating_add(MOST_BYTES);
    let mut releases = BTreeSet::new();
    for definition in &document.definitions {
        let mut left = MOST_BYTES.min(left_of_file);
        let most = left;
        let Ok(said) = affected(definition, &document, &mut left) else {
            let mebibytes = MOST_BYTES >> 20;
            if most < MOST_BYTES {
                return Err(format!(
                    "says more of packages and releases than {MOST_TIMES} times what it has and {mebibytes} MiB, which is the limit"
                ));
            }
            let place = format!("{}: definition {}", file.name, definition.id);
            let why = format!(
                "says more than {mebibytes} MiB of packages and releases, which is the limit"
            );
            draft.trouble(&place, why);
            continue;
        };
        left_of_file -= most - left;
        // Files are of one release each.
        for (space, affected) in said {
            if !releases.contains(&space) {
                releases.insert(space.clone());
            }
            if releases.len() > MOST_RELEASES {
                return Err(format!(
                    "tells of more than {MOST_RELEASES} releases, which is the limit"
                ));
            }
            let part = space.as_str().replace([':', ' '], "-").to_ascii_lowercase();
            draft.add(&part, repeats(file, &space), advisory(definition, affected));
        }
    }
    Ok(())
}

/// Oracle publishes each erratum by itself, too.
fn repeats(file: &File<'_>, space: &Space) -> Repeats {
    let is_list = || LISTS.iter().any(|name| file.base().starts_with(name));
    match space.ecosystem() == "Oracle Linux" && !is_list() {
        true => Repeats::Unite,
        false => Repeats::Add,
    }
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

#[cfg(test)]
mod tests {
    use crate::feeds::{Import, read};

    /// A definition that tells of so many packages, below this version, for so many releases.
    fn definition(id: &str, packages: usize, version: &str, releases: usize) -> String {
        let any =
            |of: Vec<String>| format!(r#"<criteria operator="OR">{}</criteria>"#, of.concat());
        let test = |comment: String| format!(r#"<criterion comment="{comment}"/>"#);
        let releases = (0..releases).map(|at| test(format!("Oracle Linux {at} is installed")));
        let packages = (0..packages).map(|at| test(format!("p{at} is earlier than {version}")));
        let [releases, packages] = [releases.collect(), packages.collect()].map(any);
        format!(
            r#"<definition id="{id}" class="patch"><metadata><reference ref_id="{id}"/></metadata>
            <criteria operator="AND">{releases}{packages}</criteria></definition>"#
        )
    }

    fn document(definitions: &[String]) -> Result<Import, String> {
        let text = format!("<oval_definitions>{}</oval_definitions>", definitions.concat());
        read("all.xml", text.as_bytes())
    }

    #[test]
    fn a_definition_that_says_too_much_is_told_and_takes_no_others_with_it() {
        let (large, small) =
            (definition("ELSA-1", 300, "1", 400), definition("ELSA-2", 30, "1", 30));
        let import = document(&[large, small]).unwrap();
        let [told] = &*import.troubles else { panic!("{:?}", import.troubles) };
        assert!(told.contains("definition ELSA-1: says more than 8 MiB"), "{told}");
        let counts: Vec<usize> = import.gathered.iter().map(|it| it.builder.count()).collect();
        assert_eq!(counts, [1; 30]);
    }

    #[test]
    fn a_file_does_not_say_much_more_than_it_has() {
        let version = "1".repeat(15_000);
        let of = |count: usize| {
            (0..count).map(|at| definition(&format!("ELSA-{at}"), 1, &version, 400)).collect()
        };
        let few: Vec<String> = of(1);
        assert_eq!(document(&few).unwrap().troubles, Vec::<String>::new());
        let many: Vec<String> = of(4);
        let error = document(&many).unwrap_err();
        assert!(error.contains("64 times what it has"), "{error}");
        let error = document(&[definition("ELSA-1", 1, "1", 501)]).unwrap_err();
        assert!(error.contains("more than 500 releases"), "{error}");
    }
}
