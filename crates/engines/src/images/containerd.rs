//! Images of containerd, over its own API: names and digests. Their bytes lie in its content store,
//! whose folder it tells.

use std::path::{Path, PathBuf};

use super::{ImagesError, LIST, LONGEST_LIST_BYTES, ListedImage, connect, wait, within};
use crate::containerd::Containerd;

/// The images of containerd, and where their bytes are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ContainerdImages {
    /// The folder of its content store, if it tells.
    pub contents: Option<PathBuf>,
    /// Images by their namespaces; one of several names is there for each of them.
    pub images: Vec<(String, ListedImage)>,
}

/// The images of the engine at this socket, of one namespace, or of all of them.
///
/// # Errors
/// If it does not tell.
pub fn list_containerd(
    socket: &Path,
    namespace: Option<&str>,
) -> Result<ContainerdImages, ImagesError> {
    wait(
        socket,
        within(LIST, async {
            let mut containerd =
                Containerd::begin(connect(socket).await?, LONGEST_LIST_BYTES).await?;
            let contents = containerd.contents().await?;
            let namespaces = match namespace {
                Some(namespace) => vec![namespace.to_owned()],
                None => containerd.namespaces().await?,
            };
            let mut images = Vec::new();
            for namespace in namespaces {
                let listed = containerd.images(&namespace).await?.into_iter();
                images.extend(listed.map(|image| (namespace.clone(), image)));
            }
            Ok(ContainerdImages { contents, images })
        }),
    )
}
