//! Packages of Debian and its descendants (deb822(5), dpkg-query(1)).
//!
//! `status` has all of them; images without a package manager have a file for each in `status.d`.

use crate::{
    Error, Extractor, Found, Input, Kind, Package, Pattern, Setting, Source, text::stanzas::Stanza,
};

const INFO: &str = "var/lib/dpkg/info";
const STATUS_D: &str = "var/lib/dpkg/status.d";
/// What dpkg itself runs of a package (deb-postinst(5) and its like); they are in no list.
const SCRIPTS: [&str; 5] = ["config", "postinst", "postrm", "preinst", "prerm"];

/// Installed packages.
pub(super) const STATUS: Extractor = Extractor {
    name: "dpkg",
    about: "packages of Debian and its descendants",
    setting: Setting::System,
    files: &[Pattern::Path("var/lib/dpkg/status"), Pattern::In(STATUS_D, "")],
    extract: status,
};

/// Files that belong to packages.
pub(super) const FILES: Extractor = Extractor {
    name: "dpkg-files",
    about: "files that belong to packages of Debian and its descendants",
    setting: Setting::System,
    files: &[Pattern::In(INFO, ".list"), Pattern::In(STATUS_D, ".md5sums")],
    extract: files,
};

/// Licences.
pub(super) const COPYRIGHT: Extractor = Extractor {
    name: "dpkg-copyright",
    about: "licences of packages of Debian and its descendants",
    setting: Setting::System,
    files: &[Pattern::PathEnd("/copyright")],
    extract: copyright,
};

fn status(input: &mut Input<'_>, found: &mut Found) -> Result<(), Error> {
    if input.entry.name().ends_with(b".md5sums") {
        return Ok(());
    }
    Stanza::each(input, |line, stanza| {
        if !is_installed(stanza.get("Status")) {
            return Ok(());
        }
        let (Some(name), Some(version)) = (stanza.get("Package"), stanza.get("Version")) else {
            let why = "a package lacks its name or version".to_owned();
            return Err(Error::Line { line, why });
        };
        let mut package = Package::new(Kind::Deb, name, version);
        package.architecture = stanza.get("Architecture").unwrap_or_default().to_owned();
        package.source = Some(source(stanza.get("Source"), name, version));
        found.packages.push(package);
        Ok(())
    })
}

/// Whether files of a package are there: the third word is its state (dpkg-query(1)).
fn is_installed(status: Option<&str>) -> bool {
    let Some(status) = status else { return true };
    !matches!(status.split_ascii_whitespace().last(), Some("not-installed" | "config-files") | None)
}

/// `name`, or `name (version)`; a package that is built from one of its own name does not tell it.
fn source(told: Option<&str>, name: &str, version: &str) -> Source {
    let told = told.unwrap_or(name);
    let (name, other) = match told.split_once('(') {
        Some((name, version)) => (name.trim(), version.trim_end_matches(')').trim()),
        None => (told.trim(), version),
    };
    Source { name: name.to_owned(), version: other.to_owned() }
}

fn files(input: &mut Input<'_>, found: &mut Found) -> Result<(), Error> {
    let has_sums = input.entry.name().ends_with(b".md5sums");
    if let Some(package) = input.entry.path.strip_suffix(b".list") {
        found.owned.extend(SCRIPTS.map(|script| [package, b".", script.as_bytes()].concat()));
    }
    input.lines(|_, line| {
        let path = if has_sums { line.split_once("  ").map_or("", |(_, path)| path) } else { line };
        let path = path.trim_start_matches("./").trim_start_matches('/');
        if !path.is_empty() {
            found.owned.push(path.as_bytes().to_vec());
        }
        Ok(())
    })
}

/// Machine-readable ones (DEP 5) have a field for each licence, before its text; others tell of texts
/// that the distribution keeps once for all.
fn copyright(input: &mut Input<'_>, found: &mut Found) -> Result<(), Error> {
    if input.folder(1) != "doc" {
        return Ok(());
    }
    let name = input.folder(0);
    let mut licences = Vec::new();
    input.lines(|_, line| {
        if let Some(licence) = line.strip_prefix("License:") {
            add(licence.trim(), &mut licences);
        } else if let Some((_, common)) = line.split_once("/usr/share/common-licenses/") {
            let is_part = |char: char| char.is_ascii_alphanumeric() || "-.+".contains(char);
            let end = common.find(|char| !is_part(char)).unwrap_or(common.len());
            add(common.get(..end).unwrap_or_default().trim_end_matches('.'), &mut licences);
        }
        Ok(())
    })?;
    if !licences.is_empty() {
        found.licences.push((name, licences));
    }
    Ok(())
}

fn add(licence: &str, licences: &mut Vec<String>) {
    if !licence.is_empty() && !licences.iter().any(|known| known == licence) {
        licences.push(licence.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extractors::{found, listed};

    const LIST: &str = "\
Package: libc6
Status: install ok installed
Architecture: amd64
Source: glibc
Version: 2.36-9+deb12u4
Description: GNU C Library: Shared libraries
 Package: not-one

Package: gone
Status: deinstall ok config-files
Version: 1

Package: half
Status: install reinstreq half-configured
Version: 2
Source: whole (1:3-1)

Package: plain
Version: 4
";

    #[test]
    fn installed_packages_are_listed_with_their_sources() {
        let expected = [
            "libc6 2.36-9+deb12u4 of glibc 2.36-9+deb12u4",
            "half 2 of whole 1:3-1",
            "plain 4 of plain 4",
        ];
        assert_eq!(listed(&STATUS, "var/lib/dpkg/status", LIST), expected);
    }

    #[test]
    fn a_package_without_version_is_told_with_its_place() {
        let text = "Package: a\nVersion: 1\n\nPackage: b\nStatus: install ok installed\n";
        let error = found(&STATUS, "var/lib/dpkg/status", text).unwrap_err();
        assert_eq!(error.to_string(), "line 4: a package lacks its name or version");
    }

    #[test]
    fn files_of_packages_are_listed() {
        let lists = found(&FILES, "var/lib/dpkg/info/a.list", "/.\n/usr\n/usr/bin/a\n").unwrap();
        assert!(lists.owned.ends_with(&[b".".to_vec(), b"usr".to_vec(), b"usr/bin/a".to_vec()]));
        assert!(lists.owned.contains(&b"var/lib/dpkg/info/a.postinst".to_vec()));
        let sums = "d41d8cd98f00b204e9800998ecf8427e  usr/bin/a\n";
        let sums = found(&FILES, "var/lib/dpkg/status.d/a.md5sums", sums).unwrap();
        assert_eq!(sums.owned, [b"usr/bin/a"]);
    }

    #[test]
    fn licences_are_found_in_both_forms() {
        for (text, expected) in [
            (
                "Files: *\nLicense: GPL-2+\n text\n\nLicense: MIT\n\nLicense: GPL-2+\n",
                &["GPL-2+", "MIT"][..],
            ),
            ("see `/usr/share/common-licenses/LGPL-2.1'.\n", &["LGPL-2.1"]),
            ("in /usr/share/common-licenses/GPL-3.\n", &["GPL-3"]),
        ] {
            let licences = found(&COPYRIGHT, "usr/share/doc/a/copyright", text).unwrap().licences;
            assert_eq!(licences.len(), 1, "{text}");
            assert_eq!(
                (licences[0].0.as_str(), &licences[0].1[..]),
                ("a", &expected.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>()[..])
            );
        }
        assert!(found(&COPYRIGHT, "srv/a/copyright", "License: MIT\n").unwrap().is_empty());
    }
}
