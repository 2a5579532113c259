//! Archives of Java, and archives in them.

use super::packages;

/// The bytes as an archive.
pub(crate) fn run(data: &[u8]) {
    packages::read("jar", "lib/name-1.0.jar", data);
}
