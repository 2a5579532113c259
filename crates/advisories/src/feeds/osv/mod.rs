//! Records of the Open Source Vulnerability format, of whichever database: osv.dev's archives for each
//! ecosystem, and the databases that publish in this format themselves.
//!
//! Source: the OSV schema, 1.7. What lies in a folder that is called as an ecosystem is of that alone, as in
//! osv.dev's layout (`PyPI/all.zip`), and is all that there is of it. All else is put together with what is there.
//!
//! - `names`: which of its ids are other names of the flaw, and which are flaws that it mends.
//! - `ranges`: versions; `numbers`: the short way for those that are hardly more than numbers.

mod names;
mod numbers;
mod ranges;

use std::{collections::BTreeSet, sync::LazyLock};

use memchr::memmem::Finder;
use serde::Deserialize;
use serde_json::value::RawValue;
use versions::Scheme;

use self::{names::Names, ranges::RangeOf};
use super::{
    Changes, Draft, Feed, File, Remote, Until, Wanted, escaped,
    json::{First, Text},
    known_ecosystems,
};
use crate::{
    Advisory, Affected, Interval, Level, Nature, Rating, Space, Status, db::Repeats,
    ecosystem::Ecosystem,
};

pub(super) const FEED: Feed = Feed { about: "record of OSV", is, read };

/// How names of parts begin.
const PREFIX: &str = "osv-";

#[derive(Deserialize)]
struct Record<'a> {
    #[serde(borrow)]
    id: Text<'a>,
    #[serde(default, borrow)]
    modified: Text<'a>,
    #[serde(default, borrow)]
    published: Text<'a>,
    #[serde(default, borrow)]
    withdrawn: Option<Text<'a>>,
    #[serde(default, borrow)]
    aliases: Option<Vec<Text<'a>>>,
    #[serde(default, borrow)]
    upstream: Option<Vec<Text<'a>>>,
    #[serde(default, borrow)]
    related: Option<Vec<Text<'a>>>,
    #[serde(default, borrow)]
    summary: Option<Text<'a>>,
    #[serde(default, borrow)]
    details: Option<&'a RawValue>,
    #[serde(default, borrow)]
    severity: Option<Vec<Severity<'a>>>,
    #[serde(default, borrow)]
    affected: Option<Vec<OfPackage<'a>>>,
    #[serde(default, borrow)]
    references: First<Reference<'a>>,
    #[serde(default)]
    database_specific: Specific,
}

#[derive(Deserialize)]
struct Severity<'a> {
    #[serde(rename = "type", borrow)]
    kind: Text<'a>,
    #[serde(borrow)]
    score: Text<'a>,
}

#[derive(Deserialize)]
struct OfPackage<'a> {
    #[serde(borrow)]
    package: Option<Named<'a>>,
    #[serde(default, borrow)]
    severity: Option<Vec<Severity<'a>>>,
    #[serde(default, borrow)]
    ranges: Option<Vec<RangeOf<'a>>>,
    #[serde(default, borrow)]
    versions: Option<Vec<Text<'a>>>,
    #[serde(default)]
    ecosystem_specific: Specific,
    #[serde(default)]
    database_specific: Specific,
}

#[derive(Deserialize)]
struct Named<'a> {
    #[serde(borrow)]
    ecosystem: Text<'a>,
    #[serde(borrow)]
    name: Text<'a>,
}

#[derive(Deserialize)]
struct Reference<'a> {
    #[serde(borrow)]
    url: Text<'a>,
}

/// What a database says beside; what is not an object, or has other types, says nothing, as nearly all do.
#[derive(Default)]
struct Specific(Option<Box<Words>>);

#[derive(Default)]
struct Words {
    /// A word on how bad it is.
    severity: Option<String>,
    /// Debian's, and Ubuntu's.
    urgency: Option<String>,
    /// RustSec's.
    informational: Option<String>,
    /// Streams of modules, as Rocky's records have them.
    module: Option<String>,
}

impl Specific {
    /// One of its words, where it has that.
    fn word(&self, of: impl Fn(&Words) -> &Option<String>) -> Option<&str> {
        of(self.0.as_ref()?).as_deref()
    }
}

static KEYS: LazyLock<[Finder<'static>; 4]> = LazyLock::new(|| {
    ["\"severity\"", "\"urgency\"", "\"informational\"", "\"module\""].map(Finder::new)
});

impl<'de> Deserialize<'de> for Specific {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let raw = Option::<&'de RawValue>::deserialize(from)?;
        let text = raw.map_or("", |raw| raw.get());
        // Most have none of these, and are long.
        if !KEYS.iter().any(|key| key.find(text.as_bytes()).is_some()) {
            return Ok(Self::default());
        }
        #[derive(Deserialize)]
        struct Told<'a> {
            #[serde(default, borrow)]
            severity: Option<&'a RawValue>,
            #[serde(default, borrow)]
            urgency: Option<&'a RawValue>,
            #[serde(default, borrow)]
            informational: Option<&'a RawValue>,
            #[serde(default, borrow)]
            module: Option<&'a RawValue>,
        }
        let word = |raw: Option<&'de RawValue>| {
            raw.and_then(|raw| serde_json::from_str::<String>(raw.get()).ok())
        };
        let told = serde_json::from_str::<Told<'de>>(text).ok().map(|it| Words {
            severity: word(it.severity),
            urgency: word(it.urgency),
            informational: word(it.informational),
            module: word(it.module),
        });
        Ok(Self(told.map(Box::new)))
    }
}

/// Any of them makes an object a record.
static MARKS: LazyLock<[Finder<'static>; 4]> = LazyLock::new(|| {
    ["\"modified\"", "\"affected\"", "\"schema_version\"", "\"withdrawn\""].map(Finder::new)
});

fn is(file: &File<'_>) -> bool {
    file.first() == Some(b'{')
        && file.base().ends_with(".json")
        && MARKS.iter().any(|mark| mark.find(file.bytes).is_some())
}

fn read(file: &File<'_>, draft: &mut Draft) -> Result<(), String> {
    let all_of = file.folder().filter(|name| draft.is_collection() && is_ecosystem(name));
    let all_of = all_of.map(|only| (only, part(only)));
    if let Some((only, part)) = &all_of
        && draft.has_all_of(part)
        && !has_releases(only)
    {
        draft.covers(part, Repeats::Replace, &Space::of_osv(only));
    }
    // All of it is looked at once, and not each text that it has.
    let read = match str::from_utf8(file.bytes) {
        Ok(text) => serde_json::from_str::<Record<'_>>(text),
        Err(_) => serde_json::from_slice(file.bytes),
    };
    let record = match read {
        Ok(record) => record,
        // Others of an archive are whole.
        Err(error) => {
            draft.trouble(file.name, format!("is no record of OSV: {error}"));
            return Ok(());
        }
    };
    let of_each = || ecosystems(&record).into_iter().map(|only| (only, part(only))).collect();
    for (only, part) in all_of.map_or_else(of_each, |all_of| vec![all_of]) {
        if let Some(advisory) = advisory(&record, only) {
            draft.add(&part, Repeats::Replace, advisory);
        }
    }
    Ok(())
}

/// Those that a record has packages of.
fn ecosystems<'a>(record: &'a Record<'_>) -> Vec<&'a str> {
    let all = record.affected.iter().flatten().filter_map(OfPackage::ecosystem);
    let known: BTreeSet<&str> = all.filter(|name| is_ecosystem(name)).collect();
    known.into_iter().collect()
}

fn is_ecosystem(name: &str) -> bool {
    !name.contains(':')
        && (Ecosystem::named(name).is_some() || Scheme::of_ecosystem(name).is_some())
}

/// Whether an ecosystem is a distribution, whose releases are spaces each.
fn has_releases(name: &str) -> bool {
    Ecosystem::named(name).is_none_or(|it| it.kind.is_of_system())
}

fn part(ecosystem: &str) -> String {
    let mut name = String::with_capacity(PREFIX.len() + ecosystem.len());
    name += PREFIX;
    name.extend(ecosystem.chars().map(|it| match it {
        ' ' | '/' => '-',
        it => it.to_ascii_lowercase(),
    }));
    name
}

/// `None` where it tells of no flaw in packages of an order that is known.
fn advisory(record: &Record<'_>, only: &str) -> Option<Advisory> {
    let names = Names::of(record);
    if names.is_erratum && names.mends_bugs_alone(&record.id) {
        return None;
    }
    let source = source(&record.id);
    let mut ratings = Vec::new();
    rate(&record.severity, source, &mut ratings);
    let word = record.database_specific.word(|it| &it.severity);
    ratings.extend(word.and_then(|word| Rating::level(source, word)));
    let mut informational = record.database_specific.word(|it| &it.informational);
    let mut affected = Vec::new();
    let level = level_of_erratum(record.summary.as_deref().filter(|_| names.is_erratum));
    for of in record.affected.iter().flatten().filter(|of| of.ecosystem() == Some(only)) {
        let told = of_package(of);
        affected.extend(told.map(|it| Affected { level: it.level.or(level), ..it }));
        rate(&of.severity, source, &mut ratings);
        informational = informational.or_else(|| of.database_specific.word(|it| &it.informational));
    }
    if affected.is_empty() && record.withdrawn.is_none() {
        return None;
    }
    // An erratum tells of what it mends alone, and not of all that has a flaw.
    if !names.is_erratum {
        affected.extend(without_pro(&affected));
    }
    let details = record.details.map_or("", RawValue::get);
    Some(Advisory {
        id: record.id.to_string(),
        aliases: names.aliases,
        covers: names.covers,
        nature: nature(&record.id, informational),
        is_disputed: details.contains("** DISPUTED **"),
        withdrawn: record.withdrawn.as_deref().map(str::to_owned),
        summary: summary(record.summary.as_deref(), details),
        ratings,
        references: record.references.0.iter().map(|it| it.url.to_string()).collect(),
        published: record.published.to_string(),
        modified: record.modified.to_string(),
        affected,
        ..Advisory::default()
    })
}

/// Where Ubuntu tells of a package for those alone who pay, all others have the flaw as well, and nothing comes for
/// them.
fn without_pro(affected: &[Affected]) -> Vec<Affected> {
    let free = affected.iter().filter_map(|it| {
        let release = it.space.as_str().strip_prefix("Ubuntu Pro:")?;
        let space = Space::release("Ubuntu", release);
        let is_free = |other: &Affected| other.space == space && other.package == it.package;
        let is_line = release.starts_with(|first: char| first.is_ascii_digit());
        (is_line && !affected.iter().any(is_free)).then(|| Affected {
            space,
            package: it.package.clone(),
            status: Status::WillNotFix,
            intervals: vec![Interval::default()],
            level: it.level,
            ..Affected::default()
        })
    });
    free.collect()
}

/// Errata of AlmaLinux and Rocky tell it at the begin of their titles: `Important: firefox security update`.
fn level_of_erratum(title: Option<&str>) -> Option<Level> {
    Level::parse(title?.split_once(": ")?.0)
}

/// Its own, else the first line of what is said, which stands there as JSON has it.
fn summary(own: Option<&str>, details: &str) -> String {
    match own.filter(|own| !own.is_empty()) {
        Some(own) => own.to_owned(),
        None => {
            let begin = format!("{}\"", first_line(details));
            let begin: String = serde_json::from_str(&begin).unwrap_or_default();
            begin.lines().next().unwrap_or_default().to_owned()
        }
    }
}

/// The begin of a text as JSON has it, without the mark at its end: the first line with its end, and what is behind it
/// as far as that end is written in a way that is rare.
fn first_line(text: &str) -> &str {
    let mut escapes = memchr::memchr_iter(b'\\', text.as_bytes());
    while let Some(at) = escapes.next() {
        match text.as_bytes().get(at + 1) {
            Some(b'n') => return text.get(..at + 2).unwrap_or(text),
            // A backslash by itself is no begin of an escape.
            Some(b'\\') => _ = escapes.next(),
            _ => {}
        }
    }
    text.strip_suffix('"').unwrap_or(text)
}

impl OfPackage<'_> {
    /// The ecosystem that it is of, without a release.
    fn ecosystem(&self) -> Option<&str> {
        self.package.as_ref()?.ecosystem.split(':').next()
    }
}

/// Who speaks, by the id: `ghsa`, `pysec`, `alsa`.
fn source(id: &str) -> &str {
    match id.split(['-', ':']).next().unwrap_or(id) {
        "GHSA" => "ghsa",
        "GO" => "go",
        "PYSEC" => "pysec",
        "RUSTSEC" => "rustsec",
        "UBUNTU" | "USN" | "LSN" => "ubuntu",
        "DEBIAN" | "DSA" | "DLA" => "debian",
        "ALSA" | "ALBA" | "ALEA" => "almalinux",
        "RLSA" | "RXSA" => "rocky",
        "RHSA" | "RHBA" | "RHEA" => "redhat",
        "SUSE" | "openSUSE" => "suse",
        "BIT" => "bitnami",
        "CVE" => "cve",
        _ => "osv",
    }
}

fn nature(id: &str, informational: Option<&str>) -> Nature {
    match informational {
        Some("unmaintained") => Nature::Unmaintained,
        Some("unsound") => Nature::Unsound,
        Some(_) => Nature::Notice,
        None if id.starts_with("MAL-") => Nature::Malicious,
        None => Nature::Flaw,
    }
}

fn rate(severities: &Option<Vec<Severity<'_>>>, source: &str, ratings: &mut Vec<Rating>) {
    for Severity { kind, score } in severities.iter().flatten() {
        match kind.starts_with("CVSS") {
            true => ratings.extend(Rating::vector(source, score)),
            false => ratings.extend(Rating::level(source, score)),
        }
    }
}

fn of_package(of: &OfPackage<'_>) -> Option<Affected> {
    let named = of.package.as_ref()?;
    let space = Space::of_osv(&named.ecosystem);
    let scheme = space.scheme()?;
    let ranges = of.ranges.as_deref().unwrap_or_default();
    let versions = of.versions.as_deref().unwrap_or_default();
    let (intervals, versions) = ranges::read(scheme, ranges, versions);
    if intervals.is_empty() && versions.is_empty() {
        return None;
    }
    let own = &of.ecosystem_specific;
    let word = own.word(|it| &it.urgency).or_else(|| own.word(|it| &it.severity));
    Some(Affected {
        package: space.tidy(&named.name).into_owned(),
        space,
        module: own.word(|it| &it.module).unwrap_or_default().to_owned(),
        intervals,
        versions,
        level: word.and_then(Level::parse),
        ..Affected::default()
    })
}

/// osv.dev's archive of each ecosystem, and what changed in it.
pub(super) const REMOTE: Remote = Remote {
    name: "osv",
    files: |_| {
        let archive = |ecosystem: &str| {
            let base = "https://osv-vulnerabilities.storage.googleapis.com";
            let base = format!("{base}/{}", escaped(ecosystem));
            let changes = Changes {
                list: format!("{base}/modified_id.csv"),
                base: format!("{base}/"),
                row: changed,
                until: Until::Fetched,
                most: 500,
            };
            let all = Wanted::file(format!("{base}/all.zip"));
            // Not all that are known here are there.
            Wanted { changes: Some(changes), ..all }.if_there()
        };
        Ok(known_ecosystems().into_iter().map(archive).collect())
    },
};

/// `2026-01-02T03:04:05Z,GHSA-aaaa-bbbb-cccc`.
fn changed(line: &str) -> Option<(String, String)> {
    let (time, id) = line.trim().split_once(',')?;
    Some((time.to_owned(), format!("{id}.json")))
}

#[cfg(test)]
mod tests;
