//! Which package of which platform a product is.

use std::{borrow::Cow, collections::HashMap};

use serde::Deserialize;

use crate::{Affected, Space, Status};

/// Most levels of branches within each other.
const MOST_LEVELS: usize = 16;

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
            let space = space(platform.cpe.as_deref()?)?;
            let purl = helpers.get(it.product_reference.as_str()).and_then(|it| it.purl.as_deref());
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

/// `cpe:/a:redhat:enterprise_linux:8::appstream`, `cpe:/o:redhat:rhel_eus:8.6::baseos`. Channels of one release
/// are one.
pub(crate) fn space(cpe: &str) -> Option<Space> {
    let mut parts = cpe.strip_prefix("cpe:/")?.split(':').skip(2);
    let (product, version) = (parts.next()?, parts.next()?);
    Some(match product {
        "enterprise_linux" => Space::release("Red Hat", version.split('.').next()?),
        _ => Space::release("Red Hat", &format!("{product}:{version}")),
    })
}

impl<'a> Component<'a> {
    fn named(space: Space, name: &'a str) -> Self {
        Self { space, name: name.into(), version: None, module: String::new(), architecture: "" }
    }

    /// `pkg:rpm/redhat/ruby@2.5.9-111.module%2Bel8?arch=i686&epoch=1&rpmmod=ruby:2.5:8090020230627084142`.
    fn of_purl(space: Space, purl: &'a str) -> Option<Self> {
        let rest = purl.strip_prefix("pkg:rpm/")?;
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (path, version) = match path.split_once('@') {
            Some((path, version)) => (path, Some(decoded(version))),
            None => (path, None),
        };
        let value = |key: &str| {
            let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
            pairs.find(|(name, _)| *name == key).map(|(_, value)| value)
        };
        let epoch = value("epoch").filter(|epoch| *epoch != "0");
        let version = version.map(|version| match epoch {
            Some(epoch) => format!("{epoch}:{version}").into(),
            None => version,
        });
        let module = value("rpmmod").map(decoded).unwrap_or_default();
        Some(Self {
            space,
            name: decoded(path.rsplit('/').next()?),
            version,
            module: module.split(':').take(2).collect::<Vec<_>>().join(":"),
            architecture: value("arch").unwrap_or_default(),
        })
    }

    /// Whether it is something that is installed, and not what that is built from, or what debuggers read.
    pub(super) fn is_installed(&self) -> bool {
        self.architecture != "src"
            && !self.name.ends_with("-debuginfo")
            && !self.name.ends_with("-debugsource")
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

/// Without what package URLs write as numbers.
fn decoded(text: &str) -> Cow<'_, str> {
    if !text.contains('%') {
        return text.into();
    }
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, others)) = rest.split_first() {
        let digits = others.get(..2).filter(|_| *first == b'%');
        let byte = digits.and_then(|it| u8::from_str_radix(str::from_utf8(it).ok()?, 16).ok());
        out.push(byte.unwrap_or(*first));
        rest = others.get(if byte.is_some() { 2 } else { 0 }..).unwrap_or_default();
    }
    String::from_utf8_lossy(&out).into_owned().into()
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
        assert_eq!((ruby.module.as_str(), ruby.is_installed()), ("ruby:2.5", true));
        assert!(!of("pkg:rpm/redhat/ruby@2.5.9-1?arch=src").is_installed());
        assert_eq!(of("pkg:rpm/redhat/libvpx").version, None);
    }

    #[test]
    fn platforms_are_releases() {
        for (cpe, expected) in [
            ("cpe:/a:redhat:enterprise_linux:8::appstream", Some("Red Hat:8")),
            ("cpe:/o:redhat:enterprise_linux:9.2::baseos", Some("Red Hat:9")),
            ("cpe:/o:redhat:rhel_eus:8.6::baseos", Some("Red Hat:rhel_eus:8.6")),
            ("cpe:/a:redhat", None),
        ] {
            assert_eq!(space(cpe).as_ref().map(Space::as_str), expected, "{cpe}");
        }
    }
}
