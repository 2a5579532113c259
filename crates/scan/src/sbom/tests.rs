use std::io::Cursor;

use base64::{Engine, engine::general_purpose::STANDARD};

use super::*;
use crate::{Distro, Form, Kind, LayerInfo, Location, Package, Source, Subject, licence, write};

fn read(text: impl AsRef<[u8]>) -> Document {
    super::read(&mut Cursor::new(text)).unwrap()
}

fn refused(text: impl AsRef<[u8]>) -> String {
    super::read(&mut Cursor::new(text)).unwrap_err().to_string()
}

/// Of packages: what a document of each form has to keep.
fn inventory() -> Inventory {
    let at = |path: &str, layer| Location { path: path.to_owned(), layer };
    let mut libc = Package::new(Kind::Deb, "libc6", "2.36-9+deb12u4");
    libc.architecture = "amd64".to_owned();
    libc.source = Some(Source { name: "glibc".into(), version: "2.36-9+deb12u4".into() });
    libc.licences = vec!["LGPL-2.1-or-later".to_owned(), "as is, mostly".to_owned()];
    libc.locations = vec![at("var/lib/dpkg/status", Some(0))];
    let mut rpm = Package::new(Kind::Rpm, "nodejs", "1:12.1-1");
    rpm.epoch = Some(1);
    rpm.module = Some("nodejs:12:8030:229f".to_owned());
    let mut npm = Package::new(Kind::Npm, "@Babel/core", "7.0.0");
    npm.licences = vec!["MIT OR Apache-2.0".to_owned(), "ISC".to_owned()];
    npm.is_dev = true;
    npm.locations = vec![at("a/package-lock.json", Some(1)), at("b, c/package-lock.json", Some(1))];
    let mut pod = Package::new(Kind::Cocoapods, "GoogleUtilities/NSData+zlib", "7.5.2");
    pod.qualifiers = vec![("x".into(), "y".into())];
    let mut flatpak = Package::new(Kind::Flatpak, "org.a.B", "1");
    flatpak.architecture = "aarch64".to_owned();
    let other = Package::new(Kind::parse("chrome-extension").unwrap(), "a/b", "1");
    let mut packages = vec![
        libc,
        rpm,
        npm,
        pod,
        flatpak,
        other,
        Package::new(Kind::Maven, "org.slf4j:slf4j-api", "2.0.1"),
        Package::new(Kind::Golang, "github.com/Azure/azure-sdk", "v1.0.0"),
        Package::new(Kind::Pypi, "Django_Package", "1.11+local.1"),
        Package::new(Kind::Swift, "github.com/Alamofire/Alamofire", "5.4.3"),
        Package::new(Kind::Portage, "dev-libs/openssl", "3.0.1-r2"),
        Package::new(Kind::Cargo, "own", ""),
    ];
    packages.sort_by(|a, b| (a.kind, &a.name, &a.version).cmp(&(b.kind, &b.name, &b.version)));
    let layer = |id: &str| LayerInfo {
        diff_id: id.to_owned(),
        digest: Some(format!("{id}-stored")),
        instruction: Some("RUN make".to_owned()),
        ..LayerInfo::default()
    };
    let distro = Distro {
        id: "debian".into(),
        version: "12.4".into(),
        codename: "bookworm".into(),
        name: "Debian GNU/Linux 12 (bookworm)".into(),
        ..Distro::default()
    };
    Inventory {
        distro: Some(distro),
        packages,
        layers: vec![layer("sha256:1"), layer("sha256:2")],
        ..Inventory::default()
    }
}

fn written(form: Form, inventory: &Inventory) -> Vec<u8> {
    let subject = Subject {
        name: "app:1".to_owned(),
        purpose: Purpose::Container,
        version: Some("sha256:3".to_owned()),
        ids: Vec::new(),
        created: Some("2024-01-02T03:04:05Z".to_owned()),
        tool_version: "0.1.0".to_owned(),
    };
    let mut bytes = Vec::new();
    write(form, inventory, &subject, &mut bytes).unwrap();
    bytes
}

#[test]
fn what_is_written_is_read() {
    let mut expected = inventory();
    for (form, about) in [
        (Form::Json, "JSON of watchkeeper, 1.0"),
        (Form::CycloneDx, "CycloneDX 1.6, as JSON"),
        (Form::Spdx, "SPDX 2.3, as JSON"),
        (Form::Spdx3, "SPDX 3.0.1, as JSON-LD"),
    ] {
        let document = read(written(form, &expected));
        assert_eq!(document.form, about);
        assert_eq!(document.inventory.packages, expected.packages, "{about}");
        assert_eq!(document.inventory, expected, "{about}");
        assert_eq!(document.name.as_deref(), Some("app:1"), "{about}");
        if form != Form::Json {
            assert_eq!(document.version.as_deref(), Some("sha256:3"), "{about}");
            assert_eq!(document.purpose, Some(Purpose::Container), "{about}");
            assert_eq!(document.created.as_deref(), Some("2024-01-02T03:04:05Z"), "{about}");
        }
    }
    // A system's own name is no distribution.
    expected.distro = None;
    for form in [Form::CycloneDx, Form::Spdx, Form::Spdx3, Form::Json] {
        assert_eq!(read(written(form, &expected)).inventory.distro, None);
    }
}

#[test]
fn licences_in_other_words_are_kept_whole() {
    let words = "free, but AND with (a) reason";
    assert_eq!(licence::parts(words).len(), 2);
    let mut expected = inventory();
    expected.packages.truncate(1);
    expected.packages[0].licences = vec![words.to_owned()];
    for form in [Form::CycloneDx, Form::Spdx, Form::Spdx3, Form::Json] {
        assert_eq!(read(written(form, &expected)).inventory.packages, expected.packages);
    }
}

const NESTED: &str = r#"{"bomFormat": "CycloneDX", "specVersion": "1.2", "components": [
  {"type": "framework", "name": "outer", "purl": "pkg:npm/outer@1", "components": [
    {"type": "library", "name": "inner", "purl": "pkg:npm/inner@2"}]},
  {"type": "library", "name": "nobody", "version": "3"},
  {"type": "file", "name": "a.txt"},
  {"type": "library", "name": "odd", "purl": "odd"},
  {"type": "container", "name": "app", "purl": "pkg:oci/app@sha256:1"},
  7]}"#;

fn listed(document: &Document) -> Vec<String> {
    let packages = document.inventory.packages.iter();
    packages.map(|it| format!("{} {} {}", it.kind.name(), it.name, it.version)).collect()
}

#[test]
fn nothing_is_left_out_silently() {
    let document = read(NESTED);
    assert_eq!(listed(&document), ["npm inner 2", "npm outer 1", "oci app sha256:1"]);
    let troubles: Vec<_> = document
        .inventory
        .troubles
        .iter()
        .map(|it| format!("{}: {}", it.path, it.reason))
        .collect();
    assert_eq!(
        troubles,
        [
            "components[1]: 'nobody 3' has no package URL, so that nobody knows what it is of, and is not listed",
            "components[3]: 'odd': 'odd' is no package URL: it does not begin with pkg:",
            "components[5]: is no component: line 8, column 3: invalid type: integer `7`, expected struct Told",
        ]
    );
}

#[test]
fn what_attestations_wrap_is_read() {
    let statement = |predicate: &str| {
        format!("{{\"_type\":\"x\",\"predicateType\":\"y\",\"predicate\":{predicate}}}")
    };
    let envelope =
        |text: &str| format!("{{\"payloadType\":\"z\",\"payload\":\"{}\"}}", STANDARD.encode(text));
    let quoted = serde_json::to_string(NESTED).unwrap();
    let tags = serde_json::to_string(TAGS).unwrap();
    let count = listed(&read(NESTED)).len();
    for text in [
        statement(NESTED),
        envelope(&statement(NESTED)),
        envelope(&statement(&format!("{{\"Data\":{NESTED}}}"))),
        envelope(&statement(&format!("{{\"Data\":{quoted}}}"))),
        format!("{{\"mediaType\":\"m\",\"dsseEnvelope\":{}}}", envelope(&statement(NESTED))),
        // Other attestations stand on other lines.
        format!("{}\n{}\n", envelope(&statement("{\"builder\":1}")), envelope(&statement(NESTED))),
    ] {
        assert_eq!(listed(&read(&text)).len(), count, "{text}");
    }
    assert_eq!(listed(&read(envelope(&statement(&tags)))).len(), 2);
    let twice = read(format!("{NESTED}\n{NESTED}"));
    let last = twice.inventory.troubles.last().unwrap();
    assert_eq!(last.path, "document 2");
    let deep = (0..20).fold(NESTED.to_owned(), |text, _| statement(&text));
    assert!(refused(deep).contains("it is wrapped too often"));
    let no_base64 = refused("{\"payload\":\"###\"}");
    assert!(no_base64.starts_with("is no envelope: its payload is no base64"), "{no_base64}");
}

const TAGS: &str =
    "# one\nSPDXVersion: SPDX-2.2\nSPDXID: SPDXRef-DOCUMENT\nCreated: 2022-01-01T00:00:00Z\n
PackageName: image\nSPDXID: SPDXRef-image\n
PackageName: a\nSPDXID: SPDXRef-a\nPackageVersion: 1\nPackageLicenseDeclared: MIT AND LicenseRef-1
PackageComment: <text>two\nPackageName: no\n</text>
ExternalRef: PACKAGE-MANAGER purl pkg:npm/a@1\n
FileName: ./b/package.json\nSPDXID: SPDXRef-File-1\n
PackageName: b\nSPDXID: SPDXRef-b\nExternalRef: PACKAGE_MANAGER purl pkg:npm/b@2\n
LicenseID: LicenseRef-1\nExtractedText: <text>my\nown</text>\n
Relationship: SPDXRef-DOCUMENT DESCRIBES SPDXRef-image
Relationship: SPDXRef-b CONTAINS SPDXRef-File-1\n";

#[test]
fn tags_with_values_are_read() {
    let document = read(TAGS);
    assert_eq!(listed(&document), ["npm a 1", "npm b 2"]);
    assert_eq!(document.inventory.troubles, []);
    assert_eq!(
        (document.name.as_deref(), document.form.as_str()),
        (Some("image"), "SPDX 2.2, as tags with values")
    );
    let packages = &document.inventory.packages;
    assert_eq!(packages[0].licences, ["MIT", "my\nown"]);
    assert_eq!(packages[1].locations[0].path, "./b/package.json");
    assert_eq!(refused("SPDXVersion: SPDX-2.3\nA: <text>b\n"), "line 2: its <text> has no end");
}

const XML: &str = r#"<?xml version="1.0"?><!DOCTYPE bom [<!ENTITY e "eeee">]>
<bom xmlns="http://cyclonedx.org/schema/bom/1.4"><metadata><timestamp>2024-01-01T00:00:00Z</timestamp>
<tools><components><component type="application"><name>tool</name></component></components></tools>
<component type="container" bom-ref="r"><name>image</name></component></metadata>
<components><component type="library" bom-ref="a"><group>org.a</group><name>b&amp;&e;</name><version>1</version>
<scope>excluded</scope><licenses><license><id>MIT</id></license><expression>ISC AND Zlib</expression></licenses>
<purl>pkg:maven/org.a/b@1</purl><evidence><licenses><license><id>no</id></license></licenses>
<occurrences><occurrence><location>/b.jar</location></occurrence></occurrences></evidence>
<components><component type="library"><name>c</name><purl>pkg:npm/c@2</purl></component></components>
<properties><property name="watchkeeper:source:name">s</property></properties></component>
<component type="library"><name>d</name></component></components></bom>"#;

#[test]
fn xml_is_read_as_json_is() {
    let document = read(XML);
    assert_eq!(listed(&document), ["maven org.a:b 1", "npm c 2"]);
    assert_eq!(
        (document.name.as_deref(), document.form.as_str()),
        (Some("image"), "CycloneDX 1.4, as XML")
    );
    let package = &document.inventory.packages[0];
    assert_eq!((package.is_dev, package.locations[0].path.as_str()), (true, "b.jar"));
    assert_eq!(package.licences, ["MIT", "ISC", "Zlib"]);
    assert_eq!(package.source, Some(Source { name: "s".into(), version: "1".into() }));
    assert_eq!(document.inventory.troubles[0].path, "components[1]");
}

#[test]
fn what_is_no_document_is_told_with_its_place() {
    for (text, why) in [
        ("", "is no list of packages that is known: it begins as none of them does; known are"),
        ("{}", "is no list of packages that is known: it has none of their marks; known are"),
        ("[]", "is no list of packages that is known: it begins as none"),
        ("{\"a\":\n [1,]}", "is no JSON: line 2, column 5: "),
        (
            "{\"bomFormat\": \"CycloneDX\",\n\"components\": {}}",
            "is no list: components: line 2, column 16: invalid type: map, expected a list",
        ),
        ("{\"format\": \"2.0\", \"packages\": []}", "is an inventory of the form 2.0"),
        ("<a/>", "is XML, but no list of packages in CycloneDX: it begins with <a>"),
        ("<bom xmlns='http://cyclonedx.org/schema/bom/1.4'>\n<a>", "is no CycloneDX document: "),
        (
            "<bom xmlns='http://cyclonedx.org/schema/bom/1.4'>\n<component/></bom>",
            "is no CycloneDX document: line 2: ",
        ),
        ("{\"@graph\": [], \"@context\": 1}", "is no SPDX document: it has no CreationInfo"),
    ] {
        let told = refused(text);
        assert!(told.starts_with(why), "{text}: {told}");
    }
}

#[test]
fn documents_have_bounds() {
    let deep = (0..100)
        .fold("{}".to_owned(), |text, _| format!("{{\"type\":\"file\",\"components\":[{text}]}}"));
    let document = read(format!("{{\"bomFormat\":\"CycloneDX\",\"components\":[{deep}]}}"));
    assert!(document.inventory.troubles[0].reason.starts_with("is within 32 others"));
    let deep = "[".repeat(100_000);
    refused(format!("{{\"bomFormat\":\"CycloneDX\",\"components\":{deep}"));
    let begin = "<bom xmlns='http://cyclonedx.org/schema/bom/1.4'>";
    let told = refused(format!("{begin}{}", "<a>".repeat(100_000)));
    assert!(told.contains("more than 256 elements within each other"), "{told}");
    let told = refused(format!("{begin}{}", "<components><component>".repeat(100)));
    assert!(told.contains("components are within 32 others"), "{told}");
    let told = refused(format!("{begin}<a>{}", "x".repeat(2 << 20)));
    assert!(told.contains("a text is longer than 1048576 bytes"), "{told}");
    struct Endless;
    impl Read for Endless {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            buffer.fill(b' ');
            Ok(buffer.len())
        }
    }
    let told = super::read(&mut Endless).unwrap_err().to_string();
    assert_eq!(told, "the document has more than 268435456 bytes, which is the limit");
}

#[test]
fn any_cut_and_any_change_is_read_or_told() {
    let inventory = inventory();
    let mut texts: Vec<Vec<u8>> = [NESTED, TAGS, XML].map(|text| text.as_bytes().to_vec()).into();
    for form in [Form::Json, Form::CycloneDx, Form::Spdx, Form::Spdx3] {
        texts.push(written(form, &inventory));
    }
    for text in texts {
        let step = text.len() / 200 + 1;
        for at in (0..text.len()).step_by(step) {
            let _ = super::read(&mut Cursor::new(&text[..at]));
            let mut changed = text.clone();
            changed[at] = changed[at].wrapping_add(1);
            let _ = super::read(&mut Cursor::new(&changed));
        }
    }
}
