//! Podman, Buildah and CRI-O: their store, wherever `containers-storage.conf(5)` says it is.

use std::path::{Path, PathBuf};

use event::visible::visible;
use image::Containers;
use serde::Deserialize;

use super::{Miss, Wanted, from_env, home, homes, on_disk, reached::Reached, short_file, unread};

/// The store of the machine, where nobody says otherwise.
const STORE: &str = "/var/lib/containers/storage";
/// Within where a user keeps data.
const OWN_STORE: &str = "containers/storage";
const OWN_DATA: &str = ".local/share";
/// Settings of the machine, the first that is there.
const SETTINGS: [&str; 2] = ["/etc/containers/storage.conf", "/usr/share/containers/storage.conf"];
const LONGEST_SETTINGS_BYTES: u64 = 1 << 20;
const HINT: &str = "; run as root";

#[derive(Deserialize, Default)]
#[serde(default)]
struct Settings {
    storage: Storage,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Storage {
    graphroot: Option<PathBuf>,
    rootless_storage_path: Option<String>,
    options: Options,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Options {
    additionalimagestores: Vec<PathBuf>,
}

/// Reaches the store of this user, then that of the machine; of another machine all of them.
pub(super) fn reach(wanted: Wanted<'_>) -> Result<Vec<Reached>, Miss> {
    let root = wanted.root.unwrap_or(Path::new("/"));
    let stores = match wanted.root {
        Some(root) => of_other(root)?,
        None => of_this()?,
    };
    let mut reached = Vec::new();
    for places in &stores {
        let store = match Containers::open(root, places) {
            // The one of the machine is root's.
            Err(error) if error.is_denied() && !reached.is_empty() => None,
            opened => opened.map_err(|error| unread(&error, HINT))?,
        };
        let place = places.first().map(|first| on_disk(root, first)).unwrap_or_default();
        reached.extend(store.map(|store| Reached::Containers { place, store }));
    }
    let places = || {
        stores
            .iter()
            .flatten()
            .map(|it| on_disk(root, it).display().to_string())
            .collect::<Vec<_>>()
    };
    match reached.is_empty() {
        true => {
            Err(Miss::Absent(format!("there is no store of Podman in {}", places().join(", "))))
        }
        false => Ok(reached),
    }
}

/// Stores of this machine, each with those that it goes on in.
fn of_this() -> Result<Vec<Vec<PathBuf>>, Miss> {
    if let Some(chosen) = from_env("CONTAINERS_STORAGE_CONF") {
        let settings = settings(Path::new("/"), &chosen)?.unwrap_or_default();
        let first = settings.storage.graphroot.clone().unwrap_or_else(|| STORE.into());
        return Ok(vec![settings.with_others(first)]);
    }
    let machine = of_machine(Path::new("/"))?;
    let first = machine.storage.graphroot.clone().unwrap_or_else(|| STORE.into());
    let of_machine = machine.with_others(first);
    if rustix::process::geteuid().is_root() {
        return Ok(vec![of_machine]);
    }
    Ok(own(&machine)?.into_iter().chain([of_machine]).collect())
}

/// The store of this user.
fn own(machine: &Settings) -> Result<Option<Vec<PathBuf>>, Miss> {
    let Some(home) = home() else { return Ok(None) };
    let folder = from_env("XDG_CONFIG_HOME").unwrap_or_else(|| home.join(".config"));
    let path = folder.join("containers/storage.conf");
    let settings = settings(Path::new("/"), &path)?.unwrap_or_default();
    let of_machine = machine.storage.rootless_storage_path.as_deref();
    let told = settings.storage.rootless_storage_path.as_deref().or(of_machine);
    let data = from_env("XDG_DATA_HOME").unwrap_or_else(|| home.join(OWN_DATA));
    let first = settings.storage.graphroot.clone();
    let first = first.or_else(|| told.map(|told| expanded(told, &home)));
    let others =
        if settings.storage.options.additionalimagestores.is_empty() { machine } else { &settings };
    Ok(Some(others.with_others(first.unwrap_or_else(|| data.join(OWN_STORE)))))
}

/// A path in which names of variables stand for what they are.
fn expanded(path: &str, home: &Path) -> PathBuf {
    let user = std::env::var("USER").unwrap_or_default();
    let id = rustix::process::geteuid().as_raw().to_string();
    path.replace("$HOME", &home.to_string_lossy())
        .replace("$UID", &id)
        .replace("$USER", &user)
        .into()
}

/// Stores of the machine with this root, and of its users.
fn of_other(root: &Path) -> Result<Vec<Vec<PathBuf>>, Miss> {
    let machine = of_machine(root)?;
    let first = machine.storage.graphroot.clone().unwrap_or_else(|| STORE.into());
    let of_users = homes(root).into_iter().map(|home| vec![home.join(OWN_DATA).join(OWN_STORE)]);
    Ok(std::iter::once(machine.with_others(first)).chain(of_users).collect())
}

fn of_machine(root: &Path) -> Result<Settings, Miss> {
    for path in SETTINGS {
        if let Some(settings) = settings(root, path.as_ref())? {
            return Ok(settings);
        }
    }
    Ok(Settings::default())
}

fn settings(root: &Path, path: &Path) -> Result<Option<Settings>, Miss> {
    let Some(text) = short_file(root, path, LONGEST_SETTINGS_BYTES) else { return Ok(None) };
    let malformed = |why: &dyn std::fmt::Display| {
        let why = format!("{}: {why}", on_disk(root, path).display());
        Miss::Unread(visible(why.as_bytes()).into_owned())
    };
    let text = str::from_utf8(&text).map_err(|error| malformed(&error))?;
    toml::from_str(text).map(Some).map_err(|error| malformed(&error.message()))
}

impl Settings {
    fn with_others(&self, first: PathBuf) -> Vec<PathBuf> {
        std::iter::once(first).chain(self.storage.options.additionalimagestores.clone()).collect()
    }
}
