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
    /// A tree of sources.
    Tree,
    /// What some tool wrote that there is.
    List,
}

impl Kind {
    /// What our own command is called that scans it.
    pub(super) fn ours(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Root => "rootfs",
            Self::Disk => "vm",
            Self::Tree => "repo",
            Self::List => "sbom",
        }
    }

    /// What Trivy's is called, and what it wants before the path.
    pub(super) fn trivys(self) -> (&'static str, Option<&'static str>) {
        match self {
            Self::Image => ("image", Some("--input")),
            Self::Root => ("rootfs", None),
            Self::Disk => ("vm", None),
            Self::Tree => ("fs", None),
            Self::List => ("sbom", None),
        }
    }
}

/// One thing to scan.
pub(super) struct Target {
    pub(super) kind: Kind,
    pub(super) path: PathBuf,
    name: &'static str,
}

impl Target {
    pub(super) fn of(kind: Kind, path: PathBuf, name: &'static str) -> Self {
        Self { kind, path, name }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// Those that were made.
pub(super) fn all() -> Result<Vec<Target>, Box<dyn std::error::Error>> {
    let folder = bench::cache("targets")?;
    let of =
        |(kind, path, name): (Kind, &str, &'static str)| Target::of(kind, folder.join(path), name);
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
