//! Whom to trust: authorities of the system, of a file that was named, and of the folders that container
//! engines have for single hosts (`certs.d`).

use std::path::PathBuf;

use client::{Client, Peer, Tls};

use crate::{Settings, config::with_end};

/// Which certificates are trusted of a host, and which are shown to it.
pub(crate) fn of(host: &str, peer: Peer, settings: &Settings) -> Tls {
    // Hosts that others name may be anything, even a way out of the folder.
    let is_name = !host.contains('/') && !host.split('.').any(str::is_empty);
    let folders = settings.files.certificates.iter().filter(|_| is_name);
    let folders = folders.map(|folder| folder.join(host));
    let folders: Vec<PathBuf> = folders.filter(|folder| folder.is_dir()).collect();
    let also = settings.ca_file.iter().cloned();
    let also = also.chain(folders.iter().flat_map(|folder| with_end(folder, "crt")));
    let client = folders.iter().flat_map(|folder| with_end(folder, "cert")).find_map(|cert| {
        let key = cert.with_extension("key");
        key.exists().then_some(Client { cert, key })
    });
    Tls { ca: None, also: also.collect(), peer, client }
}
