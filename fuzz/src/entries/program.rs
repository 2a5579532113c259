//! Programs of Go and Rust that say what they were built from.

use super::packages;

/// The bytes as a program.
pub(crate) fn run(data: &[u8]) {
    packages::read("go-binary", "usr/bin/program", data);
    packages::read("rust-binary", "usr/bin/program", data);
}
