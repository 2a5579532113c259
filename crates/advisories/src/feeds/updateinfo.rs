//! What repositories of rpm packages tell of their updates: `updateinfo.xml`, as Amazon, Fedora, Oracle, Rocky, Alma
//! and others publish it beside their packages.
//!
//! Source: the format of `updateinfo.xml` as createrepo_c writes it. Whose packages they are is told by the
//! ids of updates, and which release by the mark in the release of each package: `amzn2023`, `fc40`, `el9`.
//!
//! A release has several repositories, each with a list of its own, and one update may be in several, there with other
//! packages and at other times: what any list tells counts.
//!
//! Bounds: elements may be within [`MOST_LEVELS`] others; an update is of [`MOST_RELEASES`] releases.

use std::collections::{BTreeMap, BTreeSet};

use quick_xml::{
    Reader,
    events::{BytesStart, Event},
};

use super::{Draft, Feed, File, csaf::some};
use crate::{Advisory, Affected, Interval, Level, Rating, Space, db::Repeats};

pub(super) const FEED: Feed = Feed {
    about: "list of updates of a repository (updateinfo)",
    is: |file| file.first() == Some(b'<') && file.begins_with(4096, "<updates"),
    read,
};

/// Most levels of elements within each other.
const MOST_LEVELS: usize = 32;
/// Most releases that one update is of: each of them has it.
const MOST_RELEASES: usize = 100;

/// An update while it is read.
#[derive(Debug, Default)]
struct Update {
    kind: String,
    id: String,
    title: String,
    severity: String,
    issued: String,
    updated: String,
    flaws: BTreeSet<String>,
    packages: Vec<Package>,
}

#[derive(Debug, Default)]
struct Package {
    name: String,
    epoch: String,
    version: String,
    release: String,
    processor: String,
    module: String,
}

/// Names, streams of modules and versions, and the processors that they are for.
type Packages<'a> = BTreeMap<(&'a str, &'a str, String), BTreeSet<&'a str>>;

fn read(file: &File<'_>, draft: &mut Draft) -> Result<(), String> {
    let text = str::from_utf8(file.bytes).map_err(|_| "is not all UTF-8".to_owned())?;
    let mut reader = Reader::from_str(text);
    let mut open: Vec<String> = Vec::new();
    let mut update = Update::default();
    let mut module = String::new();
    loop {
        match reader.read_event().map_err(|error| format!("is no XML: {error}"))? {
            Event::Start(start) => {
                let name = name_of(&start);
                if open.len() == MOST_LEVELS {
                    return Err(format!("has more than {MOST_LEVELS} levels of elements"));
                }
                begin(&name, &start, &mut update, &mut module);
                open.push(name);
            }
            Event::Empty(start) => begin(&name_of(&start), &start, &mut update, &mut module),
            Event::Text(text) => {
                let text = text.decode().map_err(|error| error.to_string())?;
                say(open.last().map_or("", String::as_str), text.trim(), &open, &mut update);
            }
            Event::End(_) => match open.pop().as_deref() {
                Some("update") => told(std::mem::take(&mut update), file, draft),
                Some("collection") => module.clear(),
                _ => {}
            },
            Event::Eof => break,
            _ => {}
        }
    }
    match open.is_empty() {
        true => Ok(()),
        false => Err("ends before its elements do".to_owned()),
    }
}

fn name_of(start: &BytesStart<'_>) -> String {
    String::from_utf8_lossy(start.local_name().as_ref()).into_owned()
}

fn begin(name: &str, start: &BytesStart<'_>, update: &mut Update, module: &mut String) {
    let value = |key: &str| {
        // Whether one is there twice would be looked for among all before it.
        let mut all = start.attributes();
        let mut all = all.with_checks(false).flatten();
        let found = all.find(|it| it.key.local_name().as_ref() == key.as_bytes());
        let text = found.map(|it| String::from_utf8_lossy(&it.value).into_owned());
        text.map(|text| {
            quick_xml::escape::unescape(&text).map(|it| it.into_owned()).unwrap_or(text)
        })
        .unwrap_or_default()
    };
    match name {
        "update" => *update = Update { kind: value("type"), ..Update::default() },
        "issued" => update.issued = value("date"),
        "updated" => update.updated = value("date"),
        "reference" => {
            let id = value("id");
            if id.starts_with("CVE-") && ["cve", ""].contains(&value("type").as_str()) {
                update.flaws.insert(id);
            } else if value("title").starts_with("CVE-") {
                // Fedora's are bugs, with the flaw in front: `CVE-2024-1 expat: …`.
                update.flaws.extend(value("title").split_whitespace().next().map(str::to_owned));
            }
        }
        "module" => *module = format!("{}:{}", value("name"), value("stream")),
        "package" => update.packages.push(Package {
            name: value("name"),
            epoch: value("epoch"),
            version: value("version"),
            release: value("release"),
            processor: value("arch"),
            module: module.clone(),
        }),
        _ => {}
    }
}

/// What stands in an element right below an update.
fn say(name: &str, text: &str, open: &[String], update: &mut Update) {
    if open.iter().rev().nth(1).map(String::as_str) != Some("update") {
        return;
    }
    match name {
        "id" => update.id.push_str(text),
        "title" => update.title.push_str(text),
        "severity" => update.severity.push_str(text),
        _ => {}
    }
}

/// One part for each release.
fn told(update: Update, file: &File<'_>, draft: &mut Draft) {
    if update.flaws.is_empty() || !["", "security"].contains(&update.kind.as_str()) {
        return;
    }
    let mut by_space: BTreeMap<Space, Packages<'_>> = BTreeMap::new();
    for it in &update.packages {
        let Some(space) = space(&update.id, &it.release) else { continue };
        let version = format!("{}-{}", it.version, it.release);
        // Amazon's pages leave epochs out, so that here one of zero is told.
        let version = match it.epoch.as_str() {
            "" => version,
            epoch => format!("{epoch}:{version}"),
        };
        let of = by_space.entry(space).or_default();
        let of = of.entry((it.name.as_str(), it.module.as_str(), version)).or_default();
        of.insert(it.processor.as_str());
    }
    if by_space.len() > MOST_RELEASES {
        let why = format!("is of more than {MOST_RELEASES} releases, which is the limit");
        draft.trouble(&format!("{}: update {}", file.name, update.id), why);
        return;
    }
    for (space, packages) in by_space {
        let part = space.as_str().replace([':', ' '], "-").to_ascii_lowercase();
        draft.add(&part, Repeats::Unite, advisory(&update, &space, packages));
        draft.covers(&part, Repeats::Unite, &space);
    }
}

fn advisory(update: &Update, space: &Space, packages: Packages<'_>) -> Advisory {
    let level = Level::parse(&update.severity);
    let source = space.ecosystem().to_ascii_lowercase();
    let source = source.split(' ').next().unwrap_or_default();
    let affected = packages.into_iter().map(|((package, module, version), of)| Affected {
        space: space.clone(),
        package: package.to_owned(),
        module: module.to_owned(),
        processors: some(&of),
        intervals: vec![Interval::below(version)],
        level,
        ..Affected::default()
    });
    Advisory {
        id: update.id.clone(),
        covers: update.flaws.iter().cloned().collect(),
        summary: update.title.clone(),
        ratings: Rating::level(source, &update.severity).into_iter().collect(),
        published: update.issued.clone(),
        modified: if update.updated.is_empty() { &update.issued } else { &update.updated }.clone(),
        affected: affected.collect(),
        ..Advisory::default()
    }
}

/// Whose packages an update is of, by its id, and which release, by the mark in the release of a package.
fn space(id: &str, release: &str) -> Option<Space> {
    let number = |mark: &str| {
        let (_, rest) = release.rsplit_once(mark)?;
        let end = rest.find(|char: char| !char.is_ascii_digit()).unwrap_or(rest.len());
        rest.get(..end).filter(|number| !number.is_empty())
    };
    let of = |name: &str, mark: &str| Some(Space::release(name, number(mark)?));
    match id.split([':', '-']).next().unwrap_or(id) {
        kind if kind.starts_with("ALAS") => of("Amazon Linux", "amzn"),
        "FEDORA" if id.starts_with("FEDORA-EPEL") => of("EPEL", ".el"),
        "FEDORA" => of("Fedora", ".fc"),
        "ELSA" => of("Oracle Linux", ".el"),
        "RLSA" => of("Rocky Linux", ".el"),
        "ALSA" => of("AlmaLinux", ".el"),
        "RHSA" => of("Red Hat", ".el"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_are_told_by_ids_and_marks() {
        for (id, release, expected) in [
            ("ALAS2-2018-939", "38.79.amzn2", Some("Amazon Linux:2")),
            ("ALAS2023-2023-126", "16.amzn2023.0.1", Some("Amazon Linux:2023")),
            ("ALAS-2014-1", "1.4.amzn1", Some("Amazon Linux:1")),
            ("ALASKERNEL-5.10-2022-001", "1.amzn2", Some("Amazon Linux:2")),
            ("FEDORA-2025-1", "1.fc40", Some("Fedora:40")),
            ("FEDORA-EPEL-2014-4901", "1.el7", Some("EPEL:7")),
            ("ELSA-2022-4803", "57.0.4.el7_9.3", Some("Oracle Linux:7")),
            ("openSUSE-2022-1", "1.1", None),
        ] {
            assert_eq!(space(id, release).as_ref().map(Space::as_str), expected, "{id}");
        }
    }

    #[test]
    fn an_update_is_told_with_packages_processors_and_streams() {
        let text = r#"<?xml version="1.0"?><updates>
          <update from="x" status="final" type="security"><id>RLSA-2023:1</id><title>Important: nodejs</title>
          <severity>Important</severity><issued date="2023-01-02"/>
          <references><reference id="CVE-2023-1" type="cve"/><reference id="1" type="bugzilla"/></references>
          <pkglist><collection short="a"><name>A</name><module name="nodejs" stream="18" version="8" context="c" arch="x86_64"/>
            <package name="nodejs" version="18.1" release="1.module+el8.1" epoch="1" arch="aarch64" src="n.src.rpm"><filename>f</filename></package>
          </collection><collection short="b"><package name="npm" version="8" release="1.el8" epoch="0" arch="noarch"/></collection></pkglist></update>
          <update type="bugfix"><id>RLSA-2023:2</id><references><reference id="CVE-2023-2" type="cve"/></references></update></updates>"#;
        let import = crate::feeds::read("updateinfo.xml", text.as_bytes()).unwrap();
        let [gathered] = &*import.gathered else { panic!("{import:?}") };
        assert_eq!(gathered.header.feed, "rocky-linux-8");
        assert_eq!(gathered.builder.count(), 1);
        let mut update = Update { id: "RLSA-2023:1".into(), ..Update::default() };
        update.flaws.insert("CVE-2023-1".into());
        let packages = BTreeMap::from([(
            ("nodejs", "nodejs:18", "1:1-1".to_owned()),
            BTreeSet::from(["aarch64"]),
        )]);
        let one = advisory(&update, &Space::named("Rocky Linux:8"), packages);
        assert_eq!(one.affected[0].processors, ["aarch64"]);
        assert_eq!(one.affected[0].module, "nodejs:18");
        for broken in ["<updates><update>", "<updates", &"<updates>".repeat(100)] {
            assert!(crate::feeds::read("u.xml", broken.as_bytes()).is_err(), "{broken}");
        }
    }
}
