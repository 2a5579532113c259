//! What reaches into the kernel.

use crate::harness::Acts;

pub(crate) const ACTS: Acts = &[];
