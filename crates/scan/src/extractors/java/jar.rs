//! Archives of Java, and archives in them.
//!
//! An archive is what `META-INF/maven/…/pom.properties` says, each one a package: archives that hold what
//! they need have several. Without any it is what `MANIFEST.MF` says, or its name.

use std::{
    collections::BTreeSet,
    io::{Read, Seek},
};

use image::Spool;
use rawzip::ReaderAt;

use super::manifest::Coordinates;
use crate::{
    Error, Extractor, Found, Input, Kind, Location, Package, Pattern, Setting,
    extractors::zip::{self, Archive, Budget, Entry},
};

/// Archives.
pub(crate) const ARCHIVE: Extractor = Extractor {
    name: "jar",
    about: "packages of Java in archives",
    setting: Setting::Installed,
    files: &[
        Pattern::Suffix(".jar"),
        Pattern::Suffix(".war"),
        Pattern::Suffix(".ear"),
        Pattern::Suffix(".par"),
        Pattern::Suffix(".hpi"),
        Pattern::Suffix(".jpi"),
    ],
    extract: archive,
};

/// Most levels of archives in archives.
const MOST_LEVELS: usize = 6;
/// Longest entry that says what an archive is; more than its begin is not needed.
const LONGEST_TEXT_BYTES: u64 = 256 << 10;

fn archive(input: &mut Input<'_>, found: &mut Found) -> Result<(), Error> {
    let path = input.path();
    let mut reading = Reading { budget: Budget::default(), packages: BTreeSet::new() };
    let read = reading.archive(input.content(), &path, "", 0);
    found.packages = reading.packages.into_iter().collect();
    read
}

/// What an entry is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Properties,
    Manifest,
    Archive,
}

impl Role {
    fn of(name: &[u8]) -> Option<Self> {
        let file = name.rsplit(|byte| *byte == b'/').next()?;
        let ends = |end: &&[u8]| file.ends_with(end) && file.len() > end.len();
        if file == b"pom.properties" {
            Some(Self::Properties)
        } else if name == b"META-INF/MANIFEST.MF" {
            Some(Self::Manifest)
        } else if [&b".jar"[..], b".war", b".ear", b".par"].iter().any(ends) {
            Some(Self::Archive)
        } else {
            None
        }
    }
}

/// A file while archives in it are read.
struct Reading {
    budget: Budget,
    packages: BTreeSet<Package>,
}

impl Reading {
    /// An archive of this name, which is at this place in the file. Those in it that can't be read do not
    /// hide the others.
    fn archive<R: Read + Seek>(
        &mut self,
        content: R,
        name: &str,
        place: &str,
        level: usize,
    ) -> Result<(), Error> {
        let mut archive = zip::open(content)?;
        let (entries, whole) = archive.entries(Role::of);
        self.say_what_it_is(&archive, &entries, name, place)?;
        let mut result = whole;
        for entry in entries.iter().filter(|entry| entry.what == Role::Archive) {
            if level + 1 == MOST_LEVELS {
                let limit = MOST_LEVELS as u64;
                return Err(Error::Limit { what: "the archive", limit, unit: "levels" });
            }
            let place = format!("{place}!/{}", entry.name);
            let mut spool = Spool::default();
            let read = self
                .budget
                .unpack(&archive, entry, u64::MAX, |from, most| Ok(spool.fill(from, most)?))
                .and_then(|()| self.archive(&mut spool, &entry.name, &place, level + 1));
            result = result.and(read);
        }
        result
    }

    fn say_what_it_is<R: ReaderAt>(
        &mut self,
        archive: &Archive<R>,
        entries: &[Entry<Role>],
        name: &str,
        place: &str,
    ) -> Result<(), Error> {
        let mut said = Vec::new();
        for entry in entries.iter().filter(|entry| entry.what == Role::Properties) {
            said.extend(Coordinates::of_properties(&self.budget.text(
                archive,
                entry,
                LONGEST_TEXT_BYTES,
            )?));
        }
        if said.is_empty() {
            let named = Coordinates::of_name(name);
            let manifest = match entries.iter().find(|entry| entry.what == Role::Manifest) {
                Some(entry) => Coordinates::of_manifest(
                    &self.budget.text(archive, entry, LONGEST_TEXT_BYTES)?,
                    named.as_ref(),
                ),
                None => None,
            };
            said.extend(manifest.or(named));
        }
        for coordinates in said {
            let mut package = Package::new(Kind::Maven, coordinates.name(), coordinates.version);
            package.locations.push(Location { path: place.to_owned(), layer: None });
            self.packages.insert(package);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extractors::{found, input, zip::testing::zip};

    /// What is found in an archive, with its places, and what was wrong.
    fn lines(path: &str, bytes: &[u8]) -> (Vec<String>, Option<String>) {
        let mut found = Found::default();
        let read = input(path, bytes, |input| (ARCHIVE.extract)(input, &mut found));
        let line = |it: &Package| format!("{} {} {}", it.name, it.version, it.locations[0].path);
        (found.packages.iter().map(line).collect(), read.err().map(|error| error.to_string()))
    }

    const PROPERTIES: &[u8] = b"groupId=a.b\nartifactId=c\nversion=1\n";
    const OTHER: &[u8] = b"groupId=a.b\nartifactId=other\nversion=2\n";
    const MANIFEST: &[u8] = b"Bundle-SymbolicName: x.y.z\nBundle-Version: 3\n";

    #[test]
    fn archives_say_what_they_are() {
        let properties = "META-INF/maven/a.b/c/pom.properties";
        for (path, files, expected) in [
            (
                "lib/c-1.jar",
                &[(properties, PROPERTIES), ("META-INF/MANIFEST.MF", MANIFEST)][..],
                &["a.b:c 1 "][..],
            ),
            (
                "all.jar",
                &[
                    ("x", b""),
                    (properties, PROPERTIES),
                    ("META-INF/maven/a.b/other/pom.properties", OTHER),
                ],
                &["a.b:c 1 ", "a.b:other 2 "],
            ),
            ("lib/z.jar", &[("META-INF/MANIFEST.MF", MANIFEST)], &["x.y:z 3 "]),
            ("lib/q-4.jar", &[("a.class", b"")], &["q 4 "]),
            ("lib/q.jar", &[("a.class", b"")], &[]),
        ] {
            assert_eq!(
                lines(path, &zip(files)),
                (expected.iter().map(|it| (*it).to_owned()).collect(), None)
            );
        }
    }

    #[test]
    fn archives_in_archives_are_read_with_their_places() {
        let inner = zip(&[("META-INF/maven/pom.properties", PROPERTIES)]);
        let war = zip(&[
            ("WEB-INF/lib/c-1.jar", &inner),
            ("WEB-INF/lib/broken-2.jar", b"no archive"),
            ("WEB-INF/lib/q-4.jar", &zip(&[])),
        ]);
        let ear = zip(&[("web.war", &war)]);
        let (found, error) = lines("a.ear", &ear);
        assert_eq!(
            found,
            ["a.b:c 1 !/web.war!/WEB-INF/lib/c-1.jar", "q 4 !/web.war!/WEB-INF/lib/q-4.jar"]
        );
        assert_eq!(error.unwrap(), "is no ZIP archive: Missing end of central directory");
    }

    #[test]
    fn archives_without_end_are_refused() {
        let mut nested = zip(&[("META-INF/maven/pom.properties", PROPERTIES)]);
        for _ in 0..MOST_LEVELS {
            nested = zip(&[("a.jar", &nested)]);
        }
        let (found, error) = lines("a.jar", &nested);
        assert_eq!(found, Vec::<String>::new());
        assert_eq!(error.unwrap(), "the archive has more than 6 levels, which is the limit");
        let long = [&b"groupId=a\nartifactId=b\nversion=1\n"[..], &vec![b'#'; 4 << 20]].concat();
        let (found, error) = lines("a.jar", &zip(&[("pom.properties", &long)]));
        assert_eq!((&found[..], error), (&["a:b 1 ".to_owned()][..], None));
    }

    #[test]
    fn what_may_be_unpacked_is_bounded_over_all() {
        let files = zip(&[("pom.properties", PROPERTIES), ("x/pom.properties", OTHER)]);
        let mut reading = Reading { budget: Budget { left_bytes: 40 }, packages: BTreeSet::new() };
        let error = reading.archive(std::io::Cursor::new(&files), "a.jar", "", 0).unwrap_err();
        assert!(error.to_string().starts_with("what is in the archive has more than"));
    }

    #[test]
    fn broken_archives_are_read_without_harm() {
        let inner = zip(&[("META-INF/maven/pom.properties", PROPERTIES)]);
        let whole = zip(&[("lib/c-1.jar", &inner), ("META-INF/MANIFEST.MF", MANIFEST)]);
        for end in 0..whole.len() {
            let _ = found(&ARCHIVE, "a.jar", &whole[..end]);
        }
        for at in 0..whole.len() {
            for value in [0, 0x7f, 0xff] {
                let mut changed = whole.clone();
                changed[at] = value;
                let _ = found(&ARCHIVE, "a.jar", changed);
            }
        }
    }
}
