//! File descriptors.

use crate::harness::Acts;

pub(crate) const ACTS: Acts = &[];
