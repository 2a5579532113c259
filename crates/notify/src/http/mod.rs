//! HTTP POST: the alert is the body, as falcosidekick and web hooks take it.
//!
//! A status of 2xx says that it was delivered. After 408, 429, 5xx and every failure of the
//! connection it is tried again, so an alert may arrive twice when an answer gets lost; other
//! statuses say that trying again is no use. Redirects are not followed: they could lead secrets
//! elsewhere.
//!
//! - `request`: what may be asked for: URL and headers.

mod request;

use std::time::Duration;

use event::alert::Alert;
use ureq::{
    Agent,
    http::{Response, StatusCode, header},
};

pub use client::{Client, Tls};
pub use request::{Header, Url, WrongHeader, WrongUrl};

use crate::{
    Error, Form,
    sink::{Failure, Sink},
};

/// Where to post, and how.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where to post.
    pub url: Url,
    /// Headers beside those that every request has.
    pub headers: Vec<Header>,
    /// Time that one request may take, from connecting to the end of the answer.
    pub timeout: Duration,
    /// Which certificates are trusted and shown.
    pub tls: Tls,
}

impl Settings {
    /// Posts to `url` with the defaults.
    pub fn new(url: Url) -> Self {
        let timeout = Duration::from_secs(10);
        Self { url, headers: Vec::new(), timeout, tls: Tls::default() }
    }
}

/// Most bytes of an answer that are read so that its connection can be used again.
const ANSWER_BYTES: u64 = 64 << 10;

/// Posts alerts.
pub(crate) struct HttpSink {
    agent: Agent,
    url: Url,
    headers: Vec<Header>,
    form: Form,
}

impl HttpSink {
    pub(crate) fn new(settings: &Settings, form: Form) -> Result<Self, Error> {
        let mut config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .user_agent(concat!("watchkeeper/", env!("CARGO_PKG_VERSION")))
            .timeout_global(Some(settings.timeout))
            // One connection is enough: alerts go one after the other.
            .max_idle_connections(1)
            .proxy(client::proxy(settings.url.uri()));
        if settings.url.is_https() {
            config = config.tls_config(settings.tls.config()?);
        }
        let agent = config.build().new_agent();
        Ok(Self { agent, url: settings.url.clone(), headers: settings.headers.clone(), form })
    }

    fn post(&self, alert: &Alert) -> Result<Response<ureq::Body>, ureq::Error> {
        let mut request = self.agent.post(self.url.uri());
        let is_set = |name| self.headers.iter().any(|header| header.name == name);
        if !is_set(header::CONTENT_TYPE) {
            request = request.header(header::CONTENT_TYPE, content_type(self.form));
        }
        for header in &self.headers {
            request = request.header(&header.name, &header.value);
        }
        request.send(&self.form.of(alert)[..])
    }
}

fn content_type(form: Form) -> &'static str {
    match form {
        Form::Json => "application/json",
        Form::Text => "text/plain; charset=utf-8",
    }
}

impl Sink for HttpSink {
    fn deliver(&mut self, alert: &Alert) -> Result<(), Failure> {
        let answer = self.post(alert).map_err(|error| Failure::retry(client::reason(&error)))?;
        let (status, after) = (answer.status(), client::retry_after(answer.headers()));
        // What is left unread would cost the connection. That it ends early is no failure.
        let _ = answer.into_body().into_with_config().limit(ANSWER_BYTES).read_to_vec();
        judge(status, after)
    }
}

fn judge(status: StatusCode, after: Option<Duration>) -> Result<(), Failure> {
    let reason = format!("answers {}", status.as_u16());
    match status.as_u16() {
        200..=299 => Ok(()),
        408 | 429 | 500..=599 => Err(Failure::Retry { reason, after }),
        300..=399 => {
            Err(Failure::Refused(format!("{reason}, a redirect; set the url it leads to")))
        }
        _ => Err(Failure::Refused(format!("{reason}; such alerts are not sent again"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_are_judged() {
        let after = Some(Duration::from_secs(7));
        for (status, want) in [
            (200, "delivered"),
            (204, "delivered"),
            (301, "refused"),
            (400, "refused"),
            (401, "refused"),
            (408, "again"),
            (413, "refused"),
            (429, "again"),
            (500, "again"),
            (503, "again"),
        ] {
            let got = match judge(StatusCode::from_u16(status).unwrap(), after) {
                Ok(()) => "delivered",
                Err(Failure::Retry { after: Some(_), .. }) => "again",
                Err(_) => "refused",
            };
            assert_eq!(got, want, "{status}");
        }
    }
}
