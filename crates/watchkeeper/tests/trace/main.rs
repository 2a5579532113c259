//! `watchkeeper trace` as a person meets it: a command that is traced behaves as it does alone, and
//! what is recorded of it gives the same alerts as were told live.

#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "what is missing fails the test"
)]

mod attach;
mod common;
mod exits;
mod files;
mod live;
mod signals;
mod streams;
mod terminal;
