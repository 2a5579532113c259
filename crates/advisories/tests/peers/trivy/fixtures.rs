//! Trivy's advisories, in the form of its database.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use advisories::{
    Advisory, Affected, Ends, Interval, Level, Rating, Says, Space, Status,
    db::{self, Builder, Database, Header, Repeats},
};
use serde::Deserialize;
use serde_json::Value;
use versions::{Range, Spans, Version};

use super::super::{data, list, text};

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
        "alma" => Space::release("AlmaLinux", release),
        "rocky" => Space::release("Rocky Linux", release),
        "amazon linux" => Space::release("Amazon Linux", release),
        "CBL-Mariner" => Space::release("Azure Linux", release),
        "Photon OS" => Space::release("Photon OS", release),
        "SUSE Linux Enterprise" => {
            Space::of_osv(&format!("SUSE:Linux Enterprise Server {}", release.replace('-', " ")))
        }
        "SUSE Linux Enterprise Micro" => {
            Space::of_osv(&format!("SUSE:Linux Enterprise Micro {release}"))
        }
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

/// What Trivy's database says of flaws beside, by their ids.
type Flaws = BTreeMap<String, Value>;

/// Who a bucket's severities are of.
fn source(bucket: &str) -> &'static str {
    match bucket.split([' ', ':']).next().unwrap() {
        _ if bucket.contains("GitHub Security Advisory") => "ghsa",
        "alpine" => "alpine",
        "debian" => "debian",
        "ubuntu" => "ubuntu",
        "Red" => "redhat",
        "Oracle" => "oracle-oval",
        _ => "",
    }
}

fn level(flaw: &Value, source: &str) -> Option<Level> {
    let code = flaw["VendorSeverity"][source].as_f64()?;
    let levels = [Level::Low, Level::Medium, Level::High, Level::Critical];
    levels.get((code as usize).checked_sub(1)?).copied()
}

fn rating(source: &str, level: Level) -> Rating {
    Rating { source: source.to_owned(), says: Says::Level(level) }
}

/// What is not of who makes the packages: of the National Vulnerability Database, else of nobody in particular.
fn of_flaw(id: &str, flaw: &Value) -> Advisory {
    let nvd = level(flaw, "nvd").map(|level| rating("nvd", level));
    let any = Level::parse(text(flaw, "Severity")).map(|level| rating("", level));
    Advisory {
        id: id.to_owned(),
        summary: text(flaw, "Title").to_owned(),
        ratings: nvd.or(any).into_iter().collect(),
        ..Advisory::default()
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

fn advisories(
    bucket: &str,
    space: &Space,
    package: &str,
    id: &str,
    value: &Value,
    flaws: &Flaws,
) -> Vec<Advisory> {
    let intervals = match space.as_str().contains(':') {
        true => of_distribution(value),
        false => Affected { intervals: of_language(space, value), ..Affected::default() },
    };
    let told = flaws.get(id).and_then(|flaw| level(flaw, source(bucket)));
    // Who makes a package tells how bad it is in that.
    let own = told.filter(|_| space.as_str().contains(':'));
    let affected =
        Affected { space: space.clone(), package: package.to_owned(), level: own, ..intervals };
    let ratings = told.map(|level| rating(source(bucket), level)).into_iter().collect();
    vec![Advisory { id: id.to_owned(), affected: vec![affected], ratings, ..Advisory::default() }]
}

fn of_red_hat(package: &str, id: &str, value: &Value, flaws: &Flaws) -> Vec<Advisory> {
    let mut advisories = Vec::new();
    for entry in list(value, "Entries") {
        let products: BTreeSet<u64> = list(entry, "Affected").filter_map(Value::as_u64).collect();
        let covers = list(entry, "Cves").map(|it| text(it, "ID").to_owned());
        let covers: Vec<String> = covers.filter(|id| !id.is_empty()).collect();
        for (_, space) in PRODUCTS.iter().filter(|(product, _)| products.contains(product)) {
            let of = covers.first().map_or(id, String::as_str);
            let affected = Affected {
                space: Space::named(*space),
                package: package.to_owned(),
                level: flaws.get(of).and_then(|flaw| level(flaw, "redhat")),
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

/// A database of all of them; none where they are not at hand.
pub(super) fn database() -> Option<(tempfile::TempDir, Database)> {
    let folder = tempfile::tempdir().unwrap();
    let mut builder = Builder::new(Repeats::Add);
    let db = data("scan/trivy-fs/db")?;
    let read = |path: &Path| -> Vec<Node> {
        serde_saphyr::from_str(&fs::read_to_string(path).unwrap()).unwrap()
    };
    let flaws = read(&db.join("vulnerability.yaml")).into_iter().flat_map(|root| root.pairs);
    let flaws: Flaws = flaws.map(|it| (it.key.unwrap(), it.value)).collect();
    for entry in fs::read_dir(&db).unwrap() {
        let nodes = read(&entry.unwrap().path());
        for root in nodes {
            let name = root.bucket.unwrap();
            let space = space(&name);
            for package in root.pairs {
                let Some(bucket) = package.bucket else { continue };
                for Node { key, value, .. } in package.pairs {
                    let id = key.unwrap();
                    let all = match (name.as_str(), &space) {
                        ("Red Hat", _) => of_red_hat(&bucket, &id, &value, &flaws),
                        (_, Some(space)) => advisories(&name, space, &bucket, &id, &value, &flaws),
                        (_, None) => continue,
                    };
                    all.into_iter().for_each(|it| builder.add(it));
                }
            }
        }
    }
    let mut beside = Builder::new(Repeats::Add);
    flaws.iter().for_each(|(id, flaw)| beside.add(of_flaw(id, flaw)));
    for (feed, builder) in [("trivy", builder), ("trivy-flaws", beside)] {
        let header = Header { feed: feed.into(), ..Header::default() };
        db::replace(folder.path(), builder, header).unwrap();
    }
    let database = Database::open(folder.path()).unwrap();
    Some((folder, database))
}
