//! SPDX 2.3 (ISO/IEC 5962, with what came since).

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Value, json};

use super::{
    Purpose, Subject, digits, named,
    properties::{self, Property},
    serial,
};
use crate::{Distro, Inventory, Package, licence::Licence};

const NO_ASSERTION: &str = "NOASSERTION";
const DOCUMENT: &str = "SPDXRef-DOCUMENT";
const ROOT: &str = "SPDXRef-Subject";
const SYSTEM: &str = "SPDXRef-OperatingSystem";

pub(super) fn document(inventory: &Inventory, subject: &Subject) -> impl Serialize {
    let mut other_licences = BTreeMap::new();
    let told = |properties: &[Property]| annotations(properties, subject);
    let mut packages = vec![root(inventory, subject)];
    let mut relationships = vec![relationship(DOCUMENT, "DESCRIBES", ROOT)];
    if let Some(distro) = &inventory.distro {
        relationships.push(relationship(ROOT, "CONTAINS", SYSTEM));
        packages.push(system(distro, told(&properties::of_distro(inventory))));
    }
    for (found, purl, name) in named(inventory) {
        let id = format!("SPDXRef-Package-{}", digits(&name));
        relationships.push(relationship(ROOT, "CONTAINS", &id));
        let annotations = told(&properties::of_package(found, inventory));
        packages.push(package(found, &purl, &id, &mut other_licences, annotations));
    }
    let extracted: Vec<Value> = other_licences
        .iter()
        .map(|(id, text)| json!({"licenseId": id, "name": text, "extractedText": text}))
        .collect();
    json!({
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": DOCUMENT,
        "name": subject.name,
        "documentNamespace": format!("urn:uuid:{}", serial(inventory, subject, "")),
        "creationInfo": {
            "created": subject.time(),
            "creators": [format!("Tool: watchkeeper-{}", subject.tool_version)],
        },
        "packages": packages,
        "relationships": relationships,
        "hasExtractedLicensingInfos": extracted,
    })
}

fn relationship(from: &str, kind: &str, to: &str) -> Value {
    json!({"spdxElementId": from, "relationshipType": kind, "relatedSpdxElement": to})
}

/// One for each property, of the time of the document.
fn annotations(properties: &[Property], subject: &Subject) -> Vec<Value> {
    let one = |line: String| {
        json!({
            "annotator": format!("Tool: watchkeeper-{}", subject.tool_version),
            "annotationDate": subject.time(),
            "annotationType": "OTHER",
            "comment": line,
        })
    };
    properties::lines(properties).map(one).collect()
}

fn system(distro: &Distro, annotations: Vec<Value>) -> Value {
    json!({
        "SPDXID": SYSTEM,
        "name": distro.id,
        "versionInfo": distro.full_version(),
        "downloadLocation": NO_ASSERTION,
        "filesAnalyzed": false,
        "licenseConcluded": NO_ASSERTION,
        "licenseDeclared": NO_ASSERTION,
        "copyrightText": NO_ASSERTION,
        "primaryPackagePurpose": "OPERATING-SYSTEM",
        "annotations": annotations,
    })
}

fn root(inventory: &Inventory, subject: &Subject) -> Value {
    let purpose = match subject.purpose {
        Purpose::Container => "CONTAINER",
        Purpose::OperatingSystem => "OPERATING-SYSTEM",
        Purpose::Source => "SOURCE",
    };
    let mut root = json!({
        "SPDXID": ROOT,
        "name": subject.name,
        "downloadLocation": NO_ASSERTION,
        "filesAnalyzed": false,
        "licenseConcluded": NO_ASSERTION,
        "licenseDeclared": NO_ASSERTION,
        "copyrightText": NO_ASSERTION,
        "primaryPackagePurpose": purpose,
        "annotations": annotations(&properties::of_subject(inventory), subject),
    });
    if let (Some(root), Some(version)) = (root.as_object_mut(), &subject.version) {
        root.insert("versionInfo".to_owned(), version.as_str().into());
    }
    root
}

fn package(
    package: &Package,
    purl: &str,
    id: &str,
    other_licences: &mut BTreeMap<String, String>,
    annotations: Vec<Value>,
) -> Value {
    let places: Vec<&str> = package.locations.iter().map(|it| it.path.as_str()).collect();
    let built = package.source.iter().map(|it| format!("built from {} {}", it.name, it.version));
    let told = format!("told of in {}", places.join(", "));
    let about: Vec<String> = built.chain([told]).collect();
    json!({
        "SPDXID": id,
        "name": package.name,
        "versionInfo": package.version,
        "downloadLocation": NO_ASSERTION,
        "filesAnalyzed": false,
        "licenseConcluded": NO_ASSERTION,
        "licenseDeclared": declared(package, other_licences),
        "copyrightText": NO_ASSERTION,
        "sourceInfo": about.join("; "),
        "primaryPackagePurpose": "LIBRARY",
        "externalRefs": [{
            "referenceCategory": "PACKAGE-MANAGER",
            "referenceType": "purl",
            "referenceLocator": purl,
        }],
        "annotations": annotations,
    })
}

/// Licences in other words are told once for all, and named here.
fn declared(package: &Package, others: &mut BTreeMap<String, String>) -> String {
    let licences: Vec<String> = package
        .licences
        .iter()
        .filter(|text| !text.is_empty())
        .map(|text| match Licence::parse(text) {
            Licence::Id(id) => id.to_owned(),
            Licence::Expression(text) if package.licences.len() > 1 => format!("({text})"),
            Licence::Expression(text) => text,
            Licence::Name(text) => {
                let id = format!("LicenseRef-{}", digits(&text));
                others.insert(id.clone(), text);
                id
            }
        })
        .collect();
    if licences.is_empty() { NO_ASSERTION.to_owned() } else { licences.join(" AND ") }
}
