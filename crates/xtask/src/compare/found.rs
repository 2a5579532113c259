//! What a tool found: package URLs, without what the tools say differently of one package.

use std::collections::BTreeSet;

use serde_json::Value;

/// Names of packages with versions, as package URLs without qualifiers.
pub(super) type Found = BTreeSet<String>;

/// What stands in the list of this name: entries with a `purl`.
pub(super) fn of(json: &[u8], list: &str) -> serde_json::Result<Found> {
    let said: Value = serde_json::from_slice(json)?;
    let entries = said.get(list).and_then(Value::as_array).into_iter().flatten();
    Ok(entries.filter_map(|entry| entry.get("purl")?.as_str()).map(plain).collect())
}

/// Without qualifiers, and with the escapes undone that some write and others do not.
fn plain(purl: &str) -> String {
    let purl = purl.split_once(['?', '#']).map_or(purl, |(purl, _)| purl);
    ["%2B+", "%3A:", "%40@", "%7E~"].iter().fold(purl.to_owned(), |purl, undo| {
        let (escape, sign) = undo.split_at(3);
        purl.replace(escape, sign)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_package_is_told_alike() {
        let json = br#"{"packages": [
            {"purl": "pkg:deb/debian/libstdc%2B%2B6@12.2.0-14?arch=amd64"},
            {"purl": "pkg:deb/debian/libstdc++6@12.2.0-14?distro=debian-12"},
            {"name": "none"}
        ]}"#;
        let found = of(json, "packages").expect("it is JSON");
        assert_eq!(found, BTreeSet::from(["pkg:deb/debian/libstdc++6@12.2.0-14".to_owned()]));
    }
}
