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

use event::{Event, batch::Batch};

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
    batch: Taken,
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
    full: Receiver<Batch>,
    empty: Sender<Batch>,
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
            batch: Taken::default(),
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
    full: &SyncSender<Batch>,
    empty: &Receiver<Batch>,
) -> Return<R> {
    let mut batch = Batch::default();
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
            batch.push(&event);
        }
        if batch.len() >= BATCH_BYTES {
            let mut next: Batch = empty.try_recv().unwrap_or_default();
            next.clear();
            if full.send(std::mem::replace(&mut batch, next)).is_err() {
                return (reader, Ok(None));
            }
        }
    }
}

/// A batch of which events are taken out one by one.
#[derive(Debug, Default)]
struct Taken {
    batch: Batch,
    at: usize,
}

impl Taken {
    fn is_used_up(&self) -> bool {
        self.at >= self.batch.len()
    }

    /// Takes another one in; returns the one before.
    fn replace(&mut self, batch: Batch) -> Batch {
        self.at = 0;
        std::mem::replace(&mut self.batch, batch)
    }

    fn next(&mut self) -> Option<Event<'_>> {
        self.batch.next(&mut self.at)
    }
}
