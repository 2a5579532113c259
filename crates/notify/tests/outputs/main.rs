//! Every kind of output, as whoever reads its alerts meets it. Everything stays on this machine.

#![allow(clippy::unwrap_used, clippy::panic, reason = "what is missing fails the test")]

mod common;
mod file;
mod http;
mod program;
mod queue;
mod server;
mod syslog;
mod tls;
