//! The hash of bytes that come in pieces: of many, on a thread of its own, so that whoever reads them goes
//! on meanwhile.

use std::{
    io::{self, Write},
    mem,
    sync::mpsc::{Receiver, SyncSender, channel, sync_channel},
    thread::{self, JoinHandle},
};

use sha2::{Digest as _, Sha256};

use super::Digest;

/// Fewer than these are not worth a thread.
const FEW_BYTES: u64 = 1 << 20;
/// Bytes that are handed over at once.
const PIECE_BYTES: usize = 256 << 10;
/// Pieces that may wait.
const WAITING: usize = 3;

#[derive(Debug)]
pub(super) enum Hash {
    Here {
        hash: Sha256,
        /// So many bytes more, and a thread is worth it.
        few_bytes: u64,
    },
    Beside(Beside),
}

impl Hash {
    pub(super) fn new() -> Self {
        Self::Here { hash: Sha256::new(), few_bytes: FEW_BYTES }
    }

    pub(super) fn update(&mut self, piece: &[u8]) -> io::Result<()> {
        match self {
            Self::Here { hash, few_bytes } => {
                hash.update(piece);
                *few_bytes = few_bytes.saturating_sub(piece.len() as u64);
                if *few_bytes == 0 {
                    match Beside::start(hash) {
                        Some(beside) => *self = Self::Beside(beside),
                        None => *few_bytes = u64::MAX,
                    }
                }
                Ok(())
            }
            Self::Beside(beside) => beside.update(piece),
        }
    }

    pub(super) fn finish(self) -> io::Result<Digest> {
        let hash = match self {
            Self::Here { hash, .. } => hash,
            Self::Beside(beside) => beside.finish()?,
        };
        Ok(Digest(hash.finalize().into()))
    }
}

impl Write for Hash {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.update(bytes).map(|()| bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A thread that hashes. Dropped, it ends by itself.
#[derive(Debug)]
pub(super) struct Beside {
    full: SyncSender<Vec<u8>>,
    empty: Receiver<Vec<u8>>,
    filling: Vec<u8>,
    thread: JoinHandle<Sha256>,
}

impl Beside {
    /// Goes on where `hash` is; `None` where there is no CPU or no thread for it.
    fn start(hash: &Sha256) -> Option<Self> {
        if thread::available_parallelism().is_ok_and(|cpus| cpus.get() == 1) {
            return None;
        }
        let (full, filled) = sync_channel::<Vec<u8>>(WAITING);
        let (done, empty) = channel();
        let mut hash = hash.clone();
        let thread = thread::Builder::new().spawn(move || {
            for mut piece in filled {
                hash.update(&piece);
                piece.clear();
                // Whoever read may have enough.
                let _ = done.send(piece);
            }
            hash
        });
        let filling = Vec::with_capacity(PIECE_BYTES);
        Some(Self { full, empty, filling, thread: thread.ok()? })
    }

    fn update(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            let room = PIECE_BYTES.saturating_sub(self.filling.len());
            let (some, rest) = bytes.split_at_checked(room).unwrap_or((bytes, &[]));
            self.filling.extend_from_slice(some);
            bytes = rest;
            if self.filling.len() == PIECE_BYTES {
                let next =
                    self.empty.try_recv().unwrap_or_else(|_| Vec::with_capacity(PIECE_BYTES));
                let piece = mem::replace(&mut self.filling, next);
                self.full.send(piece).map_err(|_| failed())?;
            }
        }
        Ok(())
    }

    fn finish(self) -> io::Result<Sha256> {
        self.full.send(self.filling).map_err(|_| failed())?;
        drop(self.full);
        self.thread.join().map_err(|_| failed())
    }
}

fn failed() -> io::Error {
    io::Error::other("the thread that computes digests has failed")
}
