//! Everything that reads what an engine says, as pure functions of bytes: each makes the JSON of a
//! container event, or nothing where the bytes are not what they should be.

use prost::Message;
use serde::de::DeserializeOwned;

use crate::{
    Engine, containerd, cri, docker,
    lenient::read,
    storage::{self, Found},
};

/// The answers of Docker to `/containers/ID/json` and `/images/ID/json`.
pub fn docker(container: &[u8], image: &[u8]) -> Option<Vec<u8>> {
    let container: docker::Inspected = read(container).ok()?;
    let image = read(image).unwrap_or_default();
    Some(container.describe(Engine::Docker, &image).json())
}

/// The answers of a runtime of Kubernetes to `ContainerStatus`, `PodSandboxStatus` and `ImageStatus`,
/// of which the container's is empty for a sandbox.
pub fn cri(container: &[u8], sandbox: &[u8], image: &[u8]) -> Option<Vec<u8>> {
    let told = cri::Told {
        container: cri::ContainerStatusResponse::decode(container).ok()?,
        sandbox: cri::PodSandboxStatusResponse::decode(sandbox).unwrap_or_default(),
        image: cri::ImageStatusResponse::decode(image).unwrap_or_default(),
    };
    Some(cri::describe(told, Engine::Cri)?.json())
}

/// A container of containerd, and its answer to `Images/Get`.
pub fn containerd(container: &[u8], image: &[u8]) -> Option<Vec<u8>> {
    let container = containerd::Container::decode(container).ok()?;
    let image = containerd::GetImageResponse::decode(image).unwrap_or_default();
    Some(containerd::describe(container, image).json())
}

/// One of the containers of `containers.json`, and its `config.json`, with one of the images of
/// `images.json`, and its configuration.
pub fn storage(container: &[u8], spec: &[u8], image: &[u8], config: &[u8]) -> Option<Vec<u8>> {
    fn or_default<T: DeserializeOwned + Default>(json: &[u8]) -> T {
        read(json).unwrap_or_default()
    }
    let container = read(container).ok()?;
    let (spec, image, config) = (or_default(spec), or_default(image), or_default(config));
    Some(storage::describe(Found { container, spec, image, config }).json())
}
