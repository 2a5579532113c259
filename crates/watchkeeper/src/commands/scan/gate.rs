//! What makes a scan fail: `--fail-on`.

use std::str::FromStr;

use advisories::{
    Level, Nature,
    db::Database,
    matching::{Finding, Matches, State, Use},
};
use scan::{Inventory, Origin};

use crate::error::Error;

/// What has to be true of a finding, all of it.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Gate(Vec<Test>);

#[derive(Clone, Copy, PartialEq, Debug)]
enum Test {
    Any,
    AtLeast(Level),
    /// Nobody says how bad it is.
    Unrated,
    Fixable,
    Exploited,
    Malicious,
    /// So strongly at least.
    Used(Use),
    /// In parts of one.
    LikelierThan(f64),
    /// Of the base of an image, or of what was built on it.
    Of(Origin),
    Ended,
    Unscanned,
}

const KNOWN: &str = "negligible, low, medium, high, critical, unknown (how bad nobody says), any, fixable, kev, malicious, epss=0.1, base, own, in_use, read, loaded, \
     executed, listening, may_be_in_use, ended or unscanned";

impl FromStr for Gate {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let tests: Vec<Test> = text.split(',').map(Test::parse).collect::<Result<_, _>>()?;
        let alone = tests.iter().any(|test| matches!(test, Test::Ended | Test::Unscanned));
        match alone && tests.len() > 1 {
            true => Err("ended and unscanned are not of findings, and stand alone".to_owned()),
            false => Ok(Self(tests)),
        }
    }
}

impl Test {
    fn parse(word: &str) -> Result<Self, String> {
        let word = word.trim().to_ascii_lowercase();
        let word = word.as_str();
        if let Some(number) = word.strip_prefix("epss=") {
            let number = number.parse().ok().filter(|number| (0.0..=1.0).contains(number));
            let why = || format!("'{word}': a probability from 0 to 1 is expected: epss=0.1");
            return number.map(Self::LikelierThan).ok_or_else(why);
        }
        Ok(match word {
            "any" => Self::Any,
            "unknown" => Self::Unrated,
            "fixable" => Self::Fixable,
            "kev" => Self::Exploited,
            "malicious" => Self::Malicious,
            "base" => Self::Of(Origin::Base),
            "own" => Self::Of(Origin::Own),
            "in_use" | "read" => Self::Used(Use::Read),
            "loaded" => Self::Used(Use::Loaded),
            "executed" => Self::Used(Use::Executed),
            "listening" => Self::Used(Use::Listening),
            "may_be_in_use" => Self::Used(Use::NotWatched),
            "ended" => Self::Ended,
            "unscanned" => Self::Unscanned,
            _ => match Level::ALL.into_iter().find(|level| level.name() == word) {
                Some(level) => Self::AtLeast(level),
                None => return Err(format!("'{word}' is not known here: {KNOWN}")),
            },
        })
    }

    fn holds(self, finding: &Finding, inventory: &Inventory) -> bool {
        let is_informational = finding.nature.is_informational();
        match self {
            Self::Any => !is_informational,
            // What does harm by itself is as bad as can be, whoever rates it.
            Self::AtLeast(level) => {
                finding.nature == Nature::Malicious || finding.severity.level >= Some(level)
            }
            Self::Unrated => !is_informational && finding.severity.level.is_none(),
            Self::Fixable => finding.state == State::Fixed,
            Self::Exploited => finding.exploited.is_some(),
            Self::Malicious => finding.nature == Nature::Malicious,
            Self::Used(least) => finding.notes.in_use.as_ref().is_some_and(|it| it.state >= least),
            Self::LikelierThan(least) => {
                finding.likelihood.is_some_and(|it| f64::from(it.score_e5) / 1e5 >= least)
            }
            // Of what nobody knows whose it is, nothing is let through.
            Self::Of(wanted) => {
                let package = inventory.packages.get(finding.package);
                let origin = package.and_then(|it| inventory.origin(it));
                origin.is_none_or(|(origin, _)| origin == wanted)
            }
            Self::Ended | Self::Unscanned => false,
        }
    }
}

impl Gate {
    /// Whether it asks what is in use.
    pub(super) fn asks_for_use(&self) -> bool {
        self.0.iter().any(|test| matches!(test, Test::Used(_)))
    }

    /// What it asks that this database cannot answer, and the feed that would.
    pub(super) fn unanswered(&self, database: &Database) -> Option<(&'static str, &'static str)> {
        let has = |feed: &str| database.parts().iter().any(|part| part.header().feed == feed);
        self.0.iter().find_map(|test| match test {
            Test::Exploited if !has("kev") => Some(("what is known to be exploited", "kev")),
            Test::LikelierThan(_) if !has("epss") => Some(("how likely an attack is", "epss")),
            _ => None,
        })
    }

    /// Whether what it asks for is there.
    pub(super) fn fails(
        &self,
        matches: &Matches,
        inventory: &Inventory,
        ended: Option<bool>,
    ) -> bool {
        match self.0.as_slice() {
            [Test::Ended] => ended == Some(true),
            [Test::Unscanned] => !matches.unscanned.is_empty() || inventory.packages.is_empty(),
            tests => {
                let holds = |it: &Finding| tests.iter().all(|test| test.holds(it, inventory));
                matches.findings.iter().any(holds)
            }
        }
    }
}

/// Whether the database can answer all of them.
///
/// # Errors
/// If a gate would let everything pass because nothing tells.
pub(super) fn answerable(gates: &[Gate], database: &Database) -> Result<(), Error> {
    match gates.iter().find_map(|gate| gate.unanswered(database)) {
        None => Ok(()),
        Some((what, feed)) => Err(Error::Usage(format!(
            "--fail-on asks {what}, and the database has nothing that tells: watchkeeper db update --only {feed}"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gates_know_whether_they_ask_what_is_in_use() {
        for (text, expected) in
            [("high", false), ("high,listening", true), ("may_be_in_use", true), ("read", true)]
        {
            assert_eq!(text.parse::<Gate>().unwrap().asks_for_use(), expected, "{text}");
        }
    }

    #[test]
    fn gates_are_read_or_refused_with_what_is_known() {
        for text in [
            "critical",
            "high,fixable",
            "high,own",
            "base",
            "kev",
            "epss=0.05",
            "ended",
            "any",
            "high,in_use",
            "HIGH",
            "negligible",
            "unknown",
        ] {
            assert!(text.parse::<Gate>().is_ok(), "{text}");
        }
        for text in ["", "bad", "epss=2", "epss=x", "ended,high", "high,"] {
            assert!(text.parse::<Gate>().is_err(), "{text}");
        }
        let why = "grave".parse::<Gate>().unwrap_err();
        assert!(why.contains("'grave'") && why.contains("critical"), "{why}");
    }
}
