//! Files of a path: itself, those in folders and archives, and what is packed.
//!
//! Bounds: a file has [`MOST_BYTES`], one in an archive [`MOST_ENTRY_BYTES`]; archives lie in folders, and not in
//! each other. Links are not followed.

use std::{
    fs,
    io::{self, Read},
    path::{Path, PathBuf},
};

use flate2::read::{DeflateDecoder, GzDecoder};
use rawzip::{CompressionMethod, RECOMMENDED_BUFFER_SIZE, ZipArchive};

use crate::Error;

/// Most bytes of a file that stands by itself, unpacked.
const MOST_BYTES: u64 = 2 << 30;
/// Most bytes of a file in an archive, unpacked.
const MOST_ENTRY_BYTES: u64 = 256 << 20;
/// Most levels of folders.
const MOST_LEVELS: usize = 16;

/// A file of a feed.
#[derive(Clone, Copy, Debug)]
pub(super) struct File<'a> {
    /// Where it is, from the path that was asked for: with the folder that it lies in.
    pub(super) name: &'a str,
    /// What it has.
    pub(super) bytes: &'a [u8],
}

impl File<'_> {
    /// Whether its begin has a text.
    pub(super) fn begins_with(&self, most_bytes: usize, text: &str) -> bool {
        let begin = self.bytes.get(..most_bytes).unwrap_or(self.bytes);
        memchr::memmem::find(begin, text.as_bytes()).is_some()
    }

    /// The first byte that is no white space.
    pub(super) fn first(&self) -> Option<u8> {
        self.bytes.iter().copied().find(|byte| !byte.is_ascii_whitespace())
    }

    /// Its own name, without folders.
    pub(super) fn base(&self) -> &str {
        self.name.rsplit('/').next().unwrap_or(self.name)
    }

    /// Where it lies: its name without its own.
    pub(super) fn path(&self) -> &str {
        self.name.rsplit_once('/').map_or("", |(path, _)| path)
    }

    /// The name of the folder that it lies in, or of that of its archive.
    pub(super) fn folder(&self) -> Option<&str> {
        let mut names = self.name.rsplit('/').skip(1);
        names.find(|name| !name.ends_with(".zip") && !name.contains(".tar"))
    }
}

/// Whether a file is an archive of others, by its name.
pub(super) fn is_archive(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    let packed = [".gz", ".bz2", ".zst"].iter().find_map(|end| name.strip_suffix(end));
    let name = packed.unwrap_or(&name);
    [".zip", ".tar", ".tgz"].iter().any(|end| name.ends_with(end))
}

/// What takes files; it says what is wrong with one.
type Take<'a> = &'a mut dyn FnMut(File<'_>) -> Result<(), String>;

/// Hands on each file of a path, in the order of their names.
///
/// # Errors
/// If one can't be read, is too large, or is not taken.
pub(super) fn each(path: &Path, take: Take<'_>) -> Result<(), Error> {
    let base = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let folder = base.parent().and_then(Path::file_name).map(|it| it.to_string_lossy());
    let name = base.file_name().map(|it| it.to_string_lossy()).unwrap_or_default();
    let name = format!("{}/{name}", folder.unwrap_or_default());
    let metadata = fs::metadata(path).map_err(Error::file(path))?;
    if metadata.is_dir() { folders(path, &name, 0, take) } else { file(path, &name, take) }
}

fn folders(path: &Path, name: &str, level: usize, take: Take<'_>) -> Result<(), Error> {
    if level == MOST_LEVELS {
        return Err(feed(path, format!("is more than {MOST_LEVELS} folders deep")));
    }
    let listed = fs::read_dir(path).map_err(Error::file(path))?;
    let mut listed = listed.collect::<io::Result<Vec<_>>>().map_err(Error::file(path))?;
    listed.sort_by_key(fs::DirEntry::file_name);
    for entry in listed {
        let (path, base) = (entry.path(), entry.file_name());
        let base = base.to_string_lossy();
        let kind = entry.file_type().map_err(Error::file(&path))?;
        let name = format!("{name}/{base}");
        if kind.is_dir() && !base.starts_with('.') {
            folders(&path, &name, level + 1, take)?;
        } else if kind.is_file() {
            file(&path, &name, take)?;
        }
    }
    Ok(())
}

fn file(path: &Path, name: &str, take: Take<'_>) -> Result<(), Error> {
    let opened = fs::File::open(path).map_err(Error::file(path))?;
    if name.ends_with(".zip") {
        return zip(path, name, opened, take);
    }
    let (name, mut unpacked): (&str, Box<dyn Read>) = match name.rsplit_once('.') {
        Some((name, "gz")) => (name, Box::new(GzDecoder::new(opened))),
        Some((name, "bz2")) => (name, Box::new(bzip2::read::MultiBzDecoder::new(opened))),
        Some((name, "tgz")) => {
            return tar(path, &format!("{name}.tar"), &mut GzDecoder::new(opened), take);
        }
        Some((name, "zst")) => {
            let decoder = zstd::stream::read::Decoder::new(opened).map_err(Error::file(path))?;
            (name, Box::new(decoder))
        }
        _ => (name, Box::new(opened)),
    };
    if name.ends_with(".tar") {
        return tar(path, name, &mut unpacked, take);
    }
    let mut bytes = Vec::new();
    whole(&mut unpacked, MOST_BYTES, &mut bytes).map_err(Error::file(path))?;
    take(File { name, bytes: &bytes }).map_err(|why| feed(path, why))
}

fn tar(path: &Path, name: &str, from: &mut dyn Read, take: Take<'_>) -> Result<(), Error> {
    let mut archive = tar::Archive::new(from);
    let mut bytes = Vec::new();
    for entry in archive.entries().map_err(Error::file(path))? {
        let mut entry = entry.map_err(Error::file(path))?;
        if !entry.header().entry_type().is_file() {
            continue;
        }
        let within = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let in_archive = format!("{name}/{}", within.trim_start_matches("./"));
        whole(&mut entry, MOST_ENTRY_BYTES, &mut bytes).map_err(Error::file(path))?;
        take(File { name: &in_archive, bytes: &bytes })
            .map_err(|why| feed(path, format!("{within}: {why}")))?;
    }
    Ok(())
}

fn zip(path: &Path, name: &str, file: fs::File, take: Take<'_>) -> Result<(), Error> {
    let malformed = |error: rawzip::Error| feed(path, format!("is no ZIP archive: {error}"));
    let mut buffer = vec![0; RECOMMENDED_BUFFER_SIZE];
    let archive = ZipArchive::from_file(file, &mut buffer).map_err(malformed)?;
    let mut table = archive.entries(&mut buffer);
    let mut bytes = Vec::new();
    // To make one anew for each file would take as long as to unpack a small one.
    let mut inflater = None;
    while let Some(record) = table.next_entry().map_err(malformed)? {
        let within = String::from_utf8_lossy(record.file_path().as_ref()).into_owned();
        if within.ends_with('/') {
            continue;
        }
        let entry = archive.get_entry(record.wayfinder()).map_err(malformed)?;
        let read = match record.compression_method() {
            CompressionMethod::STORE => {
                whole(&mut entry.verifying_reader(entry.reader()), MOST_ENTRY_BYTES, &mut bytes)
            }
            CompressionMethod::DEFLATE => {
                let unpacked = match &mut inflater {
                    Some(inflater) => {
                        DeflateDecoder::reset(inflater, entry.reader());
                        inflater
                    }
                    none => none.insert(DeflateDecoder::new(entry.reader())),
                };
                whole(&mut entry.verifying_reader(unpacked), MOST_ENTRY_BYTES, &mut bytes)
            }
            _ => Err(io::Error::other("is packed in a way that is not known")),
        };
        let told = read.map_err(|error| error.to_string()).and_then(|()| {
            let name = format!("{name}/{within}");
            take(File { name: &name, bytes: &bytes })
        });
        told.map_err(|why| feed(path, format!("{within}: {why}")))?;
    }
    Ok(())
}

/// Reads to the end, which has to come before too much has.
fn whole(from: &mut dyn Read, most: u64, bytes: &mut Vec<u8>) -> io::Result<()> {
    bytes.clear();
    let read = from.take(most + 1).read_to_end(bytes)?;
    match read as u64 > most {
        true => Err(io::Error::other(format!("has more than {most} bytes, which is the limit"))),
        false => Ok(()),
    }
}

fn feed(path: &Path, why: String) -> Error {
    Error::Feed { path: PathBuf::from(path), why }
}
