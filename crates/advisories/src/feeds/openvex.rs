//! What who rebuilds packages of languages says of those: statements in OpenVEX, of Chainguard's libraries.
//!
//! Source: the OpenVEX specification 0.2.0, and the documents of those libraries. Each product is one version of a
//! package, which is told by its package URL: `pkg:pypi/urllib3@1.26.16+cgr.0` has been mended, though others of
//! 1.26.16 have not. What Ubuntu publishes in this form says no more than its records of OSV, and with the latest
//! version in place of the first that mends.

use serde::Deserialize;

use super::{
    Draft, Feed, File,
    purl::{Purl, decoded},
};
use crate::{Advisory, Affected, Space, Status, db::Repeats};

pub(super) const FEED: Feed = Feed {
    about: "document of OpenVEX",
    is: |file| file.first() == Some(b'{') && file.begins_with(4096, "openvex.dev/ns"),
    read,
};

const PART: &str = "chainguard-libraries";

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
    // Whoever else speaks of packages is to be asked for with a scan, and not believed by all.
    if !document.author.starts_with("Chainguard") {
        let author = document.author.escape_debug();
        draft.trouble(file.name, format!("is by '{author}', which is no feed of advisories"));
        return Ok(());
    }
    for statement in document.statements {
        if let Some(advisory) = advisory(statement) {
            draft.add(PART, Repeats::Add, advisory);
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

fn affected(product: &Product, status: Status) -> Option<Affected> {
    let purl = product.identifiers.as_ref().and_then(|it| it.purl.as_ref());
    let purl = Purl::parse(purl.or(product.id.as_ref())?)?;
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
