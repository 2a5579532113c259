use super::*;
use crate::{Distro, Kind, LayerInfo, Location, Source};

fn inventory() -> Inventory {
    let mut libc = Package::new(Kind::Deb, "libc6", "2.36-9");
    libc.architecture = "amd64".to_owned();
    libc.source = Some(Source { name: "glibc".to_owned(), version: "2.36-9".to_owned() });
    libc.licences = vec!["LGPL-2.1+".to_owned(), "as is".to_owned()];
    libc.locations = vec![Location { path: "var/lib/dpkg/status".to_owned(), layer: Some(0) }];
    let mut core = Package::new(Kind::Npm, "@babel/core", "7.0.0");
    core.licences = vec!["MIT OR Apache-2.0".to_owned()];
    core.is_dev = true;
    let distro = Distro { id: "debian".into(), version: "12".into(), ..Distro::default() };
    let layer = LayerInfo { diff_id: "sha256:1".to_owned(), ..LayerInfo::default() };
    let mut again = core.clone();
    again.licences.clear();
    Inventory {
        distro: Some(distro),
        packages: vec![libc, core, again],
        layers: vec![layer],
        ..Inventory::default()
    }
}

fn subject() -> Subject {
    Subject {
        name: "app:1".to_owned(),
        purpose: Purpose::Container,
        version: Some("sha256:2".to_owned()),
        ids: Vec::new(),
        created: Some("2024-01-02T03:04:05.678Z".to_owned()),
        tool_version: "0.1.0".to_owned(),
    }
}

fn written(form: Form) -> serde_json::Value {
    let mut bytes = Vec::new();
    write(form, &inventory(), &subject(), &mut bytes).unwrap();
    let mut again = Vec::new();
    write(form, &inventory(), &subject(), &mut again).unwrap();
    assert_eq!(bytes, again);
    serde_json::from_slice(&bytes).unwrap()
}

#[test]
fn the_own_form_has_packages_at_its_top() {
    let json = written(Form::Json);
    let package = &json["packages"][0];
    assert_eq!(package["name"], "libc6");
    assert_eq!(package["type"], "deb");
    assert_eq!(package["source"], serde_json::json!({"name": "glibc", "version": "2.36-9"}));
    let place = serde_json::json!([{"path": "var/lib/dpkg/status", "layer": "sha256:1"}]);
    assert_eq!(package["locations"], place);
    assert_eq!(json["packages"][1]["source"], serde_json::Value::Null);
}

#[test]
fn cyclonedx_names_each_component_once() {
    let bom = written(Form::CycloneDx);
    let components = bom["components"].as_array().unwrap();
    let names: Vec<&str> = components.iter().map(|it| it["bom-ref"].as_str().unwrap()).collect();
    let expected = [
        "operating-system",
        "pkg:deb/debian/libc6@2.36-9?arch=amd64&distro=debian-12",
        "pkg:npm/%40babel/core@7.0.0",
        "pkg:npm/%40babel/core@7.0.0#2",
    ];
    assert_eq!(names, expected);
    let licences = serde_json::json!([{"license": {"id": "LGPL-2.1-or-later"}}, {"license": {"name": "as is"}}]);
    assert_eq!(components[1]["licenses"], licences);
    assert_eq!(components[2]["licenses"], serde_json::json!([{"expression": "MIT OR Apache-2.0"}]));
    assert_eq!(
        (&components[2]["group"], &components[2]["name"]),
        (&"@babel".into(), &"core".into())
    );
}

#[test]
fn the_end_of_life_is_told_in_days() {
    let mut inventory = inventory();
    let calendar = crate::Calendar::embedded().unwrap();
    inventory.end_of_life = calendar.of(inventory.distro.as_ref().unwrap());
    let written = |form| {
        let mut bytes = Vec::new();
        write(form, &inventory, &subject(), &mut bytes).unwrap();
        serde_json::from_slice::<serde_json::Value>(&bytes).unwrap()
    };
    let expected = serde_json::json!({"until": "2026-07-11", "extended": [
        {"name": "LTS", "until": "2028-06-30"}, {"name": "ELTS", "until": "2033-06-30"}]});
    assert_eq!(written(Form::Json)["distro"]["end_of_life"], expected);
    let bom = written(Form::CycloneDx);
    let properties = bom["components"][0]["properties"].as_array().unwrap();
    let told =
        |name: &str| properties.iter().find(|it| it["name"] == name).unwrap()["value"].clone();
    assert_eq!(told("watchkeeper:distro:end_of_life"), "2026-07-11");
    assert_eq!(told("watchkeeper:distro:end_of_life:LTS"), "2028-06-30");
}

#[test]
fn spdx_tells_licences_in_other_words() {
    let spdx = written(Form::Spdx);
    assert_eq!(spdx["creationInfo"]["created"], "2024-01-02T03:04:05Z");
    let declared = spdx["packages"][2]["licenseDeclared"].as_str().unwrap();
    let other = spdx["hasExtractedLicensingInfos"][0]["licenseId"].as_str().unwrap();
    assert_eq!(declared, format!("LGPL-2.1-or-later AND {other}"));
    assert_eq!(spdx["relationships"].as_array().unwrap().len(), 5);
}

#[test]
fn spdx_3_lists_all_elements() {
    let spdx = written(Form::Spdx3);
    let graph = spdx["@graph"].as_array().unwrap();
    let count = |kind: &str| graph.iter().filter(|it| it["type"] == kind).count();
    assert_eq!((count("software_Package"), count("SpdxDocument")), (5, 1));
    let document = graph.last().unwrap();
    let listed = document["element"].as_array().unwrap().len();
    assert_eq!(listed, graph.len() - 2);
}
