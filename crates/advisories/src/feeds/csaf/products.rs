//! Which package of which platform a product is.

use std::{borrow::Cow, collections::HashMap};

use serde::Deserialize;

use crate::{
    Affected, Space, Status,
    feeds::purl::{Purl, decoded},
};

/// Most levels of branches within each other.
const MOST_LEVELS: usize = 16;
/// Longest name of a product, bytes: each package of a platform has the platform's.
const LONGEST_NAME: usize = 1024;

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Tree {
    branches: Vec<Branch>,
    relationships: Vec<Relationship>,
}

#[derive(Deserialize)]
struct Branch {
    #[serde(default)]
    branches: Vec<Branch>,
    product: Option<Product>,
}

#[derive(Deserialize)]
struct Product {
    product_id: String,
    product_identification_helper: Option<Helper>,
}

#[derive(Deserialize)]
struct Helper {
    cpe: Option<String>,
    purl: Option<String>,
}

#[derive(Deserialize)]
struct Relationship {
    full_product_name: Named,
    product_reference: String,
    relates_to_product_reference: String,
}

#[derive(Deserialize)]
struct Named {
    product_id: String,
}

/// Products by their ids.
pub(super) struct Products<'a>(HashMap<&'a str, Component<'a>, foldhash::fast::RandomState>);

/// A package as a component of a platform.
pub(super) struct Component<'a> {
    space: Space,
    name: Cow<'a, str>,
    /// With its epoch; none where every version is meant.
    pub(super) version: Option<Cow<'a, str>>,
    module: String,
    architecture: &'a str,
}

impl<'a> Products<'a> {
    /// Those of a document.
    pub(super) fn of(tree: &'a Tree) -> Self {
        let mut helpers = HashMap::default();
        gather(&tree.branches, 0, &mut helpers);
        let products = tree.relationships.iter().filter_map(|it| {
            let platform = helpers.get(it.relates_to_product_reference.as_str())?;
            let cpe = platform.cpe.as_deref().filter(|cpe| cpe.len() <= LONGEST_NAME)?;
            let space = Space::of_cpe(cpe)?;
            let purl = helpers.get(it.product_reference.as_str()).and_then(|it| it.purl.as_deref());
            if purl.unwrap_or(&it.product_reference).len() > LONGEST_NAME {
                return None;
            }
            let component = match purl {
                Some(purl) => Component::of_purl(space, purl)?,
                None => Component::named(space, &it.product_reference),
            };
            Some((it.full_product_name.product_id.as_str(), component))
        });
        Self(products.collect())
    }

    pub(super) fn get(&self, id: &str) -> Option<&Component<'a>> {
        self.0.get(id)
    }
}

type Helpers<'a> = HashMap<&'a str, &'a Helper, foldhash::fast::RandomState>;

fn gather<'a>(branches: &'a [Branch], level: usize, helpers: &mut Helpers<'a>) {
    if level == MOST_LEVELS {
        return;
    }
    for branch in branches {
        if let Some(Product { product_id, product_identification_helper: Some(helper) }) =
            &branch.product
        {
            helpers.insert(product_id, helper);
        }
        gather(&branch.branches, level + 1, helpers);
    }
}

impl<'a> Component<'a> {
    /// `libvpx`, and of a stream of a module `nodejs:16/npm`.
    fn named(space: Space, name: &'a str) -> Self {
        let parts = name.rsplit_once('/').filter(|(module, _)| module.contains(':'));
        let (module, name) = parts.unwrap_or(("", name));
        let module = module.to_owned();
        Self { space, name: name.into(), version: None, module, architecture: "" }
    }

    /// `pkg:rpm/redhat/ruby@2.5.9-111.module%2Bel8?arch=i686&epoch=1&rpmmod=ruby:2.5:8090020230627084142`.
    fn of_purl(space: Space, purl: &'a str) -> Option<Self> {
        let purl = Purl::parse(purl).filter(|purl| purl.kind == "rpm")?;
        let epoch = purl.value("epoch").filter(|epoch| *epoch != "0");
        let version = purl.version.as_ref().map(|version| match epoch {
            Some(epoch) => format!("{epoch}:{version}").into(),
            None => version.clone(),
        });
        let module = purl.value("rpmmod").map(decoded).unwrap_or_default();
        Some(Self {
            space,
            name: decoded(purl.path.rsplit('/').next()?),
            version,
            module: module.split(':').take(2).collect::<Vec<_>>().join(":"),
            architecture: purl.value("arch").unwrap_or_default(),
        })
    }

    /// Whether it is something that is used, and not what debuggers read.
    pub(super) fn is_used(&self) -> bool {
        !self.name.ends_with("-debuginfo") && !self.name.ends_with("-debugsource")
    }

    /// The processor that it is for; empty where that is not told.
    pub(super) fn processor(&self) -> &'a str {
        self.architecture
    }

    pub(super) fn affected(&self, status: Status) -> Affected {
        Affected {
            space: self.space.clone(),
            package: self.name.to_string(),
            module: self.module.clone(),
            status,
            ..Affected::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn package_urls_name_packages_with_their_streams() {
        let of = |purl| Component::of_purl(Space::named("Red Hat:8"), purl).unwrap();
        let ruby = of(
            "pkg:rpm/redhat/ruby@2.5.9-111.module%2Bel8?arch=i686&epoch=1&rpmmod=ruby:2.5:8090:b4",
        );
        let version = ruby.version.as_deref();
        assert_eq!((&*ruby.name, version), ("ruby", Some("1:2.5.9-111.module+el8")));
        assert_eq!((ruby.module.as_str(), ruby.is_used()), ("ruby:2.5", true));
        assert!(!of("pkg:rpm/redhat/ruby-debuginfo@2.5.9-1?arch=x86_64").is_used());
        assert_eq!(of("pkg:rpm/redhat/libvpx").version, None);
        let npm = Component::named(Space::named("Red Hat:8"), "nodejs:16/npm");
        assert_eq!((&*npm.name, npm.module.as_str()), ("npm", "nodejs:16"));
    }
}
