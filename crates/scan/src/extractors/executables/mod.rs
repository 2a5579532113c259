//! Programs that say what they were built from. Of other files the first four bytes are read.
//!
//! - `elf`: where things are in a program.
//! - `go`: modules of Go; `ldflags`: the version of the program itself.
//! - `rust`: crates, where cargo-auditable put their list in.

mod elf;
pub(super) mod go;
mod ldflags;
pub(super) mod rust;

#[cfg(test)]
mod testing;
