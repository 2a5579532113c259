//! How bad a flaw is, by whom: vectors of CVSS, whose scores are computed, and words.

use std::str::FromStr;

use crate::Level;

/// Longest vector that is read; the longest of CVSS 4 have some 200 bytes.
const LONGEST_VECTOR_BYTES: usize = 512;

/// What one source says of how bad a flaw is.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Rating {
    /// Who says so: `nvd`, `redhat`, or the feed.
    pub source: String,
    /// What.
    pub says: Says,
}

/// What a source says.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Says {
    /// A vector of CVSS, of whichever version.
    Vector(String),
    /// A word.
    Level(Level),
}

/// A score of CVSS with what it was computed from.
#[derive(Clone, PartialEq, Debug)]
pub struct Score {
    /// The version of CVSS.
    pub generation: Generation,
    /// From 0 to 10.
    pub value: f64,
}

/// A version of CVSS; later ones are preferred.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[allow(missing_docs, reason = "the names are the numbers of the versions")]
pub enum Generation {
    V2,
    V3,
    V4,
}

impl Generation {
    /// Its number.
    pub const fn name(self) -> &'static str {
        match self {
            Self::V2 => "2",
            Self::V3 => "3",
            Self::V4 => "4",
        }
    }
}

impl Rating {
    /// What a source says with a vector; `None` where it is none.
    pub fn vector(source: &str, vector: &str) -> Option<Self> {
        score(vector)?;
        Some(Self { source: source.to_owned(), says: Says::Vector(vector.trim().to_owned()) })
    }

    /// What a source says with a word; `None` where it is none that is known.
    pub fn level(source: &str, word: &str) -> Option<Self> {
        let level = Level::parse(word)?;
        Some(Self { source: source.to_owned(), says: Says::Level(level) })
    }

    /// The score, where it has a vector.
    pub fn score(&self) -> Option<Score> {
        match &self.says {
            Says::Vector(vector) => score(vector),
            Says::Level(_) => None,
        }
    }
}

/// The score of a vector of CVSS 2, 3 or 4; `None` where it is no vector. With metrics of time or
/// surroundings it is the one that these give.
pub fn score(vector: &str) -> Option<Score> {
    let vector = vector.trim();
    if vector.len() > LONGEST_VECTOR_BYTES {
        return None;
    }
    let (generation, value) = match vector.get(..7)? {
        "CVSS:4." => (Generation::V4, cvss::v4::Vector::from_str(vector).ok()?.score().value()),
        "CVSS:3." => (Generation::V3, v3(vector)?),
        _ => (Generation::V2, v2(vector)?),
    };
    Some(Score { generation, value })
}

fn v3(vector: &str) -> Option<f64> {
    let has_all = has_all(vector, &["AV", "AC", "PR", "UI", "S", "C", "I", "A"]);
    has_all.then_some(())?;
    Some(cvss::v3::Vector::from_str(vector).ok()?.score().value())
}

/// Vectors of CVSS 2 stand without prefix, and with brackets at times.
fn v2(vector: &str) -> Option<f64> {
    let vector = vector.trim_start_matches('(').trim_end_matches(')');
    let vector = vector.strip_prefix("CVSS:2.0/").unwrap_or(vector);
    has_all(vector, &["AV", "AC", "Au", "C", "I", "A"]).then_some(())?;
    Some(cvss::v2::Vector::from_str(vector).ok()?.score().value())
}

/// Without one of the metrics that have to be there, there is no score.
fn has_all(vector: &str, metrics: &[&str]) -> bool {
    let names: Vec<&str> =
        vector.split('/').filter_map(|metric| Some(metric.split_once(':')?.0)).collect();
    metrics.iter().all(|metric| names.contains(metric))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Scores as the National Vulnerability Database publishes them, and as the specification's examples
    /// have them (CVSS 4.0, examples).
    #[test]
    fn scores_are_those_that_others_publish() {
        for (vector, generation, value) in [
            ("AV:N/AC:L/Au:N/C:N/I:N/A:C", Generation::V2, 7.8),
            ("(AV:N/AC:L/Au:N/C:C/I:C/A:C)", Generation::V2, 10.0),
            ("AV:L/AC:H/Au:N/C:C/I:C/A:C", Generation::V2, 6.2),
            ("CVSS:3.0/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N", Generation::V3, 6.1),
            ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", Generation::V3, 9.8),
            ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H", Generation::V3, 10.0),
            (
                "CVSS:4.0/AV:L/AC:L/AT:P/PR:L/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N",
                Generation::V4,
                7.3,
            ),
            (
                "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H",
                Generation::V4,
                10.0,
            ),
            (
                "CVSS:4.0/AV:N/AC:L/AT:P/PR:N/UI:P/VC:H/VI:H/VA:H/SC:L/SI:L/SA:L",
                Generation::V4,
                7.7,
            ),
            (
                "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:N/SC:N/SI:N/SA:N",
                Generation::V4,
                0.0,
            ),
        ] {
            assert_eq!(score(vector), Some(Score { generation, value }), "{vector}");
        }
    }

    #[test]
    fn what_is_no_vector_has_no_score() {
        for text in
            ["", "7.5", "CVSS:3.1", "CVSS:4.0/AV:N", "CVSS:9.0/AV:N/AC:L", "höher/als/alles"]
        {
            assert_eq!(score(text), None, "{text}");
        }
        assert_eq!(score(&"CVSS:3.1/".repeat(100)), None);
    }

    proptest! {
        #[test]
        fn any_row_of_metrics_has_a_score_within_bounds_or_none(
            head in prop::sample::select(vec!["CVSS:4.0", "CVSS:3.1", "CVSS:3.0", "AV:N"]),
            metrics in prop::collection::vec("(AV|AC|AT|PR|UI|VC|VI|VA|SC|SI|SA|S|C|I|A|Au|E|RL|RC|CR|MAV|MSI|MVC):[NLHPACRUXSMFOTWD]", 0..16),
        ) {
            let vector = [vec![head.to_owned()], metrics].concat().join("/");
            if let Some(score) = score(&vector) {
                prop_assert!((0.0..=10.0).contains(&score.value), "{} {}", vector, score.value);
            }
        }
    }
}
