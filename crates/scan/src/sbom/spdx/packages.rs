//! What both notations of SPDX 2 say of packages, and how they are put together.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::super::{
    component::{Component, Role},
    gather::Gathered,
};
use crate::{Error, Purpose, Source, licence};

/// What stands before the source of a package, in the words of Trivy and of this program.
const BUILT_FROM: [&str; 2] = ["built package from: ", "built from "];
/// What stands before places, in the words of Syft.
const ACQUIRED: &str = "acquired package info from ";

/// A package as it stands there.
#[derive(Clone, Debug, Default)]
pub(super) struct Listed {
    pub(super) place: String,
    pub(super) id: String,
    pub(super) name: String,
    pub(super) version: String,
    pub(super) purpose: String,
    pub(super) purl: String,
    pub(super) declared: String,
    pub(super) concluded: String,
    pub(super) source_info: String,
    /// `name: value` lines, from annotations or attributions.
    pub(super) lines: Vec<String>,
}

/// What a document says beside its packages.
#[derive(Default)]
pub(super) struct About {
    /// Licences in other words, by their ids.
    pub(super) licences: HashMap<String, String>,
    /// What the document is of.
    pub(super) described: HashSet<String>,
    /// Names of files, by their ids.
    pub(super) files: HashMap<String, String>,
    /// Files that packages have, by the ids of these.
    pub(super) contains: BTreeMap<String, Vec<String>>,
    pub(super) created: Option<String>,
}

impl About {
    /// Takes what stands between two elements.
    pub(super) fn relate(&mut self, out: &mut Gathered, from: &str, kind: &str, to: &str) {
        let is_file = self.files.contains_key(to);
        match kind {
            "DESCRIBES" if from.ends_with("SPDXRef-DOCUMENT") => {
                self.described.insert(to.to_owned());
            }
            "DESCRIBED_BY" if to.ends_with("SPDXRef-DOCUMENT") => {
                self.described.insert(from.to_owned());
            }
            "CONTAINS" if is_file => {
                self.contains.entry(from.to_owned()).or_default().push(to.to_owned());
            }
            "CONTAINS" | "DEPENDS_ON" => out.need(from, to),
            "CONTAINED_BY" | "DEPENDENCY_OF" => out.need(to, from),
            _ => {}
        }
    }

    /// Adds a package, or what the document is of.
    pub(super) fn add(&self, out: &mut Gathered, listed: Listed) -> Result<(), Error> {
        let is_subject = self.described.contains(&listed.id);
        let (purpose, role) = (listed.purpose.clone(), role(&listed));
        let mut component = self.component(listed);
        component.role = role;
        if is_subject && (component.purl.is_empty() || is_image(&component.purl)) {
            out.subject(&component, Some(purpose_of(&purpose)));
            return Ok(());
        }
        out.add(&component)
    }

    fn component(&self, listed: Listed) -> Component {
        let mut component = Component {
            place: listed.place,
            id: listed.id,
            name: listed.name,
            version: listed.version,
            purl: listed.purl,
            ..Component::default()
        };
        let words = |text: &str| !matches!(text, "" | "NOASSERTION" | "NONE");
        let licence = if words(&listed.declared) { &listed.declared } else { &listed.concluded };
        component.licences = licence::parts(licence);
        for licence in &mut component.licences {
            if let Some(text) = self.licences.get(licence) {
                licence.clone_from(text);
            }
        }
        listed.lines.iter().for_each(|line| component.told.take_line(line));
        for file in self.contains.get(&component.id).into_iter().flatten() {
            let path = self.files.get(file).cloned().unwrap_or_default();
            component.told.locations.push((path, None));
        }
        let mut component = component.finished();
        take_source_info(&listed.source_info, &mut component);
        component
    }
}

/// What a package was built from, or where it is told of, where nothing tells it better.
fn take_source_info(info: &str, component: &mut Component) {
    let built = BUILT_FROM.iter().find_map(|begin| info.strip_prefix(begin));
    if let Some(built) = built.filter(|_| component.told.source.is_none()) {
        let built = built.split(';').next().unwrap_or_default().trim();
        let (name, version) = built.split_once(' ').unwrap_or((built, ""));
        let (name, version) = (name.to_owned(), version.to_owned());
        component.told.source = Some(Source { name, version });
    }
    let acquired = info.strip_prefix(ACQUIRED).and_then(|rest| rest.split_once(": "));
    if let Some((_, places)) = acquired.filter(|_| component.told.locations.is_empty()) {
        let places = places.split(", ").filter(|place| place.starts_with('/'));
        component.told.locations = places.map(|place| (place.to_owned(), None)).collect();
    }
    // Once Trivy had the name of a file here, and its kind in the name.
    if component.role == Role::Application && built.is_none() && info.contains('/') {
        info.clone_into(&mut component.name);
    }
}

fn role(listed: &Listed) -> Role {
    match listed.purpose.as_str() {
        "OPERATING-SYSTEM" | "OPERATING_SYSTEM" => return Role::System,
        "APPLICATION" => return Role::Application,
        "LIBRARY" | "FRAMEWORK" => return Role::Package,
        "" => {}
        _ => return Role::Other,
    }
    let id = listed.id.strip_prefix("SPDXRef-").unwrap_or(&listed.id);
    match id.split('-').next() {
        Some("OperatingSystem") => Role::System,
        Some("Application") => Role::Application,
        Some("ContainerImage" | "Filesystem" | "Repository" | "File" | "DocumentRoot") => {
            Role::Other
        }
        _ => Role::Package,
    }
}

fn purpose_of(words: &str) -> Purpose {
    match words {
        "CONTAINER" => Purpose::Container,
        "OPERATING-SYSTEM" | "OPERATING_SYSTEM" | "DEVICE" => Purpose::OperatingSystem,
        _ => Purpose::Source,
    }
}

fn is_image(purl: &str) -> bool {
    ["pkg:oci/", "pkg:docker/"].iter().any(|begin| purl.starts_with(begin))
}
