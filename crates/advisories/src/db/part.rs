//! A part: what is kept of one feed, in one file.
//!
//! ```text
//! magic │ blocks of both tables │ dictionary │ list of blocks │ header (JSON) │ where they are │ magic
//! ```
//!
//! Everything between the magics is frames of zstd with checksums. The dictionary is that of the blocks of the table
//! by ids: what many lines for people have in common. The header is at the end, so that a file
//! that is not whole has none. A file is never changed, only replaced: whoever has it open goes on with what
//! was there.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::File,
    io::{self, BufWriter, Write},
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
    sync::OnceLock,
};

use serde::{Deserialize, Serialize};

use super::{
    codec::Bytes,
    rows::{Details, Entry, Statement, of_key, package_key},
    runs::{Row, Rows},
    table::{self, At, Counted, Cursor, Index, Lookup, MOST_DICTIONARY_BYTES, Table},
};
use crate::{Error, Space};

/// Begins and ends a part; the last byte is the version of its form.
const MAGIC: [u8; 8] = *b"WKADVIS\x03";
/// Three lengths and the magic.
const END_BYTES: usize = 32;
/// Most bytes of the dictionary, the header, or the list of blocks, as stored.
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

impl Header {
    /// When what is newest in it is of, as the feed says; none where it does not. What it has of the year 1 is no
    /// time, but what Go writes where there is none.
    pub fn newest(&self) -> Option<&str> {
        Some(&*self.newest).filter(|time| !time.is_empty() && !time.starts_with("0001-"))
    }
}

/// An open part. Any number of readers may have one.
#[derive(Debug)]
pub struct Part {
    path: PathBuf,
    file: Stored,
    header: Header,
    packages: Index,
    ids: Index,
    dictionary: Dictionary,
}

/// What blocks of the table by ids have in common, read when it is needed.
#[derive(Debug)]
struct Dictionary {
    at: u64,
    stored_bytes: usize,
    bytes: OnceLock<Vec<u8>>,
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

    pub(super) fn table(&mut self, dictionary: &[u8]) -> io::Result<Table<'_, BufWriter<File>>> {
        Table::new(&mut self.0, dictionary)
    }

    /// Writes what stands behind the tables. The dictionary is that of the one by ids.
    pub(super) fn finish(
        self,
        header: &Header,
        packages: &Index,
        ids: &Index,
        dictionary: &[u8],
    ) -> io::Result<File> {
        let Self(mut out) = self;
        let mut blocks = Vec::new();
        packages.write(&mut blocks);
        ids.write(&mut blocks);
        let blocks = table::pack(&blocks)?;
        let header = table::pack(&serde_json::to_vec(header)?)?;
        let dictionary = if dictionary.is_empty() { vec![] } else { table::pack(dictionary)? };
        let all = [&dictionary, &blocks, &header];
        all.iter().try_for_each(|bytes| out.write_all(bytes))?;
        all.iter().try_for_each(|bytes| out.write_all(&(bytes.len() as u64).to_le_bytes()))?;
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
        let lengths @ [dictionary_bytes, blocks_bytes, header_bytes] = [0, 8, 16].map(number);
        let total = lengths.iter().try_fold(0_u64, |total, it| total.checked_add(*it));
        let at = total.and_then(|total| end_at.checked_sub(total));
        let at = at.filter(|_| lengths.iter().all(|it| *it <= MOST_HEAD_BYTES));
        let tables_end = at.ok_or_else(|| damaged("has lengths that cannot be"))?;
        let at = tables_end + dictionary_bytes;
        let frame = |bytes: u64, at: u64| -> Result<Vec<u8>, Error> {
            let mut stored = vec![0; bytes as usize];
            file.read_exact_at(&mut stored, at).map_err(Error::file(path))?;
            let most = length.saturating_mul(MOST_HEAD_RATIO) + MOST_HEAD_BESIDE_BYTES;
            let most = most.min(MOST_HEAD_BYTES) as usize;
            table::unpack(&stored, most).map_err(|error| damaged(&error.to_string()))
        };
        let header = frame(header_bytes, at + blocks_bytes)?;
        let header =
            serde_json::from_slice(&header).map_err(|error| damaged(&error.to_string()))?;
        let blocks = frame(blocks_bytes, at)?;
        let mut blocks = Bytes(&blocks);
        let both = Index::read(&mut blocks, tables_end).zip(Index::read(&mut blocks, tables_end));
        let (packages, ids) = both.ok_or_else(|| damaged("has a list of blocks that is none"))?;
        let stored_bytes = dictionary_bytes as usize;
        let dictionary = Dictionary { at: tables_end, stored_bytes, bytes: OnceLock::new() };
        Ok(Self { path: path.to_owned(), file: Stored(file), header, packages, ids, dictionary })
    }

    /// What blocks of the table by ids have in common.
    pub(super) fn dictionary(&self) -> io::Result<&[u8]> {
        let Dictionary { at, stored_bytes, bytes } = &self.dictionary;
        if let Some(bytes) = bytes.get() {
            return Ok(bytes);
        }
        let mut stored = vec![0; *stored_bytes];
        self.file.read_exact_at(&mut stored, *at)?;
        let read = match stored.is_empty() {
            true => Vec::new(),
            false => table::unpack(&stored, MOST_DICTIONARY_BYTES)?,
        };
        Ok(bytes.get_or_init(|| read))
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
        let by_ids = || self.ids.check(&self.file, self.dictionary()?);
        let checked = self.packages.check(&self.file, &[]).and_then(|()| by_ids());
        checked.map_err(|error| self.damaged(error))
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
    pub(super) fn id_rows(&self) -> io::Result<impl Rows> {
        Ok(Cursor::new(&self.ids, &self.file, self.dictionary()?))
    }

    /// What is said of packages, row by row.
    pub(super) fn package_rows(&self) -> impl Rows {
        Cursor::new(&self.packages, &self.file, &[])
    }

    /// What is said of each of these packages.
    ///
    /// # Errors
    /// If the file can't be read, or is damaged.
    pub fn entries<'a>(
        &self,
        packages: impl Iterator<Item = (&'a Space, &'a str)>,
    ) -> Result<Vec<Vec<Entry>>, Error> {
        let all = self.statements(packages)?;
        let places = all.iter().flatten().map(|it| it.advisory).collect();
        let ids = self.named(&places)?;
        let entry = |Statement { advisory, affected }| {
            let id = ids.get(&advisory).map(|(id, _)| id.clone()).unwrap_or_default();
            Entry { id, affected }
        };
        Ok(all.into_iter().map(|of| of.into_iter().map(entry).collect()).collect())
    }

    /// As [`Part::entries`], with the places of advisories.
    pub(crate) fn statements<'a>(
        &self,
        packages: impl Iterator<Item = (&'a Space, &'a str)>,
    ) -> Result<Vec<Vec<Statement>>, Error> {
        let keys: Vec<Vec<u8>> =
            packages.map(|(space, package)| package_key(space, package)).collect();
        // In their order each block is read once.
        let mut order: Vec<(&Vec<u8>, usize)> = keys.iter().zip(0..).collect();
        order.sort_unstable();
        let mut lookup = Lookup::new(&self.packages, &self.file, &[]);
        let mut all = vec![Vec::new(); keys.len()];
        for (key, at) in order {
            let value = lookup.get(key).map_err(|error| self.damaged(error))?;
            let told = Statement::all(Bytes(value.unwrap_or_default()));
            let told = told.ok_or_else(|| self.damaged("has an entry that is none"))?;
            if let Some(place) = all.get_mut(at) {
                *place = told;
            }
        }
        Ok(all)
    }

    /// The ids of the advisories at these places, and what they say.
    ///
    /// # Errors
    /// If the file can't be read, or is damaged, or has no advisory at one of them.
    pub(crate) fn named(
        &self,
        places: &BTreeSet<u32>,
    ) -> Result<BTreeMap<u32, (String, Details)>, Error> {
        let dictionary = self.dictionary().map_err(|error| self.damaged(error))?;
        let mut lookup = Lookup::new(&self.ids, &self.file, dictionary);
        let read = |place: &u32| {
            let (id, value) = lookup.row(*place).map_err(|error| self.damaged(error))?;
            Ok((*place, (self.id(&id), self.read(value)?)))
        };
        places.iter().map(read).collect()
    }

    /// What each of these advisories says, where it has them. They are looked up fastest in their order.
    ///
    /// # Errors
    /// If the file can't be read, or is damaged.
    pub fn details<'a>(
        &self,
        ids: impl Iterator<Item = &'a str>,
    ) -> Result<Vec<Option<Details>>, Error> {
        let dictionary = self.dictionary().map_err(|error| self.damaged(error))?;
        let mut lookup = Lookup::new(&self.ids, &self.file, dictionary);
        let read = |id: &str| {
            let value = lookup.get(id.as_bytes()).map_err(|error| self.damaged(error))?;
            value.map(|value| self.read(value)).transpose()
        };
        ids.map(read).collect()
    }

    fn id(&self, key: &[u8]) -> String {
        String::from_utf8_lossy(key).into_owned()
    }

    fn read(&self, value: &[u8]) -> Result<Details, Error> {
        let details = Details::read(&mut Bytes(value));
        details.ok_or_else(|| self.damaged("has an advisory that is none"))
    }

    /// Tells of all advisories, by their ids.
    ///
    /// # Errors
    /// If the file can't be read, or is damaged.
    pub fn each_advisory(&self, mut told: impl FnMut(String, Details)) -> Result<(), Error> {
        let mut rows = self.id_rows().map_err(|error| self.damaged(error))?;
        let mut row = Row::default();
        while rows.next(&mut row).map_err(|error| self.damaged(error))? {
            told(self.id(&row.key), self.read(&row.value)?);
        }
        Ok(())
    }

    /// Tells of all entries, by their packages.
    ///
    /// # Errors
    /// If the file can't be read, or is damaged.
    pub fn each_entry(&self, mut told: impl FnMut(Entry)) -> Result<(), Error> {
        let mut ids = Vec::new();
        self.each_advisory(|id, _| ids.push(id))?;
        let (mut rows, mut row) = (self.package_rows(), Row::default());
        while rows.next(&mut row).map_err(|error| self.damaged(error))? {
            let (package, space) = of_key(&row.key);
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            let all = Statement::all(Bytes(&row.value));
            let all = all.ok_or_else(|| self.damaged("has an entry that is none"))?;
            for Statement { advisory, mut affected } in all {
                affected.space = Space::named(text(space));
                affected.package = text(package);
                let id = ids.get(advisory as usize).cloned();
                let id = id.ok_or_else(|| self.damaged("has an entry of no advisory"))?;
                told(Entry { id, affected });
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
