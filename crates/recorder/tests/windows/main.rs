//! Which events are in a window, and that its replay is the replay of the whole.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a failure is the test's result")]

mod exact;
mod kept;
mod memory;
mod stream;
