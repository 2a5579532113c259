//! Disks as QEMU keeps them: qcow2, versions 2 and 3 (QEMU, docs/interop/qcow2.rst).
//!
//! A table leads to tables, which lead to clusters; those that nobody wrote are not there. Differences to
//! another image are refused, for that one is outside of what is scanned; so are encrypted images.

use std::{
    cell::RefCell,
    io::{self, ErrorKind, Read},
    rc::Rc,
};

use flate2::read::DeflateDecoder;

use super::{
    bytes::{be_u32, be_u64, byte},
    device::{Device, array},
};
use crate::Error;

const MAGIC: u32 = 0x5146_49fb;
const HEADER_BYTES: usize = 112;
/// What QEMU allows: clusters of 512 bytes to 2 MiB, a first table of 32 MiB.
const CLUSTER_BITS: std::ops::RangeInclusive<u32> = 9..=21;
const LONGEST_TABLE_BYTES: u64 = 32 << 20;
/// Bits of an entry that are a place in the file.
const PLACE: u64 = 0x00ff_ffff_ffff_fe00;
const COMPRESSED: u64 = 1 << 62;
const ZERO: u64 = 1;
/// Features without which nobody may read it.
const DIRTY: u64 = 1;
const COMPRESSION_TYPE: u64 = 1 << 3;
const EXTENDED: u64 = 1 << 4;
const KNOWN: u64 = DIRTY | COMPRESSION_TYPE | EXTENDED;
/// Parts that a cluster has where entries are extended.
const PARTS: u64 = 32;

/// Whether these are the first bytes of one.
pub(crate) fn is_qcow2(first: &[u8]) -> bool {
    be_u32(first, 0) == MAGIC
}

/// How clusters are compressed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Method {
    Deflate,
    Zstd,
}

/// A disk in this form.
pub(crate) struct Qcow2 {
    file: Rc<dyn Device>,
    size_bytes: u64,
    cluster_bits: u32,
    method: Method,
    is_extended: bool,
    tables: Vec<u64>,
    /// The table and the unwrapped cluster that were read last.
    table: RefCell<(u64, Vec<u8>)>,
    cluster: RefCell<(u64, Vec<u8>)>,
}

/// Where the bytes of a place are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Found {
    Nowhere,
    At(u64),
    Compressed(u64),
}

impl Qcow2 {
    pub(crate) fn open(file: Rc<dyn Device>) -> Result<Self, Error> {
        let header = array::<HEADER_BYTES>(&*file, 0).or_else(|_| shorter(&*file))?;
        let version = be_u32(&header, 4);
        let features = if version >= 3 { be_u64(&header, 72) } else { 0 };
        check(&header, version, features)?;
        let cluster_bits = be_u32(&header, 20);
        if !CLUSTER_BITS.contains(&cluster_bits) {
            return Err(malformed(format!("its clusters have 2^{cluster_bits} bytes")));
        }
        let method = match byte(&header, 104) {
            0 => Method::Deflate,
            _ if features & COMPRESSION_TYPE == 0 => Method::Deflate,
            1 => Method::Zstd,
            other => {
                return Err(Error::Unsupported(format!(
                    "its clusters are compressed by method {other}, which is not known"
                )));
            }
        };
        let count = u64::from(be_u32(&header, 36));
        if count * 8 > LONGEST_TABLE_BYTES {
            return Err(malformed(format!("its first table has {count} entries")));
        }
        let mut table = vec![0; count as usize * 8];
        file.read_at(&mut table, be_u64(&header, 40))?;
        let tables =
            table.as_chunks::<8>().0.iter().map(|entry| u64::from_be_bytes(*entry) & PLACE);
        Ok(Self {
            size_bytes: be_u64(&header, 24),
            cluster_bits,
            method,
            is_extended: features & EXTENDED != 0,
            tables: tables.collect(),
            table: RefCell::new((0, Vec::new())),
            cluster: RefCell::new((0, Vec::new())),
            file,
        })
    }

    fn cluster_bytes(&self) -> u64 {
        1 << self.cluster_bits
    }

    fn entry_bytes(&self) -> u64 {
        if self.is_extended { 16 } else { 8 }
    }

    /// How many bytes from a place on are found the same way.
    fn run_bytes(&self) -> u64 {
        if self.is_extended { self.cluster_bytes() / PARTS } else { self.cluster_bytes() }
    }

    fn find(&self, place: u64) -> io::Result<Found> {
        let entries = self.cluster_bytes() / self.entry_bytes();
        let cluster = place >> self.cluster_bits;
        let table = usize::try_from(cluster / entries).ok().and_then(|at| self.tables.get(at));
        let Some(&table) = table.filter(|table| **table != 0) else { return Ok(Found::Nowhere) };
        self.read_table(table)?;
        let known = self.table.borrow();
        let at = ((cluster % entries) * self.entry_bytes()) as usize;
        let entry = be_u64(&known.1, at);
        if entry & COMPRESSED != 0 {
            return Ok(Found::Compressed(entry));
        }
        let start = entry & PLACE;
        let is_there = if self.is_extended {
            // One bit says that a part is there, one that it is empty.
            let part = (place % self.cluster_bytes()) / self.run_bytes();
            let bitmap = be_u64(&known.1, at + 8);
            bitmap >> part & 1 == 1 && bitmap >> (PARTS + part) & 1 == 0
        } else {
            entry & ZERO == 0
        };
        Ok(match start {
            1.. if is_there => Found::At(start + place % self.cluster_bytes()),
            _ => Found::Nowhere,
        })
    }

    fn read_table(&self, place: u64) -> io::Result<()> {
        let mut known = self.table.borrow_mut();
        if known.0 != place {
            known.0 = 0;
            known.1.resize(self.cluster_bytes() as usize, 0);
            self.file.read_at(&mut known.1, place)?;
            known.0 = place;
        }
        Ok(())
    }

    /// Copies from a compressed cluster.
    fn unwrap(&self, entry: u64, skip: usize, buffer: &mut [u8]) -> io::Result<()> {
        let mut known = self.cluster.borrow_mut();
        if known.0 != entry {
            known.0 = 0;
            let place_bits = 62 - (self.cluster_bits - 8);
            let place = entry & ((1 << place_bits) - 1);
            let sectors = (entry & !COMPRESSED & !(1 << 63)) >> place_bits;
            let most = (sectors + 1) * 512 - (place & 511);
            // The file may end before the last sector does.
            let size = most.min(self.file.size_bytes().saturating_sub(place));
            let mut stored = vec![0; size as usize];
            self.file.read_at(&mut stored, place)?;
            known.1.resize(self.cluster_bytes() as usize, 0);
            match self.method {
                Method::Deflate => DeflateDecoder::new(&stored[..]).read_exact(&mut known.1)?,
                Method::Zstd => {
                    zstd::Decoder::with_buffer(&stored[..])?.read_exact(&mut known.1)?
                }
            }
            known.0 = entry;
        }
        let bytes = known.1.get(skip..skip + buffer.len()).ok_or(ErrorKind::InvalidData)?;
        buffer.copy_from_slice(bytes);
        Ok(())
    }
}

impl Device for Qcow2 {
    fn read_at(&self, buffer: &mut [u8], mut place: u64) -> io::Result<()> {
        let end = place.checked_add(buffer.len() as u64);
        end.filter(|end| *end <= self.size_bytes).ok_or(ErrorKind::UnexpectedEof)?;
        let mut left = buffer;
        while !left.is_empty() {
            let run = self.run_bytes() - place % self.run_bytes();
            let (now, later) = left.split_at_mut(run.min(left.len() as u64) as usize);
            match self.find(place)? {
                Found::Nowhere => now.fill(0),
                Found::At(at) => self.file.read_at(now, at)?,
                Found::Compressed(entry) => {
                    self.unwrap(entry, (place % self.cluster_bytes()) as usize, now)?;
                }
            }
            place += now.len() as u64;
            left = later;
        }
        Ok(())
    }

    fn size_bytes(&self) -> u64 {
        self.size_bytes
    }
}

/// The header of version 2, which is shorter than what is read of one.
fn shorter(file: &dyn Device) -> Result<[u8; HEADER_BYTES], Error> {
    let mut header = [0; HEADER_BYTES];
    let (short, _) = header.split_at_mut(72);
    file.read_at(short, 0)?;
    Ok(header)
}

/// Refuses what can't be read here.
fn check(header: &[u8], version: u32, features: u64) -> Result<(), Error> {
    let refuse = |why: &str| Err(Error::Unsupported(why.to_owned()));
    match version {
        2 | 3 => {}
        _ => {
            return Err(Error::Unsupported(format!(
                "it is qcow2 of version {version}, which is not known"
            )));
        }
    }
    if be_u64(header, 8) != 0 {
        return refuse(
            "it has only what differs from another image; join them first: qemu-img convert -O qcow2 THIS WHOLE",
        );
    }
    if be_u32(header, 32) != 0 {
        return refuse("it is encrypted; decrypt it first: qemu-img convert");
    }
    if features & !KNOWN != 0 {
        return refuse("it keeps its data in another file, or has features that are not known");
    }
    Ok(())
}

fn malformed(why: impl ToString) -> Error {
    Error::malformed("the qcow2 image", why)
}
