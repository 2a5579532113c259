//! A part: what is kept of one feed, in one file.
//!
//! ```text
//! magic │ blocks of both tables │ list of blocks │ header (JSON) │ where they are │ magic
//! ```
//!
//! Everything between the magics is frames of zstd with checksums. The header is at the end, so that a file
//! that is not whole has none. A file is never changed, only replaced: whoever has it open goes on with what
//! was there.

use std::{
    fs::File,
    io::{self, BufWriter, Write},
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use super::{
    codec::Bytes,
    rows::{Details, Entry, package_key},
    runs::{Row, Rows},
    table::{self, At, Counted, Cursor, Index, Lookup, Table},
};
use crate::{Error, Space};

/// Begins and ends a part; the last byte is the version of its form.
const MAGIC: [u8; 8] = *b"WKADVIS\x02";
/// Two lengths and the magic.
const END_BYTES: usize = 24;
/// Most bytes of the header or of the list of blocks, as stored.
const MOST_HEAD_BYTES: u64 = 64 << 20;
/// So many bytes the header or the list of blocks may have for each byte of the file, and beside.
const MOST_HEAD_RATIO: u64 = 8;
const MOST_HEAD_BESIDE_BYTES: u64 = 1 << 20;

/// What a part says of itself.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Header {
    /// The name of the feed: `debian`, `osv-pypi`.
    pub feed: String,
    /// Where it was read from.
    pub source: String,
    /// When what is newest in it is of, as the feed says; empty where it does not.
    pub newest: String,
    /// When it was read (RFC 3339).
    pub imported: String,
    /// How many advisories.
    pub advisories: u64,
    /// How many statements on packages.
    pub entries: u64,
    /// The spaces that it tells of, in order.
    pub spaces: Vec<String>,
    /// Those of them that its feed tells all of, in order.
    #[serde(default)]
    pub whole: Vec<String>,
    /// Those that archives and folders tell of that were put together with what the feed has, in order.
    #[serde(default)]
    pub gathered: Vec<String>,
}

/// An open part. Any number of readers may have one.
#[derive(Debug)]
pub struct Part {
    path: PathBuf,
    file: Stored,
    header: Header,
    packages: Index,
    ids: Index,
}

#[derive(Debug)]
struct Stored(File);

impl At for Stored {
    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        self.0.read_exact_at(buffer, offset)
    }
}

/// A part that is written: its ids first, then its packages.
pub(super) struct Writer(Counted<BufWriter<File>>);

impl Writer {
    pub(super) fn new(file: File) -> io::Result<Self> {
        let mut out = Counted::new(BufWriter::with_capacity(256 << 10, file));
        out.write_all(&MAGIC)?;
        Ok(Self(out))
    }

    pub(super) fn table(&mut self) -> io::Result<Table<'_, BufWriter<File>>> {
        Table::new(&mut self.0)
    }

    pub(super) fn finish(self, header: &Header, packages: &Index, ids: &Index) -> io::Result<File> {
        let Self(mut out) = self;
        let mut blocks = Vec::new();
        packages.write(&mut blocks);
        ids.write(&mut blocks);
        let blocks = table::pack(&blocks)?;
        let header = table::pack(&serde_json::to_vec(header)?)?;
        out.write_all(&blocks)?;
        out.write_all(&header)?;
        out.write_all(&(blocks.len() as u64).to_le_bytes())?;
        out.write_all(&(header.len() as u64).to_le_bytes())?;
        out.write_all(&MAGIC)?;
        out.into_inner().into_inner().map_err(io::IntoInnerError::into_error)
    }
}

impl Part {
    /// Opens a part.
    ///
    /// # Errors
    /// If it can't be read, or is not what this program writes.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let file = File::open(path).map_err(Error::file(path))?;
        Self::of(file, path)
    }

    /// Takes an open file for a part; the path is for messages.
    ///
    /// # Errors
    /// As [`Part::open`].
    pub fn of(file: File, path: &Path) -> Result<Self, Error> {
        let length = file.metadata().map_err(Error::file(path))?.len();
        let damaged = |why: &str| Error::Damaged { path: path.to_owned(), why: why.to_owned() };
        let mut end = [0; END_BYTES];
        let end_at = length.checked_sub(END_BYTES as u64).ok_or_else(|| damaged("is cut off"))?;
        file.read_exact_at(&mut end, end_at).map_err(Error::file(path))?;
        let number = |at: usize| {
            let bytes = end.get(at..at + 8).and_then(|bytes| bytes.try_into().ok());
            u64::from_le_bytes(bytes.unwrap_or([0xff; 8]))
        };
        match end.last_chunk::<8>() {
            Some(magic) if *magic == MAGIC => {}
            Some(magic) if magic.starts_with(b"WKADVIS") => {
                return Err(damaged("is of another version of this program"));
            }
            _ => return Err(damaged("is cut off, or no part of a database of advisories")),
        }
        let (blocks_bytes, header_bytes) = (number(0), number(8));
        let total = blocks_bytes.checked_add(header_bytes);
        let at = total.and_then(|total| end_at.checked_sub(total));
        let at = at.filter(|_| blocks_bytes.max(header_bytes) <= MOST_HEAD_BYTES);
        let at = at.ok_or_else(|| damaged("has lengths that cannot be"))?;
        let frame = |bytes: u64, at: u64| -> Result<Vec<u8>, Error> {
            let mut stored = vec![0; bytes as usize];
            file.read_exact_at(&mut stored, at).map_err(Error::file(path))?;
            let most = length.saturating_mul(MOST_HEAD_RATIO) + MOST_HEAD_BESIDE_BYTES;
            let most = most.min(MOST_HEAD_BYTES) as usize;
            table::unpack_within(&stored, most).map_err(|error| damaged(&error.to_string()))
        };
        let header = frame(header_bytes, at + blocks_bytes)?;
        let header =
            serde_json::from_slice(&header).map_err(|error| damaged(&error.to_string()))?;
        let blocks = frame(blocks_bytes, at)?;
        let mut blocks = Bytes(&blocks);
        let both = Index::read(&mut blocks, at).zip(Index::read(&mut blocks, at));
        let (packages, ids) = both.ok_or_else(|| damaged("has a list of blocks that is none"))?;
        Ok(Self { path: path.to_owned(), file: Stored(file), header, packages, ids })
    }

    /// What it says of itself.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// Whether it was opened there.
    pub(super) fn is_at(&self, path: &Path) -> bool {
        self.path == path
    }

    /// How large its file is.
    ///
    /// # Errors
    /// If that can't be told.
    pub fn size_bytes(&self) -> Result<u64, Error> {
        Ok(self.file.0.metadata().map_err(Error::file(&self.path))?.len())
    }

    /// Writes its file there, as it is.
    ///
    /// # Errors
    /// If it can't be read or written.
    pub fn copy_to(&self, out: &mut dyn Write) -> io::Result<u64> {
        let length = self.file.0.metadata()?.len();
        let (mut at, mut chunk) = (0, vec![0; 256 << 10]);
        while at < length {
            let read = self.file.0.read_at(&mut chunk, at)?;
            if read == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            out.write_all(chunk.get(..read).unwrap_or_default())?;
            at += read as u64;
        }
        Ok(length)
    }

    /// Reads all of it, and tells whether it is as it was written.
    ///
    /// # Errors
    /// If it can't be read, or is damaged.
    pub fn check(&self) -> Result<(), Error> {
        let mut tables = [&self.packages, &self.ids].into_iter();
        tables.try_for_each(|index| index.check(&self.file).map_err(|error| self.damaged(error)))
    }

    /// Whether it tells anything of a space.
    pub fn has(&self, space: &Space) -> bool {
        is_in(&self.header.spaces, space)
    }

    /// Whether what it does not tell of a space is not known to be wrong: single records do not make a space
    /// one that is known.
    pub fn covers(&self, space: &Space) -> bool {
        is_in(&self.header.whole, space) || is_in(&self.header.gathered, space)
    }

    /// What is said of advisories, row by row.
    pub(super) fn id_rows(&self) -> impl Rows {
        Cursor::new(&self.ids, &self.file)
    }

    /// What is said of packages, row by row.
    pub(super) fn package_rows(&self) -> impl Rows {
        Cursor::new(&self.packages, &self.file)
    }

    /// What is said of each of these packages. They are looked up fastest in the order of their spaces and
    /// names.
    ///
    /// # Errors
    /// If the file can't be read, or is damaged.
    pub fn entries<'a>(
        &self,
        packages: impl Iterator<Item = (&'a Space, &'a str)>,
    ) -> Result<Vec<Vec<Entry>>, Error> {
        let mut lookup = Lookup::new(&self.packages, &self.file);
        let read = |(space, package): (&Space, &str)| {
            let value = lookup.get(&package_key(space, package)).map_err(|e| self.damaged(e))?;
            let mut bytes = Bytes(value.unwrap_or_default());
            let mut entries = Vec::new();
            while !bytes.is_empty() {
                let entry = Entry::read(&mut bytes);
                entries.push(entry.ok_or_else(|| self.damaged("has an entry that is none"))?);
            }
            Ok(entries)
        };
        packages.map(read).collect()
    }

    /// What each of these advisories says, where it has them. They are looked up fastest in their order.
    ///
    /// # Errors
    /// If the file can't be read, or is damaged.
    pub fn details<'a>(
        &self,
        ids: impl Iterator<Item = &'a str>,
    ) -> Result<Vec<Option<Details>>, Error> {
        let mut lookup = Lookup::new(&self.ids, &self.file);
        let read = |id: &str| {
            let value = lookup.get(id.as_bytes()).map_err(|error| self.damaged(error))?;
            let Some(value) = value else { return Ok(None) };
            let details = Details::read(&mut Bytes(value));
            details.map(Some).ok_or_else(|| self.damaged("has an advisory that is none"))
        };
        ids.map(read).collect()
    }

    /// Tells of all entries, by their packages.
    ///
    /// # Errors
    /// If the file can't be read, or is damaged.
    pub fn each_entry(&self, mut told: impl FnMut(Entry)) -> Result<(), Error> {
        let (mut rows, mut row) = (self.package_rows(), Row::default());
        while rows.next(&mut row).map_err(|error| self.damaged(error))? {
            let at = row.key.iter().position(|byte| *byte == 0);
            let (space, package) =
                at.and_then(|at| row.key.split_at_checked(at)).unwrap_or_default();
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            let mut bytes = Bytes(&row.value);
            while !bytes.is_empty() {
                let entry = Entry::read(&mut bytes);
                let mut entry = entry.ok_or_else(|| self.damaged("has an entry that is none"))?;
                entry.affected.space = Space::named(text(space));
                entry.affected.package = text(package.get(1..).unwrap_or_default());
                told(entry);
            }
        }
        Ok(())
    }

    fn damaged(&self, why: impl ToString) -> Error {
        Error::Damaged { path: self.path.clone(), why: why.to_string() }
    }
}

fn is_in(spaces: &[String], space: &Space) -> bool {
    spaces.binary_search_by(|it| it.as_str().cmp(space.as_str())).is_ok()
}
