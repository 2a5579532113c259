//! Reads `incident.json`, whoever wrote it.

use serde::Deserialize;
use thiserror::Error;

use super::{Alert, MAX_MANIFEST_BYTES, Manifest, SCHEMA};
use crate::{Id, Shown};

/// Most bytes of what the parser says.
const MAX_MESSAGE_BYTES: usize = 200;

/// Why a manifest is not taken.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ManifestError {
    /// More bytes than are read.
    #[error("larger than {MAX_MANIFEST_BYTES} bytes; this is no incident.json")]
    TooLarge,
    /// Another version.
    #[error("schema {0} is not known; this program reads schema {SCHEMA}: update it")]
    Schema(u32),
    /// The manifest of another incident.
    #[error("its id is {0}, which is not the name of its folder")]
    OtherId(Id),
    /// Not JSON, or not the fields of a manifest.
    #[error("not an incident.json: {0}")]
    Form(String),
}

/// The version alone, which decides what else there must be.
#[derive(Deserialize)]
struct Version {
    schema: u32,
}

impl Manifest {
    /// Reads the text of an `incident.json`. Fields that are not known are left out.
    ///
    /// # Errors
    /// [`ManifestError`] if it is too large, of another version, or no manifest.
    pub fn parse(text: &[u8]) -> Result<Self, ManifestError> {
        if text.len() as u64 > MAX_MANIFEST_BYTES {
            return Err(ManifestError::TooLarge);
        }
        let Version { schema } = serde_json::from_slice(text).map_err(ManifestError::form)?;
        if schema != SCHEMA {
            return Err(ManifestError::Schema(schema));
        }
        let mut manifest: Self = serde_json::from_slice(text).map_err(ManifestError::form)?;
        manifest.alerts_bytes = manifest.alerts.iter().map(Alert::size_bytes).sum();
        Ok(manifest)
    }
}

impl ManifestError {
    /// What the parser says, which may quote what stands there, of any length and with anything in
    /// it.
    pub(crate) fn form(error: serde_json::Error) -> Self {
        let mut message = Shown::from(error.to_string()).to_string();
        message.truncate(message.floor_char_boundary(MAX_MESSAGE_BYTES));
        Self::Form(message)
    }
}
