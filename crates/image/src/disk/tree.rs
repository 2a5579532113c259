//! The walk over a file system on a disk, whichever it is.

use crate::{
    Content, Entry, Error, Kind, Problem, Visitor, Want,
    entry::{BadName, MOST_ENTRIES, MOST_LEVELS},
};

/// What an entry is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Type {
    File,
    Folder,
    Symlink,
    Other,
}

/// What is known of an entry.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Node {
    pub(crate) kind: Type,
    pub(crate) mode: u32,
    pub(crate) size_bytes: u64,
    /// Where a link leads.
    pub(crate) target: Vec<u8>,
}

/// Names and ids of what is in a folder.
pub(crate) type Listed<Id> = Vec<(Vec<u8>, Id)>;

/// A file system that can be walked.
pub(crate) trait Tree {
    /// What it knows an entry by.
    type Id: Clone;

    /// Its root.
    fn root(&self) -> Self::Id;

    /// Names and ids of what is in a folder, whose name from the root on is `path`.
    fn list(&self, folder: &Self::Id, path: &[u8]) -> Result<Listed<Self::Id>, Error>;

    /// What an entry is.
    fn node(&self, id: &Self::Id, path: &[u8]) -> Result<Node, Error>;

    /// A file's bytes.
    fn open(&self, id: &Self::Id, path: &[u8]) -> Result<Box<dyn Content>, Error>;
}

/// Walks a file system that is mounted at `mount` in the tree: the empty name is its root. Entries of a
/// folder come in the order of their names.
///
/// # Errors
/// If its root can't be read. What was wrong with single entries was told.
pub(crate) fn walk<T: Tree>(
    tree: &T,
    mount: &[u8],
    visitor: &mut dyn Visitor,
) -> Result<(), Error> {
    let mut walk = Walk { tree, mount, path: Vec::new(), left: MOST_ENTRIES };
    let root = walk.list(&tree.root())?;
    let mut levels = vec![(0, root)];
    while let Some((path_bytes, entries)) = levels.last_mut() {
        let Some((name, id)) = entries.pop() else {
            levels.pop();
            continue;
        };
        walk.path.truncate(*path_bytes);
        match walk.look(&name, &id, levels.len(), visitor) {
            Ok(None) => {}
            Ok(Some(entries)) => levels.push((walk.path.len(), entries)),
            Err(error) => visitor.problem(Problem { path: walk.whole(), error }),
        }
    }
    Ok(())
}

struct Walk<'a, T> {
    tree: &'a T,
    mount: &'a [u8],
    path: Vec<u8>,
    left: u64,
}

impl<T: Tree> Walk<'_, T> {
    /// Looks at an entry, and lists it if it is a folder to go into.
    fn look(
        &mut self,
        name: &[u8],
        id: &T::Id,
        level: usize,
        visitor: &mut dyn Visitor,
    ) -> Result<Option<Listed<T::Id>>, Error> {
        if name.is_empty() || name.contains(&b'/') || name.contains(&0) {
            return Err(Error::malformed("its folder", "it has a name that none can have"));
        }
        if !self.path.is_empty() {
            self.path.push(b'/');
        }
        self.path.extend_from_slice(name);
        let Some(left) = self.left.checked_sub(1) else {
            let limit = MOST_ENTRIES;
            return Err(Error::Limit { what: "the file system", limit, unit: "entries" });
        };
        self.left = left;
        let node = self.tree.node(id, &self.path)?;
        let kind = match node.kind {
            Type::File => Kind::File,
            Type::Folder => Kind::Folder,
            Type::Symlink => Kind::Symlink(&node.target),
            Type::Other => Kind::Other,
        };
        let size_bytes = if kind == Kind::File { node.size_bytes } else { 0 };
        let whole = self.whole();
        let entry = Entry { path: &whole, kind, mode: node.mode, size_bytes };
        match (visitor.entry(&entry), node.kind) {
            (Want::Content, Type::File) => {
                visitor.content(&entry, &mut *self.tree.open(id, &self.path)?);
                Ok(None)
            }
            (Want::Skip, _) => Ok(None),
            (_, Type::Folder) if level > MOST_LEVELS => Err(BadName::TooDeep.into()),
            (_, Type::Folder) => self.list(id).map(Some),
            _ => Ok(None),
        }
    }

    /// What is in a folder, the last one first.
    fn list(&self, id: &T::Id) -> Result<Listed<T::Id>, Error> {
        let mut entries = self.tree.list(id, &self.path)?;
        entries.sort_by(|(a, _), (b, _)| b.cmp(a));
        Ok(entries)
    }

    /// The entry's name from the root of all.
    fn whole(&self) -> Vec<u8> {
        let slash: &[u8] = if self.mount.is_empty() || self.path.is_empty() { b"" } else { b"/" };
        [self.mount, slash, &self.path].concat()
    }
}
