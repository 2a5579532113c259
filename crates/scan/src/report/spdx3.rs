//! SPDX 3.0.1, as JSON-LD.

use std::collections::HashSet;

use serde::Serialize;
use serde_json::{Value, json};

use super::{
    Purpose, Subject, digits, named,
    properties::{self, Property},
    serial,
};
use crate::{Distro, Inventory, Package, licence::Licence};

const CONTEXT: &str = "https://spdx.org/rdf/3.0.1/spdx-context.jsonld";
const CREATION: &str = "_:creation";

/// The elements of a document, and the names that they have.
struct Graph {
    base: String,
    elements: Vec<Value>,
    names: Vec<String>,
    /// Those that are there once, whoever names them.
    shared: HashSet<String>,
}

impl Graph {
    fn id(&self, name: &str) -> String {
        format!("{}#{name}", self.base)
    }

    /// Adds an element, and says by which name.
    fn add(&mut self, kind: &str, name: &str, rest: Value) -> String {
        let id = self.id(name);
        let mut element = json!({"type": kind, "spdxId": id, "creationInfo": CREATION});
        if let (Some(element), Value::Object(rest)) = (element.as_object_mut(), rest) {
            element.extend(rest);
        }
        self.elements.push(element);
        self.names.push(id.clone());
        id
    }

    /// Adds an element, unless it is there.
    fn share(&mut self, kind: &str, name: &str, rest: Value) -> String {
        let id = self.id(name);
        match self.shared.insert(id.clone()) {
            true => self.add(kind, name, rest),
            false => id,
        }
    }

    /// Tells properties of an element, if there are any.
    fn annotate(&mut self, subject: &str, name: &str, properties: &[Property]) {
        if properties.is_empty() {
            return;
        }
        let lines: Vec<String> = properties::lines(properties).collect();
        let about = json!({
            "annotationType": "other",
            "subject": subject,
            "statement": lines.join("\n"),
        });
        self.add("Annotation", name, about);
    }

    /// Adds licences as one expression, those in other words as texts that it names.
    fn licences(&mut self, licences: &[String]) -> Option<String> {
        let (mut parts, mut custom) = (Vec::new(), Vec::new());
        for text in licences.iter().filter(|text| !text.is_empty()) {
            parts.push(match Licence::parse(text) {
                Licence::Id(id) => id.to_owned(),
                Licence::Expression(text) if licences.len() > 1 => format!("({text})"),
                Licence::Expression(text) => text,
                Licence::Name(text) => {
                    let id = format!("LicenseRef-{}", digits(&text));
                    let rest = json!({"simplelicensing_licenseText": text});
                    let uri = self.share("simplelicensing_SimpleLicensingText", &id, rest);
                    custom.push(json!({"type": "DictionaryEntry", "key": id, "value": uri}));
                    id
                }
            });
        }
        let expression = (!parts.is_empty()).then(|| parts.join(" AND "))?;
        let mut rest = json!({"simplelicensing_licenseExpression": expression});
        if let (false, Some(rest)) = (custom.is_empty(), rest.as_object_mut()) {
            rest.insert("simplelicensing_customIdToUri".to_owned(), custom.into());
        }
        let name = format!("licence-{}", digits(&expression));
        Some(self.share("simplelicensing_LicenseExpression", &name, rest))
    }
}

pub(super) fn document(inventory: &Inventory, subject: &Subject) -> impl Serialize {
    let base = format!("urn:uuid:{}", serial(inventory, subject, ""));
    let mut graph = Graph { base, elements: Vec::new(), names: Vec::new(), shared: HashSet::new() };
    let maker = json!({"name": format!("watchkeeper {}", subject.tool_version)});
    let agent = graph.add("SoftwareAgent", "maker", maker);
    let root = graph.add("software_Package", "subject", root(subject));
    graph.annotate(&root, "about-subject", &properties::of_subject(inventory));
    let mut packages = Vec::new();
    if let Some(distro) = &inventory.distro {
        let system = graph.add("software_Package", "operating-system", system(distro));
        graph.annotate(&system, "about-operating-system", &properties::of_distro(inventory));
        packages.push(system);
    }
    for (found, purl, name) in named(inventory) {
        let number = digits(&name);
        let id = package(&mut graph, found, &purl, &number);
        let told = properties::of_package(found, inventory);
        graph.annotate(&id, &format!("about-{number}"), &told);
        packages.push(id);
    }
    if !packages.is_empty() {
        let contains = json!({"relationshipType": "contains", "from": root, "to": packages});
        graph.add("Relationship", "contents", contains);
    }
    let elements = graph.names.clone();
    let bom =
        json!({"rootElement": [root], "element": elements, "software_sbomType": ["analyzed"]});
    let bom = graph.add("software_Sbom", "bom", bom);
    let all = graph.names.clone();
    let profiles = ["core", "software", "simpleLicensing"];
    let about = json!({"name": subject.name, "profileConformance": profiles, "rootElement": [bom], "element": all});
    graph.add("SpdxDocument", "document", about);
    let creation = json!({
        "type": "CreationInfo",
        "@id": CREATION,
        "specVersion": "3.0.1",
        "created": subject.time(),
        "createdBy": [agent],
    });
    graph.elements.insert(0, creation);
    json!({"@context": CONTEXT, "@graph": graph.elements})
}

fn root(subject: &Subject) -> Value {
    let purpose = match subject.purpose {
        Purpose::Container => "container",
        Purpose::OperatingSystem => "operatingSystem",
        Purpose::Source => "source",
    };
    match &subject.version {
        Some(version) => json!({
            "name": subject.name,
            "software_primaryPurpose": purpose,
            "software_packageVersion": version,
        }),
        None => json!({"name": subject.name, "software_primaryPurpose": purpose}),
    }
}

fn system(distro: &Distro) -> Value {
    json!({
        "name": distro.id,
        "software_packageVersion": distro.full_version(),
        "software_primaryPurpose": "operatingSystem",
    })
}

fn package(graph: &mut Graph, package: &Package, purl: &str, number: &str) -> String {
    let about = json!({
        "name": package.name,
        "software_packageVersion": package.version,
        "software_packageUrl": purl,
        "software_primaryPurpose": "library",
    });
    let id = graph.add("software_Package", &format!("package-{number}"), about);
    if let Some(licence) = graph.licences(&package.licences) {
        let declared =
            json!({"relationshipType": "hasDeclaredLicense", "from": id, "to": [licence]});
        graph.add("Relationship", &format!("licence-of-{number}"), declared);
    }
    id
}
