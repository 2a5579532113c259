//! What a feed says: advisories, whatever feed they are of.

use versions::{Cut, Side, Span, Spans};

use crate::{Rating, Space};

/// What one source says of one flaw, or of what mends several.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Advisory {
    /// Its name where it is from: `CVE-2024-3094`, `RHSA-2023:7025`.
    pub id: String,
    /// Other names of the same flaw.
    pub aliases: Vec<String>,
    /// Flaws that it mends, where it is an erratum: it is told once for each of them.
    pub covers: Vec<String>,
    /// What it is of.
    pub nature: Nature,
    /// Whether somebody with a say doubts that it is a flaw.
    pub is_disputed: bool,
    /// When it was taken back (RFC 3339), if it was.
    pub withdrawn: Option<String>,
    /// One line for people.
    pub summary: String,
    /// How bad it is, by whom.
    pub ratings: Vec<Rating>,
    /// Where more is said.
    pub references: Vec<String>,
    /// When it was published (RFC 3339, or a day).
    pub published: String,
    /// When it was last changed (RFC 3339, or a day).
    pub modified: String,
    /// Whether, and since when, it is known to be used by attackers.
    pub exploited: Option<Exploited>,
    /// How likely it is used by attackers in the next 30 days.
    pub likelihood: Option<Likelihood>,
    /// What it is in.
    pub affected: Vec<Affected>,
}

/// What an advisory is of.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum Nature {
    /// A flaw.
    #[default]
    Flaw,
    /// The package itself does harm.
    Malicious,
    /// Nobody looks after the package any more.
    Unmaintained,
    /// The package can be used in ways that break the language's promises.
    Unsound,
    /// Something that users should know.
    Notice,
}

impl Nature {
    /// Its name in documents.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Flaw => "flaw",
            Self::Malicious => "malicious",
            Self::Unmaintained => "unmaintained",
            Self::Unsound => "unsound",
            Self::Notice => "notice",
        }
    }

    /// Whether it tells of something beside flaws that should be known.
    pub const fn is_informational(self) -> bool {
        matches!(self, Self::Unmaintained | Self::Unsound | Self::Notice)
    }
}

/// That a flaw is known to be used by attackers.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Exploited {
    /// The day on which that was told.
    pub since: String,
    /// Until when it has to be mended where the list binds; empty where that is not told.
    pub due: String,
    /// Whether it is known to be used to extort.
    pub by_ransomware: bool,
}

/// How likely a flaw is used (EPSS), in hundred thousandths.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Likelihood {
    /// The probability.
    pub score_e5: u32,
    /// Which part of all flaws is not more likely.
    pub percentile_e5: u32,
}

/// In which versions of one package a flaw is.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Affected {
    /// Where packages of that name are.
    pub space: Space,
    /// The package's name there.
    pub package: String,
    /// Of which stream of a module it is: `nodejs:12`; empty where it is of none.
    pub module: String,
    /// For which processors it is told, as packages name them: `aarch64`; empty where for all.
    pub processors: Vec<String>,
    /// What whoever makes the package says.
    pub status: Status,
    /// Versions that have it.
    pub intervals: Vec<Interval>,
    /// Versions that have it and are in none of these intervals.
    pub versions: Vec<String>,
    /// How bad it is in this package, as whoever makes it says.
    pub level: Option<Level>,
}

/// What whoever makes a package says of a flaw in it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum Status {
    /// It is there; where a version mends it, that is told.
    #[default]
    Affected,
    /// It is not there.
    NotAffected,
    /// It is there, and stays there.
    WillNotFix,
    /// It is there, and will be mended some day.
    Deferred,
    /// Nobody looks any more.
    EndOfLife,
    /// Somebody looks whether it is there.
    UnderInvestigation,
}

impl Status {
    /// All of them, in their order.
    pub const ALL: [Self; 6] = [
        Self::Affected,
        Self::NotAffected,
        Self::WillNotFix,
        Self::Deferred,
        Self::EndOfLife,
        Self::UnderInvestigation,
    ];
}

/// How bad a flaw is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[allow(missing_docs, reason = "the names are those that the field uses")]
pub enum Level {
    Negligible,
    Low,
    Medium,
    High,
    Critical,
}

impl Level {
    /// All of them, in their order.
    pub const ALL: [Self; 5] =
        [Self::Negligible, Self::Low, Self::Medium, Self::High, Self::Critical];

    /// Its name in documents.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Negligible => "negligible",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }

    /// What sources call so, in any letters; `None` where they say nothing, or nothing that is known.
    pub fn parse(word: &str) -> Option<Self> {
        // Debian's tracker has `high**` where it took over what the National Vulnerability Database says.
        Some(match word.trim_end_matches('*').to_ascii_lowercase().as_str() {
            "negligible" | "unimportant" | "minimal" => Self::Negligible,
            "low" | "minor" => Self::Low,
            "medium" | "moderate" => Self::Medium,
            "high" | "important" | "major" => Self::High,
            "critical" | "urgent" => Self::Critical,
            _ => return None,
        })
    }

    /// What a score of CVSS is called (CVSS 3.1, 5).
    pub(crate) fn of_score(score: f64) -> Option<Self> {
        Some(match score {
            9.0.. => Self::Critical,
            7.0.. => Self::High,
            4.0.. => Self::Medium,
            0.1.. => Self::Low,
            _ => return None,
        })
    }
}

/// Versions between two, by the order of the package's space.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Interval {
    /// The first, or none below all.
    pub low: Option<Bound>,
    /// The end, or none above all.
    pub high: Option<Bound>,
}

/// An end of an interval.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Bound {
    /// The version.
    pub version: String,
    /// Whether that is within.
    pub ends: Ends,
}

/// Whether the version at an end is within.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Ends {
    /// It is.
    Within,
    /// It is not.
    Without,
}

impl Interval {
    /// All versions below one that mends the flaw.
    pub fn below(fixed: impl Into<String>) -> Self {
        let bound = Bound { version: fixed.into(), ends: Ends::Without };
        Self { low: None, high: Some(bound) }
    }

    /// Those of a set of versions.
    pub fn of_spans(spans: &Spans) -> Vec<Self> {
        let bound = |cut: &Cut, within: Side| Bound {
            version: cut.version().to_owned(),
            ends: if cut.side() == within { Ends::Within } else { Ends::Without },
        };
        let interval = |span: &Span| Self {
            low: span.low.as_ref().map(|cut| bound(cut, Side::Before)),
            high: span.high.as_ref().map(|cut| bound(cut, Side::After)),
        };
        spans.iter().map(interval).collect()
    }

    /// The version that mends the flaw, where that is told.
    pub fn fixed(&self) -> Option<&str> {
        let high = self.high.as_ref().filter(|bound| bound.ends == Ends::Without)?;
        Some(&high.version)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_sources_are_levels() {
        for level in Level::ALL {
            assert_eq!(Level::parse(level.name()), Some(level));
        }
        let words = [("Important", Level::High), ("unimportant", Level::Negligible)];
        for (word, level) in words.into_iter().chain([("high**", Level::High)]) {
            assert_eq!(Level::parse(word), Some(level), "{word}");
        }
        assert_eq!(Level::parse("not yet assigned"), None);
    }

    #[test]
    fn scores_are_levels() {
        let cases = [(0.0, None), (0.1, Some(Level::Low)), (6.9, Some(Level::Medium))];
        for (score, level) in cases.into_iter().chain([(9.0, Some(Level::Critical))]) {
            assert_eq!(Level::of_score(score), level, "{score}");
        }
    }
}
