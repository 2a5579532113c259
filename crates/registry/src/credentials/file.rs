//! Files of credentials: Docker's `config.json` and `containers-auth.json(5)`, which has keys for single
//! repositories, too.

use std::collections::BTreeMap;

use base64::{
    Engine,
    alphabet::STANDARD,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use image::hub;
use serde::Deserialize;

use super::Credential;
use crate::Secret;

/// With or without `=` at the end.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);
/// Other names under which what is of Docker Hub is kept.
const HUB_NAMES: [&str; 2] = [hub::INDEX, hub::HOST];

/// A file of credentials.
#[derive(Deserialize)]
pub struct CredentialFile {
    #[serde(default)]
    auths: Option<BTreeMap<String, Option<Entry>>>,
    #[serde(default, rename = "credHelpers")]
    helpers: Option<BTreeMap<String, String>>,
    #[serde(default, rename = "credsStore")]
    store: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Entry {
    auth: Option<String>,
    username: Option<String>,
    password: Option<String>,
    identitytoken: Option<String>,
    registrytoken: Option<String>,
}

/// Which program keeps something, and under which name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Keeper {
    pub(super) program: String,
    pub(super) server: String,
}

impl CredentialFile {
    /// Reads it.
    ///
    /// # Errors
    /// Where it is malformed. What stands there is not repeated: it may be a password.
    pub fn parse(json: &[u8]) -> Result<Self, String> {
        serde_json::from_slice(json).map_err(|error| {
            let (line, column) = (error.line(), error.column());
            format!("is no file of credentials: it is malformed in line {line}, column {column}")
        })
    }

    /// What stands in the file for a repository: what is kept for it alone before what is for all of its
    /// namespace or registry.
    pub fn credential(&self, registry: &str, repository: &str) -> Option<Credential> {
        let entries = by_host(&self.auths);
        let mut keys = keys(registry, repository).into_iter();
        keys.find_map(|key| entries.get(key.as_str())?.as_ref()?.credential())
    }

    /// Which program keeps what is for a repository.
    pub(super) fn helper(&self, registry: &str, repository: &str) -> Option<Keeper> {
        let server = |key: &str| if is_hub(key) { hub::KEY.to_owned() } else { key.to_owned() };
        let helpers = by_host(&self.helpers);
        let mut keys = keys(registry, repository).into_iter();
        let named = keys.find_map(|key| {
            helpers.get(key.as_str()).map(|program| ((*program).clone(), server(&key)))
        });
        let found = named.or_else(|| self.store.clone().map(|program| (program, server(registry))));
        found
            .filter(|(program, _)| !program.is_empty())
            .map(|(program, server)| Keeper { program, server })
    }
}

impl Entry {
    fn credential(&self) -> Option<Credential> {
        let some = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        if let Some(token) = some(&self.registrytoken) {
            return Some(Credential::RegistryToken(Secret::new(token)));
        }
        if let Some(token) = some(&self.identitytoken) {
            return Some(Credential::IdentityToken(Secret::new(token)));
        }
        let (user, password) = match some(&self.auth) {
            Some(auth) => decoded(&auth)?,
            None => (some(&self.username)?, some(&self.password)?),
        };
        Some(Credential::Password { user, password: Secret::new(password) })
    }
}

/// Name and password, as they are written with a colon between them.
fn decoded(auth: &str) -> Option<(String, String)> {
    let text = String::from_utf8(BASE64.decode(auth.trim()).ok()?).ok()?;
    let (user, password) = text.split_once(':')?;
    // Docker fills up what is kept so.
    Some((user.to_owned(), password.trim_matches('\0').to_owned()))
}

/// By hosts and what follows them. What is kept for a host as it is written counts before what is for a URL
/// of it.
fn by_host<T>(kept: &Option<BTreeMap<String, T>>) -> BTreeMap<&str, &T> {
    let all = || kept.iter().flatten();
    let of_urls = all().map(|(key, value)| (host_of(key), value));
    of_urls.chain(all().map(|(key, value)| (key.as_str(), value))).collect()
}

/// Keys of older files are URLs, of which the host counts.
fn host_of(key: &str) -> &str {
    match key.strip_prefix("https://").or_else(|| key.strip_prefix("http://")) {
        Some(rest) => rest.split('/').next().unwrap_or(rest),
        None => key.trim_end_matches('/'),
    }
}

fn is_hub(key: &str) -> bool {
    key == hub::NAME || HUB_NAMES.contains(&key)
}

/// What may be kept for a repository, what is closest to it first.
fn keys(registry: &str, repository: &str) -> Vec<String> {
    let whole = format!("{registry}/{repository}");
    let ends = whole.rmatch_indices('/').filter_map(|(at, _)| whole.get(..at));
    let mut keys: Vec<String> =
        std::iter::once(whole.as_str()).chain(ends).map(str::to_owned).collect();
    if is_hub(registry) {
        keys.extend([hub::NAME].iter().chain(&HUB_NAMES).map(|name| (*name).to_owned()));
    }
    keys
}

#[cfg(test)]
mod tests {
    use super::*;

    fn password(user: &str, password: &str) -> Option<Credential> {
        let (user, password) = (user.to_owned(), Secret::new(password));
        Some(Credential::Password { user, password })
    }

    #[test]
    fn what_is_closest_to_the_repository_counts() {
        let json = r#"{"auths": {
                "example.org": {"auth": "YTpyZWdpc3RyeQ=="},
                "example.org/team": {"auth": "YTp0ZWFt"},
                "example.org/team/app": {"username": "a", "password": "app"},
                "HUB": {"auth": "aHViOnB3"},
                "http://old.example/v2/": {"auth": "b2xkOnB3OndpdGg6Y29sb25z"},
                "both.example": {"auth": "YTpob3N0"},
                "https://both.example/v1/": {"auth": "YTp1cmw="},
                "null.example": null,
                "token.example": {"auth": "YTpi", "identitytoken": "identity"},
                "bearer.example": {"registrytoken": "bearer"},
                "empty.example": {},
                "broken.example": {"auth": "?"}
            }, "unknown": 1}"#;
        let file = CredentialFile::parse(json.replace("HUB", hub::KEY).as_bytes()).unwrap();
        for (registry, repository, expected) in [
            ("example.org", "team/app", password("a", "app")),
            ("example.org", "team/application", password("a", "team")),
            ("example.org", "team2/app", password("a", "registry")),
            ("example.org:5000", "team/app", None),
            ("docker.io", "library/debian", password("hub", "pw")),
            ("old.example", "app", password("old", "pw:with:colons")),
            ("both.example", "app", password("a", "host")),
            ("null.example", "app", None),
            ("token.example", "app", Some(Credential::IdentityToken(Secret::new("identity")))),
            ("bearer.example", "app", Some(Credential::RegistryToken(Secret::new("bearer")))),
            ("empty.example", "app", None),
            ("broken.example", "app", None),
        ] {
            assert_eq!(file.credential(registry, repository), expected, "{registry}/{repository}");
        }
    }

    #[test]
    fn helpers_are_asked_by_the_name_that_they_know() {
        let file = CredentialFile::parse(
            br#"{"credHelpers": {"example.org": "one", "docker.io": "hub"}, "credsStore": "all"}"#,
        )
        .unwrap();
        for (registry, program, server) in [
            ("example.org", "one", "example.org"),
            ("docker.io", "hub", hub::KEY),
            ("other.example:1", "all", "other.example:1"),
        ] {
            let (program, server) = (program.to_owned(), server.to_owned());
            assert_eq!(file.helper(registry, "a/b"), Some(Keeper { program, server }));
        }
        assert_eq!(CredentialFile::parse(b"{}").unwrap().helper("example.org", "a"), None);
    }

    #[test]
    fn what_is_secret_is_never_shown() {
        let file = br#"{"auths": {"a.example": {"auth": "YTpodW50ZXIy"}}}"#;
        let found = CredentialFile::parse(file).unwrap().credential("a.example", "b");
        assert!(!format!("{:?}", found.unwrap()).contains("hunter2"));
        let why = CredentialFile::parse(br#"{"auths": "hunter2"}"#).err().unwrap();
        assert_eq!(why, "is no file of credentials: it is malformed in line 1, column 19");
    }
}
