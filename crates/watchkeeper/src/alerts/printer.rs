//! Where alerts are read: lines of ours, or the outputs that were asked for.

use std::io::{self, Write as _};

use event::alert::Alert;

use super::Tally;
use crate::{
    error::{Error, Outcome},
    output::{Format, Out},
    outputs::{Outputs, Pace},
};

/// How alerts are printed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Printing {
    pub(crate) form: Format,
    /// Only how many there are of each rule.
    pub(crate) counting: bool,
    /// At most so many.
    pub(crate) limit: Option<u64>,
    pub(crate) lines: Lines,
}

/// Where lines go when there are no outputs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Lines {
    /// Alerts of a recording; who reads them may go away, which ends it all.
    Stdout,
    /// Alerts of what happens now, which goes on whether they can be told or not.
    Stderr,
    /// The same on stdout, through a queue: who reads them slowly holds nothing back.
    Queued,
}

impl Lines {
    /// Whether what the alerts are of can wait for those who read them.
    pub(crate) fn pace(self) -> Pace {
        match self {
            Self::Stdout => Pace::CanWait,
            Self::Stderr | Self::Queued => Pace::Live,
        }
    }
}

/// Prints alerts, or sends them to the outputs that were asked for.
pub(super) struct Printer {
    printing: Printing,
    left: Option<u64>,
    line: Vec<u8>,
    out: Option<Out>,
    pub(super) outputs: Option<Outputs>,
    /// Why alerts of what happens now are no longer told to somebody.
    failure: Option<Error>,
    /// There is nobody left to tell them to.
    is_unheard: bool,
}

impl Printer {
    pub(super) fn new(printing: Printing, outputs: Option<Outputs>) -> Self {
        let out = (printing.lines == Lines::Stdout).then(Out::new);
        Self {
            printing,
            left: printing.limit,
            line: Vec::new(),
            out,
            outputs,
            failure: None,
            is_unheard: false,
        }
    }

    /// Whether alerts are no longer told to anybody, for whoever read them went away.
    pub(super) fn is_unheard(&self) -> bool {
        self.is_unheard
    }

    /// Whether as many were printed as were asked for.
    pub(super) fn is_full(&self) -> bool {
        self.left == Some(0)
    }

    /// Prints and removes the alerts, or as many as are still asked for.
    pub(super) fn print(&mut self, due: &mut Vec<Alert>) -> Result<(), Error> {
        for alert in due.drain(..) {
            if self.left == Some(0) || self.is_unheard {
                break;
            }
            self.left = self.left.map(|left| left - 1);
            if self.printing.counting {
                continue;
            }
            match self.send(alert) {
                Err(error) if self.printing.lines.pace() == Pace::Live => self.failed(error),
                other => other?,
            }
        }
        Ok(())
    }

    /// What happens now goes on, and so do the outputs that still work. It is said once, at once.
    fn failed(&mut self, error: Error) {
        self.is_unheard = self.outputs.as_ref().is_none_or(Outputs::have_ended);
        if self.failure.is_none() && self.outputs.is_some() {
            say!("alerts are not told there any more: {error}");
        }
        self.failure = Some(error);
    }

    fn send(&mut self, alert: Alert) -> Result<(), Error> {
        if let Some(outputs) = &self.outputs {
            return outputs.send(alert);
        }
        self.line.clear();
        match self.printing.form {
            Format::Text => alert.text(&mut self.line),
            Format::Json => alert.json(&mut self.line),
        }
        if let Some(out) = &mut self.out {
            return Ok(out.line(&self.line)?);
        }
        // In one piece, for others write there too.
        self.line.push(b'\n');
        Ok(io::stderr().lock().write_all(&self.line)?)
    }

    /// Prints the counts, if they were asked for, and what is held back.
    pub(super) fn finish(&mut self, tally: &Tally) -> Result<Outcome, Error> {
        if let Some(out) = &mut self.out {
            if self.printing.counting {
                tally.lines(self.printing.form, |line| out.line(line))?;
            }
            io::Write::flush(out)?;
        }
        match &self.failure {
            Some(error) if self.outputs.is_none() => {
                say!("alerts were not told to the end: {error}");
                Ok(Outcome::InPart)
            }
            Some(_) => Ok(Outcome::InPart),
            None => Ok(Outcome::Done),
        }
    }
}
