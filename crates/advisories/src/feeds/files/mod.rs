//! Files of a path: itself, those in folders and archives, and what is packed.
//!
//! Bounds: [`Limits`]; archives lie in folders, and not in each other. Links are not followed.
//!
//! What is packed, and archives, are read to their ends: only there does it show whether they are whole.

mod tar;
#[cfg(test)]
mod tests;
mod zip;

use std::{
    fs,
    io::{self, Read},
    path::{Path, PathBuf},
};

use flate2::read::MultiGzDecoder;

use crate::Error;

/// Most levels of folders.
const MOST_LEVELS: usize = 16;

/// What files may have at most.
#[derive(Clone, Copy, Debug)]
struct Limits {
    /// Bytes of a file that stands by itself, unpacked.
    file: u64,
    /// Bytes that it may have however well it is packed; beyond, [`Limits::times`] counts.
    packed: u64,
    /// So many times as much as it has may a packed file unpack to. Archives of the same text again and again have
    /// more, but these are not kept in memory as a whole.
    times: u64,
    /// Bytes of a file in an archive, unpacked.
    entry: u64,
    /// Bytes of all files of an archive, unpacked. Red Hat's has some 20 GB.
    archive: u64,
    /// Files of an archive.
    entries: u64,
}

const LIMITS: Limits = Limits {
    file: 1 << 30,
    packed: 64 << 20,
    times: 250,
    entry: 256 << 20,
    archive: 128 << 30,
    entries: 4_000_000,
};

/// Why something cannot be read to its end.
enum Unread {
    /// It can't be read, or is not whole.
    Io(io::Error),
    /// It has more than it may.
    TooMuch(String),
    /// It is not what it should be.
    Wrong(String),
}

impl From<io::Error> for Unread {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl Unread {
    fn within(self, name: &str) -> Self {
        let within = |why: String| format!("{name}: {why}");
        match self {
            Self::Io(error) if error.raw_os_error().is_some() => Self::Io(error),
            Self::Io(error) => Self::Wrong(within(broken(&error))),
            Self::TooMuch(why) => Self::TooMuch(within(why)),
            Self::Wrong(why) => Self::Wrong(within(why)),
        }
    }

    fn of(self, path: &Path) -> Error {
        let why = match self {
            // The machine's own words.
            Self::Io(error) if error.raw_os_error().is_some() => return Error::file(path)(error),
            Self::Io(error) => broken(&error),
            Self::TooMuch(why) | Self::Wrong(why) => why,
        };
        feed(path, why)
    }
}

/// What is wrong with what is packed, or with an archive.
fn broken(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => "is cut short; get it again".to_owned(),
        _ => format!("is damaged: {error}; get it again"),
    }
}

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

/// Whether a file is packed or an archive, by its name, so that it has something at least.
fn is_packed(name: &str) -> bool {
    [".zip", ".tar", ".tgz", ".gz", ".bz2", ".zst"].iter().any(|end| name.ends_with(end))
}

/// What takes files; it says what is wrong with one.
type Take<'a> = &'a mut dyn FnMut(File<'_>) -> Result<(), String>;

/// Hands on each file of a path, in the order of their names.
///
/// # Errors
/// If one can't be read, is too large, is not whole, or is not taken.
pub(super) fn each(path: &Path, take: Take<'_>) -> Result<(), Error> {
    each_within(path, &LIMITS, take)
}

fn each_within(path: &Path, limits: &Limits, take: Take<'_>) -> Result<(), Error> {
    let base = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let folder = base.parent().and_then(Path::file_name).map(|it| it.to_string_lossy());
    let name = base.file_name().map(|it| it.to_string_lossy()).unwrap_or_default();
    let name = format!("{}/{name}", folder.unwrap_or_default());
    let metadata = fs::metadata(path).map_err(Error::file(path))?;
    match metadata.is_dir() {
        true => folders(path, &name, 0, limits, take),
        false => file(path, &name, limits, take),
    }
}

fn folders(
    path: &Path,
    name: &str,
    level: usize,
    limits: &Limits,
    take: Take<'_>,
) -> Result<(), Error> {
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
            folders(&path, &name, level + 1, limits, take)?;
        } else if kind.is_file() {
            file(&path, &name, limits, take)?;
        }
    }
    Ok(())
}

fn file(path: &Path, name: &str, limits: &Limits, take: Take<'_>) -> Result<(), Error> {
    let opened = fs::File::open(path).map_err(Error::file(path))?;
    read(opened, name, limits, take).map_err(|unread| unread.of(path))
}

fn read(opened: fs::File, name: &str, limits: &Limits, take: Take<'_>) -> Result<(), Unread> {
    if opened.metadata()?.len() == 0 && is_packed(name) {
        return Err(Unread::Wrong("is empty; get it again".to_owned()));
    }
    if name.ends_with(".zip") {
        return zip::each(name, opened, limits, take);
    }
    let packed_bytes = opened.metadata()?.len();
    let (base, ending) = name.rsplit_once('.').unwrap_or((name, ""));
    let tgz = format!("{base}.tar");
    let (name, mut unpacked): (&str, Box<dyn Read>) = match ending {
        "gz" => (base, Box::new(MultiGzDecoder::new(opened))),
        "tgz" => (&tgz, Box::new(MultiGzDecoder::new(opened))),
        "bz2" => (base, Box::new(bzip2::read::MultiBzDecoder::new(opened))),
        "zst" => (base, Box::new(zstd::stream::read::Decoder::new(opened)?)),
        _ => (name, Box::new(opened)),
    };
    if name.ends_with(".tar") {
        return tar::each(name, &mut unpacked, limits, take);
    }
    let is_packed = matches!(ending, "gz" | "bz2" | "zst");
    let of_packed = packed_bytes.saturating_mul(limits.times).saturating_add(limits.packed);
    let most = if is_packed { limits.file.min(of_packed) } else { limits.file };
    let mut bytes = Vec::new();
    if whole(&mut unpacked, most, &mut bytes)? == Extent::All {
        return take(File { name, bytes: &bytes }).map_err(Unread::Wrong);
    }
    let (file, packed) = (told(limits.file), told(limits.packed));
    Err(Unread::TooMuch(match most < limits.file {
        true => format!(
            "unpacks to more than {} times its own size and {packed}, which is the limit",
            limits.times
        ),
        false => format!("has more than {file}, which is the limit of a file"),
    }))
}

/// What was read of something.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Extent {
    All,
    /// There is more than there may be.
    TooMuch,
}

/// Reads to the end, which has to come before too much has.
fn whole(from: &mut dyn Read, most: u64, bytes: &mut Vec<u8>) -> io::Result<Extent> {
    bytes.clear();
    let read = from.take(most.saturating_add(1)).read_to_end(bytes)?;
    Ok(if read as u64 > most { Extent::TooMuch } else { Extent::All })
}

/// What is left of an archive's bounds.
struct Left<'a> {
    limits: &'a Limits,
    bytes: u64,
    entries: u64,
}

impl<'a> Left<'a> {
    fn of(limits: &'a Limits) -> Self {
        Self { limits, bytes: limits.archive, entries: limits.entries }
    }

    /// One more entry, whatever it is.
    fn entry(&mut self) -> Result<(), Unread> {
        let most = self.limits.entries;
        let left = self.entries.checked_sub(1);
        self.entries = left.ok_or_else(|| {
            Unread::TooMuch(format!(
                "has more than {most} entries, which is the limit of an archive"
            ))
        })?;
        Ok(())
    }

    /// Bytes of it.
    fn take(&mut self, bytes: u64) -> Result<(), Unread> {
        self.bytes = self.bytes.checked_sub(bytes).ok_or_else(|| {
            let most = told(self.limits.archive);
            Unread::TooMuch(format!(
                "unpacks to more than {most}, which is the limit of an archive"
            ))
        })?;
        Ok(())
    }

    /// One of its files was read.
    fn unpacked(&mut self, bytes: &[u8]) -> Result<(), Unread> {
        self.take(bytes.len() as u64)?;
        if bytes.len() as u64 <= self.limits.entry { Ok(()) } else { Err(self.too_large()) }
    }

    fn too_large(&self) -> Unread {
        let most = told(self.limits.entry);
        Unread::TooMuch(format!("has more than {most}, which is the limit of a file in an archive"))
    }

    /// Reads one of its files.
    fn file(&mut self, from: &mut dyn Read, bytes: &mut Vec<u8>) -> Result<(), Unread> {
        let entry = self.limits.entry;
        let extent = whole(from, entry.min(self.bytes), bytes)?;
        self.take(bytes.len() as u64)?;
        match extent {
            Extent::All => Ok(()),
            Extent::TooMuch => Err(self.too_large()),
        }
    }
}

/// A number of bytes, in the largest unit of which it is whole.
fn told(bytes: u64) -> String {
    let units = [(30, "GiB"), (20, "MiB"), (10, "KiB")];
    let unit = units.into_iter().find(|(shift, _)| bytes >> shift << shift == bytes && bytes > 0);
    match unit {
        Some((shift, unit)) => format!("{} {unit}", bytes >> shift),
        None => format!("{bytes} bytes"),
    }
}

fn feed(path: &Path, why: String) -> Error {
    Error::Feed { path: PathBuf::from(path), why }
}
