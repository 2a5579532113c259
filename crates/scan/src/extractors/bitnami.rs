//! Components of Bitnami's images: each brings a list in SPDX (2.3, JSON), of which those are read that
//! have a package URL of Bitnami's. What else it tells of is found where it is.

use serde::Deserialize;

use crate::{Error, Extractor, Found, Input, Kind, Package, Pattern, Setting};

/// Components.
pub(super) const COMPONENT: Extractor = Extractor {
    name: "bitnami",
    about: "components of Bitnami's images",
    setting: Setting::Installed,
    files: &[Pattern::Like("opt/bitnami/*/*.spdx")],
    extract: component,
};

#[derive(Deserialize)]
struct Document {
    #[serde(default)]
    packages: Vec<Listed>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Listed {
    #[serde(default)]
    external_refs: Vec<Reference>,
    #[serde(default)]
    license_concluded: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Reference {
    #[serde(default)]
    reference_locator: String,
}

fn component(input: &mut Input<'_>, found: &mut Found) -> Result<(), Error> {
    let document: Document = serde_json::from_slice(&input.bytes()?)
        .map_err(|error| Error::malformed("document of SPDX", error))?;
    for listed in &document.packages {
        let mut urls = listed.external_refs.iter().map(|it| it.reference_locator.as_str());
        let Some(mut package) = urls.find_map(package) else { continue };
        let licence = Some(listed.license_concluded.as_str());
        let licence = licence.filter(|it| !matches!(*it, "" | "NOASSERTION" | "NONE"));
        package.licences.extend(licence.map(str::to_owned));
        found.packages.push(package);
    }
    Ok(())
}

/// `pkg:bitnami/NAME@VERSION?arch=ARCHITECTURE`.
fn package(url: &str) -> Option<Package> {
    let whole = url.strip_prefix("pkg:bitnami/")?;
    let (whole, qualifiers) = whole.split_once('?').unwrap_or((whole, ""));
    let (name, version) = whole.split_once('@')?;
    let mut package = Package::new(Kind::Bitnami, name, version.replace("%2B", "+"));
    let architecture = qualifiers.split('&').find_map(|it| it.strip_prefix("arch="));
    package.architecture = architecture.unwrap_or_default().to_owned();
    Some(package)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extractors::{found, listed};

    #[test]
    fn components_are_listed_by_their_package_urls() {
        let text = r#"{"spdxVersion":"SPDX-2.3","packages":[
            {"name":"PostgreSQL","versionInfo":"15.3.0","licenseConcluded":"PostgreSQL","externalRefs":[
                {"referenceType":"cpe23Type","referenceLocator":"cpe:2.3:*:postgresql:postgresql:15.3.0"},
                {"referenceType":"purl","referenceLocator":"pkg:bitnami/postgresql@15.3.0?arch=arm64"}]},
            {"name":"x","externalRefs":[{"referenceLocator":"pkg:maven/a/b@1"}]},
            {"name":"GEOS","externalRefs":[{"referenceLocator":"pkg:bitnami/geos@3.8.3"}]}]}"#;
        let path = "opt/bitnami/postgresql/.spdx-postgresql.spdx";
        assert_eq!(listed(&COMPONENT, path, text), ["postgresql 15.3.0", "geos 3.8.3"]);
        let found_packages = found(&COMPONENT, path, text).unwrap().packages;
        assert_eq!(
            (found_packages[0].architecture.as_str(), &found_packages[0].licences[..]),
            ("arm64", &["PostgreSQL".to_owned()][..])
        );
        assert!(found(&COMPONENT, path, "{").is_err());
    }
}
