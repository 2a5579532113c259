//! CycloneDX 1.2 to 1.6 (ECMA-424), and what later versions share with these.

pub(super) mod json;
pub(super) mod xml;

use super::component::Role;
use crate::Purpose;

/// What the type of a component says of it.
fn role(type_name: &str) -> Role {
    match type_name {
        "application" => Role::Application,
        "operating-system" => Role::System,
        "framework" | "library" | "" => Role::Package,
        _ => Role::Other,
    }
}

/// What a document is of, by the type of its component.
fn purpose(type_name: &str) -> Purpose {
    match type_name {
        "container" => Purpose::Container,
        "device" | "operating-system" | "platform" => Purpose::OperatingSystem,
        _ => Purpose::Source,
    }
}

/// Whether a document's own component is a package: images are not, whatever URL they have.
fn is_package(purl: &str) -> bool {
    !purl.is_empty() && !["pkg:oci/", "pkg:docker/"].iter().any(|begin| purl.starts_with(begin))
}
