//! Who is told what on a walk.

use crate::{Content, Entry, Error};

/// What is wanted of an entry.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Want {
    /// Nothing more; of a folder: what is in it.
    Nothing,
    /// The bytes of a file.
    Content,
    /// Nothing, and nothing that is in this folder.
    Skip,
}

/// What a layer takes away from those below it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Whiteout<'a> {
    /// This entry, and whatever is in it.
    Entry(&'a [u8]),
    /// Whatever is in this folder.
    Within(&'a [u8]),
}

/// Something about one entry that could not be read.
#[derive(Debug)]
pub struct Problem {
    /// Its name within the tree; the empty name is the tree itself.
    pub path: Vec<u8>,
    /// What is wrong with it.
    pub error: Error,
}

/// Who is told of a walk.
pub trait Visitor {
    /// There is this entry.
    fn entry(&mut self, entry: &Entry<'_>) -> Want;

    /// The bytes of a file that was wanted.
    fn content(&mut self, entry: &Entry<'_>, content: &mut dyn Content);

    /// What was below is gone.
    fn whiteout(&mut self, whiteout: Whiteout<'_>);

    /// Something could not be read; the walk goes on.
    fn problem(&mut self, problem: Problem);
}
