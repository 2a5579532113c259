//! What who makes packages says of those in OpenVEX: Chainguard of the libraries that it rebuilds, Ubuntu of what
//! stays as it is.
//!
//! Source: the OpenVEX specification 0.2.0, and the documents of both. A product is one version of a package, which
//! is told by its package URL: `pkg:pypi/urllib3@1.26.16+cgr.0` has been mended, though others of 1.26.16 have not.
//! Of Ubuntu's, only that a flaw will not be mended is read (the sentence for that is always the same): all else
//! its records of OSV tell better, with the first version that mends where the latest stands here.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::{
    Draft, Feed, File,
    purl::{Purl, decoded},
};
use crate::{Advisory, Affected, Interval, Space, Status, codenames, db::Repeats};

pub(super) const FEED: Feed = Feed {
    about: "document of OpenVEX",
    is: |file| file.first() == Some(b'{') && file.begins_with(4096, "openvex.dev/ns"),
    read,
};

const PART: &str = "chainguard-libraries";
const UBUNTU_PART: &str = "ubuntu-vex";
/// How Ubuntu says that a flaw stays.
const STAYS: &str = "decided to not fix it";

#[derive(Deserialize)]
struct Document {
    #[serde(default)]
    author: String,
    #[serde(default)]
    statements: Vec<Statement>,
}

#[derive(Deserialize)]
struct Statement {
    vulnerability: Vulnerability,
    #[serde(default)]
    timestamp: String,
    #[serde(default)]
    last_updated: String,
    #[serde(default)]
    products: Vec<Product>,
    #[serde(default)]
    status: String,
    #[serde(default)]
    action_statement: String,
}

#[derive(Deserialize)]
struct Vulnerability {
    name: String,
    #[serde(default)]
    aliases: Vec<String>,
}

#[derive(Deserialize)]
struct Product {
    #[serde(rename = "@id")]
    id: Option<String>,
    identifiers: Option<Identifiers>,
}

#[derive(Deserialize)]
struct Identifiers {
    purl: Option<String>,
}

fn read(file: &File<'_>, draft: &mut Draft) -> Result<(), String> {
    let document: Document = match serde_json::from_slice(file.bytes) {
        Ok(document) => document,
        // Others of a folder are whole.
        Err(error) => {
            draft.trouble(file.name, format!("is no {}: {error}", FEED.about));
            return Ok(());
        }
    };
    // One document is not all that they say.
    let repeats = if draft.is_collection() { Repeats::Add } else { Repeats::Unite };
    if document.author.starts_with("Canonical") {
        for statement in document.statements {
            if let Some(advisory) = stays(statement) {
                draft.add_beside(UBUNTU_PART, repeats, advisory);
            }
        }
        return Ok(());
    }
    // Whoever else speaks of packages is to be asked for with a scan, and not believed by all.
    if !document.author.starts_with("Chainguard") {
        let author = document.author.escape_debug();
        draft.trouble(file.name, format!("is by '{author}', which is no feed of advisories"));
        return Ok(());
    }
    for statement in document.statements {
        if let Some(advisory) = advisory(statement) {
            // What it denies is told of by others.
            draft.add_beside(PART, repeats, advisory);
        }
    }
    Ok(())
}

fn advisory(statement: Statement) -> Option<Advisory> {
    let status = match statement.status.as_str() {
        "fixed" | "not_affected" => Status::NotAffected,
        "affected" => Status::Affected,
        "under_investigation" => Status::UnderInvestigation,
        _ => return None,
    };
    let products = statement.products.iter();
    let affected: Vec<Affected> = products.filter_map(|it| affected(it, status)).collect();
    let Vulnerability { name, aliases } = statement.vulnerability;
    Some(Advisory {
        id: name,
        aliases,
        published: statement.timestamp,
        modified: statement.last_updated,
        affected,
        ..Advisory::default()
    })
    .filter(|it| !it.affected.is_empty())
}

/// What Ubuntu leaves as it is; `None` where a statement is of something else.
fn stays(statement: Statement) -> Option<Advisory> {
    if statement.status != "affected" || !statement.action_statement.contains(STAYS) {
        return None;
    }
    let products = statement.products.iter().filter_map(Product::purl);
    let affected: BTreeSet<Affected> = products.filter_map(of_ubuntu).collect();
    Some(Advisory {
        id: statement.vulnerability.name,
        published: statement.timestamp,
        affected: affected.into_iter().collect(),
        ..Advisory::default()
    })
    .filter(|it| !it.affected.is_empty())
}

/// `pkg:deb/ubuntu/glibc@2.35-0ubuntu3?arch=source&distro=jammy`, `…&distro=esm-infra/xenial`.
fn of_ubuntu(purl: &str) -> Option<Affected> {
    let purl = Purl::parse(purl)?;
    let name =
        purl.path.strip_prefix("ubuntu/").filter(|_| purl.value("arch") == Some("source"))?;
    let distro = purl.value("distro")?;
    let space = match distro.split_once('/') {
        Some((_, release)) => Space::release("Ubuntu Pro", codenames::ubuntu(release)?),
        None => Space::release("Ubuntu", codenames::ubuntu(distro)?),
    };
    let package = decoded(name).into_owned();
    let (status, intervals) = (Status::WillNotFix, vec![Interval::default()]);
    Some(Affected { space, package, status, intervals, ..Affected::default() })
}

impl Product {
    fn purl(&self) -> Option<&str> {
        let told = self.identifiers.as_ref().and_then(|it| it.purl.as_deref());
        told.or(self.id.as_deref())
    }
}

fn affected(product: &Product, status: Status) -> Option<Affected> {
    let purl = Purl::parse(product.purl()?)?;
    let path = decoded(purl.path);
    let (space, name) = match purl.kind {
        "maven" => ("Maven", path.replacen('/', ":", 1)),
        "npm" => ("npm", path.into_owned()),
        "pypi" => ("PyPI", path.into_owned()),
        "golang" => ("Go", path.into_owned()),
        _ => return None,
    };
    let space = Space::named(space);
    let versions = vec![purl.version?.into_owned()];
    let package = space.tidy(&name).into_owned();
    Some(Affected { space, package, status, versions, ..Affected::default() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ubuntus_packages_are_those_of_releases() {
        let told = |purl| of_ubuntu(purl).map(|it| format!("{} {}", it.space, it.package));
        for (purl, expected) in [
            ("pkg:deb/ubuntu/glibc@2.35?arch=source&distro=jammy", Some("Ubuntu:22.04 glibc")),
            (
                "pkg:deb/ubuntu/g%2B%2B@1?arch=source&distro=esm-infra/xenial",
                Some("Ubuntu Pro:16.04 g++"),
            ),
            ("pkg:deb/ubuntu/libc6@2.35?arch=amd64&distro=jammy", None),
            ("pkg:deb/ubuntu/glibc@2.35?arch=source", None),
        ] {
            assert_eq!(told(purl).as_deref(), expected, "{purl}");
        }
    }

    #[test]
    fn products_are_single_versions() {
        let product = |purl: &str| Product { id: Some(purl.to_owned()), identifiers: None };
        let told = |purl| {
            let one = affected(&product(purl), Status::NotAffected)?;
            Some(format!("{} {} {}", one.space, one.package, one.versions.join(" ")))
        };
        for (purl, expected) in [
            ("pkg:pypi/Url_lib3@1.26.16%2Bcgr.0", Some("PyPI url-lib3 1.26.16+cgr.0")),
            ("pkg:maven/org.a/b@5.8.16-0.cgr.1", Some("Maven org.a:b 5.8.16-0.cgr.1")),
            ("pkg:npm/%40a/b@1.0.0", Some("npm @a/b 1.0.0")),
            ("pkg:pypi/a", None),
            ("pkg:oci/a@1", None),
        ] {
            assert_eq!(told(purl).as_deref(), expected, "{purl}");
        }
    }
}
