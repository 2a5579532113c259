//! Applications and runtimes of Flatpak, as they are deployed in `app/ID/ARCH/BRANCH/COMMIT` and
//! `runtime/ID/ARCH/BRANCH/COMMIT`.
//!
//! An application's version is that of the last release that its description for people tells (AppStream's
//! metainfo); a runtime's is its branch.

use crate::{Error, Extractor, Found, Input, Kind, Package, Pattern, Setting, text::xml::Element};

/// Applications.
pub(super) const APPLICATION: Extractor = Extractor {
    name: "flatpak",
    about: "applications of Flatpak",
    setting: Setting::Installed,
    files: &[
        Pattern::Like("**/flatpak/app/*/*/*/*/files/share/metainfo/*.xml"),
        Pattern::Like("**/flatpak/app/*/*/*/*/files/share/appdata/*.xml"),
    ],
    extract: application,
};

/// Runtimes.
pub(super) const RUNTIME: Extractor = Extractor {
    name: "flatpak-runtime",
    about: "runtimes of Flatpak",
    setting: Setting::Installed,
    files: &[Pattern::Like("**/flatpak/runtime/*/*/*/*/metadata")],
    extract: runtime,
};

fn application(input: &mut Input<'_>, found: &mut Found) -> Result<(), Error> {
    let (id, architecture) = (input.folder(6), input.folder(5));
    // There are descriptions of add-ons beside it.
    if !input.entry.name().starts_with(format!("{id}.").as_bytes()) {
        return Ok(());
    }
    let root = Element::parse(&input.text()?)?;
    let releases = root.child("releases");
    let last = releases.and_then(|releases| releases.child("release"));
    let version = last.and_then(|release| release.attribute("version")).unwrap_or_default();
    let mut package = Package::new(Kind::Flatpak, id, version);
    package.architecture = architecture;
    let licence = root.text_of("project_license");
    package.licences.extend(Some(licence.to_owned()).filter(|licence| !licence.is_empty()));
    found.packages.push(package);
    Ok(())
}

fn runtime(input: &mut Input<'_>, found: &mut Found) -> Result<(), Error> {
    let mut package = Package::new(Kind::Flatpak, input.folder(3), input.folder(1));
    package.architecture = input.folder(2);
    found.packages.push(package);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extractors::listed;

    #[test]
    fn applications_have_the_versions_of_their_last_releases() {
        let folder = "var/lib/flatpak/app/org.gimp.GIMP/x86_64/stable/0123/files/share/metainfo";
        let text = "<component><id>org.gimp.GIMP</id><project_license>GPL-3.0+</project_license>
            <releases><release version=\"2.10.34\" date=\"2023-02-27\"/><release version=\"2.10.32\"/></releases></component>";
        for (file, expected) in [
            ("org.gimp.GIMP.metainfo.xml", &["org.gimp.GIMP 2.10.34"][..]),
            ("org.gimp.GIMP.appdata.xml", &["org.gimp.GIMP 2.10.34"]),
            ("org.other.metainfo.xml", &[]),
        ] {
            assert_eq!(listed(&APPLICATION, &format!("{folder}/{file}"), text), expected);
        }
    }

    #[test]
    fn runtimes_have_the_versions_of_their_branches() {
        let path = "var/lib/flatpak/runtime/org.freedesktop.Platform/x86_64/22.08/0123/metadata";
        assert_eq!(listed(&RUNTIME, path, "[Runtime]\n"), ["org.freedesktop.Platform 22.08"]);
    }
}
