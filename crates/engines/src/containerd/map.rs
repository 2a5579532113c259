//! From what containerd says to a description.

use super::messages::{Container, GetImageResponse};
use crate::{
    description::{Description, Engine, short_id},
    image::ImageName,
    lenient::read,
    oci::{Mounts, Spec},
};

/// Digits of an id that nobody chose.
const ID_CHARS: usize = 64;

/// With what is known of its image.
pub(crate) fn describe(container: Container, image: GetImageResponse) -> Description {
    let spec = container.spec.as_ref().map(|spec| read::<Spec>(&spec.value));
    let spec = spec.and_then(Result::ok).unwrap_or_default();
    let name = ImageName::parse(&container.image);
    let target = image.image.and_then(|image| image.target).unwrap_or_default();
    let sandbox = Some(container.sandbox.as_str()).filter(|sandbox| !sandbox.is_empty());
    let annotated = spec.annotations.get("io.kubernetes.cri.sandbox-id").map(String::as_str);
    Description {
        engine: Engine::Containerd,
        name: name_of(&container),
        image_repository: name.repository.to_owned(),
        image_tag: name.tag.to_owned(),
        image_digest: target.digest,
        user: spec.user(),
        privileged: spec.is_privileged(),
        host_pid: spec.shares("pid"),
        host_network: spec.shares("network"),
        host_ipc: spec.shares("ipc"),
        is_pod_sandbox: container
            .labels
            .get("io.cri-containerd.kind")
            .is_some_and(|k| k == "sandbox"),
        created_s: container.created_at.unwrap_or_default().seconds,
        mounts: spec.mounts(Mounts::All),
        pod_sandbox_id: sandbox.or(annotated).unwrap_or_default().to_owned(),
        id: container.id,
        image: container.image,
        labels: container.labels,
        ..Description::default()
    }
}

/// nerdctl and Kubernetes note names as labels; with `ctr` a person chooses the id.
fn name_of(container: &Container) -> String {
    const KEYS: [&str; 2] = ["nerdctl/name", "io.kubernetes.container.name"];
    let id = &container.id;
    let is_chosen = id.len() != ID_CHARS || !id.bytes().all(|b| b.is_ascii_hexdigit());
    let own = if is_chosen { id.as_str() } else { short_id(id) };
    let label = KEYS.into_iter().find_map(|key| container.labels.get(key));
    label.map_or(own, String::as_str).to_owned()
}
