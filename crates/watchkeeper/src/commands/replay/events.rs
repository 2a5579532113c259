//! Replay without rules: what the events say.

use std::{io::Write, path::Path};

use rules::{
    filter::{Filter, Memory},
    format::{Format, Missing, json_string},
};
use state::Context;

use super::Args;
use crate::{
    error::Error,
    input::Next,
    output::{self, Out, Verbosity},
};

const DEFAULT_FORMAT: &str =
    "%evt.num %evt.time %evt.cpu %proc.name (%thread.tid) %evt.type %evt.info";

/// Filters, formats, prints and counts.
pub(super) struct Printer {
    filter: Option<Filter>,
    format: Format,
    form: output::Format,
    counting: bool,
    left: Option<u64>,
    matched: u64,
    /// In the files before this one.
    matched_before: u64,
    files: usize,
    memory: Memory,
    line: Vec<u8>,
    out: Out,
}

impl Printer {
    pub(super) fn new(args: &Args, verbosity: Verbosity) -> Result<Self, Error> {
        let filter = super::filter_of(args, verbosity)?;
        let format = Format::compile(args.print.as_deref().unwrap_or(DEFAULT_FORMAT))
            .map_err(|report| Error::Usage(report.to_string()))?;
        Ok(Self {
            filter,
            format: format.with_missing(Missing::IsMarked),
            form: args.format,
            counting: args.count,
            left: args.limit,
            matched: 0,
            matched_before: 0,
            files: args.files.len(),
            memory: Memory::default(),
            line: Vec::new(),
            out: Out::new(),
        })
    }

    pub(super) fn event(&mut self, context: &Context<'_>) -> Result<Next, Error> {
        if let Some(filter) = &self.filter
            && !filter.matches(context, &mut self.memory)
        {
            return Ok(Next::Continue);
        }
        self.matched += 1;
        if !self.counting {
            self.line.clear();
            match self.form {
                output::Format::Text => {
                    self.format.text(context, &mut self.memory, &mut self.line);
                }
                output::Format::Json => {
                    self.format.json(context, &mut self.memory, &mut self.line);
                }
            }
            self.out.line(&self.line)?;
        }
        if let Some(left) = &mut self.left {
            *left -= 1;
            if *left == 0 {
                return Ok(Next::Stop);
            }
        }
        Ok(Next::Continue)
    }

    /// Whether all that was asked for is printed.
    pub(super) fn is_done(&self) -> bool {
        self.left == Some(0)
    }

    /// A recording ended.
    pub(super) fn end_of(&mut self, path: &Path) -> Result<(), Error> {
        if self.counting {
            self.count(path, self.matched - self.matched_before, self.files)?;
        }
        self.matched_before = self.matched;
        Ok(())
    }

    /// All recordings ended.
    pub(super) fn finish(mut self) -> Result<(), Error> {
        Ok(self.out.flush()?)
    }

    fn count(&mut self, path: &Path, count: u64, files: usize) -> Result<(), Error> {
        let name = path.as_os_str().as_encoded_bytes();
        self.line.clear();
        match self.form {
            output::Format::Json => {
                self.line.extend_from_slice(b"{\"file\":");
                json_string(name, &mut self.line);
                write!(self.line, ",\"count\":{count}}}")?;
            }
            output::Format::Text if files > 1 => {
                self.line.extend_from_slice(name);
                write!(self.line, ": {count}")?;
            }
            output::Format::Text => write!(self.line, "{count}")?,
        }
        self.out.line(&self.line)?;
        Ok(())
    }
}
