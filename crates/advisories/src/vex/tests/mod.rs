mod narrow;

use std::path::Path;

use scan::{Distro, Inventory, Kind, Location, Package, Purpose, Subject};
use serde_json::{Value, json};

use super::{Applied, Document, apply, read};
use crate::{
    Space,
    matching::{Finding, Matches, Means},
};

fn package(kind: Kind, name: &str, version: &str, path: &str) -> Package {
    let mut package = Package::new(kind, name, version);
    package.locations.push(Location { path: path.to_owned(), layer: None });
    package
}

fn subject(ids: &[&str]) -> Subject {
    Subject {
        name: "app:1.2".to_owned(),
        purpose: Purpose::Container,
        version: Some("sha256:aa".to_owned()),
        ids: ids.iter().map(|id| (*id).to_owned()).collect(),
        created: None,
        tool_version: "0".to_owned(),
    }
}

fn finding(package: usize, id: &str, space: &str) -> Finding {
    Finding {
        id: id.to_owned(),
        aliases: vec!["GHSA-1".to_owned()],
        package,
        space: Space::named(space),
        ..Finding::default()
    }
}

/// An image with packages of each kind, and the same flaw in all of them.
fn scanned() -> (Inventory, Matches) {
    let mut curl = package(Kind::Deb, "libcurl4", "7.88.1-10", "var/lib/dpkg/status");
    curl.architecture = "amd64".to_owned();
    curl.source = Some(scan::Source { name: "curl".to_owned(), version: "7.88.1-10".to_owned() });
    let mut vim = package(Kind::Rpm, "vim", "2:8.0-1.el8", "var/lib/rpm");
    vim.epoch = Some(2);
    let packages = vec![
        curl,
        package(Kind::Golang, "example.org/app", "", "go.mod"),
        package(Kind::Golang, "github.com/Acme/lib", "v1.0.0", "go.mod"),
        package(Kind::Maven, "org.a:app", "1", "app.jar"),
        package(Kind::Maven, "org.a:core", "2", "app.jar!/lib/core.jar"),
        package(Kind::Pypi, "Flask_Thing", "1.0", "r.txt"),
        vim,
    ];
    let distro = Distro {
        id: "debian".into(),
        version: "12.4".into(),
        codename: "bookworm".into(),
        ..Distro::default()
    };
    let spaces = ["Debian:12", "Go", "Go", "Maven", "Maven", "PyPI", "Red Hat:8"];
    let findings = spaces.iter().enumerate().map(|(at, it)| finding(at, "CVE-2026-1", it));
    let matches = Matches { findings: findings.collect(), ..Matches::default() };
    (Inventory { distro: Some(distro), packages, ..Inventory::default() }, matches)
}

fn document(value: &Value) -> Document {
    read(Path::new("vex.json"), value.to_string().as_bytes()).unwrap()
}

fn openvex(statements: &Value) -> Document {
    document(&json!({"@context": "https://openvex.dev/ns/v0.2.0", "@id": "x", "author": "A",
        "timestamp": "2026-01-01T00:00:00Z", "version": 1, "statements": statements}))
}

fn not_affected(product: &Value) -> Document {
    openvex(&json!([{"vulnerability": {"name": "CVE-2026-1"}, "products": [product],
        "status": "not_affected", "justification": "component_not_present"}]))
}

/// Which packages have no finding any more.
fn settled(documents: &[Document], ids: &[&str]) -> (Vec<usize>, Applied) {
    let (inventory, mut matches) = scanned();
    let applied = apply(documents, &inventory, &subject(ids), &mut matches);
    assert_eq!(matches.findings.len() + matches.suppressed.len(), inventory.packages.len());
    (matches.suppressed.iter().map(|it| it.finding.package).collect(), applied)
}

#[test]
fn products_are_what_their_package_urls_tell_of_them() {
    let image = "pkg:oci/app@sha256:aa?repository_url=index.docker.io/library/app&arch=amd64";
    let all = &[0, 1, 2, 3, 4, 5, 6][..];
    for (product, expected) in [
        (json!("pkg:deb/debian/libcurl4@7.88.1-10"), &[0][..]),
        (json!("pkg:deb/debian/libcurl4"), &[0]),
        (json!("pkg:deb/debian/libcurl4?distro=bookworm&arch=amd64"), &[0]),
        (json!("pkg:deb/debian/libcurl4?distro=debian-12"), &[0]),
        (json!("pkg:deb/debian/libcurl4?distro=debian-11"), &[]),
        (json!("pkg:deb/debian/libcurl4?arch=arm64"), &[]),
        (json!("pkg:deb/debian/libcurl4@7.88.1-1"), &[]),
        (json!("pkg:deb/ubuntu/libcurl4"), &[]),
        (json!("pkg:deb/debian/curl?arch=source"), &[0]),
        (json!("pkg:golang/github.com/acme/lib@v1.0.0"), &[2]),
        // What asks for all others.
        (json!("pkg:golang/example.org/app"), &[1, 2]),
        (
            json!({"@id": "pkg:golang/example.org/app",
            "subcomponents": [{"@id": "pkg:golang/github.com/acme/lib"}]}),
            &[2],
        ),
        // What does not ask for it.
        (
            json!({"@id": "pkg:golang/github.com/acme/lib",
            "subcomponents": [{"@id": "pkg:golang/example.org/app"}]}),
            &[],
        ),
        (json!("pkg:maven/org.a/app@1"), &[3, 4]),
        (json!("pkg:pypi/flask-thing@1.0"), &[5]),
        (json!("pkg:rpm/debian/vim@8.0-1.el8?epoch=2"), &[6]),
        (json!("pkg:rpm/debian/vim@2:8.0-1.el8"), &[6]),
        (json!("pkg:oci/app@sha256%3Aaa"), all),
        (json!("pkg:oci/app?repository_url=docker.io/library"), all),
        (json!("pkg:oci/app?repository_url=example.org/app"), &[]),
        (json!("pkg:oci/app@sha256:bb"), &[]),
        (json!({"@id": "https://example.org", "hashes": {"sha-256": "AA"}}), all),
        (json!({"@id": "app:1.2", "subcomponents": [{"@id": "pkg:pypi/flask-thing"}]}), &[5]),
        (
            json!({"@id": "pkg:oci/app", "identifiers": {"purl": "pkg:oci/app"},
            "subcomponents": ["pkg:deb/debian/libcurl4", "pkg:maven/org.a/core"]}),
            &[0, 4],
        ),
        (json!("other:1.2"), &[]),
    ] {
        assert_eq!(settled(&[not_affected(&product)], &[image]).0, expected, "{product}");
    }
}

#[test]
fn the_newest_statement_counts_whichever_document_it_is_of() {
    let said = |status: &str, time: &str| {
        json!({"vulnerability": "GHSA-1", "products": ["pkg:pypi/flask-thing"], "status": status,
            "justification": "x", "timestamp": time})
    };
    let old = openvex(&json!([said("not_affected", "2026-02-01T00:00:00+09:00")]));
    let new = openvex(&json!([said("affected", "2026-01-31T16:00:00Z")]));
    for documents in [[old.clone(), new.clone()], [new.clone(), old.clone()]] {
        let (inventory, mut matches) = scanned();
        let applied = apply(&documents, &inventory, &subject(&[]), &mut matches);
        assert_eq!((applied.used, applied.contradictions), (vec![1, 1], vec![]));
        let note = matches.findings[5].notes.vex.as_ref().unwrap();
        assert_eq!((note.status.name(), note.time.as_str()), ("affected", "2026-01-31T16:00:00Z"));
    }
    let (gone, _) = settled(&[old], &[]);
    assert_eq!(gone, [5]);
}

#[test]
fn what_contradicts_itself_is_told_and_the_careful_word_counts() {
    let said = |status: &str| {
        json!({"vulnerability": {"name": "CVE-2026-1"}, "products": ["pkg:pypi/flask-thing"],
            "status": status, "justification": "x"})
    };
    let (gone, applied) = settled(&[openvex(&json!([said("affected"), said("fixed")]))], &[]);
    assert!(gone.is_empty());
    assert_eq!(
        applied.contradictions,
        [
            "vex.json: statements[0] says that CVE-2026-1 is affected, vex.json: statements[1] at the \
          same time that it is fixed; the first counts"
        ]
    );
    let (gone, applied) = settled(&[openvex(&json!([said("fixed"), said("fixed")]))], &[]);
    assert_eq!((gone, applied.contradictions.len()), (vec![5], 0));
}

#[test]
fn statements_that_are_not_as_they_should_be_are_told_and_others_count() {
    let read = openvex(&json!([
        {"vulnerability": "CVE-1", "products": ["a"], "status": "maybe"},
        {"vulnerability": "", "products": ["a"], "status": "fixed"},
        {"vulnerability": "CVE-1", "status": "fixed"},
        {"vulnerability": 1, "products": 2},
        {"vulnerability": "CVE-1", "products": ["a"], "status": "not_affected"},
        {"vulnerability": "CVE-1", "products": ["a"], "status": "fixed", "timestamp": "soon"},
    ]));
    assert_eq!(read.statements.len(), 2);
    let told = [
        "vex.json: statements[0]: unknown status 'maybe'",
        "vex.json: statements[1]: it names no vulnerability",
        "vex.json: statements[2]: it names no products",
        "vex.json: statements[3]: ",
        "vex.json: statements[4]: says not_affected with neither",
        "vex.json: statements[5]: has no timestamp",
    ];
    assert_eq!(read.troubles.len(), told.len(), "{:?}", read.troubles);
    for (trouble, begin) in read.troubles.iter().zip(told) {
        assert!(trouble.starts_with(begin), "{trouble}");
    }
}

#[test]
fn csaf_tells_of_products_of_its_tree() {
    let branch = |id: &str, purl: &str| {
        json!({"category": "product_version", "name": id, "product":
            {"name": id, "product_id": id, "product_identification_helper": {"purl": purl}}})
    };
    let csaf = |not_affected: &Value| {
        document(&json!({
            "document": {"category": "csaf_vex", "csaf_version": "2.0", "title": "t",
                "publisher": {"name": "Acme", "category": "vendor"},
                "tracking": {"id": "1", "current_release_date": "2026-03-01T00:00:00Z"}},
            "product_tree": {
                "branches": [{"category": "vendor", "name": "Acme", "branches": [
                    branch("image", "pkg:oci/app"), branch("flask", "pkg:pypi/flask-thing@1.0"),
                    branch("vim", "pkg:rpm/redhat/vim"),
                    {"category": "product_name", "name": "RHEL", "product": {"name": "RHEL", "product_id": "rhel-8",
                        "product_identification_helper": {"cpe": "cpe:/o:redhat:enterprise_linux:8"}}},
                    {"category": "product_name", "name": "n", "product": {"name": "n", "product_id": "nameless"}},
                ]}],
                "relationships": [
                    {"category": "default_component_of", "product_reference": "flask",
                     "relates_to_product_reference": "image",
                     "full_product_name": {"name": "f", "product_id": "image:flask"}},
                    {"category": "default_component_of", "product_reference": "vim",
                     "relates_to_product_reference": "rhel-8",
                     "full_product_name": {"name": "f", "product_id": "rhel-8:vim"}},
                ],
                "product_groups": [{"group_id": "g", "product_ids": ["image:flask"]}],
            },
            "vulnerabilities": [{"cve": "CVE-2026-1",
                "product_status": {"known_not_affected": not_affected},
                "flags": [{"label": "vulnerable_code_not_present", "group_ids": ["g"]}],
                "threats": [{"category": "impact", "details": "never called"}]}],
        }))
    };
    for (products, ids, expected) in [
        (json!(["flask"]), &[][..], &[5][..]),
        (json!(["image:flask"]), &["pkg:oci/app@sha256:aa"], &[5]),
        (json!(["image:flask"]), &["pkg:oci/other@sha256:aa"], &[]),
        (json!(["nameless"]), &[], &[]),
    ] {
        let read = csaf(&products);
        assert_eq!(read.troubles.len(), usize::from(expected.is_empty() && ids.is_empty()));
        assert_eq!(settled(&[read], ids).0, expected, "{products}");
    }
    let read = csaf(&json!(["image:flask", "rhel-8:vim"]));
    assert_eq!(read.statements[0].reason(), "vulnerable_code_not_present: never called");
    assert_eq!(read.statements[1].reason(), "never called");
}

#[test]
fn cyclonedx_names_components_of_its_own_and_of_other_documents() {
    let cyclonedx = |reference: &str, state: &str| {
        document(&json!({"bomFormat": "CycloneDX", "specVersion": "1.6",
        "metadata": {"timestamp": "2026-01-01T00:00:00Z"},
        "components": [{"type": "library", "name": "g", "bom-ref": "c1", "components":
            [{"type": "library", "name": "f", "bom-ref": "c2", "purl": "pkg:pypi/flask-thing@1.0"}]}],
        "vulnerabilities": [
            {"id": "CVE-2026-1", "affects": [{"ref": reference}],
             "analysis": {"state": state, "justification": "code_not_reachable", "detail": "d"}},
            {"id": "CVE-2026-1", "affects": [{"ref": "c2"}]},
        ]}))
    };
    let own = "urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79";
    let link = "urn:cdx:3e671687-395b-41f5-a30f-a58921a69b79/1#pkg%3Apypi/flask-thing%401.0";
    for (reference, state, ids, expected) in [
        ("c2", "not_affected", &[][..], &[5][..]),
        ("c2", "false_positive", &[], &[5]),
        ("c2", "resolved", &[], &[5]),
        ("c2", "exploitable", &[], &[]),
        ("c2", "in_triage", &[], &[]),
        ("c1", "not_affected", &[], &[]),
        ("pkg:pypi/flask-thing@1.0", "not_affected", &[], &[5]),
        (link, "not_affected", &[own], &[5]),
        (link, "not_affected", &["urn:uuid:0"], &[]),
        (link, "not_affected", &[], &[5]),
        ("urn:cdx:1/1#c9", "not_affected", &[], &[]),
    ] {
        let read = cyclonedx(reference, state);
        assert_eq!(settled(&[read], ids).0, expected, "{reference} {state} {ids:?}");
    }
    assert!(cyclonedx("c1", "not_affected").troubles[0].contains("'c1' is a component"));
}

#[test]
fn attestations_are_opened_and_others_are_refused() {
    let inner = json!({"@context": "https://openvex.dev/ns/v0.2.0", "statements": []});
    let statement = json!({"_type": "https://in-toto.io/Statement/v1", "predicate": inner});
    let payload =
        base64::Engine::encode(&base64::engine::general_purpose::STANDARD, statement.to_string());
    for value in [&inner, &statement, &json!({"payload": payload, "signatures": []})] {
        document(value);
    }
    let why = |bytes: &[u8]| read(Path::new("v"), bytes).unwrap_err().to_string();
    assert_eq!(why(b" \n"), "v: it is empty; a document of VEX is expected");
    assert!(why(b"<vex/>").starts_with("v: is no JSON"));
    assert!(why(b"{}").contains("known are OpenVEX, CSAF 2.0 and CycloneDX"));
    assert!(why(b"[]").contains("known are OpenVEX"));
    assert!(why(br#"{"payload": "!"}"#).contains("payload"));
    assert!(why(br#"{"@context": "https://openvex.dev/ns", "statements": 1}"#).contains("OpenVEX"));
}

#[test]
fn what_is_suppressed_says_by_whom() {
    let (inventory, mut matches) = scanned();
    let product = json!("pkg:pypi/flask-thing");
    apply(&[not_affected(&product)], &inventory, &subject(&[]), &mut matches);
    let Means::Vex(note) = &matches.suppressed[0].by else { panic!("by VEX") };
    assert_eq!((note.source.as_str(), note.author.as_str()), ("vex.json", "A"));
    assert_eq!(
        (note.place.as_str(), note.reason().as_str()),
        ("statements[0]", "component_not_present")
    );
}

#[test]
fn no_mutation_of_a_document_does_harm() {
    let seeds = [
        not_affected_text(),
        r#"{"document":{"csaf_version":"2.0"},"product_tree":{"relationships":[{"full_product_name":{"product_id":"a"},"product_reference":"a","relates_to_product_reference":"a"}]},"vulnerabilities":[{"cve":"CVE-2026-1","product_status":{"fixed":["a"]}}]}"#.to_owned(),
        r#"{"bomFormat":"CycloneDX","vulnerabilities":[{"id":"CVE-2026-1","analysis":{"state":"resolved"},"affects":[{"ref":"urn:cdx:a/1#%"}]}]}"#.to_owned(),
    ];
    for seed in &seeds {
        for at in 0..seed.len() {
            for byte in [b'"', b'{', b'%', b'0', 0xff] {
                let mut bytes = seed.clone().into_bytes();
                bytes[at] = byte;
                if let Ok(document) = read(Path::new("v"), &bytes) {
                    settled(&[document], &[]);
                }
            }
            let _ = read(Path::new("v"), &seed.as_bytes()[..at]);
        }
    }
}

fn not_affected_text() -> String {
    json!({"@context": "https://openvex.dev/ns/v0.2.0", "timestamp": "2026-01-01T00:00:00Z",
        "statements": [{"vulnerability": {"@id": "https://x/CVE-2026-1", "aliases": ["a"]}, "status": "fixed",
        "products": [{"@id": "pkg:golang/example.org/app", "subcomponents": ["pkg:golang/b"]}]}]})
    .to_string()
}
