//! SPDX: 2.2 and 2.3 as JSON and as tags with values (ISO/IEC 5962), 3.0 as JSON-LD.

pub(super) mod graph;
pub(super) mod json;
mod packages;
pub(super) mod tag_value;
