//! A server of one's own that everything is taken from.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use client::redirect::{host_of, origin};
use ureq::http::{HeaderValue, Uri};

use crate::{Error, feeds::decoded};

/// A server of one's own: below its address are the hosts that publish, and their paths.
///
/// Who asks may stand in the address (`https://bob:secret@mirror.example/feeds`, RFC 3986, 3.2.1, with what has a
/// meaning in addresses written as numbers). That goes to this server alone, and is in no message and in nothing
/// that is kept.
#[derive(Clone, Debug)]
pub struct Mirror {
    /// Without who asks, and without a slash at its end.
    base: String,
    origin: String,
    /// Is not shown by its `Debug`.
    authorization: Option<HeaderValue>,
}

impl Mirror {
    /// Reads an address.
    ///
    /// # Errors
    /// If it is none that files can be asked for at. The message does not have it where a password may be in it.
    pub fn parse(address: &str) -> Result<Self, Error> {
        let shown = match address.contains('@') {
            true => "the address of the mirror".to_owned(),
            false => format!("the address of the mirror, '{}',", address.escape_debug()),
        };
        let wrong =
            |why: &str| Error::Asked { why: format!("{shown} {why}; give https://HOST/PATH") };
        let (scheme, rest) = address.trim().split_once("://").ok_or_else(|| wrong("is no URL"))?;
        if !["http", "https"].iter().any(|it| scheme.eq_ignore_ascii_case(it)) {
            return Err(wrong("is none of http or https"));
        }
        let end = rest.find('/').unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        if path.contains('@') {
            return Err(wrong("has @ behind its host: in a password / is %2F, and @ is %40"));
        }
        if address.contains(['?', '#']) {
            return Err(wrong("has ? or #: in a password ? is %3F, and # is %23"));
        }
        let (who, host) = match authority.rsplit_once('@') {
            Some((who, host)) => (Some(who), host),
            None => (None, authority),
        };
        let base =
            format!("{}://{host}{}", scheme.to_ascii_lowercase(), path.trim_end_matches('/'));
        let uri =
            base.parse::<Uri>().ok().filter(|uri| uri.host().is_some_and(|it| !it.is_empty()));
        // What should be a port need not be one.
        let has_none = |uri: &Uri| host_of(uri).ends_with(']') || !host_of(uri).contains(':');
        let uri = uri.filter(|uri| uri.port_u16().is_some() || has_none(uri));
        let uri = uri.ok_or_else(|| wrong("is no URL"))?;
        let authorization = who.filter(|who| !who.is_empty()).map(basic);
        Ok(Self { base, origin: origin(&uri), authorization })
    }

    /// Where something is that is published at an address.
    pub(super) fn place(&self, rest: &str) -> String {
        format!("{}/{rest}", self.base)
    }

    /// Whether it is asked without TLS.
    pub(super) fn is_plain(&self) -> bool {
        self.base.starts_with("http://")
    }

    /// Who asks, where it is this server that is asked.
    pub(super) fn authorization(&self, uri: &Uri) -> Option<&HeaderValue> {
        self.authorization.as_ref().filter(|_| origin(uri) == self.origin)
    }
}

/// A name and a password, as RFC 7617 has them.
fn basic(who: &str) -> HeaderValue {
    let (name, password) = who.split_once(':').unwrap_or((who, ""));
    let text = STANDARD.encode(format!("{}:{}", decoded(name), decoded(password)));
    // Letters and digits can always stand there.
    let value = HeaderValue::try_from(format!("Basic {text}"));
    let mut value = value.unwrap_or_else(|_| HeaderValue::from_static(""));
    value.set_sensitive(true);
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_told_without_who_asks() {
        let header = |of: &str| format!("Basic {}", STANDARD.encode(of));
        for (address, place, who) in [
            ("https://mirror.example", "https://mirror.example/a/b", None),
            ("HTTP://Mirror.example:80/feeds//", "http://Mirror.example:80/feeds/a/b", None),
            ("http://bob:sekret@m.example/x", "http://m.example/x/a/b", Some(header("bob:sekret"))),
            ("https://b%40c:s%2Fk%3A@m.example", "https://m.example/a/b", Some(header("b@c:s/k:"))),
            ("https://bob@m.example", "https://m.example/a/b", Some(header("bob:"))),
            ("https://a@b:c@m.example", "https://m.example/a/b", Some(header("a@b:c"))),
            ("https://@m.example", "https://m.example/a/b", None),
            ("https://bob@[::1]", "https://[::1]/a/b", Some(header("bob:"))),
            ("https://[::1]:8/x", "https://[::1]:8/x/a/b", None),
        ] {
            let mirror = Mirror::parse(address).unwrap();
            assert_eq!(mirror.place("a/b"), place);
            let uri = place.parse().unwrap();
            let found = mirror.authorization(&uri).map(|it| it.to_str().unwrap().to_owned());
            assert_eq!(found, who, "{address}");
            let shown = format!("{mirror:?}");
            assert!(!shown.contains("sekret") && !shown.contains(&STANDARD.encode("bob:sekret")));
        }
    }

    #[test]
    fn who_asks_is_told_to_nobody_else() {
        let mirror = Mirror::parse("https://bob:sekret@m.example/x").unwrap();
        for other in ["http://m.example/x", "https://m.example:444/", "https://m.example.org/"] {
            assert_eq!(mirror.authorization(&other.parse().unwrap()), None, "{other}");
        }
        assert!(mirror.authorization(&"https://M.example:443/y".parse().unwrap()).is_some());
    }

    #[test]
    fn what_is_no_address_is_told_without_it() {
        for address in [
            "",
            "bob:sekret@m.example",
            "ftp://bob:sekret@m.example",
            "file:///x",
            "https://bob:sekret@",
            "https://bob:se/kret@m.example",
            "https://bob:sekret?@m.example",
            "https://bob:sekret@m example",
            "https://bob:sekret@m.example:port",
        ] {
            let why = Mirror::parse(address).unwrap_err().to_string();
            assert!(why.starts_with("the address of the mirror"), "{why}");
            assert!(!why.contains("sekret") && !why.contains("kret@"), "{why}");
        }
    }
}
