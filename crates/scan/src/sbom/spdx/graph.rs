//! SPDX 3.0 as JSON-LD: a list of elements that name each other.

use std::collections::{HashMap, HashSet};

use serde::Deserialize;

use super::super::{
    Document,
    component::{Component, Role},
    gather::Gathered,
    json::{Raw, Text, Words},
};
use crate::{Error, Purpose, licence};

/// What is read of an element, whatever its type.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Element<'a> {
    #[serde(rename = "type")]
    type_name: Words,
    #[serde(rename = "spdxId")]
    id: Words,
    name: Words,
    created: Words,
    #[serde(rename = "specVersion")]
    version: Words,
    #[serde(rename = "software_packageVersion")]
    package_version: Words,
    #[serde(rename = "software_packageUrl")]
    purl: Words,
    #[serde(rename = "software_primaryPurpose")]
    purpose: Words,
    #[serde(rename = "simplelicensing_licenseExpression")]
    expression: Words,
    #[serde(rename = "simplelicensing_licenseText")]
    licence_text: Words,
    #[serde(borrow, rename = "simplelicensing_customIdToUri")]
    custom_ids: Option<Raw<'a>>,
    #[serde(borrow, rename = "rootElement")]
    roots: Option<Raw<'a>>,
    #[serde(rename = "relationshipType")]
    relationship: Words,
    from: Words,
    #[serde(borrow)]
    to: Option<Raw<'a>>,
    subject: Words,
    statement: Words,
    #[serde(borrow, rename = "externalIdentifier")]
    identifiers: Option<Raw<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Entry {
    key: Words,
    value: Words,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Identifier {
    #[serde(rename = "externalIdentifierType")]
    type_name: Words,
    identifier: Words,
}

/// What elements say of others.
#[derive(Default)]
struct About {
    version: String,
    created: Option<String>,
    roots: HashSet<String>,
    /// Licences by the ids of their elements: expressions, and texts in other words.
    licences: HashMap<String, Vec<String>>,
    texts: HashMap<String, String>,
    /// Of packages: declared ones, else concluded ones.
    declared: HashMap<String, Vec<String>>,
    concluded: HashMap<String, Vec<String>>,
    lines: HashMap<String, Vec<String>>,
    /// Expressions whose own ids stand for texts.
    custom: Vec<(String, HashMap<String, String>)>,
}

/// Reads the elements of a document.
///
/// # Errors
/// If they are no list, or there are too many packages.
pub(in super::super) fn read<'a>(text: Text<'a>, graph: Raw<'a>) -> Result<Document, Error> {
    let (mut about, mut needs) = (About::default(), Vec::new());
    text.each("@graph", Some(graph), &mut |_, raw| {
        let element: Element<'_> = text.typed(raw).unwrap_or_default();
        about.take(text, element, &mut needs)
    })?;
    about.name_texts();
    if about.version.is_empty() {
        let why = "it has no CreationInfo with a specVersion";
        return Err(Error::malformed("SPDX document", why));
    }
    let mut out = Gathered::new(format!("SPDX {}, as JSON-LD", about.version));
    out.created(about.created.clone());
    needs.iter().for_each(|(from, to)| out.need(from, to));
    text.each("@graph", Some(graph), &mut |at, raw| {
        let place = format!("@graph[{at}]");
        match text.typed::<Element<'_>>(raw) {
            Ok(element) if element.type_name.0 == "software_Package" => {
                about.add(text, element, place, &mut out)
            }
            Ok(_) => Ok(()),
            Err(why) => {
                out.trouble(&place, format!("is no element: {why}"));
                Ok(())
            }
        }
    })?;
    Ok(out.finish())
}

impl About {
    fn take<'a>(
        &mut self,
        text: Text<'a>,
        element: Element<'a>,
        needs: &mut Vec<(String, String)>,
    ) -> Result<(), Error> {
        let id = element.id.0;
        match element.type_name.0.as_str() {
            "CreationInfo" => {
                self.version = element.version.0;
                self.created = element.created.some();
            }
            "SpdxDocument" | "software_Sbom" | "Bom" => {
                self.roots.extend(texts(text, element.roots)?);
            }
            "simplelicensing_LicenseExpression" => {
                self.licences.insert(id.clone(), licence::parts(&element.expression.0));
                let mut custom = HashMap::new();
                text.each("simplelicensing_customIdToUri", element.custom_ids, &mut |_, raw| {
                    let Entry { key, value } = text.typed(raw).unwrap_or_default();
                    custom.insert(key.0, value.0);
                    Ok(())
                })?;
                self.custom.extend((!custom.is_empty()).then_some((id, custom)));
            }
            "simplelicensing_SimpleLicensingText" => {
                self.texts.insert(id, element.licence_text.0);
            }
            "Annotation" => {
                let lines = element.statement.0.lines().map(str::to_owned);
                self.lines.entry(element.subject.0).or_default().extend(lines);
            }
            "Relationship" => {
                let from = element.from.0;
                let to = texts(text, element.to)?;
                match element.relationship.0.as_str() {
                    "hasDeclaredLicense" => self.declared.entry(from).or_default().extend(to),
                    "hasConcludedLicense" => self.concluded.entry(from).or_default().extend(to),
                    "contains" | "dependsOn" => {
                        needs.extend(to.into_iter().map(|to| (from.clone(), to)));
                    }
                    _ => {}
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Puts texts in the places of ids that stand for them.
    fn name_texts(&mut self) {
        for (id, custom) in &self.custom {
            for licence in self.licences.get_mut(id).into_iter().flatten() {
                if let Some(words) = custom.get(licence).and_then(|uri| self.texts.get(uri)) {
                    licence.clone_from(words);
                }
            }
        }
    }

    fn add<'a>(
        &self,
        text: Text<'a>,
        element: Element<'a>,
        place: String,
        out: &mut Gathered,
    ) -> Result<(), Error> {
        let id = element.id.0;
        let (purpose, role) = purposes(&element.purpose.0);
        let mut component = Component {
            place,
            role,
            name: element.name.0,
            version: element.package_version.0,
            purl: element.purl.0,
            ..Component::default()
        };
        text.each("externalIdentifier", element.identifiers, &mut |_, raw| {
            let it: Identifier = text.typed(raw).unwrap_or_default();
            if it.type_name.0 == "packageUrl" && component.purl.is_empty() {
                component.purl = it.identifier.0;
            }
            Ok(())
        })?;
        let licences = self.declared.get(&id).or_else(|| self.concluded.get(&id));
        let licences = licences.into_iter().flatten().filter_map(|id| self.licences.get(id));
        component.licences = licences.flatten().cloned().collect();
        let lines = self.lines.get(&id).into_iter().flatten();
        lines.for_each(|line| component.told.take_line(line));
        let is_subject = self.roots.contains(&id) && component.purl.is_empty();
        component.id = id;
        let component = component.finished();
        if is_subject {
            out.subject(&component, Some(purpose));
            return Ok(());
        }
        out.add(&component)
    }
}

fn texts<'a>(text: Text<'a>, list: Option<Raw<'a>>) -> Result<Vec<String>, Error> {
    let mut out = Vec::new();
    text.each("list", list, &mut |_, raw| {
        out.extend(text.typed::<Words>(raw).ok().and_then(Words::some));
        Ok(())
    })?;
    Ok(out)
}

fn purposes(words: &str) -> (Purpose, Role) {
    match words {
        "container" => (Purpose::Container, Role::Other),
        "operatingSystem" => (Purpose::OperatingSystem, Role::System),
        "device" => (Purpose::OperatingSystem, Role::Other),
        "application" => (Purpose::Source, Role::Application),
        "" | "framework" | "library" => (Purpose::Source, Role::Package),
        _ => (Purpose::Source, Role::Other),
    }
}
