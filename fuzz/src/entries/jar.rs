//! Archives of Java, and archives in them; those of Python.

use super::packages;

/// The bytes as an archive of each.
pub(crate) fn run(data: &[u8]) {
    packages::read("jar", "lib/name-1.0.jar", data);
    packages::read("python-egg", "lib/name-1.0-py3.egg", data);
}
