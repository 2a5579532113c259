//! What is said of one thing is not taken as said of others: each way in which too much once was.

use jiff::Timestamp;

use super::*;

/// Which packages have no finding any more, of what was scanned as this.
fn settled_in(inventory: &Inventory, subject: &Subject, document: &Document) -> Vec<usize> {
    let (_, mut matches) = scanned();
    apply(std::slice::from_ref(document), inventory, subject, &mut matches);
    matches.suppressed.iter().map(|it| it.finding.package).collect()
}

#[test]
fn one_of_several_flaws_is_not_all_of_a_finding() {
    let said = |flaws: &[&str]| {
        let statement = |flaw: &&str| {
            json!({"vulnerability": {"name": flaw}, "products": ["pkg:pypi/flask-thing"],
                "status": "fixed"})
        };
        openvex(&flaws.iter().map(statement).collect())
    };
    for (flaws, is_settled) in [
        (&["CVE-2026-1"][..], false),
        (&["CVE-2026-2"], false),
        (&["CVE-2026-1", "cve-2026-2"], true),
        (&["GHSA-1"], true),
    ] {
        let (inventory, mut matches) = scanned();
        matches.findings[5].aliases.push("CVE-2026-2".to_owned());
        apply(&[said(flaws)], &inventory, &subject(&[]), &mut matches);
        assert_eq!(matches.suppressed.len(), usize::from(is_settled), "{flaws:?}");
        let notes = matches.findings.iter().filter(|it| it.notes.vex.is_some()).count();
        assert_eq!(notes, usize::from(!is_settled), "what is said is told: {flaws:?}");
    }
}

#[test]
fn parts_that_cannot_be_read_do_not_make_it_all_of_a_product() {
    for parts in [json!("pkg:deb/debian/libcurl4"), json!([{}]), json!([""]), json!({"@id": "x"})] {
        let read = not_affected(&json!({"@id": "app:1.2", "subcomponents": parts}));
        assert_eq!((read.statements.len(), read.troubles.len()), (0, 1), "{parts}");
        assert_eq!(settled(&[read], &[]).0, [0; 0]);
    }
    let beside =
        openvex(&json!([{"vulnerability": {"name": "CVE-2026-1"}, "products": ["app:1.2"],
        "subcomponents": [{}], "status": "fixed"}]));
    assert_eq!((beside.statements.len(), beside.troubles.len()), (0, 1));
}

#[test]
fn a_version_that_is_left_empty_is_not_any_version() {
    for product in ["pkg:pypi/flask-thing@", "pkg:pypi/flask-thing@?a=b", "pkg:oci/app@#x"] {
        let image = &["pkg:oci/app@sha256:aa"];
        assert_eq!(settled(&[not_affected(&json!(product))], image).0, [0; 0], "{product}");
    }
}

#[test]
fn a_version_that_many_have_does_not_name_an_image() {
    let (inventory, _) = scanned();
    for (version, count) in [("1.2", 0), ("latest", 0), ("sha256:bb", 7)] {
        let subject = Subject { version: Some(version.to_owned()), ..subject(&[]) };
        let read = not_affected(&json!(version));
        assert_eq!(settled_in(&inventory, &subject, &read).len(), count, "{version}");
    }
}

#[test]
fn a_link_to_some_list_is_not_this_list() {
    let product = json!("urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79");
    assert_eq!(settled(&[not_affected(&product)], &[]).0, [0; 0]);
    let part = json!({"@id": product, "subcomponents": ["pkg:pypi/flask-thing"]});
    assert_eq!(settled(&[not_affected(&part)], &[]).0, [5]);
    assert_eq!(settled(&[not_affected(&part)], &["urn:uuid:0"]).0, [0; 0]);
}

#[test]
fn what_an_archive_of_several_packages_has_is_of_none_of_them() {
    let app = not_affected(&json!("pkg:maven/org.a/app@1"));
    let (mut inventory, _) = scanned();
    assert_eq!(settled_in(&inventory, &subject(&[]), &app), [3, 4]);
    inventory.packages.push(package(Kind::Maven, "org.a:other", "1", "app.jar"));
    assert_eq!(settled_in(&inventory, &subject(&[]), &app), [3], "app.jar is of both");
}

#[test]
fn what_is_told_of_elsewhere_too_is_not_within() {
    let asks = not_affected(&json!("pkg:golang/example.org/app"));
    let (mut inventory, _) = scanned();
    assert_eq!(settled_in(&inventory, &subject(&[]), &asks), [1, 2]);
    let other = Location { path: "other/go.mod".to_owned(), layer: None };
    inventory.packages[2].locations.push(other);
    assert_eq!(settled_in(&inventory, &subject(&[]), &asks), [1]);
}

#[test]
fn images_of_others_are_others() {
    let all = &[0, 1, 2, 3, 4, 5, 6][..];
    for (own, product, expected) in [
        ("pkg:docker/acme/app@sha256:aa", "pkg:docker/acme/app", all),
        ("pkg:docker/acme/app@sha256:aa", "pkg:docker/other/app", &[]),
        ("pkg:docker/app@sha256:aa", "pkg:docker/library/app", all),
        ("pkg:docker/acme/app@sha256:aa", "pkg:docker/library/app", &[]),
        // Where it is from is not known.
        ("pkg:oci/app@sha256:aa", "pkg:oci/app?repository_url=example.org/app", &[]),
        ("pkg:oci/app@sha256:aa?repository_url=example.org/app", "pkg:oci/app", all),
    ] {
        let read = not_affected(&json!(product));
        assert_eq!(settled(&[read], &[own]).0, expected, "{own} {product}");
    }
}

#[test]
fn sources_of_other_releases_are_others() {
    for (product, expected) in [
        ("pkg:deb/debian/curl?arch=source&distro=debian-12", &[0][..]),
        ("pkg:deb/debian/curl?arch=source&distro=debian-11", &[]),
        ("pkg:deb/debian/curl@7.88.1-10?arch=source", &[0]),
        ("pkg:deb/debian/curl@7.88.1-11?arch=source", &[]),
        ("pkg:deb/debian/curl?arch=source#lib", &[]),
        ("pkg:deb/debian/curl", &[]),
    ] {
        assert_eq!(settled(&[not_affected(&json!(product))], &[]).0, expected, "{product}");
    }
}

#[test]
fn times_that_have_not_come_are_none() {
    let said = |status: &str, time: &str| {
        json!({"vulnerability": "CVE-2026-1", "products": ["pkg:pypi/flask-thing"], "status": status,
            "justification": "x", "timestamp": time})
    };
    let mut read = openvex(&json!([
        said("not_affected", "2999-01-01T00:00:00Z"),
        said("affected", "2026-01-01T00:00:00Z"),
    ]));
    assert_eq!(settled(std::slice::from_ref(&read), &[]).0, [5]);
    read.refuse_times_after("2026-11-27T00:00:00Z".parse::<Timestamp>().unwrap());
    assert!(read.troubles[0].contains("statements[0]: is of 2999"), "{:?}", read.troubles);
    assert_eq!(settled(&[read], &[]).0, [0; 0]);
}

#[test]
fn versions_of_cyclonedx_that_are_not_meant_are_not() {
    let one = |version: &str, status: &str| json!({"version": version, "status": status});
    for (versions, state, expected, troubles) in [
        (json!([]), "not_affected", &[5][..], 0),
        (json!([one("1.0", "affected")]), "not_affected", &[5], 0),
        (json!([one("2.0", "affected")]), "not_affected", &[], 0),
        (json!([one("1.0", "affected"), one("2.0", "unaffected")]), "not_affected", &[], 0),
        (json!([one("2.0", "affected"), one("1.0", "unaffected")]), "not_affected", &[5], 0),
        (json!([{"range": "vers:pypi/<2"}]), "not_affected", &[], 1),
    ] {
        let read = document(&json!({"bomFormat": "CycloneDX", "specVersion": "1.6",
            "metadata": {"timestamp": "2026-01-01T00:00:00Z"},
            "components": [{"type": "library", "name": "f", "bom-ref": "c", "purl": "pkg:pypi/flask-thing"}],
            "vulnerabilities": [{"id": "CVE-2026-1", "affects": [{"ref": "c", "versions": versions}],
                "analysis": {"state": state, "justification": "code_not_reachable", "detail": "d"}}]}));
        let told = read.troubles.iter().filter(|it| it.contains("ranges of versions")).count();
        assert_eq!(told, troubles, "{versions}: {:?}", read.troubles);
        assert_eq!(settled(&[read], &[]).0, expected, "{versions}");
    }
}

/// A document of CSAF on one product that is not affected, of this tree.
fn csaf(product: &str, tree: &Value) -> Document {
    document(&json!({
        "document": {"category": "csaf_vex", "csaf_version": "2.0", "title": "t",
            "publisher": {"name": "Acme", "category": "vendor"},
            "tracking": {"id": "1", "current_release_date": "2026-03-01T00:00:00Z"}},
        "product_tree": tree,
        "vulnerabilities": [{"cve": "CVE-2026-1", "product_status": {"known_not_affected": [product]},
            "flags": [{"label": "vulnerable_code_not_present", "product_ids": [product]}]}],
    }))
}

#[test]
fn a_package_of_a_release_of_csaf_is_not_all_of_the_release() {
    let rhel = "cpe:/o:redhat:enterprise_linux:8";
    for (helper, expected) in [
        (json!({"cpe": rhel}), &[6][..]),
        (json!({"cpe": rhel, "purl": "pkg:rpm/redhat/bash"}), &[]),
        (json!({"cpe": "cpe:/o:acme:enterprise_linux:8"}), &[]),
    ] {
        let read = csaf(
            "p",
            &json!({"branches": [{"category": "product_name", "name": "p", "product":
                {"name": "p", "product_id": "p", "product_identification_helper": helper}}]}),
        );
        assert_eq!(settled(&[read], &[]).0, expected, "{helper}");
    }
}

#[test]
fn a_package_of_a_product_of_csaf_is_meant_within_it_alone() {
    let tree = |platform: &str| {
        json!({
            "branches": [{"category": "product_name", "name": "i", "product": {"name": "i",
                "product_id": "i", "product_identification_helper": {"purl": platform}}}],
            "relationships": [{"category": "default_component_of", "product_reference": "f",
                "relates_to_product_reference": "i", "full_product_name": {"name": "i:f",
                "product_id": "i:f", "product_identification_helper": {"purl": "pkg:pypi/flask-thing"}}}]})
    };
    let ids = &["pkg:oci/app@sha256:aa"];
    assert_eq!(settled(&[csaf("i:f", &tree("pkg:oci/app"))], ids).0, [5]);
    assert_eq!(settled(&[csaf("i:f", &tree("pkg:oci/other"))], ids).0, [0; 0]);
}

#[test]
fn what_is_told_first_of_a_product_of_csaf_counts_by_its_id_its_group_or_for_all() {
    let told = |label: &str, products: &[&str], groups: &[&str]| json!({"label": label, "product_ids": products, "group_ids": groups});
    let product = |id: &str| {
        json!({"category": "product_version", "name": id, "product": {"name": id, "product_id": id,
            "product_identification_helper": {"purl": format!("pkg:npm/{id}")}}})
    };
    for (flags, expected) in [
        (vec![], ["", ""]),
        (vec![told("x", &["a"], &[])], ["x", ""]),
        (
            vec![told("", &["a"], &[]), told("x", &[], &["g"]), told("y", &["a", "b"], &[])],
            ["x", "y"],
        ),
        (vec![told("x", &["a"], &[]), told("y", &[], &["g"]), told("z", &[], &[])], ["x", "z"]),
        (vec![told("x", &[], &[]), told("y", &["a"], &[])], ["x", "x"]),
        (vec![told("x", &["b"], &["h"]), told("y", &[], &["g", "none"])], ["y", "x"]),
    ] {
        let read = document(&json!({
            "document": {"category": "csaf_vex", "csaf_version": "2.0", "title": "t",
                "publisher": {"name": "Acme", "category": "vendor"}, "tracking": {"id": "1"}},
            "product_tree": {"branches": [product("a"), product("b")],
                "product_groups": [{"group_id": "g", "product_ids": ["a"]}]},
            "vulnerabilities": [{"cve": "CVE-2026-1", "flags": flags,
                "product_status": {"known_not_affected": ["a", "b"]}}],
        }));
        let words: Vec<&str> = read.statements.iter().map(|it| it.justification.as_str()).collect();
        assert_eq!(words, expected, "{flags:?}");
    }
}
