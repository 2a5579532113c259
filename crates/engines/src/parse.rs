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

#[cfg(test)]
mod tests {
    use proptest::{prelude::*, sample::Index};

    use super::*;

    fn data(path: &str) -> Vec<u8> {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
        std::fs::read(folder.join(path)).unwrap()
    }

    /// A recorded answer of which a few bytes are changed and the rest is cut off.
    fn damaged(path: &'static str) -> impl Strategy<Value = Vec<u8>> {
        let changes = prop::collection::vec((any::<Index>(), any::<u8>()), 0..4);
        (changes, any::<Index>(), any::<bool>()).prop_map(move |(changes, end, is_cut)| {
            let mut bytes = data(path);
            for (at, byte) in changes {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
            bytes.truncate(if is_cut { end.index(bytes.len()) } else { bytes.len() });
            bytes
        })
    }

    /// Whatever is made of an answer is JSON of a container that is not too long to be read.
    fn check(json: Option<Vec<u8>>) {
        let Some(json) = json else { return };
        assert!(json.len() <= 256 << 10, "{} bytes", json.len());
        let value: serde_json::Value = serde_json::from_slice(&json).unwrap();
        assert!(value["container"]["id"].is_string());
    }

    proptest! {
        #[test]
        fn no_damage_of_an_answer_does_harm(
            container in damaged("docker/container.json"), image in damaged("docker/image.json"),
            pod in damaged("cri/container.bin"), sandbox in damaged("cri/sandbox.bin"),
            of_pod in damaged("cri/image.bin"), listed in damaged("containerd/container.bin"),
            target in damaged("containerd/image.bin"), spec in damaged("podman/config.json"),
        ) {
            check(docker(&container, &image));
            check(cri(&pod, &sandbox, &of_pod));
            check(containerd(&listed, &target));
            check(storage(br#"{"id":"8943bc48a2b4"}"#, &spec, b"{}", &image));
        }
    }

    #[test]
    fn what_is_no_answer_tells_of_no_container() {
        for bytes in [&b""[..], b"null", b"\xff\xff", b"7"] {
            assert_eq!(docker(bytes, b""), None);
            assert_eq!(storage(bytes, b"", b"", b""), None);
        }
        assert_eq!((cri(b"", b"", b""), containerd(b"\xff", b"")), (None, None));
    }
}
