//! The distribution, and the version of its last update.

use crate::{Distro, Error, Extractor, Found, Input, Pattern, Setting};

/// `os-release`.
pub(super) const OS_RELEASE: Extractor = Extractor {
    name: "os-release",
    about: "the distribution (os-release(5))",
    setting: Setting::System,
    files: &[Pattern::Path("etc/os-release"), Pattern::Path("usr/lib/os-release")],
    extract: |input, found| {
        found.distro = Distro::parse(&input.text()?);
        Ok(())
    },
};

/// Files that have nothing but a version.
pub(super) const VERSION: Extractor = Extractor {
    name: "release",
    about: "the version of a distribution's last update",
    setting: Setting::System,
    files: &[Pattern::Path("etc/debian_version"), Pattern::Path("etc/alpine-release")],
    extract: version,
};

fn version(input: &mut Input<'_>, found: &mut Found) -> Result<(), Error> {
    let text = input.text()?;
    let version = text.lines().next().unwrap_or_default().trim();
    // A release that is yet to come has a name here: trixie/sid.
    if version.starts_with(|first: char| first.is_ascii_digit()) {
        let exact_version = Some(version.to_owned());
        found.distro = Some(Distro { exact_version, ..Distro::default() });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extractors::found;

    #[test]
    fn versions_are_read_where_they_are_numbers() {
        for (text, expected) in [("12.4\n", Some("12.4")), ("trixie/sid\n", None), ("", None)] {
            let distro = found(&VERSION, "etc/debian_version", text).unwrap().distro;
            assert_eq!(distro.and_then(|it| it.exact_version).as_deref(), expected);
        }
    }
}
