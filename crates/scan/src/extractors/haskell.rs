//! Packages of Haskell: `stack.yaml.lock` and `cabal.project.freeze` (docs.haskellstack.org,
//! cabal.readthedocs.io).

use serde::Deserialize;

use crate::{Error, Extractor, Found, Input, Kind, Package, Pattern, Setting, text::formats::yaml};

/// Lock files of Stack.
pub(super) const STACK: Extractor = Extractor {
    name: "stack-lock",
    about: "lock files of Haskell's Stack",
    setting: Setting::Declared,
    files: &[Pattern::Name("stack.yaml.lock")],
    extract: stack,
};

/// Frozen versions of Cabal.
pub(super) const CABAL: Extractor = Extractor {
    name: "cabal-freeze",
    about: "frozen versions of Haskell's Cabal",
    setting: Setting::Declared,
    files: &[Pattern::Name("cabal.project.freeze")],
    extract: cabal,
};

#[derive(Deserialize, Default)]
#[serde(default)]
struct Lock {
    packages: Option<Vec<Entry>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Entry {
    completed: Completed,
}

/// A package of Hackage, or one with a name that comes from elsewhere.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Completed {
    /// `name-version@sha256:digest,size`.
    hackage: Option<String>,
    name: Option<String>,
    version: Option<String>,
}

fn stack(input: &mut Input<'_>, found: &mut Found) -> Result<(), Error> {
    let lock: Lock = yaml(input)?;
    for Entry { completed } in lock.packages.into_iter().flatten() {
        let hackage = completed.hackage.as_deref().and_then(|it| it.split('@').next());
        let package = match (hackage.and_then(|it| it.rsplit_once('-')), completed.name) {
            (Some((name, version)), _) => Package::new(Kind::Hackage, name, version),
            (None, Some(name)) => {
                Package::new(Kind::Hackage, name, completed.version.unwrap_or_default())
            }
            (None, None) => continue,
        };
        found.packages.push(package);
    }
    Ok(())
}

/// `constraints: any.name ==version, name +flag, …`.
fn cabal(input: &mut Input<'_>, found: &mut Found) -> Result<(), Error> {
    let text = input.text()?;
    for part in text.split([',', '\n']) {
        let part = part.trim();
        let part = part.strip_prefix("constraints:").unwrap_or(part).trim();
        let Some((name, version)) = part.split_once("==") else { continue };
        let name = name.trim();
        let name = name.strip_prefix("any.").unwrap_or(name);
        let version = version.trim();
        let is_version = version.chars().all(|it| it.is_ascii_digit() || it == '.');
        let is_name = name.chars().all(|it| it.is_ascii_alphanumeric() || it == '-');
        if is_version && is_name && !version.is_empty() && !name.is_empty() {
            found.packages.push(Package::new(Kind::Hackage, name, version));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extractors::{listed, survives};

    const LOCKED: &str = "\
packages:
- completed:
    hackage: fuzzyset-0.2.4@sha256:f1b6de8bf33277bf6255207541d65028f1f1ea93af5541b654c86b5674995485,1618
    pantry-tree:
      size: 574
  original:
    hackage: fuzzyset-0.2.4
- completed:
    name: own-lib
    version: 0.1.0
    git: https://example.org/own.git
snapshots:
- original: lts-20.4
";

    const FROZEN: &str = "\
active-repositories: hackage.haskell.org:merge
constraints: any.Cabal ==3.8.1.0,
             any.HTTP ==4000.4.1,
             HTTP -conduit10 -mtl1 +network-uri,
             any.aeson-pretty ==0.8.9
index-state: hackage.haskell.org 2023-03-01T00:00:00Z
";

    #[test]
    fn packages_are_listed() {
        assert_eq!(listed(&STACK, "stack.yaml.lock", LOCKED), ["fuzzyset 0.2.4", "own-lib 0.1.0"]);
        let frozen = ["Cabal 3.8.1.0", "HTTP 4000.4.1", "aeson-pretty 0.8.9"];
        assert_eq!(listed(&CABAL, "cabal.project.freeze", FROZEN), frozen);
        survives(&STACK, "stack.yaml.lock", LOCKED);
        survives(&CABAL, "cabal.project.freeze", FROZEN);
    }
}
