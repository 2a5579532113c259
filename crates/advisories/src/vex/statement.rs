//! What is said of a flaw, in whichever form.

use jiff::Timestamp;

use super::Product;

/// What is said of a flaw in products.
#[derive(Clone, PartialEq, Debug)]
pub struct Statement {
    /// Names of the flaw.
    pub flaws: Vec<String>,
    /// Of what it is said.
    pub products: Vec<Product>,
    /// What is said.
    pub status: Status,
    /// Why it is not affected, in the word of its form; empty where that is not told.
    pub justification: String,
    /// The same for people, or what should be done.
    pub detail: String,
    /// As of when.
    pub time: Option<Timestamp>,
    /// Where it stands in its document.
    pub place: String,
}

/// What can be said of a flaw in a product (CISA, Minimum Requirements for VEX). The later one is the more
/// careful.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Status {
    /// It is not there, or can do no harm.
    NotAffected,
    /// It was mended.
    Fixed,
    /// Somebody looks whether it is there.
    UnderInvestigation,
    /// It is there.
    Affected,
}

impl Status {
    /// Its name in documents.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NotAffected => "not_affected",
            Self::Fixed => "fixed",
            Self::UnderInvestigation => "under_investigation",
            Self::Affected => "affected",
        }
    }

    /// Whether what has it is no finding.
    pub const fn is_settled(self) -> bool {
        matches!(self, Self::NotAffected | Self::Fixed)
    }
}

impl Statement {
    /// Why it is so, in one line: the word, then the sentence.
    pub fn reason(&self) -> String {
        reason(&self.justification, &self.detail)
    }
}

/// The word, then the sentence, as far as they are told.
pub(crate) fn reason(justification: &str, detail: &str) -> String {
    let parts = [justification, detail].into_iter().filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join(": ")
}

/// An instant: RFC 3339, or a day in UTC.
pub(super) fn time(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    text.parse().ok().or_else(|| format!("{text}T00:00:00Z").parse().ok())
}

/// A flaw's names in a text, which may be a link to where more is said of it.
pub(super) fn flaw_names(text: &str) -> impl Iterator<Item = String> {
    let text = text.trim();
    let last = text.rsplit(['/', '#', '=']).next().filter(|last| *last != text);
    [Some(text), last].into_iter().flatten().filter(|name| !name.is_empty()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_instants_whatever_their_zone() {
        assert_eq!(time("2024-07-09T11:38:00+04:00"), time("2024-07-09T07:38:00Z"));
        assert!(time("2024-07-09") < time("2024-07-09T00:00:01Z"));
        assert_eq!(time("yesterday"), None);
    }

    #[test]
    fn links_to_flaws_name_them() {
        let of = |text| flaw_names(text).collect::<Vec<_>>();
        assert_eq!(of("CVE-2026-1"), ["CVE-2026-1"]);
        let link = "https://nvd.nist.gov/vuln/detail/CVE-2026-1";
        assert_eq!(of(link), [link, "CVE-2026-1"]);
        assert!(of(" ").is_empty());
    }
}
