//! Containers: where their engines are asked.

use std::path::PathBuf;

use engines::{Api, Settings, SourceSettings};

use super::{
    key::{Doc, Key, Problems},
    value,
};
use crate::yaml::Node;

/// What the file says of engines; `None` where it says nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Containers {
    /// Where the host's root is.
    host_root: Option<PathBuf>,
    /// Engines of the machine, in place of the usual ones.
    sources: Option<Vec<SourceSettings>>,
    /// Engines of users, in place of the usual ones.
    user_sources: Option<Vec<SourceSettings>>,
}

impl Containers {
    /// Whom to ask, and how patiently.
    pub(crate) fn settings(&self) -> Settings {
        let usual = Settings::default();
        let Self { host_root, sources, user_sources } = self.clone();
        Settings {
            host_root: host_root.unwrap_or(usual.host_root),
            sources: sources.unwrap_or(usual.sources),
            user_sources: user_sources.unwrap_or(usual.user_sources),
            limits: usual.limits,
        }
    }
}

/// Whose the engines are.
#[derive(Clone, Copy)]
enum Whose {
    /// The machine's, by paths on it.
    Machine,
    /// A user's, by paths below a folder of that user.
    User,
}

/// A source while its keys are read.
#[derive(Default)]
struct Partial {
    api: Option<Api>,
    path: Option<PathBuf>,
}

const APIS: [(&str, Api); 5] = [
    ("cri", Api::Cri),
    ("docker", Api::Docker),
    ("podman", Api::Podman),
    ("containerd", Api::Containerd),
    ("storage", Api::Storage),
];

pub(super) static KEYS: [Key<Containers>; 3] = [
    Key {
        doc: Doc {
            name: "host_root",
            ty: "path",
            default: "/",
            of: &[],
            doc: "Where the host's root is, if this runs in a container that has it mounted. Paths of sources are paths on the host.",
            example: "host_root: /host",
        },
        set: |containers, node, problems| {
            containers.host_root = problems.parsed(node, on_machine);
        },
    },
    Key {
        doc: Doc {
            name: "sources",
            ty: "list of maps",
            default: "those of common distributions",
            of: &[],
            doc: "Engines of the machine, in place of those that are looked for otherwise. One that is not there costs nothing. An empty list asks none.",
            example: "sources: [{api: cri, path: /run/containerd/containerd.sock}, {api: storage, path: /var/lib/containers/storage}]",
        },
        set: |containers, node, problems| {
            containers.sources = Some(sources(node, Whose::Machine, problems));
        },
    },
    Key {
        doc: Doc {
            name: "user_sources",
            ty: "list of maps",
            default: "docker.sock, podman/podman.sock, .local/share/containers/storage",
            of: &[],
            doc: "Engines that each user may have, which are asked about that user's containers alone: sockets by their path below /run/user/UID, storage by its path below the home directory. An empty list asks none.",
            example: "user_sources: [{api: podman, path: podman/podman.sock}]",
        },
        set: |containers, node, problems| {
            containers.user_sources = Some(sources(node, Whose::User, problems));
        },
    },
];

static SOURCE: [Key<Partial>; 2] = [
    Key {
        doc: Doc {
            name: "api",
            ty: "cri, docker, podman, containerd or storage",
            default: "",
            of: &[],
            doc: "In which way it is asked: the Container Runtime Interface of Kubernetes; Docker's interface, as Docker or Podman has it; containerd's own; or the files of Podman and CRI-O. Required.",
            example: "api: cri",
        },
        set: |source, node, problems| source.api = problems.parsed(node, value::one_of(&APIS)),
    },
    Key {
        doc: Doc {
            name: "path",
            ty: "path",
            default: "",
            of: &[],
            doc: "Its socket, or the folder of storage. Required.",
            example: "path: /run/containerd/containerd.sock",
        },
        set: |source, node, problems| source.path = problems.parsed(node, value::path),
    },
];

fn sources(node: &Node, whose: Whose, problems: &mut Problems) -> Vec<SourceSettings> {
    let items = problems.items(node);
    items.iter().filter_map(|item| source(item, whose, problems)).collect()
}

fn source(node: &Node, whose: Whose, problems: &mut Problems) -> Option<SourceSettings> {
    problems.right(node.pairs())?;
    let mut source = Partial::default();
    problems.map(&SOURCE, node, &mut source);
    let Some(path) = node.get("path").filter(|_| node.get("api").is_some()) else {
        problems.add(node.place, "a source needs an 'api' and a 'path'");
        return None;
    };
    let fits: fn(&str) -> Result<PathBuf, String> = match whose {
        Whose::Machine => on_machine,
        Whose::User => below_folder,
    };
    // What is wrong with it as a path has been told.
    source.path.as_ref()?;
    Some(SourceSettings { api: source.api?, path: problems.parsed(path, fits)? })
}

fn on_machine(text: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(text);
    if path.is_absolute() {
        Ok(path)
    } else {
        Err(format!("'{text}' is not a path that begins with /"))
    }
}

fn below_folder(text: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(text);
    if path.is_absolute() {
        return Err(format!("'{text}' is not a path below the user's folder, without / in front"));
    }
    Ok(path)
}

/// Every key of this file, with where it stands.
pub(super) fn documented() -> impl Iterator<Item = (&'static str, &'static Doc)> {
    let own = KEYS.iter().map(|key| ("containers.", &key.doc));
    let sources = SOURCE.iter().map(|key| ("containers.sources[].", &key.doc));
    own.chain(sources)
}
