//! How things read: commands, files, connections, rights, quantities, each as one short line
//! without line breaks.
//!
//! All that came from the recorded host has been made visible by then, so the lines can go to a
//! terminal as they are; HTML and Markdown escape them further. What is long is cut, and says how
//! long it was.

mod alert;
mod command;
mod file;
mod list;
mod missing;
mod network;
mod privilege;
mod quantity;
mod quote;
mod session;
mod terminal;

pub use alert::{alert, headline};
pub use command::{
    copy, duration_ns, exit, line, name, pipeline, redirect, user, with_redirects, working_dir,
};
pub use file::{did, did_beside_sign, glyph, path, why_sensitive};
pub use list::{and, and_more, tally};
pub use missing::{cuts, gap};
pub use network::{connection, direction, endpoint, fate, traffic};
pub use privilege::{Weight, change, weight, weights};
pub use quantity::{absolute, bytes, count, duration, plural, relative};
pub use quote::{clip, plain, quoted, short};
pub use session::{session, source, terminal};
pub use terminal::terminal_line;

use event::names::errno_name;

/// Bytes of one recorded text that a line shows at most, where nothing else is said.
pub const MAX_TEXT_BYTES: usize = 400;

/// Bytes of arguments that a line shows of one command, where nothing else is said.
pub const MAX_COMMAND_BYTES: usize = 1000;

/// Why a call failed: `permission denied`.
pub fn error(errno: i64) -> String {
    let words = match errno {
        1 => "not permitted",
        2 => "not there",
        13 => "permission denied",
        17 => "exists already",
        20 => "not a folder",
        21 => "a folder",
        30 => "read-only",
        101 => "network unreachable",
        104 => "reset",
        110 => "timed out",
        111 => "refused",
        113 => "host unreachable",
        _ => return named(errno),
    };
    words.to_owned()
}

fn named(errno: i64) -> String {
    match u32::try_from(errno).ok().and_then(errno_name) {
        Some(name) => name.to_owned(),
        None => format!("error {errno}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_read_as_words_or_as_their_names() {
        for (errno, want) in
            [(13, "permission denied"), (28, "ENOSPC"), (41, "error 41"), (-1, "error -1")]
        {
            assert_eq!(error(errno), want);
        }
    }
}
