//! `registries.conf`, in the form of its version 2 (containers-registries.conf(5)): where registries and
//! parts of them really are, their mirrors, and short names.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use image::Reference;
use serde::Deserialize;

use super::moved;
use crate::Error;

/// What `registries.conf` and its parts say.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct RegistriesConf {
    /// By what names begin with.
    rules: BTreeMap<String, Rule>,
    aliases: BTreeMap<String, String>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
struct Rule {
    from: PathBuf,
    registry: Registry,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Document {
    registry: Vec<Registry>,
    aliases: BTreeMap<String, String>,
}

#[derive(Clone, PartialEq, Eq, Debug, Deserialize, Default)]
#[serde(default, rename_all = "kebab-case")]
struct Registry {
    prefix: String,
    location: String,
    insecure: bool,
    blocked: bool,
    mirror_by_digest_only: bool,
    mirror: Vec<Mirror>,
}

#[derive(Clone, PartialEq, Eq, Debug, Deserialize, Default)]
#[serde(default, rename_all = "kebab-case")]
struct Mirror {
    location: String,
    insecure: bool,
    pull_from_mirror: Pull,
}

/// For which names a mirror is asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize, Default)]
#[serde(rename_all = "kebab-case")]
enum Pull {
    #[default]
    All,
    DigestOnly,
    TagOnly,
}

/// Where an image may be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Target {
    pub(super) reference: Reference,
    pub(super) is_insecure: bool,
}

impl RegistriesConf {
    /// Reads a file.
    ///
    /// # Errors
    /// If it is malformed.
    pub fn parse(path: &Path, bytes: &[u8]) -> Result<Self, String> {
        let text = std::str::from_utf8(bytes).map_err(|error| error.to_string())?;
        let document: Document = toml::from_str(text)
            .map_err(|error| error.to_string().trim_end().replace('\n', " "))?;
        let rule = |registry: Registry| {
            let prefix =
                if registry.prefix.is_empty() { &registry.location } else { &registry.prefix };
            (prefix.trim_end_matches('/').to_owned(), Rule { from: path.to_owned(), registry })
        };
        let rules = document.registry.into_iter().map(rule).collect();
        Ok(Self { rules, aliases: document.aliases })
    }

    /// Takes in what a later file says, which counts before what was said earlier.
    pub(super) fn add(&mut self, later: Self) {
        self.rules.extend(later.rules);
        self.aliases.extend(later.aliases);
    }

    /// The image that a short name stands for.
    pub(super) fn unaliased(&self, reference: &Reference) -> Result<Reference, Error> {
        let short = reference.repository();
        let short = short.strip_prefix("library/").unwrap_or(short);
        match self.aliases.get(short).filter(|full| reference.is_short() && full.contains('/')) {
            Some(full) => moved(reference, full, ""),
            None => Ok(reference.clone()),
        }
    }

    /// Where an image may be, mirrors first.
    pub(super) fn targets(&self, reference: &Reference) -> Result<Vec<Target>, Error> {
        let Some((prefix, Rule { from, registry })) = self.rule(reference) else {
            return Ok(vec![Target { reference: reference.clone(), is_insecure: false }]);
        };
        if registry.blocked {
            return Err(Error::Blocked { name: reference.to_string(), path: from.clone() });
        }
        let name = reference.name();
        // A prefix with a star stands for hosts, which can't be cut off.
        let rest = if prefix.starts_with("*.") {
            reference.repository()
        } else {
            name.strip_prefix(prefix.as_str()).unwrap_or_default()
        };
        let at = |location: &str, is_insecure: bool| {
            Ok::<_, Error>(Target { reference: moved(reference, location, rest)?, is_insecure })
        };
        let mut targets = Vec::new();
        for mirror in registry.mirror.iter().filter(|mirror| registry.asks(mirror, reference)) {
            targets.push(at(&mirror.location, mirror.insecure)?);
        }
        targets.push(match registry.location.as_str() {
            "" => Target { reference: reference.clone(), is_insecure: registry.insecure },
            location => at(location, registry.insecure)?,
        });
        Ok(targets)
    }

    /// The rule with the longest prefix.
    fn rule(&self, reference: &Reference) -> Option<(&String, &Rule)> {
        let fitting = self.rules.iter().filter(|(prefix, _)| fits(prefix, reference));
        fitting.max_by_key(|(prefix, _)| prefix.len())
    }
}

impl Registry {
    fn asks(&self, mirror: &Mirror, reference: &Reference) -> bool {
        let by_digest = reference.digest().is_some();
        match mirror.pull_from_mirror {
            Pull::All => by_digest || !self.mirror_by_digest_only,
            Pull::DigestOnly => by_digest,
            Pull::TagOnly => !by_digest,
        }
    }
}

/// Whether a name begins with a prefix, whole parts of it; or its host ends with one after `*`.
fn fits(prefix: &str, reference: &Reference) -> bool {
    if let Some(end) = prefix.strip_prefix('*').filter(|end| end.starts_with('.')) {
        let registry = reference.registry();
        let host = registry.rsplit_once(':').map_or(registry, |(host, _)| host);
        return host.ends_with(end) || registry.ends_with(end);
    }
    let name = reference.to_string();
    let rest = name.strip_prefix(prefix).filter(|_| !prefix.is_empty());
    // What follows a host and a colon is a port, and so of another host.
    let ends: &[char] = if prefix.contains('/') { &['/', ':', '@'] } else { &['/'] };
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(ends))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIGEST: &str = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    fn targets(conf: &str, name: &str) -> Result<Vec<String>, Error> {
        let conf = RegistriesConf::parse(Path::new("registries.conf"), conf.as_bytes()).unwrap();
        let targets = conf.targets(&conf.unaliased(&Reference::parse(name).unwrap())?)?;
        Ok(targets
            .iter()
            .map(|target| {
                let insecure = if target.is_insecure { " insecure" } else { "" };
                format!("{}{insecure}", target.reference)
            })
            .collect())
    }

    #[test]
    fn the_longest_prefix_says_where_an_image_is() {
        let conf = "
            [[registry]]
            location = 'a.example'
            insecure = true
            [[registry]]
            prefix = 'a.example/team'
            location = 'b.example:1'
            mirror-by-digest-only = true
            [[registry.mirror]]
            location = 'm.example/x'
            [[registry.mirror]]
            location = 't.example'
            pull-from-mirror = 'tag-only'
            [[registry]]
            prefix = '*.wild.example'
            [[registry.mirror]]
            location = 'm.example'
            [[registry]]
            prefix = 'c.example'
            blocked = true
            [aliases]
            app = 'a.example/team/app'
        ";
        for (name, expected) in [
            ("a.example/x:1", vec!["a.example/x:1 insecure".to_owned()]),
            ("a.example:5/x:1", vec!["a.example:5/x:1".to_owned()]),
            ("a.example/team/x:1", vec!["t.example/x:1".to_owned(), "b.example:1/x:1".to_owned()]),
            (
                &format!("a.example/team/x@{DIGEST}"),
                vec![format!("m.example/x/x@{DIGEST}"), format!("b.example:1/x@{DIGEST}")],
            ),
            (
                "sub.wild.example/x:1",
                vec!["m.example/x:1".to_owned(), "sub.wild.example/x:1".to_owned()],
            ),
            ("app:2", vec!["t.example/app:2".to_owned(), "b.example:1/app:2".to_owned()]),
            ("other:2", vec!["docker.io/library/other:2".to_owned()]),
        ] {
            assert_eq!(targets(conf, name).unwrap(), expected, "{name}");
        }
        let why = targets(conf, "c.example/x").unwrap_err().to_string();
        assert_eq!(why, "c.example/x:latest is blocked by registries.conf");
    }

    #[test]
    fn what_is_malformed_is_told() {
        for text in ["[[registry]", "registry = 1", "[[registry]]\ninsecure = 'yes'", "\u{0}"] {
            let parsed = RegistriesConf::parse(Path::new("x"), text.as_bytes());
            assert!(!parsed.unwrap_err().contains('\n'), "{text}");
        }
        let conf = "[[registry]]\nprefix = 'a.example'\nlocation = 'no host/x'";
        assert!(targets(conf, "a.example/x").is_err());
    }
}
