//! Reads a capture block by block.

use std::io::{ErrorKind, Read};

use event::snapshot::Record;

use super::{
    Compression, ReadStats,
    block::{self, EventBlock, Kind, OVERHEAD_BYTES},
    convert::{Converter, Outcome},
    cursor::Cursor,
    event::{Body, Parts, parse},
    input::{Input, not_a_capture},
    lists::{self, List, MACHINE_BYTES, MAX_ENTRY_BYTES},
    window::Window,
};
use crate::{Damage, Error, Source};

/// Largest event block that is read: 16 MiB. libscap takes 64 KiB, and more only for events of
/// plugins and containers.
pub const MAX_EVENT_BLOCK_BYTES: u32 = 16 * 1024 * 1024;

/// Most bytes that a reader holds in buffers, whatever the file says; see [`Reader::held_bytes`].
pub const MAX_HELD_BYTES: usize = MAX_EVENT_BLOCK_BYTES as usize + Converter::MAX_HELD_BYTES;

/// Bytes of a block's head: type and length.
const HEAD_BYTES: usize = 8;
/// Bytes of a section header's body without options.
const SECTION_BYTES: usize = 16;

/// Reads a capture from anything that reads: a file, a pipe, memory.
///
/// Holds one buffer (256 KiB; up to 1 MiB for lists that are longer, up to
/// [`MAX_EVENT_BLOCK_BYTES`] for event blocks that are larger) and the enter events of old schemas that wait for their exits (at
/// most 4 MiB and a table of 32,768 threads): together [`MAX_HELD_BYTES`] at the very most. Beside
/// them stand the one event being rewritten and the decompressor (at most 8 MiB, for zstd). All of
/// it grows only with bytes that really arrive, not with lengths that a file claims.
#[derive(Debug)]
pub struct Reader<R: Read> {
    window: Window<Input<R>>,
    converter: Converter,
    stats: ReadStats,
    /// Bytes of the record handed on last, to be let go.
    pending: u64,
    list: Option<OpenList>,
    /// Where the event found last lies in its block.
    parts: Option<Parts>,
    /// Name of an fd of unknown type.
    unknown_fd: Vec<u8>,
    done: bool,
}

/// A list block being read.
#[derive(Clone, Copy, Debug)]
struct OpenList {
    list: List,
    head: Head,
    /// Bytes of entries and padding not read yet.
    left: u64,
}

/// The head of a block and where it stands.
#[derive(Clone, Copy, Debug)]
struct Head {
    offset: u64,
    number: u32,
    length: u32,
}

/// What was found next; its bytes are at the front of the window.
#[derive(Debug)]
pub(super) enum Found {
    Section,
    Machine,
    Entry(List),
    /// The event in [`Reader::parts`].
    Event,
    Converted,
}

/// What became of an event block that was at hand whole.
enum Here {
    Event,
    Converted,
    /// Nothing to hand on.
    Nothing,
    Damaged(Damage),
}

impl Found {
    /// Whether it is an event.
    #[inline]
    pub(super) fn is_event(&self) -> bool {
        matches!(self, Self::Event | Self::Converted)
    }
}

impl<R: Read> Reader<R> {
    /// Opens a capture, compressed or not.
    ///
    /// # Errors
    /// [`Error`] if the input cannot be read or does not begin like a capture.
    pub fn new(input: R) -> Result<Self, Error> {
        let input = Input::open(input)?;
        let stats = ReadStats::new(input.compression());
        let mut reader = Self {
            window: Window::new(input),
            converter: Converter::default(),
            stats,
            pending: 0,
            list: None,
            parts: None,
            unknown_fd: Vec::new(),
            done: false,
        };
        reader.check_beginning()?;
        Ok(reader)
    }

    /// What was seen so far.
    pub fn stats(&self) -> ReadStats {
        let mut stats = self.stats.clone();
        stats.bytes = self.window.offset();
        stats.input_bytes = self.input_bytes();
        stats.conversions = self.converter.counts;
        stats
    }

    /// How the file is compressed.
    pub fn compression(&self) -> Compression {
        self.stats.compression
    }

    /// Where the record handed on last begins, in uncompressed bytes.
    pub fn position(&self) -> u64 {
        self.window.offset()
    }

    /// Bytes of the file taken in so far, for showing progress.
    pub fn input_bytes(&self) -> u64 {
        self.window.input().taken_bytes()
    }

    /// Bytes of memory held in buffers, apart from the decompressor's.
    pub fn held_bytes(&self) -> usize {
        self.window.capacity() + self.converter.held_bytes()
    }

    fn check_beginning(&mut self) -> Result<(), Error> {
        self.window.fill(4);
        let failure = self.window.failure();
        let head = self.window.bytes();
        match head.get(..4) {
            Some(magic) if magic == block::SECTION.to_le_bytes() => Ok(()),
            None if let Some(source) = failure => {
                Err(Error::Read { offset: 0, input_offset: 0, source })
            }
            None if head.is_empty() => Err(Error::Empty),
            _ => Err(not_a_capture(head)),
        }
    }

    fn skip(&mut self, head: Head, count: u64) -> Result<(), Error> {
        if self.window.skip(count) < count { Err(self.cut_short(head.offset)) } else { Ok(()) }
    }

    /// Why there is no more, inside the block that begins at `offset`.
    fn cut_short(&mut self, offset: u64) -> Error {
        let (end, input_offset) = (self.window.end_offset(), self.input_bytes());
        match self.window.failure() {
            Some(source) if source.kind() != ErrorKind::UnexpectedEof => {
                Error::Read { offset: end, input_offset, source }
            }
            _ => Error::Truncated { offset, end },
        }
    }

    /// Finds the next thing to hand on.
    fn advance(&mut self) -> Result<Option<Found>, Error> {
        loop {
            self.let_go()?;
            let found = match self.list {
                Some(open) => self.list_step(open)?,
                None => match self.head()? {
                    Some(head) => self.block(head)?,
                    None => return Ok(None),
                },
            };
            if found.is_some() {
                return Ok(found);
            }
        }
    }

    /// Is done with the record handed on last, whose unread rest may lie beyond the window.
    #[inline]
    fn let_go(&mut self) -> Result<(), Error> {
        let pending = std::mem::take(&mut self.pending);
        if pending <= self.window.bytes().len() as u64 {
            self.window.consume(pending as usize);
            return Ok(());
        }
        let offset = self.list.map_or(self.window.offset(), |open| open.head.offset);
        self.skip(Head { offset, number: 0, length: 0 }, pending)
    }

    /// The head of the next block, not consumed; `None` at the end.
    fn head(&mut self) -> Result<Option<Head>, Error> {
        let there = self.window.fill(HEAD_BYTES);
        let offset = self.window.offset();
        let mut bytes = Cursor::new(self.window.bytes());
        match (bytes.u32(), bytes.u32()) {
            (Some(number), Some(length)) => Ok(Some(Head { offset, number, length })),
            _ if there == 0 && !self.window.failed() => Ok(None),
            _ => Err(self.cut_short(offset)),
        }
    }

    fn block(&mut self, head: Head) -> Result<Option<Found>, Error> {
        let (kind, at) = block::look_up(head.number);
        if head.length < OVERHEAD_BYTES {
            return Err(head.damaged(head.bad_length()));
        }
        self.stats.block(at, head.length);
        match kind {
            Kind::Event(layout) => self.event(head, layout),
            Kind::Section => self.section(head),
            Kind::Machine => self.machine(head),
            Kind::Processes(version) => self.open_list(head, List::Processes(version)),
            Kind::Fds(version) => self.open_list(head, List::Fds { version, tid: 0 }),
            Kind::Interfaces(version) => self.open_list(head, List::Interfaces(version)),
            Kind::Users(version) => self.open_list(head, List::Users(version)),
            Kind::Unknown => self.unknown(head),
        }
    }

    /// Gets the whole block into the window.
    fn whole(&mut self, head: Head) -> Result<(), Error> {
        let length = head.length as usize;
        if self.window.fill(length) < length {
            return Err(self.cut_short(head.offset));
        }
        let trailer = self.window.bytes().get(length - 4..).and_then(|b| Cursor::new(b).u32());
        head.check_trailer(trailer.unwrap_or_default())
    }

    fn event(&mut self, head: Head, layout: EventBlock) -> Result<Option<Found>, Error> {
        if head.length > MAX_EVENT_BLOCK_BYTES {
            let (length, max) = (head.length, MAX_EVENT_BLOCK_BYTES);
            return Err(head.damaged(Damage::EventTooLarge { length, max }));
        }
        self.whole(head)?;
        match self.event_here(head, layout) {
            Here::Event => Ok(Some(Found::Event)),
            Here::Converted => Ok(Some(Found::Converted)),
            Here::Nothing => Ok(None),
            Here::Damaged(damage) => Err(head.damaged(damage)),
        }
    }

    /// The next block if it is an event that is at hand whole, as almost all are: these go by the
    /// short way in [`Reader::step`]. `None` for anything else, which is left to [`Reader::block`].
    #[inline]
    fn event_at_hand(&mut self) -> Option<(Head, EventBlock)> {
        if self.list.is_some() || self.pending > self.window.bytes().len() as u64 {
            return None;
        }
        self.window.consume(std::mem::take(&mut self.pending) as usize);
        let bytes = self.window.bytes();
        let [a, b, c, d, e, f, g, h] = *bytes.first_chunk::<HEAD_BYTES>()?;
        let (number, length) = (u32::from_le_bytes([a, b, c, d]), u32::from_le_bytes([e, f, g, h]));
        if !(OVERHEAD_BYTES..=MAX_EVENT_BLOCK_BYTES).contains(&length) {
            return None;
        }
        let trailer = bytes.get(length as usize - 4..)?.first_chunk()?;
        let (Kind::Event(layout), at) = block::look_up(number) else { return None };
        if u32::from_le_bytes(*trailer) != length {
            return None;
        }
        self.stats.block(at, length);
        Some((Head { offset: self.window.offset(), number, length }, layout))
    }

    /// Takes the event of a block that is at hand whole.
    #[inline]
    fn event_here(&mut self, head: Head, layout: EventBlock) -> Here {
        self.pending = u64::from(head.length);
        let body = self.window.bytes().get(HEAD_BYTES..head.length as usize - 4);
        let body = body.unwrap_or_default();
        let parts = match parse(layout, body) {
            Some(Body::Event(parts)) => parts,
            Some(Body::Unknown) => {
                self.stats.unknown_events += 1;
                return Here::Nothing;
            }
            Some(Body::Damaged(kind)) => return Here::Damaged(Damage::Event { kind }),
            None => return Here::Damaged(head.bad_length()),
        };
        self.stats.surplus_params += u64::from(parts.surplus);
        let event = parts.view(body);
        match self.converter.convert(&event) {
            Outcome::Dropped => Here::Nothing,
            Outcome::Pass => {
                self.stats.delivered(event.ts_ns);
                self.parts = Some(parts);
                Here::Event
            }
            Outcome::Converted => {
                self.stats.delivered(event.ts_ns);
                Here::Converted
            }
        }
    }

    fn section(&mut self, head: Head) -> Result<Option<Found>, Error> {
        if head.length < OVERHEAD_BYTES + SECTION_BYTES as u32 {
            return Err(head.damaged(head.bad_length()));
        }
        if self.window.fill(HEAD_BYTES + SECTION_BYTES) < HEAD_BYTES + SECTION_BYTES {
            return Err(self.cut_short(head.offset));
        }
        let mut body = Cursor::new(self.window.bytes().get(HEAD_BYTES..).unwrap_or_default());
        let order = body.u32().unwrap_or_default();
        let (major, minor) = (body.u16().unwrap_or_default(), body.u16().unwrap_or_default());
        match order {
            block::BYTE_ORDER => {}
            swapped if swapped.swap_bytes() == block::BYTE_ORDER => return Err(Error::BigEndian),
            _ => return Err(head.damaged(Damage::ByteOrder)),
        }
        if major > 1 {
            return Err(Error::Version { major, minor, offset: head.offset });
        }
        self.skip_block(head)?;
        self.stats.version = (major, minor);
        self.stats.sections += 1;
        if self.stats.sections == 1 {
            return Ok(None);
        }
        self.converter.forget();
        Ok(Some(Found::Section))
    }

    fn machine(&mut self, head: Head) -> Result<Option<Found>, Error> {
        if (head.length as usize) < OVERHEAD_BYTES as usize + MACHINE_BYTES {
            return Err(head.damaged(Damage::Entry { list: "machine" }));
        }
        if head.length > MAX_EVENT_BLOCK_BYTES {
            return Err(head.damaged(head.bad_length()));
        }
        self.whole(head)?;
        self.pending = u64::from(head.length);
        Ok(Some(Found::Machine))
    }

    fn unknown(&mut self, head: Head) -> Result<Option<Found>, Error> {
        if head.number == block::PCAPNG_INTERFACE && self.stats.only_section_and_unknown() {
            return Err(Error::Packets);
        }
        self.skip_block(head)?;
        Ok(None)
    }

    /// Passes over a block of any length, whose trailer must agree.
    fn skip_block(&mut self, head: Head) -> Result<(), Error> {
        self.skip(head, u64::from(head.length) - 4)?;
        self.trailer(head)
    }

    fn trailer(&mut self, head: Head) -> Result<(), Error> {
        if self.window.fill(4) < 4 {
            return Err(self.cut_short(head.offset));
        }
        let trailer = Cursor::new(self.window.bytes()).u32().unwrap_or_default();
        head.check_trailer(trailer)?;
        self.window.consume(4);
        Ok(())
    }

    fn open_list(&mut self, head: Head, list: List) -> Result<Option<Found>, Error> {
        self.window.consume(HEAD_BYTES);
        let mut open = OpenList { list, head, left: u64::from(head.length - OVERHEAD_BYTES) };
        if let List::Fds { version, .. } = list {
            if open.left < 8 {
                return Err(head.damaged(Damage::Entry { list: list.name() }));
            }
            if self.window.fill(8) < 8 {
                return Err(self.cut_short(head.offset));
            }
            let tid = Cursor::new(self.window.bytes()).i64().unwrap_or_default();
            self.window.consume(8);
            open.left -= 8;
            open.list = List::Fds { version, tid };
        }
        self.list = Some(open);
        Ok(None)
    }

    /// Gets the list's next entry ready, or closes the list.
    fn list_step(&mut self, open: OpenList) -> Result<Option<Found>, Error> {
        // Less than this is padding.
        if open.left < 4 {
            self.list = None;
            self.skip(open.head, open.left)?;
            self.trailer(open.head)?;
            return Ok(None);
        }
        let wanted = usize::try_from(open.left).unwrap_or(usize::MAX).min(MAX_ENTRY_BYTES);
        let there = self.window.fill(wanted).min(wanted);
        let bytes = self.window.bytes().get(..there).unwrap_or_default();
        if let List::Fds { version, .. } = open.list {
            lists::note_unknown(version, bytes, &mut self.unknown_fd);
        }
        let unknown = open.list.unknown_entry(bytes);
        let length = match unknown {
            Some(length) => Some(length),
            None => open.list.entry(bytes, &self.unknown_fd).map(|(_, length)| length),
        };
        match length {
            Some(length) if length <= open.left => {
                self.list = Some(OpenList { left: open.left - length, ..open });
                self.pending = length;
                Ok(unknown.is_none().then_some(Found::Entry(open.list)))
            }
            None if there < wanted => Err(self.cut_short(open.head.offset)),
            _ => {
                let offset = self.window.offset();
                let damage = Damage::Entry { list: open.list.name() };
                Err(Error::Damaged { offset, damage })
            }
        }
    }
}

impl<R: Read> Source for Reader<R> {
    fn next(&mut self) -> Result<Option<Record<'_>>, Error> {
        match self.step()? {
            Some(found) => Ok(self.record(found)),
            None => Ok(None),
        }
    }
}

impl<R: Read> Reader<R> {
    /// Finds the next thing to hand on; [`Reader::record`] hands it on.
    pub(super) fn step(&mut self) -> Result<Option<Found>, Error> {
        if self.done {
            return Ok(None);
        }
        while let Some((head, layout)) = self.event_at_hand() {
            match self.event_here(head, layout) {
                Here::Event => return Ok(Some(Found::Event)),
                Here::Converted => return Ok(Some(Found::Converted)),
                Here::Nothing => {}
                Here::Damaged(damage) => {
                    self.done = true;
                    return Err(head.damaged(damage));
                }
            }
        }
        let found = self.advance();
        self.done = !matches!(found, Ok(Some(_)));
        found
    }
}

impl<R: Read> Reader<R> {
    /// What was found, as long as no further step is taken.
    pub(super) fn record(&mut self, found: Found) -> Option<Record<'_>> {
        match found {
            Found::Event => {
                let body = self.window.bytes().get(HEAD_BYTES..).unwrap_or_default();
                self.parts.as_ref().map(|parts| Record::Event(parts.view(body)))
            }
            Found::Converted => self.converter.event().map(Record::Event),
            Found::Section => Some(Record::Section),
            Found::Machine => {
                let body = self.window.bytes().get(HEAD_BYTES..).unwrap_or_default();
                lists::machine(body).map(Record::Machine)
            }
            Found::Entry(list) => {
                let (record, _) = list.entry(self.window.bytes(), &self.unknown_fd)?;
                match record {
                    Record::Thread(_) => self.stats.threads += 1,
                    Record::Fd(..) => self.stats.fds += 1,
                    Record::Interface(_) => self.stats.interfaces += 1,
                    Record::User(_) => self.stats.users += 1,
                    Record::Group(_) => self.stats.groups += 1,
                    Record::Section | Record::Machine(_) | Record::Event(_) => {}
                }
                Some(record)
            }
        }
    }
}

impl Head {
    fn damaged(self, damage: Damage) -> Error {
        Error::Damaged { offset: self.offset, damage }
    }

    fn bad_length(self) -> Damage {
        Damage::BlockLength { kind: self.number, length: self.length }
    }

    fn check_trailer(self, trailer: u32) -> Result<(), Error> {
        if trailer == self.length {
            return Ok(());
        }
        let (kind, length) = (self.number, self.length);
        Err(self.damaged(Damage::Trailer { kind, length, trailer }))
    }
}
