//! What each event does to the state: cases for every family of syscalls, and what holds for any
//! events whatever.

mod clone;
mod connections;
mod exec;
mod exit;
mod fds;
mod files;
mod limits;
mod process;
mod random;
mod snapshot;
mod unknown;
mod world;
