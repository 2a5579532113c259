//! SPDX 3.0.1, as JSON-LD.

use serde::Serialize;
use serde_json::{Value, json};

use super::{Purpose, Subject, digits, named, serial};
use crate::{Inventory, Package, licence::Licence};

const CONTEXT: &str = "https://spdx.org/rdf/3.0.1/spdx-context.jsonld";
const CREATION: &str = "_:creation";

/// The elements of a document, and the names that they have.
struct Graph {
    base: String,
    elements: Vec<Value>,
    names: Vec<String>,
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
}

pub(super) fn document(inventory: &Inventory, subject: &Subject) -> impl Serialize {
    let base = format!("urn:uuid:{}", serial(inventory, subject));
    let mut graph = Graph { base, elements: Vec::new(), names: Vec::new() };
    let maker = json!({"name": format!("watchkeeper {}", subject.tool_version)});
    let agent = graph.add("SoftwareAgent", "maker", maker);
    let root = graph.add("software_Package", "subject", root(subject));
    let packages: Vec<String> = named(inventory)
        .iter()
        .map(|(found, purl, name)| package(&mut graph, found, purl, &digits(name)))
        .collect();
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

fn package(graph: &mut Graph, package: &Package, purl: &str, number: &str) -> String {
    let about = json!({
        "name": package.name,
        "software_packageVersion": package.version,
        "software_packageUrl": purl,
        "software_primaryPurpose": "library",
    });
    let id = graph.add("software_Package", &format!("package-{number}"), about);
    if let Some(expression) = Licence::joined(&package.licences) {
        let name = format!("licence-{}", digits(&expression));
        let licence = graph.id(&name);
        if !graph.names.contains(&licence) {
            let text = json!({"simplelicensing_licenseExpression": expression});
            graph.add("simplelicensing_LicenseExpression", &name, text);
        }
        let declared =
            json!({"relationshipType": "hasDeclaredLicense", "from": id, "to": [licence]});
        graph.add("Relationship", &format!("licence-of-{number}"), declared);
    }
    id
}
