//! Packages of Arch and its like: a folder for each in the local database of pacman (libalpm's).

use crate::{Error, Extractor, Found, Input, Kind, Package, Pattern, Setting, Source};

/// Installed packages.
pub(super) const DESCRIPTION: Extractor = Extractor {
    name: "pacman",
    about: "packages of Arch and its like",
    setting: Setting::System,
    files: &[Pattern::Like("var/lib/pacman/local/*/desc")],
    extract: description,
};

/// Files that belong to packages.
pub(super) const FILES: Extractor = Extractor {
    name: "pacman-files",
    about: "files that belong to packages of Arch and its like",
    setting: Setting::System,
    files: &[Pattern::Like("var/lib/pacman/local/*/files")],
    extract: files,
};

/// Calls `take` with each line and the name above it: `%NAME%`.
fn values(input: &mut Input<'_>, mut take: impl FnMut(&str, &str)) -> Result<(), Error> {
    let mut name = String::new();
    input.lines(|_, line| {
        match line.strip_prefix('%').and_then(|line| line.strip_suffix('%')) {
            Some(next) => next.clone_into(&mut name),
            None if !line.is_empty() => take(&name, line),
            None => {}
        }
        Ok(())
    })
}

fn description(input: &mut Input<'_>, found: &mut Found) -> Result<(), Error> {
    let (mut package, mut base) = (Package::new(Kind::Alpm, "", ""), String::new());
    values(input, |name, value| match name {
        "NAME" => value.clone_into(&mut package.name),
        "BASE" => value.clone_into(&mut base),
        "VERSION" => value.clone_into(&mut package.version),
        "ARCH" => value.clone_into(&mut package.architecture),
        "LICENSE" => package.licences.push(value.to_owned()),
        _ => {}
    })?;
    if package.name.is_empty() || package.version.is_empty() {
        return Err(Error::malformed("description of a package", "it lacks its name or version"));
    }
    let name = if base.is_empty() { package.name.clone() } else { base };
    package.source = Some(Source { name, version: package.version.clone() });
    found.packages.push(package);
    Ok(())
}

fn files(input: &mut Input<'_>, found: &mut Found) -> Result<(), Error> {
    values(input, |name, value| {
        if name == "FILES" && !value.ends_with('/') {
            found.owned.push(value.as_bytes().to_vec());
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extractors::{found, listed};

    #[test]
    fn packages_are_listed_with_what_they_were_built_from() {
        let text = "%NAME%\ngcc-libs\n\n%VERSION%\n13.2.1-3\n\n%BASE%\ngcc\n\n%ARCH%\nx86_64\n\n%LICENSE%\nGPL-3.0\nLGPL\n\n%DEPENDS%\nglibc\n";
        let path = "var/lib/pacman/local/gcc-libs-13.2.1-3/desc";
        assert_eq!(listed(&DESCRIPTION, path, text), ["gcc-libs 13.2.1-3 of gcc 13.2.1-3"]);
        assert_eq!(
            found(&DESCRIPTION, path, text).unwrap().packages[0].licences,
            ["GPL-3.0", "LGPL"]
        );
        assert!(found(&DESCRIPTION, path, "%NAME%\na\n").is_err());
    }

    #[test]
    fn files_are_listed_without_folders() {
        let text = "%FILES%\nusr/\nusr/bin/a\n\n%BACKUP%\netc/a.conf\t0\n";
        assert_eq!(found(&FILES, "files", text).unwrap().owned, [b"usr/bin/a"]);
    }
}
