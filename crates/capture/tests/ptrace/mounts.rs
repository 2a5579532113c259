//! Mounts and namespaces.

use crate::harness::Acts;

pub(crate) const ACTS: Acts = &[];
