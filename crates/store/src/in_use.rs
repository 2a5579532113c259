//! The index of what is in use: one file in the store's folder, whose bytes are others' to read.

use std::path::PathBuf;

use crate::{Error, Store, error::found};

/// Its file in the store's folder.
const FILE: &str = "in-use";
/// What it is called when it could not be read.
const ASIDE: &str = "in-use.unreadable";

impl Store {
    /// The index that was kept; `None` if there is none.
    ///
    /// # Errors
    /// If it can't be read, or is larger than `max` bytes.
    pub fn in_use(&self, max: u64) -> Result<Option<Vec<u8>>, Error> {
        match found(self.shared.root.bytes(FILE, max))? {
            Some(None) => {
                let path = self.shared.root.path().join(FILE);
                Err(Error::TooLong { path, max })
            }
            Some(bytes) => Ok(bytes),
            None => Ok(None),
        }
    }

    /// Keeps an index in place of the one before: who reads finds this or that, and whole.
    ///
    /// # Errors
    /// If the store was opened for reading, or the system refuses.
    pub fn keep_in_use(&self, bytes: &[u8]) -> Result<(), Error> {
        self.shared.writing()?;
        self.shared.root.put(FILE, bytes)?;
        self.shared.root.sync()
    }

    /// Gives an index that can't be read another name, so that nothing of it is lost. Says which; of several
    /// the last one is kept.
    ///
    /// # Errors
    /// If the store was opened for reading, or the system refuses.
    pub fn set_in_use_aside(&self) -> Result<PathBuf, Error> {
        self.shared.writing()?;
        let root = &self.shared.root;
        root.rename(FILE, root, ASIDE)?;
        root.sync()?;
        Ok(root.path().join(ASIDE))
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::Access;

    #[test]
    fn what_is_kept_is_read_or_set_aside() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path(), Access::Write).unwrap();
        assert_eq!(store.in_use(9).unwrap(), None);
        store.keep_in_use(b"one").unwrap();
        store.keep_in_use(b"two").unwrap();
        let reader = Store::open(folder.path(), Access::Read).unwrap();
        assert_eq!(reader.in_use(3).unwrap().as_deref(), Some(&b"two"[..]));
        let error = reader.in_use(2).unwrap_err().to_string();
        assert!(error.contains("in-use") && error.contains("2 bytes"), "{error}");
        assert!(matches!(reader.keep_in_use(b""), Err(Error::ReadOnly(_))));
        assert!(matches!(reader.set_in_use_aside(), Err(Error::ReadOnly(_))));
        let aside = store.set_in_use_aside().unwrap();
        assert_eq!(fs::read(aside).unwrap(), b"two");
        assert_eq!(store.in_use(9).unwrap(), None);
        drop(store);
        // It is no draft, no incident and no reason to refuse the store.
        Store::open(folder.path(), Access::Write).unwrap().verify(crate::Scope::All).unwrap();
    }
}
