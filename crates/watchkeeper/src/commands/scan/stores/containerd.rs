//! containerd: it is asked for names, and its contents are read from its disk.

use std::{
    path::{Path, PathBuf},
    rc::Rc,
};

use engines::images::{ContainerdImages, ImagesError, list_containerd};
use image::ContentStore;

use super::{
    Miss, Wanted, from_env, on_disk,
    reached::{Reached, held},
    unread,
};

/// Sockets, and where what they serve is as a rule.
const PLACES: [(&str, &str); 5] = [
    ("/run/containerd/containerd.sock", "/var/lib/containerd"),
    ("/run/k3s/containerd/containerd.sock", "/var/lib/rancher/k3s/agent/containerd"),
    ("/run/k0s/containerd.sock", "/var/lib/k0s/containerd"),
    (
        "/var/snap/microk8s/common/run/containerd.sock",
        "/var/snap/microk8s/common/var/lib/containerd",
    ),
    ("/run/docker/containerd/containerd.sock", "/var/lib/docker/containerd/daemon"),
];
const CONTENTS: &str = "io.containerd.content.v1.content";
const HINT: &str = "; run as root";

/// Reaches it.
pub(super) fn reach(wanted: Wanted<'_>) -> Result<Vec<Reached>, Miss> {
    match wanted.root {
        Some(root) => disks(root),
        None => asked(),
    }
}

/// Those of this machine that run.
fn asked() -> Result<Vec<Reached>, Miss> {
    let places = places();
    let mut reached = Vec::new();
    for (socket, disk) in &places {
        match list_containerd(socket, namespace().as_deref()) {
            Ok(listed) => reached.push(told(socket, disk, listed)?),
            Err(ImagesError::Absent(_)) => {}
            // Another one may be this user's.
            Err(ImagesError::Denied(_)) if !reached.is_empty() => {}
            Err(error @ ImagesError::Denied(_)) => {
                return Err(Miss::Unread(format!("{error}{HINT}")));
            }
            Err(error) => return Err(Miss::Unread(error.to_string())),
        }
    }
    if reached.is_empty() {
        let places: Vec<String> = places.iter().map(|(it, _)| it.display().to_string()).collect();
        return Err(Miss::Absent(format!("no containerd answers at {}", places.join(", "))));
    }
    Ok(reached)
}

/// Those whose disks are of the machine with this root.
fn disks(root: &Path) -> Result<Vec<Reached>, Miss> {
    let mut reached = Vec::new();
    for place in PLACES.map(|(_, disk)| PathBuf::from(disk)) {
        let store = ContentStore::with_names(root, &place).map_err(|error| unread(&error, HINT))?;
        let Some((contents, images)) = store else { continue };
        let namespace = namespace();
        let is_meant = |of: &str| namespace.as_deref().is_none_or(|wanted| of == wanted);
        let held = images.into_iter().filter(|(of, _)| is_meant(of)).map(|(_, held)| held);
        let (place, held) = (on_disk(root, &place), held.collect());
        reached.push(Reached::Containerd { place, contents: Rc::new(contents), held });
    }
    if reached.is_empty() {
        let places = PLACES.map(|(_, disk)| on_disk(root, disk.as_ref()).display().to_string());
        return Err(Miss::Absent(format!(
            "there is no store of containerd in {}",
            places.join(", ")
        )));
    }
    Ok(reached)
}

/// The namespace that the environment chooses, as containerd's own tools have it.
fn namespace() -> Option<String> {
    std::env::var("CONTAINERD_NAMESPACE").ok().filter(|it| !it.is_empty())
}

fn told(socket: &Path, disk: &Path, listed: ContainerdImages) -> Result<Reached, Miss> {
    let folder = listed.contents.unwrap_or_else(|| disk.join(CONTENTS));
    let contents = ContentStore::open(Path::new("/"), &folder);
    let contents = Rc::new(contents.map_err(|error| unread(&error, HINT))?);
    let held = listed.images.into_iter().map(|(_, image)| held(image)).collect();
    Ok(Reached::Containerd { place: socket.to_owned(), contents, held })
}

/// Where it may be: where the environment says, as its own tools have it, else where it is as a rule.
fn places() -> Vec<(PathBuf, PathBuf)> {
    let said = std::env::var("CONTAINERD_ADDRESS").ok().filter(|it| !it.is_empty());
    if let Some(address) = said {
        let path = address.strip_prefix("unix://").unwrap_or(&address);
        return vec![(path.into(), "/var/lib/containerd".into())];
    }
    let own = from_env("XDG_RUNTIME_DIR").map(|folder| folder.join("containerd/containerd.sock"));
    let own = own.map(|socket| (socket, PathBuf::from("/var/lib/containerd")));
    PLACES.iter().map(|(socket, disk)| (socket.into(), disk.into())).chain(own).collect()
}
