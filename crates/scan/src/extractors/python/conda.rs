//! Packages of conda: what is installed in an environment, and what one is made from (docs.conda.io).

use std::collections::BTreeMap;

use serde::{Deserialize, de::IgnoredAny};

use super::is_version;
use crate::{
    Error, Extractor, Found, Input, Kind, Package, Pattern, Setting,
    text::formats::{Loose, json, yaml},
};

/// Installed packages.
pub(in super::super) const INSTALLED: Extractor = Extractor {
    name: "conda",
    about: "installed packages of conda",
    setting: Setting::Installed,
    files: &[Pattern::Within("conda-meta", ".json")],
    extract: installed,
};

/// What environments are made from.
pub(in super::super) const ENVIRONMENT: Extractor = Extractor {
    name: "conda-environment",
    about: "environments of conda",
    setting: Setting::Declared,
    files: &[Pattern::Name("environment.yml"), Pattern::Name("environment.yaml")],
    extract: environment,
};

#[derive(Deserialize)]
struct Meta {
    name: String,
    version: String,
    #[serde(default)]
    license: Loose<String>,
}

fn installed(input: &mut Input<'_>, found: &mut Found) -> Result<(), Error> {
    let meta: Meta = json(input)?;
    let mut package = Package::new(Kind::Conda, meta.name, meta.version);
    package.licences.extend(Some(meta.license.0).filter(|licence| !licence.is_empty()));
    found.packages.push(package);
    Ok(())
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Environment {
    dependencies: Dependencies,
}

/// Other programs have files of the same name.
#[derive(Deserialize)]
#[serde(untagged)]
enum Dependencies {
    Of(Vec<Asked>),
    Else(IgnoredAny),
}

impl Default for Dependencies {
    fn default() -> Self {
        Self::Of(Vec::new())
    }
}

/// A package, or those that pip is to install.
#[derive(Deserialize)]
#[serde(untagged)]
enum Asked {
    One(String),
    Others(BTreeMap<String, Option<Vec<String>>>),
    Else(IgnoredAny),
}

fn environment(input: &mut Input<'_>, found: &mut Found) -> Result<(), Error> {
    let environment: Environment = yaml(input)?;
    let Dependencies::Of(asked) = environment.dependencies else { return Ok(()) };
    for asked in asked {
        match asked {
            Asked::One(asked) => found.packages.extend(package(Kind::Conda, &asked)),
            Asked::Others(others) => {
                let others = others.values().flatten().flatten();
                found.packages.extend(others.filter_map(|asked| package(Kind::Pypi, asked)));
            }
            Asked::Else(_) => {}
        }
    }
    Ok(())
}

/// `channel::name=version=build`; without a version where the request leaves it open.
fn package(kind: Kind, asked: &str) -> Option<Package> {
    let asked = asked.rsplit_once("::").map_or(asked, |(_, asked)| asked).trim();
    let end = asked.find(|it: char| !it.is_ascii_alphanumeric() && !"._-".contains(it));
    let (name, rest) = asked.split_at(end.unwrap_or(asked.len()));
    let rest = rest.trim_start();
    let exact = rest.starts_with(['=', ' ']) || rest.starts_with(|it: char| it.is_ascii_digit());
    let version = rest.trim_start_matches(['=', ' ']).split(['=', ' ']).next().unwrap_or_default();
    let version = if exact && is_version(version) { version } else { "" };
    (!name.is_empty() && !name.starts_with('-')).then(|| Package::new(kind, name, version))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extractors::{found, listed, survives};

    const ENV: &str = "\
name: example
channels: [conda-forge]
dependencies:
  - asgiref=3.8.1=pyhd8ed1ab_0
  - bzip2==1.0.8
  - conda-forge::ca-certificates 2024.2
  - python>=3.8
  - numpy=1.*
  - blas
  - pip:
      - click==8.1.7
      - flask[async]
  - 7
prefix: /opt/conda
";

    #[test]
    fn environments_are_read() {
        let expected = [
            "asgiref 3.8.1",
            "bzip2 1.0.8",
            "ca-certificates 2024.2",
            "python ",
            "numpy ",
            "blas ",
            "click 8.1.7",
            "flask ",
        ];
        assert_eq!(listed(&ENVIRONMENT, "environment.yml", ENV), expected);
        let packages = found(&ENVIRONMENT, "environment.yml", ENV).unwrap().packages;
        let kinds: Vec<Kind> = packages.iter().map(|package| package.kind).collect();
        assert_eq!(kinds, [[Kind::Conda; 6].as_slice(), &[Kind::Pypi; 2]].concat());
        assert!(listed(&ENVIRONMENT, "environment.yml", "dependencies: {a: 1}\n").is_empty());
        survives(&ENVIRONMENT, "environment.yml", ENV);
    }

    #[test]
    fn installed_packages_are_read() {
        let text =
            r#"{"name": "zlib", "version": "1.2.13", "build": "h5eee18b_0", "license": "Zlib"}"#;
        let packages = found(&INSTALLED, "opt/conda/conda-meta/zlib.json", text).unwrap().packages;
        assert_eq!(
            (packages[0].name.as_str(), &packages[0].licences[..]),
            ("zlib", &["Zlib".to_owned()][..])
        );
        found(&INSTALLED, "opt/conda/conda-meta/x.json", "{}").unwrap_err();
    }
}
