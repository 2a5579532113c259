//! Which place of a store is scanned.

use std::{
    collections::BTreeMap,
    fs,
    os::unix::ffi::OsStrExt,
    path::{Path, PathBuf},
};

use image::{Digest, Image, Reference};
use inuse::{Index, Key, Seen, Spans, What};
use state::{Engines, named_container};

/// What is scanned, as far as it may have been watched.
pub(crate) enum Place<'a> {
    /// This host.
    Host,
    /// An image.
    Image(&'a Image),
    /// A folder of this host, by its real name.
    Folder(PathBuf),
    /// Something else, of which nothing tells where it runs.
    Elsewhere,
}

/// What is known of the place that is scanned; else in words why it is nothing.
pub(super) type Known = Result<Chosen, String>;

/// What was seen in a place, or several that are the same.
#[derive(Default)]
pub(crate) struct Chosen {
    /// Each file as it was recorded, and its name from the root of what is scanned.
    pub(super) files: Vec<(Vec<u8>, Seen)>,
    inside: Vec<Vec<u8>>,
    /// For how long all of it was watched.
    pub(super) watched_s: u64,
    /// Whether some of it was watched.
    pub(super) is_in_part: bool,
    /// Whether there was no room for all that was seen.
    pub(super) is_overfull: bool,
}

impl Chosen {
    /// The names of its files from the root of what is scanned.
    pub(super) fn paths(&self) -> Vec<Vec<u8>> {
        self.inside.clone()
    }
}

/// Chooses by what is scanned, or as somebody said.
pub(super) fn choose(index: &Index, place: &Place<'_>, of: Option<&str>) -> Known {
    if let Some(of) = of {
        return Ok(join(index, named(index, of), Path::new("/")));
    }
    match place {
        Place::Host => of_host(index, Path::new("/")),
        Place::Folder(folder) => of_host(index, folder),
        Place::Image(image) => of_image(index, image),
        Place::Elsewhere => Err(
            "nothing tells where it runs; --in-use-of says which host, image or container it is"
                .to_owned(),
        ),
    }
}

/// Places of this name: hosts, images, containers.
pub(super) fn named<'i>(index: &'i Index, name: &str) -> Vec<&'i Key> {
    let is = |text: &[u8]| text == name.as_bytes();
    let id = name.strip_prefix("sha256:").unwrap_or(name);
    let begins = |text: &[u8]| {
        let text = text.strip_prefix(b"sha256:").unwrap_or(text);
        !id.is_empty() && text.starts_with(id.as_bytes())
    };
    let places = index.places().filter(|(key, place)| match &key.what {
        What::Host => is(&key.host),
        What::Image(_) | What::Container(_) => {
            let of_image =
                is(&place.image.name) || begins(&place.image.id) || begins(&place.image.digest);
            let of_key = matches!(&key.what, What::Container(id) if begins(id));
            of_image || of_key || place.containers.iter().any(|(id, it)| is(&it.name) || begins(id))
        }
    });
    places.map(|(key, _)| key).collect()
}

/// This host, or a folder of it; in a container, what that was seen to use, for it has files of its own.
fn of_host(index: &Index, folder: &Path) -> Known {
    let cgroups = fs::read("/proc/self/cgroup").unwrap_or_default();
    let of_container = container(&cgroups).map(|id| with_container(index, &id)).unwrap_or_default();
    if !of_container.is_empty() {
        return Ok(join(index, of_container, folder));
    }
    let name = rustix::system::uname();
    let host = name.nodename().to_bytes();
    let key = Key { host: host.into(), what: What::Host };
    match index.place(&key) {
        Some(_) => Ok(join(index, vec![&key], folder)),
        None => {
            let host = String::from_utf8_lossy(host).into_owned();
            Err(format!(
                "the store has nothing of this host, {host}; --in-use-of says which place it is"
            ))
        }
    }
}

/// The id of the container whose control groups these are (cgroups(7), `/proc/PID/cgroup`).
fn container(cgroups: &[u8]) -> Option<Vec<u8>> {
    let mut listed = Vec::new();
    for line in cgroups.split(|byte| *byte == b'\n') {
        let mut parts = line.splitn(3, |byte| *byte == b':').skip(1);
        let (Some(controllers), Some(path)) = (parts.next(), parts.next()) else { continue };
        for controller in controllers.split(|byte| *byte == b',') {
            let controller = if controller.is_empty() { b"unified" } else { controller };
            listed.extend_from_slice(&[controller, b"=", path, b"\0"].concat());
        }
    }
    named_container(&listed, Engines::default()).map(|named| named.id.to_vec())
}

/// Places that have a container of this id.
fn with_container<'i>(index: &'i Index, id: &[u8]) -> Vec<&'i Key> {
    let is_it = |known: &[u8]| !known.is_empty() && id.starts_with(known);
    let has = |(key, place): &(&Key, &inuse::Place)| {
        matches!(&key.what, What::Container(known) if is_it(known))
            || place.containers.keys().any(|known| is_it(known))
    };
    index.places().filter(has).map(|(key, _)| key).collect()
}

/// Containers of the image: by what names its configuration or its manifest; where an engine told neither, by
/// the name.
fn of_image(index: &Index, image: &Image) -> Known {
    let ids = [Some(image.id), image.manifest];
    let is_same = |told: &[u8]| ids.iter().flatten().any(|id| names(told, id));
    let names: Vec<Reference> =
        image.names.iter().filter_map(|name| Reference::parse(name).ok()).collect();
    let is_named = |told: &[u8]| {
        let told = str::from_utf8(told).ok().and_then(|it| Reference::parse(it).ok());
        told.is_some_and(|it| {
            names.iter().any(|name| name.name() == it.name() && name.tag() == it.tag())
        })
    };
    let mut others = 0;
    let places = index.places().filter(|(key, place)| {
        let told = &place.image;
        if key.what == What::Host {
            return false;
        }
        let has_ids = !told.id.is_empty() || !told.digest.is_empty();
        let is_it =
            is_same(&told.id) || is_same(&told.digest) || (!has_ids && is_named(&told.name));
        others += usize::from(!is_it && is_named(&told.name));
        is_it
    });
    let places: Vec<&Key> = places.map(|(key, _)| key).collect();
    match (places.is_empty(), others) {
        (false, _) => Ok(join(index, places, Path::new("/"))),
        (true, 0) => Err("no container of this image was watched".to_owned()),
        (true, _) => {
            Err("what was watched are containers of another image of this name".to_owned())
        }
    }
}

/// Whether an engine means this digest: `sha256:…`, the number alone or its beginning, or a name with it.
fn names(told: &[u8], digest: &Digest) -> bool {
    const SHORTEST: usize = 12;
    let Ok(told) = str::from_utf8(told) else { return false };
    let told = told.rsplit('@').next().unwrap_or(told);
    let told = told.strip_prefix("sha256:").unwrap_or(told);
    told.len() >= SHORTEST && digest.hex().starts_with(told)
}

/// All that was seen in these places, within a folder.
fn join(index: &Index, keys: Vec<&Key>, folder: &Path) -> Chosen {
    let mut chosen = Chosen::default();
    let (mut files, mut watched) = (BTreeMap::<&[u8], Seen>::new(), Spans::default());
    for key in keys {
        let Some(place) = index.place(key) else { continue };
        let host = Key { host: key.host.clone(), what: What::Host };
        let lost = index.place(&host).map(|it| it.lost.clone()).unwrap_or_default();
        watched.union(&place.watched.minus(&lost));
        chosen.is_in_part |= !place.watched_in_part.is_empty();
        chosen.is_overfull |= place.left_out.is_some();
        for (path, seen) in place.files() {
            files.entry(path).or_default().join(seen);
        }
    }
    chosen.watched_s = watched.seconds();
    for (path, seen) in files {
        let Some(inside) = within(path, folder) else { continue };
        chosen.files.push((path.to_vec(), seen));
        chosen.inside.push(inside.to_vec());
    }
    chosen
}

/// A path from a folder.
fn within<'p>(path: &'p [u8], folder: &Path) -> Option<&'p [u8]> {
    let folder = folder.as_os_str().as_bytes();
    match folder {
        b"/" => Some(path),
        folder => path.strip_prefix(folder).filter(|rest| rest.starts_with(b"/")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_known_by_whatever_an_engine_calls_them() {
        let digest = Digest::of(b"x");
        let hex = digest.hex();
        for (told, expected) in [
            (format!("sha256:{hex}"), true),
            (hex.clone(), true),
            (hex[..12].to_owned(), true),
            (format!("docker.io/library/nginx@sha256:{hex}"), true),
            (hex[..11].to_owned(), false),
            (String::new(), false),
            (Digest::of(b"y").to_string(), false),
        ] {
            assert_eq!(names(told.as_bytes(), &digest), expected, "{told}");
        }
    }

    #[test]
    fn a_container_is_known_by_its_control_groups() {
        let id = "ab".repeat(32);
        for (cgroups, expected) in [
            (format!("1:cpu,cpuacct:/docker/{id}\n0::/\n"), Some(&id)),
            (format!("0::/system.slice/docker-{id}.scope\n"), Some(&id)),
            ("0::/user.slice/user-0.slice\n".to_owned(), None),
            (String::new(), None),
        ] {
            let found = container(cgroups.as_bytes());
            let expected = expected.map(|id| id.as_bytes());
            assert_eq!(found.is_some(), expected.is_some(), "{cgroups}");
            let (found, expected) = (found.unwrap_or_default(), expected.unwrap_or_default());
            assert!(expected.starts_with(&found), "{cgroups}");
        }
    }

    #[test]
    fn paths_are_of_the_folder_that_is_scanned() {
        for (path, folder, expected) in [
            ("/usr/bin/a", "/", Some("/usr/bin/a")),
            ("/srv/root/usr/bin/a", "/srv/root", Some("/usr/bin/a")),
            ("/srv/rooted", "/srv/root", None),
            ("/usr/bin/a", "/srv/root", None),
        ] {
            assert_eq!(within(path.as_bytes(), Path::new(folder)), expected.map(str::as_bytes));
        }
    }
}
