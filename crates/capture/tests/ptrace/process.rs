//! The life of processes: clone, exec, exit; signals, ptrace, limits.

use crate::harness::Acts;

pub(crate) const ACTS: Acts = &[];
