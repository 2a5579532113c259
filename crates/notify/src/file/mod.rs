//! A file, a line for each alert, rotated by size and age.
//!
//! Each alert is one write at the file's end, so that a crash leaves whole lines but possibly the
//! last; the next start begins a new line behind it. When somebody moves the file away, as
//! logrotate does, a new one is made. One program should write to a file; two don't know of each
//! other's rotation.

mod rotate;

use std::{
    fs::{File, Metadata, OpenOptions},
    io::{self, Write},
    os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt},
    path::PathBuf,
};

use event::alert::Alert;

pub use rotate::Rotate;

use crate::{
    Error, Form,
    sink::{Failure, Sink},
};

/// Which file, and when it is rotated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The file that is written.
    pub path: PathBuf,
    /// When it is moved out of the way. Pipes and devices never are.
    pub rotate: Rotate,
}

/// Writes to a file.
pub(crate) struct FileSink {
    settings: Settings,
    form: Form,
    open: Option<Open>,
}

struct Open {
    file: File,
    /// Device and inode: what the path leads to may become another file.
    id: (u64, u64),
    /// Its last line was cut off by a crash.
    torn: bool,
}

impl FileSink {
    /// Opens the file, so that a wrong path is known at once.
    pub(crate) fn open(settings: Settings, form: Form) -> Result<Self, Error> {
        let open = Open::new(&settings)
            .map_err(|source| Error::File { path: settings.path.clone(), source })?;
        Ok(Self { settings, form, open: Some(open) })
    }

    /// The file that the path leads to, and what is known of it before the next line.
    fn current(&mut self) -> io::Result<(&mut Open, Metadata)> {
        let known = self.open.take();
        let there = self.settings.path.metadata().ok();
        let (open, meta) = match (known, there) {
            (Some(open), Some(meta)) if open.id == id(&meta) => (open, meta),
            _ => {
                let open = Open::new(&self.settings)?;
                let meta = open.file.metadata()?;
                (open, meta)
            }
        };
        Ok((self.open.insert(open), meta))
    }

    fn append(&mut self, line: &[u8]) -> io::Result<()> {
        let (open, meta) = self.current()?;
        let line = if open.torn { [b"\n", line].concat() } else { line.to_vec() };
        let written = open.file.write_all(&line);
        open.torn = false;
        if written.is_err() {
            // The disk may have become full in the middle of the line.
            open.torn = meta.is_file() && open.file.set_len(meta.len()).is_err();
        }
        written
    }

    /// Rotates the file if it is due and has anything in it.
    fn rotate(&mut self, line_bytes: u64) -> io::Result<()> {
        let rotate = self.settings.rotate.clone();
        let (_, meta) = self.current()?;
        if meta.is_file() && meta.len() > 0 && rotate.is_due(&meta, line_bytes) {
            rotate.shift(&self.settings.path)?;
        }
        Ok(())
    }
}

impl Sink for FileSink {
    fn deliver(&mut self, alert: &Alert) -> Result<(), Failure> {
        let line = self.form.line_of(alert);
        let rotated = self.rotate(line.len() as u64);
        self.append(&line)
            .map_err(|error| Failure::retry(format!("cannot be written: {error}")))?;
        rotated.map_err(|error| Failure::Impaired(format!("cannot be rotated: {error}")))
    }
}

impl Open {
    fn new(settings: &Settings) -> io::Result<Self> {
        // Alerts may tell of passwords on command lines: nothing for everybody to read.
        let mut options = OpenOptions::new();
        options.read(true).append(true).create(true).mode(0o640);
        let file = options.open(&settings.path)?;
        let meta = file.metadata()?;
        let torn = meta.is_file() && meta.len() > 0 && {
            let mut last = [0];
            file.read_exact_at(&mut last, meta.len() - 1)?;
            last != *b"\n"
        };
        Ok(Self { file, id: id(&meta), torn })
    }
}

fn id(meta: &Metadata) -> (u64, u64) {
    (meta.dev(), meta.ino())
}
