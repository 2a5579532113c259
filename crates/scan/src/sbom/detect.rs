//! Which form a document is of, and what is wrapped around it: statements of in-toto, envelopes of DSSE,
//! bundles of sigstore, predicates of older cosign; one, or a line each.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Deserialize;

use super::{
    Document, cyclonedx,
    json::{Raw, Text, Words},
    own, spdx,
};
use crate::{Error, Trouble};

/// Most wrappings within each other: bundle, envelope, statement, predicate, text.
const MOST_WRAPPINGS: usize = 6;
/// Most bytes of comments before a document in tags begins.
const MOST_COMMENT_BYTES: usize = 64 << 10;

const KNOWN: &str = "CycloneDX (JSON or XML), SPDX 2.2 or 2.3 (JSON or tag-value), SPDX 3.0 (JSON-LD), \
                     JSON of this program, or an attestation of one of these";

/// Reads a document.
///
/// # Errors
/// If it is of no form that is known, or not as its form has it.
pub(super) fn read(bytes: &[u8]) -> Result<Document, Error> {
    unwrapped(bytes, MOST_WRAPPINGS)
}

fn unwrapped(bytes: &[u8], wrappings: usize) -> Result<Document, Error> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    match bytes.first() {
        Some(b'{') => json(bytes, wrappings),
        Some(b'<') => cyclonedx::xml::read(bytes),
        _ if is_tag_value(bytes) => spdx::tag_value::read(bytes),
        _ => Err(unknown("it begins as none of them does")),
    }
}

fn unknown(why: &str) -> Error {
    Error::Unsupported(format!("is no list of packages that is known: {why}; known are {KNOWN}"))
}

/// Whether the first line that is no comment is the version's.
fn is_tag_value(bytes: &[u8]) -> bool {
    let begin = bytes.get(..bytes.len().min(MOST_COMMENT_BYTES)).unwrap_or_default();
    let mut lines = begin.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
    lines
        .find(|line| !line.is_empty() && !line.starts_with(b"#"))
        .is_some_and(|line| line.starts_with(b"SPDXVersion:"))
}

/// What stands at the top of a document, whatever its form: enough to know that.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Top<'a> {
    #[serde(rename = "bomFormat")]
    cyclonedx: Words,
    #[serde(rename = "spdxVersion")]
    spdx: Words,
    #[serde(borrow, rename = "@graph")]
    graph: Option<Raw<'a>>,
    format: Words,
    #[serde(borrow)]
    packages: Option<Raw<'a>>,
    /// Of an envelope: the statement, in base64.
    #[serde(borrow)]
    payload: Option<Raw<'a>>,
    /// Of a bundle: the envelope.
    #[serde(borrow, rename = "dsseEnvelope")]
    envelope: Option<Raw<'a>>,
    /// Of a statement.
    #[serde(borrow)]
    predicate: Option<Raw<'a>>,
    /// Of older predicates of cosign.
    #[serde(borrow, rename = "Data")]
    data: Option<Raw<'a>>,
}

/// One document, or the first of several in which packages are listed.
fn json(bytes: &[u8], wrappings: usize) -> Result<Document, Error> {
    let text = Text(bytes);
    let mut first_error = None;
    let mut found: Option<Document> = None;
    for (at, raw) in serde_json::Deserializer::from_slice(bytes).into_iter::<Raw<'_>>().enumerate()
    {
        let raw = raw.map_err(|error| Error::malformed("JSON", text.placed(None, &error)))?;
        match (one(text, raw, wrappings), &mut found) {
            (Ok(document), None) => found = Some(document),
            (Ok(_), Some(found)) => found.inventory.troubles.push(Trouble {
                path: format!("document {}", at + 1),
                layer: None,
                reason: "lists packages as well, and is not read; give it a file of its own"
                    .to_owned(),
            }),
            // Attestations of other things may stand beside it.
            (Err(error), None) => first_error = first_error.or(Some(error)),
            (Err(_), Some(_)) => {}
        }
    }
    found.ok_or_else(|| first_error.unwrap_or_else(|| unknown("it is empty")))
}

fn one(text: Text<'_>, raw: Raw<'_>, wrappings: usize) -> Result<Document, Error> {
    let top: Top<'_> = text.typed(raw).map_err(|why| Error::malformed("JSON object", why))?;
    if top.cyclonedx.0 == "CycloneDX" {
        return cyclonedx::json::read(text, raw);
    }
    if !top.spdx.0.is_empty() {
        return spdx::json::read(text, raw);
    }
    if let Some(graph) = top.graph {
        return spdx::graph::read(text, graph);
    }
    if !top.format.0.is_empty() && top.packages.is_some() {
        return own::read(text, raw);
    }
    let wrappings = wrappings.checked_sub(1).ok_or_else(|| unknown("it is wrapped too often"))?;
    if let Some(payload) = top.payload {
        return unwrapped(&payload_of(text, payload)?, wrappings);
    }
    match top.envelope.or(top.predicate).or(top.data) {
        Some(inner) if inner.get().starts_with('"') => {
            let inner = text.typed::<String>(inner);
            let inner = inner.map_err(|why| Error::malformed("attestation", why))?;
            unwrapped(inner.as_bytes(), wrappings)
        }
        Some(inner) => one(text, inner, wrappings),
        None => Err(unknown("it has none of their marks")),
    }
}

fn payload_of<'a>(text: Text<'a>, raw: Raw<'a>) -> Result<Vec<u8>, Error> {
    let payload = text.typed::<String>(raw);
    let mut payload = payload.map_err(|why| Error::malformed("envelope", why))?.into_bytes();
    payload.retain(|byte| !byte.is_ascii_whitespace());
    let bytes = STANDARD.decode(payload);
    bytes
        .map_err(|error| Error::malformed("envelope", format!("its payload is no base64: {error}")))
}
