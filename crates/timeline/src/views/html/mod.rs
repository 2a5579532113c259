//! One self-contained HTML file: opened offline, read at night, printed for the morning.
//!
//! Without its script it is a document: folding is `<details>`, every process, alert and event has
//! an anchor. The script adds search, the choice of what is shown, and the cursor of the strip.
//!
//! What a recorded host chose can do no harm there, for three reasons that each suffice:
//!
//! - All text goes through [`markup`], which escapes it; markup is `&'static str`.
//! - A policy in the page lets only this style and this script take effect, by their hashes, and
//!   lets nothing be loaded from anywhere.
//! - The script takes text as text: it makes no markup of it.
//!
//! The parts:
//!
//! - [`markup`]: text to HTML, in one place.
//! - [`document`]: the page around the parts, its policy, style and script (`assets/`).
//! - [`anchors`]: what can be linked to.
//! - [`heading`], [`summary`], [`alert_list`], [`density`], [`controls`]: what stands above the story.
//! - [`session`], [`process`], [`lineage`], [`facts`], [`items`], [`rows`], [`alerts`]: the story.
//! - `samples`: timelines for the tests in a browser.

mod alert_list;
mod alerts;
mod anchors;
mod controls;
mod density;
mod document;
mod facts;
mod heading;
mod items;
mod lineage;
mod markup;
mod process;
mod rows;
#[cfg(any(test, feature = "samples"))]
pub mod samples;
mod session;
mod summary;
#[cfg(test)]
mod tests;

use std::io::{self, BufWriter, Write};

use self::{anchors::Anchors, markup::Markup};
use crate::{
    model::{Moment, Timeline},
    views::{fold, heading::Heading, words},
};

/// Writes a timeline as one HTML file. The same timeline gives the same bytes.
pub fn write(timeline: &Timeline, heading: &Heading, out: &mut dyn Write) -> io::Result<()> {
    let mut out = BufWriter::with_capacity(1 << 16, out);
    Page::new(timeline, Markup::new(&mut out)).document(heading)?;
    out.flush()
}

/// A page that is being written.
struct Page<'a> {
    timeline: &'a Timeline,
    html: Markup<'a>,
    anchors: Anchors,
    /// What [`fold::eventful`] says of each process.
    eventful: Vec<bool>,
    /// Which processes have been written.
    written: Vec<bool>,
    /// Bytes of long commands that may still be shown whole.
    whole_bytes: usize,
}

/// Bytes of long commands that a page shows whole; what is left of them after that is cut.
const MAX_WHOLE_BYTES: usize = 2 << 20;

impl<'a> Page<'a> {
    fn new(timeline: &'a Timeline, html: Markup<'a>) -> Self {
        Self {
            timeline,
            html,
            anchors: Anchors::of(timeline),
            eventful: fold::eventful(timeline),
            written: vec![false; timeline.processes.len()],
            whole_bytes: MAX_WHOLE_BYTES,
        }
    }

    /// A time, or that it was before the window.
    fn when(&mut self, at: Option<Moment>) -> io::Result<()> {
        match at {
            Some(at) => self.time(at.ts_ns),
            None => self.html.raw("<i>before</i>"),
        }
    }

    /// A time relative to the first alert; the script can show it as time of day.
    fn time(&mut self, ts_ns: u64) -> io::Result<()> {
        let relative_ns = self.timeline.relative_ns(ts_ns);
        self.html.raw(rounding(ts_ns, self.timeline.window.zero_ns, relative_ns))?;
        self.html.within("", words::relative(relative_ns), "</i>")
    }
}

/// Relative times are cut to whole ms, and so are times of day: the one can be had from the other
/// but for 1 ms, which is told here. Tens of thousands of times are written, so few bytes matter.
fn rounding(ts_ns: u64, zero_ns: u64, relative_ns: i64) -> &'static str {
    const NS_PER_MS: u64 = 1_000_000;
    let ms = i128::from(ts_ns / NS_PER_MS) - i128::from(zero_ns / NS_PER_MS);
    match ms - i128::from(relative_ns / NS_PER_MS as i64) {
        1 => "<i class=l>",
        -1 => "<i class=e>",
        _ => "<i>",
    }
}
