//! Documents that Syft 1.18.1 and Trivy 0.59.1 write of small systems, beside what these list of the same
//! themselves; and the documents of Trivy's own tests.

#![allow(clippy::expect_used, clippy::panic, reason = "tests")]

use std::{collections::BTreeSet, fs, path::Path};

use scan::{
    Inventory, Package, purl,
    sbom::{self, Document},
};
use serde_json::Value;

fn folder() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/sbom"))
}

fn read(path: &Path) -> Document {
    let mut file = fs::File::open(path).expect("a document is there");
    sbom::read(&mut file).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn json(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).expect("a list is there")).expect("a list is JSON")
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

fn list<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    value[key].as_array().into_iter().flatten()
}

fn source(package: &Package) -> String {
    let source = package.source.as_ref();
    source.map_or_else(String::new, |it| format!("{} {}", it.name, it.version))
}

fn lines(inventory: &Inventory, tell: impl Fn(&Package) -> String) -> BTreeSet<String> {
    let line = |it: &Package| {
        let purl = purl(it, inventory.distro.as_ref());
        format!("{} {} {purl} {}", it.name, it.version, tell(it))
    };
    inventory.packages.iter().map(line).collect()
}

#[test]
fn documents_of_trivy_have_the_packages_that_it_lists() {
    for system in ["debian", "rpm"] {
        let folder = folder().join(system);
        let theirs: BTreeSet<String> = json(&folder.join("trivy.json"))
            .as_array()
            .expect("a list")
            .iter()
            .map(|it| {
                let (name, version, purl) =
                    (text(it, "name"), text(it, "version"), text(it, "purl"));
                format!("{name} {version} {purl} {}", text(it, "source"))
            })
            .collect();
        assert!(theirs.len() > 4);
        for name in ["trivy.cdx.json", "trivy.spdx.json", "trivy.spdx"] {
            let document = read(&folder.join(name));
            assert_eq!(document.inventory.troubles, [], "{system} {name}");
            assert_eq!(lines(&document.inventory, source), theirs, "{system} {name}");
            let distro = document.inventory.distro.expect("a distribution");
            let expected = if system == "debian" { ("debian", "12.11") } else { ("rhel", "9.2") };
            assert_eq!((distro.id.as_str(), distro.full_version()), expected);
        }
    }
}

#[test]
fn documents_of_syft_have_the_packages_that_it_lists() {
    for system in ["debian", "rpm"] {
        let folder = folder().join(system);
        let theirs = json(&folder.join("syft.json"));
        let expected: BTreeSet<String> = list(&theirs, "packages")
            .map(|it| {
                let paths = list(it, "paths").filter_map(Value::as_str);
                let paths: BTreeSet<&str> =
                    paths.map(|path| path.trim_start_matches('/')).collect();
                let (name, version, purl) =
                    (text(it, "name"), text(it, "version"), text(it, "purl"));
                format!("{name} {version} {purl} {paths:?}")
            })
            .collect();
        assert!(expected.len() > 4);
        for name in ["syft.cdx.json", "syft.cdx.xml", "syft.spdx.json", "syft.spdx"] {
            let Document { inventory, .. } = read(&folder.join(name));
            assert_eq!(inventory.troubles, [], "{system} {name}");
            let places = |it: &Package| {
                let paths: BTreeSet<&str> =
                    it.locations.iter().map(|it| it.path.as_str()).collect();
                format!("{paths:?}")
            };
            assert_eq!(lines(&inventory, places), expected, "{system} {name}");
            let distro = inventory.distro.expect("a distribution");
            assert_eq!(distro.id, text(&theirs["distro"], "id"), "{system} {name}");
            assert_eq!(
                distro.full_version(),
                text(&theirs["distro"], "versionID"),
                "{system} {name}"
            );
        }
    }
}

/// Whatever the form, one tool says one thing.
#[test]
fn licences_and_sources_are_the_same_in_all_forms() {
    for tool in ["syft", "trivy"] {
        let told = |name: &str| {
            let Document { inventory, .. } = read(&folder().join("debian").join(name));
            // A name may be an expression in brackets.
            let bare = |text: &String| text.trim_matches(['(', ')']).to_owned();
            let licences = |it: &Package| it.licences.iter().map(bare).collect::<Vec<_>>();
            let told = |it: &Package| format!("{} {:?}", source(it), licences(it));
            lines(&inventory, told)
        };
        let expected = told(&format!("{tool}.cdx.json"));
        assert!(expected.iter().any(|line| line.contains("MIT")), "{expected:?}");
        assert_eq!(told(&format!("{tool}.spdx.json")), expected, "{tool}");
        assert_eq!(told(&format!("{tool}.spdx")), expected, "{tool}");
    }
}

/// The documents of Trivy's tests: what it lists of each.
#[test]
fn documents_of_trivys_tests_are_read() {
    let Some(data) = testkit::data().map(|data| data.join("scan/trivy-fs/sbom")) else { return };
    let centos = [
        "bash 4.2.46-31.el7 pkg:rpm/centos/bash@4.2.46-31.el7?arch=x86_64&distro=centos-7.6.1810 bash 4.2.46-31.el7",
        "openssl-libs 1:1.0.2k-16.el7 pkg:rpm/centos/openssl-libs@1.0.2k-16.el7?arch=x86_64&epoch=1&distro=centos-7.6.1810 openssl 1:1.0.2k-16.el7",
    ];
    let centos_spdx = [
        centos[0],
        "openssl-libs 1:1.0.2k-16.el7 pkg:rpm/centos/openssl-libs@1.0.2k-16.el7?arch=x86_64&epoch=1&distro=centos-7.6.1810 openssl-libs 1:1.0.2k-16.el7",
    ];
    let fluentd = [
        "activesupport 6.0.2.1 pkg:gem/activesupport@6.0.2.1 ",
        "bash 5.0-4 pkg:deb/debian/bash@5.0-4?distro=debian-10.2 bash 5.0-4",
        "libidn2-0 2.0.5-1 pkg:deb/debian/libidn2-0@2.0.5-1?distro=debian-10.2 libidn2 2.0.5-1",
    ];
    for (name, expected) in [
        ("centos-7-cyclonedx.json", &centos[..]),
        ("centos-7-cyclonedx.intoto.jsonl", &centos),
        ("centos-7-spdx.json", &centos_spdx),
        ("centos-7-spdx.txt", &centos_spdx),
        ("fluentd-multiple-lockfiles-cyclonedx.json", &fluentd),
    ] {
        let Document { inventory, .. } = read(&data.join(name));
        let expected: BTreeSet<String> = expected.iter().map(|it| (*it).to_owned()).collect();
        assert_eq!(lines(&inventory, source), expected, "{name}");
        assert_eq!(inventory.troubles, [], "{name}");
    }
}

#[test]
fn packages_of_trivys_documents_know_their_files_and_layers() {
    let Some(data) = testkit::data().map(|data| data.join("scan/trivy-fs/sbom")) else { return };
    let Document { inventory, .. } = read(&data.join("fluentd-multiple-lockfiles-cyclonedx.json"));
    assert_eq!(inventory.layers.len(), 6);
    let place = |name: &str| {
        let package = inventory.packages.iter().find(|it| it.name == name).expect("listed");
        package.locations.iter().map(|it| (it.path.as_str(), it.layer)).collect::<Vec<_>>()
    };
    let gem = "var/lib/gems/2.5.0/specifications/activesupport-6.0.2.1.gemspec";
    assert_eq!(place("activesupport"), [(gem, Some(3))]);
    assert_eq!(place("bash"), [("", Some(0))]);
    let Document { inventory, .. } = read(&data.join("license-cyclonedx.json"));
    let licences = |it: &Package| format!("{} {:?}", it.name, it.licences);
    assert_eq!(
        inventory.packages.iter().map(licences).collect::<Vec<_>>(),
        [
            "org.eclipse.sisu:org.eclipse.sisu.plexus [\"EPL-1.0\"]",
            "org.ow2.asm:asm [\"BSD-3-Clause\"]",
            "org.slf4j:slf4j-api [\"MIT License\"]",
        ]
    );
}

/// What a cluster is made of: Trivy leaves out images, here they are listed as what they are.
#[test]
fn clusters_are_listed_with_their_images() {
    let Some(data) = testkit::data().map(|data| data.join("scan/trivy-fs/sbom")) else { return };
    let Document { inventory, .. } = read(&data.join("minikube-kbom.json"));
    let kinds: BTreeSet<&str> = inventory.packages.iter().map(|it| it.kind.name()).collect();
    assert_eq!(kinds, BTreeSet::from(["golang", "k8s", "oci"]));
    assert_eq!(inventory.distro.expect("a distribution").id, "ubuntu");
}
