//! Who a process is: user, group, capabilities.

use super::Row;

pub(super) const TABLE: &[Row] = &[];
