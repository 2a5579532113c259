//! What is in use: which files programs execute, load and read, and who listens.
//!
//! A [`Watcher`] reads events in their contexts and folds them into an [`Index`]: for each place (a host,
//! an image whose containers run on it) and each path, in which ways it was used, first and last. It
//! knows as well how long each place was watched and what was lost, so that who asks can tell what was
//! not seen from what nobody looked at. No I/O, no clock: time is the events'.
//!
//! ```text
//! Context ──► watcher ──► Index ──► codec ──► bytes that are kept
//! ```
//!
//! - `watcher`: from events to the index; `noise` there: what says nothing about use.
//! - `index`: all places; `place`: one of them; `seen`: what is known of one path; `spans`: time.
//! - `codec`: the index as bytes.
//!
//! Times are seconds since 1970. Joining two indexes is joining sets: order and repeats do not matter, as
//! long as nothing is left out for its bounds.

mod codec;
mod index;
mod place;
mod seen;
mod spans;
#[cfg(test)]
mod tests;
mod watcher;

pub use codec::{FORMAT, HEADER_BYTES, MOST_INDEX_BYTES, Unreadable, decode, encode, with_header};
pub use index::{Index, MOST_PATH_BYTES, MOST_PATHS, MOST_PLACES};
pub use place::{ContainerSeen, Image, Key, LeftOut, Place, What};
pub use seen::{Facts, Kind, Port, Protocol, Reach, Seen};
pub use spans::{Span, Spans};
pub use watcher::{Scope, Watcher};
