//! What tools tell of components beside what forms have places for: Trivy, Syft and this program in
//! properties of CycloneDX and in annotations of SPDX.

use std::collections::BTreeMap;

use crate::{Source, extractors::source_of_rpm};

/// Most places of one component.
const MOST_LOCATIONS: usize = 10_000;

/// What is told of a component in properties.
#[derive(Clone, Debug, Default)]
pub(super) struct Told {
    pub(super) source: Option<Source>,
    pub(super) module: Option<String>,
    pub(super) architecture: Option<String>,
    pub(super) is_dev: bool,
    /// What it is of, in the words of its tool.
    pub(super) type_name: Option<String>,
    /// It stands for a file that tells of packages, or for a kind of them.
    pub(super) is_group: bool,
    /// Where it is told of, and the layer that brought it: its `diff_id`.
    pub(super) locations: Vec<(String, Option<String>)>,
    /// A layer without a place, and what names it as it is stored.
    pub(super) layer: Option<String>,
    pub(super) layer_digest: Option<String>,
    /// Of what the document is of: its layers, the lowest first.
    pub(super) layers: Vec<ToldLayer>,
    /// Of a distribution.
    pub(super) codename: Option<String>,
    pub(super) distro_name: Option<String>,
    pub(super) distro_id: Option<String>,
    /// The number, name or URL of what can't be told in one property is told in several.
    parts: Parts,
}

/// A layer.
#[derive(Clone, Debug, Default)]
pub(super) struct ToldLayer {
    pub(super) diff_id: String,
    pub(super) digest: Option<String>,
    pub(super) instruction: Option<String>,
}

/// What several properties tell together.
#[derive(Clone, Debug, Default)]
struct Parts {
    source_name: Option<String>,
    source_epoch: Option<String>,
    source_version: Option<String>,
    source_release: Option<String>,
    locations: BTreeMap<usize, (String, Option<String>)>,
    layers: BTreeMap<usize, ToldLayer>,
}

impl Told {
    /// Takes a property.
    pub(super) fn take(&mut self, name: &str, value: &str) {
        if let Some(name) = name.strip_prefix("aquasecurity:trivy:") {
            self.take_trivy(name, value);
        } else if let Some(name) = name.strip_prefix("syft:") {
            self.take_syft(name, value);
        } else if let Some(name) = name.strip_prefix("watchkeeper:") {
            self.take_own(name, value);
        } else if name == "cdx:npm:package:development" {
            self.is_dev |= value == "true";
        }
    }

    /// Takes what SPDX has for it: `name: value`. Trivy's have no prefix there.
    pub(super) fn take_line(&mut self, line: &str) {
        let Some((name, value)) = line.split_once(": ") else { return };
        match name.contains(':') {
            true => self.take(name, value),
            false => self.take_trivy(name, value),
        }
    }

    fn take_trivy(&mut self, name: &str, value: &str) {
        let value = || Some(value.to_owned());
        match name {
            "SrcName" => self.parts.source_name = value(),
            "SrcEpoch" => self.parts.source_epoch = value().filter(|epoch| epoch != "0"),
            "SrcVersion" => self.parts.source_version = value(),
            "SrcRelease" => self.parts.source_release = value(),
            "Modularitylabel" => self.module = value(),
            "PkgType" => self.type_name = value(),
            "Type" => (self.type_name, self.is_group) = (value(), true),
            "FilePath" => self.locations.extend(value().map(|path| (path, None))),
            "LayerDiffID" => self.layer = value(),
            "LayerDigest" => self.layer_digest = value(),
            "DiffID" => {
                let diff_id = value().unwrap_or_default();
                self.layers.push(ToldLayer { diff_id, ..ToldLayer::default() });
            }
            _ => {}
        }
    }

    fn take_syft(&mut self, name: &str, value: &str) {
        let text = || Some(value.to_owned());
        match name {
            "package:type" => self.type_name = text(),
            "metadata:source" | "metadata:originPackage" => self.parts.source_name = text(),
            "metadata:sourceVersion" => self.parts.source_version = text(),
            "metadata:sourceRpm" => self.source = source_of_rpm(value, None),
            "distro:versionCodename" => self.codename = text(),
            "distro:prettyName" => self.distro_name = text(),
            "distro:id" => self.distro_id = text(),
            _ => self.take_location(name, value, "layerID"),
        }
    }

    fn take_own(&mut self, name: &str, value: &str) {
        let text = || Some(value.to_owned());
        match name {
            "source:name" => self.parts.source_name = text(),
            "source:version" => self.parts.source_version = text(),
            "module" => self.module = text(),
            "architecture" => self.architecture = text(),
            "dev" => self.is_dev |= value == "true",
            "distro:codename" => self.codename = text(),
            "distro:name" => self.distro_name = text(),
            _ if name.starts_with("layer:") => self.take_layer(name, value),
            _ => self.take_location(name, value, "layer"),
        }
    }

    /// `location:N:path`, and that of its layer.
    fn take_location(&mut self, name: &str, value: &str, layer: &str) {
        let Some((at, what)) = numbered(name, "location:") else { return };
        let locations = &mut self.parts.locations;
        if locations.len() >= MOST_LOCATIONS && !locations.contains_key(&at) {
            return;
        }
        match what {
            "path" => locations.entry(at).or_default().0 = value.to_owned(),
            _ if what == layer => locations.entry(at).or_default().1 = Some(value.to_owned()),
            _ => {}
        }
    }

    /// `layer:N:diff_id`, and what else is told of it.
    fn take_layer(&mut self, name: &str, value: &str) {
        let Some((at, what)) = numbered(name, "layer:") else { return };
        let layer = self.parts.layers.entry(at).or_default();
        match what {
            "diff_id" => layer.diff_id = value.to_owned(),
            "digest" => layer.digest = Some(value.to_owned()),
            "instruction" => layer.instruction = Some(value.to_owned()),
            _ => {}
        }
    }

    /// Puts together what several properties tell.
    pub(super) fn finish(&mut self) {
        let Parts { source_name, source_epoch, source_version, source_release, locations, layers } =
            std::mem::take(&mut self.parts);
        if let Some(name) = source_name {
            let epoch = source_epoch.map_or_else(String::new, |epoch| format!("{epoch}:"));
            let release = source_release.map_or_else(String::new, |release| format!("-{release}"));
            let version = source_version.map(|version| format!("{epoch}{version}{release}"));
            self.source = Some(Source { name, version: version.unwrap_or_default() });
        }
        self.layers.extend(layers.into_values());
        let placed = locations.into_values().filter(|(path, _)| !path.is_empty());
        self.locations.extend(placed);
    }
}

fn numbered<'a>(name: &'a str, prefix: &str) -> Option<(usize, &'a str)> {
    let (number, what) = name.strip_prefix(prefix)?.split_once(':')?;
    Some((number.parse().ok()?, what))
}
