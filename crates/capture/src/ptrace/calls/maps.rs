//! Memory: executable mappings, memfd, memory of others.

use super::Row;

pub(super) const TABLE: &[Row] = &[];
