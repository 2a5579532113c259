//! What is scanned: what `scripts/targets vm` makes.

use std::{fmt, path::PathBuf};

use crate::bench;

/// What kind of thing it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    /// What `docker save` writes.
    Image,
    /// A folder.
    Root,
    /// A disk.
    Disk,
}

/// One thing to scan.
pub(super) struct Target {
    pub(super) kind: Kind,
    pub(super) path: PathBuf,
    name: &'static str,
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// Those that were made.
pub(super) fn all() -> Result<Vec<Target>, Box<dyn std::error::Error>> {
    let folder = bench::cache("targets")?;
    let of = |(kind, path, name): (Kind, &str, &'static str)| Target {
        kind,
        path: folder.join(path),
        name,
    };
    let all = [
        (Kind::Image, "small/docker.tar", "A small Debian as docker-archive"),
        (Kind::Root, "large/root", "The root of a VM"),
        (Kind::Disk, "large/ext4.raw", "The same as a disk"),
    ];
    let made: Vec<Target> = all.map(of).into_iter().filter(|it| it.path.exists()).collect();
    if made.is_empty() {
        return Err(
            format!("nothing to scan in {}; run: scripts/targets vm", folder.display()).into()
        );
    }
    Ok(made)
}
