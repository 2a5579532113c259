//! `go.mod`, and `go.sum` beside it (go.dev/ref/mod). From Go 1.17 on `go.mod` has all that is needed;
//! before, what is needed through others stands in `go.sum` alone.

use std::collections::BTreeMap;

use crate::{Error, Extractor, Found, Input, Kind, Package, Pattern, Role, Setting};

/// Modules that a module asks for.
pub(super) const MOD: Extractor = Extractor {
    name: "go-mod",
    about: "modules of Go that a module asks for",
    setting: Setting::Declared,
    files: &[Pattern::Name("go.mod")],
    extract: module,
};

/// Checksums of modules.
pub(super) const SUM: Extractor = Extractor {
    name: "go-sum",
    about: "checksums of modules of Go",
    setting: Setting::Declared,
    files: &[Pattern::Name("go.sum")],
    extract: sum,
};

/// What `go.mod` says.
#[derive(Default)]
struct Module {
    name: String,
    /// Before Go 1.17, or without a version of Go.
    is_old: bool,
    /// Versions by the module, and whether it is needed through others alone.
    required: BTreeMap<String, (String, bool)>,
    replaced: Vec<Replaced>,
}

struct Replaced {
    old: String,
    /// Which version is replaced; empty for all.
    version: String,
    new: String,
    /// Empty for a folder.
    new_version: String,
}

fn module(input: &mut Input<'_>, found: &mut Found) -> Result<(), Error> {
    let mut module = Module { is_old: true, ..Module::default() };
    let mut block = String::new();
    input.lines(|_, line| {
        let (text, comment) = line.split_once("//").unwrap_or((line, ""));
        let text = text.trim();
        let is_indirect = comment.trim_start().starts_with("indirect");
        if let Some(name) = text.strip_suffix('(') {
            name.trim().clone_into(&mut block);
        } else if text == ")" {
            block.clear();
        } else if !block.is_empty() {
            module.directive(&block, text, is_indirect);
        } else if let Some((name, rest)) = text.split_once([' ', '\t']) {
            module.directive(name, rest, is_indirect);
        }
        Ok(())
    })?;
    module.put(found);
    Ok(())
}

impl Module {
    fn directive(&mut self, name: &str, text: &str, is_indirect: bool) {
        let words = text.split_ascii_whitespace().map(|word| word.trim_matches(['"', '`']));
        let words: Vec<&str> = words.collect();
        match (name, words.as_slice()) {
            ("module", [name]) => (*name).clone_into(&mut self.name),
            ("go", [version]) => self.is_old = is_before_117(version),
            ("require", [module, version]) => {
                self.required.insert((*module).to_owned(), ((*version).to_owned(), is_indirect));
            }
            ("replace", _) => self.replaced.extend(Replaced::parse(&words)),
            _ => {}
        }
    }

    fn put(mut self, found: &mut Found) {
        if self.is_old {
            self.required.retain(|_, (_, is_indirect)| !*is_indirect);
        }
        for replaced in &self.replaced {
            let is_meant = |(version, _): &&(String, bool)| {
                replaced.version.is_empty() || *version == replaced.version
            };
            let Some((_, is_indirect)) = self.required.get(&replaced.old).filter(is_meant) else {
                continue;
            };
            let new = (replaced.new_version.clone(), *is_indirect);
            self.required.remove(&replaced.old);
            if !replaced.new_version.is_empty() {
                self.required.insert(replaced.new.clone(), new);
            }
        }
        if !self.required.values().any(|(_, is_indirect)| *is_indirect) {
            found.role = Some(Role::Completed("go.sum"));
        }
        // The module itself has no version.
        let own = Some((self.name, String::new())).filter(|(name, _)| !name.is_empty());
        let required = self.required.into_iter().map(|(name, (version, _))| (name, version));
        let packages = own.into_iter().chain(required);
        found
            .packages
            .extend(packages.map(|(name, version)| Package::new(Kind::Golang, name, version)));
    }
}

impl Replaced {
    /// `old [version] => new [version]`.
    fn parse(words: &[&str]) -> Option<Self> {
        let at = words.iter().position(|word| *word == "=>")?;
        let word = |at: usize| words.get(at).copied().unwrap_or_default().to_owned();
        Some(Self {
            old: word(0),
            version: if at == 2 { word(1) } else { String::new() },
            new: word(at + 1),
            new_version: word(at + 2),
        })
    }
}

/// Whether a version of Go is below 1.17. Those with three numbers came later.
fn is_before_117(version: &str) -> bool {
    let Some((major, minor)) = version.split_once('.') else { return false };
    matches!((major.parse::<u32>(), minor.parse::<u32>()), (Ok(major), Ok(minor)) if major <= 1 && minor < 17)
}

fn sum(input: &mut Input<'_>, found: &mut Found) -> Result<(), Error> {
    let mut versions = BTreeMap::new();
    input.lines(|_, line| {
        let mut words = line.split_ascii_whitespace();
        if let (Some(name), Some(version)) = (words.next(), words.next()) {
            let version = version.strip_suffix("/go.mod").unwrap_or(version);
            versions.insert(name.to_owned(), version.to_owned());
        }
        Ok(())
    })?;
    // Of several versions the last is the highest, which is the one that is used.
    let packages =
        versions.into_iter().map(|(name, version)| Package::new(Kind::Golang, name, version));
    found.role = Some(Role::Aside(packages.collect()));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extractors::{joined, listed, survives};

    const NEW: &str = "\
module example.org/app // the module

go 1.21.3

toolchain go1.22.0

require (
\tgithub.com/a/b v1.2.3
\t\"example.org/quoted\" v0.1.0
\texample.org/local v0.0.0
)

require github.com/c/d v2.0.0+incompatible // indirect

replace example.org/local => ../local

replace (
\tgithub.com/a/b v1.2.3 => github.com/fork/b v1.2.4
\tgithub.com/c/d v1.0.0 => github.com/fork/d v1.0.1
\texample.org/other => example.org/other2 v1.0.0
)

exclude github.com/x/y v1.0.0
";

    #[test]
    fn modules_are_listed() {
        let expected = [
            "example.org/app ",
            "example.org/quoted v0.1.0",
            "github.com/c/d v2.0.0+incompatible",
            "github.com/fork/b v1.2.4",
        ];
        assert_eq!(listed(&MOD, "go.mod", NEW), expected);
        let other = "github.com/z/z v1.0.0 h1:x=\n";
        assert_eq!(joined(&[&MOD, &SUM], &[("go.mod", NEW), ("go.sum", other)]), expected);
        survives(&MOD, "go.mod", NEW);
    }

    #[test]
    fn before_go_1_17_sums_have_what_is_needed_through_others() {
        let old = "module m\ngo 1.15\nrequire a.org/a v1.0.0\nrequire b.org/b v1.0.0 // indirect\n";
        let sums = "\
a.org/a v0.9.0/go.mod h1:x=
a.org/a v1.0.0 h1:x=
b.org/b v1.0.0 h1:x=
b.org/b v1.1.0/go.mod h1:x=
odd
";
        let expected = ["a.org/a v1.0.0", "b.org/b v1.1.0", "m "];
        assert_eq!(joined(&[&MOD, &SUM], &[("x/go.mod", old), ("x/go.sum", sums)]), expected);
        assert_eq!(
            joined(&[&MOD, &SUM], &[("x/go.mod", old), ("go.sum", sums)]),
            ["a.org/a v1.0.0", "m "]
        );
        for (version, expected) in
            [("1.16", true), ("1.17", false), ("1.9", true), ("1.16.1", false), ("2", false)]
        {
            assert_eq!(is_before_117(version), expected, "{version}");
        }
    }
}
