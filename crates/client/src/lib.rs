//! What all that asks over HTTP shares: whom it trusts, by which proxy it goes, how long a server asks it
//! to wait, and in which words a failure is told.
//!
//! - `tls`: certificates; `redirect`: where redirects lead.

pub mod redirect;
mod tls;

use std::{io, net::IpAddr, path::PathBuf, time::Duration};

use jiff::{Timestamp, fmt::rfc2822};
use thiserror::Error;
use ureq::{
    Proxy,
    http::{HeaderMap, Uri, header},
};

pub use tls::{Client, Peer, Tls};

/// Why certificates can't be used.
#[derive(Debug, Error)]
pub enum Error {
    /// A file that can't be read.
    #[error("{path}: {source}", path = path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file that has not what it is read for.
    #[error("{path}: {reason}", path = path.display())]
    Certificates {
        /// Which.
        path: PathBuf,
        /// Why.
        reason: String,
    },
}

/// The proxy of the environment (`HTTPS_PROXY`, `NO_PROXY` and so on), but not to this machine.
pub fn proxy(uri: &Uri) -> Option<Proxy> {
    if is_loopback(uri) { None } else { Proxy::try_from_env() }
}

/// Whether a URI leads to this machine.
pub fn is_loopback(uri: &Uri) -> bool {
    let host = uri.host().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost" || host.parse().is_ok_and(|address: IpAddr| address.is_loopback())
}

/// Why there is no answer.
pub fn reason(error: &ureq::Error) -> String {
    match error {
        ureq::Error::Io(error) => error.to_string(),
        ureq::Error::Timeout(_) => "does not answer in time".to_owned(),
        ureq::Error::Rustls(error) => format!("TLS: {error}"),
        error => error.to_string(),
    }
}

/// Time that a server asks to wait: seconds or a date.
pub fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let value = headers.get(header::RETRY_AFTER)?.to_str().ok()?;
    parse_retry_after(value.trim(), Timestamp::now())
}

fn parse_retry_after(value: &str, now: Timestamp) -> Option<Duration> {
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = rfc2822::parse(value).ok()?.timestamp();
    Some(Duration::try_from(date.duration_since(now)).unwrap_or_default())
}

/// Whether a failure may be another one in a moment: connections break; hosts that are not there, and wrong certificates, do not change in a moment.
pub fn is_passing(kind: std::io::ErrorKind) -> bool {
    use std::io::ErrorKind as Kind;
    matches!(
        kind,
        Kind::ConnectionReset
            | Kind::ConnectionAborted
            | Kind::BrokenPipe
            | Kind::UnexpectedEof
            | Kind::TimedOut
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now: Timestamp = "2026-11-23T00:00:00Z".parse().unwrap();
        for (value, seconds) in [
            ("0", Some(0)),
            ("120", Some(120)),
            ("Mon, 23 Nov 2026 00:01:30 GMT", Some(90)),
            ("Sun, 22 Nov 2026 00:00:00 GMT", Some(0)),
            ("-1", None),
            ("soon", None),
        ] {
            assert_eq!(parse_retry_after(value, now).map(|d| d.as_secs()), seconds, "{value}");
        }
    }

    #[test]
    fn this_machine_is_known_by_its_addresses() {
        for (uri, want) in [
            ("http://localhost:1/", true),
            ("http://127.0.0.2/", true),
            ("https://[::1]:5000/", true),
            ("https://example.org/", false),
            ("http://localhost.example.org/", false),
        ] {
            assert_eq!(is_loopback(&uri.parse().unwrap()), want, "{uri}");
        }
    }
}
