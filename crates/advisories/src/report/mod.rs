//! Findings as documents, the same to the byte each time. That the distribution has ended, and what is
//! unscanned, is said in each of them.
//!
//! - `json`: the form of this program; `html`: a page for people.
//! - `sarif`, `github`, `junit`: for what runs scans again and again.
//! - `cyclonedx`, `openvex`: for other tools that know packages.
//! - `explain`: why something is a finding, or is none.
//! - `words`: what is told in words, the same everywhere.

mod cyclonedx;
pub mod explain;
mod github;
mod html;
mod json;
mod junit;
mod openvex;
mod sarif;
mod words;

use std::io::{self, Write};

use scan::{Inventory, Subject};
use serde::Serialize;

pub use self::{
    json::{finding_object, unscanned_objects},
    words::{by_origin, summary, told_severity, unscanned, uses_summary},
};
use crate::{db::Database, matching::Matches};

/// What a document tells.
#[derive(Clone, Copy, Debug)]
pub struct Report<'a> {
    /// What was looked at.
    pub subject: &'a Subject,
    /// What is installed.
    pub inventory: &'a Inventory,
    /// What is wrong with it.
    pub matches: &'a Matches,
    /// By which database.
    pub database: &'a Database,
    /// Whether the distribution gets no updates any more; `None` where that is not known.
    pub ended: Option<bool>,
    /// What should be looked at beside: what is ignored and counts no longer, statements that contradict
    /// each other.
    pub remarks: &'a [String],
}

/// Form of a document.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Form {
    /// This program's own: an object with `findings` and what else is known.
    Json,
    /// SARIF 2.1.0.
    Sarif,
    /// CycloneDX 1.6, as JSON, with `vulnerabilities`.
    CycloneDx,
    /// JUnit's XML.
    Junit,
    /// Annotations of GitHub's workflows.
    Github,
    /// A page.
    Html,
    /// OpenVEX 0.2.0.
    OpenVex,
}

/// Writes a document.
///
/// # Errors
/// If it can't be written.
pub fn write(form: Form, report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    match form {
        Form::Json => print(&json::document(report), out),
        Form::Sarif => print(&sarif::document(report), out),
        Form::OpenVex => print(&openvex::document(report), out),
        Form::CycloneDx => {
            let more = cyclonedx::more(report);
            scan::write_cyclonedx(report.inventory, report.subject, &more, out)
        }
        Form::Junit => junit::write(report, out),
        Form::Github => github::write(report, out),
        Form::Html => html::write(report, out),
    }
}

fn print(document: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, document)?;
    out.write_all(b"\n")
}
