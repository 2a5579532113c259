//! Standard output, a line for each alert.
//!
//! What cannot be written to it ends the output: whoever reads it went away, or its disk is full.

use std::{
    fs::File,
    io::{self, Write},
    os::fd::AsFd,
};

use event::alert::Alert;

use crate::{
    Form,
    sink::{Failure, Sink},
};

/// Writes to standard output.
pub(crate) struct StdoutSink {
    /// Not `io::stdout()`: its lock may be held elsewhere, and its buffer is of no use here.
    out: File,
    form: Form,
}

impl StdoutSink {
    pub(crate) fn open(form: Form) -> io::Result<Self> {
        let out = File::from(io::stdout().as_fd().try_clone_to_owned()?);
        Ok(Self { out, form })
    }
}

impl Sink for StdoutSink {
    fn deliver(&mut self, alert: &Alert) -> Result<(), Failure> {
        self.out.write_all(&self.form.line_of(alert)).map_err(Failure::Ended)
    }
}
