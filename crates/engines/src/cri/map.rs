//! From what a runtime says to a description.

use super::{
    Told,
    info::Info,
    messages::{
        BIDIRECTIONAL, ContainerStatus, ContainerStatusResponse, HOST_TO_CONTAINER, Image, Mount,
        NODE, NamespaceOption, PodSandboxStatus,
    },
    probes::probes,
};
use crate::{
    description::{self, Description, Engine},
    image::{ImageName, Known, is_id, plain_id},
};

/// Command of a sandbox's container, which does nothing.
const SANDBOX_NAME: &str = "POD";

/// The container that a runtime tells of, or else the sandbox.
pub(crate) fn describe(told: Told, engine: Engine) -> Option<Description> {
    let sandbox_info = Info::of(&told.sandbox.info);
    let sandbox = told.sandbox.status.unwrap_or_default();
    let image = told.image.image.unwrap_or_default();
    let own = match told.container.status {
        Some(container) => of_container(container, &Info::of(&told.container.info), &image),
        None if sandbox.id.is_empty() => return None,
        None => of_sandbox(&sandbox, &sandbox_info),
    };
    let options = sandbox.linux.and_then(|linux| linux.namespaces?.options).unwrap_or_default();
    let NamespaceOption { network, pid, ipc } = options;
    let pod_sandbox_id = if sandbox.id.is_empty() { own.id.clone() } else { sandbox.id };
    let mut labels = own.labels;
    labels.insert("io.kubernetes.sandbox.id".to_owned(), pod_sandbox_id.clone());
    if let Some(pod) = sandbox.metadata {
        labels.insert("io.kubernetes.pod.uid".to_owned(), pod.uid);
        labels.insert("io.kubernetes.pod.name".to_owned(), pod.name);
        labels.insert("io.kubernetes.pod.namespace".to_owned(), pod.namespace);
    }
    Some(Description {
        engine,
        ip: sandbox.network.unwrap_or_default().ip,
        host_network: network == NODE,
        host_pid: pid == NODE,
        host_ipc: ipc == NODE,
        labels,
        pod_sandbox_id,
        pod_sandbox_labels: sandbox.labels,
        cni_json: sandbox_info.cni_json(),
        probes: probes(&sandbox.annotations, &own.name),
        ..own
    })
}

/// The image of a container, if its digest or its name is not told with the container.
pub(super) fn unknown_image(container: &ContainerStatusResponse) -> Option<String> {
    let status = container.status.as_ref()?;
    let is_known = status.image_ref.contains('@');
    let id = [&status.image_ref, &status.image_id].into_iter().find(|id| !id.is_empty())?;
    (!is_known).then(|| id.clone())
}

/// What is of the container alone.
fn of_container(container: ContainerStatus, info: &Info, image: &Image) -> Description {
    let name = ContainerImage::of(&container, info, image);
    let user = container.user.and_then(|user| user.linux).map(|user| user.uid);
    let user = user.or(info.user().map(i64::from));
    Description {
        name: container.metadata.unwrap_or_default().name,
        image: name.whole(),
        image_id: image_id(&container.image_id, info, image),
        image_repository: name.repository,
        image_tag: name.tag,
        image_digest: name.digest,
        user: user.map(|uid| uid.to_string()).unwrap_or_default(),
        privileged: info.is_privileged(),
        created_s: seconds(container.created_at),
        mounts: container.mounts.into_iter().map(mount).collect(),
        labels: container.labels,
        id: container.id,
        ..Description::default()
    }
}

fn of_sandbox(sandbox: &PodSandboxStatus, info: &Info) -> Description {
    let image = ImageName::parse(info.sandbox_image());
    Description {
        id: sandbox.id.clone(),
        name: SANDBOX_NAME.to_owned(),
        image: info.sandbox_image().to_owned(),
        image_repository: image.repository.to_owned(),
        image_tag: image.tag.to_owned(),
        user: info.user().map(|uid| uid.to_string()).unwrap_or_default(),
        privileged: info.is_privileged(),
        is_pod_sandbox: true,
        created_s: seconds(sandbox.created_at),
        ..Description::default()
    }
}

/// The image of a container.
struct ContainerImage {
    repository: String,
    tag: String,
    digest: String,
}

impl ContainerImage {
    /// The reference is `NAME@DIGEST`, or the id of an image that was never in a registry, or of which
    /// `image` tells.
    fn of(container: &ContainerStatus, info: &Info, image: &Image) -> Self {
        let asked = container.image.as_ref().map_or("", |spec| spec.image.as_str());
        let reference = &container.image_ref;
        let asked = match ImageName::parse(reference) {
            ImageName { repository, digest, .. } if !digest.is_empty() => {
                return Self::new(repository, ImageName::parse(asked).tag, digest);
            }
            _ if asked.is_empty() || is_id(asked) => info.image_name().unwrap_or(asked),
            _ => asked,
        };
        let known = Known { digests: &image.repo_digests, tags: &image.repo_tags };
        let name = known.complete(asked);
        let digest = if name.digest.is_empty() && reference.starts_with("sha256:") {
            reference
        } else {
            name.digest
        };
        Self::new(name.repository, name.tag, digest)
    }

    fn new(repository: &str, tag: &str, digest: &str) -> Self {
        Self { repository: repository.into(), tag: tag.into(), digest: digest.into() }
    }

    /// The name without the digest.
    fn whole(&self) -> String {
        if self.tag.is_empty() {
            return self.repository.clone();
        }
        format!("{}:{}", self.repository, self.tag)
    }
}

fn image_id(told: &str, info: &Info, image: &Image) -> String {
    let ids = [info.image(), told, &image.id];
    let id = ids.into_iter().find(|id| is_id(id)).unwrap_or_default();
    plain_id(id).to_owned()
}

fn mount(mount: Mount) -> description::Mount {
    let propagation = match mount.propagation {
        HOST_TO_CONTAINER => "rslave",
        BIDIRECTIONAL => "rshared",
        _ => "private",
    };
    description::Mount {
        source: mount.host_path,
        destination: mount.container_path,
        mode: String::new(),
        writable: !mount.readonly,
        propagation: propagation.to_owned(),
    }
}

fn seconds(ns: i64) -> i64 {
    ns / 1_000_000_000
}
