//! Users, groups, capabilities.

use crate::harness::Acts;

pub(crate) const ACTS: Acts = &[];
