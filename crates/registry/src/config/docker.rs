//! Docker's `daemon.json`: mirrors of Docker Hub, and registries that need not show who they are.

use serde::Deserialize;

/// What Docker's `daemon.json` says of registries.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub struct DaemonJson {
    registry_mirrors: Vec<String>,
    insecure_registries: Vec<String>,
}

impl DaemonJson {
    /// Reads it.
    ///
    /// # Errors
    /// If it is malformed.
    pub fn parse(json: &[u8]) -> Result<Self, String> {
        serde_json::from_slice(json).map_err(|error| format!("is malformed: {error}"))
    }

    /// Mirrors of Docker Hub, as URLs.
    pub(crate) fn mirrors(&self) -> impl Iterator<Item = &String> {
        self.registry_mirrors.iter()
    }

    /// Whether a registry need not show who it is. Whole networks, which may stand there, too, are not
    /// looked at.
    pub(crate) fn is_insecure(&self, registry: &str) -> bool {
        self.insecure_registries.iter().any(|insecure| insecure == registry)
    }
}
