//! From what the files say to a description.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;

use crate::{
    description::{Description, Engine},
    image::Known,
    lenient::{lenient, read},
    oci::{Mounts, Spec},
};

/// Everything that there is of a container.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) container: Container,
    pub(crate) spec: Spec,
    pub(crate) image: Image,
    pub(crate) config: ImageConfig,
}

/// One of `containers.json`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Container {
    #[serde(deserialize_with = "lenient")]
    pub(crate) id: String,
    #[serde(deserialize_with = "lenient")]
    names: Vec<String>,
    /// Id of the image.
    #[serde(deserialize_with = "lenient")]
    pub(crate) image: String,
    /// JSON of the engine's own.
    #[serde(deserialize_with = "lenient")]
    metadata: String,
    #[serde(deserialize_with = "lenient")]
    created: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
struct Metadata {
    #[serde(deserialize_with = "lenient")]
    image_name: String,
}

/// One of `images.json`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Image {
    #[serde(deserialize_with = "lenient")]
    pub(crate) id: String,
    #[serde(deserialize_with = "lenient")]
    names: Vec<String>,
    #[serde(deserialize_with = "lenient")]
    digest: String,
}

/// The configuration of an image, as the OCI has it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct ImageConfig {
    #[serde(deserialize_with = "lenient")]
    config: Config,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Config {
    #[serde(deserialize_with = "lenient")]
    labels: BTreeMap<String, String>,
}

/// What the files say, put together.
pub(crate) fn describe(found: Found) -> Description {
    let Found { container, spec, image, config } = found;
    let metadata: Metadata = read(container.metadata.as_bytes()).unwrap_or_default();
    let parts = Known { digests: &[], tags: &image.names }.complete(&metadata.image_name);
    let created = container.created.parse::<Timestamp>().ok();
    let own = Description {
        engine: Engine::Podman,
        name: container.names.into_iter().next().unwrap_or_default(),
        image_repository: parts.repository.to_owned(),
        image_tag: parts.tag.to_owned(),
        image_digest: if parts.digest.is_empty() { image.digest } else { parts.digest.to_owned() },
        image: metadata.image_name,
        image_id: container.image,
        user: spec.user(),
        privileged: is_privileged(&spec),
        host_pid: spec.shares("pid"),
        host_network: spec.shares("network"),
        host_ipc: spec.shares("ipc"),
        created_s: created.map(Timestamp::as_second).unwrap_or_default(),
        mounts: spec.mounts(Mounts::OfHost),
        labels: config.config.labels,
        id: container.id,
        ..Description::default()
    };
    // Podman has a few of CRI-O's annotations as well, but not this one.
    let is_crio = spec.annotations.contains_key("io.kubernetes.cri-o.ContainerType");
    if is_crio { of_crio(own, &spec) } else { own }
}

/// Podman notes it; else what it makes of that tells.
fn is_privileged(spec: &Spec) -> bool {
    match spec.annotations.get("io.podman.annotations.privileged") {
        Some(told) => told.eq_ignore_ascii_case("true"),
        None => spec.is_privileged(),
    }
}

/// CRI-O notes in annotations what it tells Kubernetes.
fn of_crio(own: Description, spec: &Spec) -> Description {
    let note = |key: &str| spec.annotations.get(&format!("io.kubernetes.cri-o.{key}"));
    let text = |key: &str| note(key).cloned().unwrap_or_default();
    let table = |key: &str| -> BTreeMap<String, String> {
        note(key).and_then(|json| read(json.as_bytes()).ok()).unwrap_or_default()
    };
    let is_pod_sandbox = note("ContainerType").is_some_and(|kind| kind == "sandbox");
    let labels = table("Labels");
    let named = ["io.kubernetes.container.name"].into_iter().find_map(|key| {
        labels.get(key).or_else(|| spec.annotations.get(key)).filter(|name| !name.is_empty())
    });
    Description {
        engine: Engine::CriO,
        name: named.cloned().unwrap_or(own.name),
        image: note("ImageName").cloned().unwrap_or(own.image),
        ip: text("IP.0"),
        is_pod_sandbox,
        pod_sandbox_id: if is_pod_sandbox { own.id.clone() } else { text("SandboxID") },
        pod_sandbox_labels: if is_pod_sandbox { labels.clone() } else { BTreeMap::new() },
        cni_json: text("CNIResult"),
        labels: own.labels.into_iter().chain(labels).collect(),
        ..own
    }
}
