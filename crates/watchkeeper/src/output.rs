//! stdout carries data, stderr carries what is said about it.

use std::{
    fmt,
    io::{self, BufWriter, IsTerminal, StdoutLock, Write},
};

use clap::ValueEnum;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// How much is said on stderr.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Verbosity {
    /// Errors.
    Quiet,
    /// Summaries, but no progress: output goes to the same terminal.
    NoProgress,
    /// Progress (on a terminal) and summaries too.
    Normal,
}

/// Form of the output.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(crate) enum Format {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// Form of the output of commands that also make manual pages.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(crate) enum DocFormat {
    /// For people.
    Text,
    /// For programs.
    Json,
    /// For the manual.
    Markdown,
}

/// Buffered stdout; lines appear at once when somebody watches.
pub(crate) struct Out {
    inner: BufWriter<StdoutLock<'static>>,
    flush_each: bool,
    reader: Reader,
}

/// Whoever reads the output.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Reader {
    /// There is one; nothing is done without.
    Needed,
    /// There may be none: the exit code is an answer as well.
    Spared,
    /// It is spared, and went away.
    Gone,
}

impl Out {
    pub(crate) fn new() -> Self {
        let stdout = io::stdout();
        let flush_each = stdout.is_terminal();
        let inner = BufWriter::with_capacity(64 * 1024, stdout.lock());
        Self { inner, flush_each, reader: Reader::Needed }
    }

    /// As [`Out::new`], for a command whose exit code is an answer: when the reader goes away (`| head`), what is
    /// left to write is dropped, and the command goes on to its end.
    pub(crate) fn beside_code() -> Self {
        Self { reader: Reader::Spared, ..Self::new() }
    }

    /// Takes it that nobody reads any more, if nobody has to.
    fn or_gone<T>(&mut self, result: io::Result<T>, instead: T) -> io::Result<T> {
        match result {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => match self.reader {
                Reader::Needed => Err(error),
                Reader::Spared | Reader::Gone => {
                    self.reader = Reader::Gone;
                    Ok(instead)
                }
            },
            result => result,
        }
    }

    /// Writes `line` and a line feed.
    pub(crate) fn line(&mut self, line: &[u8]) -> io::Result<()> {
        self.write_all(line)?;
        self.write_all(b"\n")?;
        if self.flush_each { self.flush() } else { Ok(()) }
    }
}

impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.reader == Reader::Gone {
            return Ok(bytes.len());
        }
        let result = self.inner.write(bytes);
        self.or_gone(result, bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.reader == Reader::Gone {
            return Ok(());
        }
        let result = self.inner.flush();
        self.or_gone(result, ())
    }
}

/// What was written by a command whose exit code is an answer: that its reader went away is no failure.
pub(crate) fn beside_code(written: io::Result<()>) -> io::Result<()> {
    match written {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written,
    }
}

/// Says a line on stderr. That nobody is there to read it is no reason to stop.
macro_rules! say {
    ($($text:tt)*) => {
        $crate::output::line_on_stderr(format_args!("watchkeeper: {}", format_args!($($text)*)))
    };
}

/// As [`say!`], without the program's name before it.
macro_rules! say_plain {
    ($($text:tt)*) => { $crate::output::line_on_stderr(format_args!($($text)*)) };
}

/// Writes the text and a line feed to stderr, in one piece.
pub(crate) fn line_on_stderr(text: fmt::Arguments<'_>) {
    let _ = io::stderr().lock().write_all(format!("{text}\n").as_bytes());
}

/// A progress bar over `total` bytes (a spinner if unknown), on a terminal only.
pub(crate) fn progress(total: Option<u64>, verbosity: Verbosity) -> ProgressBar {
    let shown = verbosity == Verbosity::Normal && io::stderr().is_terminal();
    let bar = ProgressBar::with_draw_target(
        total,
        if shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() },
    );
    let template = match total {
        Some(_) => "{bar:30} {percent}% {bytes}/{total_bytes} {bytes_per_sec} {msg}",
        None => "{spinner} {bytes} {bytes_per_sec} {msg}",
    };
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar
}

/// So many of something: `1 event`, `2 events`, `3 interface addresses`, `4 entries`.
pub(crate) fn plural(count: u64, what: &str) -> String {
    match count {
        1 => format!("1 {what}"),
        _ if what.ends_with('s') => format!("{count} {what}es"),
        _ if what.ends_with("ry") => format!("{count} {}ies", what.trim_end_matches('y')),
        _ => format!("{count} {what}s"),
    }
}
