//! The parts of an OCI runtime spec (`config.json`) that tell of a container.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::{description::Mount, lenient::lenient};

/// See the module.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Spec {
    #[serde(deserialize_with = "lenient")]
    process: Option<Process>,
    #[serde(deserialize_with = "lenient")]
    mounts: Vec<SpecMount>,
    #[serde(deserialize_with = "lenient")]
    linux: Option<Linux>,
    #[serde(deserialize_with = "lenient")]
    pub(crate) annotations: BTreeMap<String, String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Process {
    #[serde(deserialize_with = "lenient")]
    user: User,
    #[serde(deserialize_with = "lenient")]
    selinux_label: String,
    #[serde(deserialize_with = "lenient")]
    apparmor_profile: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct User {
    #[serde(deserialize_with = "lenient")]
    uid: u32,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct SpecMount {
    #[serde(deserialize_with = "lenient")]
    destination: String,
    #[serde(deserialize_with = "lenient", rename = "type")]
    kind: String,
    #[serde(deserialize_with = "lenient")]
    source: String,
    #[serde(deserialize_with = "lenient")]
    options: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Linux {
    #[serde(deserialize_with = "lenient")]
    namespaces: Vec<Namespace>,
    #[serde(deserialize_with = "lenient")]
    masked_paths: Vec<String>,
    #[serde(deserialize_with = "lenient")]
    readonly_paths: Vec<String>,
    #[serde(deserialize_with = "lenient")]
    rootfs_propagation: String,
    seccomp: Option<serde::de::IgnoredAny>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Namespace {
    #[serde(deserialize_with = "lenient", rename = "type")]
    kind: String,
}

/// Which mounts of a spec are told of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Mounts {
    /// All.
    All,
    /// Those of files of the host, but for what the engine itself keeps for the container.
    OfHost,
}

impl Spec {
    /// User that the first process runs as.
    pub(crate) fn user(&self) -> String {
        self.process.as_ref().map_or_else(String::new, |process| process.user.uid.to_string())
    }

    /// Whether the container shares the host's namespace of this kind: one that it does not share is
    /// in the list.
    pub(crate) fn shares(&self, kind: &str) -> bool {
        self.linux
            .as_ref()
            .is_some_and(|linux| linux.namespaces.iter().all(|namespace| namespace.kind != kind))
    }

    /// Whether nothing is hidden from the container and nothing confines it. The spec does not say
    /// that it is privileged, but this is what engines make of that.
    pub(crate) fn is_privileged(&self) -> bool {
        let (Some(process), Some(linux)) = (&self.process, &self.linux) else { return false };
        let is_confined = linux.seccomp.is_some()
            || !linux.masked_paths.is_empty()
            || !linux.readonly_paths.is_empty()
            || !process.selinux_label.is_empty()
            || !["", "unconfined"].contains(&process.apparmor_profile.as_str());
        let is_sealed = |mount: &SpecMount| {
            ["sysfs", "cgroup"].contains(&mount.kind.as_str()) && mount.is_readonly()
        };
        !is_confined && !self.mounts.iter().any(is_sealed)
    }

    /// Mounts, as they are told.
    pub(crate) fn mounts(&self, which: Mounts) -> Vec<Mount> {
        let linux = self.linux.as_ref();
        let of_root = linux.map_or("", |linux| linux.rootfs_propagation.as_str());
        let told = self.mounts.iter().filter(|m| which == Mounts::All || m.is_of_host());
        told.map(|mount| mount.told(of_root)).collect()
    }
}

impl SpecMount {
    fn is_readonly(&self) -> bool {
        self.options.iter().any(|option| option == "ro")
    }

    fn is_of_host(&self) -> bool {
        // Podman and CRI-O keep a container's hosts, resolv.conf, secrets and so on in these.
        let is_engines = self.source.contains("/userdata/") || self.source.ends_with("/shm");
        let is_bind = self.options.iter().any(|option| option == "bind" || option == "rbind");
        (self.kind == "bind" || is_bind) && !is_engines
    }

    fn told(&self, of_root: &str) -> Mount {
        const PROPAGATIONS: [&str; 6] =
            ["private", "rprivate", "shared", "rshared", "slave", "rslave"];
        let own = self.options.iter().find(|option| PROPAGATIONS.contains(&option.as_str()));
        let mode = self.options.iter().find_map(|option| option.strip_prefix("mode="));
        Mount {
            source: self.source.clone(),
            destination: self.destination.clone(),
            mode: mode.unwrap_or_default().to_owned(),
            writable: !self.is_readonly(),
            propagation: own.map_or(of_root, String::as_str).to_owned(),
        }
    }
}
