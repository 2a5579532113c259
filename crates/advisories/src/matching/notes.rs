//! What is known of a finding beside what advisories say: what statements of VEX and users say of it, and
//! whether what has the flaw is in use.

use super::{Finding, InUse};
use crate::vex::{Status, reason};

/// What is said of a finding.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Notes {
    /// The statement of VEX that counts, where there is one that leaves the finding.
    pub vex: Option<VexNote>,
    /// Whether the package is in use, where that was asked.
    pub in_use: Option<InUse>,
}

/// A statement of VEX.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct VexNote {
    /// What it says.
    pub status: Status,
    /// The document's file.
    pub source: String,
    /// Where it stands there.
    pub place: String,
    /// Who says so.
    pub author: String,
    /// Why, in the word of its form.
    pub justification: String,
    /// Why, for people.
    pub detail: String,
    /// As of when (RFC 3339); empty where that is not told.
    pub time: String,
}

/// What a user ignores.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct IgnoreNote {
    /// The file.
    pub source: String,
    /// Line and column there.
    pub place: String,
    /// Why.
    pub reason: String,
    /// The last day on which that counts; empty where there is none.
    pub expires: String,
}

/// Why a finding is none.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Means {
    /// Who makes it says so.
    Vex(VexNote),
    /// Who asked ignores it.
    Ignored(IgnoreNote),
}

/// A finding that is none, as somebody said.
#[derive(Clone, PartialEq, Debug)]
pub struct Suppressed {
    /// What it would be.
    pub finding: Finding,
    /// Why it is none.
    pub by: Means,
}

impl VexNote {
    /// Why it is so, in one line: the word, then the sentence.
    pub fn reason(&self) -> String {
        reason(&self.justification, &self.detail)
    }
}
