//! Inventories as documents, the same to the byte each time: in the form of this program (`json`),
//! CycloneDX 1.6 (`cyclonedx`), SPDX 2.3 (`spdx2`) and SPDX 3.0 (`spdx3`).

mod cyclonedx;
mod json;
mod properties;
mod spdx2;
mod spdx3;

use std::{
    collections::HashMap,
    io::{self, Write},
};

pub use cyclonedx::More;
pub use json::{FORMAT, base_object, distro_object, package_object, problem_objects};
use serde::Serialize;

use crate::{Inventory, Package, purl};

/// Form of a document.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Form {
    /// This program's own.
    Json,
    /// CycloneDX 1.6, as JSON.
    CycloneDx,
    /// SPDX 2.3, as JSON.
    Spdx,
    /// SPDX 3.0.1, as JSON-LD.
    Spdx3,
}

/// What an inventory is of.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Subject {
    /// Its name: a path, or an image's name.
    pub name: String,
    /// What it is.
    pub purpose: Purpose,
    /// What names it exactly: the digest of an image.
    pub version: Option<String>,
    /// Other names of exactly that: package URLs, names with a registry, digests, the number of its list.
    pub ids: Vec<String>,
    /// When it was made (RFC 3339), where that is told. Documents are of that time, so that they do not
    /// change from run to run.
    pub created: Option<String>,
    /// This program's version.
    pub tool_version: String,
}

/// What a subject is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Purpose {
    /// An image of containers.
    Container,
    /// A machine, or its root file system.
    OperatingSystem,
    /// A tree of sources.
    Source,
}

/// The time of what tells none: SPDX asks for one.
const NO_TIME: &str = "1970-01-01T00:00:00Z";

impl Subject {
    /// When it was made, in whole seconds of UTC, as SPDX has times.
    fn time(&self) -> String {
        let created = self.created.as_deref().unwrap_or_default();
        match created.as_bytes() {
            [time @ .., b'Z'] if time.len() >= 19 => {
                format!("{}Z", created.get(..19).unwrap_or_default())
            }
            _ => NO_TIME.to_owned(),
        }
    }
}

/// Writes an inventory.
///
/// # Errors
/// If it can't be written.
pub fn write(
    form: Form,
    inventory: &Inventory,
    subject: &Subject,
    out: &mut dyn Write,
) -> io::Result<()> {
    match form {
        Form::Json => print(&json::document(inventory, subject), out),
        Form::CycloneDx => print(&cyclonedx::document(inventory, subject, None), out),
        Form::Spdx => print(&spdx2::document(inventory, subject), out),
        Form::Spdx3 => print(&spdx3::document(inventory, subject), out),
    }
}

/// Writes an inventory as CycloneDX, with what else is known of it.
///
/// # Errors
/// If it can't be written.
pub fn write_cyclonedx(
    inventory: &Inventory,
    subject: &Subject,
    more: &More,
    out: &mut dyn Write,
) -> io::Result<()> {
    print(&cyclonedx::document(inventory, subject, Some(more)), out)
}

/// The names that packages have in documents of CycloneDX (`bom-ref`), in their order.
pub fn references(inventory: &Inventory) -> Vec<String> {
    named(inventory).into_iter().map(|(_, _, name)| name).collect()
}

fn print(document: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, document)?;
    out.write_all(b"\n")
}

/// Each package with its package URL, and with a name that no other has: the URL, with a number where
/// several have the same.
fn named(inventory: &Inventory) -> Vec<(&Package, String, String)> {
    let mut times: HashMap<String, u32> = HashMap::new();
    let packages = inventory.packages.iter();
    packages
        .map(|package| {
            let purl = purl(package, inventory.distro.as_ref());
            let count = times.entry(purl.clone()).or_default();
            *count += 1;
            let name = if *count == 1 { purl.clone() } else { format!("{purl}#{count}") };
            (package, purl, name)
        })
        .collect()
}

/// A number made of a text, as 32 hexadecimal digits.
fn digits(text: &str) -> String {
    image::Digest::of(text.as_bytes()).hex().chars().take(32).collect()
}

/// A number made of what a document says, and of what it says more.
fn serial(inventory: &Inventory, subject: &Subject, more: &str) -> String {
    let json = serde_json::to_string(&json::document(inventory, subject)).unwrap_or_default();
    uuid(&format!("{json}{more}"))
}

/// A number that is made of a text, as those are written that nothing else has.
pub fn uuid(text: &str) -> String {
    let digits = digits(text);
    let part = |from: usize, to: usize| digits.get(from..to).unwrap_or_default();
    // A UUID of version 8 (RFC 9562): its bits are its maker's.
    let (a, b, c, d, e) = (part(0, 8), part(8, 12), part(13, 16), part(17, 20), part(20, 32));
    format!("{a}-{b}-8{c}-8{d}-{e}")
}

#[cfg(test)]
mod tests;
