//! CSAF 2.0 as VEX (profile 5): `product_status` of each vulnerability, for products of a tree.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::Value;

use super::{
    Document, Named, Product, Statement, Status,
    statement::{flaw_names, time},
};
use crate::Space;

/// Most levels of branches within each other.
const MOST_LEVELS: usize = 32;

#[derive(Deserialize)]
struct Csaf {
    document: About,
    #[serde(default)]
    product_tree: Tree,
    #[serde(default)]
    vulnerabilities: Vec<Value>,
}

#[derive(Deserialize)]
struct About {
    #[serde(default)]
    publisher: Publisher,
    #[serde(default)]
    tracking: Tracking,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Publisher {
    name: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Tracking {
    current_release_date: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Tree {
    branches: Vec<Branch>,
    full_product_names: Vec<Full>,
    product_groups: Vec<Group>,
    relationships: Vec<Relationship>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Branch {
    branches: Vec<Branch>,
    product: Option<Full>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Full {
    product_id: String,
    product_identification_helper: Helper,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Helper {
    cpe: String,
    purl: String,
    hashes: Vec<Hashes>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Hashes {
    file_hashes: Vec<FileHash>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct FileHash {
    value: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Group {
    group_id: String,
    product_ids: Vec<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Relationship {
    full_product_name: Full,
    product_reference: String,
    relates_to_product_reference: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Flaw {
    cve: String,
    ids: Vec<Id>,
    product_status: Statuses,
    flags: Vec<Told>,
    threats: Vec<Told>,
    remediations: Vec<Told>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Id {
    text: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Statuses {
    fixed: Vec<String>,
    first_fixed: Vec<String>,
    known_affected: Vec<String>,
    first_affected: Vec<String>,
    last_affected: Vec<String>,
    known_not_affected: Vec<String>,
    under_investigation: Vec<String>,
}

/// A flag, a threat or a remediation: of which products what is told.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Told {
    category: String,
    label: String,
    details: String,
    product_ids: Vec<String>,
    group_ids: Vec<String>,
}

pub(super) fn read(value: Value, document: &mut Document) -> Result<(), String> {
    let csaf =
        Csaf::deserialize(value).map_err(|error| format!("is not as CSAF has it: {error}"))?;
    document.author = csaf.document.publisher.name;
    let tree = Known::of(&csaf.product_tree);
    for (at, value) in csaf.vulnerabilities.into_iter().enumerate() {
        let place = format!("vulnerabilities[{at}]");
        match Flaw::deserialize(value) {
            Ok(flaw) => {
                let time = csaf.document.tracking.current_release_date.as_str();
                statements(&flaw, time, &tree, &place, document);
            }
            Err(error) => document.trouble(&place, error.to_string()),
        }
    }
    Ok(())
}

fn statements(flaw: &Flaw, day: &str, tree: &Known<'_>, place: &str, document: &mut Document) {
    let others = flaw.ids.iter().map(|it| it.text.as_str());
    let flaws: Vec<String> =
        std::iter::once(flaw.cve.as_str()).chain(others).flat_map(flaw_names).collect();
    if flaws.is_empty() {
        document.trouble(place, "it has neither a cve nor ids");
        return;
    }
    let said = &flaw.product_status;
    let words = Words::of(flaw, tree);
    for (key, list, status) in [
        ("known_not_affected", &said.known_not_affected, Status::NotAffected),
        ("fixed", &said.fixed, Status::Fixed),
        ("first_fixed", &said.first_fixed, Status::Fixed),
        ("under_investigation", &said.under_investigation, Status::UnderInvestigation),
        ("known_affected", &said.known_affected, Status::Affected),
        ("first_affected", &said.first_affected, Status::Affected),
        ("last_affected", &said.last_affected, Status::Affected),
    ] {
        for (at, id) in list.iter().enumerate() {
            let place = format!("{place}.product_status.{key}[{at}]");
            let Some(product) = tree.product(id) else {
                let why = format!("'{id}' has no name that can be compared: no package URL or CPE");
                document.trouble(&place, why);
                continue;
            };
            document.statements.push(Statement {
                flaws: flaws.clone(),
                products: vec![product],
                status,
                justification: words.flags.told(id),
                detail: words.detail(id, status),
                time: time(day),
                place,
            });
        }
    }
}

/// What is told of products beside.
struct Words<'a> {
    flags: By<'a>,
    impacts: By<'a>,
    remediations: By<'a>,
}

impl<'a> Words<'a> {
    fn of(flaw: &'a Flaw, tree: &Known<'a>) -> Self {
        let is_impact = |it: &&Told| it.category == "impact";
        let impacts = flaw.threats.iter().filter(is_impact).map(|it| (it, &it.details));
        Self {
            flags: By::of(flaw.flags.iter().map(|it| (it, &it.label)), tree),
            impacts: By::of(impacts, tree),
            remediations: By::of(flaw.remediations.iter().map(|it| (it, &it.details)), tree),
        }
    }

    fn detail(&self, id: &str, status: Status) -> String {
        match status {
            Status::NotAffected => self.impacts.told(id),
            _ => self.remediations.told(id),
        }
    }
}

/// The first that is told of each product, and its place.
type First<'a> = HashMap<&'a str, (usize, &'a str)>;

/// What is told first of each product, by its id or a group's; what names none is told of all.
#[derive(Default)]
struct By<'a> {
    products: First<'a>,
    all: Option<(usize, &'a str)>,
}

impl<'a> By<'a> {
    fn of(list: impl Iterator<Item = (&'a Told, &'a String)>, tree: &Known<'a>) -> Self {
        let (mut by, mut groups) = (Self::default(), First::new());
        for (place, (told, text)) in list.enumerate().filter(|(_, (_, text))| !text.is_empty()) {
            let first = (place, text.as_str());
            if told.product_ids.is_empty() && told.group_ids.is_empty() {
                by.all = by.all.or(Some(first));
            }
            told.product_ids.iter().for_each(|it| _ = by.products.entry(it).or_insert(first));
            told.group_ids.iter().for_each(|it| _ = groups.entry(it).or_insert(first));
        }
        for (group, first) in groups {
            for id in tree.groups.get(group).copied().unwrap_or_default() {
                let known = by.products.entry(id).or_insert(first);
                *known = first.min(*known);
            }
        }
        by
    }

    fn told(&self, id: &str) -> String {
        let own = self.products.get(id).copied();
        let first = own.into_iter().chain(self.all).min();
        first.map(|(_, text)| text.to_owned()).unwrap_or_default()
    }
}

/// Products by their ids.
struct Known<'a> {
    named: HashMap<&'a str, Named>,
    /// Of which two products one is made: what, and on what.
    joined: HashMap<&'a str, (&'a str, &'a str)>,
    groups: HashMap<&'a str, &'a [String]>,
}

impl<'a> Known<'a> {
    fn of(tree: &'a Tree) -> Self {
        let mut named = HashMap::new();
        tree.full_product_names.iter().for_each(|it| put(it, &mut named));
        tree.branches.iter().for_each(|it| gather(it, MOST_LEVELS, &mut named));
        let mut joined = HashMap::new();
        for it in &tree.relationships {
            put(&it.full_product_name, &mut named);
            let of = (it.product_reference.as_str(), it.relates_to_product_reference.as_str());
            joined.insert(it.full_product_name.product_id.as_str(), of);
        }
        let groups = tree.product_groups.iter();
        let groups = groups.map(|it| (it.group_id.as_str(), it.product_ids.as_slice())).collect();
        Self { named, joined, groups }
    }

    /// A product as it is meant: a package on a platform, or one alone.
    fn product(&self, id: &str) -> Option<Product> {
        let known = |id: &str| self.named.get(id).filter(|it| !it.is_empty()).cloned();
        match (known(id), self.joined.get(id)) {
            (Some(own), None) => Some(Product::of(own)),
            (Some(own), Some((_, platform))) => {
                Some(Product { whole: known(platform)?, parts: vec![own] })
            }
            (None, Some((part, platform))) => {
                Some(Product { whole: known(platform)?, parts: vec![known(part)?] })
            }
            (None, None) => None,
        }
    }
}

fn gather<'a>(branch: &'a Branch, levels: usize, named: &mut HashMap<&'a str, Named>) {
    let Some(levels) = levels.checked_sub(1) else { return };
    branch.product.iter().for_each(|it| put(it, named));
    branch.branches.iter().for_each(|it| gather(it, levels, named));
}

fn put<'a>(full: &'a Full, named: &mut HashMap<&'a str, Named>) {
    let Helper { cpe, purl, hashes } = &full.product_identification_helper;
    let hashes = hashes.iter().flat_map(|it| &it.file_hashes).map(|it| it.value.as_str());
    let names = [purl.as_str(), cpe.as_str()].into_iter().chain(hashes);
    let mut name = Named::of(names.filter(|name| !name.is_empty()));
    // A package of a release is not all of it.
    name.space = Space::of_cpe(cpe).filter(|_| purl.is_empty());
    named.insert(&full.product_id, name);
}
