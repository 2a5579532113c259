//! Requests and answers: one host after another, as redirects lead.
//!
//! Whoever shows who they are does so to one host alone: no redirect takes that anywhere else, and none
//! leads from TLS to plain text. Answers are read by those who asked, within bounds of their own.

use std::{cell::RefCell, collections::HashMap, rc::Rc, time::Duration};

use client::{
    Peer,
    redirect::{host_of, is_redirect, is_tls, origin, target},
};
use ureq::{
    Agent, Body,
    http::{HeaderValue, Response, Uri, header},
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
            if !is_redirect(answer.status()) {
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

fn lasting(uri: &Uri, why: &str) -> Failure {
    Failure::Lasting(Error::host(host_of(uri), why))
}

fn failure(uri: &Uri, error: &ureq::Error) -> Failure {
    let reason = client::reason(error);
    let told = Error::host(host_of(uri), format!("{reason}{}", hint(&reason)));
    match error {
        ureq::Error::Io(error) if client::is_passing(error.kind()) => told.into(),
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
