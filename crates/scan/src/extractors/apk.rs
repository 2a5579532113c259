//! Packages of Alpine and its like: the installed database of apk-tools (apk-installed(5)).

use crate::{Error, Extractor, Found, Input, Kind, OwnedRange, Package, Pattern, Setting, Source};

/// Installed packages.
pub(super) const INSTALLED: Extractor = Extractor {
    name: "apk",
    about: "packages of Alpine and its like",
    setting: Setting::System,
    files: &[Pattern::Path("lib/apk/db/installed"), Pattern::Path("usr/lib/apk/db/installed")],
    extract: installed,
};

/// A package while its lines are read.
#[derive(Default)]
struct Reading {
    name: String,
    version: String,
    architecture: String,
    origin: Option<String>,
    licence: String,
    /// The folder that files are told of.
    folder: String,
    /// How many files there were before.
    first: usize,
}

fn installed(input: &mut Input<'_>, found: &mut Found) -> Result<(), Error> {
    let mut reading = Reading::default();
    let mut last = 0;
    input.lines(|line, text| {
        last = line;
        match text.split_once(':') {
            None if text.is_empty() => {
                std::mem::take(&mut reading).end(line, found)?;
                reading.first = found.owned.len();
            }
            Some(("P", value)) => value.clone_into(&mut reading.name),
            Some(("V", value)) => value.clone_into(&mut reading.version),
            Some(("A", value)) => value.clone_into(&mut reading.architecture),
            Some(("o", value)) => reading.origin = Some(value.to_owned()),
            Some(("L", value)) => value.clone_into(&mut reading.licence),
            Some(("F", value)) => value.clone_into(&mut reading.folder),
            Some(("R", value)) => {
                let slash = if reading.folder.is_empty() { "" } else { "/" };
                found.owned.push(format!("{}{slash}{value}", reading.folder).into_bytes());
            }
            _ => {}
        }
        Ok(())
    })?;
    reading.end(last, found)
}

impl Reading {
    fn end(self, line: usize, found: &mut Found) -> Result<(), Error> {
        if self.name.is_empty() && self.version.is_empty() {
            return Ok(());
        }
        if self.name.is_empty() || self.version.is_empty() {
            let why = "a package lacks its name or version".to_owned();
            return Err(Error::Line { line, why });
        }
        let version = self.version.clone();
        let mut package = Package::new(Kind::Apk, self.name, self.version);
        package.architecture = self.architecture;
        package.source = self.origin.map(|name| Source { name, version });
        if !self.licence.is_empty() {
            package.licences.push(self.licence);
        }
        let (package_at, owned) = (found.packages.len(), self.first..found.owned.len());
        found.packages.push(package);
        found.ranges.push(OwnedRange { package: package_at, owned, others: 0..0 });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extractors::{found, listed};

    const PATH: &str = "lib/apk/db/installed";
    const LIST: &str = "\
C:Q1/se1PjO94hYXbfpNR1/61hVORIc=
P:musl
V:1.1.22-r3
A:x86_64
o:musl
L:MIT
F:lib
R:libc.musl-x86_64.so.1
a:0:0:777
F:
R:top

P:.build-deps
V:0
";

    #[test]
    fn installed_packages_are_listed() {
        assert_eq!(
            listed(&INSTALLED, PATH, LIST),
            ["musl 1.1.22-r3 of musl 1.1.22-r3", ".build-deps 0"]
        );
        let found = found(&INSTALLED, PATH, LIST).unwrap();
        assert_eq!(found.owned, [&b"lib/libc.musl-x86_64.so.1"[..], b"top"]);
        assert_eq!(found.packages[0].licences, ["MIT"]);
    }

    #[test]
    fn a_package_without_version_is_told_with_its_place() {
        let error = found(&INSTALLED, PATH, "P:a\nV:1\n\nP:b\n\n").unwrap_err();
        assert_eq!(error.to_string(), "line 5: a package lacks its name or version");
    }
}
