//! Databases of rpm, of each kind.

use super::packages;

/// As any of them: which one its begin says.
pub(crate) fn run(data: &[u8]) {
    packages::read("rpm", "var/lib/rpm/Packages", data);
}
