//! Pages of Amazon Linux's security centre, one for each erratum.
//!
//! Source: its pages (`AL2023/ALAS-2023-126.html`). They tell packages by their files' names, without epochs; the
//! repositories' lists (`updateinfo.xml`) tell the same with them, and for all errata at once.

use std::collections::{BTreeMap, BTreeSet};

use super::{Draft, Feed, File, csaf::some};
use crate::{Advisory, Affected, Interval, Level, Rating, Space, db::Repeats};

pub(super) const FEED: Feed = Feed {
    about: "page of Amazon Linux's security centre",
    is: |file| {
        let has = |text| file.begins_with(64 << 10, text);
        file.first() == Some(b'<') && has("<title>ALAS") && has("id='new_packages'")
    },
    read,
};

fn read(file: &File<'_>, draft: &mut Draft) -> Result<(), String> {
    let text = str::from_utf8(file.bytes).map_err(|_| "is not all UTF-8".to_owned())?;
    match advisory(text) {
        Some(advisory) => {
            let space = advisory.affected.first().map(|it| it.space.as_str().to_owned());
            let part = space.unwrap_or_default().replace([':', ' '], "-").to_ascii_lowercase();
            draft.add(&part, Repeats::Unite, advisory);
        }
        // Others of a folder are whole.
        None => draft.trouble(file.name, "tells no erratum, or no packages"),
    }
    Ok(())
}

fn advisory(text: &str) -> Option<Advisory> {
    // `Amazon Linux 2023 Security Advisory:</b> ALAS-2023-126`
    let id = between(text, "Security Advisory:</b>", "<")?.trim();
    let severity = between(text, "id='severity'", "<br")?;
    let severity = severity.rsplit('>').next()?.trim();
    let level = Level::parse(severity);
    let packages = between(text, "id='new_packages'>", "</div>")?;
    let affected = affected(packages, level)?;
    let named = between(text, "id='affected_packages'", "</div>").unwrap_or_default();
    let named = between(named, "<p>", "</p>").unwrap_or_default();
    Some(Advisory {
        id: id.to_owned(),
        covers: flaws(between(text, "id='references'>", "</div>")?),
        summary: format!("{severity} update for {named}"),
        ratings: Rating::level("amazon", severity).into_iter().collect(),
        published: day(text, "Release Date:</b>"),
        modified: day(text, "Updated Date:</b>"),
        affected,
        ..Advisory::default()
    })
}

fn between<'a>(text: &'a str, begin: &str, end: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(begin)?;
    Some(rest.split_once(end)?.0)
}

fn day(text: &str, label: &str) -> String {
    let told = between(text, label, "<").unwrap_or_default();
    told.split_whitespace().next().unwrap_or_default().to_owned()
}

fn flaws(text: &str) -> Vec<String> {
    let words = text.split(|char: char| !char.is_ascii_alphanumeric() && char != '-');
    let all: BTreeSet<&str> = words.filter(|word| word.starts_with("CVE-")).collect();
    all.into_iter().map(str::to_owned).collect()
}

/// `kpartx-0.8.7-16.amzn2023.0.1.aarch64`, one in a line.
fn affected(text: &str, level: Option<Level>) -> Option<Vec<Affected>> {
    let mut packages: BTreeMap<(Space, &str, &str), BTreeSet<&str>> = BTreeMap::new();
    for line in text.split("<br />") {
        let file = line.rsplit([';', '>']).next().unwrap_or_default().trim();
        let Some((package, version, processor)) = parts(file) else { continue };
        if let Some(space) = space(version) {
            packages.entry((space, package, version)).or_default().insert(processor);
        }
    }
    let told = packages.into_iter().map(|((space, package, version), of)| Affected {
        space,
        package: package.to_owned(),
        processors: some(&of),
        intervals: vec![Interval::below(version)],
        level,
        ..Affected::default()
    });
    Some(told.collect::<Vec<_>>()).filter(|it| !it.is_empty())
}

fn parts(file: &str) -> Option<(&str, &str, &str)> {
    let (rest, processor) = file.rsplit_once('.')?;
    let (before, _) = rest.rsplit_once('-')?;
    let (name, _) = before.rsplit_once('-')?;
    Some((name, rest.get(name.len() + 1..)?, processor))
}

fn space(version: &str) -> Option<Space> {
    let (_, rest) = version.rsplit_once("amzn")?;
    let end = rest.find(|char: char| !char.is_ascii_digit()).unwrap_or(rest.len());
    let number = rest.get(..end).filter(|it| !it.is_empty())?;
    Some(Space::release("Amazon Linux", number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_tells_packages_by_the_names_of_their_files() {
        let page = "<title>ALAS2-2018-1</title><b>Amazon Linux 2 Security Advisory:</b> ALAS-2018-1\n</span>
            <div id='severity'><b>Severity:</b><i></i> Critical<br /></div>
            <div id='references'><a href='/CVE-2017-5715.html'>CVE-2017-5715&nbsp;</a></div>
            <div id='new_packages'><b>New Packages:</b><pre>src:<br />&nbsp; kernel-4.9-38.amzn2.src<br /><br />x86_64:<br />&nbsp; kernel-tools-4.9-38.amzn2.x86_64<br /></pre></div>";
        let one = advisory(page).unwrap();
        assert_eq!(
            (one.id.as_str(), one.covers),
            ("ALAS-2018-1", vec!["CVE-2017-5715".to_owned()])
        );
        let [source, package] = &*one.affected else { panic!("{:?}", one.affected) };
        assert_eq!((source.package.as_str(), source.processors.len()), ("kernel", 0));
        assert_eq!(
            (package.package.as_str(), package.space.as_str()),
            ("kernel-tools", "Amazon Linux:2")
        );
        assert_eq!(package.intervals, [Interval::below("4.9-38.amzn2")]);
        assert_eq!(
            (package.level, &*package.processors),
            (Some(Level::Critical), &["x86_64".to_owned()][..])
        );
        assert_eq!(advisory("<title>ALAS</title>"), None);
    }
}
