//! Requests and answers, wherever redirects lead.

use std::{
    io::{self, Read},
    time::{Duration, Instant},
};

use client::redirect::{host_of, is_redirect, is_tls, target};
use ureq::{
    Agent, Body, BodyReader,
    http::{HeaderMap, Response, StatusCode, Uri, header},
    tls::TlsConfig,
};

use super::{
    Mirror, Observer, Patience, Settings,
    patience::{Deadline, Waits},
};
use crate::Error;

/// Most redirects of one request.
const MOST_REDIRECTS: usize = 5;
/// Time to connect.
const CONNECT: Duration = Duration::from_secs(30);
/// Less than so much in so much time of waiting is too slow.
const SLOWEST_BYTES: u64 = 64 << 10;
const SLOWEST_TIME: Duration = Duration::from_secs(120);
/// Time in which a short text has to come.
const TEXT_TIME: Duration = Duration::from_secs(600);

/// What asks.
pub(super) struct Http {
    tls: TlsConfig,
    mirror: Option<Mirror>,
    pub(super) patience: Patience,
    pub(super) observer: Observer,
}

/// What is asked for beside the address.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Conditions {
    /// Only if it is not this any more.
    pub(super) not: Option<Validators>,
    /// From which byte on, if it is still this.
    pub(super) from: Option<(u64, String)>,
}

/// What tells one version of a file from another.
#[derive(Clone, PartialEq, Eq, Debug, Default, serde::Serialize, serde::Deserialize)]
pub(super) struct Validators {
    pub(super) etag: Option<String>,
    pub(super) last_modified: Option<String>,
}

/// Why there is no answer that will do.
#[derive(Debug)]
pub(super) enum Failure {
    /// It may be otherwise another time, from then on where that is told.
    Passing { why: String, after: Option<Duration> },
    /// It is not there.
    Absent(String),
    /// It will be the same another time.
    Lasting(String),
}

impl Validators {
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let text = |name| {
            let text = headers.get(name)?.to_str().ok()?;
            (!text.is_empty() && text.len() < 1024).then(|| text.to_owned())
        };
        Self { etag: text(header::ETAG), last_modified: text(header::LAST_MODIFIED) }
    }

    /// Whether it tells anything.
    fn is_any(&self) -> bool {
        self.etag.is_some() || self.last_modified.is_some()
    }

    /// What a part of it can be asked for with: a weak tag does not promise the same bytes (RFC 9110, 13.1.5).
    pub(super) fn strong(&self) -> Option<&str> {
        match self.etag.as_deref().filter(|etag| !etag.starts_with("W/")) {
            Some(etag) => Some(etag),
            None => self.last_modified.as_deref(),
        }
    }
}

impl Http {
    pub(super) fn new(settings: &Settings) -> Result<Self, Error> {
        let mirror = settings.mirror.clone();
        let is_plain = mirror.as_ref().is_some_and(Mirror::is_plain);
        // Where nobody is asked with TLS, no certificates have to be there.
        let tls = match is_plain {
            true => TlsConfig::default(),
            false => {
                settings.tls.config().map_err(|error| Error::Asked { why: error.to_string() })?
            }
        };
        Ok(Self { tls, mirror, patience: settings.patience, observer: settings.observer.clone() })
    }

    /// Where something is asked for that is published at an address.
    pub(super) fn place(&self, url: &str) -> String {
        match (&self.mirror, url.split_once("://")) {
            (Some(mirror), Some((_, rest))) => mirror.place(rest),
            _ => url.to_owned(),
        }
    }

    pub(super) fn waits(&self) -> Waits {
        Waits::new(self.patience, &self.observer)
    }

    /// Asks once, wherever redirects lead. An answer has the file or a part of it, or says that it did not
    /// change, or that no such part is there.
    pub(super) fn get(
        &self,
        url: &str,
        conditions: &Conditions,
    ) -> Result<Response<Body>, Failure> {
        let place = self.place(url);
        let uri = place.parse::<Uri>().ok().filter(|uri| uri.host().is_some());
        let mut uri = uri.ok_or_else(|| Failure::Lasting(format!("{place}: is no URL")))?;
        for _ in 0..=MOST_REDIRECTS {
            let answer = self.once(&uri, conditions)?;
            if !is_redirect(answer.status()) {
                return check(&uri, answer, conditions).map_err(|failure| self.hinted(failure));
            }
            uri = target(&uri, answer.headers())
                .map_err(|why| Failure::Lasting(format!("{}: {why}", host_of(&uri))))?;
        }
        let why = format!("{}: there are more than {MOST_REDIRECTS} redirects", host_of(&uri));
        Err(Failure::Lasting(why))
    }

    fn once(&self, uri: &Uri, conditions: &Conditions) -> Result<Response<Body>, Failure> {
        let mut request = self.agent(uri).get(uri);
        if let Some(Validators { etag, last_modified }) = &conditions.not {
            if let Some(etag) = etag {
                request = request.header(header::IF_NONE_MATCH, etag);
            }
            if let Some(time) = last_modified {
                request = request.header(header::IF_MODIFIED_SINCE, time);
            }
        }
        if let Some(who) = self.mirror.as_ref().and_then(|it| it.authorization(uri)) {
            request = request.header(header::AUTHORIZATION, who);
        }
        if let Some((from, version)) = &conditions.from {
            request = request.header(header::RANGE, format!("bytes={from}-"));
            request = request.header(header::IF_RANGE, version);
        }
        request.call().map_err(|error| failure(uri, &error))
    }

    /// With how to say who asks.
    fn hinted(&self, failure: Failure) -> Failure {
        match failure {
            Failure::Lasting(why) if self.mirror.is_some() && why.ends_with(" answers 401") => {
                Failure::Lasting(format!(
                    "{why}; who asks a mirror stands in its address: https://NAME:PASSWORD@HOST/PATH"
                ))
            }
            failure => failure,
        }
    }

    fn agent(&self, uri: &Uri) -> Agent {
        let mut config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .user_agent(concat!("watchkeeper/", env!("CARGO_PKG_VERSION")))
            .timeout_resolve(Some(CONNECT))
            .timeout_connect(Some(CONNECT))
            .timeout_per_read(Some(self.patience.silence))
            .timeout_per_write(Some(self.patience.silence))
            .timeout_recv_response(Some(self.patience.silence * 2))
            .proxy(client::proxy(uri));
        if is_tls(uri) {
            config = config.tls_config(self.tls.clone());
        }
        config.build().new_agent()
    }

    /// A short text, asked for until it is there or there is no hope.
    pub(super) fn text(&self, url: &str, most_bytes: u64) -> Result<String, Failure> {
        let mut waits = self.waits();
        let deadline = Deadline::within(self.patience.whole.min(TEXT_TIME));
        loop {
            let read = self.get(url, &Conditions::default()).and_then(|answer| {
                let mut bytes = Vec::new();
                let mut body = Paced::new(answer.into_body().into_reader(), deadline);
                let read = (&mut body).take(most_bytes + 1).read_to_end(&mut bytes);
                let place = self.place(url);
                match read {
                    Err(error) => {
                        Err(Failure::Passing { why: format!("{place}: {error}"), after: None })
                    }
                    Ok(read) if read as u64 > most_bytes => {
                        let why = format!(
                            "{place}: has more than {most_bytes} bytes, which is the limit"
                        );
                        Err(Failure::Lasting(why))
                    }
                    Ok(_) => String::from_utf8(bytes)
                        .map_err(|_| Failure::Lasting(format!("{place}: is not all UTF-8"))),
                }
            });
            match read {
                Err(Failure::Passing { why, after }) => {
                    waits.next(after, why, deadline).map_err(Failure::Lasting)?;
                }
                done => return done,
            }
        }
    }
}

fn check(
    uri: &Uri,
    answer: Response<Body>,
    conditions: &Conditions,
) -> Result<Response<Body>, Failure> {
    let status = answer.status();
    let is_answer = match status {
        StatusCode::OK => true,
        StatusCode::NOT_MODIFIED => conditions.not.as_ref().is_some_and(Validators::is_any),
        StatusCode::PARTIAL_CONTENT | StatusCode::RANGE_NOT_SATISFIABLE => {
            conditions.from.is_some()
        }
        _ => false,
    };
    if is_answer {
        return Ok(answer);
    }
    let after = client::retry_after(answer.headers());
    let asks = after.filter(|after| !after.is_zero()).map_or_else(String::new, |after| {
        format!("; it asks to be left alone for {} s", after.as_secs())
    });
    let why = format!("{uri}: answers {}{asks}", status.as_u16());
    Err(match status.as_u16() {
        404 | 410 => Failure::Absent(why),
        408 | 429 | 500 | 502..=504 => Failure::Passing { why, after },
        _ => Failure::Lasting(why),
    })
}

fn failure(uri: &Uri, error: &ureq::Error) -> Failure {
    let why = format!("{uri}: {}", client::reason(error));
    match error {
        ureq::Error::Io(error) if client::is_passing(error.kind()) => {
            Failure::Passing { why, after: None }
        }
        ureq::Error::Timeout(_) => Failure::Passing { why, after: None },
        _ => Failure::Lasting(why),
    }
}

/// The bytes of an answer, which have to come soon enough.
pub(super) struct Paced {
    inner: BodyReader<'static>,
    bytes: u64,
    waited: Duration,
    deadline: Deadline,
}

impl Paced {
    pub(super) fn new(inner: BodyReader<'static>, deadline: Deadline) -> Self {
        Self { inner, bytes: 0, waited: Duration::ZERO, deadline }
    }
}

impl Read for Paced {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let start = Instant::now();
        let read = self.inner.read(buffer)?;
        if self.deadline.is_over() && read > 0 {
            let minutes = self.deadline.whole().as_secs() / 60;
            return Err(io::Error::other(format!("it takes longer than {minutes} minutes")));
        }
        self.waited += start.elapsed();
        self.bytes += read as u64;
        if self.waited > SLOWEST_TIME {
            if self.bytes < SLOWEST_BYTES {
                return Err(io::Error::other("it comes too slowly"));
            }
            (self.bytes, self.waited) = (0, Duration::ZERO);
        }
        Ok(read)
    }
}
