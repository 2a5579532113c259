//! Advisories and statements of Red Hat, in the Common Security Advisory Framework 2.0: one file for each
//! erratum (`csaf_security_advisory`), or for each flaw (`csaf_vex`).
//!
//! Source: the CSAF 2.0 specification, and Red Hat's guide to its files: a product is a package as a component
//! of a platform, which a CPE names; packages are named by their package URLs. What has `no_fix_planned` stays
//! as it is, or is of what nobody looks after any more; `none_available` is mended some day, or nobody has said so yet:
//! the details of a remediation tell which.
//!
//! - `products`: which package of which platform a product is.

mod products;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::Deserialize;

use self::products::{Products, Tree};
use super::{Changes, Draft, Feed, File, Proof, Remote, Unanswered, Until, Wanted};
use crate::{Advisory, Affected, Interval, Level, Rating, Space, Status, db::Repeats};

pub(super) const FEED: Feed = Feed {
    about: "document of CSAF",
    is: |file| file.first() == Some(b'{') && file.begins_with(64 << 10, "\"csaf_version\""),
    read,
};

const PART: &str = "redhat";

#[derive(Deserialize)]
struct Csaf {
    document: Document,
    #[serde(default)]
    product_tree: Tree,
    #[serde(default)]
    vulnerabilities: Vec<Vulnerability>,
}

#[derive(Deserialize)]
struct Document {
    category: String,
    #[serde(default)]
    title: String,
    publisher: Publisher,
    tracking: Tracking,
    aggregate_severity: Option<Text>,
}

#[derive(Deserialize)]
struct Publisher {
    #[serde(default)]
    name: String,
}

#[derive(Deserialize)]
struct Tracking {
    id: String,
    #[serde(default)]
    initial_release_date: String,
    #[serde(default)]
    current_release_date: String,
}

#[derive(Deserialize)]
struct Text {
    text: String,
}

#[derive(Deserialize)]
struct Vulnerability {
    cve: Option<String>,
    #[serde(default)]
    product_status: ProductStatus,
    #[serde(default)]
    remediations: Vec<Remediation>,
    #[serde(default)]
    scores: Vec<Score>,
    #[serde(default)]
    threats: Vec<Threat>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct ProductStatus {
    fixed: Vec<String>,
    known_affected: Vec<String>,
    known_not_affected: Vec<String>,
    under_investigation: Vec<String>,
}

#[derive(Deserialize)]
struct Remediation {
    category: String,
    #[serde(default)]
    details: String,
    #[serde(default)]
    product_ids: Vec<String>,
}

#[derive(Deserialize)]
struct Score {
    cvss_v2: Option<Vector>,
    cvss_v3: Option<Vector>,
    cvss_v4: Option<Vector>,
}

#[derive(Deserialize)]
struct Vector {
    #[serde(rename = "vectorString")]
    vector: String,
}

#[derive(Deserialize)]
struct Threat {
    category: String,
    details: String,
}

fn read(file: &File<'_>, draft: &mut Draft) -> Result<(), String> {
    let Csaf { document, product_tree, vulnerabilities } = match serde_json::from_slice(file.bytes)
    {
        Ok(csaf) => csaf,
        // Others of an archive are whole.
        Err(error) => {
            draft.trouble(file.name, format!("is no document of CSAF: {error}"));
            return Ok(());
        }
    };
    // Others name their products by means of their own.
    if !document.publisher.name.starts_with("Red Hat") {
        draft.trouble(
            file.name,
            format!("nothing is known of products of '{}'", document.publisher.name),
        );
        return Ok(());
    }
    let products = Products::of(&product_tree);
    match document.category.as_str() {
        "csaf_vex" => {
            for flaw in &vulnerabilities {
                draft.add(PART, Repeats::Replace, statement(&document, flaw, &products));
            }
        }
        _ => draft.add(PART, Repeats::Replace, erratum(&document, &vulnerabilities, &products)),
    }
    Ok(())
}

/// What is said of one flaw.
fn statement(document: &Document, flaw: &Vulnerability, products: &Products<'_>) -> Advisory {
    let mut affected = fixed(&flaw.product_status.fixed, products);
    let status = &flaw.product_status;
    let planned = planned(&flaw.remediations);
    for product in &status.known_affected {
        let status = planned.get(product.as_str()).copied().unwrap_or(Status::Affected);
        affected.extend(whole(product, status, products));
    }
    let others = [
        (&status.known_not_affected, Status::NotAffected),
        (&status.under_investigation, Status::UnderInvestigation),
    ];
    for (list, status) in others {
        affected.extend(list.iter().filter_map(|product| whole(product, status, products)));
    }
    rated(document, flaw, &mut affected);
    Advisory {
        id: flaw.cve.clone().unwrap_or_else(|| document.tracking.id.clone()),
        ratings: ratings(flaw),
        affected: affected.into_iter().collect(),
        ..about(document)
    }
}

/// What is planned of each product: what the first that tells it says.
fn planned(remediations: &[Remediation]) -> HashMap<&str, Status, foldhash::fast::RandomState> {
    let mut planned = HashMap::default();
    for remediation in remediations {
        let Some(status) = remediation.status() else { continue };
        for product in &remediation.product_ids {
            planned.entry(product.as_str()).or_insert(status);
        }
    }
    planned
}

impl Remediation {
    /// What is planned; `None` where something else is told.
    fn status(&self) -> Option<Status> {
        let has = |words: &str| self.details.to_ascii_lowercase().starts_with(words);
        Some(match self.category.as_str() {
            "no_fix_planned" if has("out of support") => Status::EndOfLife,
            "no_fix_planned" => Status::WillNotFix,
            "none_available" if has("affected") => Status::Affected,
            "none_available" if has("under investigation") => Status::UnderInvestigation,
            "none_available" => Status::Deferred,
            _ => return None,
        })
    }
}

/// What mends several flaws.
fn erratum(document: &Document, flaws: &[Vulnerability], products: &Products<'_>) -> Advisory {
    let mut affected = BTreeSet::new();
    for flaw in flaws {
        affected.append(&mut fixed(&flaw.product_status.fixed, products));
    }
    match flaws {
        [flaw] => rated(document, flaw, &mut affected),
        _ => {
            let word = document.aggregate_severity.as_ref();
            let level = word.and_then(|it| Level::parse(&it.text));
            affected = affected.into_iter().map(|it| Affected { level, ..it }).collect();
        }
    }
    let only = if let [flaw] = flaws { ratings(flaw) } else { Vec::new() };
    let word = document.aggregate_severity.as_ref().and_then(|it| Rating::level(PART, &it.text));
    Advisory {
        id: document.tracking.id.clone(),
        covers: flaws.iter().filter_map(|flaw| flaw.cve.clone()).collect(),
        ratings: only.into_iter().chain(word).collect(),
        affected: affected.into_iter().collect(),
        ..about(document)
    }
}

fn about(document: &Document) -> Advisory {
    Advisory {
        summary: document.title.clone(),
        published: document.tracking.initial_release_date.clone(),
        modified: document.tracking.current_release_date.clone(),
        ..Advisory::default()
    }
}

/// Below which version each package has the flaw, and for which processors that is told: by the names of what is
/// installed, and of what that is built from.
fn fixed(list: &[String], products: &Products<'_>) -> BTreeSet<Affected> {
    let mut all: BTreeMap<Affected, BTreeSet<&str>> = BTreeMap::new();
    let mut of_space: BTreeMap<Space, BTreeSet<&str>> = BTreeMap::new();
    for component in list.iter().filter_map(|id| products.get(id)) {
        let Some(version) = component.version.as_deref().filter(|_| component.is_used()) else {
            continue;
        };
        let intervals = vec![Interval::below(version)];
        let affected = Affected { intervals, ..component.affected(Status::Affected) };
        of_space.entry(affected.space.clone()).or_default().insert(component.processor());
        all.entry(affected).or_default().insert(component.processor());
    }
    let told = all.into_iter().map(|(affected, of)| {
        // What packages are built from is for the processors that they are for.
        let is_source = of.iter().all(|it| *it == "src");
        let of = of_space.get(&affected.space).filter(|_| is_source).unwrap_or(&of);
        Affected { processors: some(of), ..affected }
    });
    told.collect()
}

/// Which of all processors these are; none where they are all that count, or where that is not told. What a
/// package is built from is for none.
pub(in crate::feeds) fn some(of: &BTreeSet<&str>) -> Vec<String> {
    let of: Vec<&str> = of.iter().copied().filter(|it| *it != "src").collect();
    let are_all = ["x86_64", "aarch64"].iter().all(|it| of.contains(it));
    let is_any = of.iter().any(|it| ["", "noarch"].contains(it));
    match are_all || is_any {
        true => Vec::new(),
        false => of.into_iter().map(str::to_owned).collect(),
    }
}

/// A package of which nothing is told but its name.
fn whole(id: &str, status: Status, products: &Products<'_>) -> Option<Affected> {
    let component = products.get(id)?;
    let intervals = vec![Interval::default()];
    Some(Affected { intervals, ..component.affected(status) })
}

/// How bad it is, in the word that Red Hat has for the flaw.
fn rated(document: &Document, flaw: &Vulnerability, affected: &mut BTreeSet<Affected>) {
    let impact = flaw.threats.iter().find(|it| it.category == "impact").map(|it| &it.details);
    let word = impact.or(document.aggregate_severity.as_ref().map(|it| &it.text));
    let level = word.and_then(|word| Level::parse(word));
    let rated = std::mem::take(affected).into_iter().map(|it| Affected { level, ..it });
    *affected = rated.collect();
}

fn ratings(flaw: &Vulnerability) -> Vec<Rating> {
    let vectors = flaw.scores.iter().flat_map(|it| [&it.cvss_v4, &it.cvss_v3, &it.cvss_v2]);
    let mut ratings: Vec<Rating> =
        vectors.flatten().filter_map(|it| Rating::vector(PART, &it.vector)).collect();
    ratings.sort();
    ratings.dedup();
    ratings
}

/// Where Red Hat has what it says of each flaw: since 2026, and before.
const PLACES: [&str; 2] = [
    "https://security.access.redhat.com/data/csaf/v2/vex-feed",
    "https://security.access.redhat.com/data/csaf/v2/vex",
];

/// Statements on each flaw, as an archive and what changed since.
pub(super) const REMOTE: Remote = Remote {
    name: "redhat",
    files: |ask| {
        let [base, before] = PLACES;
        let (base, name) = match ask(&format!("{base}/archive_latest.txt")) {
            Err(Unanswered::Absent(_)) => (before, ask(&format!("{before}/archive_latest.txt"))?),
            name => (base, name?),
        };
        archive(base, name.trim()).map(|it| vec![it])
    },
};

/// An archive, of a day (`csaf_vex_2026-01-02.tar.zst`, with a hash beside it) or the latest there is
/// (`vex-archive.tar.zst`).
fn archive(base: &str, name: &str) -> Result<Wanted, String> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    if !name.ends_with(".tar.zst") || !name.bytes().all(is_plain) {
        return Err(format!("{base}/archive_latest.txt: names no archive"));
    }
    let day = name.strip_prefix("csaf_vex_").and_then(|it| it.strip_suffix(".tar.zst"));
    let day = day.filter(|it| it.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-'));
    let changes = Changes {
        list: format!("{base}/changes.csv"),
        base: format!("{base}/"),
        row: changed,
        until: day.map_or(Until::Made, |day| Until::Told(format!("{day}T00:00:00+00:00"))),
        most: 20_000,
    };
    let hash = Proof::Sha256(format!("{base}/{name}.sha256"));
    let proof = if day.is_some() { hash } else { Proof::Form };
    let file = Wanted::file(format!("{base}/{name}"));
    Ok(Wanted { proof, changes: Some(changes), ..file })
}

/// `"2024/cve-2024-1.json","2024-05-01T10:00:00+00:00"`.
fn changed(line: &str) -> Option<(String, String)> {
    let (path, time) = line.split_once(',')?;
    let [path, time] = [path, time].map(|it| it.trim().trim_matches('"').to_owned());
    Some((time, path))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_planned_is_told_by_category_and_details() {
        for (category, details, expected) in [
            ("no_fix_planned", "Will not fix", Some(Status::WillNotFix)),
            ("no_fix_planned", "Out of support scope", Some(Status::EndOfLife)),
            ("none_available", "Affected", Some(Status::Affected)),
            ("none_available", "Fix deferred", Some(Status::Deferred)),
            ("none_available", "", Some(Status::Deferred)),
            ("vendor_fix", "Update", None),
        ] {
            let one = Remediation {
                category: category.into(),
                details: details.into(),
                product_ids: Vec::new(),
            };
            assert_eq!(one.status(), expected, "{category} {details}");
        }
    }

    /// As the guide to Red Hat's files of 2026 has it: all releases that are looked after by themselves, right below the
    /// vendor; packages without processors, mostly what others are built from; epochs always.
    #[test]
    fn releases_that_are_looked_after_longer_stand_by_themselves() {
        let product = |id: &str, helper: &str, value: &str| {
            json!({"category": "product_name", "name": id, "product": {"name": id, "product_id": id,
                "product_identification_helper": {helper: value}}})
        };
        let relation = |platform: &str, package: &str| {
            json!({"category": "default_component_of", "product_reference": package,
                "relates_to_product_reference": platform,
                "full_product_name": {"name": "x", "product_id": format!("{platform}:{package}")}})
        };
        let document = json!({
            "document": {"category": "csaf_vex", "csaf_version": "2.0", "title": "t",
                "publisher": {"name": "Red Hat Product Security"}, "tracking": {"id": "CVE-2026-0861"}},
            "product_tree": {
                "branches": [{"category": "vendor", "name": "Red Hat", "branches": [
                    product("rhel-8.10.z", "cpe", "cpe:/a:redhat:enterprise_linux:8"),
                    product("rhel-8.8.0.z", "cpe", "cpe:/a:redhat:rhel_eus:8.8"),
                    product("rhel-9.7.z::baseos", "cpe", "cpe:/o:redhat:enterprise_linux:9::baseos"),
                    product("openshift-4.18", "cpe", "cpe:/a:redhat:openshift:4.18"),
                    product("glibc", "purl", "pkg:rpm/redhat/glibc?arch=src"),
                    product("glibc-0:2.34-231.el9_7.10.src", "purl",
                        "pkg:rpm/redhat/glibc@2.34-231.el9_7.10?arch=src&epoch=0"),
                ]}],
                "relationships": [relation("rhel-8.10.z", "glibc"), relation("rhel-8.8.0.z", "glibc"),
                    relation("openshift-4.18", "glibc"),
                    relation("rhel-9.7.z::baseos", "glibc-0:2.34-231.el9_7.10.src")],
            },
            "vulnerabilities": [{"cve": "CVE-2026-0861",
                "product_status": {
                    "fixed": ["rhel-9.7.z::baseos:glibc-0:2.34-231.el9_7.10.src"],
                    "known_affected": ["rhel-8.10.z:glibc", "openshift-4.18:glibc"],
                    "known_not_affected": ["rhel-8.8.0.z:glibc"]},
                "remediations": [{"category": "none_available", "details": "Affected",
                    "product_ids": ["rhel-8.10.z:glibc"]}],
                "scores": [{"cvss_v3": {"version": "3.1", "baseScore": 8.1, "baseSeverity": "HIGH",
                    "vectorString": "CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:H/I:H/A:H"}}],
                "threats": [{"category": "impact", "details": "Moderate"}]}],
        });
        let csaf: Csaf = serde_json::from_value(document).unwrap();
        let products = Products::of(&csaf.product_tree);
        let told = statement(&csaf.document, &csaf.vulnerabilities[0], &products);
        assert_eq!((told.id.as_str(), told.ratings.len()), ("CVE-2026-0861", 1));
        let mut all: Vec<String> = told
            .affected
            .iter()
            .map(|it| {
                let intervals = it.intervals.iter().map(|it| format!("{it:?}")).collect::<String>();
                let is_below = intervals.contains("2.34-231.el9_7.10");
                format!(
                    "{} {} {:?} {is_below} {}",
                    it.space,
                    it.package,
                    it.status,
                    it.processors.len()
                )
            })
            .collect();
        all.sort();
        assert_eq!(
            all,
            [
                "Red Hat:8 glibc Affected false 0",
                "Red Hat:9 glibc Affected true 0",
                "Red Hat:rhel_eus:8.8 glibc NotAffected false 0",
            ]
        );
    }

    #[test]
    fn of_several_plans_the_first_counts() {
        let one = |category: &str, details: &str, products: &[&str]| Remediation {
            category: category.into(),
            details: details.into(),
            product_ids: products.iter().copied().map(str::to_owned).collect(),
        };
        let all = [
            one("vendor_fix", "Update", &["a", "b"]),
            one("none_available", "Fix deferred", &["b", "c"]),
            one("no_fix_planned", "Will not fix", &["c", "d"]),
        ];
        let planned = planned(&all);
        for (product, expected) in [
            ("a", None),
            ("b", Some(Status::Deferred)),
            ("c", Some(Status::Deferred)),
            ("d", Some(Status::WillNotFix)),
        ] {
            assert_eq!(planned.get(product).copied(), expected, "{product}");
        }
    }

    #[test]
    fn processors_are_told_where_they_are_not_all() {
        let told = |of: &[&str]| some(&of.iter().copied().collect()).join(" ");
        for (of, expected) in [
            (&["aarch64", "ppc64le", "x86_64"][..], ""),
            (&["aarch64", "src"], "aarch64"),
            (&["i686", "x86_64"], "i686 x86_64"),
            (&["noarch"], ""),
            (&["src"], ""),
            (&[""], ""),
        ] {
            assert_eq!(told(of), expected, "{of:?}");
        }
    }
}
