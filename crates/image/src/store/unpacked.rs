//! A layer that is a folder.

use std::{
    cell::Cell,
    fs::File,
    io::{BufReader, Read},
    os::unix::fs::MetadataExt,
    rc::Rc,
    sync::Arc,
};

use super::{
    added::Seen,
    dir::{Dir, Files},
    rebuilt::{Opened, Rebuilt},
};
use crate::{
    At, Compression, Digest, Error, Folder, Visitor, Whiteout,
    archive::{Bounded, Counted, checked},
    walk_layer,
};

const BUFFER_BYTES: usize = 256 << 10;
/// `st_blocks` of `stat(2)` is in units of this.
const BLOCK_BYTES: u64 = 512;

/// What the folder of a layer has.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Form {
    /// What the layer has, with whiteouts as overlayfs knows them.
    Difference,
    /// All of the tree, with what is below the layer.
    Whole,
}

/// A layer that is a folder.
#[derive(Debug)]
pub(crate) struct Unpacked {
    store: Rc<Dir>,
    /// By its name within the store.
    folder: String,
    form: Form,
    /// What was recorded of its archive, where there is a record.
    record: Option<Arc<File>>,
}

impl Unpacked {
    /// Both by their names within the store.
    pub(super) fn new(
        store: &Rc<Dir>,
        folder: String,
        form: Form,
        record: &str,
    ) -> Result<Self, Error> {
        let record = match store.file(record) {
            Err(error) if error.is_not_found() => None,
            file => Some(Arc::new(file?)),
        };
        Ok(Self { store: Rc::clone(store), folder, form, record })
    }

    pub(crate) fn has_record(&self) -> bool {
        self.record.is_some()
    }

    /// Walks it: its archive, and then what its folder has beside that; or the folder alone where the
    /// archive can't be made again.
    pub(crate) fn walk(&self, diff_id: Digest, visitor: &mut dyn Visitor) -> Result<(), Error> {
        let folder = self.store.folder(&self.folder)?;
        let Some(record) = &self.record else { return self.walk_folder(folder, visitor) };
        let mut seen = Seen::new(&mut *visitor);
        let walked = walk_layer(&mut || archive(&folder, record, diff_id), &mut seen);
        if walked.is_err() {
            // What there is of it is told all the same, links too.
            drop(seen);
            self.walk_folder(folder, visitor)?;
        } else if self.form == Form::Difference
            && let Some(mut added) = seen.added()
        {
            self.walk_folder(folder, &mut added)?;
        }
        walked
    }

    fn walk_folder(&self, folder: Dir, visitor: &mut dyn Visitor) -> Result<(), Error> {
        match self.form {
            Form::Difference => Folder::of_layer(folder.into()).walk(visitor),
            Form::Whole => {
                visitor.whiteout(Whiteout::Within(b""));
                Folder::of(folder.into()).walk(visitor)
            }
        }
    }
}

/// The archive of a layer, made again, and checked at its end.
fn archive<'a>(
    folder: &'a Dir,
    record: &Arc<File>,
    diff_id: Digest,
) -> Result<Box<dyn Read + 'a>, Error> {
    let stored = Rc::new(Cell::new(0));
    let record = Counted::new(At::start(Arc::clone(record))?, Rc::clone(&stored));
    let record = Compression::unwrap(BufReader::with_capacity(BUFFER_BYTES, record))?;
    let record = Bounded::new(record, Rc::clone(&stored), "the layer's record");
    let mut files = Files::new(folder);
    let count = Rc::clone(&stored);
    let open = move |path: &[u8]| {
        let file = files.open(path)?;
        // Holes take no place.
        let bytes = file.metadata()?.blocks().saturating_mul(BLOCK_BYTES);
        count.set(count.get().saturating_add(bytes));
        Ok(Box::new(file) as Opened)
    };
    Ok(checked(Rebuilt::new(BufReader::new(record), open), stored, diff_id))
}
