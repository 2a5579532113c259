//! What processes do to processes: limits, sessions, prctl, ptrace.

use super::Row;

pub(super) const TABLE: &[Row] = &[];
