//! What makers and users say of flaws: OpenVEX, CSAF, CycloneDX; and what it does to findings.

use std::path::Path;

use advisories::{
    Space,
    matching::{Finding, Matches},
    vex,
};
use scan::{Distro, Inventory, Kind, Location, Package, Purpose, Subject};

/// The bytes are a document, which is asked of two packages.
pub(crate) fn run(data: &[u8]) {
    let document = match vex::read(Path::new("vex.json"), data) {
        Ok(document) => document,
        Err(error) => return assert!(!error.to_string().is_empty()),
    };
    let (inventory, subject, mut matches) = scanned();
    let before = matches.findings.len();
    vex::apply(&[document], &inventory, &subject, &mut matches);
    assert_eq!(matches.findings.len() + matches.suppressed.len(), before);
}

/// What was scanned, and the same flaw in all of it.
pub(super) fn scanned() -> (Inventory, Subject, Matches) {
    let package = |kind, name: &str, version: &str, path: &str| {
        let mut package = Package::new(kind, name, version);
        package.locations.push(Location { path: path.to_owned(), layer: None });
        package
    };
    let packages = vec![
        package(Kind::Deb, "libcurl4", "7.88.1-10", "var/lib/dpkg/status"),
        package(Kind::Npm, "left", "1.2.0", "srv/app/node_modules/left/package.json"),
    ];
    let finding = |package, space: &str| Finding {
        id: "CVE-2026-1".to_owned(),
        aliases: vec!["GHSA-1".to_owned()],
        package,
        space: Space::named(space),
        ..Finding::default()
    };
    let findings = vec![finding(0, "Debian:12"), finding(1, "npm")];
    let distro =
        Distro { id: "debian".to_owned(), version: "12.4".to_owned(), ..Distro::default() };
    let subject = Subject {
        name: "app:1.2".to_owned(),
        purpose: Purpose::Container,
        version: Some("sha256:aa".to_owned()),
        ids: vec!["pkg:oci/app@sha256:aa".to_owned()],
        created: None,
        tool_version: "0".to_owned(),
    };
    let inventory = Inventory { distro: Some(distro), packages, ..Inventory::default() };
    (inventory, subject, Matches { findings, ..Matches::default() })
}
