//! Reads a capture on a thread of its own, while the caller works on the events read before.
//!
//! A [`Reader`] is moved to that thread once events keep coming. The events travel in batches that
//! are used again and again. Anything that is no event (lists between events, another section, the
//! end, damage) brings the reader back, with what it found, so everything else happens on the
//! caller's thread, in the same order and with the same results as if there were no other.
//!
//! Memory beside the reader's: at most [`BATCHES`] batches, each of [`BATCH_BYTES`] and one event.

use std::{
    io::Read,
    sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel},
    thread::{Builder, JoinHandle},
};

use event::{Event, EventType, raw::LenWidth};

use super::{
    ReadStats,
    reader::{Found, Reader},
};
use crate::{Error, Record, Source};

/// A batch is handed over when it has this many bytes.
const BATCH_BYTES: usize = 128 * 1024;
/// Batches on the way, being filled and being used.
const BATCHES: usize = 4;
/// A batch that one event made larger than this is not used again.
const KEPT_BYTES: usize = 4 * BATCH_BYTES;
/// Events in a row before the reader gets a thread: short captures need none, and a capture that
/// mixes lists and events must not start one for each.
const EVENTS_BEFORE: u32 = 4096;

/// Bytes of a stored event before its lengths: time u64, tid u64, length of the parameters u32,
/// type u16, CPU u16, length of the lengths u8, flags u8.
const STORED_BYTES: usize = 26;
/// Flag: lengths have 32 bits.
const WIDE: u8 = 1;
/// Flag: [`Event::state_only`].
const STATE_ONLY: u8 = 2;

/// How events are handed over.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Pace {
    /// Many at a time, read ahead: files.
    Batches,
    /// Each as soon as it is there, without another thread: pipes that somebody watches.
    AtOnce,
}

/// A [`Reader`] that reads ahead.
#[derive(Debug)]
pub struct Ahead<R: Read> {
    pace: Pace,
    place: Place<R>,
    /// What was counted when the reader left.
    stats: ReadStats,
    /// Events in a row read here.
    in_a_row: u32,
    batch: Batch,
}

/// Where the reader is.
#[derive(Debug)]
enum Place<R: Read> {
    Here(Box<Reader<R>>),
    Away(Worker<R>),
    /// Nowhere: the other thread is gone without it.
    Lost,
}

/// The other thread.
#[derive(Debug)]
struct Worker<R: Read> {
    full: Receiver<Vec<u8>>,
    empty: Sender<Vec<u8>>,
    thread: JoinHandle<Option<Return<R>>>,
}

/// The reader comes back with what it found that is no event.
type Return<R> = (Box<Reader<R>>, Result<Option<Found>, Error>);

/// What is to be handed on.
enum Next {
    /// The next event of the batch.
    Stored,
    /// What the reader found, here.
    Found(Found),
    End,
}

impl<R: Read + Send + 'static> Ahead<R> {
    /// Reads on through `reader`.
    pub fn new(reader: Reader<R>, pace: Pace) -> Self {
        Self {
            pace,
            place: Place::Here(Box::new(reader)),
            stats: ReadStats::default(),
            in_a_row: 0,
            batch: Batch::default(),
        }
    }

    /// What was read so far; while the reader is ahead, what was read before it left.
    pub fn stats(&self) -> ReadStats {
        match &self.place {
            Place::Here(reader) => reader.stats(),
            Place::Away(_) | Place::Lost => self.stats.clone(),
        }
    }

    fn advance(&mut self) -> Result<Next, Error> {
        loop {
            if !self.batch.is_used_up() {
                return Ok(Next::Stored);
            }
            match &mut self.place {
                Place::Here(_) if self.in_a_row >= EVENTS_BEFORE => self.send_away(),
                Place::Here(reader) => {
                    let found = reader.step()?;
                    let is_event = found.as_ref().is_some_and(Found::is_event);
                    let counts = is_event && self.pace == Pace::Batches;
                    self.in_a_row = if counts { self.in_a_row + 1 } else { 0 };
                    return Ok(found.map_or(Next::End, Next::Found));
                }
                Place::Away(worker) => match worker.full.recv() {
                    Ok(full) => {
                        let used = self.batch.replace(full);
                        if used.capacity() <= KEPT_BYTES {
                            // If nobody wants it any more, it is let go.
                            let _ = worker.empty.send(used);
                        }
                    }
                    Err(_) => return self.take_back(),
                },
                Place::Lost => return Ok(Next::End),
            }
        }
    }

    /// Moves the reader to a thread of its own, if there can be one.
    fn send_away(&mut self) {
        self.in_a_row = 0;
        let (hand_over, take) = sync_channel::<Box<Reader<R>>>(1);
        let (to_full, full) = sync_channel(BATCHES - 2);
        let (empty, from_empty) = channel();
        let work = move || take.recv().ok().map(|reader| fill(reader, &to_full, &from_empty));
        let builder = Builder::new().name("capture-reader".to_owned());
        let Ok(thread) = builder.spawn(work) else { return };
        let Place::Here(reader) = std::mem::replace(&mut self.place, Place::Lost) else { return };
        self.stats = reader.stats();
        self.place = match hand_over.send(reader) {
            Ok(()) => Place::Away(Worker { full, empty, thread }),
            Err(refused) => Place::Here(refused.0),
        };
    }

    /// The other thread has handed over all that it had: what ended it?
    fn take_back(&mut self) -> Result<Next, Error> {
        let Place::Away(worker) = std::mem::replace(&mut self.place, Place::Lost) else {
            return Ok(Next::End);
        };
        let Ok(Some((reader, found))) = worker.thread.join() else {
            let source = std::io::Error::other("the reading thread failed");
            let (offset, input_offset) = (self.stats.bytes, self.stats.input_bytes);
            return Err(Error::Read { offset, input_offset, source });
        };
        self.place = Place::Here(reader);
        Ok(found?.map_or(Next::End, Next::Found))
    }
}

impl<R: Read + Send + 'static> Source for Ahead<R> {
    fn next(&mut self) -> Result<Option<Record<'_>>, Error> {
        let next = self.advance()?;
        Ok(match (next, &mut self.place) {
            (Next::Stored, _) => self.batch.next().map(Record::Event),
            (Next::Found(found), Place::Here(reader)) => reader.record(found),
            _ => None,
        })
    }
}

/// Fills batches with events until there is something else, or nobody wants them.
fn fill<R: Read>(
    mut reader: Box<Reader<R>>,
    full: &SyncSender<Vec<u8>>,
    empty: &Receiver<Vec<u8>>,
) -> Return<R> {
    let mut batch = Vec::new();
    loop {
        let found = match reader.step() {
            Ok(Some(found)) if found.is_event() => found,
            other => {
                if !batch.is_empty() {
                    let _ = full.send(batch);
                }
                return (reader, other);
            }
        };
        if let Some(Record::Event(event)) = reader.record(found) {
            store(&event, &mut batch);
        }
        if batch.len() >= BATCH_BYTES {
            let mut next: Vec<u8> = empty.try_recv().unwrap_or_default();
            next.clear();
            if full.send(std::mem::replace(&mut batch, next)).is_err() {
                return (reader, Ok(None));
            }
        }
    }
}

fn store(event: &Event<'_>, batch: &mut Vec<u8>) {
    let (lens, data) = (event.len_bytes(), event.data());
    let wide = if event.len_width() == LenWidth::U32 { WIDE } else { 0 };
    let state_only = if event.state_only { STATE_ONLY } else { 0 };
    let mut head = [0; STORED_BYTES];
    head[..8].copy_from_slice(&event.ts_ns.to_le_bytes());
    head[8..16].copy_from_slice(&event.tid.to_le_bytes());
    // An event block has at most 16 MiB, and an event at most 32 lengths of 4 bytes.
    head[16..20].copy_from_slice(&(data.len() as u32).to_le_bytes());
    head[20..22].copy_from_slice(&event.kind.number().to_le_bytes());
    head[22..24].copy_from_slice(&event.cpu.to_le_bytes());
    head[24] = lens.len() as u8;
    head[25] = wide | state_only;
    batch.reserve(STORED_BYTES + lens.len() + data.len());
    batch.extend_from_slice(&head);
    batch.extend_from_slice(lens);
    batch.extend_from_slice(data);
}

/// Stored events, taken out one by one.
#[derive(Debug, Default)]
struct Batch {
    bytes: Vec<u8>,
    at: usize,
}

impl Batch {
    fn is_used_up(&self) -> bool {
        self.at >= self.bytes.len()
    }

    /// Takes another one in; returns the bytes of the one before.
    fn replace(&mut self, bytes: Vec<u8>) -> Vec<u8> {
        self.at = 0;
        std::mem::replace(&mut self.bytes, bytes)
    }

    fn next(&mut self) -> Option<Event<'_>> {
        let (head, rest) = self.bytes.get(self.at..)?.split_first_chunk::<STORED_BYTES>()?;
        let [a, b, c, d, e, f, g, h, tid @ .., lens_bytes, flags] = *head;
        let ts_ns = u64::from_le_bytes([a, b, c, d, e, f, g, h]);
        let [a, b, c, d, e, f, g, h, size @ ..] = tid;
        let tid = i64::from_le_bytes([a, b, c, d, e, f, g, h]);
        let [a, b, c, d, kind, kind_high, cpu, cpu_high] = size;
        let data_bytes = u32::from_le_bytes([a, b, c, d]) as usize;
        let kind = EventType::new(u16::from_le_bytes([kind, kind_high]))?;
        let cpu = u16::from_le_bytes([cpu, cpu_high]);
        let (lens, rest) = rest.split_at_checked(usize::from(lens_bytes))?;
        let data = rest.get(..data_bytes)?;
        self.at += STORED_BYTES + lens.len() + data.len();
        let width = if flags & WIDE == 0 { LenWidth::U16 } else { LenWidth::U32 };
        let mut event = Event::of_parts(cpu, ts_ns, tid, kind, width, lens, data);
        event.state_only = flags & STATE_ONLY != 0;
        Some(event)
    }
}
