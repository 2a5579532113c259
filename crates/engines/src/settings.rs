//! Whom to ask, and how patiently.

use std::{path::PathBuf, time::Duration};

/// Whom to ask, and how patiently.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Where the host's root is: `/`, or where it is mounted if this runs in a container. Links in
    /// paths lead to what they mean on the host.
    pub host_root: PathBuf,
    /// Engines of the machine, by path on the host. Those that are not there cost nothing.
    pub sources: Vec<SourceSettings>,
    /// Engines that each user may have: sockets by path below `/run/user/UID`, storage by path below
    /// the home directory.
    pub user_sources: Vec<SourceSettings>,
    /// How much and how long.
    pub limits: Limits,
}

/// One place at which an engine can be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceSettings {
    /// In which way.
    pub api: Api,
    /// The socket, or the folder of [`Api::Storage`].
    pub path: PathBuf,
}

/// A way to ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Api {
    /// The Container Runtime Interface of Kubernetes, as containerd, CRI-O and cri-dockerd have it.
    Cri,
    /// Docker's HTTP API.
    Docker,
    /// The same, as Podman has it.
    Podman,
    /// containerd's own API.
    Containerd,
    /// The files of Podman and CRI-O.
    Storage,
}

impl Api {
    /// As messages name it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Cri => "cri",
            Self::Docker => "docker",
            Self::Podman => "podman",
            Self::Containerd => "containerd",
            Self::Storage => "storage",
        }
    }
}

/// How much and how long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Time to connect.
    pub connect: Duration,
    /// Time for everything that is asked of one engine about one container.
    pub answer: Duration,
    /// Pauses before a question that nobody could answer is asked again.
    pub retries: Vec<Duration>,
    /// How long a container that no engine knows is not asked about again.
    pub unknown: Duration,
    /// How long a container that was told of is not asked about again.
    pub told: Duration,
    /// How long an engine that fails is left alone at first; doubles up to [`Self::rest_most`].
    pub rest: Duration,
    /// How long an engine that keeps failing is left alone.
    pub rest_most: Duration,
    /// Most questions that may wait; more are dropped.
    pub waiting: usize,
    /// Most answers that may wait to be taken.
    pub answers: usize,
    /// Most bytes of one answer of an engine, or of one of its files.
    pub answer_bytes: usize,
    /// Most containers that are told of in one listing.
    pub listed: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(2),
            answer: Duration::from_secs(5),
            retries: [50, 150, 400, 1000, 2500].map(Duration::from_millis).to_vec(),
            unknown: Duration::from_secs(60),
            told: Duration::from_secs(10),
            rest: Duration::from_secs(1),
            rest_most: Duration::from_secs(60),
            waiting: 256,
            answers: 64,
            answer_bytes: 4 << 20,
            listed: 1024,
        }
    }
}

impl Default for Settings {
    /// Where engines are on common distributions.
    fn default() -> Self {
        let source = |(api, path): &(Api, &str)| SourceSettings { api: *api, path: path.into() };
        Self {
            host_root: "/".into(),
            sources: SOURCES.iter().map(source).collect(),
            user_sources: USER_SOURCES.iter().map(source).collect(),
            limits: Limits::default(),
        }
    }
}

const SOURCES: [(Api, &str); 14] = [
    (Api::Cri, "/run/containerd/containerd.sock"),
    (Api::Cri, "/run/crio/crio.sock"),
    (Api::Cri, "/run/k3s/containerd/containerd.sock"),
    (Api::Cri, "/run/k0s/containerd.sock"),
    (Api::Cri, "/var/snap/microk8s/common/run/containerd.sock"),
    (Api::Cri, "/run/host-containerd/containerd.sock"),
    (Api::Cri, "/run/cri-dockerd.sock"),
    (Api::Docker, "/var/run/docker.sock"),
    (Api::Podman, "/run/podman/podman.sock"),
    (Api::Containerd, "/run/containerd/containerd.sock"),
    (Api::Containerd, "/run/k3s/containerd/containerd.sock"),
    (Api::Containerd, "/run/k0s/containerd.sock"),
    (Api::Containerd, "/run/host-containerd/containerd.sock"),
    (Api::Storage, "/var/lib/containers/storage"),
];

const USER_SOURCES: [(Api, &str); 3] = [
    (Api::Docker, "docker.sock"),
    (Api::Podman, "podman/podman.sock"),
    (Api::Storage, ".local/share/containers/storage"),
];
