//! Images in the stores of this machine, or of one whose disk is mounted: of Docker, of Podman (with
//! Buildah and CRI-O), of containerd. Nothing is asked of anybody else, and nothing is changed.
//!
//! - `docker`, `podman`, `containerd`: where each keeps images, and how they are had.
//! - `reached`: a store that was reached.
//! - here: which store has what is sought.

mod containerd;
mod docker;
mod podman;
mod reached;

use std::{
    ffi::OsStr,
    path::{Path, PathBuf},
};

use event::visible::visible;
use image::{Image, Platform, Sought, seek};

use self::reached::Reached;
use super::source::Store;
use crate::{error::Error, output::Verbosity};

/// What is sought.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted<'a> {
    pub(super) name: &'a str,
    pub(super) platform: Option<&'a Platform>,
    /// The root of another machine, whose engines do not run; none is this machine.
    pub(super) root: Option<&'a Path>,
    pub(super) verbosity: Verbosity,
}

/// Why a store does not have what is sought.
#[derive(Debug)]
enum Miss {
    /// There is no such store.
    Absent(String),
    /// It can't be read.
    Unread(String),
    /// It has no such image.
    Unknown(String),
    /// It can't be said which image is meant, or that one can't be read.
    Refused(Error),
}

/// An image of one store.
pub(super) fn open(store: Store, wanted: Wanted<'_>) -> Result<Image, Error> {
    match image(store, wanted) {
        Ok((image, _)) => Ok(image),
        Err(Miss::Refused(error)) => Err(error),
        Err(Miss::Absent(why) | Miss::Unread(why) | Miss::Unknown(why)) => Err(Error::Usage(why)),
    }
}

/// An image of whichever store has it first; where none does, what may be the reason.
pub(super) fn open_any(wanted: Wanted<'_>) -> Result<Result<Image, Vec<String>>, Error> {
    let mut reasons = Vec::new();
    for store in [Store::Docker, Store::Podman, Store::Containerd] {
        match image(store, wanted) {
            Ok((image, place)) => {
                if wanted.verbosity != Verbosity::Quiet {
                    say!("'{}' is an image of {}, {place}", wanted.name, name(store));
                }
                return Ok(Ok(image));
            }
            Err(Miss::Refused(error)) => return Err(error),
            Err(Miss::Unread(why) | Miss::Unknown(why)) => reasons.push(why),
            Err(Miss::Absent(_)) => {}
        }
    }
    Ok(Err(reasons))
}

/// The image, and where it was found.
fn image(store: Store, wanted: Wanted<'_>) -> Result<(Image, String), Miss> {
    let reached = match store {
        Store::Docker => docker::reach(wanted),
        Store::Podman => podman::reach(wanted),
        Store::Containerd => containerd::reach(wanted),
    }?;
    let mut near = Vec::new();
    for reached in &reached {
        match seek(reached.held(), wanted.name) {
            Sought::Found(held) => {
                let held = held.wanted_as(wanted.name);
                let image = reached.image(&held, wanted).map_err(Miss::Refused)?;
                return Ok((image, reached.place()));
            }
            Sought::Several(names) => return Err(Miss::Refused(several(wanted.name, &names))),
            Sought::None(names) => near.extend(names),
        }
    }
    Err(Miss::Unknown(unknown(store, wanted.name, &reached, &near)))
}

fn unknown(store: Store, wanted: &str, reached: &[Reached], near: &[String]) -> String {
    let places: Vec<String> = reached.iter().map(Reached::place).collect();
    let near = match near {
        [] => String::new(),
        near => format!("; did you mean {}?", shown(near, " or ")),
    };
    format!("{} has no image '{wanted}' ({}){near}", name(store), places.join(", "))
}

fn several(wanted: &str, names: &[String]) -> Error {
    let names = shown(names, ", ");
    Error::Usage(format!(
        "'{wanted}' may be any of several images; name one of them whole: {names}"
    ))
}

/// Names that somebody else gave.
fn shown(names: &[String], between: &str) -> String {
    let shown: Vec<_> = names.iter().map(|name| visible(name.as_bytes())).collect();
    shown.join(between)
}

/// What people call it.
fn name(store: Store) -> &'static str {
    match store {
        Store::Docker => "Docker",
        Store::Podman => "Podman",
        Store::Containerd => "containerd",
    }
}

/// Why a file of a store can't be read.
fn unread(error: &image::Error, hint: &str) -> Miss {
    let hint = if error.is_denied() { hint } else { "" };
    Miss::Unread(format!("{}{hint}", escaped(error)))
}

/// What is wrong with a store, which may be somebody else's, in words that do nothing to a terminal.
fn escaped(error: &image::Error) -> String {
    visible(error.to_string().as_bytes()).into_owned()
}

/// A folder that the environment names.
fn from_env(variable: &str) -> Option<PathBuf> {
    std::env::var_os(variable).map(PathBuf::from).filter(|path| path.is_absolute())
}

fn home() -> Option<PathBuf> {
    from_env("HOME")
}

/// Where each user of a machine that does not run keeps what is that user's own, by path there.
fn homes(root: &Path) -> Vec<PathBuf> {
    let folder = root.join("home");
    // A link of another machine's disk leads somewhere else here.
    let is_folder = folder.symlink_metadata().is_ok_and(|it| it.is_dir());
    let entries = is_folder.then(|| std::fs::read_dir(&folder).ok()).flatten();
    let names = entries.into_iter().flatten().flatten().map(|entry| entry.file_name());
    let mut homes = vec![PathBuf::from("/root")];
    homes.extend(names.filter(|name| is_user(name)).map(|name| Path::new("/home").join(name)));
    homes.sort_unstable();
    homes
}

/// Whether users are called so.
fn is_user(name: &OsStr) -> bool {
    let may_be = |byte: &u8| byte.is_ascii_alphanumeric() || b"._-@".contains(byte);
    name.as_encoded_bytes().iter().all(may_be)
}

/// Where a path of the machine with this root is on this one, for people.
fn on_disk(root: &Path, path: &Path) -> PathBuf {
    root.join(path.strip_prefix("/").unwrap_or(path))
}

/// All of a short file of the machine with this root, if there is one that can be read.
fn short_file(root: &Path, path: &Path, most_bytes: u64) -> Option<Vec<u8>> {
    image::read_short(root, path, most_bytes).ok().flatten()
}
