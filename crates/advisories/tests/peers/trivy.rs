//! Inputs of Trivy's own tests, by the advisories that these have: its goldens.
//!
//! The advisories stand in the form of Trivy's database, which is read here alone.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use advisories::{
    Advisory, Affected, Ends, Interval, Space, Status,
    db::{self, Builder, Database, Header, Repeats},
    matching::Finding,
    vex,
};
use image::{Bounds, Folder};
use scan::{
    Collector, Distro, Inventory, Kind, Package, Purpose, Setting, Source, Subject, extractors,
};
use serde::Deserialize;
use serde_json::Value;
use versions::{Range, Spans, Version};

use super::{data, differences, find, json, list, text};

#[derive(Deserialize)]
struct Node {
    bucket: Option<String>,
    #[serde(default)]
    pairs: Vec<Node>,
    key: Option<String>,
    #[serde(default)]
    value: Value,
}

/// Names that Trivy's database has for ecosystems.
const ECOSYSTEMS: [(&str, &str); 13] = [
    ("cargo", "crates.io"),
    ("cocoapods", "CocoaPods"),
    ("composer", "Packagist"),
    ("conan", "ConanCenter"),
    ("erlang", "Hex"),
    ("go", "Go"),
    ("maven", "Maven"),
    ("npm", "npm"),
    ("nuget", "NuGet"),
    ("pip", "PyPI"),
    ("pub", "Pub"),
    ("rubygems", "RubyGems"),
    ("swift", "SwiftURL"),
];
/// Numbers that Trivy's database has for products of Red Hat.
const PRODUCTS: [(u64, &str); 2] = [(857, "Red Hat:6"), (869, "Red Hat:7")];

fn space(bucket: &str) -> Option<Space> {
    if let Some((prefix, _)) = bucket.split_once("::") {
        let (_, name) = ECOSYSTEMS.iter().find(|(name, _)| *name == prefix)?;
        return Some(Space::named(*name));
    }
    let (name, release) = bucket.rsplit_once(' ')?;
    Some(match name {
        "alpine" if release == "edge" => Space::release("Alpine", release),
        "alpine" => Space::release("Alpine", &format!("v{release}")),
        "debian" => Space::release("Debian", release),
        "ubuntu" => Space::release("Ubuntu", release),
        "Oracle Linux" => Space::release("Oracle Linux", release),
        "openSUSE Leap" => Space::release("openSUSE", &format!("Leap {release}")),
        "openSUSE" => Space::release("openSUSE", release),
        _ => return None,
    })
}

fn status(code: Option<u64>) -> Status {
    match code {
        Some(1) => Status::NotAffected,
        Some(4) => Status::UnderInvestigation,
        Some(5) => Status::WillNotFix,
        Some(6) => Status::Deferred,
        Some(7) => Status::EndOfLife,
        _ => Status::Affected,
    }
}

fn spans(space: &Space, texts: impl Iterator<Item = impl AsRef<str>>) -> Spans {
    let scheme = space.scheme().unwrap();
    texts.fold(Spans::NONE, |all, text| {
        let text = text.as_ref();
        // One of the databases that Trivy reads has the notation of Maven.
        let range = match text.starts_with(['[', '(']) {
            true => Range::parse(scheme, text),
            false => Range::comparators(scheme, text),
        };
        all.union(range.unwrap().spans())
    })
}

/// Vulnerable is what is in the one list, or anything where there is none, and not in the other.
fn of_language(space: &Space, value: &Value) -> Vec<Interval> {
    let texts = |key| list(value, key).filter_map(Value::as_str);
    let safe = spans(space, texts("PatchedVersions").chain(texts("UnaffectedVersions")));
    let vulnerable = match value.get("VulnerableVersions") {
        Some(_) => spans(space, texts("VulnerableVersions")),
        None => Spans::all(),
    };
    let mut intervals = Interval::of_spans(&vulnerable.intersection(&safe.complement()));
    intervals.iter_mut().for_each(|it| mended(space, it, texts("PatchedVersions")));
    intervals
}

/// `<= 2.9.10.3` with `2.9.10.4` as the version that mends it: there is none between them.
fn mended<'a>(space: &Space, interval: &mut Interval, patched: impl Iterator<Item = &'a str>) {
    let version = |text: &str| Version::parse(space.scheme().unwrap(), text).ok();
    let Some(high) = interval.high.as_mut().filter(|it| it.ends == Ends::Within) else { return };
    let last = version(&high.version);
    let above = patched.filter(|it| version(it) > last).min_by_key(|it| version(it));
    if let Some(above) = above {
        (high.version, high.ends) = (above.to_owned(), Ends::Without);
    }
}

fn of_distribution(value: &Value) -> Affected {
    let intervals = match text(value, "FixedVersion") {
        "" => vec![Interval::default()],
        fixed => vec![Interval::below(fixed)],
    };
    let status = status(value.get("Status").and_then(Value::as_u64));
    Affected { intervals, status, ..Affected::default() }
}

fn advisories(space: &Space, package: &str, id: &str, value: &Value) -> Vec<Advisory> {
    let intervals = match space.as_str().contains(':') {
        true => of_distribution(value),
        false => Affected { intervals: of_language(space, value), ..Affected::default() },
    };
    let affected = Affected { space: space.clone(), package: package.to_owned(), ..intervals };
    vec![Advisory { id: id.to_owned(), affected: vec![affected], ..Advisory::default() }]
}

fn of_red_hat(package: &str, id: &str, value: &Value) -> Vec<Advisory> {
    let mut advisories = Vec::new();
    for entry in list(value, "Entries") {
        let products: BTreeSet<u64> = list(entry, "Affected").filter_map(Value::as_u64).collect();
        let covers = list(entry, "Cves").map(|it| text(it, "ID").to_owned());
        let covers: Vec<String> = covers.filter(|id| !id.is_empty()).collect();
        for (_, space) in PRODUCTS.iter().filter(|(product, _)| products.contains(product)) {
            let affected = Affected {
                space: Space::named(*space),
                package: package.to_owned(),
                ..of_distribution(entry)
            };
            let (id, covers) = (id.to_owned(), covers.clone());
            advisories.push(Advisory {
                id,
                covers,
                affected: vec![affected],
                ..Advisory::default()
            });
        }
    }
    advisories
}

fn database() -> Option<(tempfile::TempDir, Database)> {
    let folder = tempfile::tempdir().unwrap();
    let mut builder = Builder::new(Repeats::Add);
    for entry in fs::read_dir(data("scan/trivy-fs/db")?).unwrap() {
        let yaml = fs::read_to_string(entry.unwrap().path()).unwrap();
        let nodes: Vec<Node> = serde_saphyr::from_str(&yaml).unwrap();
        for root in nodes {
            let name = root.bucket.unwrap();
            let space = space(&name);
            for package in root.pairs {
                let Some(bucket) = package.bucket else { continue };
                for Node { key, value, .. } in package.pairs {
                    let id = key.unwrap();
                    let all = match (name.as_str(), &space) {
                        ("Red Hat", _) => of_red_hat(&bucket, &id, &value),
                        (_, Some(space)) => advisories(space, &bucket, &id, &value),
                        (_, None) => continue,
                    };
                    all.into_iter().for_each(|it| builder.add(it));
                }
            }
        }
    }
    let header = Header { feed: "trivy".into(), ..Header::default() };
    db::replace(folder.path(), builder, header).unwrap();
    let database = Database::open(folder.path()).unwrap();
    Some((folder, database))
}

fn walk(root: &Path, settings: &[Setting], skip: &[&str]) -> Inventory {
    let mut collector = Collector::new(extractors::of(settings));
    collector.skip(skip.iter().map(|path| path.as_bytes().to_vec()));
    Folder::open(root, Bounds::Everywhere).unwrap().walk(&mut collector).unwrap();
    collector.finish()
}

/// Package, version, flaw and state of each finding, with the file that it is in.
fn ours(
    findings: &[Finding],
    inventory: &Inventory,
    files: Files,
) -> BTreeMap<String, Option<String>> {
    let mut lines = BTreeMap::new();
    for finding in findings {
        let package = &inventory.packages[finding.package];
        for location in &package.locations {
            let file = if files == Files::Told { location.path.as_str() } else { "" };
            let line =
                line(file, &package.name, &package.version, &finding.id, finding.state.name());
            lines.insert(line, finding.fixed_version.clone());
        }
    }
    lines
}

#[derive(Clone, Copy, PartialEq)]
enum Files {
    Told,
    Left,
}

fn line(file: &str, name: &str, version: &str, id: &str, state: &str) -> String {
    format!("{file} {name} {version} {id} {state}").trim_start().to_owned()
}

fn theirs(golden: &Value, files: Files) -> BTreeMap<String, String> {
    let mut lines = BTreeMap::new();
    for result in list(golden, "Results") {
        let file = if files == Files::Told { text(result, "Target") } else { "" };
        for it in list(result, "Vulnerabilities") {
            // What mends a flaw of Red Hat's is told beside its name, as here.
            let (name, version) = (text(it, "PkgName"), text(it, "InstalledVersion"));
            let line = line(file, name, version, text(it, "VulnerabilityID"), text(it, "Status"));
            lines.insert(line, text(it, "FixedVersion").to_owned());
        }
    }
    lines
}

/// How many findings both have; all others fail.
fn compare(
    ours: &BTreeMap<String, Option<String>>,
    theirs: &BTreeMap<String, String>,
    what: &str,
    known: &[&str],
) -> usize {
    let keys = (ours.keys().cloned().collect(), theirs.keys().cloned().collect());
    assert_eq!(differences(&keys.0, &keys.1), known, "{what}");
    for (line, fixed) in ours {
        // Trivy tells all versions that mend a flaw in any line of versions.
        let Some(all) = theirs.get(line) else { continue };
        let fixed = fixed.as_deref().unwrap_or_default();
        assert!(
            all.split(", ").any(|it| it.strip_prefix("0:").unwrap_or(it) == fixed),
            "{what}: {line}: {fixed}, not {all}"
        );
    }
    ours.len()
}

#[test]
fn findings_of_source_trees_are_those_that_trivy_has() {
    let Some((_folder, database)) = database() else { return };
    let data = data("scan/trivy-fs").unwrap();
    let mut found = 0;
    for (input, golden, skip) in [
        ("gomod", "gomod", &[][..]),
        ("gomod", "gomod-skip", &["submod2"]),
        ("npm", "npm-with-dev", &[]),
        ("yarn", "yarn", &[]),
        ("bun", "bun", &[]),
        ("pip", "pip", &[]),
        ("pipenv", "pipenv", &[]),
        ("poetry", "poetry", &[]),
        ("pylock", "pylock", &[]),
        ("pom", "pom", &[]),
        ("sbt", "sbt", &[]),
        ("nuget", "nuget", &[]),
        ("packagesprops", "packagesprops", &[]),
        ("cocoapods", "cocoapods", &[]),
        ("cargo", "cargo.lock", &[]),
    ] {
        let inventory = walk(&data.join("input").join(input), &[Setting::Declared], skip);
        let golden = json(&data.join(format!("expected/{golden}.json.golden")));
        let matches = find(&database, &inventory);
        let ours = ours(&matches.findings, &inventory, Files::Told);
        found += compare(&ours, &theirs(&golden, Files::Told), input, &[]);
    }
    assert!(found > 20, "{found}");
}

/// Its case of a document of VEX: a module of Go as the product, and what it asks for as a part.
#[test]
fn findings_that_a_document_of_vex_denies_are_none_as_for_trivy() {
    let Some((_folder, database)) = database() else { return };
    let data = data("scan/trivy-fs").unwrap();
    let inventory = walk(&data.join("input/gomod"), &[Setting::Declared], &[]);
    let golden = json(&data.join("expected/gomod-vex.json.golden"));
    let mut matches = find(&database, &inventory);
    let path = data.join("vex/file/openvex.json");
    let document = vex::read(&path, &fs::read(&path).unwrap()).unwrap();
    assert_eq!(document.troubles, [""; 0]);
    let subject = Subject {
        name: "gomod".into(),
        purpose: Purpose::Source,
        version: None,
        ids: vec![],
        created: None,
        tool_version: String::new(),
    };
    let applied = vex::apply(&[document], &inventory, &subject, &mut matches);
    assert_eq!((applied.used, matches.suppressed.len()), (vec![1], 1));
    let ours = ours(&matches.findings, &inventory, Files::Told);
    compare(&ours, &theirs(&golden, Files::Told), "gomod-vex", &[]);
}

#[test]
fn findings_of_root_file_systems_are_those_that_trivy_has() {
    let Some((_folder, database)) = database() else { return };
    let data = data("scan/trivy-os").unwrap();
    for name in ["alpine-310", "debian-buster"] {
        let inventory = walk(&data.join("rootfs").join(name), &[Setting::System], &[]);
        let golden = json(&data.join(format!("expected/{name}.json.golden")));
        let matches = find(&database, &inventory);
        let ours = ours(&matches.findings, &inventory, Files::Left);
        assert!(compare(&ours, &theirs(&golden, Files::Left), name, &[]) > 0);
    }
}

fn package(of: &Value) -> Package {
    let version = |version: &str, release: &str, epoch: &str| {
        let epoch = of.get(epoch).and_then(Value::as_u64).filter(|epoch| *epoch > 0);
        let epoch = epoch.map_or_else(String::new, |epoch| format!("{epoch}:"));
        format!("{epoch}{}-{}", text(of, version), text(of, release))
    };
    let own = version("Version", "Release", "Epoch");
    let mut package = Package::new(Kind::Rpm, text(of, "Name"), own);
    package.locations.push(scan::Location { path: String::new(), layer: None });
    package.source = Some(Source {
        name: text(of, "SrcName").to_owned(),
        version: version("SrcVersion", "SrcRelease", "SrcEpoch"),
    });
    package
}

#[test]
fn findings_of_whole_inventories_are_those_that_trivy_has() {
    let Some((_folder, database)) = database() else { return };
    let data = data("scan/trivy-os").unwrap();
    for (packages, name, id, version, known) in [
        // What Red Hat does not mend it tells by the names of what packages are built from.
        (
            "centos-6",
            "centos-6",
            "centos",
            "6.10",
            &["+ glibc-common 2.12-1.212.el6 CVE-2020-29573 end_of_life"][..],
        ),
        ("ubi-7", "ubi-7", "rhel", "7.7", &[]),
        ("oraclelinux-8-slim", "oraclelinux-8", "ol", "8.0", &[]),
        ("opensuse-tumbleweed", "opensuse-tumbleweed", "opensuse-tumbleweed", "20240607", &[]),
    ] {
        let golden = json(&data.join(format!("packages/{packages}.json.golden")));
        let packages = golden.as_array().unwrap().iter().map(package).collect();
        let distro = Distro { id: id.into(), version: version.into(), ..Distro::default() };
        let inventory = Inventory { distro: Some(distro), packages, ..Inventory::default() };
        let golden = json(&data.join(format!("expected/{name}.json.golden")));
        let matches = find(&database, &inventory);
        let ours = ours(&matches.findings, &inventory, Files::Left);
        compare(&ours, &theirs(&golden, Files::Left), name, known);
    }
}
