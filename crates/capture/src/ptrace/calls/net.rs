//! Sockets: made, bound, connected, accepted; what is sent and received.

use super::Row;

pub(super) const TABLE: &[Row] = &[];
