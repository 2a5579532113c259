//! Answers: whether they have what was asked for, and what registries say where they do not.

use std::{
    io::Read,
    time::{Duration, Instant},
};

use serde::Deserialize;
use ureq::{
    Body,
    http::{Response, StatusCode},
};

use crate::{Error, http::Failure};

/// So much of what a registry says of a failure is read, and so much is shown.
const LONGEST_REASON_BYTES: u64 = 64 << 10;
const MOST_SHOWN: usize = 200;
/// Time for a short answer.
const TIME: Duration = Duration::from_secs(120);
const CHUNK_BYTES: usize = 32 << 10;

/// An answer that has what was asked for.
pub(crate) fn check(
    host: &str,
    what: &str,
    answer: Response<Body>,
) -> Result<Response<Body>, Failure> {
    let status = answer.status();
    if status.is_success() {
        return Ok(answer);
    }
    if status == StatusCode::NOT_FOUND {
        let error = Error::NotFound { host: host.to_owned(), what: what.to_owned() };
        return Err(Failure::Lasting(error));
    }
    let after = client::retry_after(answer.headers());
    let asks = after.filter(|after| !after.is_zero()).map_or_else(String::new, |after| {
        format!("; it asks to be left alone for {} s", after.as_secs())
    });
    let error = Error::host(host, format!("answers {}{}{asks}", status.as_u16(), said(answer)));
    Err(match status.as_u16() {
        408 | 429 | 500 | 502..=504 => Failure::Passing { error, after },
        _ => Failure::Lasting(error),
    })
}

#[derive(Deserialize)]
struct Reasons {
    errors: Vec<Reason>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Reason {
    code: String,
    message: Option<String>,
}

/// What a registry says of a failure (distribution-spec, "Error Codes").
fn said(answer: Response<Body>) -> String {
    let json = read_bounded(answer, LONGEST_REASON_BYTES).unwrap_or_default();
    let reasons = serde_json::from_slice::<Reasons>(&json).map_or(Vec::new(), |it| it.errors);
    let said = reasons.first().map(|reason| match &reason.message {
        Some(message) if !message.is_empty() => message.clone(),
        _ => reason.code.clone(),
    });
    said.map_or_else(String::new, |said| {
        format!(": {}", said.escape_debug().take(MOST_SHOWN).collect::<String>())
    })
}

/// All of a short answer, which has to come soon.
pub(crate) fn read_bounded(answer: Response<Body>, most_bytes: u64) -> Result<Vec<u8>, String> {
    let end = Instant::now() + TIME;
    let mut body = answer.into_body().into_reader();
    let (mut bytes, mut chunk) = (Vec::new(), vec![0; CHUNK_BYTES]);
    loop {
        let read = body.read(&mut chunk).map_err(|error| error.to_string())?;
        bytes.extend_from_slice(chunk.get(..read).unwrap_or_default());
        if bytes.len() as u64 > most_bytes {
            return Err(format!("its answer has more than {most_bytes} bytes, which is the limit"));
        }
        match read {
            0 => return Ok(bytes),
            _ if Instant::now() > end => return Err("its answer comes too slowly".to_owned()),
            _ => {}
        }
    }
}
