//! What became of each action.

use std::collections::BTreeSet;

use super::{actions::Action, stage::Done};
use crate::{detector::Known, error::Outcome, rule_files::Sources};

/// What became of all of them.
pub(super) struct Findings {
    /// How they were recorded, in a word: `ebpf`, `trace`, `store`; empty if there was nothing to do.
    pub(super) source: &'static str,
    pub(super) all: Vec<Finding>,
}

/// What became of one.
pub(super) struct Finding {
    pub(super) action: &'static Action,
    pub(super) fate: Fate,
    /// Rules that saw it, other than the one that had to.
    pub(super) others: BTreeSet<String>,
}

/// How it ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Fate {
    /// Nobody came to it.
    Open,
    /// The rule saw it.
    Seen,
    /// It was done, and the rule did not see it.
    Missed,
    /// It was not done, for this reason.
    Skipped(String),
}

impl Fate {
    /// In a word. What nobody came to was skipped.
    pub(super) fn word(&self) -> &'static str {
        match self {
            Self::Seen => "seen",
            Self::Missed => "missed",
            Self::Open | Self::Skipped(_) => "skipped",
        }
    }

    /// Why it was skipped.
    pub(super) fn reason(&self) -> Option<&str> {
        match self {
            Self::Open => Some("it was ended, or its time was over, before this was done"),
            Self::Skipped(why) => Some(why),
            Self::Seen | Self::Missed => None,
        }
    }
}

impl Findings {
    /// Nothing was done yet.
    pub(super) fn of(actions: &[&'static Action]) -> Self {
        let finding = |action: &&'static Action| Finding {
            action,
            fate: Fate::Open,
            others: BTreeSet::new(),
        };
        Self { source: "", all: actions.iter().map(finding).collect() }
    }

    /// Leaves out what no rule is there for.
    pub(super) fn skip_without_rule(&mut self, rules: &[Known], sources: &Sources) {
        for Finding { action, fate, .. } in &mut self.all {
            if rules.iter().all(|rule| !action.is_of(&rule.name)) {
                *fate = Fate::Skipped(format!("no such rule takes part in {sources}"));
            }
        }
    }

    /// What is to be done.
    pub(super) fn todo(&self) -> impl Iterator<Item = &'static Action> {
        self.all.iter().filter(|it| it.fate == Fate::Open).map(|finding| finding.action)
    }

    /// What was done.
    pub(super) fn done(&mut self, results: Vec<(String, Done)>) {
        for (name, done) in results {
            if let Some(finding) = self.named(&name) {
                finding.fate = match done {
                    Done::Done => Fate::Missed,
                    Done::Skipped(why) => Fate::Skipped(why),
                };
            }
        }
    }

    /// These rules saw what the process of an action did.
    pub(super) fn seen(&mut self, action: &str, rules: &BTreeSet<String>) {
        let Some(finding) = self.named(action) else { return };
        if rules.iter().any(|rule| finding.action.is_of(rule)) {
            finding.fate = Fate::Seen;
        }
        let others = rules.iter().filter(|rule| !finding.action.is_of(rule));
        finding.others = others.cloned().collect();
    }

    fn named(&mut self, name: &str) -> Option<&mut Finding> {
        self.all.iter_mut().find(|finding| finding.action.name == name)
    }

    /// How many were seen, missed and skipped.
    pub(super) fn counts(&self) -> [usize; 3] {
        ["seen", "missed", "skipped"]
            .map(|word| self.all.iter().filter(|it| it.fate.word() == word).count())
    }

    /// What it comes to: something that was missed is worse than what was not done.
    pub(super) fn outcome(&self) -> Outcome {
        match self.counts() {
            [_, 0, 0] => Outcome::Done,
            [_, 0, _] => Outcome::InPart,
            _ => Outcome::Found,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{super::actions, *};

    fn after(results: &[(&str, Done)], seen: &[(&str, &[&str])]) -> Findings {
        let names = ["cron-job", "miner", "attach"];
        let chosen: Vec<_> = names.iter().filter_map(|name| actions::named(name)).collect();
        let mut findings = Findings::of(&chosen);
        findings.done(results.iter().map(|(name, it)| ((*name).to_owned(), it.clone())).collect());
        for (action, rules) in seen {
            findings.seen(action, &rules.iter().map(|&rule| rule.to_owned()).collect());
        }
        findings
    }

    #[test]
    fn what_was_missed_counts_for_more_than_what_was_skipped() {
        let why = || Done::Skipped("why".to_owned());
        let (cron, miner) = ("Cron job written", "Crypto miner started");
        let done = [("cron-job", Done::Done), ("miner", Done::Done)];
        let two = after(&done, &[("cron-job", &[cron]), ("miner", &["other", miner])]);
        assert_eq!((two.counts(), two.outcome()), ([2, 0, 1], Outcome::InPart));
        assert_eq!(two.all[1].others.iter().collect::<Vec<_>>(), ["other"]);
        let one = after(&done, &[("cron-job", &["other"]), ("miner", &[miner])]);
        assert_eq!((one.counts(), one.outcome()), ([1, 1, 1], Outcome::Found));
        let rest = [("attach", why())];
        let all = [&done[..], &rest[..]].concat();
        assert_eq!(after(&all, &[]).all[2].fate, Fate::Skipped("why".to_owned()));
        assert_eq!(after(&[], &[]).counts(), [0, 0, 3]);
    }

    #[test]
    fn what_was_not_told_to_be_done_counts_as_done_where_it_was_seen() {
        let findings = after(&[], &[("cron-job", &["Cron job written"])]);
        assert_eq!(findings.all[0].fate, Fate::Seen);
    }
}
