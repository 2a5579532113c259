//! What there is to look through: captures, folders of captures, stores of incidents.

use std::{
    fs, io,
    path::{Path, PathBuf},
    rc::Rc,
};

use store::{Access, Id, Query, Store};

use crate::{
    error::{Error, Outcome},
    input::Input,
    output::Verbosity,
};

/// A recording to look through.
#[derive(Clone, Debug)]
pub(super) struct Recording {
    /// As it is called in the output.
    pub(super) label: String,
    /// The capture, or the store's folder.
    pub(super) path: PathBuf,
    /// The incident that it is the window of.
    pub(super) incident: Option<(Rc<Store>, Id)>,
}

impl Recording {
    /// Opens it.
    pub(super) fn open(&self, verbosity: Verbosity) -> Result<Input, Error> {
        match &self.incident {
            None => Input::open(&self.path, verbosity),
            Some((store, id)) => {
                let window = store.get(&id.to_string())?.window;
                Input::of_file(window, self.label.as_ref(), verbosity)
            }
        }
    }
}

/// Finds every recording that the paths stand for, in their order.
///
/// # Errors
/// If a path does not exist or cannot be read, or is a folder with nothing to look through.
pub(super) fn find(paths: &[PathBuf]) -> Result<(Vec<Recording>, Outcome), Error> {
    let mut found = Vec::new();
    let mut outcome = Outcome::Done;
    for path in paths {
        if path.as_os_str() == "-" {
            found.push(capture(path));
            continue;
        }
        let at = |source| Error::File { path: path.clone(), source };
        if !fs::metadata(path).map_err(at)?.is_dir() {
            found.push(capture(path));
            continue;
        }
        if path.join("store.json").exists() {
            outcome = outcome.and(windows(path, &mut found)?);
            continue;
        }
        let before = found.len();
        found.extend(folder(path).map_err(at)?);
        if found.len() == before {
            return Err(at(io::Error::other(
                "is no store of incidents and has no captures in it (.scap, .scap.gz, .scap.zst)",
            )));
        }
    }
    Ok((found, outcome))
}

fn capture(path: &Path) -> Recording {
    Recording { path: path.to_owned(), label: path.display().to_string(), incident: None }
}

/// Adds the windows of the incidents in a store, the oldest first. One that has no incidents yet has
/// nothing to look through, which is no mistake; what is not whole is said.
fn windows(path: &Path, found: &mut Vec<Recording>) -> Result<Outcome, Error> {
    let store = Rc::new(Store::open(path, Access::Read)?);
    let listing = store.list(&Query::default())?;
    for damaged in &listing.damaged {
        say!("{damaged}; left out");
    }
    let window = |incident: &store::Summary| Recording {
        label: format!("incident {}", incident.id),
        path: path.to_owned(),
        incident: Some((Rc::clone(&store), incident.id)),
    };
    found.extend(listing.incidents.iter().rev().map(window));
    Ok(if listing.damaged.is_empty() { Outcome::Done } else { Outcome::InPart })
}

fn folder(path: &Path) -> io::Result<Vec<Recording>> {
    let entries = fs::read_dir(path)?.collect::<io::Result<Vec<_>>>()?;
    let mut paths: Vec<PathBuf> = entries.iter().map(fs::DirEntry::path).collect();
    paths.retain(|path| is_capture(path));
    paths.sort();
    Ok(paths.iter().map(|path| capture(path)).collect())
}

fn is_capture(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    [".scap", ".scap.gz", ".scap.zst"].iter().any(|end| name.ends_with(end)) && path.is_file()
}
