//! What each event does to the state: cases for every family of syscalls, and what holds for any
//! events whatever.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a failure is the test's result")]

mod clone;
mod connections;
mod exec;
mod exit;
mod fds;
mod files;
mod found;
mod handed;
mod limits;
mod process;
mod random;
mod snapshot;
mod unknown;
mod world;
