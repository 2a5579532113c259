//! Reading and writing, with sizes.

use super::Row;

pub(super) const TABLE: &[Row] = &[];
