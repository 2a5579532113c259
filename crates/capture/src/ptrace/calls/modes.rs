//! What a file is: modes, owners, length, attributes.

use super::Row;

pub(super) const TABLE: &[Row] = &[];
