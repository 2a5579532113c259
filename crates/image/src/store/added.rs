//! Files in the folder of a layer that the layer does not have: containers see them, and no digest does.

use std::{
    collections::HashSet,
    hash::{BuildHasher, RandomState},
};

use crate::{Content, Entry, Error, Kind, Problem, Visitor, Want, Whiteout};

/// Most names that are remembered of a layer; of one with more, nothing is said.
const MOST_NAMES: usize = 8_000_000;

/// Hands a walk on, and remembers which names it tells.
pub(super) struct Seen<'a> {
    visitor: &'a mut dyn Visitor,
    names: HashSet<u64>,
    hashes: RandomState,
}

impl<'a> Seen<'a> {
    pub(super) fn new(visitor: &'a mut dyn Visitor) -> Self {
        Self { visitor, names: HashSet::new(), hashes: RandomState::new() }
    }

    /// Who is told of a walk over the folder, and tells what was not seen; none where that is not known.
    pub(super) fn added(self) -> Option<Added<'a>> {
        (self.names.len() < MOST_NAMES).then_some(Added(self))
    }

    /// What is kept of a name: two that are alike in it are rarer than disks that fail.
    fn hash(&self, entry: &Entry<'_>) -> u64 {
        self.hashes.hash_one(entry.path)
    }
}

impl Visitor for Seen<'_> {
    fn entry(&mut self, entry: &Entry<'_>) -> Want {
        if self.names.len() < MOST_NAMES {
            self.names.insert(self.hash(entry));
        }
        self.visitor.entry(entry)
    }

    fn content(&mut self, entry: &Entry<'_>, content: &mut dyn Content) {
        self.visitor.content(entry, content);
    }

    fn whiteout(&mut self, whiteout: Whiteout<'_>) {
        self.visitor.whiteout(whiteout);
    }

    fn problem(&mut self, problem: Problem) {
        self.visitor.problem(problem);
    }
}

/// Hands on what was not seen.
pub(super) struct Added<'a>(Seen<'a>);

impl Visitor for Added<'_> {
    fn entry(&mut self, entry: &Entry<'_>) -> Want {
        let may_be_left_out = matches!(entry.kind, Kind::Folder | Kind::Other);
        if may_be_left_out || self.0.names.contains(&self.0.hash(entry)) {
            return Want::Nothing;
        }
        let why =
            "it is in the folder of the layer, and was not in the layer when that was unpacked";
        let error = Error::Unsupported(why.to_owned());
        self.0.visitor.problem(Problem { path: entry.path.to_vec(), error });
        self.0.visitor.entry(entry)
    }

    fn content(&mut self, entry: &Entry<'_>, content: &mut dyn Content) {
        self.0.visitor.content(entry, content);
    }

    /// Those of the layer were told.
    fn whiteout(&mut self, _: Whiteout<'_>) {}

    fn problem(&mut self, problem: Problem) {
        self.0.visitor.problem(problem);
    }
}
