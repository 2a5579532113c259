//! Gems: `Gemfile.lock`, and specifications of what is installed (bundler.io, guides.rubygems.org).

use crate::{Error, Extractor, Found, Input, Kind, Package, Pattern, Setting};

/// Lock files.
pub(super) const LOCK: Extractor = Extractor {
    name: "bundler-lock",
    about: "lock files of Bundler",
    setting: Setting::Declared,
    files: &[Pattern::Name("Gemfile.lock"), Pattern::Name("gems.locked")],
    extract: lock,
};

/// Installed gems.
pub(super) const INSTALLED: Extractor = Extractor {
    name: "gem",
    about: "installed gems of Ruby",
    setting: Setting::Installed,
    files: &[Pattern::Suffix(".gemspec")],
    extract: installed,
};

/// Gems stand four spaces within, with their versions; what they need is further in.
fn lock(input: &mut Input<'_>, found: &mut Found) -> Result<(), Error> {
    input.lines(|_, line| {
        let words: Vec<&str> = line.split_ascii_whitespace().collect();
        if line.len() - line.trim_start_matches(' ').len() == 4
            && let [name, version] = words.as_slice()
        {
            // A platform follows the version of a gem that is made for it: 1.13.6-x86_64-linux.
            let version = version.trim_matches(['(', ')']).split('-').next().unwrap_or_default();
            found.packages.push(Package::new(Kind::Gem, *name, version));
        }
        Ok(())
    })
}

fn installed(input: &mut Input<'_>, found: &mut Found) -> Result<(), Error> {
    // Elsewhere they are sources of gems, which may compute anything.
    if !input.path().contains("/specifications/") {
        return Ok(());
    }
    let mut variable = String::new();
    let mut package = Package::new(Kind::Gem, "", "");
    input.lines(|_, line| {
        let line = line.trim();
        if line.contains("Gem::Specification.new") {
            line.split('|').nth(1).unwrap_or_default().trim().clone_into(&mut variable);
        }
        let field = line.strip_prefix(&variable).and_then(|rest| rest.strip_prefix('.'));
        let Some((name, value)) = field.and_then(|rest| rest.split_once('=')) else {
            return Ok(());
        };
        match name.trim() {
            "name" => package.name = texts(value).next().unwrap_or_default().to_owned(),
            "version" => package.version = texts(value).next().unwrap_or_default().to_owned(),
            "license" | "licenses" => package.licences = texts(value).map(str::to_owned).collect(),
            _ => {}
        }
        Ok(())
    })?;
    if package.name.is_empty() || package.version.is_empty() {
        return Err(Error::malformed("specification of a gem", "it has no name or no version"));
    }
    found.packages.push(package);
    Ok(())
}

/// Texts in quotes.
fn texts(line: &str) -> impl Iterator<Item = &str> {
    let mut rest = line;
    std::iter::from_fn(move || {
        let start = rest.find(['"', '\''])?;
        let quote = rest.get(start..=start)?;
        let (text, after) = rest.get(start + 1..)?.split_once(quote)?;
        rest = after;
        Some(text)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extractors::{found, listed, survives};

    const LOCKED: &str = "\
GIT
  remote: https://github.com/a/b.git
  revision: 0123
  specs:
    b (0.1.0)

GEM
  remote: https://rubygems.org/
  specs:
    nokogiri (1.13.6-x86_64-linux)
      racc (~> 1.4)
    racc (1.6.0)

PLATFORMS
  ruby
  x86_64-linux

DEPENDENCIES
  nokogiri
  b!

BUNDLED WITH
   2.3.7
";

    const SPEC: &str = r#"# -*- encoding: utf-8 -*-
# stub: rake 13.0.6 ruby lib

Gem::Specification.new do |s|
  s.name = "rake".freeze
  s.version = "13.0.6"

  s.required_rubygems_version = Gem::Requirement.new(">= 1.3.2".freeze) if s.respond_to? :required_rubygems_version=
  s.licenses = ["MIT".freeze, 'Ruby']
  s.name_suffix = "no"
end
"#;

    #[test]
    fn locked_gems_are_listed() {
        assert_eq!(
            listed(&LOCK, "Gemfile.lock", LOCKED),
            ["b 0.1.0", "nokogiri 1.13.6", "racc 1.6.0"]
        );
        survives(&LOCK, "Gemfile.lock", LOCKED);
    }

    #[test]
    fn installed_gems_are_listed() {
        let path = "usr/lib/ruby/gems/3.0.0/specifications/default/rake.gemspec";
        assert_eq!(listed(&INSTALLED, path, SPEC), ["rake 13.0.6"]);
        assert_eq!(found(&INSTALLED, path, SPEC).unwrap().packages[0].licences, ["MIT", "Ruby"]);
        assert!(listed(&INSTALLED, "srv/rake.gemspec", SPEC).is_empty());
        found(&INSTALLED, path, "s.name = x\n").unwrap_err();
        survives(&INSTALLED, path, SPEC);
    }
}
