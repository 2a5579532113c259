//! The file of a window while it is being written.
//!
//! Writing and making the digest take twice as long as putting events into their form, so they are
//! done on a thread of its own, behind a short queue.

use std::{
    fs::File,
    io::{self, ErrorKind, Write},
    sync::mpsc::{self, Receiver, Sender, SyncSender},
    thread::{self, JoinHandle},
};

/// Buffers that may wait to be written.
const MOST_QUEUED: usize = 8;
/// Most bytes of one: as much as the capture's writer hands on but for very large events.
const BUFFER_BYTES: usize = 64 * 1024;

/// Hands on what is to be written.
#[derive(Debug)]
pub(super) struct Sink {
    /// Gone once the thread has ended.
    thread: Option<(SyncSender<Job>, JoinHandle<io::Result<Written>>)>,
    /// Buffers to be used again.
    used: Receiver<Vec<u8>>,
}

/// A file that was written to its end.
#[derive(Debug)]
pub(super) struct Written {
    pub(super) file: File,
    pub(super) bytes: u64,
    hasher: blake3::Hasher,
}

enum Job {
    Write(Vec<u8>),
    /// Says when all that was to be written before is.
    Flush(SyncSender<()>),
}

impl Sink {
    pub(super) fn new(file: File) -> io::Result<Self> {
        let (jobs, to_do) = mpsc::sync_channel(MOST_QUEUED);
        let (done, used) = mpsc::channel();
        let written = Written { file, bytes: 0, hasher: blake3::Hasher::new() };
        let thread = thread::Builder::new().name("window".to_owned());
        let thread = thread.spawn(move || written.work(&to_do, &done))?;
        Ok(Self { thread: Some((jobs, thread)), used })
    }

    /// The file, once all is written.
    pub(super) fn finish(mut self) -> io::Result<Written> {
        self.end()
    }

    fn hand_on(&mut self, job: Job) -> io::Result<()> {
        let handed = self.thread.as_ref().is_some_and(|(jobs, _)| jobs.send(job).is_ok());
        if handed { Ok(()) } else { Err(self.why_ended()) }
    }

    /// Waits for the thread, which ends when there is nothing more to do, or writing failed.
    fn end(&mut self) -> io::Result<Written> {
        let (jobs, thread) = self.thread.take().ok_or(ErrorKind::BrokenPipe)?;
        drop(jobs);
        thread.join().unwrap_or_else(|_| Err(ErrorKind::BrokenPipe.into()))
    }

    fn why_ended(&mut self) -> io::Error {
        self.end().err().unwrap_or_else(|| ErrorKind::BrokenPipe.into())
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let bytes = bytes.get(..BUFFER_BYTES).unwrap_or(bytes);
        let mut buffer = self.used.try_recv().unwrap_or_default();
        buffer.clear();
        buffer.extend_from_slice(bytes);
        self.hand_on(Job::Write(buffer))?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let (done, wait) = mpsc::sync_channel(1);
        self.hand_on(Job::Flush(done))?;
        wait.recv().map_err(|_| self.why_ended())
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        // Whoever comes after this must not find the file still growing.
        let _ = self.end();
    }
}

impl Written {
    /// What the thread does.
    fn work(mut self, jobs: &Receiver<Job>, done: &Sender<Vec<u8>>) -> io::Result<Self> {
        for job in jobs {
            // Nobody may be waiting any more.
            let _ = match job {
                Job::Write(buffer) => {
                    self.file.write_all(&buffer)?;
                    self.hasher.update(&buffer);
                    self.bytes += buffer.len() as u64;
                    done.send(buffer).is_ok()
                }
                Job::Flush(done) => done.send(()).is_ok(),
            };
        }
        Ok(self)
    }

    /// The digest as hexadecimal digits.
    pub(super) fn digest(&self) -> String {
        self.hasher.finalize().to_hex().to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_flushed_is_in_the_file_and_the_digest_is_of_all() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        let mut sink = Sink::new(file.reopen().expect("a file")).expect("a thread");
        let mut want = Vec::new();
        for number in 0..100_u8 {
            let bytes = vec![number; 1_000 * usize::from(number)];
            sink.write_all(&bytes).expect("handed on");
            want.extend_from_slice(&bytes);
            if number % 7 == 0 {
                sink.flush().expect("flushed");
                assert!(std::fs::read(file.path()).expect("it") == want);
            }
        }
        let written = sink.finish().expect("written");
        assert_eq!(written.bytes, want.len() as u64);
        assert_eq!(written.digest(), blake3::hash(&want).to_hex().as_str());
        assert!(std::fs::read(file.path()).expect("it") == want);
    }

    #[test]
    fn why_writing_failed_is_told_once_and_nothing_hangs() {
        let full = || File::options().write(true).open("/dev/full").expect("a full device");
        let mut sink = Sink::new(full()).expect("a thread");
        sink.write_all(b"x").expect("handed on");
        assert_eq!(sink.flush().expect_err("full").kind(), ErrorKind::StorageFull);
        assert_eq!(sink.flush().expect_err("over").kind(), ErrorKind::BrokenPipe);
        assert_eq!(sink.write(b"x").expect_err("over").kind(), ErrorKind::BrokenPipe);

        let mut sink = Sink::new(full()).expect("a thread");
        let error = (0..1_000).find_map(|_| sink.write_all(&[0; 1_000]).err());
        assert_eq!(error.expect("full").kind(), ErrorKind::StorageFull);

        let mut sink = Sink::new(full()).expect("a thread");
        sink.write_all(b"x").expect("handed on");
        assert_eq!(sink.finish().expect_err("full").kind(), ErrorKind::StorageFull);
    }
}
