//! The small part of ELF that tells where things are in a program (elf(5)). Nothing is read but the
//! tables and what is asked for.

use image::Content;

use crate::{
    Error,
    bytes::{Order, read_at},
};

/// Most sections and segments that are looked at.
const MOST_HEADERS: u64 = 10_000;
/// Longest table of sections' names.
const LONGEST_NAMES_BYTES: u64 = 1 << 20;
/// A segment that is loaded, and one that may be written to.
const LOAD: u32 = 1;
const WRITE: u32 = 2;
/// A section without bytes in the file.
const NO_BITS: u32 = 8;
const COMPRESSED: u64 = 0x800;

/// Bytes of the file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Range {
    /// From here on.
    pub(super) start: u64,
    /// So many.
    pub(super) size_bytes: u64,
}

struct Section {
    name: usize,
    kind: u32,
    flags: u64,
    range: Range,
}

struct Segment {
    flags: u32,
    address: u64,
    range: Range,
}

/// A program.
pub(super) struct Elf<'a> {
    content: &'a mut dyn Content,
    order: Order,
    is_wide: bool,
    header: Vec<u8>,
}

/// Where the fields of a table's entries are.
struct Layout {
    offset: usize,
    entry_bytes: usize,
    count: usize,
}

impl<'a> Elf<'a> {
    /// `None` if this is no ELF file, of which four bytes are read.
    ///
    /// # Errors
    /// If it can't be read.
    pub(super) fn open(content: &'a mut dyn Content) -> Result<Option<Self>, Error> {
        if read_at(content, 0, 4)? != b"\x7fELF" {
            return Ok(None);
        }
        let header = read_at(content, 0, 64)?;
        let is_wide = header.get(4) == Some(&2);
        let order = if header.get(5) == Some(&2) { Order::Big } else { Order::Little };
        Ok(Some(Self { content, order, is_wide, header }))
    }

    /// Where a section of this name is. One that is compressed, or has nothing in the file, is none.
    ///
    /// # Errors
    /// If it can't be read.
    pub(super) fn section(&mut self, name: &[u8]) -> Result<Option<Range>, Error> {
        let sections = self.sections()?;
        let names = self.number(if self.is_wide { 62 } else { 50 }, Width::Two);
        let Some(names) = names.and_then(|at| sections.get(usize::try_from(at).ok()?)) else {
            return Ok(None);
        };
        let size = names.range.size_bytes.min(LONGEST_NAMES_BYTES);
        let names = read_at(self.content, names.range.start, size)?;
        let is_named = |section: &&Section| {
            let named = names.get(section.name..).and_then(|rest| rest.strip_prefix(name));
            named.is_some_and(|rest| rest.first() == Some(&0))
        };
        let found = sections.iter().find(is_named);
        let has_bytes = |it: &&Section| it.kind != NO_BITS && it.flags & COMPRESSED == 0;
        Ok(found.filter(has_bytes).map(|section| section.range))
    }

    /// The first part of memory that the program may write to, as the file has it.
    ///
    /// # Errors
    /// If it can't be read.
    pub(super) fn writable(&mut self) -> Result<Option<Range>, Error> {
        let segments = self.segments()?;
        Ok(segments.iter().find(|segment| segment.flags & WRITE != 0).map(|it| it.range))
    }

    /// So many bytes that the program has in memory from this address on; fewer where the file has fewer.
    ///
    /// # Errors
    /// If they can't be read.
    pub(super) fn memory(&mut self, address: u64, size_bytes: u64) -> Result<Vec<u8>, Error> {
        let segments = self.segments()?;
        let found = segments.iter().find_map(|segment| {
            let within = address.checked_sub(segment.address)?;
            let left = segment.range.size_bytes.checked_sub(within)?;
            Some((segment.range.start.checked_add(within)?, left.min(size_bytes)))
        });
        found.map_or(Ok(Vec::new()), |(start, size)| read_at(self.content, start, size))
    }

    /// Bytes of a range, so many at most.
    ///
    /// # Errors
    /// If they can't be read.
    pub(super) fn read(&mut self, range: Range, most: u64) -> Result<Vec<u8>, Error> {
        read_at(self.content, range.start, range.size_bytes.min(most))
    }

    fn sections(&mut self) -> Result<Vec<Section>, Error> {
        let layout = if self.is_wide {
            Layout { offset: 40, entry_bytes: 64, count: 60 }
        } else {
            Layout { offset: 32, entry_bytes: 40, count: 48 }
        };
        let [flags, offset, size] = if self.is_wide { [8, 24, 32] } else { [8, 16, 20] };
        let (order, native) = (self.order, self.native());
        let table = self.table(&layout)?;
        let read = |entry: &[u8]| {
            Some(Section {
                name: usize::try_from(order.u32(entry, 0)?).ok()?,
                kind: order.u32(entry, 4)?,
                flags: native.of(order, entry, flags)?,
                range: Range {
                    start: native.of(order, entry, offset)?,
                    size_bytes: native.of(order, entry, size)?,
                },
            })
        };
        Ok(table.chunks_exact(layout.entry_bytes).filter_map(read).collect())
    }

    fn segments(&mut self) -> Result<Vec<Segment>, Error> {
        let layout = if self.is_wide {
            Layout { offset: 32, entry_bytes: 56, count: 56 }
        } else {
            Layout { offset: 28, entry_bytes: 32, count: 44 }
        };
        let [flags, offset, address, size] =
            if self.is_wide { [4, 8, 16, 32] } else { [24, 4, 8, 16] };
        let (order, native) = (self.order, self.native());
        let table = self.table(&layout)?;
        let read = |entry: &[u8]| {
            Some(Segment {
                flags: order.u32(entry, flags).filter(|_| order.u32(entry, 0) == Some(LOAD))?,
                address: native.of(order, entry, address)?,
                range: Range {
                    start: native.of(order, entry, offset)?,
                    size_bytes: native.of(order, entry, size)?,
                },
            })
        };
        Ok(table.chunks_exact(layout.entry_bytes).filter_map(read).collect())
    }

    /// A table of the file; nothing where its entries are of another size.
    fn table(&mut self, layout: &Layout) -> Result<Vec<u8>, Error> {
        let start = self.number(layout.offset, self.native()).filter(|start| *start != 0);
        let size = self.number(layout.count - 2, Width::Two);
        let count = self.number(layout.count, Width::Two).map(|count| count.min(MOST_HEADERS));
        let entry_bytes = layout.entry_bytes as u64;
        match (start, count) {
            (Some(start), Some(count)) if size == Some(entry_bytes) => {
                read_at(self.content, start, count * entry_bytes)
            }
            _ => Ok(Vec::new()),
        }
    }

    fn number(&self, at: usize, width: Width) -> Option<u64> {
        width.of(self.order, &self.header, at)
    }

    /// How long places of the file are.
    fn native(&self) -> Width {
        if self.is_wide { Width::Eight } else { Width::Four }
    }
}

/// How many bytes a number has.
#[derive(Clone, Copy)]
enum Width {
    Two,
    Four,
    Eight,
}

impl Width {
    fn of(self, order: Order, bytes: &[u8], at: usize) -> Option<u64> {
        match self {
            Self::Two => order.u16(bytes, at).map(u64::from),
            Self::Four => order.u32(bytes, at).map(u64::from),
            Self::Eight => order.u64(bytes, at),
        }
    }
}
