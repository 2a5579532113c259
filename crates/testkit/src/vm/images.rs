//! Disk images that `scripts/images` made.

use std::path::PathBuf;

use super::kernel::cache;

/// A disk image by its name: `containers`. None if it was not made, which is said: what needs it is
/// skipped.
pub fn image(name: &str) -> Option<PathBuf> {
    let path = cache().join("images").join(format!("{name}.ext4"));
    let found = Some(path).filter(|path| path.is_file());
    if found.is_none() {
        eprintln!("skipped: no disk image '{name}'; make it with: scripts/images {name}");
    }
    found
}
