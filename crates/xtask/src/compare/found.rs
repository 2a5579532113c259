//! What a tool found: package URLs, without what the tools say differently of one package.

use std::{collections::BTreeSet, io::Read};

use serde::Deserialize;

/// Names of packages with versions, as package URLs without qualifiers.
pub(super) type Found = BTreeSet<String>;

/// What all tools write is an object with a list. Nothing else of it is kept: what this process has in
/// memory counts for those that it starts.
#[derive(Deserialize)]
struct Said {
    #[serde(alias = "components", alias = "artifacts")]
    packages: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    #[serde(default)]
    purl: String,
}

/// What a tool wrote that it found.
pub(super) fn of(json: impl Read) -> serde_json::Result<Found> {
    let said: Said = serde_json::from_reader(json)?;
    let urls = said.packages.iter().map(|entry| &*entry.purl).filter(|purl| !purl.is_empty());
    Ok(urls.map(plain).collect())
}

/// Without qualifiers, with the escapes undone that some write and others do not, and without the epoch,
/// which some have among the qualifiers.
fn plain(purl: &str) -> String {
    let purl = purl.split_once(['?', '#']).map_or(purl, |(purl, _)| purl);
    let purl = ["%2B+", "%3A:", "%40@", "%7E~"].iter().fold(purl.to_owned(), |purl, undo| {
        let (escape, sign) = undo.split_at(3);
        purl.replace(escape, sign)
    });
    let Some((name, version)) = purl.rsplit_once('@') else { return purl };
    match version.split_once(':') {
        Some((epoch, rest)) if epoch.bytes().all(|byte| byte.is_ascii_digit()) => {
            format!("{name}@{rest}")
        }
        _ => purl,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_package_is_told_alike() {
        let json = br#"{"packages": [
            {"purl": "pkg:deb/debian/libstdc%2B%2B6@12.2.0-14?arch=amd64"},
            {"purl": "pkg:deb/debian/libstdc++6@12.2.0-14?distro=debian-12"},
            {"purl": "pkg:deb/debian/libattr1@1%3A2.5.1-4"},
            {"purl": "pkg:deb/debian/libattr1@2.5.1-4?epoch=1"},
            {"name": "none"}
        ]}"#;
        let found = of(&json[..]).expect("it is JSON");
        let expected = ["pkg:deb/debian/libattr1@2.5.1-4", "pkg:deb/debian/libstdc++6@12.2.0-14"];
        assert_eq!(found, expected.map(str::to_owned).into());
    }
}
