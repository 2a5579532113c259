//! `watchkeeper db export`.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use clap::Parser;
use event::visible::visible;

use super::{DatabaseArgs, artifact};
use crate::{
    error::{Error, Outcome},
    output::{Verbosity, plural},
};

/// Writes the whole database as one artifact of the Open Container Initiative, which registries keep and db pull
/// takes over.
///
/// PATH is a folder, or with .tar at its end, or oci-archive: before it, an archive; nothing is there yet, or an empty
/// folder. It is an
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
    let to = To::parse(&args.to).map_err(Error::Usage)?;
    let mut database = args.database.there("")?;
    database.check();
    if let Some(damaged) = database.damaged().first() {
        return Err(Error::Usage(damaged.to_string()));
    }
    to.is_free()?;
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

/// How names of archives end that are not written.
const OTHER_ARCHIVES: [&str; 8] = [".zip", ".gz", ".tgz", ".zst", ".xz", ".bz2", ".7z", ".json"];

/// Where to.
#[derive(Clone, PartialEq, Eq, Debug)]
enum To {
    Folder(PathBuf),
    Archive(PathBuf),
}

impl To {
    fn parse(text: &str) -> Result<Self, String> {
        let to = match (text.strip_prefix("oci:"), text.strip_prefix("oci-archive:")) {
            (Some(path), _) => Self::Folder(path.into()),
            (_, Some(path)) => Self::Archive(path.into()),
            _ if text.ends_with(".tar") => Self::Archive(text.into()),
            _ if text == "-" || OTHER_ARCHIVES.iter().any(|end| text.ends_with(end)) => {
                return Err(format!(
                    "{}: is written as a folder (oci:PATH) or a tar archive (PATH.tar, oci-archive:PATH), and as \
                     nothing else",
                    visible(text.as_bytes())
                ));
            }
            _ => Self::Folder(text.into()),
        };
        match to.path().as_os_str().is_empty() {
            true => Err("there is no path to write to".to_owned()),
            false => Ok(to),
        }
    }

    /// That it can be made: what is there may be anything, and nothing of it is to be lost, or mixed up with what is
    /// written.
    fn is_free(&self) -> Result<(), Error> {
        let path = self.path();
        let wrong = |why: String| {
            let path = path.display().to_string();
            Err(Error::Usage(format!("{}: {why}", visible(path.as_bytes()))))
        };
        let parent = parent(path);
        if !parent.is_dir() {
            let parent = parent.display().to_string();
            return wrong(format!(
                "there is no folder {}; make it first",
                visible(parent.as_bytes())
            ));
        }
        let is_empty = matches!(self, Self::Folder(_))
            && fs::read_dir(path).is_ok_and(|mut it| it.next().is_none());
        match fs::symlink_metadata(path).is_err() || is_empty {
            true => Ok(()),
            false => wrong("is there already; name another, or remove it".to_owned()),
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
    let draft = tempfile::Builder::new().prefix(".draft-").tempdir_in(parent(path));
    // What it was to be called is nobody's business.
    draft.map_err(|error| error.kind().into())
}

/// The folder that it lies in.
fn parent(path: &Path) -> &Path {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    parent.unwrap_or(Path::new("."))
}

fn folder(path: &Path, write: impl FnOnce(&Path) -> io::Result<u64>) -> io::Result<u64> {
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
    file.persist_noclobber(path).map_err(|error| error.error)?;
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
            assert_eq!(To::parse(text), Ok(to), "{text}");
        }
        for text in ["-", "a.zip", "a/b.tar.gz", "oci:", "oci-archive:"] {
            assert!(To::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn what_is_there_is_left_alone() {
        let parent = tempfile::tempdir().unwrap();
        let [full, empty, file] = ["full", "empty", "file"].map(|name| parent.path().join(name));
        fs::create_dir_all(full.join("more")).unwrap();
        fs::create_dir(&empty).unwrap();
        fs::write(&file, "").unwrap();
        for (to, is_free) in [
            (To::Folder(full.clone()), false),
            (To::Archive(full), false),
            (To::Folder(empty.clone()), true),
            (To::Archive(empty), false),
            (To::Folder(file.clone()), false),
            (To::Archive(file), false),
            (To::Archive(parent.path().join("new")), true),
            (To::Folder(parent.path().join("not/there")), false),
        ] {
            assert_eq!(to.is_free().is_ok(), is_free, "{to:?}");
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
