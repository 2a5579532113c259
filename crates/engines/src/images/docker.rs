//! Images of Docker, over its HTTP API.

use std::{
    io::{self, Write},
    path::Path,
    time::Duration,
};

use serde::Deserialize;

use super::{ImagesError, LIST, LONGEST_LIST_BYTES, ListedImage, connect, wait, within};
use crate::{
    failure::Failure,
    http::{Http, Taken},
    lenient::{lenient, read},
};

/// Most time until something of an image comes: Docker puts it together on its disk first.
const PATIENCE: Duration = Duration::from_secs(30 * 60);
/// What Docker writes for no name.
const NO_NAME: &str = "<none>";

/// One of `/images/json`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Listed {
    #[serde(deserialize_with = "lenient")]
    id: String,
    #[serde(deserialize_with = "lenient")]
    repo_tags: Option<Vec<String>>,
    #[serde(deserialize_with = "lenient")]
    repo_digests: Option<Vec<String>>,
}

/// The images of the engine at this socket.
///
/// # Errors
/// If it does not tell.
pub fn list_docker(socket: &Path) -> Result<Vec<ListedImage>, ImagesError> {
    let listed = wait(
        socket,
        within(LIST, async {
            let mut http = Http::begin(connect(socket).await?, LONGEST_LIST_BYTES).await?;
            let json = http.get("/images/json").await?.unwrap_or_default();
            read::<Vec<Listed>>(&json).map_err(Failure::garbage)
        }),
    )?;
    Ok(listed.into_iter().map(Listed::image).collect())
}

/// Has an image written as an archive, as `docker save` does; `name` may be its id. Nothing more is
/// taken where it has more than so many bytes.
///
/// # Errors
/// If the engine does not have it or breaks off, or it can't be written.
pub fn export_docker(
    socket: &Path,
    name: &str,
    most_bytes: u64,
    to: &mut dyn Write,
) -> Result<(), ImagesError> {
    let failed = |why: &str| ImagesError::Failed { path: socket.to_owned(), why: why.to_owned() };
    if !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-:/@+".contains(&byte)) {
        return Err(failed("calls an image what no image is called"));
    }
    let mut to = Bounded { to, left_bytes: most_bytes };
    let taken = wait(socket, async {
        let mut http = Http::begin(connect(socket).await?, LONGEST_LIST_BYTES).await?;
        http.take(&format!("/images/{name}/get"), &mut to, PATIENCE).await
    })?;
    match taken {
        Taken::All => Ok(()),
        Taken::Nothing => Err(failed("has no such image any more")),
        Taken::Unwritten(error) => Err(ImagesError::Kept(error)),
    }
}

impl Listed {
    fn image(self) -> ListedImage {
        let named = |names: Option<Vec<String>>| {
            names.unwrap_or_default().into_iter().filter(|name| !name.contains(NO_NAME))
        };
        let digests: Vec<String> = named(self.repo_digests).collect();
        let of_manifests =
            digests.iter().filter_map(|name| Some(name.split_once('@')?.1.to_owned()));
        ListedImage {
            id: self.id,
            digests: of_manifests.collect(),
            names: named(self.repo_tags).chain(digests).collect(),
        }
    }
}

struct Bounded<'a> {
    to: &'a mut dyn Write,
    left_bytes: u64,
}

impl Write for Bounded<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.left_bytes =
            self.left_bytes.checked_sub(bytes.len() as u64).ok_or(io::ErrorKind::FileTooLarge)?;
        self.to.write_all(bytes)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}
