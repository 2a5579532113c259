//! Docker: its daemon is asked; where none runs, its disk is read.

use std::path::{Path, PathBuf};

use engines::images::{ImagesError, list_docker};
use image::{Digest, DockerStore};
use serde::Deserialize;

use super::{
    Miss, Wanted, from_env, home, homes, on_disk,
    reached::{Reached, held},
    unread,
};

const SOCKET: &str = "/var/run/docker.sock";
/// Where its disk is, where nobody says otherwise.
const DISKS: [&str; 2] = ["/var/lib/docker", "/var/snap/docker/common/var-lib-docker"];
/// Within the home of a user.
const OWN_DISK: &str = ".local/share/docker";
const SETTINGS: &str = "/etc/docker/daemon.json";
const LONGEST_SETTINGS_BYTES: u64 = 1 << 20;
const HINT: &str = "; run as root, or as a member of the group 'docker'";

/// Reaches it.
pub(super) fn reach(wanted: Wanted<'_>) -> Result<Vec<Reached>, Miss> {
    match wanted.root {
        Some(root) => disks(root, &of_machine(root)),
        None => asked(),
    }
}

/// The daemon of this machine, or its disk.
fn asked() -> Result<Vec<Reached>, Miss> {
    let sockets = sockets()?;
    for socket in &sockets {
        match list_docker(socket) {
            Ok(listed) => {
                let held = listed.into_iter().map(held).collect();
                return Ok(vec![Reached::Docker { socket: socket.clone(), held }]);
            }
            Err(ImagesError::Absent(_)) => {}
            Err(error @ ImagesError::Denied(_)) => {
                return Err(Miss::Unread(format!("{error}{HINT}")));
            }
            Err(error) => return Err(Miss::Unread(error.to_string())),
        }
    }
    let mut places = of_machine(Path::new("/"));
    places.extend(home().map(|home| home.join(OWN_DISK)));
    let nobody = sockets.iter().map(|it| it.display().to_string()).collect::<Vec<_>>().join(", ");
    disks(Path::new("/"), &places).map_err(|miss| match miss {
        Miss::Absent(why) => Miss::Absent(format!("{why}, and nobody answers at {nobody}")),
        miss => miss,
    })
}

/// Where its daemon may be: where the environment or the chosen context says, else where it is as a rule.
fn sockets() -> Result<Vec<PathBuf>, Miss> {
    let host =
        std::env::var("DOCKER_HOST").ok().filter(|host| !host.is_empty()).or_else(of_context);
    if let Some(host) = host {
        let path = host.strip_prefix("unix://").map(PathBuf::from).filter(|it| it.is_absolute());
        let other = || {
            Miss::Unread(format!(
                "Docker is at {host}: only sockets of this machine (unix://) are asked"
            ))
        };
        return Ok(vec![path.ok_or_else(other)?]);
    }
    let own = from_env("XDG_RUNTIME_DIR").map(|folder| folder.join("docker.sock"));
    Ok(std::iter::once(SOCKET.into()).chain(own).collect())
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Config {
    #[serde(rename = "currentContext")]
    context: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Context {
    endpoints: Endpoints,
}

#[derive(Deserialize)]
struct Endpoints {
    docker: Endpoint,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Endpoint {
    host: String,
}

/// Where the context is that somebody chose: its folder has the digest of its name.
fn of_context() -> Option<String> {
    let folder = from_env("DOCKER_CONFIG").or_else(|| Some(home()?.join(".docker")))?;
    let json_of = |path: &Path| json::<Config>(Path::new("/"), path);
    let chosen = || json_of(&folder.join("config.json")).map(|config| config.context);
    let context =
        std::env::var("DOCKER_CONTEXT").ok().filter(|it| !it.is_empty()).or_else(chosen)?;
    if ["", "default"].contains(&context.as_str()) {
        return None;
    }
    let name = Digest::of(context.as_bytes()).hex();
    let path = folder.join("contexts/meta").join(name).join("meta.json");
    Some(json::<Context>(Path::new("/"), &path)?.endpoints.docker.host)
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "kebab-case", default)]
struct Settings {
    data_root: Option<PathBuf>,
}

/// Where the disk is, of the machine with this root.
fn of_machine(root: &Path) -> Vec<PathBuf> {
    let settings = json::<Settings>(root, SETTINGS.as_ref());
    let said = settings.and_then(|settings| settings.data_root);
    said.into_iter().chain(DISKS.map(PathBuf::from)).collect()
}

/// The disks in these places, of the machine with this root.
fn disks(root: &Path, places: &[PathBuf]) -> Result<Vec<Reached>, Miss> {
    let others = if root == Path::new("/") { Vec::new() } else { homes(root) };
    let others = others.into_iter().map(|home| home.join(OWN_DISK));
    let mut reached = Vec::new();
    for place in places.iter().cloned().chain(others) {
        let store = DockerStore::open(root, &place).map_err(|error| unread(&error, HINT))?;
        reached
            .extend(store.map(|store| Reached::DockerDisk { place: on_disk(root, &place), store }));
    }
    match reached.is_empty() {
        true => {
            Err(Miss::Absent(format!("there is no store of Docker in {}", shown(root, places))))
        }
        false => Ok(reached),
    }
}

fn shown(root: &Path, places: &[PathBuf]) -> String {
    places.iter().map(|it| on_disk(root, it).display().to_string()).collect::<Vec<_>>().join(", ")
}

fn json<T: serde::de::DeserializeOwned>(root: &Path, path: &Path) -> Option<T> {
    let json = super::short_file(root, path, LONGEST_SETTINGS_BYTES)?;
    serde_json::from_slice(&json).ok()
}
