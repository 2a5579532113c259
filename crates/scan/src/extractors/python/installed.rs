//! What is installed: `METADATA` of wheels, and `PKG-INFO` of eggs (packaging.python.org, core metadata).

use crate::{
    Error, Extractor, Found, Input, Kind, Package, Pattern, Setting,
    extractors::zip::{self, Budget},
    text::stanzas::Stanza,
};

/// Installed packages.
pub(in super::super) const INSTALLED: Extractor = Extractor {
    name: "python-package",
    about: "installed packages of Python",
    setting: Setting::Installed,
    files: &[Pattern::Name("METADATA"), Pattern::Name("PKG-INFO"), Pattern::Suffix(".egg-info")],
    extract: installed,
};

/// Files of packages: of wheels (PEP 376, "RECORD"), and as pip wrote it for eggs.
pub(in super::super) const FILES: Extractor = Extractor {
    name: "python-files",
    about: "files of installed packages of Python",
    setting: Setting::Files,
    files: &[Pattern::Name("RECORD"), Pattern::Name("installed-files.txt")],
    extract: files,
};

/// Eggs that were not unpacked.
pub(in super::super) const EGG: Extractor = Extractor {
    name: "python-egg",
    about: "packages of Python in archives",
    setting: Setting::Installed,
    files: &[Pattern::Suffix(".egg")],
    extract: egg,
};

/// Metadata is read as far as this; what is behind is a description.
const LONGEST_METADATA_BYTES: u64 = 1 << 20;

fn installed(input: &mut Input<'_>, found: &mut Found) -> Result<(), Error> {
    let folder = input.folder(0);
    let is_installed = match input.entry.name() {
        b"METADATA" => folder.ends_with(".dist-info"),
        b"PKG-INFO" => folder.ends_with(".egg-info") || folder == "EGG-INFO",
        _ => true,
    };
    if !is_installed {
        return Ok(());
    }
    found.packages.push(package(&Stanza::first(input)?)?);
    Ok(())
}

/// Most files of one package.
const MOST_FILES: usize = 100_000;

/// Names from the folder of the wheel's metadata's folder, or from that of an egg itself.
fn files(input: &mut Input<'_>, found: &mut Found) -> Result<(), Error> {
    let (is_record, own) = (input.entry.name() == b"RECORD", input.folder(0));
    let is_of_package =
        if is_record { own.ends_with(".dist-info") } else { own.ends_with(".egg-info") };
    if !is_of_package {
        return Ok(());
    }
    let path = input.path();
    let above = if is_record { 2 } else { 1 };
    let base: Vec<&str> = path.rsplitn(above + 1, '/').collect();
    let base = base.get(above).copied().unwrap_or_default().to_owned();
    input.lines(|line, text| {
        if line > MOST_FILES {
            return Err(Error::Limit {
                what: "the list of files",
                limit: MOST_FILES as u64,
                unit: "lines",
            });
        }
        // Names with commas are in quotes (PEP 376).
        let name = match text.strip_prefix('"') {
            Some(rest) if is_record => rest.split('"').next(),
            _ if is_record => text.split(',').next(),
            _ => Some(text),
        };
        let name = name.unwrap_or_default();
        if !name.is_empty() {
            found.files.push(joined(&base, name).into_bytes());
        }
        Ok(())
    })
}

/// A name, from a folder that it may lead out of.
fn joined(base: &str, name: &str) -> String {
    let mut parts: Vec<&str> =
        if name.starts_with('/') { Vec::new() } else { base.split('/').collect() };
    for part in name.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.retain(|part| !part.is_empty());
    parts.join("/")
}

/// An egg that was installed as the archive that it is.
fn egg(input: &mut Input<'_>, found: &mut Found) -> Result<(), Error> {
    let mut archive = zip::open(input.content())?;
    let (entries, whole) = archive.entries(|name| (name == b"EGG-INFO/PKG-INFO").then_some(()));
    // Eggs are archives of other tools, too.
    let Some(entry) = entries.first() else { return whole };
    let text = Budget::default().text(&archive, entry, LONGEST_METADATA_BYTES)?;
    found.packages.push(package(&Stanza::of(&text)?)?);
    Ok(())
}

fn package(fields: &Stanza) -> Result<Package, Error> {
    let (Some(name), Some(version)) = (fields.get("Name"), fields.get("Version")) else {
        return Err(Error::malformed(
            "metadata of a Python package",
            "it has no name or no version",
        ));
    };
    let mut package = Package::new(Kind::Pypi, name, version);
    package.licences = licences(fields);
    Ok(package)
}

/// An SPDX expression; before there were those, classifiers, or a text that may be all of the licence.
fn licences(fields: &Stanza) -> Vec<String> {
    if let Some(expression) = fields.get("License-Expression").filter(|it| !it.is_empty()) {
        return vec![expression.to_owned()];
    }
    let classifiers = fields.all("Classifier").filter_map(|it| it.strip_prefix("License :: "));
    let names = classifiers.filter_map(|it| it.rsplit(" :: ").next());
    let names: Vec<String> = names.filter(|it| *it != "OSI Approved").map(str::to_owned).collect();
    if !names.is_empty() {
        return names;
    }
    let text = fields.get("License").filter(|text| !text.is_empty() && !text.contains('\n'));
    text.filter(|text| *text != "UNKNOWN").map(str::to_owned).into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extractors::{found, listed, zip::testing::zip};

    const PATH: &str = "usr/lib/python3/dist-packages/a-1.dist-info/METADATA";

    #[test]
    fn installed_packages_are_known_by_their_folders() {
        let text = "Metadata-Version: 2.1\nName: Flask_X\nVersion: 1.0\n\nName: no\nVersion: 2\n";
        for (path, expected) in [
            (PATH, &["Flask_X 1.0"][..]),
            ("lib/a.egg-info/PKG-INFO", &["Flask_X 1.0"]),
            ("lib/a.egg/EGG-INFO/PKG-INFO", &["Flask_X 1.0"]),
            ("lib/a-1.0.egg-info", &["Flask_X 1.0"]),
            ("srv/METADATA", &[]),
            ("srv/a-1.0/PKG-INFO", &[]),
        ] {
            assert_eq!(listed(&INSTALLED, path, text), expected, "{path}");
        }
        let error = found(&INSTALLED, PATH, "Name: a\n").unwrap_err();
        assert_eq!(
            error.to_string(),
            "is no metadata of a Python package: it has no name or no version"
        );
    }

    #[test]
    fn files_of_packages_are_listed_from_the_root_of_the_tree() {
        let record = "a/b.py,sha256=x,12\n\"a/c,d.py\",,\n../../../bin/a,,\n/etc/a,,\na-1.dist-info/RECORD,,\n";
        let path = "usr/lib/python3/site/a-1.dist-info/RECORD";
        let listed: Vec<String> = found(&FILES, path, record)
            .unwrap()
            .files
            .into_iter()
            .map(|it| String::from_utf8(it).unwrap())
            .collect();
        assert_eq!(
            listed,
            [
                "usr/lib/python3/site/a/b.py",
                "usr/lib/python3/site/a/c,d.py",
                "usr/bin/a",
                "etc/a",
                "usr/lib/python3/site/a-1.dist-info/RECORD"
            ]
        );
        let path = "lib/a.egg-info/installed-files.txt";
        assert_eq!(
            found(&FILES, path, "../a/b.py\nPKG-INFO\n").unwrap().files,
            [&b"lib/a/b.py"[..], b"lib/a.egg-info/PKG-INFO"]
        );
        assert!(found(&FILES, "srv/RECORD", record).unwrap().is_empty());
    }

    #[test]
    fn licences_are_read_in_all_their_forms() {
        for (told, expected) in [
            ("License-Expression: MIT\nLicense: x", &["MIT"][..]),
            (
                "Classifier: License :: OSI Approved :: MIT License\nClassifier: License :: OSI Approved\nClassifier: Topic :: X\nLicense: x",
                &["MIT License"],
            ),
            ("License: BSD", &["BSD"]),
            ("License: UNKNOWN", &[]),
            ("License: All of\n it", &[]),
        ] {
            let text = format!("Name: a\nVersion: 1\n{told}\n");
            assert_eq!(
                found(&INSTALLED, PATH, text).unwrap().packages[0].licences,
                expected,
                "{told}"
            );
        }
    }

    #[test]
    fn eggs_that_were_not_unpacked_say_what_they_are() {
        let text = &b"Name: a\nVersion: 1\nLicense: BSD\n\nIt is\nName: b"[..];
        let path = "lib/a-1-py3.egg";
        let egg = zip(&[("a/__init__.py", b""), ("EGG-INFO/PKG-INFO", text)]);
        let packages = found(&EGG, path, &egg).unwrap().packages;
        assert_eq!(
            (&packages[0].name[..], &packages[0].licences[..]),
            ("a", &["BSD".to_owned()][..])
        );
        assert_eq!(listed(&EGG, path, zip(&[("a/EGG-INFO/PKG-INFO", text)])), Vec::<String>::new());
        for (bytes, expected) in [
            (&b"no archive"[..], "is no ZIP archive: Missing end of central directory"),
            (
                &zip(&[("EGG-INFO/PKG-INFO", b"Name: a")]),
                "is no metadata of a Python package: it has no name or no version",
            ),
        ] {
            assert_eq!(found(&EGG, path, bytes).unwrap_err().to_string(), expected);
        }
        for end in 0..egg.len() {
            let _ = found(&EGG, path, &egg[..end]);
        }
    }
}
