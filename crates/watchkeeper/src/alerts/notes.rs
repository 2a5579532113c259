//! What is said on stderr about rules and alerts.

use std::{collections::BTreeSet, fmt};

use rules::{
    alert::select::Selection,
    load::{Code, Loaded, Problem, Problems, Rule, Status},
};

use super::Tally;
use crate::output::plural;

/// Warnings about rule files that are shown; `rules check` shows them all.
const SHOWN: usize = 3;

/// What is doubtful about rules that were loaded, of which so many take part.
pub(crate) fn doubts(loaded: &Loaded, selection: &Selection, taken: usize) {
    warnings(&loaded.warnings);
    idle(&loaded.definitions.rules, selection, taken);
}

/// How many warnings there are, and the first of them.
fn warnings(problems: &Problems) {
    // Of these there is a line for all.
    let is_told = |problem: &&Problem| problem.code == Code::UnknownSource;
    let shown = || problems.warnings().filter(|problem| !is_told(problem));
    let count = shown().count();
    for problem in shown().take(SHOWN) {
        let text = Shown(problems, problem).to_string();
        say!("{}", text.lines().next().unwrap_or_default());
    }
    if count > SHOWN {
        let rest = count - SHOWN;
        let more = plural(rest as u64, "more warning");
        say!("{more}; 'watchkeeper rules check' shows all");
    }
}

struct Shown<'p>(&'p Problems, &'p Problem);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.show(f, self.1)
    }
}

/// Rules that can't match here, words on the command line that pick no rule, and whether any rule
/// takes part.
pub(crate) fn idle(rules: &[Rule], selection: &Selection, taken: usize) {
    let of = |status: Status| rules.iter().filter(move |rule| rule.status == status);
    let foreign = of(Status::UnknownSource).count();
    if foreign > 0 {
        let sources: BTreeSet<&str> = of(Status::UnknownSource).map(|rule| &*rule.source).collect();
        let sources: Vec<&str> = sources.into_iter().collect();
        say!(
            "{} for other sources of events stay inactive: {}",
            plural(foreign as u64, "rule"),
            rules::format::safe_text(sources.join(", ").as_bytes())
        );
    }
    let unknown = of(Status::UnknownFilter).count();
    if unknown > 0 {
        let skipped = plural(unknown as u64, "rule");
        say!("{skipped} with unknown fields are left out, as they ask for");
    }
    for word in selection.idle(rules) {
        say!("no rule has '{word}' as a tag or in its name");
    }
    if taken == 0 {
        say!("no rule takes part, so there are no alerts");
    }
}

/// How many events and alerts there were.
pub(super) fn summary(tally: &Tally) {
    let total: u64 = tally.met().map(|(_, _, count)| count).sum();
    let (events, alerts) = (plural(tally.events, "event"), plural(total, "alert"));
    say!("{alerts} from {events}");
    for (name, priority, count) in tally.met() {
        say_plain!("{count:7}  {priority:13}  {name}");
    }
}
