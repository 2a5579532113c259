//! Writes capture files of the current schema: section 1.2, machine, processes V9, fds V2,
//! interfaces V2, users V2, events V2.
//!
//! Plain and gzip files open in sysdig, Stratoshark and Falco; zstd files here alone.

mod entries;
mod output;

use std::io::{self, ErrorKind, Write};

use event::{Event, raw::LenWidth, snapshot::Record};

use super::{
    Compression, MAX_EVENT_BLOCK_BYTES,
    block::{self, OVERHEAD_BYTES},
    event::STATE_ONLY,
};
use output::Output;

const MACHINE: u32 = 0x201;
const PROCESSES_V9: u32 = 0x215;
const FDS_V2: u32 = 0x218;
const INTERFACES_V2: u32 = 0x219;
const USERS_V2: u32 = 0x220;
const EVENT_V2: u32 = 0x216;
const EVENT_V2_LARGE: u32 = 0x221;
const EVENT_FLAGS_V2: u32 = 0x217;
const EVENT_FLAGS_V2_LARGE: u32 = 0x222;

/// Major and minor version of the sections written.
const VERSION: [u16; 2] = [1, 2];
/// A list of processes or fds goes on in another block from here.
const LIST_BLOCK_BYTES: usize = 256 * 1024;
/// So does one of interfaces or users, of which other readers keep the last block alone.
const SINGLE_LIST_BYTES: usize = 8 * 1024 * 1024;
/// Most bytes behind the head of an event block that libscap takes in a block that is not *large*.
const SMALL_EVENT_BYTES: usize = 64 * 1024;
/// Bytes of an encoded event before its parameter lengths.
const EVENT_HEADER_BYTES: usize = event::raw::HEADER_BYTES;

/// Writes records in the order in which a source hands them on.
///
/// Consecutive entries of one list become one block. Memory is bounded: a block of a list is
/// written when it is full.
///
/// ```
/// use capture::{Source, file::{Compression, Reader, Writer}};
/// use event::{EventBuilder, snapshot::Record, syscalls::CLOSE_X};
///
/// let mut writer = Writer::new(Vec::new(), Compression::Gzip)?;
/// let mut builder = EventBuilder::default();
/// builder.start(CLOSE_X, 1_000, 42, 0).i64(0).i64(3);
/// writer.write(&Record::Event(builder.event()?))?;
/// let file = writer.finish()?;
///
/// let mut reader = Reader::new(&file[..])?;
/// assert!(matches!(reader.next()?, Some(Record::Event(event)) if event.int(1) == Some(3)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Writer<W: Write> {
    output: Output<W>,
    /// The open list's number and tid (of fds), and its block so far.
    list: Option<(u32, i64)>,
    block: Vec<u8>,
    shortened: u64,
}

impl<W: Write> Writer<W> {
    /// Begins a capture.
    ///
    /// # Errors
    /// Whatever writing says.
    pub fn new(output: W, compression: Compression) -> io::Result<Self> {
        let output = Output::new(output, compression)?;
        let mut writer = Self { output, list: None, block: Vec::new(), shortened: 0 };
        writer.section()?;
        Ok(writer)
    }

    /// Writes one record.
    ///
    /// # Errors
    /// Whatever writing says; `InvalidInput` for an event larger than any reader takes.
    pub fn write(&mut self, record: &Record<'_>) -> io::Result<()> {
        let (number, tid) = match record {
            Record::Event(event) => return self.event(event),
            Record::Section => {
                self.close_list()?;
                return self.section();
            }
            Record::Machine(_) => (MACHINE, 0),
            Record::Thread(_) => (PROCESSES_V9, 0),
            Record::Fd(tid, _) => (FDS_V2, *tid),
            Record::Interface(_) => (INTERFACES_V2, 0),
            Record::User(_) | Record::Group(_) => (USERS_V2, 0),
        };
        self.open_list(number, tid)?;
        match record {
            Record::Machine(it) => self.shortened += entries::machine(&mut self.block, it),
            Record::Thread(thread) => self.shortened += entries::thread(&mut self.block, thread),
            Record::Fd(_, fd) => self.shortened += entries::fd(&mut self.block, fd),
            Record::Interface(it) => self.shortened += entries::interface(&mut self.block, it),
            Record::User(user) => self.shortened += entries::user(&mut self.block, user),
            Record::Group(group) => self.shortened += entries::group(&mut self.block, group),
            Record::Event(_) | Record::Section => {}
        }
        Ok(())
    }

    /// Strings that were cut because other readers refuse longer ones.
    pub fn shortened(&self) -> u64 {
        self.shortened
    }

    /// Hands on everything that was written so far, so that what follows may be cut off without
    /// harm to it. An open list ends here: its further entries stand in another block, of which
    /// other readers, for interfaces and users, keep the last alone.
    ///
    /// # Errors
    /// Whatever writing says.
    pub fn flush(&mut self) -> io::Result<()> {
        self.close_list()?;
        self.output.flush()
    }

    /// Ends the capture and hands back what was written to.
    ///
    /// # Errors
    /// Whatever writing says.
    pub fn finish(mut self) -> io::Result<W> {
        self.close_list()?;
        self.output.finish()
    }

    fn section(&mut self) -> io::Result<()> {
        self.begin_block(block::SECTION);
        self.block.extend_from_slice(&block::BYTE_ORDER.to_le_bytes());
        for part in VERSION {
            self.block.extend_from_slice(&part.to_le_bytes());
        }
        // The section's length is not known yet.
        self.block.extend_from_slice(&u64::MAX.to_le_bytes());
        self.end_block()
    }

    /// Goes on with the open list if the entry belongs into it and there is room.
    fn open_list(&mut self, number: u32, tid: i64) -> io::Result<()> {
        let full = match number {
            MACHINE => 0,
            INTERFACES_V2 | USERS_V2 => SINGLE_LIST_BYTES,
            _ => LIST_BLOCK_BYTES,
        };
        if self.list == Some((number, tid)) && self.block.len() < full {
            return Ok(());
        }
        self.close_list()?;
        self.list = Some((number, tid));
        self.begin_block(number);
        if number == FDS_V2 {
            self.block.extend_from_slice(&tid.to_le_bytes());
        }
        Ok(())
    }

    fn close_list(&mut self) -> io::Result<()> {
        if self.list.take().is_some() { self.end_block() } else { Ok(()) }
    }

    fn begin_block(&mut self, number: u32) {
        self.block.clear();
        self.block.extend_from_slice(&number.to_le_bytes());
        self.block.extend_from_slice(&0u32.to_le_bytes());
    }

    /// Pads the block, puts its length at both ends, and writes it.
    fn end_block(&mut self) -> io::Result<()> {
        let padded = self.block.len().next_multiple_of(4);
        self.block.resize(padded, 0);
        let length = u32::try_from(padded + 4).map_err(|_| too_large(padded))?.to_le_bytes();
        self.block[4..8].copy_from_slice(&length);
        self.block.extend_from_slice(&length);
        self.output.write_all(&self.block)
    }

    fn event(&mut self, event: &Event<'_>) -> io::Result<()> {
        self.close_list()?;
        let width = LenWidth::of(event.kind);
        let lens_bytes = event.param_count() * width.bytes();
        let bytes = EVENT_HEADER_BYTES + lens_bytes + event.data().len();
        if bytes + 2 * OVERHEAD_BYTES as usize > MAX_EVENT_BLOCK_BYTES as usize {
            return Err(too_large(bytes));
        }
        let large = width == LenWidth::U32 || bytes + 2 + 4 + 4 + 3 > SMALL_EVENT_BYTES;
        self.begin_block(match (event.state_only, large) {
            (false, false) => EVENT_V2,
            (false, true) => EVENT_V2_LARGE,
            (true, false) => EVENT_FLAGS_V2,
            (true, true) => EVENT_FLAGS_V2_LARGE,
        });
        let block = &mut self.block;
        block.extend_from_slice(&event.cpu.to_le_bytes());
        if event.state_only {
            block.extend_from_slice(&STATE_ONLY.to_le_bytes());
        }
        block.extend_from_slice(&event.ts_ns.to_le_bytes());
        block.extend_from_slice(&event.tid.to_le_bytes());
        block.extend_from_slice(&(bytes as u32).to_le_bytes());
        block.extend_from_slice(&event.kind.number().to_le_bytes());
        block.extend_from_slice(&(event.param_count() as u32).to_le_bytes());
        lengths(block, event, width);
        block.extend_from_slice(event.data());
        self.end_block()
    }
}

fn lengths(block: &mut Vec<u8>, event: &Event<'_>, width: LenWidth) {
    if event.len_width() == width {
        return block.extend_from_slice(event.len_bytes());
    }
    for index in 0..event.param_count() {
        let length = event.bytes(index).unwrap_or_default().len() as u32;
        let bytes = length.to_le_bytes();
        block.extend_from_slice(bytes.get(..width.bytes()).unwrap_or_default());
    }
}

fn too_large(bytes: usize) -> io::Error {
    let max = MAX_EVENT_BLOCK_BYTES;
    io::Error::new(ErrorKind::InvalidInput, format!("a block of {bytes} bytes, more than {max}"))
}
