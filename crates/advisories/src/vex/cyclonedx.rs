//! CycloneDX 1.4 to 1.6 as VEX (ECMA-424): `vulnerabilities` with an `analysis`, in a document of their own, where
//! links to a list of packages name components, or in the list itself.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::Value;

use super::{
    Document, Named, Product, Statement, Status,
    statement::{flaw_names, time},
};

/// Most levels of components within each other.
const MOST_LEVELS: usize = 32;

#[derive(Deserialize, Default)]
#[serde(default)]
struct Bom {
    metadata: Metadata,
    components: Vec<Component>,
    vulnerabilities: Vec<Value>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Metadata {
    timestamp: String,
    authors: Vec<Author>,
    component: Option<Component>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Author {
    name: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Component {
    #[serde(rename = "bom-ref")]
    id: String,
    purl: String,
    cpe: String,
    components: Vec<Component>,
}

#[derive(Deserialize)]
struct Flaw {
    #[serde(default)]
    id: String,
    #[serde(default)]
    references: Vec<Reference>,
    #[serde(default)]
    updated: String,
    analysis: Option<Analysis>,
    #[serde(default)]
    affects: Vec<Affects>,
}

#[derive(Deserialize)]
struct Reference {
    #[serde(default)]
    id: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Analysis {
    state: String,
    justification: String,
    detail: String,
    #[serde(rename = "firstIssued")]
    first: String,
    #[serde(rename = "lastUpdated")]
    last: String,
}

#[derive(Deserialize)]
struct Affects {
    #[serde(rename = "ref")]
    id: String,
    #[serde(default)]
    versions: Vec<OfVersion>,
}

/// A version that is meant, or a range of them.
#[derive(Deserialize)]
struct OfVersion {
    version: Option<String>,
    #[serde(default)]
    status: String,
}

/// Components by their references.
type Known = HashMap<String, Named>;

pub(super) fn read(value: Value, document: &mut Document) -> Result<(), String> {
    let bom =
        Bom::deserialize(value).map_err(|error| format!("is not as CycloneDX has it: {error}"))?;
    let authors: Vec<&str> = bom.metadata.authors.iter().map(|it| it.name.as_str()).collect();
    document.author = authors.join(", ");
    let mut known = Known::new();
    bom.metadata.component.iter().for_each(|it| gather(it, MOST_LEVELS, &mut known));
    bom.components.iter().for_each(|it| gather(it, MOST_LEVELS, &mut known));
    for (at, value) in bom.vulnerabilities.into_iter().enumerate() {
        let place = format!("vulnerabilities[{at}]");
        match Flaw::deserialize(value).map_err(|error| error.to_string()) {
            Ok(flaw) => {
                if let Err(why) = statement(flaw, &bom.metadata.timestamp, &known, &place, document)
                {
                    document.trouble(&place, why);
                }
            }
            Err(why) => document.trouble(&place, why),
        }
    }
    Ok(())
}

fn gather(component: &Component, levels: usize, known: &mut Known) {
    let Some(levels) = levels.checked_sub(1) else { return };
    if !component.id.is_empty() {
        let names = [&component.purl, &component.cpe].map(String::as_str);
        let names = names.into_iter().filter(|name| !name.is_empty());
        known.insert(component.id.clone(), Named::of(names));
    }
    component.components.iter().for_each(|it| gather(it, levels, known));
}

/// A flaw without an analysis is one that was found, and nobody said anything of it.
fn statement(
    flaw: Flaw,
    of_document: &str,
    known: &Known,
    place: &str,
    document: &mut Document,
) -> Result<(), String> {
    let Some(analysis) = flaw.analysis.filter(|it| !it.state.is_empty()) else { return Ok(()) };
    let status = match analysis.state.as_str() {
        "not_affected" | "false_positive" => Status::NotAffected,
        "resolved" | "resolved_with_pedigree" => Status::Fixed,
        "in_triage" => Status::UnderInvestigation,
        "exploitable" => Status::Affected,
        other => return Err(format!("unknown state '{other}'")),
    };
    let others = flaw.references.iter().map(|it| it.id.as_str());
    let flaws: Vec<String> =
        std::iter::once(flaw.id.as_str()).chain(others).flat_map(flaw_names).collect();
    if flaws.is_empty() {
        return Err("it has no id".to_owned());
    }
    let times = [analysis.last.as_str(), &analysis.first, &flaw.updated, of_document];
    let mut products = Vec::new();
    for Affects { id, versions } in &flaw.affects {
        match product(id, known) {
            Some(product) if versions.is_empty() => products.push(product),
            Some(product) => match of_versions(&product, versions, status) {
                Ok(all) => products.extend(all),
                Err(why) => document.trouble(place, format!("'{id}': {why}")),
            },
            None => document.trouble(
                place,
                format!("'{id}' is a component of another document, without a package URL"),
            ),
        }
    }
    let state = analysis.state.as_str();
    let word = if state == "false_positive" { state.to_owned() } else { analysis.justification };
    if !products.is_empty() {
        document.statements.push(Statement {
            flaws,
            products,
            status,
            justification: word,
            detail: analysis.detail,
            time: times.into_iter().find(|it| !it.is_empty()).and_then(time),
            place: place.to_owned(),
        });
    }
    Ok(())
}

/// A product in each of the versions that are meant. Where some are said to be affected and others not, what settles
/// a flaw is said of the others.
fn of_versions(
    product: &Product,
    versions: &[OfVersion],
    status: Status,
) -> Result<Vec<Product>, String> {
    let is_unaffected = |it: &&OfVersion| it.status == "unaffected";
    let is_mixed = versions.iter().any(|it| is_unaffected(&it));
    let meant = versions.iter().filter(|it| !is_mixed || !status.is_settled() || is_unaffected(it));
    let of = |it: &OfVersion| {
        let version = it.version.as_deref().ok_or("ranges of versions are not read")?;
        let mut product = product.clone();
        let named = product.parts.last_mut().unwrap_or(&mut product.whole);
        if !named.has_purl() {
            return Err("its versions cannot be told apart without a package URL".to_owned());
        }
        *named = named.of_version(version);
        Ok(product)
    };
    meant.map(of).collect()
}

/// `urn:cdx:SERIAL/VERSION#REFERENCE` names a component of another document, which has this number.
fn product(id: &str, known: &Known) -> Option<Product> {
    let link = id.strip_prefix("urn:cdx:").map(|rest| rest.split_once('#').unwrap_or((rest, "")));
    let Some((document, reference)) = link else {
        let named = known.get(id).filter(|it| !it.is_empty()).cloned();
        return Some(Product::of(named.or_else(|| Named::of_purl(id))?));
    };
    let serial = document.split('/').next().unwrap_or(document);
    let list = Named::of([format!("urn:uuid:{serial}").as_str()]);
    if reference.is_empty() {
        return Some(Product::of(list));
    }
    let reference = crate::feeds::decoded(reference);
    let part = known.get(&*reference).filter(|it| !it.is_empty()).cloned();
    let part = part.or_else(|| Named::of_purl(&reference))?;
    Some(Product { whole: list, parts: vec![part] })
}
