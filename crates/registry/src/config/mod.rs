//! Whom to ask, and how: what the files of container engines say of registries.
//!
//! - `docker`: Docker's `daemon.json`.
//! - `containers`: `registries.conf`, of Podman, Buildah, CRI-O and skopeo.
//! - here: where these files are, and the order in which hosts are asked.

mod containers;
mod docker;

use std::{
    env,
    path::{Path, PathBuf},
};

use client::Peer;
use image::{Reference, hub};

pub use containers::RegistriesConf;
use containers::Target;
pub use docker::DaemonJson;

use crate::{Error, Settings, Transport, credentials::read};

/// Where files are that say how registries are asked. Those that do not exist say nothing.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Files {
    /// Credentials, the first that has something counts.
    pub credentials: Vec<PathBuf>,
    /// Docker's `daemon.json`, all of them count.
    pub daemon: Vec<PathBuf>,
    /// `registries.conf`, the first that exists counts.
    pub registries: Vec<PathBuf>,
    /// Folders of parts of the latter, all of them count.
    pub registries_parts: Vec<PathBuf>,
    /// Folders with certificates, in folders that have the names of hosts.
    pub certificates: Vec<PathBuf>,
}

impl Files {
    /// Where they are on this machine, for the user who asks.
    pub fn of_system() -> Self {
        let home = env::var_os("HOME").map(PathBuf::from);
        let in_home = |path: &str| home.as_ref().map(|home| home.join(path));
        let named =
            |name: &str| env::var_os(name).filter(|path| !path.is_empty()).map(PathBuf::from);
        let listed = |paths: Vec<Option<PathBuf>>| paths.into_iter().flatten().collect();
        let docker = named("DOCKER_CONFIG").or_else(|| in_home(".docker"));
        let credentials = match named("REGISTRY_AUTH_FILE") {
            Some(path) => vec![path],
            None => listed(vec![
                named("XDG_RUNTIME_DIR").map(|folder| folder.join("containers/auth.json")),
                in_home(".config/containers/auth.json"),
                docker.map(|folder| folder.join("config.json")),
            ]),
        };
        let registries = match named("CONTAINERS_REGISTRIES_CONF") {
            Some(path) => vec![path],
            None => listed(vec![
                in_home(".config/containers/registries.conf"),
                Some("/etc/containers/registries.conf".into()),
            ]),
        };
        Self {
            credentials,
            daemon: listed(vec![
                Some("/etc/docker/daemon.json".into()),
                in_home(".config/docker/daemon.json"),
            ]),
            registries,
            registries_parts: listed(vec![
                Some("/etc/containers/registries.conf.d".into()),
                in_home(".config/containers/registries.conf.d"),
            ]),
            certificates: listed(vec![
                in_home(".config/containers/certs.d"),
                in_home(".config/docker/certs.d"),
                Some("/etc/containers/certs.d".into()),
                Some("/etc/docker/certs.d".into()),
            ]),
        }
    }
}

/// Where an image may be had.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Place {
    /// The image, by the name that it has there.
    pub(crate) reference: Reference,
    /// How to speak with the host.
    pub(crate) speech: Speech,
}

/// How to speak with a host.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Speech {
    Tls(Peer),
    Plain,
}

impl Place {
    /// The host that serves the registry, with its port where it has one.
    pub(crate) fn host(&self) -> &str {
        match self.reference.registry() {
            hub::NAME => hub::HOST,
            registry => registry,
        }
    }
}

/// Where an image may be had: mirrors first, as people and files name them, then its registry.
pub(crate) fn places(reference: &Reference, settings: &Settings) -> Result<Vec<Place>, Error> {
    let conf = containers(&settings.files)?;
    let daemons = docker(&settings.files)?;
    let reference = conf.unaliased(reference)?;
    let mut places = Vec::new();
    for mirror in &settings.mirrors {
        places.extend(of_mirror(&reference, mirror, settings)?);
    }
    for mirror in daemons.iter().flat_map(DaemonJson::mirrors).filter(|_| reference.is_of_hub()) {
        places.extend(of_mirror(&reference, mirror, settings)?);
    }
    for target in conf.targets(&reference)? {
        let Target { reference, is_insecure } = target;
        let is_insecure =
            is_insecure || daemons.iter().any(|daemon| daemon.is_insecure(reference.registry()));
        places.extend(spoken(&reference, is_insecure, settings));
    }
    Ok(places)
}

/// `[http://|https://]HOST[:PORT][/PREFIX]`.
fn of_mirror(
    reference: &Reference,
    mirror: &str,
    settings: &Settings,
) -> Result<Vec<Place>, Error> {
    let (speech, location) = match mirror.split_once("://") {
        Some(("http", location)) => (Some(Speech::Plain), location),
        Some(("https", location)) => (Some(Speech::Tls(Peer::Verified)), location),
        _ => (None, mirror),
    };
    let reference = moved(reference, location, reference.repository())?;
    Ok(match speech {
        Some(speech) => vec![Place { reference, speech }],
        None => spoken(&reference, false, settings),
    })
}

/// The image as a part of another location: a host, or a folder of it.
fn moved(reference: &Reference, location: &str, rest: &str) -> Result<Reference, Error> {
    let location = location.trim_end_matches('/');
    let (host, folder) = location.split_once('/').unwrap_or((location, ""));
    let names = [folder, rest.trim_start_matches('/')];
    let repository: Vec<&str> = names.into_iter().filter(|name| !name.is_empty()).collect();
    Ok(reference.elsewhere(host, &repository.join("/"))?)
}

/// Who is not to be trusted is asked with TLS all the same, if that can be.
fn spoken(reference: &Reference, is_insecure: bool, settings: &Settings) -> Vec<Place> {
    let speeches: &[Speech] = match (settings.transport, is_insecure) {
        (Transport::Plain, _) => &[Speech::Plain],
        (Transport::Tls, true) => &[Speech::Tls(Peer::Unverified), Speech::Plain],
        (Transport::Tls, false) => &[Speech::Tls(Peer::Verified)],
    };
    let place = |speech: &Speech| Place { reference: reference.clone(), speech: *speech };
    speeches.iter().map(place).collect()
}

fn docker(files: &Files) -> Result<Vec<DaemonJson>, Error> {
    let mut found = Vec::new();
    for path in &files.daemon {
        if let Some(json) = read_if_allowed(path)? {
            let parsed = DaemonJson::parse(&json);
            found.push(parsed.map_err(|why| Error::Config { path: path.clone(), why })?);
        }
    }
    Ok(found)
}

fn containers(files: &Files) -> Result<RegistriesConf, Error> {
    let mut conf = RegistriesConf::default();
    let mut take = |path: &Path, bytes: &[u8]| {
        let parsed = RegistriesConf::parse(path, bytes);
        conf.add(parsed.map_err(|why| Error::Config { path: path.to_owned(), why })?);
        Ok::<_, Error>(())
    };
    for path in &files.registries {
        if let Some(bytes) = read(path)? {
            take(path, &bytes)?;
            break;
        }
    }
    for path in files.registries_parts.iter().flat_map(|folder| parts(folder)) {
        if let Some(bytes) = read(&path)? {
            take(&path, &bytes)?;
        }
    }
    Ok(conf)
}

/// Docker's own file may be for root alone, who is not meant then.
fn read_if_allowed(path: &Path) -> Result<Option<Vec<u8>>, Error> {
    match read(path) {
        Err(Error::File { source, .. })
            if source.kind() == std::io::ErrorKind::PermissionDenied =>
        {
            Ok(None)
        }
        other => other,
    }
}

/// The files of a folder that are parts of a configuration, in their order.
fn parts(folder: &Path) -> Vec<PathBuf> {
    with_end(folder, "conf")
}

/// The files of a folder that end so, in the order of their names; none where it can't be read.
pub(crate) fn with_end(folder: &Path, end: &str) -> Vec<PathBuf> {
    let entries = folder.read_dir().into_iter().flatten().flatten();
    let mut paths: Vec<PathBuf> = entries
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|extension| extension == end))
        .collect();
    paths.sort_unstable();
    paths
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn asked(text: &str, settings: &Settings) -> Vec<String> {
        let places = places(&Reference::parse(text).unwrap(), settings).unwrap();
        let shown = |place: &Place| {
            let speech = match place.speech {
                Speech::Tls(Peer::Verified) => "https",
                Speech::Tls(Peer::Unverified) => "https?",
                Speech::Plain => "http",
            };
            let reference = &place.reference;
            format!("{speech}://{}/{}", place.host(), reference.repository())
        };
        places.iter().map(shown).collect()
    }

    #[test]
    fn mirrors_are_asked_before_the_registry() {
        let folder = tempfile::tempdir().unwrap();
        let daemon = folder.path().join("daemon.json");
        let registries = folder.path().join("registries.conf");
        let parts = folder.path().join("registries.conf.d");
        fs::create_dir(&parts).unwrap();
        fs::write(
            &daemon,
            r#"{"registry-mirrors": ["https://daemon.example/", "http://plain.example:1"],
                "insecure-registries": ["insecure.example:2"]}"#,
        )
        .unwrap();
        fs::write(
            &registries,
            "unqualified-search-registries = ['x.example']\n\
             [[registry]]\nprefix = 'moved.example/team'\nlocation = 'new.example/old'\n\
             [[registry.mirror]]\nlocation = 'near.example/cache'\ninsecure = true\n",
        )
        .unwrap();
        fs::write(parts.join("aliases.conf"), "[aliases]\n'tool' = 'tools.example/x/tool'\n")
            .unwrap();
        let files = Files {
            daemon: vec![daemon, folder.path().join("none")],
            registries: vec![folder.path().join("none"), registries],
            registries_parts: vec![parts],
            ..Files::default()
        };
        let settings = Settings {
            files,
            mirrors: vec!["near.example:3/hub".to_owned()],
            ..Settings::default()
        };
        let expected = [
            "https://near.example:3/hub/library/debian",
            "https://daemon.example/library/debian",
            "http://plain.example:1/library/debian",
            &format!("https://{}/library/debian", hub::HOST),
        ];
        assert_eq!(asked("debian", &settings), expected);
        let settings = Settings { mirrors: Vec::new(), ..settings };
        assert_eq!(
            asked("insecure.example:2/a", &settings),
            ["https?://insecure.example:2/a", "http://insecure.example:2/a"]
        );
        assert_eq!(
            asked("moved.example/team/a", &settings),
            [
                "https?://near.example/cache/a",
                "http://near.example/cache/a",
                "https://new.example/old/a"
            ]
        );
        assert_eq!(asked("moved.example/teams/a", &settings), ["https://moved.example/teams/a"]);
        assert_eq!(asked("tool:1", &settings), ["https://tools.example/x/tool"]);
        let plain = Settings { transport: Transport::Plain, ..settings };
        assert_eq!(asked("h:1/a", &plain), ["http://h:1/a"]);
    }
}
