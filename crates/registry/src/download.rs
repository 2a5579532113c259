//! A blob while it comes: what breaks off is gone on with, no byte more is taken than was promised, and
//! what comes too slowly counts as broken off.

use std::{
    io::{self, Read},
    rc::Rc,
    time::{Duration, Instant},
};

use image::Blob;
use ureq::{
    Body, BodyReader,
    http::{HeaderMap, Response, StatusCode, header},
};

use crate::{
    Error,
    patience::Waits,
    session::{Session, Wanted},
};

/// So much has to come for a download to count as one that makes progress.
const PROGRESS_BYTES: u64 = 1 << 20;
/// Less than so much in so much time of waiting is too slow.
const SLOWEST_BYTES: u64 = 64 << 10;
const SLOWEST_TIME: Duration = Duration::from_secs(120);

/// A blob while it comes.
pub(crate) struct Download {
    session: Rc<Session>,
    blob: Blob,
    size_bytes: u64,
    body: Option<BodyReader<'static>>,
    at: u64,
    /// So many bytes come again: some registries begin anew.
    known_bytes: u64,
    waits: Waits,
    /// Where the last progress was seen.
    progress_at: u64,
    /// Since when so much has come, in time that was spent waiting.
    window: Window,
}

#[derive(Default)]
struct Window {
    bytes: u64,
    waited: Duration,
}

impl Download {
    pub(crate) fn begin(session: Rc<Session>, blob: Blob, size_bytes: u64) -> Result<Self, Error> {
        let waits = session.waits();
        let mut download = Self {
            session,
            blob,
            size_bytes,
            body: None,
            at: 0,
            known_bytes: 0,
            waits,
            progress_at: 0,
            window: Window::default(),
        };
        download.ask()?;
        Ok(download)
    }

    /// Asks for what is left.
    fn ask(&mut self) -> Result<(), Error> {
        let digest = self.blob.digest.to_string();
        let path = format!("blobs/{digest}");
        let wanted = Wanted { path, what: &digest, accept: None, from: self.at };
        let answer = self.session.get(&wanted)?;
        self.known_bytes = self.known(&answer).map_err(|why| self.error(why))?;
        self.body = Some(answer.into_body().into_reader());
        Ok(())
    }

    /// How many bytes of an answer are known already.
    fn known(&self, answer: &Response<Body>) -> Result<u64, String> {
        let promised = self.size_bytes;
        if answer.status() == StatusCode::PARTIAL_CONTENT {
            let from = range_start(answer.headers()).unwrap_or(0);
            return match from == self.at {
                true => Ok(0),
                false => Err(format!(
                    "hands out another part of {} than the one asked for",
                    self.blob.digest
                )),
            };
        }
        match length(answer.headers()).filter(|length| *length != promised) {
            Some(length) => {
                Err(format!("{} has {length} bytes, not {promised}, as promised", self.blob.digest))
            }
            None => Ok(self.at),
        }
    }

    /// Goes on where it broke off, if there is hope.
    fn resume(&mut self, why: String) -> Result<(), Error> {
        if self.at.saturating_sub(self.progress_at) >= PROGRESS_BYTES {
            self.waits.reset();
        }
        self.progress_at = self.at;
        self.window = Window::default();
        self.body = None;
        let why = format!("{} broke off at byte {}: {why}", self.blob.digest, self.at);
        self.waits.next(None, self.error(why))?;
        self.ask()
    }

    fn error(&self, why: String) -> Error {
        Error::host(self.session.host(), why)
    }

    /// So many bytes may come yet.
    fn left_bytes(&self) -> u64 {
        (self.size_bytes.saturating_sub(self.at)).saturating_add(self.known_bytes)
    }

    /// Moves what is new to the beginning, and says how much that is.
    fn without_known(&mut self, buffer: &mut [u8], read: usize) -> usize {
        let known = usize::try_from(self.known_bytes).unwrap_or(usize::MAX).min(read);
        self.known_bytes -= known as u64;
        buffer.copy_within(known..read, 0);
        read - known
    }

    /// Reads what is there.
    fn read_once(&mut self, buffer: &mut [u8]) -> Result<usize, String> {
        let Some(body) = &mut self.body else { return Ok(0) };
        let start = Instant::now();
        let read = body.read(buffer).map_err(|error| error.to_string())?;
        self.window.waited += start.elapsed();
        self.window.bytes += read as u64;
        if self.window.waited > SLOWEST_TIME {
            if self.window.bytes < SLOWEST_BYTES {
                return Err("it comes too slowly".to_owned());
            }
            self.window = Window::default();
        }
        Ok(read)
    }
}

impl Read for Download {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            let why = match self.read_once(buffer) {
                // What is wrong behind the last byte does not matter any more.
                Ok(0) | Err(_) if self.at == self.size_bytes => return Ok(0),
                Ok(0) => "it ended early".to_owned(),
                Ok(read) if read as u64 > self.left_bytes() => {
                    let (digest, size_bytes) = (self.blob.digest, self.size_bytes);
                    let why =
                        format!("{digest} has more than {size_bytes} bytes, which were promised");
                    return Err(as_io(self.error(why)));
                }
                Ok(read) => match self.without_known(buffer, read) {
                    0 => continue,
                    new => {
                        self.at += new as u64;
                        return Ok(new);
                    }
                },
                Err(why) => why,
            };
            self.resume(why).map_err(as_io)?;
        }
    }
}

/// An error of ours that goes through readers of others.
fn as_io(error: Error) -> io::Error {
    io::Error::other(image::Error::from(error))
}

fn length(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// The first byte of a part: `bytes 5-9/10`.
fn range_start(headers: &HeaderMap) -> Option<u64> {
    let range = headers.get(header::CONTENT_RANGE)?.to_str().ok()?;
    range.strip_prefix("bytes ")?.split('-').next()?.trim().parse().ok()
}
