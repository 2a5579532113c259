//! What is said of flaws and not of packages, records in the form of OSV, and statements in OpenVEX.

use std::{collections::BTreeSet, fs, path::PathBuf};

use advisories::{
    Affected, Says, Space, Status,
    db::{Details, Entry},
};
use serde_json::Value;

use super::{
    super::{data, database, differences, json, list, text},
    snapshots,
};

/// What a part says of each flaw that a folder of snapshots has a record of.
fn of_flaws(provider: &str, input: &str, snapshots_of: &str) -> Vec<(Value, Details)> {
    let Some(folder) = data(&format!("scan/vunnel-feeds/{provider}/test-fixtures")) else {
        return Vec::new();
    };
    let (_folder, database) = database(&[folder.join(input)]);
    let [part] = database.parts() else { panic!("{database:?}") };
    let mut paths = Vec::new();
    snapshots(&folder.join("snapshots").join(snapshots_of), &mut paths);
    let told = paths.iter().map(|path| {
        let record = json(path);
        let id = text(&record, "identifier").rsplit(['/', ':']).next().unwrap().to_uppercase();
        let details = part.details(std::iter::once(id.as_str())).unwrap().remove(0);
        (record["item"].clone(), details.unwrap_or_else(|| panic!("{id}")))
    });
    told.collect()
}

#[test]
fn catalogues_of_flaws_become_the_records_expected() {
    for (item, details) in of_flaws("kev", "valid-catalog-1.json", "valid-catalog-1") {
        let exploited = details.exploited.unwrap();
        assert_eq!(exploited.since, text(&item, "dateAdded"));
        assert_eq!(exploited.due, text(&item, "dueDate"));
        let by_ransomware = text(&item, "knownRansomwareCampaignUse") == "Known";
        assert_eq!(exploited.by_ransomware, by_ransomware, "{item}");
    }
    for (item, details) in of_flaws("epss", "example-1.csv", "example-1") {
        let likelihood = details.likelihood.unwrap();
        let e5 = |key: &str| (item[key].as_f64().unwrap() * 1e5).round() as u32;
        assert_eq!((likelihood.score_e5, likelihood.percentile_e5), (e5("epss"), e5("percentile")));
    }
}

#[test]
fn scores_of_the_national_database_are_those_that_it_tells() {
    let mut compared = 0;
    for (item, details) in of_flaws("nvd", "full-page.json", "full-page") {
        for metric in list(&item["cve"]["metrics"], "cvssMetricV31") {
            let data = &metric["cvssData"];
            let vector = text(data, "vectorString");
            let told = data["baseScore"].as_f64().unwrap();
            let found = details.ratings.iter().find(|it| it.says == Says::Vector(vector.into()));
            assert_eq!(found.unwrap().score().unwrap().value, told, "{vector}");
            compared += 1;
        }
    }
    assert!(compared > 30 || data("scan/vunnel-feeds").is_none(), "{compared}");
}

/// `Ubuntu:22.04 UBUNTU-CVE-2021-3782 wayland 1.20.0-1ubuntu0.1`, of records in the form of OSV.
fn of_osv(item: &Value) -> BTreeSet<String> {
    let mut lines = BTreeSet::new();
    // What was taken back says nothing of packages here.
    let is_withdrawn = item.get("withdrawn").is_some_and(Value::is_string);
    for affected in list(item, "affected").filter(|_| !is_withdrawn) {
        let package = &affected["package"];
        let space = Space::of_osv(text(package, "ecosystem"));
        if space.scheme().is_none() {
            continue;
        }
        for range in list(affected, "ranges").filter(|range| text(range, "type") != "GIT") {
            let fixed = list(range, "events").map(|it| text(it, "fixed"));
            let fixed: Vec<&str> = fixed.filter(|it| !it.is_empty()).collect();
            let name = space.tidy(text(package, "name"));
            let line = |fixed: &str| format!("{space} {} {name} {fixed}", text(item, "id"));
            // What nothing mends counts as well.
            let open = fixed.is_empty().then(|| line(""));
            lines.extend(fixed.into_iter().map(line).chain(open));
        }
    }
    lines
}

#[test]
fn records_in_the_form_of_osv_become_the_records_expected() {
    for (provider, inputs, snapshots_of) in [
        ("chainguard", &["input/osv"][..], "snapshots/osv"),
        ("bitnami", &["vulndb"], "snapshots"),
        ("govulndb", &["vulndb"], "snapshots"),
        ("ubuntu", &["osv", "osv-esm-cases"], "snapshots"),
    ] {
        let Some(folder) = data(&format!("scan/vunnel-feeds/{provider}/test-fixtures")) else {
            return;
        };
        let inputs: Vec<PathBuf> = inputs.iter().map(|input| folder.join(input)).collect();
        let (_folder, database) = database(&inputs);
        let mut paths = Vec::new();
        snapshots(&folder.join(snapshots_of), &mut paths);
        let expected: BTreeSet<String> =
            paths.iter().flat_map(|path| of_osv(&json(path)["item"])).collect();
        let mut found = BTreeSet::new();
        for part in database.parts() {
            part.each_entry(|Entry { id, affected }| {
                let Affected { space, package, intervals, .. } = affected;
                let fixed = intervals.iter().map(|it| it.fixed().unwrap_or_default());
                found.extend(fixed.map(|fixed| format!("{space} {id} {package} {fixed}")));
            })
            .unwrap();
        }
        assert!(!expected.is_empty(), "{provider}");
        let missing: Vec<&String> = expected.difference(&found).collect();
        assert_eq!(missing, [""; 0], "{provider}: {found:#?}");
    }
}

/// A statement of what is mended, or of what is not affected: a part, its packages and the versions that it is of.
#[test]
fn statements_on_rebuilt_libraries_become_the_records_expected() {
    let Some(folder) = data("scan/vunnel-feeds/chainguard_libraries/test-fixtures") else { return };
    let inputs = [folder.join("input/openvex/pypi"), folder.join("input/openvex/maven")];
    let (_folder, database) = database(&inputs);
    let [part] = database.parts() else { panic!("{database:?}") };
    let mut ours = BTreeSet::new();
    part.each_entry(|Entry { id, affected }| {
        assert_eq!(affected.status, Status::NotAffected);
        let Affected { space, package, versions, .. } = affected;
        ours.extend(versions.iter().map(|version| format!("{space} {id} {package} {version}")));
    })
    .unwrap();
    let mut paths = Vec::new();
    snapshots(&folder.join("snapshots/openvex"), &mut paths);
    let mut theirs = BTreeSet::new();
    for path in paths {
        let document = &json(&path)["item"]["document"];
        let (flaw, id) = (&document["vulnerability"], text(&document["vulnerability"], "name"));
        for product in list(document, "products") {
            let purl = text(&product["identifiers"], "purl").replace("%2B", "+");
            let (name, version) = purl.rsplit_once('@').unwrap();
            let (space, name) = match name.strip_prefix("pkg:pypi/") {
                Some(name) => ("PyPI", name.to_owned()),
                None => ("Maven", name.strip_prefix("pkg:maven/").unwrap().replace('/', ":")),
            };
            theirs.insert(format!("{space} {id} {name} {version}"));
        }
        let aliases: Vec<&str> = list(flaw, "aliases").filter_map(Value::as_str).collect();
        let details = part.details(std::iter::once(id)).unwrap().remove(0).unwrap();
        assert_eq!(
            (details.aliases, text(document, "status")),
            (aliases.iter().map(|it| (*it).to_owned()).collect(), "fixed")
        );
    }
    assert_eq!(differences(&ours, &theirs), [""; 0]);
}

/// Vectors with the scores that stand beside them, wherever they stand.
fn scores(value: &Value, found: &mut BTreeSet<(String, String)>) {
    const KEYS: [(&str, &str); 3] = [
        ("vectorString", "baseScore"),
        ("cvss3_scoring_vector", "cvss3_base_score"),
        ("cvss_scoring_vector", "cvss_base_score"),
    ];
    match value {
        Value::Array(all) => all.iter().for_each(|it| scores(it, found)),
        Value::Object(object) => {
            for (vector, score) in KEYS {
                let (Some(vector), Some(score)) = (object.get(vector), object.get(score)) else {
                    continue;
                };
                let score = score.as_f64().or_else(|| score.as_str()?.parse().ok());
                if let (Some(vector), Some(score)) = (vector.as_str(), score) {
                    found.insert((vector.to_owned(), format!("{score:.1}")));
                }
            }
            // Records of vunnel's own.
            let base = object.get("base_metrics").and_then(|it| it["base_score"].as_f64());
            if let (Some(base), Some(vector)) =
                (base, object.get("vector_string").and_then(Value::as_str))
            {
                found.insert((vector.to_owned(), format!("{base:.1}")));
            }
            object.values().for_each(|it| scores(it, found));
        }
        _ => {}
    }
}

#[test]
fn scores_that_others_tell_are_those_that_are_computed() {
    let Some(folder) = data("scan/vunnel-feeds") else { return };
    let mut paths = Vec::new();
    snapshots(&folder, &mut paths);
    let mut told = BTreeSet::new();
    for path in paths {
        if let Ok(value) = serde_json::from_slice(&fs::read(path).unwrap()) {
            scores(&value, &mut told);
        }
    }
    for (vector, score) in &told {
        let own = advisories::score(vector).map(|it| format!("{:.1}", it.value));
        assert_eq!(own.as_deref(), Some(score.as_str()), "{vector}");
    }
    assert!(told.len() > 40, "{}", told.len());
}

#[test]
fn what_ubuntu_leaves_as_it_is_is_told_so() {
    let Some(folder) = data("scan/vunnel-feeds/ubuntu/test-fixtures") else { return };
    let (_folder, database) = database(&[folder.join("osv"), folder.join("vex")]);
    let mut ours = BTreeSet::new();
    for part in database.parts() {
        part.each_entry(|Entry { id, affected }| {
            if affected.status == Status::WillNotFix {
                let id = id.trim_start_matches("UBUNTU-");
                ours.insert(format!("{} {id} {}", affected.space, affected.package));
            }
        })
        .unwrap();
    }
    let mut paths = Vec::new();
    snapshots(&folder.join("snapshots"), &mut paths);
    let mut compared = 0;
    for path in paths {
        let item = &json(&path)["item"];
        // What was taken back is no finding here.
        for affected in list(item, "affected").filter(|_| !item["withdrawn"].is_string()) {
            let package = &affected["package"];
            let space = Space::of_osv(text(package, "ecosystem"));
            let id = text(item, "id").trim_start_matches("UBUNTU-");
            let line = format!("{space} {id} {}", text(package, "name"));
            let is_told = affected["database_specific"]["anchore"]["status"] == "wont-fix";
            assert_eq!(ours.contains(&line), is_told, "{line}");
            compared += 1;
        }
    }
    assert!(compared > 40, "{compared}");
}

#[test]
fn ends_of_support_are_those_that_are_told() {
    let Some(folder) = data("scan/vunnel-feeds/eol/test-fixtures") else { return };
    let bytes = fs::read(folder.join("valid-eol-response.json")).unwrap();
    let calendar = scan::Calendar::parse(&bytes).unwrap();
    let mut paths = Vec::new();
    snapshots(&folder.join("snapshots"), &mut paths);
    assert!(paths.len() > 5, "{paths:?}");
    for path in paths {
        let item = &json(&path)["item"];
        let (id, version) = (text(item, "product").to_owned(), text(item, "name").to_owned());
        let distro = scan::Distro { id, version, ..scan::Distro::default() };
        let Some(scan::EndOfLife::Until(support)) = calendar.of(&distro) else { panic!("{item}") };
        assert_eq!(support.until.as_str(), text(item, "eolFrom"));
        assert_eq!(support.codename, text(item, "codename"));
    }
}
