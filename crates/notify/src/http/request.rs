//! What requests are made of, checked before the first is sent.

use thiserror::Error;
use ureq::http::{HeaderName, HeaderValue, Uri, header};

/// An `http` or `https` URL.
#[derive(Clone, PartialEq, Eq)]
pub struct Url(Uri);

/// Why a text is not the URL of a server. The text itself may hold secrets and is not repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum WrongUrl {
    /// No URL at all.
    #[error("not a URL; write http://HOST[:PORT]/PATH or https://HOST[:PORT]/PATH")]
    Malformed,
    /// Another scheme.
    #[error("not a URL of http or https")]
    Scheme,
    /// Name or password within.
    #[error("a URL with a name or password in it; give an 'authorization' header instead")]
    Credentials,
}

impl Url {
    /// Reads a URL.
    ///
    /// # Errors
    /// If it is none, or none that can be posted to.
    pub fn parse(text: &str) -> Result<Self, WrongUrl> {
        let uri: Uri = text.parse().map_err(|_| WrongUrl::Malformed)?;
        let authority = uri.authority().ok_or(WrongUrl::Malformed)?;
        if authority.as_str().contains('@') {
            return Err(WrongUrl::Credentials);
        }
        let port_is_right = authority.port_u16().is_some() || !has_port(authority.as_str());
        match uri.scheme_str() {
            Some("http" | "https") if !authority.host().is_empty() && port_is_right => {
                Ok(Self(uri))
            }
            Some("http" | "https") | None => Err(WrongUrl::Malformed),
            Some(_) => Err(WrongUrl::Scheme),
        }
    }

    /// Scheme, host and port: path and query of web hooks are secrets.
    pub fn origin(&self) -> String {
        let authority = self.0.authority().map_or("", |authority| authority.as_str());
        format!("{}://{authority}", self.0.scheme_str().unwrap_or_default())
    }

    pub(super) fn uri(&self) -> &Uri {
        &self.0
    }

    pub(super) fn is_https(&self) -> bool {
        self.0.scheme_str() == Some("https")
    }
}

fn has_port(authority: &str) -> bool {
    authority.rsplit_once(']').map_or(authority, |(_, rest)| rest).contains(':')
}

impl std::fmt::Debug for Url {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.origin())
    }
}

/// A header. Its value may be a secret and is never printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    pub(super) name: HeaderName,
    pub(super) value: HeaderValue,
}

/// Why something is no header.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum WrongHeader {
    /// Its name has characters that names may not have.
    #[error("'{0}' is no name of a header")]
    Name(String),
    /// It is about the connection.
    #[error("the header '{0}' is set by the program itself")]
    Reserved(String),
    /// Its value has characters that values may not have.
    #[error("the value of the header '{0}' has a line feed or another control character in it")]
    Value(String),
}

/// Headers that say how the body is sent.
const RESERVED: [HeaderName; 7] = [
    header::CONNECTION,
    header::CONTENT_LENGTH,
    header::EXPECT,
    header::HOST,
    header::TE,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
];

impl Header {
    /// Checks name and value.
    ///
    /// # Errors
    /// If they are not what a header may be.
    pub fn new(name: &str, value: &str) -> Result<Self, WrongHeader> {
        let owned = || name.to_owned();
        let parsed: HeaderName = name.parse().map_err(|_| WrongHeader::Name(owned()))?;
        if RESERVED.contains(&parsed) {
            return Err(WrongHeader::Reserved(owned()));
        }
        let mut value = HeaderValue::from_str(value).map_err(|_| WrongHeader::Value(owned()))?;
        value.set_sensitive(true);
        Ok(Self { name: parsed, value })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_checked_and_shown_without_secrets() {
        let cases = [
            ("http://sidekick:2801", Ok("http://sidekick:2801")),
            ("https://hooks.example/T0/secret?token=x", Ok("https://hooks.example")),
            ("http://[::1]:80/", Ok("http://[::1]:80")),
            ("", Err(WrongUrl::Malformed)),
            ("sidekick:2801", Err(WrongUrl::Malformed)),
            ("/path", Err(WrongUrl::Malformed)),
            ("http://a b/", Err(WrongUrl::Malformed)),
            ("http://a\r\nb/", Err(WrongUrl::Malformed)),
            ("http://a:99999/", Err(WrongUrl::Malformed)),
            ("http://", Err(WrongUrl::Malformed)),
            ("ftp://a/", Err(WrongUrl::Scheme)),
            ("https://me:word@a/", Err(WrongUrl::Credentials)),
        ];
        for (text, want) in cases {
            let got = Url::parse(text);
            assert_eq!(
                got.as_ref().map(Url::origin).map_err(|e| *e),
                want.map(str::to_owned),
                "{text}"
            );
            if let Ok(url) = got {
                assert!(!format!("{url:?}").contains("secret"));
            }
        }
    }

    #[test]
    fn headers_cannot_smuggle_others_in_and_hide_their_value() {
        for (name, value, right) in [
            ("x-token", "abc", true),
            ("Authorization", "Bearer é", true),
            ("x-token", "abc\r\nx-other: 1", false),
            ("x-token", "abc\n", false),
            ("x: y\r\nz", "abc", false),
            ("", "abc", false),
            ("Content-Length", "3", false),
            ("host", "other", false),
        ] {
            let header = Header::new(name, value);
            assert_eq!(header.is_ok(), right, "{name}: {value:?}");
            let shown = format!("{header:?}");
            assert!(!shown.contains("abc"), "{shown}");
        }
    }
}
