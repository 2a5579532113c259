//! Whether what has a flaw is in use, as far as anybody watched. That something was not seen says that it was
//! not seen, and not that nobody is affected.

use std::cmp::Reverse;

use super::{Finding, Matches};
use crate::Nature;

/// How a package is used, as far as is known, the most urgent last.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Use {
    /// For so long as it was watched, no file of it was used.
    NotSeen,
    /// Nobody watched, or not for long enough, or not what would tell.
    NotWatched,
    /// A file of it was read.
    Read,
    /// A library of it was loaded.
    Loaded,
    /// A program of it was executed.
    Executed,
    /// A process listens on the network that has a file of it.
    Listening,
}

impl Use {
    /// All, the most urgent first.
    pub const ALL: [Self; 6] = [
        Self::Listening,
        Self::Executed,
        Self::Loaded,
        Self::Read,
        Self::NotSeen,
        Self::NotWatched,
    ];

    /// Its name in documents.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NotSeen => "not_seen",
            Self::NotWatched => "not_watched",
            Self::Read => "read",
            Self::Loaded => "loaded",
            Self::Executed => "executed",
            Self::Listening => "listening",
        }
    }

    /// Whether it was seen.
    pub fn is_seen(self) -> bool {
        self >= Self::Read
    }
}

/// What is known of the use of a package.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct InUse {
    /// In which way.
    pub state: Use,
    /// When it was seen last (RFC 3339); empty where it was not.
    pub last_seen: String,
    /// Files by which it was seen so, a few of them, as they were recorded.
    pub paths: Vec<String>,
    /// Where is listened: `443/tcp`.
    pub ports: Vec<String>,
    /// For how long it was watched where it is, seconds.
    pub watched_s: u64,
    /// Why nothing is known of it; empty where something is.
    pub reason: String,
}

impl InUse {
    /// In words: `listening on 443/tcp`, `not seen in 12 days`, `not watched`.
    pub fn words(&self) -> String {
        match self.state {
            Use::Listening if !self.ports.is_empty() => {
                format!("listening on {}", self.ports.join(", "))
            }
            Use::NotSeen => format!("not seen in {}", long(self.watched_s)),
            state => state.name().replace('_', " "),
        }
    }
}

const HOUR_S: u64 = 60 * 60;
const DAY_S: u64 = 24 * HOUR_S;

/// `12 days`, `5 hours`, `3 minutes`.
fn long(seconds: u64) -> String {
    let (count, unit) = match seconds {
        DAY_S.. => (seconds / DAY_S, "day"),
        HOUR_S.. => (seconds / HOUR_S, "hour"),
        _ => (seconds / 60, "minute"),
    };
    if count == 1 { format!("1 {unit}") } else { format!("{count} {unit}s") }
}

/// How urgent a finding is, to be sorted by: what was not seen in use comes last of all; else what is exploited, or
/// does harm by itself, comes first; then the worst, notices behind what nobody rated; then what is reached from the
/// network; then what is likelier to be exploited.
pub fn urgency(finding: &Finding) -> impl Ord + use<> {
    let state = finding.notes.in_use.as_ref().map(|it| it.state);
    let does_harm = finding.exploited.is_some() || finding.nature == Nature::Malicious;
    (
        state == Some(Use::NotSeen),
        !does_harm,
        Reverse(finding.severity.level),
        finding.is_notice(),
        Reverse(state),
        Reverse(finding.likelihood.map(|it| it.score_e5)),
    )
}

/// How many findings are of which use, the most urgent first; none where nobody asked.
pub fn uses(matches: &Matches) -> Vec<(Use, usize)> {
    let states = || matches.findings.iter().filter_map(|it| Some(it.notes.in_use.as_ref()?.state));
    let count = |state: Use| (state, states().filter(|it| *it == state).count());
    Use::ALL.map(count).into_iter().filter(|(_, count)| *count > 0).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Exploited, Level, Likelihood, matching::Severity};

    #[test]
    fn use_is_told_in_words() {
        let of = |state, ports: &[&str], watched_s| InUse {
            state,
            last_seen: String::new(),
            paths: Vec::new(),
            ports: ports.iter().map(|it| (*it).to_owned()).collect(),
            watched_s,
            reason: String::new(),
        };
        for (it, expected) in [
            (of(Use::Listening, &["443/tcp", "80/tcp"], 0), "listening on 443/tcp, 80/tcp"),
            (of(Use::Listening, &[], 0), "listening"),
            (of(Use::Executed, &[], 0), "executed"),
            (of(Use::NotSeen, &[], 12 * DAY_S + 5), "not seen in 12 days"),
            (of(Use::NotSeen, &[], DAY_S), "not seen in 1 day"),
            (of(Use::NotSeen, &[], 3 * HOUR_S), "not seen in 3 hours"),
            (of(Use::NotSeen, &[], 61), "not seen in 1 minute"),
            (of(Use::NotWatched, &[], 0), "not watched"),
        ] {
            assert_eq!(it.words(), expected);
        }
    }

    #[test]
    fn what_is_exploited_comes_first_then_the_worst_then_the_likeliest_and_notices_last() {
        let of = |id: &str, level, nature, epss: Option<u32>, is_exploited: bool| Finding {
            id: id.to_owned(),
            severity: Severity { level, ..Severity::default() },
            nature,
            likelihood: epss.map(|score_e5| Likelihood { score_e5, ..Likelihood::default() }),
            exploited: is_exploited.then(Exploited::default),
            ..Finding::default()
        };
        let unused = InUse {
            state: Use::NotSeen,
            last_seen: String::new(),
            paths: Vec::new(),
            ports: Vec::new(),
            watched_s: DAY_S,
            reason: String::new(),
        };
        let mut not_seen = of("not seen", Some(Level::Critical), Nature::Flaw, None, false);
        not_seen.notes.in_use = Some(unused);
        let sorted = [
            of("exploited", Some(Level::Medium), Nature::Flaw, None, true),
            of("malicious", None, Nature::Malicious, None, false),
            of("critical", Some(Level::Critical), Nature::Flaw, None, false),
            of("likely", Some(Level::High), Nature::Flaw, Some(90), false),
            of("unlikely", Some(Level::High), Nature::Flaw, Some(10), false),
            of("of no likelihood", Some(Level::High), Nature::Flaw, None, false),
            of("unknown", None, Nature::Flaw, None, false),
            of("notice", None, Nature::Unsound, Some(99), false),
            not_seen,
        ];
        let mut findings = sorted.clone();
        findings.reverse();
        findings.sort_by_key(urgency);
        let ids = |all: &[Finding]| all.iter().map(|it| it.id.clone()).collect::<Vec<_>>();
        assert_eq!(ids(&findings), ids(&sorted));
    }

    #[test]
    fn what_nobody_watched_may_be_in_use() {
        assert!(
            Use::NotWatched > Use::NotSeen && !Use::NotWatched.is_seen() && Use::Read.is_seen()
        );
    }
}
