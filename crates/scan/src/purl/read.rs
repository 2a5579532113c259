//! Package URLs that stand in documents, taken apart (the purl specification, "how to parse").

use crate::Kind;

/// Longest that is read. The longest of real packages have some hundred bytes.
const LONGEST_BYTES: usize = 8 << 10;
/// Most qualifiers.
const MOST_QUALIFIERS: usize = 100;

/// The parts of a package URL.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Url {
    /// What it is of.
    pub kind: Kind,
    /// What the name is below, with slashes between its parts; empty where there is nothing.
    pub namespace: String,
    /// The name.
    pub name: String,
    /// The version; empty where it has none.
    pub version: String,
    /// By their keys, in small letters.
    pub qualifiers: Vec<(String, String)>,
    /// Part of the package; empty for all of it.
    pub subpath: String,
}

impl Url {
    /// Takes one apart.
    ///
    /// # Errors
    /// In words why it is none.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        if text.len() > LONGEST_BYTES {
            return Err("it is too long");
        }
        let rest = text.trim().strip_prefix("pkg:").ok_or("it does not begin with pkg:")?;
        let (rest, subpath) = rest.split_once('#').unwrap_or((rest, ""));
        let (rest, qualifiers) = rest.split_once('?').unwrap_or((rest, ""));
        let (kind, rest) = rest.trim_matches('/').split_once('/').ok_or("it has no name")?;
        let kind = Self::kind(kind).ok_or("its type is none")?;
        // Names begin with an at sign where their writers did not encode it: npm/@babel/core@7.
        let (rest, version) = match rest.rsplit_once('@') {
            Some((rest, version)) if !rest.is_empty() && !version.contains('/') => (rest, version),
            _ => (rest, ""),
        };
        let (namespace, name) = rest.trim_matches('/').rsplit_once('/').unwrap_or(("", rest));
        let name = decoded(name.trim_matches('/'));
        if name.is_empty() {
            return Err("it has no name");
        }
        Ok(Self {
            kind,
            namespace: parts(namespace),
            name,
            version: decoded(version),
            qualifiers: pairs(qualifiers),
            subpath: parts(subpath),
        })
    }

    /// The name as the kind has it together.
    pub fn whole_name(&self) -> String {
        let Self { kind, namespace, name, subpath, .. } = self;
        match kind {
            // What it is below is the distribution.
            Kind::Alpm | Kind::Apk | Kind::Deb | Kind::Rpm => name.clone(),
            Kind::Cocoapods if !subpath.is_empty() => format!("{name}/{subpath}"),
            _ if namespace.is_empty() => name.clone(),
            Kind::Maven => format!("{namespace}:{name}"),
            _ => format!("{namespace}/{name}"),
        }
    }

    /// The value of a qualifier.
    pub fn qualifier(&self, key: &str) -> Option<&str> {
        let found = self.qualifiers.iter().find(|(its, _)| its == key);
        found.map(|(_, value)| value.as_str())
    }

    /// Alpine's packages have had two names.
    fn kind(name: &str) -> Option<Kind> {
        if name.eq_ignore_ascii_case("alpine") { Some(Kind::Apk) } else { Kind::parse(name) }
    }
}

fn parts(text: &str) -> String {
    let parts = text.split('/').filter(|part| !part.is_empty());
    parts.map(decoded).collect::<Vec<_>>().join("/")
}

fn pairs(text: &str) -> Vec<(String, String)> {
    let pairs = text.split('&').filter_map(|pair| pair.split_once('='));
    let pairs = pairs.filter(|(key, value)| !key.is_empty() && !value.is_empty());
    let pairs = pairs.map(|(key, value)| (key.to_ascii_lowercase(), decoded(value)));
    pairs.take(MOST_QUALIFIERS).collect()
}

/// Bytes behind percent signs; what is not so stands for itself.
fn decoded(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let byte = match (first, tail) {
            (b'%', [high, low, ..]) => hex(*high).zip(hex(*low)).map(|(high, low)| high << 4 | low),
            _ => None,
        };
        out.push(byte.unwrap_or(*first));
        rest = tail.get(if byte.is_some() { 2 } else { 0 }..).unwrap_or_default();
    }
    String::from_utf8_lossy(&out).into_owned()
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_taken_apart() {
        for (text, name, version) in [
            ("pkg:npm/%40angular/animation@12.3.1", "@angular/animation", "12.3.1"),
            ("pkg:npm/@angular/animation@12.3.1", "@angular/animation", "12.3.1"),
            ("pkg:npm/@angular/animation", "@angular/animation", ""),
            ("pkg:NPM/foobar@12.3.1", "foobar", "12.3.1"),
            ("pkg:maven/org.a/b@1.9.1?type=jar", "org.a:b", "1.9.1"),
            ("pkg:golang/github.com/a/b@v1.0%2Bx", "github.com/a/b", "v1.0+x"),
            (
                "pkg:cocoapods/GoogleUtilities@7.5.2#NSData%2Bzlib",
                "GoogleUtilities/NSData+zlib",
                "7.5.2",
            ),
            ("pkg:deb/debian/attr@1:2.4.47-2%2Bb1?arch=amd64", "attr", "1:2.4.47-2+b1"),
            ("pkg://generic/a%2fb@50%", "a/b", "50%"),
            ("pkg:k8s/k8s.io%2Fkubernetes@1.27.0", "k8s.io/kubernetes", "1.27.0"),
        ] {
            let url = Url::parse(text).unwrap();
            assert_eq!(
                (url.whole_name().as_str(), url.version.as_str()),
                (name, version),
                "{text}"
            );
        }
        let url = Url::parse("pkg:rpm/a/b@1?Arch=x86_64&distro=c-7&e=&f").unwrap();
        assert_eq!(url.qualifiers.len(), 2);
        assert_eq!((url.qualifier("arch"), url.qualifier("e")), (Some("x86_64"), None));
    }

    #[test]
    fn what_is_no_url_is_told() {
        for (text, why) in [
            ("npm/a", "it does not begin with pkg:"),
            ("pkg:npm", "it has no name"),
            ("pkg:npm/", "it has no name"),
            ("pkg:1/a", "its type is none"),
            (&format!("pkg:npm/{}", "a".repeat(9000)), "it is too long"),
        ] {
            assert_eq!(Url::parse(text), Err(why), "{text}");
        }
        for text in ["pkg:a/@", "pkg:a/%", "pkg:a/b@%e", "pkg:a/é%ff@é", "pkg:a//#?@"] {
            let _ = Url::parse(text);
        }
    }
}
