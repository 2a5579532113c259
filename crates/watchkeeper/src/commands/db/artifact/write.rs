//! Writing a layout.

use std::{
    fs::{self, File, Permissions},
    io::{self, BufReader, Read, Write},
    os::unix::fs::PermissionsExt,
    path::Path,
};

use advisories::db::{self, Database, Part};
use image::{Digest, Digester};
use serde_json::{Value, json};

use super::{FORMAT_LABEL, SUFFIX, TYPE};

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const CONFIG: &str = "application/vnd.oci.image.config.v1+json";
const LAYER: &str = "application/vnd.oci.image.layer.v1.tar";

/// A blob of the layout.
struct Blob {
    digest: Digest,
    size_bytes: u64,
}

/// Writes a layout into an empty folder; says how large it is.
pub(in crate::commands::db) fn write(database: &Database, folder: &Path) -> io::Result<u64> {
    let blobs = folder.join("blobs/sha256");
    fs::create_dir_all(&blobs)?;
    let mut layers = Vec::new();
    for part in database.parts() {
        layers.push((part, layer(part, &blobs)?));
    }
    let digests: Vec<String> = layers.iter().map(|(_, it)| it.digest.to_string()).collect();
    let config = document(&config(&digests), &blobs)?;
    let manifest = manifest(&config, &layers);
    let manifest = document(&manifest, &blobs)?;
    let listed = json!({
        "mediaType": MANIFEST, "artifactType": TYPE,
        "digest": manifest.digest.to_string(), "size": manifest.size_bytes,
        "annotations": {"org.opencontainers.image.ref.name": "latest"},
    });
    let index = json!({"schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": [listed]});
    fs::write(folder.join("index.json"), index.to_string())?;
    fs::write(folder.join("oci-layout"), json!({"imageLayoutVersion": "1.0.0"}).to_string())?;
    let parts = layers.iter().map(|(_, layer)| layer.size_bytes).sum::<u64>();
    Ok(parts + config.size_bytes + manifest.size_bytes)
}

fn config(layers: &[String]) -> Value {
    json!({
        "architecture": "unknown",
        "os": "unknown",
        "config": {"Labels": {FORMAT_LABEL: db::FORMAT.to_string()}},
        "rootfs": {"type": "layers", "diff_ids": layers},
    })
}

fn manifest(config: &Blob, layers: &[(&Part, Blob)]) -> Value {
    let layers = layers.iter().map(|(part, layer)| {
        json!({
            "mediaType": LAYER, "digest": layer.digest.to_string(), "size": layer.size_bytes,
            "annotations": {"org.opencontainers.image.title": format!("{}{SUFFIX}.tar", part.header().feed)},
        })
    });
    json!({
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "artifactType": TYPE,
        "config": {"mediaType": CONFIG, "digest": config.digest.to_string(), "size": config.size_bytes},
        "layers": layers.collect::<Vec<_>>(),
        "annotations": {"org.opencontainers.image.title": "advisories of watchkeeper"},
    })
}

/// A part as the only file of an archive, which is the same whenever the part is.
fn layer(part: &Part, blobs: &Path) -> io::Result<Blob> {
    let mut draft = tempfile::NamedTempFile::new_in(blobs)?;
    let size_bytes = part.size_bytes().map_err(io::Error::other)?;
    let mut header = tar::Header::new_ustar();
    header.set_path(format!("{}{SUFFIX}", part.header().feed))?;
    header.set_size(size_bytes);
    header.set_mode(0o644);
    header.set_mtime(0);
    header.set_entry_type(tar::EntryType::Regular);
    header.set_cksum();
    draft.write_all(header.as_bytes())?;
    part.copy_to(&mut draft)?;
    // To whole blocks, and two empty ones at the end.
    let padding = size_bytes.next_multiple_of(512) - size_bytes + 1024;
    io::copy(&mut io::repeat(0).take(padding), &mut draft)?;
    placed(draft, blobs)
}

fn document(value: &Value, blobs: &Path) -> io::Result<Blob> {
    let mut draft = tempfile::NamedTempFile::new_in(blobs)?;
    draft.write_all(value.to_string().as_bytes())?;
    placed(draft, blobs)
}

/// Puts a blob where its digest says.
fn placed(draft: tempfile::NamedTempFile, blobs: &Path) -> io::Result<Blob> {
    let mut read = Digester::new(BufReader::with_capacity(256 << 10, File::open(draft.path())?));
    let size_bytes = io::copy(&mut read, &mut io::sink())?;
    let digest = read.finish()?;
    draft.as_file().set_permissions(Permissions::from_mode(0o644))?;
    draft.as_file().sync_all()?;
    draft.persist(blobs.join(digest.hex())).map_err(|error| error.error)?;
    Ok(Blob { digest, size_bytes })
}
