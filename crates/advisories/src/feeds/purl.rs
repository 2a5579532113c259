//! Package URLs, as far as feeds have them.

use std::borrow::Cow;

/// A package URL: `pkg:rpm/redhat/ruby@2.5.9-111?arch=i686&epoch=1`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Purl<'a> {
    /// What it is of: `rpm`.
    pub(super) kind: &'a str,
    /// What it is below, and its name, as they stand there.
    pub(super) path: &'a str,
    /// Its version, without what is written as numbers.
    pub(super) version: Option<Cow<'a, str>>,
    query: &'a str,
}

impl<'a> Purl<'a> {
    /// `None` where it is none.
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        let (kind, rest) = text.strip_prefix("pkg:")?.split_once('/')?;
        let rest = rest.split_once('#').map_or(rest, |(rest, _)| rest);
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (path, version) = match path.rsplit_once('@') {
            Some((path, version)) => (path, Some(decoded(version))),
            None => (path, None),
        };
        (!path.is_empty()).then_some(Self { kind, path, version, query })
    }

    /// The value of a key behind the version, as it stands there.
    pub(super) fn value(&self, key: &str) -> Option<&'a str> {
        let mut pairs = self.query.split('&').filter_map(|pair| pair.split_once('='));
        pairs.find(|(name, _)| *name == key).map(|(_, value)| value)
    }
}

/// Without what URLs write as numbers.
pub(crate) fn decoded(text: &str) -> Cow<'_, str> {
    if !text.contains('%') {
        return text.into();
    }
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, others)) = rest.split_first() {
        let digits = others.get(..2).filter(|_| *first == b'%');
        let byte = digits.and_then(|it| u8::from_str_radix(str::from_utf8(it).ok()?, 16).ok());
        out.push(byte.unwrap_or(*first));
        rest = others.get(if byte.is_some() { 2 } else { 0 }..).unwrap_or_default();
    }
    String::from_utf8_lossy(&out).into_owned().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_stand_where_they_should() {
        let purl = Purl::parse("pkg:pypi/urllib3@1.26.16%2Bcgr.0?a=b&c=d").unwrap();
        assert_eq!(
            (purl.kind, purl.path, purl.version.as_deref()),
            ("pypi", "urllib3", Some("1.26.16+cgr.0"))
        );
        assert_eq!((purl.value("c"), purl.value("x")), (Some("d"), None));
        assert_eq!(Purl::parse("pkg:npm/%40a/b@1").unwrap().path, "%40a/b");
        for text in ["", "pkg:", "pkg:rpm", "rpm/a@1", "pkg:rpm/"] {
            assert_eq!(Purl::parse(text), None, "{text}");
        }
    }
}
