//! Taking over what a layout or a registry has.

use std::{collections::BTreeSet, io};

use advisories::db::{self, Change};
use image::{Content, Entry, Image, Kind, Problem, Visitor, Want, Whiteout};
use tempfile::NamedTempFile;

use super::{FORMAT_LABEL, SUFFIX};

/// Most bytes of a part.
const MOST_BYTES: u64 = 4 << 30;

/// How much came.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::commands::db) struct Taken {
    /// Parts that came.
    pub(in crate::commands::db) new: u64,
    /// Parts that were there already.
    pub(in crate::commands::db) known: u64,
}

/// Puts what an image has in the place of what is there, all of it or nothing.
pub(in crate::commands::db) fn take(image: &Image, change: &mut Change) -> Result<Taken, String> {
    match image.config.labels.get(FORMAT_LABEL) {
        None => return Err("is no database of advisories".to_owned()),
        Some(format) if *format != db::FORMAT.to_string() => {
            let own = db::FORMAT;
            return Err(format!(
                "is a database of format {}, and this program has {own}; take one that the same version made",
                format.escape_debug()
            ));
        }
        Some(_) => {}
    }
    let (mut feeds, mut taken) = (BTreeSet::new(), Taken { new: 0, known: 0 });
    for layer in &image.layers {
        let name = layer.diff_id.to_string();
        if let Some(feed) = change.pulled(&name) {
            feeds.insert(feed);
            taken.known += 1;
            continue;
        }
        let draft = change.draft().map_err(|error| error.to_string())?;
        let mut sought = Sought { draft, state: State::NotThere };
        layer.walk(&mut sought).map_err(|error| error.to_string())?;
        match sought.state {
            State::There => {}
            State::NotThere => return Err(format!("{name} has no part of a database")),
            State::Failed(why) => return Err(format!("{name}: {why}")),
        }
        let part = change.take(sought.draft, name).map_err(|error| error.to_string())?;
        feeds.insert(part.header().feed.clone());
        taken.new += 1;
    }
    if feeds.is_empty() {
        return Err("has no parts of a database".to_owned());
    }
    change.keep_only(&feeds);
    change.commit().map_err(|error| error.to_string())?;
    Ok(taken)
}

/// The part in a layer, copied to a file.
struct Sought {
    draft: NamedTempFile,
    state: State,
}

enum State {
    NotThere,
    There,
    Failed(String),
}

impl Visitor for Sought {
    fn entry(&mut self, entry: &Entry<'_>) -> Want {
        let is_part = matches!(entry.kind, Kind::File) && entry.path.ends_with(SUFFIX.as_bytes());
        match is_part && matches!(self.state, State::NotThere) {
            true if entry.size_bytes > MOST_BYTES => {
                self.state = State::Failed("is larger than any part may be".to_owned());
                Want::Nothing
            }
            true => Want::Content,
            false => Want::Nothing,
        }
    }

    fn content(&mut self, _: &Entry<'_>, content: &mut dyn Content) {
        self.state = match io::copy(content, &mut self.draft) {
            Ok(_) => State::There,
            Err(error) => State::Failed(error.to_string()),
        };
    }

    fn whiteout(&mut self, _: Whiteout<'_>) {}

    fn problem(&mut self, problem: Problem) {
        self.state = State::Failed(problem.error.to_string());
    }
}
