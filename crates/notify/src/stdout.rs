//! Standard output, a line for each alert.
//!
//! When whoever reads it went away, that ends the output. Other errors, as of a full disk behind it, may
//! pass: where alerts are of what happens now, writing is tried again; where they can wait for their
//! reader, these end it as well.

use std::{
    fs::File,
    io::{self, ErrorKind, Write},
    os::fd::AsFd,
};

use event::alert::Alert;
use rustix::io::Errno;

use crate::{
    Form, Overflow,
    sink::{Failure, Sink},
};

/// Writes to standard output.
pub(crate) struct StdoutSink {
    /// Not `io::stdout()`: its lock may be held elsewhere, and its buffer is of no use here.
    out: File,
    form: Form,
    goes_on: bool,
    /// Its last line was cut off when there was no room for the rest.
    torn: bool,
}

impl StdoutSink {
    pub(crate) fn open(form: Form, overflow: Overflow) -> io::Result<Self> {
        let out = File::from(io::stdout().as_fd().try_clone_to_owned()?);
        Ok(Self { out, form, goes_on: overflow != Overflow::Block, torn: false })
    }

    /// A line in one piece if that can be; what is left of one that was cut off gets its end first.
    fn write(&mut self, line: &[u8]) -> io::Result<()> {
        let whole = if self.torn { [b"\n", line].concat() } else { line.to_vec() };
        let mut rest = &*whole;
        while !rest.is_empty() {
            match self.out.write(rest) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(written) => {
                    rest = rest.get(written..).unwrap_or_default();
                    self.torn = !rest.is_empty();
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

impl Sink for StdoutSink {
    fn deliver(&mut self, alert: &Alert) -> Result<(), Failure> {
        let line = self.form.line_of(alert);
        self.write(&line).map_err(|error| {
            // A terminal that was hung up has this error.
            let is_broken = error.raw_os_error() == Some(Errno::IO.raw_os_error());
            let is_gone = error.kind() == ErrorKind::BrokenPipe || is_broken;
            if self.goes_on && !is_gone {
                return Failure::retry(format!("cannot be written: {error}"));
            }
            Failure::Ended(error)
        })
    }
}
