//! By which names an image is meant: those that documents of VEX have for it. A name without a tag or digest is
//! that of others as well.

use image::{Image, Reference};

/// Digests, names with the registry, and a package URL for each name with each digest
/// (`pkg:oci/app@sha256:…?repository_url=example.org/team/app&arch=amd64&tag=1.2`; type `oci` of the package URL
/// types).
pub(super) fn of(image: &Image) -> Vec<String> {
    let digests: Vec<String> =
        image.manifest.iter().chain([&image.id]).map(ToString::to_string).collect();
    let mut names = digests.clone();
    for reference in image.names.iter().filter_map(|name| Reference::parse(name).ok()) {
        names.push(reference.to_string());
        names.extend(reference.digest().map(|digest| digest.to_string()));
        let of_name = reference.digest().map(|digest| digest.to_string());
        for digest in digests.iter().chain(&of_name) {
            names.push(purl(&reference, digest, &image.config.architecture));
        }
    }
    names.sort();
    names.dedup();
    names
}

fn purl(reference: &Reference, digest: &str, architecture: &str) -> String {
    let repository = reference.repository();
    let name = repository.rsplit('/').next().unwrap_or(repository);
    let mut purl = format!("pkg:oci/{name}@{digest}?repository_url={}", reference.name());
    if !architecture.is_empty() {
        purl += &format!("&arch={architecture}");
    }
    if let Some(tag) = reference.tag() {
        purl += &format!("&tag={tag}");
    }
    purl
}
