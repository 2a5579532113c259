//! The file that all of it is written to.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, BufWriter, ErrorKind},
    mem,
    os::unix::fs::OpenOptionsExt,
    path::PathBuf,
    time::{Duration, Instant},
};

use capture::file::Writer;
use event::snapshot::Record;

use crate::{
    error::Error,
    files::{Method, PRIVATE},
};

/// What was written reaches the file within this time.
const EVERY: Duration = Duration::from_secs(1);

/// A recording that is written while things happen.
///
/// It stands in its place from the beginning, and what is in it can be read at any time, whatever
/// becomes of the program.
pub(crate) struct Recording {
    pub(crate) path: PathBuf,
    method: Method,
    stage: Stage,
    flushed: Instant,
    is_dirty: bool,
}

enum Stage {
    /// Nothing is written yet: should nothing be recorded, what was there before stays.
    Open {
        file: File,
        is_new: bool,
    },
    Writing(Box<Writer<BufWriter<File>>>),
    /// What went wrong, until it is said.
    Failed(Option<io::Error>),
    /// All of it is written.
    Whole,
}

impl Recording {
    /// Opens the file, and changes nothing in it yet.
    ///
    /// # Errors
    /// If it cannot be written.
    pub(crate) fn open(path: &PathBuf, method: Option<Method>) -> Result<Self, Error> {
        let at = |source| Error::File { path: path.clone(), source };
        let mut options = OpenOptions::new();
        options.write(true).mode(PRIVATE);
        let (file, is_new) = match options.clone().create_new(true).open(path) {
            Ok(file) => (file, true),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                (options.create(true).open(path).map_err(at)?, false)
            }
            Err(error) => return Err(at(error)),
        };
        Ok(Self {
            path: path.clone(),
            method: method.unwrap_or_else(|| Method::by_name(path)),
            stage: Stage::Open { file, is_new },
            flushed: Instant::now(),
            is_dirty: false,
        })
    }

    /// It begins: what was in the file goes.
    pub(crate) fn begin(&mut self) {
        let Stage::Open { file, .. } = mem::replace(&mut self.stage, Stage::Failed(None)) else {
            return;
        };
        let begin = || {
            if file.metadata()?.is_file() {
                file.set_len(0)?;
            }
            let compression = self.method.compression();
            Writer::new(BufWriter::new(file), compression).map(Box::new)
        };
        self.stage = begin().map_or_else(|error| Stage::Failed(Some(error)), Stage::Writing);
        self.is_dirty = true;
    }

    /// Writes a record.
    pub(crate) fn write(&mut self, record: &Record<'_>) {
        if let Stage::Writing(writer) = &mut self.stage {
            let written = writer.write(record);
            self.is_dirty = true;
            self.settle(written);
        }
    }

    /// Hands on what waits, if it has waited long enough.
    pub(crate) fn flush(&mut self) {
        if !self.is_dirty || self.flushed.elapsed() < EVERY {
            return;
        }
        if let Stage::Writing(writer) = &mut self.stage {
            let written = writer.flush();
            self.flushed = Instant::now();
            self.is_dirty = false;
            self.settle(written);
        }
    }

    fn settle(&mut self, written: io::Result<()>) {
        match written {
            // One event that is too large for the format is missing; the file is as it should be.
            Err(error) if error.kind() != ErrorKind::InvalidInput => {
                self.stage = Stage::Failed(Some(error));
            }
            _ => {}
        }
    }

    /// What went wrong, once. After it nothing more is written.
    pub(crate) fn failure(&mut self) -> Option<Error> {
        let Stage::Failed(failure) = &mut self.stage else { return None };
        let source = failure.take()?;
        Some(Error::File { path: self.path.clone(), source })
    }

    /// Ends the file. Says how many strings were cut.
    ///
    /// # Errors
    /// If its end cannot be written.
    pub(crate) fn finish(&mut self) -> Result<Option<u64>, Error> {
        let Stage::Writing(writer) = mem::replace(&mut self.stage, Stage::Failed(None)) else {
            return Ok(None);
        };
        let at = |source| Error::File { path: self.path.clone(), source };
        let shortened = writer.shortened();
        let out = writer.finish().map_err(at)?;
        out.into_inner().map_err(|error| at(error.into_error()))?;
        self.stage = Stage::Whole;
        Ok(Some(shortened))
    }

    /// Whether it was written to its end.
    pub(crate) fn is_whole(&self) -> bool {
        matches!(self.stage, Stage::Whole)
    }
}

impl Drop for Recording {
    /// It did not begin: a file that was made for it goes.
    fn drop(&mut self) {
        if let Stage::Open { is_new: true, .. } = self.stage {
            let _ = fs::remove_file(&self.path);
        }
    }
}
