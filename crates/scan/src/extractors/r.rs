//! Packages of R: `renv.lock`, and `DESCRIPTION` of what is installed (rstudio.github.io/renv,
//! cran.r-project.org).

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::{
    Error, Extractor, Found, Input, Kind, Package, Pattern, Setting,
    text::{
        formats::{Loose, json},
        stanzas::Stanza,
    },
};

/// Lock files.
pub(super) const LOCK: Extractor = Extractor {
    name: "renv-lock",
    about: "lock files of R's renv",
    setting: Setting::Declared,
    files: &[Pattern::Name("renv.lock")],
    extract: lock,
};

/// Installed packages.
pub(super) const INSTALLED: Extractor = Extractor {
    name: "r-package",
    about: "installed packages of R",
    setting: Setting::Installed,
    files: &[Pattern::Name("DESCRIPTION")],
    extract: installed,
};

#[derive(Deserialize, Default)]
#[serde(default)]
struct Lock {
    #[serde(rename = "Packages")]
    packages: BTreeMap<String, Loose<Entry>>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
struct Entry {
    package: String,
    version: String,
}

fn lock(input: &mut Input<'_>, found: &mut Found) -> Result<(), Error> {
    let lock: Lock = json(input)?;
    for Loose(entry) in lock.packages.into_values().filter(|entry| !entry.package.is_empty()) {
        found.packages.push(Package::new(Kind::Cran, entry.package, entry.version));
    }
    Ok(())
}

fn installed(input: &mut Input<'_>, found: &mut Found) -> Result<(), Error> {
    let fields = Stanza::first(input)?;
    // Sources do not say when they were built.
    if let (Some(name), Some(version), Some(_)) =
        (fields.get("Package"), fields.get("Version"), fields.get("Built"))
    {
        let mut package = Package::new(Kind::Cran, name, version);
        package.licences.extend(fields.get("License").map(|licence| licence.replace('\n', " ")));
        found.packages.push(package);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extractors::{found, listed, survives};

    #[test]
    fn locked_packages_are_listed() {
        let text = r#"{"R": {"Version": "4.2.3"}, "Packages": {
            "markdown": {"Package": "markdown", "Version": "1.0", "Source": "Repository"}, "odd": 1}}"#;
        assert_eq!(listed(&LOCK, "renv.lock", text), ["markdown 1.0"]);
        survives(&LOCK, "renv.lock", text);
    }

    #[test]
    fn installed_packages_are_those_that_were_built() {
        let source = "Package: cli\nVersion: 3.6.1\nLicense: MIT +\n file LICENSE\n";
        assert!(listed(&INSTALLED, "src/cli/DESCRIPTION", source).is_empty());
        let built = format!("{source}Built: R 4.2.3; ; 2023-04-01 00:00:00 UTC; unix\n");
        let packages =
            found(&INSTALLED, "usr/lib/R/library/cli/DESCRIPTION", built).unwrap().packages;
        assert_eq!((packages[0].name.as_str(), packages[0].version.as_str()), ("cli", "3.6.1"));
        assert_eq!(packages[0].licences, ["MIT + file LICENSE"]);
    }
}
