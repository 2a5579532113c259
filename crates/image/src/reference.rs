//! Names of images in registries, as people write them: `[REGISTRY/]REPOSITORY[:TAG][@DIGEST]`, with what
//! Docker takes for granted where a part is not written.
//!
//! The grammar is that of the distribution project's `reference` package, which Docker, Podman and
//! containerd share; that of repositories and tags is in the distribution specification v1.1, too.

use std::fmt;

use crate::{Digest, hub};

/// Where repositories of Docker Hub without a namespace are.
const LIBRARY: &str = "library/";
/// The tag of names that have neither a tag nor a digest.
const LATEST: &str = "latest";
/// Longest registry and repository together.
const LONGEST_NAME_BYTES: usize = 255;
const LONGEST_TAG_BYTES: usize = 128;

/// The name of an image, with all that its short form leaves out.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Reference {
    registry: String,
    repository: String,
    tag: Option<String>,
    digest: Option<Digest>,
    form: Form,
}

/// How much of a name was written.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Form {
    WithRegistry,
    Short,
}

/// Why a text is no name of an image.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("'{text}' is no name of an image: {why}")]
pub struct BadReference {
    text: String,
    why: &'static str,
}

impl Reference {
    /// Reads a name: `debian`, `debian:12`, `example.org:5000/team/app:1.2@sha256:…`.
    ///
    /// # Errors
    /// If it is none.
    pub fn parse(text: &str) -> Result<Self, BadReference> {
        let bad = |why| BadReference { text: shortened(text), why };
        let (rest, digest) = match text.split_once('@') {
            Some((rest, digest)) => (rest, Some(Digest::parse(digest).ok_or_else(|| bad(DIGEST))?)),
            None => (text, None),
        };
        let (name, tag) = split_tag(rest);
        let (written, path) = split_registry(name);
        let registry = match written {
            None | Some(hub::INDEX) => hub::NAME,
            Some(registry) => registry,
        };
        let namespace = if registry == hub::NAME && !path.contains('/') { LIBRARY } else { "" };
        let repository = format!("{namespace}{path}");
        let wrong = wrong(registry, &repository, tag);
        let is_id = written.is_none() && tag.is_none() && is_id(path);
        if let Some(why) = wrong.or(path.is_empty().then_some(EMPTY)).or(is_id.then_some(ID)) {
            return Err(bad(why));
        }
        let latest = digest.is_none().then_some(LATEST);
        Ok(Self {
            registry: registry.to_owned(),
            tag: tag.or(latest).map(str::to_owned),
            form: if written.is_some() { Form::WithRegistry } else { Form::Short },
            repository,
            digest,
        })
    }

    /// The same tag and digest in another registry or repository.
    ///
    /// # Errors
    /// If there is no such registry or repository.
    pub fn elsewhere(&self, registry: &str, repository: &str) -> Result<Self, BadReference> {
        let text = || shortened(&format!("{registry}/{repository}"));
        match wrong(registry, repository, None) {
            Some(why) => Err(BadReference { text: text(), why }),
            None => Ok(Self {
                registry: registry.to_owned(),
                repository: repository.to_owned(),
                form: Form::WithRegistry,
                ..self.clone()
            }),
        }
    }

    /// The registry, by the name that people know: `docker.io`, `example.org:5000`.
    pub fn registry(&self) -> &str {
        &self.registry
    }

    /// The repository: `library/debian`.
    pub fn repository(&self) -> &str {
        &self.repository
    }

    /// The tag, which is `latest` where neither a tag nor a digest was written.
    pub fn tag(&self) -> Option<&str> {
        self.tag.as_deref()
    }

    /// What names the bytes of its manifest or index, where that was written. It counts before the tag.
    pub fn digest(&self) -> Option<Digest> {
        self.digest
    }

    /// Whether the name was written without its registry, so that aliases may apply.
    pub fn is_short(&self) -> bool {
        self.form == Form::Short
    }

    /// Whether its registry is Docker Hub.
    pub fn is_of_hub(&self) -> bool {
        self.registry == hub::NAME
    }

    /// Registry and repository: `docker.io/library/debian`.
    pub fn name(&self) -> String {
        format!("{}/{}", self.registry, self.repository)
    }
}

impl fmt::Display for Reference {
    /// In full: `docker.io/library/debian:12`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.registry, self.repository)?;
        self.tag.iter().try_for_each(|tag| write!(f, ":{tag}"))?;
        self.digest.iter().try_for_each(|digest| write!(f, "@{digest}"))
    }
}

const EMPTY: &str = "it names no repository";
const DIGEST: &str =
    "after '@' there has to be sha256: with 64 hexadecimal digits, in small letters";
const REPOSITORY: &str =
    "parts of a repository are small letters and digits, with '.', '_', '__' or '-' between them";
const TAG: &str = "a tag is at most 128 letters, digits, '_', '.' and '-', and begins with neither \
                   '.' nor '-'";
const ID: &str = "it is the id of an image, which registries do not know";

/// What is wrong with the parts of a name.
fn wrong(registry: &str, repository: &str, tag: Option<&str>) -> Option<&'static str> {
    let wrong = [
        (repository.is_empty(), EMPTY),
        (!is_host(registry), "its registry is no host with or without a port"),
        (repository.chars().any(char::is_uppercase), "repositories have small letters only"),
        (!repository.split('/').all(is_component), REPOSITORY),
        (registry.len() + repository.len() >= LONGEST_NAME_BYTES, "it is too long"),
        (tag.is_some_and(|tag| !is_tag(tag)), TAG),
    ];
    wrong.into_iter().find_map(|(is_wrong, why)| is_wrong.then_some(why))
}

/// A tag follows the last colon, if no slash does: a port stands before one.
fn split_tag(text: &str) -> (&str, Option<&str>) {
    match text.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => (name, Some(tag)),
        _ => (text, None),
    }
}

/// What stands before the first slash is a registry if it can't be a namespace.
fn split_registry(name: &str) -> (Option<&str>, &str) {
    match name.split_once('/') {
        Some((host, path))
            if host.contains(['.', ':', '['])
                || host == "localhost"
                || host != host.to_lowercase() =>
        {
            (Some(host), path)
        }
        _ => (None, name),
    }
}

/// Whether a text is a host, with or without a port: a name, or an address (of IPv6 in brackets).
fn is_host(text: &str) -> bool {
    let (host, port) = match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, port)) => {
            let is_address = address.parse::<std::net::Ipv6Addr>().is_ok();
            return is_address && (port.is_empty() || port.strip_prefix(':').is_some_and(is_port));
        }
        None => match text.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (text, None),
        },
    };
    port.is_none_or(is_port) && host.split('.').all(is_label)
}

fn is_label(label: &str) -> bool {
    !label.is_empty()
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

fn is_port(port: &str) -> bool {
    port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok()
}

fn is_component(part: &str) -> bool {
    let is_word = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let bytes = part.as_bytes();
    let ends = bytes.first().zip(bytes.last());
    ends.is_some_and(|(first, last)| is_word(*first) && is_word(*last))
        && bytes.chunk_by(|a, b| is_word(*a) == is_word(*b)).all(|run| match run {
            b"." | b"_" | b"__" => true,
            run => run.iter().all(|byte| is_word(*byte)) || run.iter().all(|byte| *byte == b'-'),
        })
}

fn is_tag(tag: &str) -> bool {
    (1..=LONGEST_TAG_BYTES).contains(&tag.len())
        && !tag.starts_with(['.', '-'])
        && tag.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte))
}

fn is_id(path: &str) -> bool {
    path.len() == 64 && path.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// So much of a text as a message can show.
fn shortened(text: &str) -> String {
    match text.char_indices().nth(LONGEST_NAME_BYTES) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIGEST: &str = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    #[test]
    fn names_are_told_in_full() {
        for (text, expected) in [
            ("debian", "docker.io/library/debian:latest"),
            ("debian:12", "docker.io/library/debian:12"),
            ("docker.io/debian", "docker.io/library/debian:latest"),
            ("index.docker.io/debian", "docker.io/library/debian:latest"),
            ("team/app:1", "docker.io/team/app:1"),
            ("localhost/app", "localhost/app:latest"),
            ("LOCAL/app", "LOCAL/app:latest"),
            ("host:5000/app", "host:5000/app:latest"),
            ("host:5000/a/b/c:v1.0_x-y", "host:5000/a/b/c:v1.0_x-y"),
            ("example.org/a__b-c--d.e_f/g", "example.org/a__b-c--d.e_f/g:latest"),
            ("[::1]:5000/app:1", "[::1]:5000/app:1"),
            ("[fe80::1]/app", "[fe80::1]/app:latest"),
            ("127.0.0.1:1/app", "127.0.0.1:1/app:latest"),
            (&format!("debian@{DIGEST}"), &format!("docker.io/library/debian@{DIGEST}")),
            (&format!("h:1/a:t@{DIGEST}"), &format!("h:1/a:t@{DIGEST}")),
        ] {
            let reference = Reference::parse(text).unwrap();
            assert_eq!(reference.to_string(), expected);
            let again = Reference::parse(expected).unwrap();
            assert_eq!(Reference { form: reference.form, ..again }, reference, "{text}");
        }
    }

    #[test]
    fn what_is_no_name_is_refused() {
        let long = format!("example.org/{}", "a".repeat(LONGEST_NAME_BYTES));
        let tag = format!("a:{}", "t".repeat(LONGEST_TAG_BYTES + 1));
        for text in [
            "",
            ":",
            "@",
            "/",
            "a/",
            "/a",
            "a//b",
            "a:",
            "A",
            "team/App",
            "a:-t",
            "a:.t",
            "a:t/",
            "a b",
            "a..b",
            "a___b",
            "-a",
            "a-",
            "_a",
            "a_",
            "é",
            "host:/a",
            "host:99999/a",
            "host:+1/a",
            "-host.org/a",
            "ho st.org/a",
            "a@sha256:12",
            "a@",
            "[::1/a",
            "[x]:1/a",
            "[::1]x/a",
            "a@b@c",
            "http://example.org/a",
            "a:t?x",
            "a\u{1b}",
            "a\n",
            "..",
            "../a",
            "./a",
            "example.org/../a",
            "example.org/a%2fb",
            &DIGEST[7..],
            &long,
            &tag,
        ] {
            assert!(Reference::parse(text).is_err(), "{text}");
        }
        let why = Reference::parse("team/App").unwrap_err().to_string();
        assert_eq!(why, "'team/App' is no name of an image: repositories have small letters only");
    }

    #[test]
    fn other_names_keep_tag_and_digest() {
        let reference = Reference::parse(&format!("app:1@{DIGEST}")).unwrap();
        assert!(reference.is_short());
        let other = reference.elsewhere("mirror:1", "x/app").unwrap();
        assert_eq!(other.to_string(), format!("mirror:1/x/app:1@{DIGEST}"));
        assert!(!other.is_short());
        assert!(reference.elsewhere("mirror/x", "app").is_err());
        assert!(reference.elsewhere("mirror", "App").is_err());
    }
}
