//! Rows in whichever order they come, handed on in order. So many are kept in memory; what is more lies in
//! runs on disk, each of which is in order, in files without names.

use std::{
    collections::HashMap,
    fs::File,
    io::{self, BufReader, BufWriter, Read, Seek, Write},
    path::PathBuf,
};

/// So much is kept in memory of the rows of one table.
const MOST_BYTES: usize = 8 << 20;
/// Most rows that are kept in memory.
const MOST_ROWS: usize = 1 << 17;
/// Most bytes of a row's key or value in a run.
const MOST_ROW_BYTES: u32 = 1 << 30;
/// So many bytes of keys decide nearly always.
const PREFIX_BYTES: usize = 16;

/// Marks rows that were there before: below it is the place of the advisory that they are of among those that
/// were there. Without it, it is the number with which that came.
pub(crate) const BEFORE: u32 = 1 << 31;

/// A row: its key, its value, and which advisory it is of.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub(crate) struct Row {
    pub(crate) key: Vec<u8>,
    pub(crate) value: Vec<u8>,
    pub(crate) of: u32,
}

/// Rows in order.
pub(crate) trait Rows {
    /// Puts the next row there; `false` where there is none.
    ///
    /// # Errors
    /// If it can't be read.
    fn next(&mut self, row: &mut Row) -> io::Result<bool>;
}

/// Puts rows in order.
#[derive(Debug)]
pub(crate) struct Sorter {
    /// Where runs are kept.
    folder: PathBuf,
    most_bytes: usize,
    /// What keys end with; nearly all rows share a few of these.
    groups: Vec<Vec<u8>>,
    by_name: HashMap<Vec<u8>, u32, foldhash::fast::RandomState>,
    /// The group that was asked for last.
    last: u32,
    bytes: Vec<u8>,
    slots: Vec<Slot>,
    runs: Vec<File>,
    /// Why a run could not be written, which is told at the end.
    failed: Option<io::Error>,
}

/// Where a row is in the bytes: its key, then its value.
#[derive(Clone, Copy, Debug)]
struct Slot {
    prefix: [u8; PREFIX_BYTES],
    group: u32,
    of: u32,
    offset: u32,
    key_bytes: u32,
    value_bytes: u32,
}

impl Sorter {
    pub(crate) fn new(folder: PathBuf) -> Self {
        Self {
            folder,
            most_bytes: MOST_BYTES,
            groups: Vec::new(),
            by_name: HashMap::default(),
            last: 0,
            bytes: Vec::new(),
            slots: Vec::new(),
            runs: Vec::new(),
            failed: None,
        }
    }

    /// Keeps less in memory.
    #[cfg(test)]
    pub(crate) fn with_most_bytes(mut self, most_bytes: usize) -> Self {
        self.most_bytes = most_bytes;
        self
    }

    /// The number of what keys end with: nothing, or a zero and what no key has before.
    pub(crate) fn group(&mut self, name: &[u8]) -> u32 {
        if self.groups.get(self.last as usize).is_some_and(|it| it == name) {
            return self.last;
        }
        let next = self.groups.len() as u32;
        self.last = match self.by_name.get(name) {
            Some(known) => *known,
            None => {
                self.by_name.insert(name.to_owned(), next);
                self.groups.push(name.to_owned());
                next
            }
        };
        self.last
    }

    /// Takes a row: the begin of its key, and what its value is written with.
    pub(crate) fn add(
        &mut self,
        group: u32,
        key: &[u8],
        of: u32,
        value: impl FnOnce(&mut Vec<u8>),
    ) {
        let offset = self.bytes.len();
        self.bytes.extend(key);
        let value_at = self.bytes.len();
        value(&mut self.bytes);
        let mut prefix = [0; PREFIX_BYTES];
        prefix.iter_mut().zip(key).for_each(|(to, from)| *to = *from);
        let length = |from: usize, to: usize| u32::try_from(to - from).unwrap_or(u32::MAX);
        self.slots.push(Slot {
            prefix,
            group,
            of,
            offset: length(0, offset),
            key_bytes: length(offset, value_at),
            value_bytes: length(value_at, self.bytes.len()),
        });
        if self.bytes.len() >= self.most_bytes || self.slots.len() >= MOST_ROWS {
            self.spill();
        }
    }

    fn spill(&mut self) {
        if self.failed.is_none() {
            match self.run() {
                Ok(run) => self.runs.push(run),
                Err(error) => self.failed = Some(error),
            }
        }
        self.bytes.clear();
        self.slots.clear();
    }

    fn run(&mut self) -> io::Result<File> {
        let mut out = BufWriter::with_capacity(256 << 10, tempfile::tempfile_in(&self.folder)?);
        self.sort();
        for slot in &self.slots {
            let (key, value) = (slot.key(&self.bytes), slot.value(&self.bytes));
            let group = slot.group(&self.groups);
            let key_bytes = (group.len() + key.len()) as u32;
            if key_bytes.max(slot.value_bytes) > MOST_ROW_BYTES {
                return Err(io::Error::other("an advisory is too large"));
            }
            out.write_all(&key_bytes.to_le_bytes())?;
            out.write_all(&slot.value_bytes.to_le_bytes())?;
            out.write_all(&slot.of.to_le_bytes())?;
            [key, group, value].iter().try_for_each(|bytes| out.write_all(bytes))?;
        }
        let mut file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.rewind()?;
        Ok(file)
    }

    fn sort(&mut self) {
        let Self { groups, bytes, slots, .. } = self;
        let mut order: Vec<u32> = (0..groups.len() as u32).collect();
        order.sort_by_key(|at| groups.get(*at as usize));
        let mut ranks = vec![0_u32; groups.len()];
        for (rank, at) in order.into_iter().enumerate() {
            if let Some(place) = ranks.get_mut(at as usize) {
                *place = rank as u32;
            }
        }
        let rank = |slot: &Slot| ranks.get(slot.group as usize);
        slots.sort_unstable_by(|a, b| {
            let prefix = |slot: &Slot| u128::from_be_bytes(slot.prefix);
            let first = prefix(a).cmp(&prefix(b)).then_with(|| a.key(bytes).cmp(b.key(bytes)));
            let second = first.then_with(|| rank(a).cmp(&rank(b)));
            second.then_with(|| (a.value(bytes), a.of).cmp(&(b.value(bytes), b.of)))
        });
    }

    /// All rows that it took, in order.
    ///
    /// # Errors
    /// If they could not be kept.
    pub(crate) fn finish(mut self) -> io::Result<Vec<Box<dyn Rows>>> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        self.sort();
        let runs = std::mem::take(&mut self.runs).into_iter();
        let mut all: Vec<Box<dyn Rows>> = runs
            .map(|run| Box::new(Run(BufReader::with_capacity(64 << 10, run))) as Box<dyn Rows>)
            .collect();
        let Self { groups, bytes, slots, .. } = self;
        all.push(Box::new(InMemory { groups, bytes, slots, at: 0 }));
        Ok(all)
    }
}

impl Slot {
    fn key<'a>(&self, bytes: &'a [u8]) -> &'a [u8] {
        let rest = bytes.get(self.offset as usize..).unwrap_or_default();
        rest.get(..self.key_bytes as usize).unwrap_or_default()
    }

    fn value<'a>(&self, bytes: &'a [u8]) -> &'a [u8] {
        let rest = bytes.get(self.offset as usize..).unwrap_or_default();
        let rest = rest.get(self.key_bytes as usize..).unwrap_or_default();
        rest.get(..self.value_bytes as usize).unwrap_or_default()
    }

    /// What the key ends with.
    fn group<'a>(&self, groups: &'a [Vec<u8>]) -> &'a [u8] {
        groups.get(self.group as usize).map_or(&[][..], Vec::as_slice)
    }
}

struct InMemory {
    groups: Vec<Vec<u8>>,
    bytes: Vec<u8>,
    slots: Vec<Slot>,
    at: usize,
}

impl Rows for InMemory {
    fn next(&mut self, row: &mut Row) -> io::Result<bool> {
        let Some(slot) = self.slots.get(self.at) else { return Ok(false) };
        self.at += 1;
        row.key.clear();
        row.key.extend_from_slice(slot.key(&self.bytes));
        row.key.extend_from_slice(slot.group(&self.groups));
        row.value.clear();
        row.value.extend_from_slice(slot.value(&self.bytes));
        row.of = slot.of;
        Ok(true)
    }
}

struct Run(BufReader<File>);

impl Rows for Run {
    fn next(&mut self, row: &mut Row) -> io::Result<bool> {
        let mut number = [0; 4];
        let mut numbers = [0_u32; 3];
        for (at, to) in numbers.iter_mut().enumerate() {
            match self.0.read_exact(&mut number) {
                Err(error) if at == 0 && error.kind() == io::ErrorKind::UnexpectedEof => {
                    return Ok(false);
                }
                read => read?,
            }
            *to = u32::from_le_bytes(number);
        }
        let [key, value, of] = numbers;
        row.key.resize(key as usize, 0);
        row.value.resize(value as usize, 0);
        self.0.read_exact(&mut row.key)?;
        self.0.read_exact(&mut row.value)?;
        row.of = of;
        Ok(true)
    }
}

/// Several that are in order, as one.
pub(crate) struct Merge<'a> {
    sources: Vec<(Row, Box<dyn Rows + 'a>)>,
}

impl<'a> Merge<'a> {
    pub(crate) fn new(all: impl IntoIterator<Item = Box<dyn Rows + 'a>>) -> io::Result<Self> {
        let mut sources = Vec::new();
        for mut rows in all {
            let mut row = Row::default();
            if rows.next(&mut row)? {
                sources.push((row, rows));
            }
        }
        Ok(Self { sources })
    }

    /// The place of the source that comes first.
    fn first(&self) -> Option<usize> {
        match self.sources.len() {
            0 => None,
            1 => Some(0),
            _ => {
                let rows = self.sources.iter().map(|(row, _)| row).enumerate();
                rows.min_by(|(_, a), (_, b)| a.cmp(b)).map(|(at, _)| at)
            }
        }
    }
}

impl Rows for Merge<'_> {
    fn next(&mut self, row: &mut Row) -> io::Result<bool> {
        let Some(at) = self.first() else { return Ok(false) };
        let Some((next, rows)) = self.sources.get_mut(at) else { return Ok(false) };
        std::mem::swap(next, row);
        if !rows.next(next)? {
            self.sources.remove(at);
        }
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn all(sources: Vec<Box<dyn Rows>>) -> Vec<Row> {
        let mut merge = Merge::new(sources).unwrap();
        let (mut rows, mut row) = (Vec::new(), Row::default());
        while merge.next(&mut row).unwrap() {
            rows.push(row.clone());
        }
        rows
    }

    proptest! {
        #[test]
        fn rows_come_in_order_however_much_is_kept_in_memory(
            rows in prop::collection::vec(("[ab]{1,2}", "[a-c]{0,20}", "[a-c]{0,3}"), 0..60),
            most in 1_usize..400,
        ) {
            let mut sorter = Sorter::new(std::env::temp_dir()).with_most_bytes(most);
            let mut expected = Vec::new();
            for (of, (group, key, value)) in rows.iter().enumerate() {
                let number = sorter.group(format!("\0{group}").as_bytes());
                sorter.add(number, key.as_bytes(), of as u32, |out| out.extend(value.as_bytes()));
                let key = format!("{key}\0{group}").into_bytes();
                expected.push(Row { key, value: value.clone().into_bytes(), of: of as u32 });
            }
            expected.sort();
            prop_assert_eq!(all(sorter.finish().unwrap()), expected);
        }
    }

    #[test]
    fn that_there_is_no_room_is_told() {
        let mut sorter = Sorter::new("/nowhere/at/all".into()).with_most_bytes(1);
        let group = sorter.group(b"");
        sorter.add(group, b"a", 0, |_| {});
        assert!(sorter.finish().is_err());
    }
}
