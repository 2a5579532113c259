//! Which events are in a window, and that its replay is the replay of the whole.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a failure is the test's result")]

mod captures;
mod exact;
mod incidents;
mod kept;
mod memory;
mod scene;
mod stream;
