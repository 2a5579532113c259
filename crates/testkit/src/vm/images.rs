//! What scripts made for guests: disk images, a kernel module.

use std::path::PathBuf;

use super::kernel::Installed;
use crate::cache;

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

/// The module that sysdig records a host with, built for this kernel by `scripts/scap`. None if it was
/// not, which is said: what needs it is skipped.
pub fn scap(kernel: &Installed) -> Option<PathBuf> {
    let path = cache().join("modules").join(format!("scap-{}.ko", kernel.version));
    let found = Some(path).filter(|path| path.is_file());
    if found.is_none() {
        let (version, name) = (&kernel.version, kernel.kernel);
        eprintln!("skipped: no module scap for {version}; build it with: scripts/scap {name}");
    }
    found
}
