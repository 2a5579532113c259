//! Advisories and statements of Red Hat, in the Common Security Advisory Framework 2.0: one file for each
//! erratum (`csaf_security_advisory`), or for each flaw (`csaf_vex`).
//!
//! Source: the CSAF 2.0 specification, and Red Hat's guide to its files: a product is a package as a component
//! of a platform, which a CPE names; packages are named by their package URLs. What has `no_fix_planned` stays
//! as it is; `none_available` is mended some day.
//!
//! - `products`: which package of which platform a product is.

mod products;

use std::collections::BTreeSet;

use serde::Deserialize;

pub(crate) use self::products::space as space_of_platform;
use self::products::{Products, Tree};
use super::{Draft, Feed, File};
use crate::{Advisory, Affected, Interval, Level, Rating, Status, db::Repeats};

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
    let planned = |product: &str| {
        let mut of =
            flaw.remediations.iter().filter(|it| it.product_ids.iter().any(|id| id == product));
        of.find_map(|it| match it.category.as_str() {
            "no_fix_planned" => Some(Status::WillNotFix),
            "none_available" => Some(Status::Deferred),
            _ => None,
        })
    };
    for product in &status.known_affected {
        let status = planned(product).unwrap_or(Status::Affected);
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

/// What mends several flaws.
fn erratum(document: &Document, flaws: &[Vulnerability], products: &Products<'_>) -> Advisory {
    let mut affected = BTreeSet::new();
    for flaw in flaws {
        affected.append(&mut fixed(&flaw.product_status.fixed, products));
    }
    if let [flaw] = flaws {
        rated(document, flaw, &mut affected);
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

/// Below which version each package has the flaw.
fn fixed(list: &[String], products: &Products<'_>) -> BTreeSet<Affected> {
    let of = |id: &String| {
        let component = products.get(id)?;
        let version = component.version.as_deref().filter(|_| component.is_installed())?;
        Some(Affected {
            intervals: vec![Interval::below(version)],
            ..component.affected(Status::Affected)
        })
    };
    list.iter().filter_map(of).collect()
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
