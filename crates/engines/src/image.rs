//! Names of images: `[HOST[:PORT]/]PATH[:TAG][@DIGEST]`.

/// The parts of an image's name. Empty where it has none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct ImageName<'n> {
    /// Everything before tag and digest.
    pub(crate) repository: &'n str,
    pub(crate) tag: &'n str,
    /// With its algorithm: `sha256:…`.
    pub(crate) digest: &'n str,
}

impl<'n> ImageName<'n> {
    /// Takes a name apart.
    pub(crate) fn parse(name: &'n str) -> Self {
        let (name, digest) = name.split_once('@').unwrap_or((name, ""));
        let path = name.rfind('/').map_or(0, |slash| slash + 1);
        // A colon before the last slash is of a port.
        match name[path..].rfind(':') {
            Some(colon) => {
                let (repository, tag) = (&name[..path + colon], &name[path + colon + 1..]);
                Self { repository, tag, digest }
            }
            None => Self { repository: name, tag: "", digest },
        }
    }
}

/// An id is what engines have instead of a name for what was built without one.
pub(crate) fn is_id(name: &str) -> bool {
    name.starts_with("sha256:") || (name.len() >= 12 && is_hex(name))
}

/// The id without its algorithm.
pub(crate) fn plain_id(id: &str) -> &str {
    id.strip_prefix("sha256:").unwrap_or(id)
}

fn is_hex(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// What an engine knows of an image beside the name by which a container asked for it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Known<'n> {
    /// Names with digests.
    pub(crate) digests: &'n [String],
    /// Names with tags.
    pub(crate) tags: &'n [String],
}

impl<'n> Known<'n> {
    /// The name that a container asked for, and what else is known of that image: an image may have
    /// names in several repositories, of which that of `asked` goes first.
    pub(crate) fn complete(self, asked: &'n str) -> ImageName<'n> {
        let asked = if is_id(asked) { ImageName::default() } else { ImageName::parse(asked) };
        let parsed = |names: &'n [String]| names.iter().map(|name| ImageName::parse(name));
        let named = |name: &ImageName<'_>| !name.repository.is_empty();
        let digests = || parsed(self.digests).filter(|n| named(n) && !n.digest.is_empty());
        let tags = || parsed(self.tags).filter(|n| named(n) && !n.tag.is_empty());
        let repository = Some(asked.repository)
            .filter(|repository| !repository.is_empty())
            .or_else(|| digests().chain(tags()).map(|name| name.repository).next())
            .unwrap_or_default();
        let of_it = |name: &ImageName<'_>| is_same(name.repository, repository);
        let digest = Some(asked.digest)
            .filter(|digest| !digest.is_empty())
            .or_else(|| digests().find(of_it).or_else(|| only(digests())).map(|name| name.digest));
        let tag = Some(asked.tag)
            .filter(|tag| !tag.is_empty())
            .or_else(|| tags().find(of_it).map(|name| name.tag));
        let (tag, digest) = (tag.unwrap_or_default(), digest.unwrap_or_default());
        ImageName { repository, tag, digest }
    }
}

/// Whether two repositories are one: Podman and containerd write Docker's host out.
fn is_same(one: &str, other: &str) -> bool {
    short(one) == short(other)
}

fn short(repository: &str) -> &str {
    let rest = repository.strip_prefix("docker.io/").unwrap_or(repository);
    rest.strip_prefix("library/").unwrap_or(rest)
}

fn only<T>(mut items: impl Iterator<Item = T>) -> Option<T> {
    let first = items.next()?;
    items.next().is_none().then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_taken_apart() {
        for (name, repository, tag, digest) in [
            ("r.example:5000/foo/bar:1@sha256:d", "r.example:5000/foo/bar", "1", "sha256:d"),
            ("r.example:5000/foo/bar@sha256:d", "r.example:5000/foo/bar", "", "sha256:d"),
            ("r.example:5000/foo/bar", "r.example:5000/foo/bar", "", ""),
            ("foo/bar:1", "foo/bar", "1", ""),
            ("foo:1", "foo", "1", ""),
            ("foo", "foo", "", ""),
            ("", "", "", ""),
            (":", "", "", ""),
            ("@", "", "", ""),
        ] {
            assert_eq!(ImageName::parse(name), ImageName { repository, tag, digest }, "{name}");
        }
    }

    #[test]
    fn what_was_asked_for_goes_before_what_else_the_image_is_called() {
        type Case<'c> = (&'c str, &'c [&'c str], &'c [&'c str], [&'c str; 3]);
        let cases: [Case<'_>; 7] = [
            (
                "nginx",
                &["nginx@sha256:a"],
                &["nginx:1", "nginx:latest"],
                ["nginx", "1", "sha256:a"],
            ),
            ("b/x:2", &["a/x@sha256:a", "b/x@sha256:b"], &["a/x:1"], ["b/x", "2", "sha256:b"]),
            ("sha256:77", &["a/x@sha256:a"], &["a/x:1"], ["a/x", "1", "sha256:a"]),
            ("sha256:77", &[], &["a/x:1"], ["a/x", "1", ""]),
            ("b/x", &["a/x@sha256:a"], &["a/x:1"], ["b/x", "", "sha256:a"]),
            ("b/x", &["a/x@sha256:a", "c/x@sha256:c"], &[], ["b/x", "", ""]),
            ("nginx:1", &["docker.io/library/nginx@sha256:a"], &[], ["nginx", "1", "sha256:a"]),
        ];
        for (asked, digests, tags, [repository, tag, digest]) in cases {
            let own = |names: &[&str]| names.iter().map(|&n| n.to_owned()).collect::<Vec<_>>();
            let (digests, tags) = (own(digests), own(tags));
            let got = Known { digests: &digests, tags: &tags }.complete(asked);
            assert_eq!(got, ImageName { repository, tag, digest }, "{asked}");
        }
    }
}
