//! Archives of Java, and archives in them.
//!
//! An archive is what `META-INF/maven/…/pom.properties` says, each one a package: archives that hold what
//! they need have several. Without any it is what `MANIFEST.MF` says, or its name.

use std::{
    collections::BTreeSet,
    io::{Read, Seek},
};

use flate2::read::DeflateDecoder;
use image::Spool;
use rawzip::{
    CompressionMethod, RECOMMENDED_BUFFER_SIZE, ReaderAt, ZipArchive, ZipArchiveEntryWayfinder,
};

use super::manifest::Coordinates;
use crate::{Error, Extractor, Found, Input, Kind, Location, Package, Pattern, Setting};

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

const FORMAT: &str = "ZIP archive";
/// Most levels of archives in archives.
const MOST_LEVELS: usize = 6;
/// Most entries of one archive that are looked into.
const MOST_ENTRIES: usize = 10_000;
/// Longest name of an entry that is looked into.
const LONGEST_NAME_BYTES: usize = 4096;
/// Longest entry that says what an archive is; more than its begin is not needed.
const LONGEST_TEXT_BYTES: u64 = 256 << 10;
/// Most that is unpacked of one file, with all that is in it.
const MOST_UNPACKED_BYTES: u64 = 2 << 30;

fn archive(input: &mut Input<'_>, found: &mut Found) -> Result<(), Error> {
    let path = input.path();
    let mut reading = Reading { left_bytes: MOST_UNPACKED_BYTES, packages: BTreeSet::new() };
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
        let name = Some(name).filter(|name| name.len() <= LONGEST_NAME_BYTES)?;
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

struct Entry {
    role: Role,
    name: String,
    place: ZipArchiveEntryWayfinder,
    method: CompressionMethod,
}

/// A file while archives in it are read.
struct Reading {
    left_bytes: u64,
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
        let mut buffer = vec![0; RECOMMENDED_BUFFER_SIZE];
        let malformed = |error| Error::malformed(FORMAT, error);
        let archive = ZipArchive::from_seekable(content, &mut buffer).map_err(malformed)?;
        let (entries, whole) = entries(&archive, &mut buffer);
        self.say_what_it_is(&archive, &entries, name, place)?;
        let mut result = whole;
        for entry in entries.iter().filter(|entry| entry.role == Role::Archive) {
            if level + 1 == MOST_LEVELS {
                let limit = MOST_LEVELS as u64;
                return Err(Error::Limit { what: "the archive", limit, unit: "levels" });
            }
            let place = format!("{place}!/{}", entry.name);
            let mut spool = Spool::default();
            let read = self
                .unpack(&archive, entry, u64::MAX, |from, most| Ok(spool.fill(from, most)?))
                .and_then(|()| self.archive(&mut spool, &entry.name, &place, level + 1));
            result = result.and(read);
        }
        result
    }

    fn say_what_it_is<R: ReaderAt>(
        &mut self,
        archive: &ZipArchive<R>,
        entries: &[Entry],
        name: &str,
        place: &str,
    ) -> Result<(), Error> {
        let mut said = Vec::new();
        for entry in entries.iter().filter(|entry| entry.role == Role::Properties) {
            said.extend(Coordinates::of_properties(&self.text(archive, entry)?));
        }
        if said.is_empty() {
            let named = Coordinates::of_name(name);
            let manifest = match entries.iter().find(|entry| entry.role == Role::Manifest) {
                Some(entry) => {
                    Coordinates::of_manifest(&self.text(archive, entry)?, named.as_ref())
                }
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

    fn text<R: ReaderAt>(
        &mut self,
        archive: &ZipArchive<R>,
        entry: &Entry,
    ) -> Result<String, Error> {
        let mut bytes = Vec::new();
        self.unpack(archive, entry, LONGEST_TEXT_BYTES, |from, most| {
            from.take(most).read_to_end(&mut bytes)?;
            Ok(())
        })?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// Hands on the bytes of an entry, and how many of them may be read.
    fn unpack<R: ReaderAt>(
        &mut self,
        archive: &ZipArchive<R>,
        entry: &Entry,
        most: u64,
        take: impl FnOnce(&mut dyn Read, u64) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let body =
            archive.get_entry(entry.place).map_err(|error| Error::malformed(FORMAT, error))?;
        let packed = body.reader();
        let mut unpacked: Box<dyn Read + '_> = match entry.method {
            CompressionMethod::STORE => Box::new(packed),
            CompressionMethod::DEFLATE => Box::new(DeflateDecoder::new(packed)),
            _ => {
                let why = format!("'{}' is packed in a way that Java does not know", entry.name);
                return Err(Error::Unsupported(why));
            }
        };
        let mut counted = Counted { inner: &mut unpacked, left_bytes: self.left_bytes.min(most) };
        let before = counted.left_bytes;
        let taken = take(&mut counted, most);
        self.left_bytes -= before - counted.left_bytes;
        if self.left_bytes == 0 {
            let limit = MOST_UNPACKED_BYTES;
            return Err(Error::Limit { what: "what is in the archive", limit, unit: "bytes" });
        }
        taken
    }
}

/// Ends where no more may be read.
struct Counted<'a, R: ?Sized> {
    inner: &'a mut R,
    left_bytes: u64,
}

impl<R: Read + ?Sized> Read for Counted<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = (&mut *self.inner).take(self.left_bytes).read(buffer)?;
        self.left_bytes = self.left_bytes.saturating_sub(read as u64);
        Ok(read)
    }
}

/// Entries that say what an archive is, or are archives, up to where its table can be read.
fn entries<R: ReaderAt>(
    archive: &ZipArchive<R>,
    buffer: &mut [u8],
) -> (Vec<Entry>, Result<(), Error>) {
    let mut found = Vec::new();
    let mut table = archive.entries(buffer);
    loop {
        match table.next_entry() {
            Ok(Some(record)) => {
                let path = record.file_path();
                let name: &[u8] = path.as_ref();
                let Some(role) = Role::of(name) else { continue };
                if found.len() == MOST_ENTRIES {
                    let limit = MOST_ENTRIES as u64;
                    let error = Error::Limit { what: "the archive", limit, unit: "archives in it" };
                    return (found, Err(error));
                }
                found.push(Entry {
                    role,
                    name: String::from_utf8_lossy(name).into_owned(),
                    place: record.wayfinder(),
                    method: record.compression_method(),
                });
            }
            Ok(None) => return (found, Ok(())),
            Err(error) => return (found, Err(Error::malformed(FORMAT, error))),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;
    use crate::extractors::{found, input};

    /// An archive of these files.
    fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut out = Vec::new();
        let mut archive = rawzip::ZipArchiveWriter::new(&mut out);
        for (at, (name, bytes)) in files.iter().enumerate() {
            let method =
                if at % 2 == 0 { CompressionMethod::DEFLATE } else { CompressionMethod::STORE };
            let (mut entry, config) =
                archive.new_file(name).compression_method(method).start().unwrap();
            let descriptor = if method == CompressionMethod::STORE {
                let mut writer = config.wrap(&mut entry);
                writer.write_all(bytes).unwrap();
                writer.finish().unwrap().1
            } else {
                let level = flate2::Compression::fast();
                let mut writer = config.wrap(flate2::write::DeflateEncoder::new(&mut entry, level));
                writer.write_all(bytes).unwrap();
                let (encoder, descriptor) = writer.finish().unwrap();
                encoder.finish().unwrap();
                descriptor
            };
            entry.finish(descriptor).unwrap();
        }
        archive.finish().unwrap();
        out
    }

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
        let mut reading = Reading { left_bytes: 40, packages: BTreeSet::new() };
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
