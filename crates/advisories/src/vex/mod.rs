//! What makers and users of software say of flaws in it (VEX): that it is not affected, that it is fixed, that
//! somebody looks.
//!
//! ```text
//! a file ──► openvex · csaf · cyclonedx: Statement by Statement ──► apply: the newest that is meant ──► Matches
//! ```
//!
//! - `statement`: what is said, in whichever form.
//! - `product`: of what it is said, and whether that is what was scanned.
//! - `openvex`, `csaf`, `cyclonedx`: the forms.
//! - `apply`: which statement counts for a finding.

mod apply;
mod csaf;
mod cyclonedx;
mod openvex;
mod product;
mod statement;
#[cfg(test)]
mod tests;

use std::path::Path;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use serde_json::Value;

pub use self::{
    apply::{Applied, apply},
    product::{Named, Product},
    statement::{Statement, Status},
};
pub(crate) use self::{product::Scanned, statement::reason};
use crate::Error;

/// Longest document.
pub const MOST_BYTES: u64 = 256 << 20;
/// Most wrappings within each other: envelope, statement, predicate.
const MOST_WRAPPINGS: usize = 4;
/// Most mistakes of a document that are kept.
const MOST_TROUBLES: usize = 1000;

/// A document of VEX.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Document {
    /// The name of its file.
    pub name: String,
    /// Who says so.
    pub author: String,
    /// What is said.
    pub statements: Vec<Statement>,
    /// What could not be read, or should not be so, each with its place.
    pub troubles: Vec<String>,
}

impl Document {
    /// Takes times that have not come for none: they would be newer than all that will be said.
    pub fn refuse_times_after(&mut self, now: Timestamp) {
        let mut early = Vec::new();
        for statement in &mut self.statements {
            if let Some(time) = statement.time.take_if(|time| *time > now) {
                early.push((statement.place.clone(), time));
            }
        }
        for (place, time) in early {
            self.trouble(&place, format!("is of {time}, which has not come; any other is newer"));
        }
    }

    fn trouble(&mut self, place: &str, why: impl AsRef<str>) {
        if self.troubles.len() < MOST_TROUBLES {
            self.troubles.push(format!("{}: {place}: {}", self.name, why.as_ref()));
        }
    }
}

/// Reads a document: OpenVEX, CSAF 2.0 or CycloneDX, as JSON, as it is or as an attestation (in-toto, DSSE).
///
/// # Errors
/// If it is none of these, or not as its form has it. Statements that are not are told, and the others count.
pub fn read(name: &Path, bytes: &[u8]) -> Result<Document, Error> {
    let wrong = |why: String| Error::Document { path: name.to_owned(), why };
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if bytes.trim_ascii().is_empty() {
        return Err(wrong("it is empty; a document of VEX is expected".to_owned()));
    }
    let value: Value = serde_json::from_slice(bytes)
        .map_err(|error| wrong(format!("is no JSON, which documents of VEX are: {error}")))?;
    let mut document = Document { name: name.display().to_string(), ..Document::default() };
    unwrapped(value, &mut document, MOST_WRAPPINGS).map_err(wrong)?;
    Ok(document)
}

fn unwrapped(mut value: Value, document: &mut Document, wrappings: usize) -> Result<(), String> {
    let is = |key: &str, begin: &str| {
        value.get(key).and_then(Value::as_str).is_some_and(|text| text.starts_with(begin))
    };
    if is("@context", "https://openvex.dev/") {
        return openvex::read(value, document);
    }
    if is("bomFormat", "CycloneDX") {
        return cyclonedx::read(value, document);
    }
    if value.pointer("/document/csaf_version").is_some() {
        return csaf::read(value, document);
    }
    let left = wrappings.checked_sub(1).ok_or("it is wrapped too often")?;
    if let Some(payload) = value.get("payload").and_then(Value::as_str) {
        let bytes = STANDARD.decode(payload).map_err(|error| format!("payload: {error}"))?;
        let inner = serde_json::from_slice(&bytes).map_err(|error| format!("payload: {error}"))?;
        return unwrapped(inner, document, left);
    }
    match value.get_mut("predicate").map(Value::take) {
        Some(inner) => unwrapped(inner, document, left),
        None => {
            Err("is no document of VEX that is known; known are OpenVEX, CSAF 2.0 and CycloneDX"
                .to_owned())
        }
    }
}
