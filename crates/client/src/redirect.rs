//! Redirects: where they lead, and where they may not.

use ureq::http::{HeaderMap, StatusCode, Uri, header};

/// The host of a URI, with its port where that is written.
pub fn host_of(uri: &Uri) -> &str {
    uri.authority().map_or("", |authority| authority.as_str())
}

/// Whether it is asked with TLS.
pub fn is_tls(uri: &Uri) -> bool {
    uri.scheme_str() == Some("https")
}

/// Scheme, host and port.
pub fn origin(uri: &Uri) -> String {
    let port = uri.port_u16().unwrap_or(if is_tls(uri) { 443 } else { 80 });
    let host = uri.host().unwrap_or_default().to_ascii_lowercase();
    format!("{}://{host}:{port}", uri.scheme_str().unwrap_or_default())
}

/// Whether an answer of this status leads elsewhere.
pub fn is_redirect(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}

/// Where a redirect leads.
///
/// # Errors
/// If that is nowhere, or from TLS to plain text, or to somebody in particular.
pub fn target(from: &Uri, headers: &HeaderMap) -> Result<Uri, String> {
    let location = headers.get(header::LOCATION).ok_or("a redirect leads nowhere")?;
    let nowhere = || "a redirect leads to what is no URL".to_owned();
    let to = resolved(from, location.to_str().map_err(|_| nowhere())?).ok_or_else(nowhere)?;
    match to.scheme_str() {
        Some("https") => {}
        Some("http") if !is_tls(from) => {}
        Some("http") => return Err("a redirect leads from TLS to plain text".to_owned()),
        _ => return Err(nowhere()),
    }
    if host_of(&to).contains('@') {
        return Err("a redirect leads to a URL with a name in it".to_owned());
    }
    Ok(to)
}

/// A reference in a URI (RFC 3986, section 5.2), in the forms that servers use.
fn resolved(from: &Uri, location: &str) -> Option<Uri> {
    let location = location.split('#').next().unwrap_or_default();
    let scheme = from.scheme_str()?;
    let whole = if location.contains("://") {
        location.to_owned()
    } else if location.starts_with("//") {
        format!("{scheme}:{location}")
    } else if location.starts_with('/') {
        format!("{scheme}://{}{location}", host_of(from))
    } else {
        let folder = from.path().rsplit_once('/').map_or("", |(folder, _)| folder);
        format!("{scheme}://{}{folder}/{location}", host_of(from))
    };
    whole.parse().ok().filter(|uri: &Uri| uri.host().is_some_and(|host| !host.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redirects_lead_where_they_may() {
        for (from, location, expected) in [
            (
                "https://a.example/v2/x/blobs/y",
                "https://b.example:1/z?q=1",
                Ok("https://b.example:1/z?q=1"),
            ),
            ("https://a.example:5/v2/x", "/z", Ok("https://a.example:5/z")),
            ("https://a.example/v2/x?q", "z", Ok("https://a.example/v2/z")),
            ("http://a.example/v2/x", "//b.example/z#part", Ok("http://b.example/z")),
            ("http://a.example/", "https://b.example/", Ok("https://b.example/")),
            (
                "https://a.example/",
                "http://a.example/",
                Err("a redirect leads from TLS to plain text"),
            ),
            ("http://a.example/", "file:///etc/passwd", Err("a redirect leads to what is no URL")),
            ("http://a.example/", "ftp://b.example/", Err("a redirect leads to what is no URL")),
            (
                "http://a.example/",
                "http://me:pw@b.example/",
                Err("a redirect leads to a URL with a name in it"),
            ),
            ("http://a.example/", "http://", Err("a redirect leads to what is no URL")),
            ("http://a.example/", "http://b c/", Err("a redirect leads to what is no URL")),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::LOCATION, location.parse().unwrap());
            let found = target(&from.parse().unwrap(), &headers).map(|uri| uri.to_string());
            assert_eq!(found.as_deref().map_err(String::as_str), expected, "{location}");
        }
    }

    #[test]
    fn a_host_is_another_by_scheme_or_port() {
        let origin = |uri: &str| origin(&uri.parse().unwrap());
        assert_eq!(origin("https://A.example/x"), origin("https://a.example:443/y"));
        assert_ne!(origin("https://a.example"), origin("http://a.example"));
        assert_ne!(origin("https://a.example"), origin("https://a.example:444"));
        assert_ne!(origin("https://a.example"), origin("https://a.example.org"));
    }
}
