//! Snaps: `meta/snap.yaml` (snapcraft's description of it), of one that is mounted or unpacked.

use crate::{Error, Extractor, Found, Input, Kind, Package, Pattern, Setting};

/// Snaps.
pub(super) const SNAP: Extractor = Extractor {
    name: "snap",
    about: "snaps",
    setting: Setting::Installed,
    files: &[Pattern::Like("**/meta/snap.yaml")],
    extract: snap,
};

fn snap(input: &mut Input<'_>, found: &mut Found) -> Result<(), Error> {
    let (mut name, mut version) = (None, None);
    input.lines(|_, line| {
        // What is further in belongs to programs of the snap.
        match line.split_once(':') {
            Some(("name", value)) => name = Some(scalar(value).to_owned()),
            Some(("version", value)) => version = Some(scalar(value).to_owned()),
            _ => {}
        }
        Ok(())
    })?;
    let (Some(name), Some(version)) = (name, version) else {
        return Err(Error::malformed("description of a snap", "it lacks its name or version"));
    };
    found.packages.push(Package::new(Kind::Snap, name, version));
    Ok(())
}

/// A text on one line, with or without quotes.
fn scalar(value: &str) -> &str {
    let value = value.trim();
    let quoted =
        ['\'', '"'].into_iter().find_map(|quote| value.strip_prefix(quote)?.split(quote).next());
    quoted.unwrap_or_else(|| value.split(" #").next().unwrap_or_default().trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extractors::{found, listed};

    #[test]
    fn names_and_versions_are_read_in_each_form() {
        for (version, expected) in [
            ("'2.61'", "core 2.61"),
            ("\"16-2.61\" # comment", "core 16-2.61"),
            ("1.0+git # comment", "core 1.0+git"),
        ] {
            let text = format!(
                "name: core\nversion: {version}\napps:\n  a:\n    version: 3\n    name: b\n"
            );
            assert_eq!(listed(&SNAP, "snap/core/1/meta/snap.yaml", text), [expected]);
        }
        assert!(found(&SNAP, "meta/snap.yaml", "name: a\n").is_err());
    }
}
