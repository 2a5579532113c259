//! Lists of packages that others wrote, or this program did: CycloneDX, SPDX, the form of this program,
//! and attestations around them.
//!
//! ```text
//! bytes ──► detect: which form ──► cyclonedx · spdx · own: Component by Component ──► gather ──► Inventory
//! ```
//!
//! A form's reader hands on one [`Component`](component::Component) after another, as its document tells of
//! it; what those are, is decided in one place for all forms.
//!
//! - `detect`: which form it is, and what is wrapped around it.
//! - `json`: elements of JSON documents one by one, and the places of mistakes.
//! - `cyclonedx`, `spdx`, `own`: the forms.
//! - `component`: what a document tells of a component, and which package that is.
//! - `properties`: what tools tell beside what forms have places for.
//! - `gather`: components put together as an inventory.
//!
//! Bounds: a document has [`MOST_BYTES`] and is in memory once, unwrapped ones twice; of its packages there
//! are at most a million, in levels of 32 within each other. JSON may stand within itself as deeply as it
//! likes where it isn't read; XML is read without entities of its own.

mod component;
mod cyclonedx;
mod detect;
mod gather;
mod json;
mod own;
mod properties;
mod spdx;
#[cfg(test)]
mod tests;

use std::io::Read;

use crate::{Error, Inventory, Purpose};

/// Longest document.
pub const MOST_BYTES: u64 = 256 << 20;
/// Most packages of a document.
const MOST_PACKAGES: usize = 1_000_000;
/// Most levels of components within each other.
const MOST_LEVELS: usize = 32;

/// What a document says.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Document {
    /// Its form, for people: `CycloneDX 1.6, as JSON`.
    pub form: String,
    /// What is installed.
    pub inventory: Inventory,
    /// The name of what it is of, where that is told.
    pub name: Option<String>,
    /// What that is, where that is told.
    pub purpose: Option<Purpose>,
    /// What names that exactly, where that is told.
    pub version: Option<String>,
    /// Other names of exactly that, and of the document: package URLs, serial numbers.
    pub ids: Vec<String>,
    /// When it was made (RFC 3339), where that is told.
    pub created: Option<String>,
}

/// Reads a document, whatever its form.
///
/// # Errors
/// If it can't be read, is too large, is of no form that is known, or not as its form has it. Parts that
/// are not as they should be are [troubles](Inventory::troubles) of the inventory.
pub fn read(from: &mut dyn Read) -> Result<Document, Error> {
    let mut bytes = Vec::new();
    from.take(MOST_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MOST_BYTES {
        return Err(Error::Limit { what: "the document", limit: MOST_BYTES, unit: "bytes" });
    }
    detect::read(&bytes)
}
