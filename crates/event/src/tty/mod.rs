//! What terminals showed, and what was typed into them, told by recorders that are asked to.
//!
//! A notice, an asynchronous event of no plugin (id 0) that is named [`NOTICE`]. It has the thread that
//! wrote to the terminal or read from it, and its data is JSON:
//!
//! ```json
//! {"tty":34819,"way":"shown","bytes":8,"text":"$ cd /\r\n"}
//! ```
//!
//! - `tty`: the terminal's device number, as events of exec have it: major 136, minor 3 is `pts/3`;
//! - `way`: `shown`, what a program wrote to the terminal; `typed`, what a program read from it while
//!   the terminal showed what was typed. What is typed without being shown, as passwords are, is in
//!   no notice;
//! - `bytes`: how many bytes were moved; the text has the first [`MOST_BYTES`] of them at most;
//! - `missing`: bytes of this terminal and way before these that are in no notice, because there were
//!   too many at once; left out if there are none;
//! - `text`: as it was moved, with all control characters. What is not UTF-8 is U+FFFD.
//!
//! Where a shell edits lines by itself, the terminal shows nothing of what is typed by itself: the
//! shell does, so it stands in what is shown. [`Screen`] makes lines of either that can be read.

mod screen;

use std::io::Write as _;

pub use screen::Screen;

use crate::json;

/// Name of the notices.
pub const NOTICE: &str = "watchkeeper.tty";

/// Bytes of text that a notice has at most.
pub const MOST_BYTES: usize = 4096;

/// Which way it went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// A program wrote it to the terminal.
    Shown,
    /// A program read it from the terminal, which showed it as it was typed.
    Typed,
}

impl Way {
    /// As it stands in notices.
    pub fn name(self) -> &'static str {
        match self {
            Self::Shown => "shown",
            Self::Typed => "typed",
        }
    }

    /// The one with this name.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Shown, Self::Typed].into_iter().find(|way| way.name() == name)
    }
}

/// What went through a terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Told<'a> {
    /// The terminal's device number.
    pub tty: u32,
    /// Which way it went.
    pub way: Way,
    /// How many bytes were moved.
    pub bytes: u64,
    /// How many before these are in no notice.
    pub missing: u64,
    /// The first of the bytes.
    pub text: &'a [u8],
}

impl Told<'_> {
    /// Appends the data of a notice.
    pub fn write_notice(&self, out: &mut Vec<u8>) {
        let Self { tty, way, bytes, missing, text } = self;
        // Writing to a Vec cannot fail.
        let _ = write!(out, "{{\"tty\":{tty},\"way\":\"{}\",\"bytes\":{bytes}", way.name());
        if *missing > 0 {
            let _ = write!(out, ",\"missing\":{missing}");
        }
        out.extend_from_slice(b",\"text\":");
        json::string(text.get(..MOST_BYTES).unwrap_or(text), out);
        out.push(b'}');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notice_is_json_whatever_was_typed() {
        let told = |missing, text| {
            let mut out = Vec::new();
            Told { tty: 34_819, way: Way::Typed, bytes: 9, missing, text }.write_notice(&mut out);
            serde_json::from_slice::<serde_json::Value>(&out).unwrap()
        };
        assert_eq!(
            told(0, b"a\"\x1b[1m\xff\0\n"),
            serde_json::json!({
                "tty": 34_819, "way": "typed", "bytes": 9, "text": "a\"\u{1b}[1m\u{fffd}\0\n"
            })
        );
        assert_eq!(told(7, b"")["missing"], 7);
        let long = told(0, &[b'x'; 10_000]);
        assert_eq!(long["text"].as_str().map(str::len), Some(MOST_BYTES));
    }

    #[test]
    fn ways_have_names() {
        for way in [Way::Shown, Way::Typed] {
            assert_eq!(Way::named(way.name()), Some(way));
        }
        assert_eq!(Way::named("both"), None);
    }
}
