//! What `GET /containers/ID/json` and `GET /images/ID/json` answer.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;

use crate::{
    description::{Description, Engine, Mount, Probes},
    image::{Known, is_id, plain_id},
    lenient::lenient,
};

/// A container.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct Inspected {
    #[serde(deserialize_with = "lenient")]
    id: String,
    #[serde(deserialize_with = "lenient")]
    name: String,
    #[serde(deserialize_with = "lenient")]
    created: String,
    /// Id of the image.
    #[serde(deserialize_with = "lenient")]
    image: String,
    #[serde(deserialize_with = "lenient")]
    config: Config,
    #[serde(deserialize_with = "lenient")]
    host_config: HostConfig,
    #[serde(deserialize_with = "lenient")]
    network_settings: NetworkSettings,
    #[serde(deserialize_with = "lenient")]
    mounts: Vec<InspectedMount>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Config {
    #[serde(deserialize_with = "lenient")]
    image: String,
    #[serde(deserialize_with = "lenient")]
    user: String,
    #[serde(deserialize_with = "lenient")]
    labels: BTreeMap<String, String>,
    #[serde(deserialize_with = "lenient")]
    healthcheck: Healthcheck,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Healthcheck {
    #[serde(deserialize_with = "lenient")]
    test: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct HostConfig {
    #[serde(deserialize_with = "lenient")]
    privileged: bool,
    #[serde(deserialize_with = "lenient")]
    network_mode: String,
    #[serde(deserialize_with = "lenient")]
    pid_mode: String,
    #[serde(deserialize_with = "lenient")]
    ipc_mode: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct NetworkSettings {
    #[serde(deserialize_with = "lenient", rename = "IPAddress")]
    address: String,
    #[serde(deserialize_with = "lenient", rename = "Networks")]
    networks: BTreeMap<String, Network>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Network {
    #[serde(deserialize_with = "lenient", rename = "IPAddress")]
    address: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct InspectedMount {
    #[serde(deserialize_with = "lenient")]
    source: String,
    #[serde(deserialize_with = "lenient")]
    destination: String,
    #[serde(deserialize_with = "lenient")]
    mode: String,
    #[serde(deserialize_with = "lenient", rename = "RW")]
    writable: bool,
    #[serde(deserialize_with = "lenient")]
    propagation: String,
}

/// An image.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct Image {
    #[serde(deserialize_with = "lenient")]
    id: String,
    #[serde(deserialize_with = "lenient")]
    repo_tags: Vec<String>,
    #[serde(deserialize_with = "lenient")]
    repo_digests: Vec<String>,
}

impl Inspected {
    /// Id of the image, if it may stand in a path.
    pub(crate) fn image_id(&self) -> Option<&str> {
        Some(self.image.as_str()).filter(|image| is_id(image) && is_plain(plain_id(image)))
    }

    /// The container in whose network this one is, if it is in one.
    pub(crate) fn network_of(&self) -> Option<String> {
        let id = self.host_config.network_mode.strip_prefix("container:")?;
        (self.address().is_empty() && is_plain(id)).then(|| id.to_owned())
    }

    pub(crate) fn take_address_of(&mut self, other: &Self) {
        self.network_settings.address = other.address().to_owned();
    }

    /// Newer engines have addresses by network alone.
    fn address(&self) -> &str {
        let settings = &self.network_settings;
        let networks = settings.networks.values().map(|network| network.address.as_str());
        let all = [settings.address.as_str()].into_iter().chain(networks);
        all.into_iter().find(|address| !address.is_empty()).unwrap_or_default()
    }

    /// With what is known of its image.
    pub(crate) fn describe(self, engine: Engine, image: &Image) -> Description {
        let ip = self.address().to_owned();
        let known = Known { digests: &image.repo_digests, tags: &image.repo_tags };
        let parts = known.complete(&self.config.image);
        let id = if image.id.is_empty() { &self.image } else { &image.id };
        let name = self.name.strip_prefix('/').unwrap_or(&self.name).to_owned();
        Description {
            engine,
            is_pod_sandbox: name.contains("k8s_POD"),
            name,
            image_id: plain_id(id).to_owned(),
            image_repository: parts.repository.to_owned(),
            image_tag: parts.tag.to_owned(),
            image_digest: parts.digest.to_owned(),
            ip,
            privileged: self.host_config.privileged,
            host_pid: self.host_config.pid_mode == "host",
            host_network: self.host_config.network_mode == "host",
            host_ipc: self.host_config.ipc_mode == "host",
            created_s: self.created.parse().map_or(0, Timestamp::as_second),
            mounts: self.mounts.into_iter().map(InspectedMount::told).collect(),
            probes: Probes { health: self.config.healthcheck.command(), ..Probes::default() },
            id: self.id,
            image: self.config.image,
            user: self.config.user,
            labels: self.config.labels,
            ..Description::default()
        }
    }
}

impl InspectedMount {
    fn told(self) -> Mount {
        Mount {
            source: self.source,
            destination: self.destination,
            mode: self.mode,
            writable: self.writable,
            propagation: self.propagation,
        }
    }
}

impl Healthcheck {
    /// The program that is run, and its arguments.
    fn command(mut self) -> Vec<String> {
        match (self.test.first().map(String::as_str), self.test.get(1)) {
            (Some("CMD"), Some(_)) => self.test.split_off(1),
            (Some("CMD-SHELL"), Some(line)) => ["/bin/sh", "-c", line].map(str::to_owned).to_vec(),
            _ => Vec::new(),
        }
    }
}

fn is_plain(id: &str) -> bool {
    !id.is_empty() && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
}
