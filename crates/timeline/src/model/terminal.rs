//! What a process showed on terminals, and what it read from them.

use serde::Serialize;

use super::{Moment, Recorded};

/// A line of a terminal: what the process wrote to it, and what it read that the terminal showed as it
/// was typed. Control sequences are left out.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct TerminalLine {
    /// When it began.
    #[serde(flatten)]
    pub at: Moment,
    /// The terminal's device number.
    pub tty: u32,
    /// Whether some of it was typed, and shown by the terminal itself. Where a program edits lines, it
    /// shows what is typed, and nobody but the reader can tell.
    pub typed: bool,
    /// The line.
    pub text: Recorded,
    /// Bytes that are missing in it or right before it: there were too many at once.
    pub missing_bytes: u64,
}
