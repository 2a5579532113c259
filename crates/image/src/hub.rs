//! Docker Hub, which names without a registry are of: facts of Docker, and the one place where they stand.

/// What it is called in names of images.
pub const NAME: &str = "docker.io";
/// The same by an older name, under which credentials are kept, too.
pub const INDEX: &str = "index.docker.io";
/// The host that serves it.
pub const HOST: &str = "registry-1.docker.io";
/// The name under which Docker keeps its credentials.
pub const KEY: &str = "https://index.docker.io/v1/";
