//! Reading and writing.

use crate::harness::Acts;

pub(crate) const ACTS: Acts = &[];
