//! `watchkeeper db export`.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use clap::Parser;

use super::{DatabaseArgs, artifact};
use crate::{
    error::{Error, Outcome},
    output::{Verbosity, plural},
};

/// Writes the whole database as one artifact of the Open Container Initiative, which registries keep and db pull
/// takes over.
///
/// PATH is a folder that is not there yet, or with .tar at its end, or oci-archive: before it, an archive. It is an
/// image, with a layer for each feed: skopeo, oras, crane, podman and regctl can push it.
#[derive(Parser)]
#[command(after_help = "\
Examples:
  watchkeeper db export advisories.tar
  skopeo copy oci-archive:advisories.tar docker://registry.example/security/advisories:latest
  watchkeeper db export oci:/srv/advisories

Exit code: 0 it is written; 2 it is not, and nothing is left of it.")]
pub(crate) struct Args {
    /// Where to: a folder (oci:PATH) or an archive (oci-archive:PATH, or PATH.tar).
    #[arg(value_name = "PATH")]
    to: String,
    #[command(flatten)]
    database: DatabaseArgs,
}

/// Runs the command.
pub(super) fn run(args: &Args, verbosity: Verbosity) -> Result<Outcome, Error> {
    let mut database = args.database.there("")?;
    database.check();
    if let Some(damaged) = database.damaged().first() {
        return Err(Error::Usage(damaged.to_string()));
    }
    let to = To::parse(&args.to);
    let written = match &to {
        To::Folder(path) => folder(path, |draft| artifact::write(&database, draft)),
        To::Archive(path) => archive(path, |draft| artifact::write(&database, draft)),
    };
    let bytes = written.map_err(|source| Error::File { path: to.path().to_owned(), source })?;
    if verbosity != Verbosity::Quiet {
        let feeds = plural(database.parts().len() as u64, "feed");
        say!("{}: {feeds}, {} KiB", to.path().display(), bytes.div_ceil(1024));
    }
    Ok(Outcome::Done)
}

/// Where to.
#[derive(Clone, PartialEq, Eq, Debug)]
enum To {
    Folder(PathBuf),
    Archive(PathBuf),
}

impl To {
    fn parse(text: &str) -> Self {
        match (text.strip_prefix("oci:"), text.strip_prefix("oci-archive:")) {
            (Some(path), _) => Self::Folder(path.into()),
            (_, Some(path)) => Self::Archive(path.into()),
            _ if text.ends_with(".tar") => Self::Archive(text.into()),
            _ => Self::Folder(text.into()),
        }
    }

    fn path(&self) -> &Path {
        match self {
            Self::Folder(path) | Self::Archive(path) => path,
        }
    }
}

/// A folder for what is in the making, beside where it goes.
fn draft_beside(path: &Path) -> io::Result<tempfile::TempDir> {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    tempfile::Builder::new().prefix(".draft-").tempdir_in(parent.unwrap_or(Path::new(".")))
}

fn folder(path: &Path, write: impl FnOnce(&Path) -> io::Result<u64>) -> io::Result<u64> {
    // What is there may be anything: nothing of it is to be mixed up with what is written.
    if fs::read_dir(path).is_ok_and(|mut it| it.next().is_some()) || path.is_file() {
        return Err(io::Error::new(
            io::ErrorKind::AlreadyExists,
            "is there already, and not empty; name another, or remove it",
        ));
    }
    let draft = draft_beside(path)?;
    let within = draft.path().join("layout");
    fs::create_dir(&within)?;
    let bytes = write(&within)?;
    fs::rename(&within, path)?;
    Ok(bytes)
}

fn archive(path: &Path, write: impl FnOnce(&Path) -> io::Result<u64>) -> io::Result<u64> {
    let draft = draft_beside(path)?;
    let within = draft.path().join("layout");
    let bytes = write(&within)?;
    let mut file = tempfile::NamedTempFile::new_in(draft.path())?;
    let mut archive = tar::Builder::new(io::BufWriter::new(file.as_file_mut()));
    archive.mode(tar::HeaderMode::Deterministic);
    // What says what it is comes first.
    for name in ["oci-layout", "index.json"] {
        archive.append_path_with_name(within.join(name), name)?;
    }
    archive.append_dir_all("blobs", within.join("blobs"))?;
    archive.into_inner()?.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
    let mode = <fs::Permissions as std::os::unix::fs::PermissionsExt>::from_mode(0o644);
    file.as_file().set_permissions(mode)?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_told_by_their_form() {
        for (text, to) in [
            ("oci:a.tar", To::Folder("a.tar".into())),
            ("oci-archive:a", To::Archive("a".into())),
            ("a/b.tar", To::Archive("a/b.tar".into())),
            ("a/b", To::Folder("a/b".into())),
        ] {
            assert_eq!(To::parse(text), to, "{text}");
        }
    }

    #[test]
    fn what_fails_leaves_nothing() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("a");
        let fails = |_: &Path| Err(io::Error::other("no"));
        assert!(folder(&path, fails).is_err() && archive(&path, fails).is_err());
        assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 0);
    }
}
