//! What forms have no places for, told as names and values, so that what is written is what can be read.

use crate::{EndOfLife, Inventory, Package, purl::has_architecture};

/// A name and a value.
pub(super) type Property = (String, String);

pub(super) fn property(name: &str, value: &str) -> Property {
    (format!("watchkeeper:{name}"), value.to_owned())
}

/// Of a package.
pub(super) fn of_package(package: &Package, inventory: &Inventory) -> Vec<Property> {
    let mut properties = Vec::new();
    if let Some(source) = &package.source {
        properties.push(property("source:name", &source.name));
        properties.push(property("source:version", &source.version));
    }
    if let Some(module) = &package.module {
        properties.push(property("module", module));
    }
    if !package.architecture.is_empty() && !has_architecture(package.kind) {
        properties.push(property("architecture", &package.architecture));
    }
    if package.is_dev {
        properties.push(property("dev", "true"));
    }
    for (at, location) in package.locations.iter().enumerate() {
        properties.push(property(&format!("location:{at}:path"), &location.path));
        if let Some(layer) = location.layer.and_then(|layer| inventory.layers.get(layer)) {
            properties.push(property(&format!("location:{at}:layer"), &layer.diff_id));
        }
    }
    properties
}

/// Of what the document is of: its layers.
pub(super) fn of_subject(inventory: &Inventory) -> Vec<Property> {
    let mut properties = Vec::new();
    for (at, layer) in inventory.layers.iter().enumerate() {
        let mut tell = |what: &str, value: &str| {
            properties.push(property(&format!("layer:{at}:{what}"), value));
        };
        tell("diff_id", &layer.diff_id);
        layer.digest.iter().for_each(|digest| tell("digest", digest));
        layer.instruction.iter().for_each(|it| tell("instruction", it));
    }
    properties
}

/// Of the distribution, and until when it is supported.
pub(super) fn of_distro(inventory: &Inventory) -> Vec<Property> {
    let Some(distro) = &inventory.distro else { return Vec::new() };
    let mut properties =
        vec![property("distro:codename", &distro.codename), property("distro:name", &distro.name)];
    properties.retain(|(_, value)| !value.is_empty());
    match &inventory.end_of_life {
        None => {}
        Some(EndOfLife::Rolling) => properties.push(property("distro:end_of_life", "rolling")),
        Some(EndOfLife::Until(support)) => {
            properties.push(property("distro:end_of_life", support.until.as_str()));
            properties.extend(
                support.extended.iter().map(|it| {
                    property(&format!("distro:end_of_life:{}", it.name), it.until.as_str())
                }),
            );
        }
    }
    properties
}

/// As lines, in texts.
pub(super) fn lines(properties: &[Property]) -> impl Iterator<Item = String> {
    // What is one property stays on one line.
    properties.iter().map(|(name, value)| format!("{name}: {}", value.replace(['\n', '\r'], " ")))
}
