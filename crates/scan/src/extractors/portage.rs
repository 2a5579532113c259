//! Packages of Gentoo: a folder for each in Portage's database, by category, name and version (the
//! package manager specification).

use crate::{Error, Extractor, Found, Input, Kind, Package, Pattern, Setting};

/// Installed packages.
pub(super) const PACKAGE: Extractor = Extractor {
    name: "portage",
    about: "packages of Gentoo",
    setting: Setting::System,
    files: &[Pattern::Like("var/db/pkg/*/*/PF")],
    extract: package,
};

/// Files that belong to packages.
pub(super) const FILES: Extractor = Extractor {
    name: "portage-files",
    about: "files that belong to packages of Gentoo",
    setting: Setting::System,
    files: &[Pattern::Like("var/db/pkg/*/*/CONTENTS")],
    extract: files,
};

fn package(input: &mut Input<'_>, found: &mut Found) -> Result<(), Error> {
    let category = input.folder(1);
    let text = input.text()?;
    let (name, version) = parts(text.trim())
        .ok_or_else(|| Error::malformed("name of a package", "it has no version"))?;
    found.packages.push(Package::new(Kind::Portage, format!("{category}/{name}"), version));
    Ok(())
}

/// `name-version`, behind which `-r` and a number may stand.
fn parts(whole: &str) -> Option<(&str, &str)> {
    let is_revision =
        |part: &str| part.strip_prefix('r').is_some_and(|it| it.parse::<u64>().is_ok());
    let without = whole.rsplit_once('-').filter(|(_, last)| is_revision(last));
    let (name, _) = without.map_or(whole, |(rest, _)| rest).rsplit_once('-')?;
    let version = whole.get(name.len() + 1..)?;
    (!name.is_empty() && version.starts_with(|char: char| char.is_ascii_digit()))
        .then_some((name, version))
}

/// `obj NAME SUM TIME`, `sym NAME -> TARGET TIME`, `dir NAME`: names may have spaces in them.
fn files(input: &mut Input<'_>, found: &mut Found) -> Result<(), Error> {
    input.lines(|_, line| {
        let path = match line.split_once(' ') {
            Some(("obj", rest)) => rest.rsplitn(3, ' ').nth(2),
            Some(("sym", rest)) => rest.split(" -> ").next(),
            _ => None,
        };
        let path = path.unwrap_or_default().trim_start_matches('/');
        if !path.is_empty() {
            found.owned.push(path.as_bytes().to_vec());
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extractors::{found, listed};

    #[test]
    fn packages_are_listed_by_category_and_name() {
        for (text, expected) in [
            ("bash-5.1_p16-r6\n", "app-shells/bash 5.1_p16-r6"),
            ("gtk+-3.24", "app-shells/gtk+ 3.24"),
            ("libX11-1.8-r1", "app-shells/libX11 1.8-r1"),
            ("a-b-9999", "app-shells/a-b 9999"),
        ] {
            assert_eq!(listed(&PACKAGE, "var/db/pkg/app-shells/folder/PF", text), [expected]);
        }
        for text in ["", "bash", "-1", "bash-r1", "a-b"] {
            assert!(found(&PACKAGE, "var/db/pkg/a/b/PF", text).is_err(), "{text}");
        }
    }

    #[test]
    fn files_are_listed_without_folders() {
        let text =
            "dir /usr\nobj /usr/bin/a b 0123 1600000000\nsym /bin/sh -> bash 1600000000\nobj\n";
        assert_eq!(
            found(&FILES, "CONTENTS", text).unwrap().owned,
            [&b"usr/bin/a b"[..], b"bin/sh"]
        );
    }
}
