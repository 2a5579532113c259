//! CycloneDX 1.6 (ECMA-424).

use serde::Serialize;
use serde_json::{Value, json};

use super::{
    Purpose, Subject, named,
    properties::{self, Property, property},
    serial,
};
use crate::{Inventory, Package, licence::Licence};

/// What a document tells beside packages.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct More {
    /// What is wrong with packages, as elements of `vulnerabilities`.
    pub vulnerabilities: Vec<Value>,
    /// What else should be known, as names and values without the program's own before them.
    pub properties: Vec<(String, String)>,
}

pub(super) fn document(
    inventory: &Inventory,
    subject: &Subject,
    more: Option<&More>,
) -> impl Serialize + use<> {
    let root = "subject";
    let packages = named(inventory);
    let mut components: Vec<Value> = distro(inventory).into_iter().collect();
    components.extend(
        packages.iter().map(|(package, purl, name)| component(package, purl, name, inventory)),
    );
    let of_root: Vec<&str> = packages.iter().map(|(_, _, name)| name.as_str()).collect();
    let mut metadata = json!({
        "tools": {"components": [{"type": "application", "name": "watchkeeper", "version": subject.tool_version}]},
        "component": {
            "type": match subject.purpose {
                Purpose::Container => "container",
                Purpose::OperatingSystem => "operating-system",
                Purpose::Source => "application",
            },
            "bom-ref": root,
            "name": subject.name,
        },
    });
    put(&mut metadata, "timestamp", subject.created.clone().map(Value::from));
    if let Some(component) = metadata.get_mut("component") {
        put(component, "version", subject.version.clone().map(Value::from));
        put(component, "properties", listed(&properties::of_subject(inventory)));
    }
    let known = more.map(|it| it.properties.iter().map(|(name, value)| property(name, value)));
    let known: Vec<Property> = known.into_iter().flatten().collect();
    put(&mut metadata, "properties", listed(&known));
    let told = more.map(|it| serde_json::to_string(&it.vulnerabilities).unwrap_or_default());
    let mut document = json!({
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": format!("urn:uuid:{}", serial(inventory, subject, &told.unwrap_or_default())),
        "version": 1,
        "metadata": metadata,
        "components": components,
        "dependencies": [{"ref": root, "dependsOn": of_root}],
    });
    let vulnerabilities = more.map(|it| Value::from(it.vulnerabilities.clone()));
    put(&mut document, "vulnerabilities", vulnerabilities);
    document
}

fn put(object: &mut Value, key: &str, value: Option<Value>) {
    if let (Some(object), Some(value)) = (object.as_object_mut(), value) {
        object.insert(key.to_owned(), value);
    }
}

fn distro(inventory: &Inventory) -> Option<Value> {
    let distro = inventory.distro.as_ref()?;
    let mut component = json!({
        "type": "operating-system",
        "bom-ref": "operating-system",
        "name": distro.id,
        "version": distro.full_version(),
        "description": distro.name,
    });
    put(&mut component, "properties", listed(&properties::of_distro(inventory)));
    Some(component)
}

/// Properties, if there are any.
fn listed(properties: &[Property]) -> Option<Value> {
    let one = |(name, value): &Property| json!({"name": name, "value": value});
    (!properties.is_empty()).then(|| properties.iter().map(one).collect())
}

fn component(package: &Package, purl: &str, name: &str, inventory: &Inventory) -> Value {
    let (group, own) = match package.name.rsplit_once(['/', ':']) {
        Some((group, own)) if !package.kind.is_of_system() => (Some(group), own),
        _ => (None, package.name.as_str()),
    };
    let mut component = json!({
        "type": "library",
        "bom-ref": name,
        "name": own,
        "version": package.version,
        "purl": purl,
    });
    put(&mut component, "group", group.map(Value::from));
    put(&mut component, "licenses", licences(package));
    let scope = package.is_dev.then(|| Value::from("excluded"));
    put(&mut component, "scope", scope);
    let properties = properties::of_package(package, inventory);
    put(&mut component, "properties", listed(&properties));
    component
}

/// Either one expression, or several licences by id or name.
fn licences(package: &Package) -> Option<Value> {
    let parsed: Vec<Licence> = package.licences.iter().map(|text| Licence::parse(text)).collect();
    if parsed.iter().any(|licence| matches!(licence, Licence::Expression(_)))
        && let Some(expression) = Licence::joined(&package.licences)
    {
        return Some(json!([{"expression": expression}]));
    }
    let one = |licence: &Licence| match licence {
        Licence::Id(id) => json!({"license": {"id": id}}),
        Licence::Expression(text) | Licence::Name(text) => json!({"license": {"name": text}}),
    };
    (!parsed.is_empty()).then(|| parsed.iter().map(one).collect())
}
