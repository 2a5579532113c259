//! What a traced program does, call by call, against the events that are recorded of it.
//!
//! Each subject has a file with *acts*: functions that make system calls in every form that matters
//! and note what they did. A test runs an act in a process of its own under trace (this very test
//! program again, as [`harness::actor`]) and compares the events, field by field, with the notes.

#![cfg(target_arch = "x86_64")]
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod attach;
mod compat;
mod edges;
mod exec;
mod families;
mod fds;
mod fields;
mod files;
mod harness;
mod io;
mod kernel;
mod known;
mod limits;
mod live;
mod maps;
mod modes;
mod mounts;
mod names;
mod net;
mod odd;
mod process;
mod served;
mod stops;
mod strace;
mod stress;
mod telling;
mod users;
