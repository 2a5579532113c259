//! File descriptors: close, dup, fcntl, pipe, eventfd and their like.

use super::Row;

pub(super) const TABLE: &[Row] = &[];
