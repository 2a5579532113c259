//! Requests and answers: one host after another, as redirects lead.
//!
//! Whoever shows who they are does so to one host alone: no redirect takes that anywhere else, and none
//! leads from TLS to plain text. Answers are read by those who asked, within bounds of their own.

use std::{cell::RefCell, collections::HashMap, io, rc::Rc, time::Duration};

use client::Peer;
use ureq::{
    Agent, Body,
    http::{HeaderMap, HeaderValue, Response, Uri, header},
};

use crate::{Error, Secret, Settings, certificates};

/// Most redirects of one request. Registries need one or two.
const MOST_REDIRECTS: usize = 5;
/// Time to connect.
const CONNECT: Duration = Duration::from_secs(30);
/// Time in which something has to come, or to go.
const SILENCE: Duration = Duration::from_secs(60);
/// Time for the head of an answer.
const HEAD: Duration = Duration::from_secs(120);

/// A request.
#[derive(Clone, Debug)]
pub(crate) struct Ask<'a> {
    pub(crate) uri: Uri,
    /// Which kinds of answers will do.
    pub(crate) accept: Option<&'a str>,
    /// Shows who asks, as the header's value has it.
    pub(crate) authorization: Option<Secret>,
    /// From which byte on.
    pub(crate) from: u64,
}

impl Ask<'_> {
    pub(crate) fn new(uri: Uri) -> Self {
        Self { uri, accept: None, authorization: None, from: 0 }
    }
}

/// Why there is no answer.
#[derive(Debug)]
pub(crate) enum Failure {
    /// It may be otherwise another time, from then on where that is told.
    Passing { error: Error, after: Option<Duration> },
    /// It will be the same another time.
    Lasting(Error),
}

impl From<Error> for Failure {
    /// Nobody tells how long it lasts.
    fn from(error: Error) -> Self {
        Self::Passing { error, after: None }
    }
}

/// What asks.
pub(crate) struct Http {
    settings: Rc<Settings>,
    /// The host that need not show who it is.
    unverified: Option<String>,
    agents: RefCell<HashMap<String, Agent>>,
}

impl Http {
    /// All hosts but that one have to show who they are.
    pub(crate) fn new(settings: Rc<Settings>, unverified: Option<String>) -> Self {
        Self { settings, unverified, agents: RefCell::default() }
    }

    /// Gets something, wherever redirects lead.
    pub(crate) fn get(&self, mut ask: Ask<'_>) -> Result<Response<Body>, Failure> {
        for _ in 0..=MOST_REDIRECTS {
            let answer = self.once(&ask)?;
            if !is_redirect(&answer) {
                return Ok(answer);
            }
            let to = target(&ask.uri, answer.headers()).map_err(|why| lasting(&ask.uri, &why))?;
            if origin(&to) != origin(&ask.uri) {
                ask.authorization = None;
            }
            ask.uri = to;
        }
        Err(lasting(&ask.uri, &format!("there are more than {MOST_REDIRECTS} redirects")))
    }

    fn once(&self, ask: &Ask<'_>) -> Result<Response<Body>, Failure> {
        let mut request = self.agent(&ask.uri).map_err(Failure::Lasting)?.get(&ask.uri);
        if let Some(accept) = ask.accept {
            request = request.header(header::ACCEPT, accept);
        }
        if let Some(authorization) = &ask.authorization {
            request = request.header(header::AUTHORIZATION, sensitive(&ask.uri, authorization)?);
        }
        if ask.from > 0 {
            request = request.header(header::RANGE, format!("bytes={}-", ask.from));
        }
        request.call().map_err(|error| failure(&ask.uri, &error))
    }

    /// Posts a form. Redirects are not followed: it has secrets in it.
    pub(crate) fn post(&self, uri: &Uri, form: &Secret) -> Result<Response<Body>, Failure> {
        let agent = self.agent(uri).map_err(Failure::Lasting)?;
        let request =
            agent.post(uri).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        request.send(form.reveal()).map_err(|error| failure(uri, &error))
    }

    /// What asks this host: each has certificates of its own.
    fn agent(&self, uri: &Uri) -> Result<Agent, Error> {
        let host = origin(uri);
        if let Some(agent) = self.agents.borrow().get(&host) {
            return Ok(agent.clone());
        }
        let name = host_of(uri);
        let peer = match self.unverified.as_deref() == Some(name) {
            true => Peer::Unverified,
            false => Peer::Verified,
        };
        let mut config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .user_agent(concat!("watchkeeper/", env!("CARGO_PKG_VERSION")))
            .timeout_resolve(Some(CONNECT))
            .timeout_connect(Some(CONNECT))
            .timeout_per_read(Some(SILENCE))
            .timeout_per_write(Some(SILENCE))
            .timeout_recv_response(Some(HEAD))
            .proxy(client::proxy(uri));
        if is_tls(uri) {
            config = config.tls_config(certificates::of(name, peer, &self.settings).config()?);
        }
        let agent = config.build().new_agent();
        self.agents.borrow_mut().insert(host, agent.clone());
        Ok(agent)
    }
}

fn sensitive(uri: &Uri, secret: &Secret) -> Result<HeaderValue, Failure> {
    let mut value = HeaderValue::from_str(secret.reveal())
        .map_err(|_| lasting(uri, "what shows who asks is not made of letters that it may have"))?;
    value.set_sensitive(true);
    Ok(value)
}

/// The host of a URI, with its port where that is written.
pub(crate) fn host_of(uri: &Uri) -> &str {
    uri.authority().map_or("", |authority| authority.as_str())
}

pub(crate) fn is_tls(uri: &Uri) -> bool {
    uri.scheme_str() == Some("https")
}

/// Scheme, host and port.
pub(crate) fn origin(uri: &Uri) -> String {
    let port = uri.port_u16().unwrap_or(if is_tls(uri) { 443 } else { 80 });
    let host = uri.host().unwrap_or_default().to_ascii_lowercase();
    format!("{}://{host}:{port}", uri.scheme_str().unwrap_or_default())
}

fn is_redirect(answer: &Response<Body>) -> bool {
    matches!(answer.status().as_u16(), 301 | 302 | 303 | 307 | 308)
}

/// Where a redirect leads.
fn target(from: &Uri, headers: &HeaderMap) -> Result<Uri, String> {
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

fn lasting(uri: &Uri, why: &str) -> Failure {
    Failure::Lasting(Error::host(host_of(uri), why))
}

fn failure(uri: &Uri, error: &ureq::Error) -> Failure {
    let reason = client::reason(error);
    let told = Error::host(host_of(uri), format!("{reason}{}", hint(&reason)));
    match error {
        ureq::Error::Io(error) if is_passing(error.kind()) => told.into(),
        ureq::Error::Timeout(_) => told.into(),
        _ => Failure::Lasting(told),
    }
}

/// How to mend what is wrong with TLS, in the words of rustls.
fn hint(reason: &str) -> &'static str {
    match reason {
        reason if reason.contains("InvalidContentType") => {
            "; it does not speak TLS: with --plain-http it is asked in plain text"
        }
        reason if reason.contains("UnknownIssuer") => {
            "; if you trust who signed it, name their certificate with --ca-file"
        }
        _ => "",
    }
}

/// Connections break; hosts that are not there, and wrong certificates, do not change in a moment.
fn is_passing(kind: io::ErrorKind) -> bool {
    use io::ErrorKind as Kind;
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
