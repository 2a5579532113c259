//! As whom to ask: what `docker login` and `podman login` keep.
//!
//! - `file`: the files that they keep it in.
//! - `helper`: the programs that they leave it to.

mod file;
mod helper;

use std::{
    fs::File,
    io::Read,
    path::{Path, PathBuf},
};

pub use file::CredentialFile;
use file::Keeper;

use crate::{Error, Secret};

/// Largest file of credentials.
const LARGEST_FILE_BYTES: u64 = 4 << 20;

/// What shows who asks.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Credential {
    /// A name and a password.
    Password {
        /// The name.
        user: String,
        /// The password.
        password: Secret,
    },
    /// A token for which others are handed out (OAuth2's refresh token).
    IdentityToken(Secret),
    /// A token that the registry itself takes.
    RegistryToken(Secret),
}

/// What is known for a repository in the first of these files that has something.
///
/// # Errors
/// If a file or what a helper says can't be read. A file that is not there has nothing.
pub(crate) fn find(
    files: &[PathBuf],
    registry: &str,
    repository: &str,
) -> Result<Option<Credential>, Error> {
    for path in files {
        let Some(json) = read(path)? else { continue };
        let file = CredentialFile::parse(&json)
            .map_err(|why| Error::Config { path: path.clone(), why })?;
        if let Some(credential) = found(&file, registry, repository)? {
            return Ok(Some(credential));
        }
    }
    Ok(None)
}

fn found(
    file: &CredentialFile,
    registry: &str,
    repository: &str,
) -> Result<Option<Credential>, Error> {
    if let Some(Keeper { program, server }) = file.helper(registry, repository)
        && let Some(credential) = helper::get(&program, &server)?
    {
        return Ok(Some(credential));
    }
    Ok(file.credential(registry, repository))
}

/// The bytes of a file; `None` where there is none.
pub(crate) fn read(path: &Path) -> Result<Option<Vec<u8>>, Error> {
    let at = |source| Error::File { path: path.to_owned(), source };
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(at(error)),
    };
    let mut bytes = Vec::new();
    file.take(LARGEST_FILE_BYTES + 1).read_to_end(&mut bytes).map_err(at)?;
    if bytes.len() as u64 > LARGEST_FILE_BYTES {
        let why = format!("is larger than {LARGEST_FILE_BYTES} bytes");
        return Err(Error::Config { path: path.to_owned(), why });
    }
    Ok(Some(bytes))
}
