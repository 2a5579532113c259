//! Partitions of a disk: GPT (UEFI specification, chapter 5), MBR with logical partitions.

use std::rc::Rc;

use super::{
    bytes::{byte, le_u32, le_u64},
    device::{Device, Extent, array},
};

/// Most partitions that are looked at.
const MOST: usize = 256;
const SECTOR_BYTES: u64 = 512;
/// Disks have sectors of one of these sizes.
const SECTORS_BYTES: [u64; 2] = [512, 4096];
/// Types of MBR partitions that hold others, and the one that says that there is a GPT.
const EXTENDED: [u8; 3] = [0x05, 0x0f, 0x85];
const PROTECTIVE: u8 = 0xee;

/// A partition.
#[derive(Clone)]
pub(crate) struct Partition {
    /// Its number, from 1.
    pub(crate) number: usize,
    /// What fstab(5) calls its `PARTUUID`.
    pub(crate) uuid: String,
    /// Its bytes.
    pub(crate) extent: Extent,
}

/// The partitions of a disk; `None` where it has no table of them.
pub(crate) fn of(disk: &Rc<dyn Device>) -> Option<Vec<Partition>> {
    let first = array::<512>(&**disk, 0).ok()?;
    SECTORS_BYTES.iter().find_map(|sector| gpt(disk, *sector)).or_else(|| mbr(disk, &first))
}

fn gpt(disk: &Rc<dyn Device>, sector: u64) -> Option<Vec<Partition>> {
    // The copy at the end counts where the one at the beginning is damaged.
    let last = (disk.size_bytes() / sector).checked_sub(1)?;
    [1, last].into_iter().find_map(|place| gpt_at(disk, sector, place))
}

fn gpt_at(disk: &Rc<dyn Device>, sector: u64, place: u64) -> Option<Vec<Partition>> {
    let header = array::<92>(&**disk, place.checked_mul(sector)?).ok()?;
    let mut unsigned = header;
    unsigned.get_mut(16..20)?.fill(0);
    let mut crc = flate2::Crc::new();
    crc.update(&unsigned);
    let is_whole = le_u32(&header, 12) != 92 || crc.sum() == le_u32(&header, 16);
    if !header.starts_with(b"EFI PART") || !is_whole {
        return None;
    }
    let (start, count, size) = (le_u64(&header, 72), le_u32(&header, 80), le_u32(&header, 84));
    let mut partitions = Vec::new();
    for at in 0..u64::from(count).min(MOST as u64) {
        let place = start.checked_mul(sector)?.checked_add(at * u64::from(size))?;
        let Ok(entry) = array::<128>(&**disk, place) else { break };
        let (first, last) = (le_u64(&entry, 32), le_u64(&entry, 40));
        // One that ends before it begins, or is larger than any disk, is none; others may be.
        let Some((start, size_bytes)) =
            place_of(first, last, sector).filter(|_| !entry.starts_with(&[0; 16]))
        else {
            continue;
        };
        let extent = extent(disk, start, size_bytes);
        partitions.push(Partition { number: at as usize + 1, uuid: guid(&entry), extent });
    }
    Some(partitions)
}

/// Begin and size in bytes of what reaches from one sector to another.
fn place_of(first: u64, last: u64, sector: u64) -> Option<(u64, u64)> {
    let count = last.checked_sub(first)?.checked_add(1)?;
    first.checked_mul(sector).zip(count.checked_mul(sector))
}

/// The name of a partition: three numbers whose first byte is the lowest, then bytes.
fn guid(entry: &[u8]) -> String {
    let mut bytes: [u8; 16] =
        entry.get(16..32).and_then(|bytes| bytes.try_into().ok()).unwrap_or_default();
    for range in [0..4, 4..6, 6..8] {
        bytes.get_mut(range).into_iter().for_each(<[u8]>::reverse);
    }
    super::uuid(&bytes)
}

fn mbr(disk: &Rc<dyn Device>, first: &[u8; 512]) -> Option<Vec<Partition>> {
    let entries = table(first)?;
    if entries.iter().any(|entry| entry.kind == PROTECTIVE) {
        return None;
    }
    let signature = le_u32(first, 440);
    let partition = |number: usize, start: u64, sectors: u64| Partition {
        number,
        uuid: format!("{signature:08x}-{number:02x}"),
        extent: extent(disk, start * SECTOR_BYTES, sectors * SECTOR_BYTES),
    };
    let mut partitions = Vec::new();
    for (at, entry) in entries.iter().enumerate().filter(|(_, entry)| entry.is_used()) {
        if !EXTENDED.contains(&entry.kind) {
            partitions.push(partition(at + 1, entry.start, entry.sectors));
            continue;
        }
        // Logical ones are numbered from 5.
        for (start, sectors) in logical(&**disk, entry.start) {
            let before = partitions.iter().map(|it: &Partition| it.number).max().unwrap_or(0);
            partitions.push(partition(before.max(4) + 1, start, sectors));
        }
    }
    (!partitions.is_empty()).then_some(partitions)
}

/// Start and size in sectors of the partitions within one: each is told with the place of the next.
fn logical(disk: &dyn Device, extended: u64) -> Vec<(u64, u64)> {
    let mut found = Vec::new();
    let mut place = extended;
    while found.len() < MOST {
        let Ok(block) = array::<512>(disk, place * SECTOR_BYTES) else { break };
        let Some([own, next, ..]) = table(&block) else { break };
        if own.is_used() {
            found.push((place + own.start, own.sectors));
        }
        // They come one behind the other: a chain that goes back has no end.
        if !next.is_used() || extended + next.start <= place {
            break;
        }
        place = extended + next.start;
    }
    found
}

/// An entry of an MBR.
#[derive(Clone, Copy)]
struct Entry {
    kind: u8,
    start: u64,
    sectors: u64,
}

impl Entry {
    fn is_used(&self) -> bool {
        self.kind != 0 && self.sectors != 0
    }
}

fn table(block: &[u8; 512]) -> Option<[Entry; 4]> {
    if !block.ends_with(&[0x55, 0xaa]) {
        return None;
    }
    Some(std::array::from_fn(|at| {
        let at = 446 + 16 * at;
        let [start, sectors] = [8, 12].map(|field| u64::from(le_u32(block, at + field)));
        Entry { kind: byte(block, at + 4), start, sectors }
    }))
}

fn extent(disk: &Rc<dyn Device>, start: u64, size_bytes: u64) -> Extent {
    Extent { device: Rc::clone(disk), start, size_bytes }
}
