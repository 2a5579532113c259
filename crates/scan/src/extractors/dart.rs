//! `pubspec.lock` of Dart (dart.dev/tools/pub).

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::{Error, Extractor, Found, Input, Kind, Package, Pattern, Setting, text::formats::yaml};

/// Lock files.
pub(super) const LOCK: Extractor = Extractor {
    name: "pub-lock",
    about: "lock files of Dart's pub",
    setting: Setting::Declared,
    files: &[Pattern::Name("pubspec.lock")],
    extract: lock,
};

#[derive(Deserialize, Default)]
#[serde(default)]
struct Lock {
    packages: Option<BTreeMap<String, Entry>>,
}

/// `direct dev` says who asked for it, not that nobody else needs it.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Entry {
    version: String,
}

fn lock(input: &mut Input<'_>, found: &mut Found) -> Result<(), Error> {
    let lock: Lock = yaml(input)?;
    for (name, entry) in lock.packages.into_iter().flatten() {
        found.packages.push(Package::new(Kind::Pub, name, entry.version));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extractors::{listed, survives};

    const LOCKED: &str = "\
packages:
  crypto:
    dependency: transitive
    description:
      name: crypto
      url: \"https://pub.dartlang.org\"
    source: hosted
    version: \"3.0.2\"
  flutter_test:
    dependency: \"direct dev\"
    description: flutter
    source: sdk
    version: \"0.0.0\"
  plain:
    version: 1.10
sdks:
  dart: \">=2.18.0 <3.0.0\"
";

    #[test]
    fn packages_are_listed() {
        assert_eq!(
            listed(&LOCK, "pubspec.lock", LOCKED),
            ["crypto 3.0.2", "flutter_test 0.0.0", "plain 1.10"]
        );
        survives(&LOCK, "pubspec.lock", LOCKED);
    }
}
