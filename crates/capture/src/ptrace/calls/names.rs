//! Names of files: rename, link, symlink, unlink, mkdir, rmdir.

use super::Row;

pub(super) const TABLE: &[Row] = &[];
