//! Images that engines have: which there are, and where the bytes of one come from. Nothing goes on
//! beside the caller, who waits for each answer; each has its bounds of time and bytes.

mod containerd;
mod docker;

use std::{
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use thiserror::Error;
use tokio::{net::UnixStream, runtime, time::timeout};

pub use containerd::{ContainerdImages, list_containerd};
pub use docker::{export_docker, list_docker};

use crate::{failure::Failure, place::Place};

/// Longest list of images.
const LONGEST_LIST_BYTES: usize = 64 << 20;
/// Most time to connect.
const CONNECT: Duration = Duration::from_secs(5);
/// Most time for a list.
const LIST: Duration = Duration::from_secs(60);

/// An image that an engine has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListedImage {
    /// What names it there: `sha256:…`.
    pub id: String,
    /// Its names, as the engine writes them, those with digests too.
    pub names: Vec<String>,
    /// What names its manifests: `sha256:…`.
    pub digests: Vec<String>,
}

/// Why an engine tells of no images.
#[derive(Debug, Error)]
pub enum ImagesError {
    /// There is none, or it does not run.
    #[error("nobody answers at {}", .0.display())]
    Absent(PathBuf),
    /// This user may not ask it.
    #[error("{}: permission denied", .0.display())]
    Denied(PathBuf),
    /// It does not do what it is asked for.
    #[error("{path}: it {why}", path = path.display())]
    Failed {
        /// Its socket.
        path: PathBuf,
        /// What it does.
        why: String,
    },
    /// What it sends can't be kept.
    #[error("cannot keep the image: {0}")]
    Kept(#[from] io::Error),
}

impl ImagesError {
    fn of(socket: &Path, failure: Failure) -> Self {
        use io::ErrorKind::{ConnectionRefused, PermissionDenied};
        let path = socket.to_owned();
        match &failure {
            Failure::Absent => Self::Absent(path),
            Failure::Open(error) | Failure::Connect(error) => match error.kind() {
                PermissionDenied => Self::Denied(path),
                ConnectionRefused => Self::Absent(path),
                _ => Self::Failed { path, why: failure.to_string() },
            },
            _ => Self::Failed { path, why: failure.to_string() },
        }
    }
}

/// Does what has to be awaited.
fn wait<T>(
    socket: &Path,
    work: impl Future<Output = Result<T, Failure>>,
) -> Result<T, ImagesError> {
    let runtime = runtime::Builder::new_current_thread().enable_io().enable_time().build()?;
    runtime.block_on(work).map_err(|failure| ImagesError::of(socket, failure))
}

async fn connect(socket: &Path) -> Result<UnixStream, Failure> {
    let place = Place { host_root: "/".into(), within: None, path: socket.to_owned() };
    within(CONNECT, place.connect()).await
}

async fn within<T>(
    time: Duration,
    work: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    timeout(time, work).await.unwrap_or(Err(Failure::Late(time)))
}
